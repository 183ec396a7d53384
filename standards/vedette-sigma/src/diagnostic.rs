//! What is wrong with a document, where, what follows from it, and the way out.

use std::fmt;
use std::sync::Arc;

/// A position in a file; lines and columns count from 1, in characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Place {
    pub path: Arc<str>,
    pub line: u32,
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// A stable code, shown as `VD-S014`; codes are never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub u16);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VD-S{:03}", self.0)
    }
}

/// One fault of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: Code,
    pub place: Place,
    /// The fault, one lower-case sentence without a full stop.
    pub fault: String,
    /// The way out, where one is known: `did you mean ...`.
    pub help: Option<String>,
    /// Length in characters of the marked text; 0 when the whole line is meant.
    pub width: u32,
    /// `true`: the document was left out. `false`: it was loaded, and this is worth a look.
    pub fatal: bool,
}
