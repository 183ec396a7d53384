//! Reads `key=value` text as firewalls and agents write it: quoted or not, separated by blanks, commas, bars,
//! semicolons or tabs.
//!
//! The separator is the one that stands before most keys. A value reaches to the next separator that a key follows,
//! so unquoted values may hold blanks (`msg=Connection Closed src=192.0.2.1`).

use vedette_model::{Kind, Native};

use super::limits;

/// What stands between the pairs of a text, and how many pairs it seems to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub separator: u8,
    pub pairs: usize,
    /// A key stands at the very beginning.
    pub from_start: bool,
}

const SEPARATORS: [u8; 6] = [b'|', b'\t', b';', b',', b'^', b' '];

fn is_key(b: u8) -> bool {
    b.is_ascii_alphanumeric()
        || matches!(b, b'_' | b'-' | b'.' | b'/' | b'@' | b':' | b'#' | b'%' | b'$' | b'[' | b']')
}

/// Finds out what separates the pairs of `text`.
pub fn shape(text: &str) -> Shape {
    let bytes = text.as_bytes();
    let mut counts = [0usize; SEPARATORS.len()];
    let mut pairs = 0;
    let mut from_start = false;
    for eq in memchr::memchr_iter(b'=', bytes) {
        let Some(start) = key_before(bytes, eq) else { continue };
        pairs += 1;
        if pairs > limits::KV_PAIRS_MAX {
            break;
        }
        let before = bytes[..start].iter().rposition(|b| *b != b' ');
        match before {
            None => from_start = true,
            Some(i) => match SEPARATORS.iter().position(|s| *s == bytes[i]) {
                Some(s) => counts[s] += 1,
                None if start > i + 1 => counts[SEPARATORS.len() - 1] += 1,
                None => {}
            },
        }
    }
    let best = (0..SEPARATORS.len()).max_by_key(|&i| (counts[i], SEPARATORS.len() - i)).unwrap_or(0);
    let separator = if counts[best] == 0 { b' ' } else { SEPARATORS[best] };
    Shape { separator, pairs, from_start }
}

/// Where the key that ends at the `=` at `eq` begins. A key may stand in quotes (`"PrimaryGroupId"="16611"`).
fn key_before(bytes: &[u8], eq: usize) -> Option<usize> {
    if eq == 0 || bytes[eq - 1] == b'\\' {
        return None;
    }
    if bytes[eq - 1] == b'"' {
        let from = eq.saturating_sub(limits::KV_KEY_BYTES_MAX);
        return memchr::memrchr(b'"', &bytes[from..eq - 1]).map(|i| from + i);
    }
    let from = eq.saturating_sub(limits::KV_KEY_BYTES_MAX);
    let start = from + bytes[from..eq].iter().rposition(|b| !is_key(*b)).map_or(0, |i| i + 1);
    let first = *bytes.get(start)?;
    let begins =
        start == 0 || SEPARATORS.contains(&bytes[start - 1]) || matches!(bytes[start - 1], b'"' | b'\n');
    (start < eq && begins && (first.is_ascii_alphanumeric() || matches!(first, b'_' | b'@' | b'$')))
        .then_some(start)
}

/// Reads all pairs of `text` that are separated as `shape` says, from the first key on. Returns how many there were.
/// Keys are kept as written; an empty value is a null field.
pub fn read(text: &str, shape: Shape, out: &mut Native) -> usize {
    let bytes = text.as_bytes();
    // The netfilter log has bare flags between its pairs (`DF`, `SYN`); its values hold no blanks.
    let netfilter =
        shape.separator == b' ' && text.contains("IN=") && text.contains(" OUT=") && text.contains(" SRC=");
    let mut pairs = 0;
    let mut at = 0;
    while pairs < limits::KV_PAIRS_MAX {
        let Some((start, eq)) = next_key(bytes, at) else { break };
        let key = text[start..eq].trim_matches('"');
        let value_at = eq + 1;
        let (value, next) = match bytes.get(value_at) {
            Some(&quote @ (b'"' | b'\'')) => match closing(bytes, value_at + 1, quote, shape.separator) {
                Some(end) => (&text[value_at + 1..end], end + 1),
                None => bare(text, value_at, shape.separator, netfilter),
            },
            _ => bare(text, value_at, shape.separator, netfilter),
        };
        let kind = if value.is_empty() { Kind::Null } else { Kind::Text };
        if value.contains('\\') && value.contains("\\\"") {
            out.push(key, &value.replace("\\\"", "\""), kind);
        } else {
            out.push(key, value, kind);
        }
        pairs += 1;
        at = next;
    }
    pairs
}

