//! Records of CSV files, each with the line it begins on, read one at a time.
//!
//! Source: RFC 4180, with any delimiter, comments, and blank lines passed over.

use std::io::{self, BufRead};

use crate::limits::LINE_BYTES_MAX;

/// The next line without its end; no more than [`LINE_BYTES_MAX`] and one byte of it. `false` at the end.
pub fn line(input: &mut impl BufRead, out: &mut Vec<u8>) -> io::Result<bool> {
    out.clear();
    let mut any = false;
    loop {
        let buffer = match input.fill_buf() {
            Ok(buffer) => buffer,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if buffer.is_empty() {
            return Ok(any);
        }
        any = true;
        let end = buffer.iter().position(|b| *b == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        let room = (LINE_BYTES_MAX + 1).saturating_sub(out.len());
        out.extend_from_slice(&part[..part.len().min(room)]);
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// Reads records; the buffers are used again.
pub struct Records<R> {
    input: R,
    delimiter: u8,
    number: u64,
    bytes: Vec<u8>,
    text: String,
}

impl<R: BufRead> Records<R> {
    pub fn new(input: R, delimiter: u8) -> Self {
        Self { input, delimiter, number: 0, bytes: Vec::new(), text: String::new() }
    }

    /// The next record's cells and the line it begins on. A quoted cell may go over several lines, as long as the
    /// record stays within [`LINE_BYTES_MAX`]; a longer one ends where its line ends.
    ///
    /// # Errors
    /// When the reader fails.
    pub fn next(&mut self, cells: &mut Vec<String>) -> io::Result<Option<u64>> {
        loop {
            if !line(&mut self.input, &mut self.bytes)? {
                return Ok(None);
            }
            self.number += 1;
            self.text.clear();
            self.text.push_str(String::from_utf8_lossy(&self.bytes).trim_end_matches('\r'));
            let lead = self.text.trim_start().trim_start_matches('\u{feff}');
            if !lead.is_empty() && !lead.starts_with('#') {
                break;
            }
        }
        let begun = self.number;
        while !split(&self.text, self.delimiter, cells)
            && self.text.len() < LINE_BYTES_MAX
            && line(&mut self.input, &mut self.bytes)?
        {
            self.number += 1;
            self.text.push('\n');
            self.text.push_str(String::from_utf8_lossy(&self.bytes).trim_end_matches('\r'));
        }
        Ok(Some(begun))
    }
}

/// Cuts a record into cells; `false` when a quoted cell is still open at its end.
pub fn split(record: &str, delimiter: u8, cells: &mut Vec<String>) -> bool {
    cells.clear();
    let record = record.trim_start_matches('\u{feff}');
    let delimiter = char::from(delimiter);
    let mut rest = record;
    loop {
        let mut cell = String::new();
        // Blanks before a quote are common and mean nothing.
        let quoted = rest.trim_start_matches([' ']).strip_prefix('"');
        if let Some(mut inner) = quoted {
            loop {
                let Some(end) = inner.find('"') else {
                    cell.push_str(inner);
                    cells.push(cell);
                    return false;
                };
                cell.push_str(&inner[..end]);
                inner = &inner[end + 1..];
                match inner.strip_prefix('"') {
                    Some(more) => {
                        cell.push('"');
                        inner = more;
                    }
                    None => break,
                }
            }
            rest = inner;
        }
        let end = rest.find(delimiter);
        cell.push_str(&rest[..end.unwrap_or(rest.len())]);
        cells.push(cell.trim().to_owned());
        match end {
            Some(end) => rest = &rest[end + delimiter.len_utf8()..],
            None => return true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_know_their_lines() {
        let text = "\u{feff}# head\r\n\r\na,b\r\n\"one\ntwo\", \"x\"\"y\" \r\n#c\r\n1,,3";
        let mut records = Records::new(text.as_bytes(), b',');
        let mut cells = Vec::new();
        let mut all = Vec::new();
        while let Some(line) = records.next(&mut cells).expect("bytes") {
            all.push((line, cells.clone()));
        }
        let expect = [(3, vec!["a", "b"]), (4, vec!["one\ntwo", "x\"y"]), (7, vec!["1", "", "3"])];
        assert_eq!(all, expect.map(|(n, c)| (n, c.into_iter().map(str::to_owned).collect())));
    }

    #[test]
    fn a_quote_that_never_ends_takes_a_bounded_piece() {
        let text = format!("\"open\n{}", "x,y\n".repeat(100_000));
        let mut records = Records::new(text.as_bytes(), b',');
        let mut cells = Vec::new();
        let mut count = 0;
        while records.next(&mut cells).expect("bytes").is_some() {
            assert!(cells.iter().map(String::len).sum::<usize>() <= 2 * LINE_BYTES_MAX);
            count += 1;
        }
        assert!(count > 50_000);
    }
}
