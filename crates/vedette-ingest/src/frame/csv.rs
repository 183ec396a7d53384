//! Separated values with a header, after RFC 4180: a quoted field may hold line breaks, quotes inside are doubled.
//!
//! A quote opens a field only at its beginning. One that never closes must not swallow the file: after
//! [`limits::CSV_QUOTED_BYTES_MAX`] the line it stands on is rejected and what was kept is read again line by line.

use vedette_model::{Header, Position};

use super::{Cut, Framer};
use crate::limits;
use crate::problems::reason;

pub(super) struct Csv {
    delimiter: u8,
    header: Option<Vec<u8>>,
    /// The row being read, from its beginning.
    row: Vec<u8>,
    state: State,
    /// Of the row being read.
    offset: u64,
    line: u64,
    /// Line breaks inside the row so far.
    breaks: u64,
    /// Excel's `sep=` or PowerShell's `#TYPE` may stand before the header.
    first: bool,
    /// The row outgrew all bounds; its rest is skipped to the line's end.
    skipping: bool,
    skipped: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a quote inside a quoted field: the end of it, or the first of two.
    QuoteSeen,
}

impl Csv {
    pub(super) fn new(delimiter: u8) -> Self {
        Csv {
            delimiter,
            header: None,
            row: Vec::new(),
            state: State::FieldStart,
            offset: 0,
            line: 1,
            breaks: 0,
            first: true,
            skipping: false,
            skipped: 0,
        }
    }

    /// Scans `block` for the end of the row; returns the length up to and with the line break.
    fn end_of_row(&mut self, block: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < block.len() {
            let byte = block[at];
            match self.state {
                State::Quoted => match memchr::memchr2(b'"', b'\n', &block[at..]) {
                    None => return None,
                    Some(n) => {
                        at += n;
                        if block[at] == b'"' {
                            self.state = State::QuoteSeen;
                        } else {
                            self.breaks += 1;
                        }
                    }
                },
                State::QuoteSeen if byte == b'"' => self.state = State::Quoted,
                State::FieldStart if byte == b'"' => self.state = State::Quoted,
                _ if byte == b'\n' => {
                    self.state = State::FieldStart;
                    return Some(at + 1);
                }
                _ if byte == self.delimiter => self.state = State::FieldStart,
                State::Plain => match memchr::memchr2(self.delimiter, b'\n', &block[at..]) {
                    None => return None,
                    Some(n) => {
                        at += n;
                        continue;
                    }
                },
                _ => self.state = State::Plain,
            }
            at += 1;
        }
        None
    }

    /// A whole row, its line break still on it.
    fn take(&mut self, row: &[u8], out: &mut Cut<'_>) {
        let position = Position { number: self.line, offset: self.offset };
        self.offset += row.len() as u64;
        self.line += 1 + self.breaks;
        self.breaks = 0;
        let text = row.strip_suffix(b"\n").unwrap_or(row);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if text.iter().all(|b| b.is_ascii_whitespace() || *b == 0) && !text.contains(&self.delimiter) {
            out.lines_blank += 1;
            return;
        }
        let first = std::mem::replace(&mut self.first, false);
        let hint = text.len() == 5 && text[..4].eq_ignore_ascii_case(b"sep=");
        if first && (hint || text.starts_with(b"#TYPE ")) {
            out.lines_header += 1;
            return;
        }
        match &self.header {
            None => {
                out.lines_header += 1;
                out.set_header(Header::Csv {
                    columns: columns(text, self.delimiter),
                    delimiter: self.delimiter,
                });
                self.header = Some(text.to_vec());
            }
            // Exports that were put together repeat it.
            Some(header) if header == text => out.lines_header += 1,
            Some(_) if text.len() > limits::RECORD_BYTES_MAX => out.reject(position, reason::TOO_LONG, text),
            Some(_) => out.record(text, position),
        }
    }

