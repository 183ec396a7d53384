//! Flattens one JSON value (RFC 8259) into dotted names, in one pass over the text and without a tree.
//!
//! A walker of our own, because a record is copied into [`Native`] anyway and numbers must keep their source text:
//! the serde road of sonic-rs turns them into binary numbers first, and its lazy values read nested text once a level.
//! `benches/formats.rs` measures all three.
//!
//! More is accepted than RFC 8259 allows where that loses nothing: control characters inside strings, a byte order
//! mark in front, NUL bytes behind.

use vedette_model::{Kind, Native};

use super::{FormatError, limits, text};

/// Buffers and counts that live from record to record.
#[derive(Debug, Default)]
pub struct Scratch {
    path: String,
    unescaped: String,
    /// Characters that could not be decoded (bytes that are not UTF-8, lone surrogates) and became U+FFFD.
    pub replaced: u64,
}

/// Appends the members of the object in `raw` to `out`.
///
/// Nested names are joined by dots, array elements repeat the name, objects in arrays keep the array's name. Names
/// that hold dots are kept as they are; duplicate names are kept both. Empty objects and arrays become null fields.
///
/// # Errors
/// `JSON syntax`, `JSON is not an object`, `JSON nested too deeply`, `JSON has too many fields`, `JSON name too long`,
/// `JSON unfolds too large`, `text after the JSON value`. Fields read before the fault stay in `out`.
pub fn flatten(raw: &[u8], out: &mut Native) -> Result<(), FormatError> {
    flatten_with(raw, &mut Scratch::default(), out)
}

/// [`flatten`] with buffers that are reused.
pub fn flatten_with(raw: &[u8], scratch: &mut Scratch, out: &mut Native) -> Result<(), FormatError> {
    let mut replaced = 0;
    let text = text::decode(raw, &mut replaced);
    scratch.replaced += replaced;
    let end = flatten_prefix(&text, scratch, out)?;
    let rest = text[end..].trim_matches(|c: char| c.is_ascii_whitespace() || c == '\0');
    if rest.is_empty() {
        Ok(())
    } else {
        Err(FormatError::new("text after the JSON value", format!("`{}`", text::quote(rest))))
    }
}

/// Flattens the object that `text` begins with and says how many bytes it took.
///
/// # Errors
/// As [`flatten`], without the last.
pub fn flatten_prefix(text: &str, scratch: &mut Scratch, out: &mut Native) -> Result<usize, FormatError> {
    scratch.path.clear();
    let mut walk = Walk { text, bytes: text.as_bytes(), at: 0, scratch, out };
    walk.blanks();
    match walk.peek() {
        Some(b'{') => walk.object(1)?,
        Some(b'[') => {
            return Err(FormatError::new(
                "JSON is not an object",
                "an array where a record was expected".into(),
            ));
        }
        Some(b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
            return Err(FormatError::new("JSON is not an object", format!("`{}`", text::quote(text.trim()))));
        }
        _ => return Err(walk.syntax("an object")),
    }
    Ok(walk.at)
}

struct Walk<'a, 's> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    scratch: &'s mut Scratch,
    out: &'s mut Native,
}