/// Reads `text` as pairs, whatever separates them; where it has no `key=value`, as `Key: value, Key: value`.
pub fn parse(text: &str, out: &mut Native) -> usize {
    let shape = shape(text);
    if shape.pairs > 0 {
        return read(text, shape, out);
    }
    colon_pairs(text, out)
}

/// `Protocol: TCP, Source Address: 192.0.2.1`: a name of letters, digits and blanks, a colon, a blank; separated by
/// commas or semicolons.
fn colon_pairs(text: &str, out: &mut Native) -> usize {
    let bytes = text.as_bytes();
    let mut pairs = 0;
    // The pair that is still open: its key, and where its value begins.
    let mut open: Option<(&str, usize)> = None;
    for colon in memchr::memchr_iter(b':', bytes) {
        if bytes.get(colon + 1) != Some(&b' ') || pairs >= limits::KV_PAIRS_MAX {
            continue;
        }
        let lowest = open.map_or(0, |(_, value)| value).max(colon.saturating_sub(limits::KV_KEY_BYTES_MAX));
        let in_key =
            |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'/' | b'(' | b')');
        let start = lowest + bytes[lowest..colon].iter().rposition(|b| !in_key(b)).map_or(0, |i| i + 1);
        let separated = start == 0 || (start > lowest && matches!(bytes[start - 1], b',' | b';'));
        let key = text[start..colon].trim();
        if !separated || key.is_empty() {
            continue;
        }
        if let Some((key, value)) = open {
            push_colon(key, &text[value..start - 1], out);
        }
        pairs += 1;
        open = Some((key, colon + 2));
    }
    if let Some((key, value)) = open {
        push_colon(key, &text[value..], out);
    }
    pairs
}

fn push_colon(key: &str, value: &str, out: &mut Native) {
    let value = value.trim().trim_matches('"');
    out.push(key, value, if value.is_empty() { Kind::Null } else { Kind::Text });
}

/// Reads the whole of `text` as pairs when it looks like nothing else: a key at its beginning and at least two of
/// them. `false`, and nothing appended, when it does not.
pub fn parse_whole(text: &str, out: &mut Native) -> bool {
    let shape = shape(text);
    shape.from_start && shape.pairs >= 2 && read(text, shape, out) >= 2
}

/// The next `key=` at or after `from`: where the key begins and where the `=` stands.
fn next_key(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    for i in memchr::memchr_iter(b'=', bytes.get(from..)?) {
        let eq = from + i;
        if let Some(start) = key_before(bytes, eq)
            && start >= from
        {
            return Some((start, eq));
        }
    }
    None
}

/// The quote that closes a value: not escaped, and followed by the end or by the next key. Where none is, the first
/// that a separator follows. So a vendor that does not escape (`msg="a "b" c" x=1`) is understood.
fn closing(bytes: &[u8], from: usize, quote: u8, separator: u8) -> Option<usize> {
    let mut fallback = None;
    for i in memchr::memchr_iter(quote, bytes.get(from..)?) {
        let at = from + i;
        if at > from && bytes[at - 1] == b'\\' && !(at > from + 1 && bytes[at - 2] == b'\\') {
            continue;
        }
        if at > from && bytes[at - 1] == b'=' && key_before(bytes, at - 1).is_some() {
            // This one opens the next value.
            return fallback;
        }
        let after = &bytes[at + 1..];
        let blanks = after
            .iter()
            .take_while(|b| **b == separator || matches!(b, b' ' | b',' | b';' | b'|' | b'\t'))
            .count();
        let rest = &after[blanks..];
        let key =
            rest.iter().take(limits::KV_KEY_BYTES_MAX).take_while(|b| is_key(**b) || **b == b'"').count();
        if rest.is_empty() || (blanks > 0 && key > 0 && rest.get(key) == Some(&b'=')) {
            return Some(at);
        }
        if blanks > 0 || matches!(after[0], b'\r' | b'\n' | b')' | b']') {
            fallback = fallback.or(Some(at));
        }
    }
    fallback
}

