//! STIX patterns that say which one thing to look for: comparisons joined by OR. What asks for more is left out, with
//! the reason; of conditions joined by AND the strongest is taken alone, and marked.
//!
//! Source: STIX 2.1 section 9.

use super::value::Hint;
use crate::limits::{PATTERN_BYTES_MAX, PATTERN_DEPTH_MAX};

/// One value to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    pub value: String,
    pub hint: Hint,
    /// The pattern asks for more beside it.
    pub widened: bool,
}

/// What a pattern comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Each of them is reason enough.
    pub taken: Vec<Condition>,
    /// Alternatives that cannot be looked for: reason and text.
    pub left_out: Vec<(String, String)>,
}

/// Reads a pattern.
///
/// # Errors
/// Why nothing of it can be looked for.
pub fn read(pattern: &str) -> Result<Conditions, String> {
    if pattern.trim().is_empty() {
        return Err("an indicator without a pattern".to_owned());
    }
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err("a pattern that is too long".to_owned());
    }
    let tokens = tokens(pattern)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let found = parser.observations()?;
    if parser.at < tokens.len() {
        return Err(MALFORMED.to_owned());
    }
    if found.taken.is_empty() {
        let reason = found.left_out.into_iter().next().map(|(reason, _)| reason);
        return Err(reason.unwrap_or_else(|| MALFORMED.to_owned()));
    }
    Ok(found)
}

const MALFORMED: &str = "a pattern that is no STIX pattern";

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// A name, path, operator or number.
    Word(String),
    Text(String),
    Mark(char),
}

impl Token {
    fn word(&self, name: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(name))
    }
}