impl<'a> Walk<'a, '_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[cold]
    fn syntax(&self, expected: &str) -> FormatError {
        let found = match self.text.get(self.at..) {
            None | Some("") => "the end of the record".to_owned(),
            Some(rest) => format!("`{}`", text::quote(rest.get(..rest.len().min(24)).unwrap_or(rest))),
        };
        FormatError::new("JSON syntax", format!("byte {}: expected {expected}, found {found}", self.at))
    }

    fn object(&mut self, depth: usize) -> Result<(), FormatError> {
        too_deep(depth)?;
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return if depth > 1 { self.push("", Kind::Null) } else { Ok(()) };
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.syntax("a name in quotes"));
            }
            let above = self.scratch.path.len();
            if depth > 1 {
                self.scratch.path.push('.');
            }
            match self.string()? {
                Str::Plain(name) => self.scratch.path.push_str(name),
                Str::Unescaped => self.scratch.path.push_str(&self.scratch.unescaped),
            }
            if self.scratch.path.len() > limits::NAME_BYTES_MAX {
                return Err(FormatError::new(
                    "JSON name too long",
                    format!(
                        "byte {}: a name of {} bytes, the bound is {}",
                        self.at,
                        self.scratch.path.len(),
                        limits::NAME_BYTES_MAX
                    ),
                ));
            }
            self.blanks();
            if self.peek() != Some(b':') {
                return Err(self.syntax("`:`"));
            }
            self.at += 1;
            self.value(depth)?;
            self.scratch.path.truncate(above);
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.syntax("`,` or `}`")),
            }
            self.blanks();
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), FormatError> {
        too_deep(depth)?;
        self.at += 1;
        self.blanks();
        if self.peek() == Some(b']') {
            self.at += 1;
            return self.push("", Kind::Null);
        }
        loop {
            self.value(depth)?;
            self.blanks();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(());
                }
                _ => return Err(self.syntax("`,` or `]`")),
            }
        }
    }

    fn value(&mut self, depth: usize) -> Result<(), FormatError> {
        self.blanks();
        match self.peek() {
            Some(b'"') => match self.string()? {
                Str::Plain(value) => self.push(value, Kind::Text),
                Str::Unescaped => {
                    let value = std::mem::take(&mut self.scratch.unescaped);
                    let pushed = self.push(&value, Kind::Text);
                    self.scratch.unescaped = value;
                    pushed
                }
            },
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b't') => self.word("true", Kind::Bool),
            Some(b'f') => self.word("false", Kind::Bool),
            Some(b'n') => self.word("null", Kind::Null),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.syntax("a value")),
        }
    }

    fn word(&mut self, word: &'static str, kind: Kind) -> Result<(), FormatError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.syntax("a value"));
        }
        self.at += word.len();
        self.push(if kind == Kind::Null { "" } else { word }, kind)
    }

    fn number(&mut self) -> Result<(), FormatError> {
        let start = self.at;
        let length = self.bytes[start..]
            .iter()
            .position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .unwrap_or(self.bytes.len() - start);
        let number = &self.text[start..start + length];
        if !is_number(number.as_bytes()) {
            return Err(self.syntax("a number"));
        }
        self.at += length;
        self.push(number, Kind::Number)
    }

    fn push(&mut self, value: &str, kind: Kind) -> Result<(), FormatError> {
        if self.out.len() >= limits::FIELDS_MAX {
            return Err(FormatError::new(
                "JSON has too many fields",
                format!("byte {}: more than {} fields", self.at, limits::FIELDS_MAX),
            ));
        }
        if self.out.text_bytes() >= limits::RECORD_TEXT_BYTES_MAX {
            return Err(FormatError::new(
                "JSON unfolds too large",
                format!(
                    "byte {}: names and values hold more than {} bytes",
                    self.at,
                    limits::RECORD_TEXT_BYTES_MAX
                ),
            ));
        }
        self.out.push(&self.scratch.path, value, kind);
        Ok(())
    }

    /// Reads the string at the cursor. Text without escapes is borrowed; else it is left in `scratch.unescaped`.
    fn string(&mut self) -> Result<Str<'a>, FormatError> {
        let start = self.at + 1;
        let Some(end) = plain_end(self.bytes, start) else {
            return Err(self.unterminated());
        };
        if self.bytes[end] == b'"' {
            self.at = end + 1;
            return Ok(Str::Plain(&self.text[start..end]));
        }
        self.escaped(start, end)?;
        Ok(Str::Unescaped)
    }

    #[cold]
    fn unterminated(&self) -> FormatError {
        FormatError::new("JSON syntax", format!("byte {}: the string has no end", self.at))
    }

    /// Unescapes from `start`; `stop` is the first backslash.
    fn escaped(&mut self, start: usize, stop: usize) -> Result<(), FormatError> {
        let mut plain_from = start;
        let mut stop = stop;
        self.scratch.unescaped.clear();
        loop {
            self.scratch.unescaped.push_str(&self.text[plain_from..stop]);
            if self.bytes[stop] == b'"' {
                self.at = stop + 1;
                return Ok(());
            }
            let (c, length) = match self.bytes.get(stop + 1) {
                Some(b'"') => ('"', 2),
                Some(b'\\') => ('\\', 2),
                Some(b'/') => ('/', 2),
                Some(b'b') => ('\u{8}', 2),
                Some(b'f') => ('\u{c}', 2),
                Some(b'n') => ('\n', 2),
                Some(b'r') => ('\r', 2),
                Some(b't') => ('\t', 2),
                Some(b'u') => match self.unicode(stop) {
                    Some(found) => found,
                    None => {
                        self.at = stop;
                        return Err(self.syntax("four hex digits after `\\u`"));
                    }
                },
                _ => {
                    self.at = stop;
                    return Err(self.syntax("an escape of JSON"));
                }
            };
            self.scratch.unescaped.push(c);
            plain_from = stop + length;
            match plain_end(self.bytes, plain_from) {
                Some(next) => stop = next,
                None => return Err(self.unterminated()),
            }
        }
    }

    /// The character of the `\uXXXX` escape (or pair of them) at `at`, and its length. A surrogate without its
    /// partner is U+FFFD, counted.
    fn unicode(&mut self, at: usize) -> Option<(char, usize)> {
        let first = hex4(self.bytes.get(at + 2..at + 6)?)?;
        if let Some(c) = char::from_u32(first) {
            return Some((c, 6));
        }
        if first < 0xDC00 && self.bytes.get(at + 6..at + 8) == Some(b"\\u") {
            let second = self.bytes.get(at + 8..at + 12).and_then(hex4).unwrap_or(0);
            if (0xDC00..0xE000).contains(&second) {
                let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Some((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12));
            }
        }
        self.scratch.replaced += 1;
        Some((char::REPLACEMENT_CHARACTER, 6))
    }
}

