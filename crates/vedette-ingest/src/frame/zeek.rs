//! Zeek's tab-separated logs: directives name separator, columns and types, and come again when files are joined.
//! Follows the description of the ASCII writer in Zeek's manual.

use vedette_model::{Header, Position};

use super::Cut;
use super::line::{EachLine, Line};
use crate::limits;
use crate::problems::reason;

pub(super) struct Zeek {
    separator: u8,
    set_separator: String,
    empty: String,
    unset: String,
    path: String,
    columns: Vec<String>,
    types: Vec<String>,
    /// A directive changed and no record came since.
    changed: bool,
}

impl Default for Zeek {
    fn default() -> Self {
        Zeek {
            separator: b'\t',
            set_separator: ",".to_owned(),
            empty: "(empty)".to_owned(),
            unset: "-".to_owned(),
            path: String::new(),
            columns: Vec::new(),
            types: Vec::new(),
            changed: false,
        }
    }
}

impl EachLine for Zeek {
    fn take(&mut self, line: Line<'_>, position: Position, out: &mut Cut<'_>) {
        let line = match line {
            Line::TooLong { head } => return out.reject(position, reason::TOO_LONG, head),
            Line::Whole(line) => line,
        };
        if line.starts_with(b"#") {
            out.lines_header += 1;
            self.directive(&String::from_utf8_lossy(&line[1..]));
            return;
        }
        if line.iter().all(|b| b.is_ascii_whitespace() || *b == 0) {
            out.lines_blank += 1;
            return;
        }
        if self.columns.is_empty() {
            return out.reject(position, reason::NO_HEADER, line);
        }
        if self.changed {
            self.changed = false;
            out.set_header(self.header());
        }
        out.record(line, position);
    }
}

impl Zeek {
    fn directive(&mut self, text: &str) {
        self.changed = true;
        // The separator's own line is the only one that a blank separates.
        if let Some(value) = text.strip_prefix("separator") {
            let value = value.trim_start_matches(' ');
            self.separator = match value.strip_prefix("\\x") {
                Some(hex) => u8::from_str_radix(hex.get(..2).unwrap_or(""), 16).unwrap_or(b'\t'),
                None => value.bytes().next().unwrap_or(b'\t'),
            };
            return;
        }
        let mut parts = text.split(char::from(self.separator));
        let name = parts.next().unwrap_or("");
        let mut one = || parts.next().unwrap_or("").to_owned();
        match name {
            "set_separator" => self.set_separator = one(),
            "empty_field" => self.empty = one(),
            "unset_field" => self.unset = one(),
            "path" => self.path = one(),
            "fields" => self.columns = parts.take(limits::COLUMNS_MAX).map(str::to_owned).collect(),
            "types" => self.types = parts.take(limits::COLUMNS_MAX).map(str::to_owned).collect(),
            _ => {}
        }
    }

    fn header(&self) -> Header {
        Header::Zeek {
            columns: self.columns.clone(),
            types: self.types.clone(),
            path: self.path.clone(),
            separator: self.separator,
            set_separator: self.set_separator.clone(),
            unset: self.unset.clone(),
            empty: self.empty.clone(),
        }
    }
}