fn tokens(pattern: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(&c) = chars.peek() {
        match c {
            c if c.is_whitespace() => {
                chars.next();
            }
            '\'' => {
                chars.next();
                tokens.push(Token::Text(quoted(&mut chars)?));
            }
            '[' | ']' | '(' | ')' | ',' => {
                chars.next();
                tokens.push(Token::Mark(c));
            }
            '=' | '!' | '<' | '>' => {
                let mut word = String::new();
                while let Some(c) = chars.next_if(|c| matches!(c, '=' | '!' | '<' | '>')) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
            _ => {
                // A path may hold quoted parts and indexes: `file:hashes.'SHA-256'`, `x:refs[*].value`.
                let mut word = String::new();
                while let Some(&c) = chars.peek() {
                    match c {
                        '\'' if word.ends_with('.') || word.ends_with(':') => {
                            chars.next();
                            word.push_str(&quoted(&mut chars)?);
                        }
                        '[' if word.contains(':') => {
                            for c in chars.by_ref() {
                                word.push(c);
                                if c == ']' {
                                    break;
                                }
                            }
                        }
                        '[' | ']' | '(' | ')' | ',' | '=' | '!' | '<' | '>' | '\'' => break,
                        c if c.is_whitespace() => break,
                        c => {
                            word.push(c);
                            chars.next();
                        }
                    }
                }
                if word.is_empty() {
                    return Err(MALFORMED.to_owned());
                }
                tokens.push(Token::Word(word));
            }
        }
    }
    Ok(tokens)
}

/// The text up to the closing quote; `\'` and `\\` are a quote and a backslash.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, String> {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\'' => return Ok(text),
            '\\' => text.push(chars.next().ok_or(MALFORMED)?),
            c => text.push(c),
        }
    }
    Err("a pattern with a text that does not end".to_owned())
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, mark: char) -> bool {
        let there = self.peek() == Some(&Token::Mark(mark));
        self.at += usize::from(there);
        there
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let there = self.peek().is_some_and(|t| t.word(word));
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, mark: char) -> Result<(), String> {
        if self.takes(mark) { Ok(()) } else { Err(MALFORMED.to_owned()) }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        if self.depth >= PATTERN_DEPTH_MAX {
            return Err("a pattern that is nested too deep".to_owned());
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn observations(&mut self) -> Result<Conditions, String> {
        let mut all = self.observation()?;
        loop {
            if self.takes_word("OR") {
                let other = self.observation()?;
                all.taken.extend(other.taken);
                all.left_out.extend(other.left_out);
            } else if self.peek().is_some_and(|t| t.word("AND") || t.word("FOLLOWEDBY")) {
                return Err("a pattern of several observations that belong together".to_owned());
            } else if self.peek().is_some_and(|t| t.word("WITHIN") || t.word("REPEATS") || t.word("START")) {
                return Err("a pattern that counts or bounds observations in time".to_owned());
            } else {
                return Ok(all);
            }
        }
    }

    fn observation(&mut self) -> Result<Conditions, String> {
        if self.takes('(') {
            let inner = self.deeper(Self::observations)?;
            self.expect(')')?;
            return Ok(inner);
        }
        self.expect('[')?;
        let inner = self.either()?;
        self.expect(']')?;
        Ok(inner)
    }

    fn either(&mut self) -> Result<Conditions, String> {
        let mut all = self.together()?;
        while self.takes_word("OR") {
            let other = self.together()?;
            all.taken.extend(other.taken);
            all.left_out.extend(other.left_out);
        }
        Ok(all)
    }

    fn together(&mut self) -> Result<Conditions, String> {
        let start = self.at;
        let mut parts = vec![self.comparison()?];
        while self.takes_word("AND") {
            parts.push(self.comparison()?);
        }
        // `dst_ref.type = 'ipv4-addr'` only says what the value beside it is.
        parts.retain(|p| *p != Part::Neutral);
        if parts.len() == 1
            && let Some(Part::Of(one)) = parts.pop()
        {
            return Ok(one);
        }
        let of = |part: &Part| match part {
            Part::Of(conditions) if conditions.left_out.is_empty() => Some(conditions.clone()),
            _ => None,
        };
        // Digests of one file say the same of it: any of them will do. So do a name and the address it resolves to, which
        // MISP calls `domain|ip`.
        let all: Option<Vec<Conditions>> = parts.iter().map(of).collect();
        let only = |hints: &[Hint], all: &[Conditions]| {
            !all.is_empty() && all.iter().flat_map(|c| &c.taken).all(|c| hints.contains(&c.hint))
        };
        let alike =
            |all: &Vec<Conditions>| only(&[Hint::Hash], all) || only(&[Hint::Domain, Hint::Host], all);
        if let Some(all) = all.filter(alike) {
            return Ok(Conditions {
                taken: all.into_iter().flat_map(|c| c.taken).collect(),
                left_out: Vec::new(),
            });
        }
        let strongest = parts.iter().filter_map(of).max_by_key(strength);
        match strongest {
            Some(mut strongest) if strength(&strongest) > NAME_STRENGTH => {
                strongest.taken.iter_mut().for_each(|c| c.widened = true);
                Ok(strongest)
            }
            _ => Ok(Conditions {
                taken: Vec::new(),
                left_out: vec![(
                    "a pattern whose conditions are only telling together".to_owned(),
                    self.shown(start),
                )],
            }),
        }
    }

    fn comparison(&mut self) -> Result<Part, String> {
        if self.takes('(') {
            let inner = self.deeper(Self::either)?;
            self.expect(')')?;
            return Ok(Part::Of(inner));
        }
        let start = self.at;
        if self.takes_word("EXISTS") {
            self.at += 1;
            return Ok(self.leave_out(start, "a pattern that asks whether something exists"));
        }
        let negated = self.takes_word("NOT");
        let Some(Token::Word(path)) = self.peek() else { return Err(MALFORMED.to_owned()) };
        self.at += 1;
        let negated = self.takes_word("NOT") || negated;
        let Some(Token::Word(operator)) = self.peek() else { return Err(MALFORMED.to_owned()) };
        self.at += 1;
        let values = self.values()?;
        let operator = operator.to_ascii_uppercase();
        let hint = hint(path);
        let supported = match operator.as_str() {
            "=" | "IN" => true,
            "ISSUBSET" => hint == Some(Hint::Address),
            _ => false,
        };
        if path.ends_with("_ref.type") || path.ends_with(":type") {
            return Ok(Part::Neutral);
        }
        if negated || operator == "!=" {
            return Ok(self.leave_out(start, "a pattern that says what shall not be"));
        }
        let Some(hint) = hint else {
            let object = super::cut(path.split([':', '.']).next().unwrap_or_default(), 40).to_owned();
            let rest = super::cut(path.get(object.len() + 1..).unwrap_or_default(), 40);
            return Ok(self.leave_out(start, &format!("a pattern on {object}:{rest}")));
        };
        if !supported {
            return Ok(self.leave_out(start, &format!("a pattern with {operator}")));
        }
        let taken = values.into_iter().map(|value| Condition { value, hint, widened: false }).collect();
        Ok(Part::Of(Conditions { taken, left_out: Vec::new() }))
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        let one = |parser: &mut Self| match parser.peek() {
            Some(Token::Text(text)) => {
                parser.at += 1;
                Ok(text.clone())
            }
            Some(Token::Word(word)) => {
                parser.at += 1;
                // `h'...'`, `b'...'`, `t'...'`: the text behind the letter.
                match parser.peek() {
                    Some(Token::Text(text)) if word.len() == 1 => {
                        parser.at += 1;
                        Ok(text.clone())
                    }
                    _ => Ok(word.clone()),
                }
            }
            _ => Err(MALFORMED.to_owned()),
        };
        if !self.takes('(') {
            return Ok(vec![one(self)?]);
        }
        let mut values = vec![one(self)?];
        while self.takes(',') {
            values.push(one(self)?);
        }
        self.expect(')')?;
        Ok(values)
    }

    fn leave_out(&self, start: usize, reason: &str) -> Part {
        Part::Of(Conditions { taken: Vec::new(), left_out: vec![(reason.to_owned(), self.shown(start))] })
    }

    fn shown(&self, start: usize) -> String {
        let words = self.tokens[start..self.at.min(self.tokens.len())].iter().map(|t| match t {
            Token::Word(word) => word.clone(),
            Token::Text(text) => format!("'{text}'"),
            Token::Mark(mark) => mark.to_string(),
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Of(Conditions),
    /// Says nothing that could be looked for and need not be.
    Neutral,
}

const NAME_STRENGTH: u8 = 1;

/// How much the weakest of the alternatives says.
fn strength(conditions: &Conditions) -> u8 {
    let one = |c: &Condition| match c.hint {
        Hint::Hash => 5,
        Hint::Url => 4,
        Hint::Address => 3,
        Hint::Domain | Hint::Host => 2,
        Hint::FileName | Hint::Any => NAME_STRENGTH,
    };
    conditions.taken.iter().map(one).min().unwrap_or(0)
}

/// What the value under an object path is; `None` for what logs are not searched for.
fn hint(path: &str) -> Option<Hint> {
    let (object, property) = path.split_once(':')?;
    let property = property.to_ascii_lowercase();
    let digest = property.rsplit_once("hashes.").map(|(_, name)| name.replace(['-', '_', '\'', '"'], ""));
    if let Some(name) = digest {
        return ["md5", "sha1", "sha256", "sha384", "sha512"].contains(&name.as_str()).then_some(Hint::Hash);
    }
    match (object, property.as_str()) {
        ("ipv4-addr" | "ipv6-addr", "value") => Some(Hint::Address),
        ("domain-name", "value") => Some(Hint::Domain),
        ("url", "value") => Some(Hint::Url),
        ("file", "name") => Some(Hint::FileName),
        ("network-traffic", "dst_ref.value" | "src_ref.value") => Some(Hint::Host),
        ("domain-name", property)
            if property.starts_with("resolves_to_refs[") && property.ends_with("].value") =>
        {
            Some(Hint::Host)
        }
        ("email-message", _) => None,
        (_, property) if property.ends_with("image_ref.name") || property.ends_with("binary_ref.name") => {
            Some(Hint::FileName)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pattern: &str) -> Vec<String> {
        let mark = |c: &Condition| if c.widened { format!("{}+", c.value) } else { c.value.clone() };
        read(pattern)
            .map(|c| c.taken.iter().map(mark).collect())
            .unwrap_or_else(|reason| vec![format!("! {reason}")])
    }

    #[test]
    fn patterns_of_one_thing_are_taken() {
        for (pattern, expect) in [
            ("[ipv4-addr:value = '203.0.113.7']", &["203.0.113.7"][..]),
            ("[ipv4-addr:value ISSUBSET '203.0.113.0/24']", &["203.0.113.0/24"]),
            (
                "[domain-name:value='a.net' OR domain-name:value = 'b.net'] OR ([url:value IN ('http://c.net/x', 'http://d.net/y')])",
                &["a.net", "b.net", "http://c.net/x", "http://d.net/y"],
            ),
            ("[file:hashes.'SHA-256' = 'aa' OR file:hashes.MD5 = 'bb']", &["aa", "bb"]),
            ("[file:hashes.'SHA-256' = 'aa' AND file:hashes.MD5 = 'bb']", &["aa", "bb"]),
            ("[file:name = 'it\\'s.exe']", &["it's.exe"]),
            (
                "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.7']",
                &["203.0.113.7"],
            ),
            (
                "[network-traffic:dst_ref.value = '203.0.113.7' AND network-traffic:dst_port = 443]",
                &["203.0.113.7+"],
            ),
            ("[file:name = 'x.exe' AND file:hashes.MD5 = 'bb']", &["bb+"]),
        ] {
            assert_eq!(taken(pattern), expect, "{pattern}");
        }
    }

    #[test]
    fn what_asks_for_more_is_left_out_with_the_reason() {
        for (pattern, reason) in [
            ("[a:b = 'x'] FOLLOWEDBY [a:b = 'y']", "several observations"),
            ("[ipv4-addr:value = 'x'] AND [ipv4-addr:value = 'y']", "several observations"),
            ("[ipv4-addr:value = 'x'] REPEATS 5 TIMES", "counts or bounds"),
            ("[ipv4-addr:value != 'x']", "shall not be"),
            ("[url:value NOT LIKE 'x%']", "shall not be"),
            ("[url:value LIKE 'x%']", "with LIKE"),
            ("[url:value MATCHES 'x.*']", "with MATCHES"),
            ("[windows-registry-key:key = 'HKLM']", "on windows-registry-key:key"),
            ("[file:name = 'x.exe' AND file:size = 17]", "only telling together"),
            ("[EXISTS ipv4-addr:value]", "exists"),
            ("ipv4-addr:value = 'x'", "no STIX pattern"),
            ("[ipv4-addr:value = 'x", "does not end"),
            ("", "without a pattern"),
        ] {
            let error = read(pattern).expect_err(pattern);
            assert!(error.contains(reason), "{pattern}: {error}");
        }
        assert!(read(&format!("{}[a:b = 'x']", "(".repeat(10_000))).is_err());
        let mixed =
            read("[domain-name:value = 'a.net' OR email-addr:value = 'a@b.net']").expect("half of it");
        assert_eq!((mixed.taken.len(), mixed.left_out.len()), (1, 1));
    }
}
