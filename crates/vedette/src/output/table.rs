//! The scan for people: a summary that fits a screen, most severe first, with the account of everything as its end.
//!
//! Every section is bounded, whatever the input: what is not shown is counted, and `--full` or `--format json` has it.
//! The last lines alone answer what was in the input, what was understood, and what was found.

use std::fmt::Write as _;
use std::io;

use jiff::tz::TimeZone;
use vedette_model::Level;
use vedette_runtime::Content;
use vedette_runtime::scan::Outcome;

use super::neutral::{short, wrap};
use super::number;
use super::paint::Paint;

mod account;
mod coverage;
pub mod detail;
mod files;
mod findings;
mod hosts;

/// What to show and how.
pub struct View<'a> {
    pub content: &'a Content,
    pub paint: Paint,
    pub zone: TimeZone,
    pub min_level: Option<Level>,
    pub all_statuses: bool,
    /// List every file.
    pub files: bool,
    /// Show every row and cut none.
    pub full: bool,
    /// Columns of the screen, as the environment tells them.
    pub width: usize,
}

/// Columns where there is no screen to ask: a line of a pager or of a ticket. `--full` cuts nothing.
const WIDTH_MAX: usize = 160;

/// A space between a number and what it counts.
const TIE: char = '\u{a0}';

impl View<'_> {
    /// Columns of a line.
    pub fn width(&self) -> usize {
        if self.full { self.width } else { self.width.min(WIDTH_MAX) }
    }

    /// Columns left on a line that is set in by `indent`.
    pub fn room(&self, indent: usize) -> usize {
        self.width().saturating_sub(indent)
    }

    /// `max` in a summary; all of them with `--full`.
    pub fn bound(&self, max: usize) -> usize {
        if self.full { usize::MAX } else { max }
    }

    /// A section's heading, with what stands beside it.
    pub fn heading(&self, title: &str, beside: &str, out: &mut String) {
        let beside = short(beside, self.room(title.chars().count() + 2));
        let gap = if beside.is_empty() { "" } else { "  " };
        let _ = writeln!(out, "{}{gap}{beside}", self.paint.bold(title));
    }

    /// The line that counts what a section leaves out. `noun` is the thing in one and in many.
    pub fn more(&self, left: usize, noun: (&str, &str), out: &mut String) {
        if left > 0 {
            let text = format!("… {} (--full shows all)", number::of(left as u64, noun.0, noun.1));
            let _ = writeln!(out, "  {}", self.paint.dim(short(&text, self.room(2))));
        }
    }

    /// A line that begins with a word in bold, broken where the width ends, but not at a [`TIE`].
    fn line(&self, head: &str, text: &str, out: &mut String) {
        for (n, line) in wrap(&format!("{head} {text}"), self.width(), 2).into_iter().enumerate() {
            let line = line.replace(TIE, " ");
            match line.strip_prefix(head).filter(|_| n == 0) {
                Some(rest) => {
                    let _ = writeln!(out, "{}{rest}", self.paint.bold(head));
                }
                None => {
                    let _ = writeln!(out, "{line}");
                }
            }
        }
    }

    /// A line that must not be overlooked.
    fn warning(&self, text: &str, out: &mut String) {
        for line in wrap(text, self.width(), 2) {
            let _ = writeln!(out, "{}", self.paint.warn(line));
        }
    }
}

/// Renders the whole screen.
///
/// # Errors
/// When a finding cannot be read back from its temporary file.
pub fn render(view: &View<'_>, outcome: &mut Outcome) -> io::Result<String> {
    let mut out = String::new();
    let board = findings::Board::of(view, outcome);
    findings::section(view, outcome, &board, &mut out)?;
    hosts::section(view, outcome, &board, &mut out);
    coverage::section(view, outcome, &board, &mut out);
    files::section(view, outcome, &mut out);
    account::problems(view, outcome, &mut out);
    account::section(view, outcome, &board, &mut out);
    Ok(out)
}
