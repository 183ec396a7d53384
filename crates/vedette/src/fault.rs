//! How a command fails, and which exit code that is.

use std::fmt;
use std::process::ExitCode;

/// A command that cannot go on. `context` says what was being done and to what.
#[derive(Debug)]
pub enum Fault {
    /// Wrong arguments: exit code 2.
    Usage { message: String, help: Option<String> },
    /// Input that could not be read at all, or output that could not be written: exit code 3.
    Io { context: String, source: std::io::Error },
}

impl Fault {
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: None }
    }

    pub fn usage_help(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: Some(help.into()) }
    }

    /// For `map_err`: what was being done.
    pub fn io(context: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { context: context.into(), source }
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Usage { .. } => 2,
            Self::Io { .. } => 3,
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage { message, help } => {
                write!(f, "error: {message}")?;
                help.iter().try_for_each(|help| write!(f, "\n  = help: {help}"))
            }
            Self::Io { context, source } => write!(f, "error: {context}: {source}"),
        }
    }
}