/// A value without quotes from `from`, and where to read on.
fn bare(text: &str, from: usize, separator: u8, single_word: bool) -> (&str, usize) {
    let bytes = text.as_bytes();
    if single_word {
        let end = memchr::memchr(b' ', &bytes[from..]).map_or(bytes.len(), |i| from + i);
        return (&text[from..end], end);
    }
    // The value ends before the next key; what separates is cut off.
    let mut search = from;
    while let Some((start, eq)) = next_key(bytes, search) {
        let before = text[..start].trim_end_matches(' ');
        let separated = match separator {
            b' ' => start > from && bytes[start - 1] == b' ' || start == from,
            s => before.len() >= from && (before.len() == from || before.as_bytes()[before.len() - 1] == s),
        };
        if separated && start >= from {
            let value = before.get(from..).unwrap_or("");
            let value = if separator == b' ' {
                value
            } else {
                value.strip_suffix(char::from(separator)).unwrap_or(value)
            };
            return (value.trim(), start);
        }
        search = eq + 1;
    }
    let value = text[from..].trim();
    (value.strip_suffix(char::from(separator)).unwrap_or(value).trim_end(), bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> String {
        let mut out = Native::new();
        parse(text, &mut out);
        out.iter().map(|f| format!("{}<{}>", f.name, f.value)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn pairs() {
        for (text, expect) in [
            ("a=1 b=2", "a<1> b<2>"),
            ("a=\"1 2\" b='3 4' c=5", "a<1 2> b<3 4> c<5>"),
            ("msg=Connection Closed src=192.0.2.1", "msg<Connection Closed> src<192.0.2.1>"),
            ("a=1|b=2 3|c=", "a<1> b<2 3> c<>"),
            (
                "origin=192.0.2.1|192.0.2.2|sic=cn\\=x,o\\=y|z=1",
                "origin<192.0.2.1|192.0.2.2> sic<cn\\=x,o\\=y> z<1>",
            ),
            ("a=1, b=2, c=x y", "a<1> b<2> c<x y>"),
            ("a=1,b=2,c=[1,2]", "a<1> b<2> c<[1,2]>"),
            (
                "event=logout;site=x;who=unknown (y) using password;ip=10.0.0.1",
                "event<logout> site<x> who<unknown (y) using password> ip<10.0.0.1>",
            ),
            ("a=1\tb=2 3\tc=4", "a<1> b<2 3> c<4>"),
            ("user=ana  group= next=1", "user<ana> group<> next<1>"),
            ("msg=\"say \\\"hi\\\"\" x=1", "msg<say \"hi\"> x<1>"),
            ("msg=\"a \"b\" c\" x=1", "msg<a \"b\" c> x<1>"),
            ("a=\"x\" FLAG b=\"y\" c=1", "a<x> b<y> c<1>"),
            ("url=http://example.com/?q=1&r=2 n=3", "url<http://example.com/?q=1&r=2> n<3>"),
            ("prefix text a=1 b=2", "a<1> b<2>"),
            ("\"AccountCn\"=\"ana\" \"Group Id\"=\"7\"", "AccountCn<ana> Group Id<7>"),
            (
                "[1.5] FW IN=eth0 OUT= SRC=192.0.2.1 ID=7 DF PROTO=TCP",
                "IN<eth0> OUT<> SRC<192.0.2.1> ID<7> PROTO<TCP>",
            ),
            (
                "Protocol: TCP, Src IP: 192.0.2.1, Time: 09:26:53, URL: https://example.com/, N:",
                "Protocol<TCP> Src IP<192.0.2.1> Time<09:26:53> URL<https://example.com/, N:>",
            ),
            ("Risk found,IP Address: 10.0.0.1,Name: a, b,Last: ", "IP Address<10.0.0.1> Name<a, b> Last<>"),
            ("no pairs here", ""),
            ("=", ""),
            ("a=", "a<>"),
        ] {
            assert_eq!(flat(text), expect, "{text}");
        }
    }

    #[test]
    fn prose_is_not_pairs() {
        let mut out = Native::new();
        for text in ["Failed password for root", "session opened uid=0", "x=1", "see a=1 b=2"] {
            assert!(!parse_whole(text, &mut out), "{text}");
        }
        assert!(out.is_empty());
        assert!(parse_whole("type=a sub=b", &mut out));
    }
}
