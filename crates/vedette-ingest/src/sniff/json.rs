//! Which of the shapes of JSON a text has.
//!
//! Only the window is looked at, with a scanner that knows strings and brackets and nothing more: whether a value is
//! truly JSON its parser says.

use super::{Shape, lines};
use crate::limits;

/// Arrays that wrap records, by the names that exports give them.
const KNOWN_WRAPPERS: &[&str] = &[
    "Records",
    "records",
    "value",
    "events",
    "Events",
    "logs",
    "logEvents",
    "items",
    "data",
    "results",
    "entries",
    "Items",
    "resources",
    "auditLogs",
    "audit_events",
    "activities",
    "alerts",
    "rows",
    "response",
];

/// Wrappers that also come one a line.
const LINE_WRAPPERS: &[&str] = &["Records", "records", "logEvents"];

/// `text` begins with its first character that is not white.
pub(super) fn recognise(text: &[u8], complete: bool) -> Option<Shape> {
    // evtx_dump numbers its records on lines of their own.
    if let Some(rest) = text.strip_prefix(b"Record ") {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let after = rest[digits..].trim_ascii_start();
        return (digits > 0 && after.starts_with(b"{")).then_some(Shape::JsonConcatenated);
    }
    if text.starts_with(b"[") {
        let inner = text[1..].trim_ascii_start();
        let object = inner.starts_with(b"{") && opens_object(inner);
        let empty = inner.starts_with(b"]") && inner[1..].trim_ascii().is_empty() && complete;
        return (object || empty || only_brackets(text)).then_some(Shape::JsonArray);
    }
    let by_line = line_share(text, complete);
    if !(text.starts_with(b"{") && opens_object(text)) {
        return by_line.many_and_most().then_some(Shape::JsonLines);
    }
    let end = end_of_value(text);
    let alone = match end {
        Some(end) => complete && text[end..].trim_ascii().is_empty(),
        None => true,
    };
    let object = &text[..end.unwrap_or(text.len())];
    if alone && let Some(answer) = search_answer(object) {
        return Some(answer);
    }
    if let Some(wrapper) = wrapper(object, end.is_some(), alone) {
        return Some(wrapper);
    }
    if by_line.many_and_most() {
        return Some(Shape::JsonLines);
    }
    match end {
        Some(end) => {
            let one_line = memchr::memchr(b'\n', &text[..end]).is_none();
            let rest = &text[end..];
            let next = rest.iter().copied().find(|b| !matches!(b, b' ' | b'\t' | b'\r'));
            match next {
                Some(b'\n') | None if one_line => Some(Shape::JsonLines),
                Some(b'\n' | b'{' | b'[' | b',' | 0x1E) | None => Some(Shape::JsonConcatenated),
                Some(_) => None,
            }
        }
        // Longer than the window, or cut off: a line break tells whether it was pretty-printed.
        None => Some(if memchr::memchr(b'\n', text).is_none() {
            Shape::JsonLines
        } else {
            Shape::JsonConcatenated
        }),
    }
}

/// Deeper than any log nests, and nothing but brackets: an attack on parsers. Taken for JSON, it is rejected as such.
fn only_brackets(text: &[u8]) -> bool {
    let open = text.iter().filter(|b| !b.is_ascii_whitespace()).take_while(|b| **b == b'[').count();
    open > limits::JSON_DEPTH_MAX as usize
}

fn opens_object(text: &[u8]) -> bool {
    matches!(text.get(1..).unwrap_or_default().trim_ascii_start().first(), Some(b'"' | b'}') | None)
}

struct LineShare {
    all: usize,
    json: usize,
}

impl LineShare {
    fn many_and_most(&self) -> bool {
        self.all >= 2 && self.json >= 2 && self.json * 10 >= self.all * 6 || self.all == 2 && self.json == 1
    }
}

/// How many lines hold one object each.
fn line_share(text: &[u8], complete: bool) -> LineShare {
    let mut share = LineShare { all: 0, json: 0 };
    for line in lines(text, complete).take(64) {
        share.all += 1;
        let line = line.trim_ascii();
        if line.starts_with(b"{\"") || line.starts_with(b"{ ") {
            share.json += usize::from(end_of_value(line) == Some(line.len()));
        }
    }
    // A single whole line and the beginning of a second one count as lines too; a pretty-printed value has no whole line.
    if share.all == 2 && share.json == 1 && !text.starts_with(b"{\"") {
        share.json = 0;
    }
    share
}

