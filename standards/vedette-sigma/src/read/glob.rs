//! Sigma strings: wildcards and their escapes, and the modifiers that rewrite text.
//!
//! Source: Sigma rules specification 2.1.0, *String Wildcard* and *Escape Character*; modifiers appendix, *Encoding*
//! and `windash`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::limits;
use crate::rule::{Fold, Glob, Token};

/// Text while it is rewritten. The encodings work on bytes, and only the last step asks whether they are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Bytes(Vec<u8>),
    One,
    Many,
}

/// The dash characters that stand for each other on a Windows command line.
const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// The three ways of writing UTF-16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Utf16 {
    Le,
    Be,
    /// Little-endian behind a byte order mark.
    Bom,
}

impl Text {
    /// Reads wildcards and escapes: `\*`, `\?` and `\\` lose their backslash, before anything else it is itself.
    pub fn parse(value: &str) -> Self {
        let mut parts = Vec::new();
        let mut run = Vec::new();
        let bytes = value.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            match (bytes[at], bytes.get(at + 1)) {
                (b'\\', Some(&next @ (b'*' | b'?' | b'\\'))) => {
                    run.push(next);
                    at += 1;
                }
                (wildcard @ (b'*' | b'?'), _) => {
                    if !run.is_empty() {
                        parts.push(Part::Bytes(std::mem::take(&mut run)));
                    }
                    parts.push(if wildcard == b'*' { Part::Many } else { Part::One });
                }
                (byte, _) => run.push(byte),
            }
            at += 1;
        }
        if !run.is_empty() {
            parts.push(Part::Bytes(run));
        }
        Text { parts }
    }

    /// The text itself, if it has no wildcard.
    pub fn plain(&self) -> Option<String> {
        match self.parts.as_slice() {
            [] => Some(String::new()),
            [Part::Bytes(bytes)] => String::from_utf8(bytes.clone()).ok(),
            _ => None,
        }
    }

    pub fn open_start(&mut self) {
        if self.parts.first() != Some(&Part::Many) {
            self.parts.insert(0, Part::Many);
        }
    }

    pub fn open_end(&mut self) {
        if self.parts.last() != Some(&Part::Many) {
            self.parts.push(Part::Many);
        }
    }

    /// Each dash that begins a word may be any of the five; `None` when that makes too many variants.
    ///
    /// The appendix speaks of all dashes; the reference implementation changes those before a word and after none, so
    /// that `-param-name` has five variants and not twenty-five, and so do we.
    pub fn windash(&self) -> Option<Vec<Text>> {
        let mut variants = vec![Text { parts: Vec::new() }];
        for part in &self.parts {
            let Part::Bytes(bytes) = part else {
                variants.iter_mut().for_each(|v| v.parts.push(part.clone()));
                continue;
            };
            // A part is cut out of a `&str` at ASCII characters, so it is text.
            let text = String::from_utf8_lossy(bytes);
            let mut runs = vec![Vec::new()];
            let mut before = None;
            let mut chars = text.chars().peekable();
            while let Some(c) = chars.next() {
                let flag = DASHES.contains(&c)
                    && !before.is_some_and(is_word)
                    && chars.peek().copied().is_some_and(is_word);
                let choices: &[char] = if flag { &DASHES } else { &[c] };
                if runs.len() * choices.len() > limits::EXPANSION_MAX {
                    return None;
                }
                if let [only] = choices {
                    runs.iter_mut().for_each(|r| push(r, *only));
                } else {
                    runs = runs
                        .iter()
                        .flat_map(|run| {
                            choices.iter().map(|dash| {
                                let mut run = run.clone();
                                push(&mut run, *dash);
                                run
                            })
                        })
                        .collect();
                }
                before = Some(c);
            }
            if variants.len() * runs.len() > limits::EXPANSION_MAX {
                return None;
            }
            variants = variants
                .iter()
                .flat_map(|variant| {
                    runs.iter().map(|run| {
                        let mut variant = variant.clone();
                        variant.parts.push(Part::Bytes(run.clone()));
                        variant
                    })
                })
                .collect();
        }
        Some(variants)
    }

    /// Writes the text as UTF-16; wildcards stay.
    pub fn utf16(&mut self, how: Utf16) {
        for part in &mut self.parts {
            if let Part::Bytes(bytes) = part {
                let text = String::from_utf8_lossy(bytes).into_owned();
                *bytes = text
                    .encode_utf16()
                    .flat_map(|unit| if how == Utf16::Be { unit.to_be_bytes() } else { unit.to_le_bytes() })
                    .collect();
            }
        }
        if how == Utf16::Bom {
            self.parts.insert(0, Part::Bytes(vec![0xFF, 0xFE]));
        }
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let mut all = Vec::new();
        for part in &self.parts {
            match part {
                Part::Bytes(bytes) => all.extend_from_slice(bytes),
                Part::One | Part::Many => return None,
            }
        }
        Some(all)
    }

    /// `None` when there are wildcards.
    pub fn base64(&self) -> Option<Text> {
        Some(Text { parts: vec![Part::Bytes(STANDARD.encode(self.bytes()?).into_bytes())] })
    }

    /// The parts of the three encodings that do not depend on what stands before and after; `None` with wildcards.
    ///
    /// A shift of one or two bytes spoils the first two or three characters, and an incomplete last group its last
    /// character, because that carries bits of the next byte.
    pub fn base64offset(&self) -> Option<Vec<Text>> {
        let bytes = self.bytes()?;
        let variant = |shift: usize| {
            let mut shifted = vec![b' '; shift];
            shifted.extend_from_slice(&bytes);
            let encoded = STANDARD.encode(&shifted);
            let start = [0, 2, 3][shift];
            let end = encoded.len() - [0, 3, 2][shifted.len() % 3];
            let stable = encoded.get(start..end.max(start)).unwrap_or_default();
            Text { parts: vec![Part::Bytes(stable.as_bytes().to_vec())] }
        };
        // A single byte has shifts without any stable character; they would match everything.
        Some((0..3).map(variant).filter(|t| t.parts != [Part::Bytes(Vec::new())]).collect())
    }

    /// The finished pattern; `None` when an encoding left bytes that no text can hold.
    pub fn glob(self, fold: Fold) -> Option<Glob> {
        let mut tokens: Vec<Token> = Vec::with_capacity(self.parts.len());
        for (index, part) in self.parts.into_iter().enumerate() {
            match part {
                // A byte order mark in decoded text is this one character.
                Part::Bytes(bytes) if index == 0 && bytes == [0xFF, 0xFE] => {
                    tokens.push(Token::Text('\u{FEFF}'.to_string()));
                }
                Part::Bytes(bytes) => {
                    let text = String::from_utf8(bytes).ok()?;
                    match tokens.last_mut() {
                        _ if text.is_empty() => {}
                        Some(Token::Text(before)) => before.push_str(&text),
                        _ => tokens.push(Token::Text(text)),
                    }
                }
                Part::One => tokens.push(Token::One),
                Part::Many if tokens.last() == Some(&Token::Many) => {}
                Part::Many => tokens.push(Token::Many),
            }
        }
        Some(Glob { tokens, fold })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn push(run: &mut Vec<u8>, c: char) {
    run.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(glob: &Glob) -> String {
        glob.tokens
            .iter()
            .map(|t| match t {
                Token::Text(text) => format!("[{text}]"),
                Token::One => "?".to_owned(),
                Token::Many => "*".to_owned(),
            })
            .collect()
    }

    fn parsed(value: &str) -> String {
        show(&Text::parse(value).glob(Fold::Ignore).expect("text"))
    }

    #[test]
    fn escapes_are_those_of_the_specification() {
        let check = |value: &str, expect: &str| assert_eq!(parsed(value), expect, "{value}");
        check("a*b?c", "[a]*[b]?[c]");
        check(r"C:\Windows\cmd.exe", r"[C:\Windows\cmd.exe]");
        check(r"C:\\Windows", r"[C:\Windows]");
        check(r"\*", "[*]");
        check(r"\?", "[?]");
        check(r"\\*", r"[\]*");
        check(r"\\\*", r"[\*]");
        check(r"\\\", r"[\\]");
        check(r"\\\\", r"[\\]");
        check(r"trailing\", r"[trailing\]");
        check(r"a\\?", r"[a\]?");
        check("**", "*");
        check("", "");
        check("é*ü", "[é]*[ü]");
    }

    #[test]
    fn windash_changes_dashes_that_begin_a_word() {
        let count = |value: &str| Text::parse(value).windash().map(|v| v.len());
        assert_eq!(count(" -enc "), Some(5));
        assert_eq!(count(" /enc "), Some(5));
        assert_eq!(count(" -param-name"), Some(5));
        assert_eq!(count(" -s -i cmd"), Some(25));
        assert_eq!(count("--force"), Some(5));
        assert_eq!(count("none"), Some(1));
        assert_eq!(count(&" -a".repeat(6)), None);
        let shown: Vec<_> = Text::parse("*-a")
            .windash()
            .expect("few")
            .into_iter()
            .map(|t| show(&t.glob(Fold::Ignore).expect("text")))
            .collect();
        assert_eq!(shown, ["*[-a]", "*[/a]", "*[–a]", "*[—a]", "*[―a]"]);
    }

    #[test]
    fn base64_in_three_positions_holds_in_any_surrounding() {
        let needles: Vec<String> = Text::parse("foobar")
            .base64offset()
            .expect("plain")
            .into_iter()
            .filter_map(|t| t.plain())
            .collect();
        assert_eq!(needles.len(), 3);
        for before in 0..6 {
            for after in 0..4 {
                let text = format!("{}foobar{}", "x".repeat(before), "y".repeat(after));
                let encoded = STANDARD.encode(&text);
                assert!(needles.iter().any(|n| encoded.contains(n)), "{text}: {encoded} {needles:?}");
            }
        }
        assert_eq!(Text::parse("a*").base64offset(), None);
        assert_eq!(Text::parse("a").base64().and_then(|t| t.plain()).as_deref(), Some("YQ=="));
    }

    #[test]
    fn utf16_of_ascii_is_text_and_of_other_letters_only_bytes() {
        let wide = |value: &str, how| {
            let mut text = Text::parse(value);
            text.utf16(how);
            text
        };
        assert_eq!(wide("ab*", Utf16::Le).glob(Fold::Ignore).map(|g| show(&g)).as_deref(), Some("[a\0b\0]*"));
        assert_eq!(wide("ab", Utf16::Be).glob(Fold::Ignore).map(|g| show(&g)).as_deref(), Some("[\0a\0b]"));
        assert_eq!(
            wide("a", Utf16::Bom).glob(Fold::Ignore).map(|g| show(&g)).as_deref(),
            Some("[\u{feff}a\0]")
        );
        assert_eq!(wide("é", Utf16::Le).glob(Fold::Ignore), None);
        assert_eq!(wide("é", Utf16::Le).base64().and_then(|t| t.plain()).as_deref(), Some("6QA="));
        assert_eq!(wide("a", Utf16::Bom).base64().and_then(|t| t.plain()).as_deref(), Some("//5hAA=="));
    }
}
