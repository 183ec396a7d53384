//! Regular expressions: compiled once each, with the literals that every match contains.

use std::sync::Arc;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;
use regex_syntax::hir::{Class, Hir, HirKind};
use rustc_hash::FxHashMap;

use super::Fault;
use crate::fold::{fold_char, folded};
use crate::limits;
use crate::literals;

/// All regexes of the plan.
#[derive(Debug, Default)]
pub(super) struct Regexes {
    pub compiled: Vec<Regex>,
    known: FxHashMap<Arc<str>, Result<Compiled, Fault>>,
}

/// The regex's index, and folded literals of which each match contains one.
pub(super) type Compiled = (u32, Option<Vec<String>>);

impl Regexes {
    /// Compiles `pattern`, unless that was done.
    pub(super) fn compile(&mut self, pattern: &Arc<str>) -> Result<Compiled, Fault> {
        if let Some(known) = self.known.get(pattern) {
            return known.clone();
        }
        let outcome = self.compile_new(pattern);
        self.known.insert(Arc::clone(pattern), outcome.clone());
        outcome
    }

    fn compile_new(&mut self, pattern: &Arc<str>) -> Result<Compiled, Fault> {
        let fault = |reason: String| Fault::Regex { pattern: pattern.to_string(), reason };
        let hir = syntax::parse(pattern).map_err(|e| fault(e.to_string()))?;
        let config = Config::new()
            .nfa_size_limit(Some(limits::REGEX_BYTES_MAX))
            .hybrid_cache_capacity(limits::REGEX_CACHE_BYTES_MAX);
        let regex =
            Regex::builder().configure(config).build_from_hir(&hir).map_err(|e| match e.size_limit() {
                Some(limit) => Fault::RegexTooLarge { pattern: pattern.to_string(), limit },
                None => fault(e.to_string()),
            })?;
        self.compiled.push(regex);
        let required = match required(&hir) {
            Required::Is(text) if !text.is_empty() => Some(vec![text]),
            Required::OneOf(texts) => Some(texts),
            _ => None,
        };
        Ok(((self.compiled.len() - 1) as u32, required))
    }
}

/// What every match contains.
enum Required {
    /// It is this text, folded.
    Is(String),
    /// It contains one of these, folded.
    OneOf(Vec<String>),
    Nothing,
}

/// Recursion is as deep as the pattern's nesting, which the parser bounds (250).
fn required(hir: &Hir) -> Required {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Required::Is(String::new()),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => Required::Is(folded(text)),
            Err(_) => Required::Nothing,
        },
        HirKind::Class(Class::Unicode(class)) => {
            // `(?i)a` arrives as the class `[Aa]`: one letter once folded.
            let mut chars = class.iter().flat_map(|range| range.start()..=range.end());
            let Some(first) = chars.next().map(fold_char) else { return Required::Nothing };
            if chars.take(8).enumerate().all(|(i, c)| i < 7 && fold_char(c) == first) {
                Required::Is(first.to_string())
            } else {
                Required::Nothing
            }
        }
        HirKind::Class(Class::Bytes(class)) => {
            let mut bytes = class.iter().flat_map(|range| range.start()..=range.end());
            let Some(first) = bytes.next().filter(u8::is_ascii).map(|b| b.to_ascii_lowercase()) else {
                return Required::Nothing;
            };
            if bytes.all(|b| b.is_ascii() && b.to_ascii_lowercase() == first) {
                Required::Is(char::from(first).to_string())
            } else {
                Required::Nothing
            }
        }
        HirKind::Repetition(repetition) => match (repetition.min, required(&repetition.sub)) {
            (0, _) => Required::Nothing,
            (min, Required::Is(text)) if repetition.max == Some(min) && text.len() * min as usize <= 256 => {
                Required::Is(text.repeat(min as usize))
            }
            (_, Required::Is(text)) if !text.is_empty() => Required::OneOf(vec![text]),
            (_, Required::OneOf(texts)) => Required::OneOf(texts),
            _ => Required::Nothing,
        },
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Concat(parts) => concat(parts),
        HirKind::Alternation(parts) => alternation(parts),
    }
}

fn concat(parts: &[Hir]) -> Required {
    let mut run = String::new();
    let mut whole = true;
    let mut best: Option<(f64, Vec<String>)> = None;
    let mut consider = |texts: Vec<String>| {
        let frequency: f64 = texts.iter().map(|t| literals::frequency(t)).sum();
        if texts.iter().all(|t| !t.is_empty()) && best.as_ref().is_none_or(|(least, _)| frequency < *least) {
            best = Some((frequency, texts));
        }
    };
    for part in parts {
        match required(part) {
            Required::Is(text) => run.push_str(&text),
            other => {
                whole = false;
                if !run.is_empty() {
                    consider(vec![std::mem::take(&mut run)]);
                }
                if let Required::OneOf(texts) = other {
                    consider(texts);
                }
            }
        }
    }
    if whole {
        return Required::Is(run);
    }
    if !run.is_empty() {
        consider(vec![run]);
    }
    best.map_or(Required::Nothing, |(_, texts)| Required::OneOf(texts))
}

fn alternation(parts: &[Hir]) -> Required {
    let mut texts = Vec::new();
    for part in parts {
        match required(part) {
            Required::Is(text) if !text.is_empty() => texts.push(text),
            Required::OneOf(some) => texts.extend(some),
            _ => return Required::Nothing,
        }
        if texts.len() > limits::REGEX_LITERALS_MAX {
            return Required::Nothing;
        }
    }
    texts.sort_unstable();
    texts.dedup();
    Required::OneOf(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, expect: Option<&[&str]>) {
        let mut regexes = Regexes::default();
        let (_, found) = regexes.compile(&Arc::from(pattern)).unwrap();
        let found = found.map(|mut f| {
            f.sort();
            f
        });
        assert_eq!(
            found.as_deref(),
            expect.map(|e| e.iter().map(|s| s.to_string()).collect::<Vec<_>>()).as_deref()
        );
    }

    #[test]
    fn finds_the_literal_that_every_match_contains() {
        check("whoami", Some(&["whoami"]));
        check("(?i)Whoami", Some(&["whoami"]));
        check("(?i)system", Some(&["system"]));
        check("^abc.*mimikatz$", Some(&["mimikatz"]));
        check("(foo|barrr)x", Some(&["barrr", "foo"]));
        check("(foo|.*)", None);
        check("(?:curl|wget)\\s+https?://", Some(&["curl", "wget"]));
        check("[0-9]{4}", None);
        check("a{3}bc", Some(&["aaabc"]));
        check("(ab)+c*", Some(&["ab"]));
        check("x*", None);
        check("", None);
    }

    #[test]
    fn refuses_what_is_too_large_or_wrong() {
        let mut regexes = Regexes::default();
        let fault = regexes.compile(&Arc::from("((a{1000}){1000}){1000}")).unwrap_err();
        assert_eq!(fault.code(), "VD-D002", "{fault}");
        let fault = regexes.compile(&Arc::from("a(?=b)")).unwrap_err();
        assert_eq!(fault.code(), "VD-D001", "{fault}");
        assert_eq!(regexes.compile(&Arc::from("a(?=b)")).unwrap_err(), fault);
    }
}
