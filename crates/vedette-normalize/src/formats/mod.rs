//! Readers of record syntaxes: bytes of one record into native fields.

pub mod access;
pub mod auditd;
pub mod cef;
pub mod csv;
pub mod event_xml;
pub mod evtx;
pub mod json;
pub mod kv;
pub mod leef;
pub mod limits;
pub mod lines;
pub mod payload;
pub mod stamp;
pub(crate) mod syscall;
pub mod syslog;
pub mod text;
pub mod w3c;
pub mod zeek;

use vedette_model::{Batch, FileFormat, Header, Native, Span};

/// How a record is written; a mapping names the one it understands (`input:`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Input {
    WindowsEvent,
    Json,
    Csv,
    Zeek,
    W3c,
    Auditd,
    Syslog,
    Cef,
    Leef,
    Kv,
    Access,
    Text,
}

/// Why a record could not be read as what its file is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct FormatError {
    /// Stable short reason used for counting.
    pub reason: &'static str,
    /// What was seen and where, for people; no more than a line.
    pub detail: String,
}

impl FormatError {
    pub fn new(reason: &'static str, detail: String) -> Self {
        Self { reason, detail }
    }
}

/// What is kept from record to record of a file: buffers, and what the last line was.
#[derive(Debug, Default)]
pub struct LineHint {
    pub(crate) last: Option<Input>,
    pub(crate) scratch: json::Scratch,
}

impl LineHint {
    pub fn new() -> Self {
        Self::default()
    }

    /// Characters that could not be decoded so far and became U+FFFD.
    pub fn replaced(&self) -> u64 {
        self.scratch.replaced
    }
}

/// Reads the record at `span` into `out`, which is expected to be clear, and says how it was written.
///
/// A Windows event chunk has no spans: [`evtx::EvtxReader::read_chunk`] reads it.
///
/// # Errors
/// The reader's, and `record outside its batch`, `not a format of records`, `no header line`. Fields read before the
/// fault may be in `out`.
pub fn read(batch: &Batch, span: &Span, hint: &mut LineHint, out: &mut Native) -> Result<Input, FormatError> {
    let Some(raw) = batch.bytes.get(span.start as usize..span.end as usize) else {
        let detail = format!("bytes {} to {} of {}", span.start, span.end, batch.bytes.len());
        return Err(FormatError::new("record outside its batch", detail));
    };
    let format = batch.file.format;
    match format {
        FileFormat::JsonLines
        | FileFormat::JsonConcatenated
        | FileFormat::JsonArray
        | FileFormat::JsonWrapped => {
            json::flatten_with(raw, &mut hint.scratch, out)?;
            if let Some(Header::Wrapper { beside, .. }) = batch.header.as_deref() {
                for (name, value) in beside {
                    out.push_text(name, value);
                }
            }
            return Ok(Input::Json);
        }
        _ => {}
    }
    let text = text::decode(raw, &mut hint.scratch.replaced);
    let header =
        || FormatError::new("no header line", format!("{} needs one to name its columns", format.name()));
    match (format, batch.header.as_deref()) {
        (FileFormat::Lines | FileFormat::Unknown, _) => Ok(lines::read(&text, hint, out)),
        (FileFormat::Auditd, _) => auditd::read(&text, out).map(|()| Input::Auditd),
        (FileFormat::Csv, Some(Header::Csv { columns, delimiter })) => {
            csv::read(&text, columns, *delimiter, out).map(|()| Input::Csv)
        }
        (FileFormat::W3c, Some(Header::W3c { columns, date, .. })) => {
            w3c::read(&text, columns, date.as_deref(), out).map(|()| Input::W3c)
        }
        (
            FileFormat::ZeekTsv,
            Some(Header::Zeek { columns, types, path, separator, set_separator, unset, empty }),
        ) => {
            let layout =
                zeek::Layout { columns, types, path, separator: *separator, set_separator, unset, empty };
            zeek::read(&text, layout, out).map(|()| Input::Zeek)
        }
        (FileFormat::Csv | FileFormat::W3c | FileFormat::ZeekTsv, _) => Err(header()),
        _ => Err(FormatError::new("not a format of records", format!("`{}`", format.name()))),
    }
}