/// A string as it was found.
enum Str<'a> {
    Plain(&'a str),
    Unescaped,
}

fn too_deep(depth: usize) -> Result<(), FormatError> {
    if depth <= limits::JSON_DEPTH_MAX {
        return Ok(());
    }
    Err(FormatError::new("JSON nested too deeply", format!("more than {} levels", limits::JSON_DEPTH_MAX)))
}

/// The first quote or backslash at or after `from`. Eight bytes at a time: most names and values are shorter than
/// what a vector search needs to start up; after 32 plain bytes the vector search takes over.
fn plain_end(bytes: &[u8], from: usize) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero_bytes = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut at = from;
    for _ in 0..4 {
        let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
            break;
        };
        let word = u64::from_le_bytes(*eight);
        let found = zero_bytes(word ^ (ONES * b'"' as u64)) | zero_bytes(word ^ (ONES * b'\\' as u64));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr2(b'"', b'\\', bytes.get(at..)?).map(|i| at + i)
}

fn hex4(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |code, &b| Some(code << 4 | char::from(b).to_digit(16)?))
}

/// The grammar of RFC 8259 section 6, leading zeros allowed.
fn is_number(text: &[u8]) -> bool {
    let digits = |from: usize| text[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(text.first() == Some(&b'-'));
    let whole = digits(at);
    at += whole;
    if whole == 0 {
        return false;
    }
    if text.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        at += 1 + fraction;
        if fraction == 0 {
            return false;
        }
    }
    if let Some(b'e' | b'E') = text.get(at) {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at);
        at += exponent;
        if exponent == 0 {
            return false;
        }
    }
    at == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name=value` for text, `name:value` for numbers and truth values, `name!` for null.
    fn flat(json: &str) -> String {
        let mut out = Native::new();
        if let Err(e) = flatten(json.as_bytes(), &mut out) {
            return format!("{}: {}", e.reason, e.detail);
        }
        let show = |f: vedette_model::NativeField<'_>| match f.kind {
            Kind::Text => format!("{}={}", f.name, f.value),
            Kind::Number | Kind::Bool => format!("{}:{}", f.name, f.value),
            Kind::Null => format!("{}!{}", f.name, f.value),
        };
        out.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn flattens() {
        for (json, expect) in [
            (r#"{"a":"b"}"#, "a=b"),
            (
                r#" { "a" : { "b" : [ 1 , 2.50 , { "c" : true } ] } , "d" : null } "#,
                "a.b:1 a.b:2.50 a.b.c:true d!",
            ),
            (r#"{}"#, ""),
            (r#"{"a":{},"b":[],"c":[[],[{}]]}"#, "a! b! c! c!"),
            (r#"{"a":1,"a":"2"}"#, "a:1 a=2"),
            (r#"{"a.b":{"c.d":1}}"#, "a.b.c.d:1"),
            (r#"{"":{"":1}}"#, ".:1"),
            (
                r#"{"n":123456789012345678901234567890,"e":-1.5E+10,"z":007}"#,
                "n:123456789012345678901234567890 e:-1.5E+10 z:007",
            ),
            (r#"{"s":"\"\\\/\u00e9\ud83d\ude00 tail"}"#, "s=\"\\/é😀 tail"),
            (r#"{"k\u0041\n":"x"}"#, "kA\n=x"),
            (r#"{"s":"\ud83d x","t":"\udc00"}"#, "s=\u{FFFD} x t=\u{FFFD}"),
            ("{\"s\":\"raw\ttab\"}\0\r\n", "s=raw\ttab"),
            ("\u{FEFF}{\"s\":1}", "s:1"),
        ] {
            assert_eq!(flat(json), expect, "{json}");
        }
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (json, expect) in [
            ("", "JSON syntax: byte 0: expected an object, found the end of the record"),
            ("[1]", "JSON is not an object: an array where a record was expected"),
            ("12", "JSON is not an object: `12`"),
            (r#"{"a":1"#, "JSON syntax: byte 6: expected `,` or `}`, found the end of the record"),
            (r#"{"a":1,}"#, "JSON syntax: byte 7: expected a name in quotes, found `}`"),
            (r#"{"a" 1}"#, "JSON syntax: byte 5: expected `:`, found `1}`"),
            (r#"{"a":tru}"#, "JSON syntax: byte 5: expected a value, found `tru}`"),
            (r#"{"a":1.}"#, "JSON syntax: byte 5: expected a number, found `1.}`"),
            (r#"{"a":"x"#, "JSON syntax: byte 5: the string has no end"),
            (r#"{"a":"\x"}"#, r#"JSON syntax: byte 6: expected an escape of JSON, found `\x"}`"#),
            (
                r#"{"a":"\u12"}"#,
                r#"JSON syntax: byte 6: expected four hex digits after `\u`, found `\u12"}`"#,
            ),
            (r#"{"a":1} x"#, "text after the JSON value: `x`"),
        ] {
            assert_eq!(flat(json), expect, "{json}");
        }
    }

    #[test]
    fn bounds_are_named() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(flat(&deep), "JSON nested too deeply: more than 64 levels");
        let wide = format!("{{\"a\":[{}1]}}", "1,".repeat(limits::FIELDS_MAX));
        assert!(flat(&wide).starts_with("JSON has too many fields"), "{}", &flat(&wide)[..80]);
        let long = format!("{{\"{}\":1}}", "n".repeat(limits::NAME_BYTES_MAX + 1));
        assert!(flat(&long).starts_with("JSON name too long"));
        let unfolding = format!("{{\"{}\":[{}1]}}", "n".repeat(4000), "1,".repeat(60_000));
        assert!(flat(&unfolding).starts_with("JSON unfolds too large"));
    }

    #[test]
    fn lone_surrogates_and_foreign_bytes_are_counted() {
        let mut scratch = Scratch::default();
        let mut out = Native::new();
        flatten_with(b"{\"a\":\"\\ud800\",\"b\":\"\xFF\"}", &mut scratch, &mut out).unwrap();
        assert_eq!(scratch.replaced, 2);
    }

    #[test]
    fn the_end_of_a_string_is_found_at_every_length() {
        for length in 0..100 {
            let json = format!("{{\"a\":\"{}\"}}", "é".repeat(length));
            assert_eq!(flat(&json), format!("a={}", "é".repeat(length)));
        }
    }
}
