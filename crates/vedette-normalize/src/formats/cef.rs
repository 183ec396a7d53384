//! Reads the Common Event Format (ArcSight CEF, version 0 and 1): seven header fields between bars, then an extension
//! of `key=value` pairs whose values may hold blanks.

use vedette_model::{Kind, Native};

use super::{FormatError, limits, text};

const HEADER: [&str; 7] = [
    "cef.version",
    "cef.vendor",
    "cef.product",
    "cef.product_version",
    "cef.event_class_id",
    "cef.name",
    "cef.severity",
];

/// Where `CEF:0|` or `CEF:1|` begins in a message, near its start.
pub fn find(message: &str) -> Option<usize> {
    let bytes = message.as_bytes();
    let near = &bytes[..bytes.len().min(limits::PAYLOAD_PREFIX_BYTES)];
    memchr::memmem::find_iter(near, b"CEF:").find(|&at| {
        matches!(bytes.get(at + 4..), Some([b'0'..=b'9', b'|', ..] | [b' ', b'0'..=b'9', b'|', ..]))
            && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric())
    })
}

/// Appends the header (`cef.vendor`, ...) and the extension's keys as they are. A label (`cs1Label=Rule`) also gives
/// its value the label's name, as a derived field.
///
/// # Errors
/// `cef header cut short`; the header fields that were there stay in `out`.
pub fn read(message: &str, out: &mut Native) -> Result<(), FormatError> {
    let mut rest = message.strip_prefix("CEF:").unwrap_or(message).trim_start();
    for (i, name) in HEADER.iter().enumerate() {
        let Some(end) = bar(rest) else {
            // The severity may be the last thing there is.
            if i == HEADER.len() - 1 {
                push_unescaped(name, rest.trim(), '|', out);
                return Ok(());
            }
            let detail = format!("{i} of 7 fields before the extension: `{}`", text::quote(message));
            return Err(FormatError::new("cef header cut short", detail));
        };
        push_unescaped(name, rest[..end].trim(), '|', out);
        rest = &rest[end + 1..];
    }
    let first = out.len();
    extension(rest, out);
    labels(first, out);
    Ok(())
}

/// The next bar that is not escaped.
fn bar(text: &str) -> Option<usize> {
    memchr::memchr_iter(b'|', text.as_bytes()).find(|&at| !escaped(text.as_bytes(), at))
}

/// An odd number of backslashes stands before `at`.
fn escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

/// Reads pairs: a key is a run of letters, digits and `_.-[]` after a blank and before a `=` that is not escaped.
fn extension(text: &str, out: &mut Native) {
    let bytes = text.as_bytes();
    let mut pending: Option<(usize, usize)> = None;
    let (mut from, mut pairs) = (0, 0);
    for eq in memchr::memchr_iter(b'=', bytes) {
        if eq < from || escaped(bytes, eq) {
            continue;
        }
        let Some(start) = key_start(bytes, from, eq) else { continue };
        if let Some((key, value)) = pending {
            push_unescaped(&text[key..value - 1], text[value..start].trim(), '=', out);
        }
        pairs += 1;
        if pairs > limits::KV_PAIRS_MAX {
            return;
        }
        pending = Some((start, eq + 1));
        from = eq + 1;
    }
    if let Some((key, value)) = pending {
        push_unescaped(&text[key..value - 1], text[value..].trim(), '=', out);
    }
}

fn key_start(bytes: &[u8], from: usize, eq: usize) -> Option<usize> {
    let lowest = from.max(eq.saturating_sub(limits::KV_KEY_BYTES_MAX));
    let run = bytes[lowest..eq]
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'[' | b']' | b'$'))
        .count();
    let start = eq - run;
    let begins = start == 0 || (start > from && matches!(bytes[start - 1], b' ' | b'\t' | b'|'));
    (run > 0 && (begins || start == from && from == 0)).then_some(start)
}

/// `\\`, `\=`, `\|`, `\n` and `\r` are the escapes of CEF; another backslash stands for itself.
fn push_unescaped(name: &str, value: &str, also: char, out: &mut Native) {
    let kind = if value.is_empty() { Kind::Null } else { Kind::Text };
    if !value.contains('\\') {
        return out.push(name, value, kind);
    }
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(&n)) if n == '\\' || n == '=' || n == '|' || n == also => {
                plain.push(n);
                chars.next();
            }
            ('\\', Some('n' | 'r')) if also == '=' && line_break(&plain, value) => {
                chars.next();
                plain.push('\n');
            }
            _ => plain.push(c),
        }
    }
    out.push(name, &plain, kind);
}

/// `C:\new` holds no line break: a value with a drive letter keeps its backslashes.
fn line_break(before: &str, value: &str) -> bool {
    !value.contains(":\\") && !before.ends_with('\\')
}

/// `cs1=x cs1Label=Rule Name` gives the derived field `Rule Name` the value `x`.
fn labels(first: usize, out: &mut Native) {
    let mut resolved = 0;
    for i in first..out.len() {
        let field = out.field(i);
        if field.derived || field.kind == Kind::Null {
            continue;
        }
        let Some(base) = field.name.strip_suffix("Label") else { continue };
        if base.is_empty() || field.value.len() > limits::NAME_BYTES_MAX {
            continue;
        }
        let label = field.value.to_owned();
        resolved += 1;
        if resolved > limits::CEF_LABELS_MAX {
            return;
        }
        let Some(value_at) = (first..out.len()).find(|&j| out.field(j).name == base) else { continue };
        let path = format!("{base}+{}", out.field(i).name);
        let (value, kind) = (out.field(value_at).value.to_owned(), out.field(value_at).kind);
        out.push_derived(&label, &path, &value, kind);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> String {
        let mut out = Native::new();
        if let Err(e) = read(text, &mut out) {
            return e.reason.to_owned();
        }
        out.iter()
            .skip(7)
            .map(|f| format!("{}{}<{}>", if f.derived { "*" } else { "" }, f.name, f.value))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn headers() {
        let mut out = Native::new();
        read(r"CEF:0|Example|Fire\|wall|1.0|100|Blocked \\ it|5|src=192.0.2.1", &mut out).unwrap();
        let values: Vec<_> = out.iter().map(|f| f.value).collect();
        assert_eq!(values, ["0", "Example", "Fire|wall", "1.0", "100", "Blocked \\ it", "5", "192.0.2.1"]);
        assert_eq!(flat("CEF:0|a|b"), "cef header cut short");
        assert_eq!(flat("CEF:0|a|b|c|d|e|3"), "");
        assert_eq!(find("relay: CEF:0|a"), Some(7));
        assert_eq!(find("CEF:x|a"), None);
    }

    #[test]
    fn extensions() {
        for (text, expect) in [
            ("src=192.0.2.1 msg=two words spt=80", "src<192.0.2.1> msg<two words> spt<80>"),
            (r"msg=a\=b c\\d\|e\nf x=1", "msg<a=b c\\d|e\nf> x<1>"),
            (r"filePath=C:\new\file.exe act=", r"filePath<C:\new\file.exe> act<>"),
            ("cs1=x y cs1Label=Rule Name", "cs1<x y> cs1Label<Rule Name> *Rule Name<x y>"),
            ("request=http://example.com/?a=1&b=2 act=ok", "request<http://example.com/?a=1&b=2> act<ok>"),
            (" ad.one=1 ad.two=2", "ad.one<1> ad.two<2>"),
            ("", ""),
        ] {
            assert_eq!(flat(&format!("CEF:0|v|p|1|2|n|3|{text}")), expect, "{text}");
        }
    }
}
