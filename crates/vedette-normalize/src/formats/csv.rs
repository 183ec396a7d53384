//! Reads one record of a delimited file by the names in its header line (RFC 4180, any one-byte delimiter).

use vedette_model::{Kind, Native};

use super::{FormatError, limits, text};

/// Appends one field a column. Empty values are null fields; values beyond the header's columns are `column_N`,
/// counted from 1.
///
/// # Errors
/// `more columns than the bound`, `the quotes of the record do not close`.
pub fn read(record: &str, columns: &[String], delimiter: u8, out: &mut Native) -> Result<(), FormatError> {
    let mut rest = record;
    let mut unquoted = String::new();
    for column in 0.. {
        if column >= limits::COLUMNS_MAX {
            let detail = format!("{} columns", limits::COLUMNS_MAX);
            return Err(FormatError::new("more columns than the bound", detail));
        }
        let (value, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let Some(after) = unquote(quoted, &mut unquoted) else {
                    let detail = format!("column {}: `{}`", column + 1, text::quote(rest));
                    return Err(FormatError::new("the quotes of the record do not close", detail));
                };
                // What follows a closing quote before the delimiter belongs to the value.
                let end = memchr::memchr(delimiter, after.as_bytes()).unwrap_or(after.len());
                unquoted.push_str(&after[..end]);
                (unquoted.as_str(), &after[end..])
            }
            None => {
                let end = memchr::memchr(delimiter, rest.as_bytes()).unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        let kind = if value.is_empty() { Kind::Null } else { Kind::Text };
        match columns.get(column).map(|name| name.trim()).filter(|name| !name.is_empty()) {
            Some(name) => out.push(name, value, kind),
            None if kind == Kind::Null => {}
            None => out.push(&format!("column_{}", column + 1), value, kind),
        }
        match after.as_bytes() {
            [] => break,
            _ => rest = &after[1..],
        }
    }
    Ok(())
}

/// Puts the quoted text before the closing quote into `into`, doubled quotes made single; returns what follows.
fn unquote<'a>(text: &'a str, into: &mut String) -> Option<&'a str> {
    into.clear();
    let mut rest = text;
    loop {
        let end = memchr::memchr(b'"', rest.as_bytes())?;
        into.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                into.push('"');
                rest = after;
            }
            None => return Some(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        let columns: Vec<String> = ["a", "b", "", "d"].map(String::from).to_vec();
        for (record, delimiter, expect) in [
            ("1,2,3,4", b',', "a<1> b<2> column_3<3> d<4>"),
            ("1,,,", b',', "a<1> b<> d<>"),
            ("\"x, \"\"y\"\"\",2", b',', "a<x, \"y\"> b<2>"),
            ("\"two\nlines\";2", b';', "a<two\nlines> b<2>"),
            ("1,2,3,4,5", b',', "a<1> b<2> column_3<3> d<4> column_5<5>"),
            ("1\t2", b'\t', "a<1> b<2>"),
            ("\"a\"b,2", b',', "a<ab> b<2>"),
            ("", b',', "a<>"),
            ("\"open,2", b',', "the quotes of the record do not close"),
        ] {
            let mut out = Native::new();
            let seen = match read(record, &columns, delimiter, &mut out) {
                Ok(()) => {
                    out.iter().map(|f| format!("{}<{}>", f.name, f.value)).collect::<Vec<_>>().join(" ")
                }
                Err(e) => e.reason.to_owned(),
            };
            assert_eq!(seen, expect, "{record}");
        }
    }
}