/// Where the object or array at the beginning ends; `None` when it does not end within the text.
pub(crate) fn end_of_value(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'"' => at = end_of_string(text, at)? - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Behind the closing quote of the string that opens at `at`.
fn end_of_string(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// A member of an object.
struct Member<'a> {
    key: &'a [u8],
    value: &'a [u8],
    whole: bool,
}

impl Member<'_> {
    fn is_object_array(&self) -> bool {
        self.value.starts_with(b"[") && self.value[1..].trim_ascii_start().starts_with(b"{")
    }

    fn is_empty_array(&self) -> bool {
        self.whole && self.value.starts_with(b"[") && self.value[1..].trim_ascii_start().starts_with(b"]")
    }

    fn elements(&self) -> usize {
        let mut rest = self.value[1..].trim_ascii_start();
        let mut n = 0;
        while rest.starts_with(b"{") {
            n += 1;
            let Some(end) = end_of_value(rest) else { break };
            rest = rest[end..].trim_ascii_start();
            rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
        }
        n
    }
}

/// Members of the object at the beginning, as far as the text reaches.
fn members(text: &[u8]) -> Vec<Member<'_>> {
    let mut out = Vec::new();
    let mut at = 1;
    loop {
        at += text[at..].iter().take_while(|b| b.is_ascii_whitespace() || **b == b',').count();
        if text.get(at) != Some(&b'"') {
            return out;
        }
        let Some(key_end) = end_of_string(text, at) else { return out };
        let key = &text[at + 1..key_end - 1];
        at = key_end + text[key_end..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        if text.get(at) != Some(&b':') {
            return out;
        }
        at += 1;
        at += text[at..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let end = match text.get(at) {
            Some(b'{' | b'[') => end_of_value(&text[at..]).map(|n| at + n),
            Some(b'"') => end_of_string(text, at),
            Some(_) => text[at..].iter().position(|b| matches!(b, b',' | b'}')).map(|n| at + n),
            None => return out,
        };
        let value = &text[at..end.unwrap_or(text.len())];
        out.push(Member { key, value, whole: end.is_some() });
        match end {
            Some(end) => at = end,
            None => return out,
        }
    }
}

/// Whether the object is nothing but a wrapping around an array of records.
///
/// A wrapper has only scalars (and empty lists) beside the array, and the array holds most of its bytes; an event that
/// carries a list has objects beside it or much text of its own. A name that exports use makes us ask for less.
fn wrapper(text: &[u8], whole: bool, alone: bool) -> Option<Shape> {
    let found = members(text);
    let at = found.iter().position(|m| m.is_object_array() || (m.is_empty_array() && known(m.key)))?;
    let array = &found[at];
    let name = std::str::from_utf8(array.key).ok()?;
    if !alone && !LINE_WRAPPERS.contains(&name) {
        return None;
    }
    let share = array.value.len() * 100 / text.len().max(1);
    let object_beside = found.iter().enumerate().any(|(i, m)| i != at && m.value.starts_with(b"{"));
    let plausible = match (known(array.key), object_beside) {
        (true, false) => share >= 50 || array.is_empty_array(),
        (false, false) => share >= 80 && (array.elements() >= 2 || !whole),
        // Paging and query metadata may stand beside a very large array.
        (known, true) => share >= 90 && array.elements() >= if known { 3 } else { 20 },
    };
    if plausible {
        return Some(Shape::JsonWrapped(vec![name.to_owned()]));
    }
    None
}

fn known(key: &[u8]) -> bool {
    KNOWN_WRAPPERS.iter().any(|k| k.as_bytes() == key)
}

/// The search answer of Elasticsearch and OpenSearch: `hits.hits`.
fn search_answer(text: &[u8]) -> Option<Shape> {
    let outer = members(text);
    let hits = outer.iter().find(|m| m.key == b"hits" && m.value.starts_with(b"{"))?;
    let inner = members(hits.value);
    let list = inner.iter().find(|m| m.key == b"hits")?;
    (list.is_object_array() || list.is_empty_array())
        .then(|| Shape::JsonWrapped(vec!["hits".to_owned(), "hits".to_owned()]))
}
