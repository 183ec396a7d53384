//! Reads the Log Event Extended Format (IBM LEEF 1.0 and 2.0): a header between bars, then attributes separated by a
//! tab or by the character that a 2.0 header names.

use vedette_model::{Kind, Native};

use super::{FormatError, limits, text};

/// Where `LEEF:1.0|` or `LEEF:2.0|` begins in a message, near its start.
pub fn find(message: &str) -> Option<usize> {
    let bytes = message.as_bytes();
    let near = &bytes[..bytes.len().min(limits::PAYLOAD_PREFIX_BYTES)];
    memchr::memmem::find_iter(near, b"LEEF:").find(|&at| {
        bytes.get(at + 5).is_some_and(u8::is_ascii_digit)
            && (at == 0 || !bytes[at - 1].is_ascii_alphanumeric())
    })
}

/// Appends `leef.version`, `leef.vendor`, `leef.product`, `leef.product_version`, `leef.event_id` and the attributes.
///
/// # Errors
/// `leef header cut short`; the header fields that were there stay in `out`.
pub fn read(message: &str, out: &mut Native) -> Result<(), FormatError> {
    let mut rest = message.strip_prefix("LEEF:").unwrap_or(message);
    let mut version = "";
    for (i, name) in ["leef.version", "leef.vendor", "leef.product", "leef.product_version", "leef.event_id"]
        .into_iter()
        .enumerate()
    {
        let (value, after) = match rest.split_once('|') {
            Some(split) => split,
            None if i == 4 => (rest, ""),
            None => {
                let detail = format!("{i} of 5 fields: `{}`", text::quote(message));
                return Err(FormatError::new("leef header cut short", detail));
            }
        };
        if i == 0 {
            version = value;
        }
        out.push(name, value, if value.is_empty() { Kind::Null } else { Kind::Text });
        rest = after;
    }
    let mut delimiter = None;
    if version.starts_with('2')
        && let Some((named, after)) = rest.split_once('|')
        && let Some(found) = named_delimiter(named)
    {
        delimiter = found;
        rest = after;
    }
    attributes(rest, delimiter.unwrap_or_else(|| usual_delimiter(rest)), out);
    Ok(())
}

/// The delimiter field of a 2.0 header: a character, `0x5E`, `x5E`, `\t`, or nothing (the usual one). `None`: the field
/// is not there and this is already an attribute.
fn named_delimiter(field: &str) -> Option<Option<char>> {
    let hex =
        field.strip_prefix("0x").or_else(|| field.strip_prefix('x')).or_else(|| field.strip_prefix("\\x"));
    match (field, hex) {
        ("", _) => Some(None),
        ("\\t" | "tab", _) => Some(Some('\t')),
        (_, Some(hex)) if !hex.is_empty() && hex.len() <= 4 => {
            u32::from_str_radix(hex, 16).ok().and_then(char::from_u32).map(Some)
        }
        _ => {
            let mut chars = field.chars();
            let c = chars.next()?;
            chars.next().is_none().then_some(Some(c))
        }
    }
}

/// A tab, as the format says; some senders use bars or `^` without saying so.
fn usual_delimiter(attributes: &str) -> char {
    if attributes.contains('\t') {
        return '\t';
    }
    ['|', '^'].into_iter().find(|c| attributes.matches(*c).count() >= 2).unwrap_or('\t')
}

fn attributes(text: &str, delimiter: char, out: &mut Native) {
    // The attribute that is still open: its key, and where its value lies. A piece without `=` belongs to the value
    // before it, which held the delimiter itself.
    let mut open: Option<(&str, usize, usize)> = None;
    let mut at = 0;
    for part in text.split(delimiter) {
        let (start, end) = (at, at + part.len());
        at = end + delimiter.len_utf8();
        match (part.split_once('='), &mut open) {
            (Some((key, _)), _) => {
                push(text, open, out);
                if out.len() >= limits::FIELDS_MAX {
                    return;
                }
                open = Some((key.trim(), start + key.len() + 1, end));
            }
            (None, Some((_, _, value_end))) if !part.trim().is_empty() => *value_end = end,
            (None, _) => {}
        }
    }
    push(text, open, out);
}

fn push(text: &str, attribute: Option<(&str, usize, usize)>, out: &mut Native) {
    let Some((key, from, to)) = attribute else { return };
    let value = text[from..to].trim_end_matches([' ', '\r', '\n']);
    out.push(key, value, if value.is_empty() { Kind::Null } else { Kind::Text });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_and_their_delimiters() {
        for (text, expect) in [
            ("LEEF:1.0|V|P|1|E|src=192.0.2.0\tcat=a b\tsev=5", "src<192.0.2.0> cat<a b> sev<5>"),
            ("LEEF:1.0|V|P|1|E|cat=T|time=2020/09/03 09:54:59|n=1", "cat<T> time<2020/09/03 09:54:59> n<1>"),
            ("LEEF:2.0|V|P|1|E|^|src=192.0.2.0^cat=a^sev=5", "src<192.0.2.0> cat<a> sev<5>"),
            ("LEEF:2.0|V|P|1|E|0x5E|src=192.0.2.0^cat=a", "src<192.0.2.0> cat<a>"),
            ("LEEF:2.0|V|P|1|E|x5E|src=192.0.2.0^cat=a", "src<192.0.2.0> cat<a>"),
            ("LEEF:2.0|V|P|1|E||src=192.0.2.0\tcat=a", "src<192.0.2.0> cat<a>"),
            ("LEEF:2.0|V|P|1|E|src=192.0.2.0\tcat=a", "src<192.0.2.0> cat<a>"),
            ("LEEF:2.0|V|P|1|E|^|a=1^b=x^y^c=", "a<1> b<x^y> c<>"),
            ("LEEF:1.0|V|P|1|E", ""),
            ("LEEF:1.0|V|P", "leef header cut short"),
        ] {
            let mut out = Native::new();
            let seen = match read(text, &mut out) {
                Ok(()) => out
                    .iter()
                    .skip(5)
                    .map(|f| format!("{}<{}>", f.name, f.value))
                    .collect::<Vec<_>>()
                    .join(" "),
                Err(e) => e.reason.to_owned(),
            };
            assert_eq!(seen, expect, "{text}");
        }
    }
}