    /// The row's quote does not close: its first line is a reject, the others are read as lines.
    fn give_up_quote(&mut self, out: &mut Cut<'_>) {
        let kept = std::mem::take(&mut self.row);
        self.breaks = 0;
        self.state = State::FieldStart;
        let mut lines = kept.split_inclusive(|b| *b == b'\n').peekable();
        let mut first = true;
        while let Some(line) = lines.next() {
            let last = lines.peek().is_none();
            if last && !line.ends_with(b"\n") && !first {
                // The line goes on in the next block: it gets a fresh start, with its quotes.
                self.row = line.to_vec();
                break;
            }
            if first {
                let position = Position { number: self.line, offset: self.offset };
                out.reject(position, reason::QUOTE, line);
                self.offset += line.len() as u64;
                self.line += 1;
                self.first = false;
                if !line.ends_with(b"\n") {
                    self.skipping = true;
                }
            } else {
                self.take(line, out);
            }
            first = false;
        }
        let row = std::mem::take(&mut self.row);
        if !row.is_empty() {
            // One short piece: it is scanned once more, and cannot be given up again before it has grown.
            let end = self.end_of_row(&row);
            debug_assert!(end.is_none(), "a piece without a line break ends no row");
            self.row = row;
        }
    }

    fn bound(&self) -> usize {
        match self.state {
            State::Quoted | State::QuoteSeen => limits::CSV_QUOTED_BYTES_MAX,
            _ => limits::RECORD_BYTES_MAX,
        }
    }

    fn skip(&mut self, block: &[u8]) -> usize {
        match memchr::memchr(b'\n', block) {
            Some(at) => {
                self.offset += self.skipped + at as u64 + 1;
                self.skipped = 0;
                self.skipping = false;
                at + 1
            }
            None => {
                self.skipped += block.len() as u64;
                block.len()
            }
        }
    }
}

impl Framer for Csv {
    fn push(&mut self, mut block: &[u8], out: &mut Cut<'_>) {
        while !block.is_empty() {
            if self.skipping {
                let used = self.skip(block);
                block = &block[used..];
                continue;
            }
            match self.end_of_row(block) {
                Some(used) if self.row.is_empty() => {
                    self.take(&block[..used], out);
                    block = &block[used..];
                }
                Some(used) => {
                    let mut row = std::mem::take(&mut self.row);
                    row.extend_from_slice(&block[..used]);
                    self.take(&row, out);
                    row.clear();
                    self.row = row;
                    block = &block[used..];
                }
                None => {
                    self.row.extend_from_slice(block);
                    block = &[];
                    if self.row.len() <= self.bound() {
                        continue;
                    }
                    if matches!(self.state, State::Quoted | State::QuoteSeen) {
                        self.give_up_quote(out);
                    } else {
                        let position = Position { number: self.line, offset: self.offset };
                        out.reject(position, reason::TOO_LONG, &self.row);
                        self.offset += self.row.len() as u64;
                        self.line += 1 + self.breaks;
                        self.breaks = 0;
                        self.first = false;
                        self.row = Vec::new();
                        self.state = State::FieldStart;
                        self.skipping = true;
                    }
                }
            }
        }
    }

    fn finish(&mut self, out: &mut Cut<'_>) {
        // Each round takes at least one line away.
        while self.state == State::Quoted && !self.row.is_empty() {
            self.give_up_quote(out);
        }
        let row = std::mem::take(&mut self.row);
        if !row.is_empty() {
            self.take(&row, out);
        }
    }
}

/// Names of the header's columns, unquoted.
fn columns(text: &[u8], delimiter: u8) -> Vec<String> {
    let mut out = Vec::new();
    let mut cell = Vec::new();
    let mut quoted = false;
    let mut at = 0;
    while at <= text.len() && out.len() < limits::COLUMNS_MAX {
        match text.get(at) {
            Some(b'"') if quoted && text.get(at + 1) == Some(&b'"') => {
                cell.push(b'"');
                at += 1;
            }
            Some(b'"') if quoted => quoted = false,
            Some(b'"') if cell.is_empty() => quoted = true,
            Some(&c) if c != delimiter || quoted => cell.push(c),
            _ => {
                out.push(String::from_utf8_lossy(&cell).trim().to_owned());
                cell.clear();
                quoted = false;
            }
        }
        at += 1;
    }
    out
}
