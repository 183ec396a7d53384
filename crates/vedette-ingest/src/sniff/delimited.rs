//! CSV with a header: the same number of columns in every row, and a first row of names.

use crate::limits;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The delimiter, when the text is a table with a header.
pub(super) fn recognise(text: &[u8], complete: bool) -> Option<u8> {
    // Excel's hint before the header.
    if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter, b'\r' | b'\n', rest @ ..] = text
        && DELIMITERS.contains(delimiter)
    {
        return widths(rest, *delimiter, complete).filter(|w| !w.is_empty()).map(|_| *delimiter);
    }
    // PowerShell's note on the type of its objects.
    let text = match text.strip_prefix(b"#TYPE ") {
        Some(rest) => &rest[memchr::memchr(b'\n', rest)? + 1..],
        None => text,
    };
    DELIMITERS
        .into_iter()
        .filter_map(|d| Some((fits(text, d, complete)?, d)))
        .max_by_key(|(columns, _)| *columns)
        .map(|(_, d)| d)
}

/// Number of columns, when this delimiter makes a table of the text.
fn fits(text: &[u8], delimiter: u8, complete: bool) -> Option<usize> {
    let first_end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    // The cheap question first: the header is on the first line and has the delimiter.
    memchr::memchr(delimiter, &text[..first_end])?;
    let header = cells(text, delimiter)?;
    if header.len() < 2 || !header.iter().all(|cell| is_name(cell)) {
        return None;
    }
    let mut distinct: Vec<&[u8]> = header.iter().map(Vec::as_slice).filter(|c| !c.is_empty()).collect();
    let named = distinct.len();
    distinct.sort_unstable();
    distinct.dedup();
    // Names are given once; `a,a` is data. One unnamed column (an index) is common, a few among many occur.
    if distinct.len() * 10 < named * 8 || header.len() - named > 1 + header.len() / 8 {
        return None;
    }
    let widths = widths(text, delimiter, complete)?;
    let rows = &widths[1..];
    if rows.is_empty() {
        // A header alone says less: prose can look like two names.
        return (complete && header.len() >= 4).then_some(header.len());
    }
    // Some writers leave out the last column of a wide row where it is empty.
    let fits = |width: usize| width == header.len() || (header.len() >= 6 && width + 1 == header.len());
    let equal = rows.iter().filter(|w| fits(**w)).count();
    (equal * 10 >= rows.len() * 8).then_some(header.len())
}

/// A word or a few, as columns are called: no sentence, number, date or address.
fn is_name(cell: &[u8]) -> bool {
    let Ok(cell) = std::str::from_utf8(cell) else { return false };
    let cell = cell.trim();
    if cell.is_empty() {
        return true;
    }
    let first_fits =
        cell.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@' | '#' | '$' | '(' | '%'));
    let words = cell.split_whitespace().count();
    let digits = cell.bytes().filter(u8::is_ascii_digit).count();
    first_fits
        && cell.len() <= 96
        && words <= 6
        && digits * 2 < cell.len().max(4)
        && cell.chars().all(|c| c.is_alphanumeric() || " _-.:/@#$()[]%&'*+?<>\\".contains(c))
        && !cell.ends_with(['.', ':'])
}

/// Cells of the first row; `None` when its quotes do not close within the text.
fn cells(text: &[u8], delimiter: u8) -> Option<Vec<Vec<u8>>> {
    let mut rows = Rows { text, delimiter, at: 0 };
    let mut out = Vec::new();
    rows.next_row(|cell| {
        if out.len() < limits::COLUMNS_MAX {
            out.push(cell.to_vec());
        }
    })
    .then_some(out)
}

/// Columns of up to 64 rows that end within the text.
fn widths(text: &[u8], delimiter: u8, complete: bool) -> Option<Vec<usize>> {
    let mut rows = Rows { text, delimiter, at: 0 };
    let mut widths = Vec::new();
    while widths.len() < 64 && rows.at < text.len() {
        let mut width = 0;
        let (mut blank, from) = (true, rows.at);
        let closed = rows.next_row(|cell| {
            width += 1;
            blank &= cell.is_empty();
        });
        // The last row may be cut by the end of the window.
        if (!closed || rows.at >= text.len()) && !complete && !widths.is_empty() {
            break;
        }
        if !closed {
            return (!widths.is_empty()).then_some(widths);
        }
        if !(blank && width == 1) {
            widths.push(width);
        }
        if rows.at == from {
            break;
        }
    }
    (!widths.is_empty()).then_some(widths)
}

/// Rows with quotes; used on the window only, the framer has its own for streams.
struct Rows<'a> {
    text: &'a [u8],
    delimiter: u8,
    at: usize,
}

impl Rows<'_> {
    /// Calls `each` with every cell of the next row, unquoted. `false` when a quote does not close.
    fn next_row(&mut self, mut each: impl FnMut(&[u8])) -> bool {
        let mut cell = Vec::new();
        loop {
            cell.clear();
            if self.text.get(self.at) == Some(&b'"') {
                self.at += 1;
                loop {
                    match (self.text.get(self.at), self.text.get(self.at + 1)) {
                        (Some(b'"'), Some(b'"')) => {
                            cell.push(b'"');
                            self.at += 2;
                        }
                        (Some(b'"'), _) => {
                            self.at += 1;
                            break;
                        }
                        (Some(&c), _) => {
                            cell.push(c);
                            self.at += 1;
                        }
                        (None, _) => return false,
                    }
                }
            }
            while let Some(&c) = self.text.get(self.at) {
                if c == self.delimiter || c == b'\n' {
                    break;
                }
                cell.push(c);
                self.at += 1;
            }
            let end = self.text.get(self.at).copied();
            self.at = (self.at + 1).min(self.text.len());
            if end != Some(self.delimiter) {
                each(cell.strip_suffix(b"\r").unwrap_or(&cell));
                return true;
            }
            each(&cell);
        }
    }
}
