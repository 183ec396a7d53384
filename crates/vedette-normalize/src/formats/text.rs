//! Bytes of a record as text, and short quotes of it for messages.

use std::borrow::Cow;

use super::limits;

/// Reads the bytes as UTF-8 without a byte order mark and without line ends at the end. What is not UTF-8 becomes
/// U+FFFD and is counted in `replaced`.
pub fn decode<'a>(raw: &'a [u8], replaced: &mut u64) -> Cow<'a, str> {
    let raw = raw.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(raw);
    match std::str::from_utf8(raw) {
        Ok(text) => Cow::Borrowed(text.trim_end_matches(['\r', '\n'])),
        Err(_) => {
            *replaced += raw.utf8_chunks().filter(|c| !c.invalid().is_empty()).count() as u64;
            Cow::Owned(String::from_utf8_lossy(raw).trim_end_matches(['\r', '\n']).to_owned())
        }
    }
}

/// The beginning of `text` for a message: one line, at most [`limits::DETAIL_BYTES`], control characters escaped.
pub fn quote(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if out.len() >= limits::DETAIL_BYTES {
            out.push_str("...");
            break;
        }
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// The text without spaces and tabs at its start.
pub fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// Splits off a leading run of ASCII digits.
pub fn digits(text: &str) -> (&str, &str) {
    let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// Decodes pairs of hex digits; `None` when the text is not an even run of them.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || !bytes.len().is_multiple_of(2) {
        return None;
    }
    bytes.chunks_exact(2).map(|p| Some(nibble(p[0])? << 4 | nibble(p[1])?)).collect()
}

fn nibble(b: u8) -> Option<u8> {
    char::from(b).to_digit(16).map(|d| d as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_replaced_and_counted() {
        let mut replaced = 0;
        assert_eq!(decode(b"\xEF\xBB\xBFcaf\xE9 \xFF\r\n", &mut replaced), "caf\u{FFFD} \u{FFFD}");
        assert_eq!(replaced, 2);
    }

    #[test]
    fn a_quote_is_one_short_line() {
        assert_eq!(quote("a\nb"), "a\\nb");
        assert!(quote(&"x".repeat(1000)).len() <= limits::DETAIL_BYTES + 3);
    }

    #[test]
    fn hex_needs_whole_pairs() {
        assert_eq!(unhex("2F62"), Some(b"/b".to_vec()));
        assert_eq!(unhex("2F6"), None);
        assert_eq!(unhex("2G"), None);
        assert_eq!(unhex(""), None);
    }
}
