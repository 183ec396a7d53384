//! Readers of record syntaxes: bytes of one record into native fields.

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
