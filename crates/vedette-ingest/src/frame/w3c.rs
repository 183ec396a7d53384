//! W3C extended log format: `#Fields:` names the columns of the lines below it, and may come again with others.
//! Follows the W3C working draft of extended log files (WD-logfile-960323) and what IIS writes.

use vedette_model::{Header, Position};

use super::Cut;
use super::line::{EachLine, Line};
use crate::limits;
use crate::problems::reason;

#[derive(Default)]
pub(super) struct W3c {
    columns: Vec<String>,
    date: Option<String>,
    software: Option<String>,
}

impl EachLine for W3c {
    fn take(&mut self, line: Line<'_>, position: Position, out: &mut Cut<'_>) {
        let line = match line {
            Line::TooLong { head } => return out.reject(position, reason::TOO_LONG, head),
            Line::Whole(line) => line,
        };
        if line.starts_with(b"#") {
            out.lines_header += 1;
            return self.directive(&String::from_utf8_lossy(line), out);
        }
        if line.iter().all(|b| b.is_ascii_whitespace() || *b == 0) {
            out.lines_blank += 1;
        } else if self.columns.is_empty() {
            out.reject(position, reason::NO_HEADER, line);
        } else {
            out.record(line, position);
        }
    }
}

impl W3c {
    fn directive(&mut self, line: &str, out: &mut Cut<'_>) {
        let Some((name, value)) = line[1..].split_once(':') else { return };
        let value = value.trim();
        match name.trim() {
            "Fields" => {
                self.columns = value.split_whitespace().take(limits::COLUMNS_MAX).map(str::to_owned).collect()
            }
            "Date" => self.date = Some(value.to_owned()),
            "Software" => self.software = Some(value.to_owned()),
            _ => return,
        }
        if !self.columns.is_empty() {
            out.set_header(Header::W3c {
                columns: self.columns.clone(),
                date: self.date.clone(),
                software: self.software.clone(),
            });
        }
    }
}
