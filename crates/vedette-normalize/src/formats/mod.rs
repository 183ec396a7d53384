//! Readers of record syntaxes: bytes of one record into native fields.

pub mod access;
pub mod cef;
pub mod csv;
pub mod evtx;
pub mod json;
pub mod kv;
pub mod leef;
pub mod limits;
pub mod text;
pub mod w3c;
pub mod zeek;

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
