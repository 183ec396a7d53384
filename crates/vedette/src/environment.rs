//! The one place that reads the environment and the clock.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the door: what it learns here it passes on as arguments"
)]

use std::io::IsTerminal;
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

/// Columns to fill: as `COLUMNS` says, else those of the terminal; without bound where the output goes elsewhere.
pub fn columns() -> usize {
    let stated = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).filter(|c| *c > 0);
    let of_terminal = || {
        if !std::io::stdout().is_terminal() {
            return None;
        }
        Some(terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0)))
    };
    stated.or_else(of_terminal).map_or(COLUMNS_UNBOUNDED, |c: usize| c.clamp(60, 200))
}

/// More than any line has, and within what a table can be told.
const COLUMNS_UNBOUNDED: usize = u16::MAX as usize;
