//! The one place that reads the environment and the clock.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the door: what it learns here it passes on as arguments"
)]

use std::path::PathBuf;

use vedette_model::Timestamp;

/// `NO_COLOR` is set and not empty (no-color.org).
pub fn no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
}

/// Where imported rules live: `$VEDETTE_HOME`, else `$XDG_DATA_HOME/vedette`, else `~/.local/share/vedette`.
pub fn home() -> Option<PathBuf> {
    let dir = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    dir("VEDETTE_HOME")
        .or_else(|| dir("XDG_DATA_HOME").map(|d| d.join("vedette")))
        .or_else(|| dir("HOME").map(|d| d.join(".local/share/vedette")))
}

pub fn now() -> Timestamp {
    jiff::Timestamp::try_from(std::time::SystemTime::now()).unwrap_or_default().into()
}

/// Columns of the terminal; 100 where there is none.
pub fn columns() -> usize {
    let stated = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    stated.or_else(|| Some(usize::from(terminal_size::terminal_size()?.0.0))).unwrap_or(100).clamp(60, 200)
}
