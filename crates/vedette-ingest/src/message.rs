//! What the reader hands on.

use std::sync::Arc;

use vedette_model::{Batch, FileContext, FileFormat, FileIndex, Problem};

/// One step of reading. A file's batches come between its start and its end; the members of an archive come between
/// the start and the end of the archive, each with a start and an end of its own.
#[derive(Debug)]
pub enum Message {
    FileStart(Arc<FileContext>),
    Batch(Batch),
    FileEnd(FileEnd),
}

/// The account of one file or member.
#[derive(Debug, Clone)]
pub struct FileEnd {
    pub index: FileIndex,
    /// Equal to the path of the [`FileContext`].
    pub path: String,
    pub format: FileFormat,
    /// Bytes of the file that were read, after decompression for a member or a compressed file. A file that is no log is
    /// read only as far as recognising it took (or to its end, when hashes are wanted).
    pub bytes_read: u64,
    /// Of the whole input as it lies on disk, when asked for; `None` for members and when reading was broken off.
    pub sha256: Option<[u8; 32]>,
    /// Size of the input on disk; for members, what the archive says.
    pub size: u64,
    /// Spans, joined positions and rejects of framing together. Zero for EVTX, whose records the parser counts.
    pub records_cut: u64,
    /// Blank lines, which are no records.
    pub lines_blank: u64,
    /// Lines that belong to a header (column names, directives), which are no records.
    pub lines_header: u64,
    /// An archive: its members are files of their own.
    pub container: bool,
    /// File-level problems. Rejected records travel in the batches; [`crate::problems::reject`] explains their reasons.
    pub problems: Vec<Problem>,
    /// The encoding the text was converted from; `None` for UTF-8 and binary formats. Offsets then count bytes of the
    /// converted text.
    pub encoding: Option<&'static str>,
}
