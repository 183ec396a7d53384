//! Colour on a terminal, none in a pipe. A level has a colour, a shape and a word.

use std::fmt;
use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};
use vedette_model::Level;

use crate::cli::Colour;

/// Columns of a level: its shape, a space, and its word.
pub const LEVEL_WIDTH: usize = 10;

/// Whether to colour.
#[derive(Debug, Clone, Copy)]
pub struct Paint(bool);

impl Paint {
    /// `auto` colours a terminal unless `NO_COLOR` is set (no-color.org).
    pub fn choose(colour: Colour, no_color: bool) -> Self {
        Self(match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => !no_color && std::io::stdout().is_terminal(),
        })
    }

    pub fn bold(self, text: impl fmt::Display) -> String {
        self.style(Style::new().bold(), text)
    }

    pub fn dim(self, text: impl fmt::Display) -> String {
        self.style(Style::new().dimmed(), text)
    }

    pub fn warn(self, text: impl fmt::Display) -> String {
        self.style(AnsiColor::Yellow.on_default(), text)
    }

    /// Shape and word, padded to [`LEVEL_WIDTH`].
    pub fn level(self, level: Level) -> String {
        let (shape, style) = match level {
            Level::Critical => ('◆', AnsiColor::Magenta.on_default().bold()),
            Level::High => ('▲', AnsiColor::Red.on_default().bold()),
            Level::Medium => ('●', AnsiColor::Yellow.on_default()),
            Level::Low => ('○', AnsiColor::Cyan.on_default()),
            Level::Informational => ('·', Style::new().dimmed()),
        };
        self.style(style, format_args!("{shape} {:<8}", short(level)))
    }

    fn style(self, style: Style, text: impl fmt::Display) -> String {
        if self.0 { format!("{style}{text}{style:#}") } else { text.to_string() }
    }
}

fn short(level: Level) -> &'static str {
    match level {
        Level::Informational => "info",
        other => other.name(),
    }
}
