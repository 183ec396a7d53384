//! Records on their way from a file to a parser: bytes in batches, and where each one lay.

use std::sync::Arc;

use crate::time::Timestamp;

/// Index of an input file (or archive member) in walk order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct FileIndex(pub u32);

/// How a file is cut into records, recognised from its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FileFormat {
    /// Windows event log; a batch is one chunk of 64 KiB.
    Evtx,
    /// One JSON value a line.
    JsonLines,
    /// Pretty-printed or unseparated JSON values, one after another.
    JsonConcatenated,
    /// One array of values.
    JsonArray,
    /// An object around an array (`Records`, `value`, ...); the members around it are in [`Header::Wrapper`].
    JsonWrapped,
    /// Comma, semicolon, tab or bar separated, with a header line.
    Csv,
    ZeekTsv,
    /// W3C extended log format (IIS and others), `#Fields:` names the columns.
    W3c,
    /// Linux audit records; a record is all lines of one serial, joined by newlines.
    Auditd,
    /// Anything else that is text: one record a line.
    Lines,
    /// No bytes at all.
    Empty,
    /// Recognised, and not a log: named in the verdict.
    Foreign(&'static str),
    /// Not recognised.
    Unknown,
}

impl FileFormat {
    /// The word used in output: `evtx`, `json-lines`, ...
    pub fn name(self) -> &'static str {
        match self {
            Self::Evtx => "evtx",
            Self::JsonLines => "json-lines",
            Self::JsonConcatenated => "json-concatenated",
            Self::JsonArray => "json-array",
            Self::JsonWrapped => "json-wrapped",
            Self::Csv => "csv",
            Self::ZeekTsv => "zeek-tsv",
            Self::W3c => "w3c",
            Self::Auditd => "auditd",
            Self::Lines => "lines",
            Self::Empty => "empty",
            Self::Foreign(name) => name,
            Self::Unknown => "unknown",
        }
    }
}

/// What is known of a file before its first record; shared by all its batches.
#[derive(Debug, Clone)]
pub struct FileContext {
    pub index: FileIndex,
    /// As shown in output: the path as walked, a member as `ARCHIVE!MEMBER`, standard input as `-`.
    pub path: String,
    pub format: FileFormat,
    /// When the file (or archive member) was last written.
    pub modified: Option<Timestamp>,
    /// The host that the folder layout or `--host-from-path` names.
    pub host: Option<String>,
    /// The channel that the file's name says (`Security.evtx`, `..%4Operational.evtx`).
    pub channel: Option<String>,
    /// IANA zone given by `--tz` for this path.
    pub zone: Option<String>,
    /// The year to assume for stamps without one, and where it was learned (`file date`, `neighbour X`, `file name`).
    pub year: Option<(i16, String)>,
}

/// What stands before the records and is needed to read them.
#[derive(Debug, Clone, PartialEq)]
pub enum Header {
    /// Column names of CSV, and the delimiter.
    Csv { columns: Vec<String>, delimiter: u8 },
    /// `#fields`, `#types`, `#path`, separators.
    Zeek {
        columns: Vec<String>,
        types: Vec<String>,
        path: String,
        separator: u8,
        set_separator: String,
        unset: String,
        empty: String,
    },
    /// `#Fields:` and, where given, `#Date:` and `#Software:`.
    W3c { columns: Vec<String>, date: Option<String>, software: Option<String> },
    /// Name of the array that was unwrapped, and the scalar members that stood beside it.
    Wrapper { array: String, beside: Vec<(String, String)> },
}

/// Where a record lies in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Position {
    /// Ordinal of the record within the file, from 1: the line number for lines.
    pub number: u64,
    /// Byte offset in the (decompressed) file.
    pub offset: u64,
}

/// One record within [`Batch::bytes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub end: u32,
    pub position: Position,
    /// Further records that were joined into this one (auditd lines of one serial).
    pub joined: Vec<Position>,
}

/// A record that could not be cut out or read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    pub position: Position,
    /// Stable short reason used for counting, for example `line too long`.
    pub reason: &'static str,
    /// What was seen there, for people; no more than a line.
    pub detail: String,
}

/// Some records of one file, in file order. `seq` orders batches over the whole run.
#[derive(Debug, Clone)]
pub struct Batch {
    pub seq: u64,
    pub file: Arc<FileContext>,
    pub bytes: Vec<u8>,
    /// Empty for [`FileFormat::Evtx`]: the parser of the chunk finds the records.
    pub spans: Vec<Span>,
    pub header: Option<Arc<Header>>,
    /// Number of the chunk within an EVTX file, from 0.
    pub chunk: u64,
    /// Records rejected while cutting.
    pub rejects: Vec<Reject>,
    /// The last batch of its file.
    pub last: bool,
}
