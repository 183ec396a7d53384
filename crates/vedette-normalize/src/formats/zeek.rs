//! Reads one line of a Zeek log in its tab-separated form, so that it gives the fields that Zeek's JSON form has.

use vedette_model::{Kind, Native};

use super::{FormatError, limits, text};

/// The `#` lines of the file that are needed to read its records.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    pub columns: &'a [String],
    pub types: &'a [String],
    pub path: &'a str,
    pub separator: u8,
    pub set_separator: &'a str,
    pub unset: &'a str,
    pub empty: &'a str,
}

/// Appends one field a column and `_path`. Unset values are null; sets and vectors repeat the name; `T` and `F` become
/// `true` and `false`, as Zeek's JSON has them; `\xNN` escapes are undone.
///
/// # Errors
/// `fewer columns than the header`, `more columns than the header`, `record unfolds too large`.
pub fn read(line: &str, layout: Layout<'_>, out: &mut Native) -> Result<(), FormatError> {
    let mut seen = 0;
    for value in line.split(char::from(layout.separator)).take(limits::COLUMNS_MAX) {
        let Some(name) = layout.columns.get(seen) else {
            let detail = format!("{} columns in the header: `{}`", layout.columns.len(), text::quote(line));
            return Err(FormatError::new("more columns than the header", detail));
        };
        let kind = layout.types.get(seen).map_or("string", |t| t.as_str());
        seen += 1;
        if value == layout.unset || value == layout.empty || value.is_empty() {
            out.push(name, "", Kind::Null);
        } else if let Some(inner) = inner_type(kind)
            && !layout.set_separator.is_empty()
        {
            for item in value.split(layout.set_separator) {
                if out.len() >= limits::FIELDS_MAX || out.text_bytes() >= limits::RECORD_TEXT_BYTES_MAX {
                    let detail = format!("more than {} values", out.len());
                    return Err(FormatError::new("record unfolds too large", detail));
                }
                push(name, item, inner, out);
            }
        } else {
            push(name, value, kind, out);
        }
    }
    if seen < layout.columns.len() {
        let detail = format!("{seen} of {}: `{}`", layout.columns.len(), text::quote(line));
        return Err(FormatError::new("fewer columns than the header", detail));
    }
    if !layout.path.is_empty() {
        out.push_text("_path", layout.path);
    }
    Ok(())
}

/// The element type of `set[addr]` or `vector[string]`.
fn inner_type(kind: &str) -> Option<&str> {
    ["set[", "vector[", "table["].iter().find_map(|p| kind.strip_prefix(p)).and_then(|k| k.strip_suffix(']'))
}

fn push(name: &str, value: &str, kind: &str, out: &mut Native) {
    match kind {
        "bool" => match value {
            "T" => out.push(name, "true", Kind::Bool),
            "F" => out.push(name, "false", Kind::Bool),
            other => out.push_text(name, other),
        },
        "count" | "int" | "port" | "double" | "time" | "interval" => out.push(name, value, Kind::Number),
        _ if value.contains("\\x") => out.push_text(name, &unescape(value)),
        _ => out.push_text(name, value),
    }
}

fn unescape(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((plain, after)) = rest.split_once("\\x") {
        bytes.extend_from_slice(plain.as_bytes());
        match after.get(..2).and_then(text::unhex) {
            Some(byte) => {
                bytes.extend(byte);
                rest = &after[2..];
            }
            None => {
                bytes.extend_from_slice(b"\\x");
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let columns: Vec<String> =
            ["ts", "id.orig_h", "id.orig_p", "ok", "answers", "note"].map(String::from).to_vec();
        let types: Vec<String> =
            ["time", "addr", "port", "bool", "vector[string]", "string"].map(String::from).to_vec();
        let layout = Layout {
            columns: &columns,
            types: &types,
            path: "dns",
            separator: b'\t',
            set_separator: ",",
            unset: "-",
            empty: "(empty)",
        };
        for (line, expect) in [
            (
                "1773480413.5\t192.0.2.1\t53\tT\ta,b\tx\\x09y",
                "ts<1773480413.5> id.orig_h<192.0.2.1> id.orig_p<53> ok<true> answers<a> answers<b> note<x\ty> _path<dns>",
            ),
            (
                "1773480413.5\t-\t-\tF\t(empty)\t-",
                "ts<1773480413.5> id.orig_h<> id.orig_p<> ok<false> answers<> note<> _path<dns>",
            ),
            ("1\t2", "fewer columns than the header"),
            ("1\t2\t3\tT\t5\t6\t7", "more columns than the header"),
        ] {
            let mut out = Native::new();
            let seen = match read(line, layout, &mut out) {
                Ok(()) => {
                    out.iter().map(|f| format!("{}<{}>", f.name, f.value)).collect::<Vec<_>>().join(" ")
                }
                Err(e) => e.reason.to_owned(),
            };
            assert_eq!(seen, expect, "{line}");
        }
    }
}
