//! One record a line: plain text and JSON Lines.
//!
//! A line that follows another (a stack trace) is a record of its own: joining would guess. A broken line of JSON is
//! rejected by its parser and harms no other.

use vedette_model::Position;

use super::Cut;
use super::line::{EachLine, Line};
use crate::problems::reason;

#[derive(Default)]
pub(super) struct Lines;

impl EachLine for Lines {
    fn take(&mut self, line: Line<'_>, mut position: Position, out: &mut Cut<'_>) {
        match line {
            Line::TooLong { head } => out.reject(position, reason::TOO_LONG, head),
            Line::Whole(line) => {
                // NULs around a line are what is left of a page that was never written; inside they are content.
                let Some(first) = line.iter().position(|b| *b != 0) else {
                    if line.is_empty() {
                        out.lines_blank += 1;
                    } else {
                        out.reject(position, reason::NUL_LINE, b"");
                    }
                    return;
                };
                let last = line.iter().rposition(|b| *b != 0).unwrap_or(first);
                let text = &line[first..=last];
                if text.iter().all(u8::is_ascii_whitespace) {
                    out.lines_blank += 1;
                } else {
                    position.offset += first as u64;
                    out.record(text, position);
                }
            }
        }
    }
}
