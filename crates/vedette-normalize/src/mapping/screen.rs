//! What a value cannot be without when a test is to fit it: found once from the test, asked of each value in one pass.
//!
//! A screen may let a value through that does not fit; it never stops one that does.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use super::condition::How;
use super::limits;

/// Bytes that a value may begin with.
pub type FirstBytes = Box<[bool; 256]>;

/// Some of `literals` occurs in the value, and the value begins with one of `first`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// Lower case as far as ASCII goes, to be sought without regard to case; none says nothing.
    pub literals: Vec<Vec<u8>>,
    /// A literal counts at the start of the value alone.
    pub at_start: bool,
    pub first: Option<FirstBytes>,
}

impl Screen {
    /// `None` when the test says too little about its values.
    pub fn of_texts(how: How, values: &[Box<str>]) -> Option<Self> {
        let literals: Vec<Vec<u8>> = values.iter().map(|v| v.as_bytes().to_vec()).collect();
        let useful = rarity(&literals) >= limits::SCREEN_RARITY_MIN;
        useful.then_some(Self { literals, at_start: how == How::StartsWith, first: None })
    }

    /// `None` when the pattern says too little about its values.
    pub fn of_pattern(pattern: &str) -> Option<Self> {
        let hir = regex_syntax::parse(pattern).ok()?;
        let mut literals = Parts::of(&hir).need.unwrap_or_default();
        if rarity(&literals) < limits::SCREEN_RARITY_MIN {
            literals.clear();
        }
        let anchored = hir.properties().look_set_prefix().contains(Look::Start);
        let first = if anchored { first_bytes(&hir) } else { None };
        if literals.is_empty() && first.is_none() {
            return None;
        }
        Some(Self { literals, at_start: false, first })
    }

    /// A guess at how many of a thousand values pass; for choosing between screens.
    pub fn weight(&self) -> u32 {
        let literals = match rarity(&self.literals) {
            0 => 1_000,
            1..=3 => 300,
            4..=5 => 100,
            6..=7 => 30,
            _ => 10,
        };
        let literals = if self.at_start { 10 } else { literals };
        let begins = match &self.first {
            // A dozen bytes of four are half of what messages begin with.
            Some(first) => (first.iter().filter(|b| **b).count() as u32 * 40).clamp(60, 1_000),
            None => 1_000,
        };
        (literals * begins / 1_000).max(5)
    }
}

/// How rarely the commonest of some literals occurs: the sum over its bytes, of which blanks and lower-case letters
/// count less. 0 for none at all.
fn rarity(literals: &[Vec<u8>]) -> usize {
    let of = |literal: &Vec<u8>| -> usize {
        literal.iter().map(|b| if b.is_ascii_lowercase() || *b == b' ' { 1 } else { 2 }).sum()
    };
    literals.iter().map(of).min().unwrap_or(0)
}

/// What is known of a part of a pattern.
#[derive(Default)]
struct Parts {
    /// All texts that the part fits.
    exact: Option<Vec<Vec<u8>>>,
    /// One of these is in every text that the part fits.
    need: Option<Vec<Vec<u8>>>,
}

impl Parts {
    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::exactly(vec![Vec::new()]),
            HirKind::Literal(literal) => Self::exactly(vec![literal.0.to_ascii_lowercase()]),
            HirKind::Class(Class::Unicode(class)) => {
                let count: usize = class
                    .ranges()
                    .iter()
                    .map(|r| (r.end() as usize + 1).saturating_sub(r.start() as usize))
                    .sum();
                if count > limits::SCREEN_LITERALS_MAX {
                    return Self::default();
                }
                let chars = class.ranges().iter().flat_map(|r| r.start()..=r.end());
                Self::exactly(chars.map(|c| c.to_ascii_lowercase().to_string().into_bytes()).collect())
            }
            HirKind::Class(Class::Bytes(_)) => Self::default(),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repetition) => {
                let sub = Self::of(&repetition.sub);
                match (repetition.min, repetition.max, sub.exact) {
                    (0, Some(1), Some(mut exact)) => {
                        exact.push(Vec::new());
                        Self::exactly(exact)
                    }
                    (0, ..) => Self::default(),
                    _ => Self { exact: None, need: sub.need },
                }
            }
            HirKind::Concat(parts) => Self::in_turn(parts),
            HirKind::Alternation(parts) => {
                let parts: Vec<Self> = parts.iter().map(Self::of).collect();
                let exact: Option<Vec<_>> = parts.iter().map(|p| p.exact.clone()).collect();
                match exact.map(|e| e.concat()) {
                    Some(exact) if exact.len() <= limits::SCREEN_LITERALS_MAX => Self::exactly(exact),
                    _ => {
                        let need: Option<Vec<_>> = parts.into_iter().map(|p| p.need).collect();
                        let need =
                            need.map(|n| n.concat()).filter(|n| n.len() <= limits::SCREEN_LITERALS_MAX);
                        Self { exact: None, need }
                    }
                }
            }
        }
    }

    fn exactly(mut literals: Vec<Vec<u8>>) -> Self {
        literals.sort();
        literals.dedup();
        let need = literals.iter().all(|l| !l.is_empty()).then(|| literals.clone());
        Self { exact: Some(literals), need }
    }

    /// Parts one after the other: what adjoins is one literal, of the rest the best is kept.
    fn in_turn(parts: &[Hir]) -> Self {
        let mut run = vec![Vec::new()];
        let mut best: Option<Vec<Vec<u8>>> = None;
        let mut whole = true;
        let better = |best: &mut Option<Vec<Vec<u8>>>, other: Vec<Vec<u8>>| {
            let score = |l: &Vec<Vec<u8>>| (rarity(l), std::cmp::Reverse(l.len()));
            if !other.is_empty()
                && other.iter().all(|l| !l.is_empty())
                && best.as_ref().is_none_or(|b| score(b) < score(&other))
            {
                *best = Some(other);
            }
        };
        for part in parts {
            let part = Self::of(part);
            match part.exact {
                Some(exact) if run.len() * exact.len() <= limits::SCREEN_LITERALS_MAX => {
                    run = run
                        .iter()
                        .flat_map(|head: &Vec<u8>| exact.iter().map(|tail| [&head[..], &tail[..]].concat()))
                        .collect();
                }
                other => {
                    whole = false;
                    better(&mut best, std::mem::take(&mut run));
                    better(&mut best, part.need.unwrap_or_default());
                    run = other.unwrap_or_else(|| vec![Vec::new()]);
                }
            }
        }
        if whole {
            return Self::exactly(run);
        }
        better(&mut best, run);
        Self { exact: None, need: best }
    }
}

/// The bytes that a text can begin with which the pattern fits from its start; `None` when it fits an empty one.
fn first_bytes(hir: &Hir) -> Option<FirstBytes> {
    let mut first = Box::new([false; 256]);
    let empty = collect_first(hir, &mut first);
    (!empty && first.contains(&false)).then_some(first)
}

/// Says whether the part fits an empty text.
fn collect_first(hir: &Hir, first: &mut [bool; 256]) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => literal.0.first().is_none_or(|b| {
            first[usize::from(*b)] = true;
            false
        }),
        HirKind::Class(Class::Unicode(class)) => {
            // In UTF-8 the first bytes rise as the characters do.
            for range in class.ranges() {
                for lead in lead_byte(range.start())..=lead_byte(range.end()) {
                    first[usize::from(lead)] = true;
                }
            }
            false
        }
        HirKind::Class(Class::Bytes(class)) => {
            for range in class.ranges() {
                first[usize::from(range.start())..=usize::from(range.end())].fill(true);
            }
            false
        }
        HirKind::Capture(capture) => collect_first(&capture.sub, first),
        HirKind::Repetition(repetition) => collect_first(&repetition.sub, first) || repetition.min == 0,
        HirKind::Concat(parts) => parts.iter().all(|part| collect_first(part, first)),
        HirKind::Alternation(parts) => {
            let mut empty = false;
            for part in parts {
                empty |= collect_first(part, first);
            }
            empty
        }
    }
}

fn lead_byte(c: char) -> u8 {
    let mut bytes = [0; 4];
    c.encode_utf8(&mut bytes);
    bytes[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(pattern: &str, literals: &[&str], first: &str) {
        let screen = Screen::of_pattern(pattern);
        let found: Vec<String> = screen
            .iter()
            .flat_map(|s| &s.literals)
            .map(|l| String::from_utf8_lossy(l).into_owned())
            .collect();
        assert_eq!(found, literals, "{pattern}");
        let begins: String = (0..128u8)
            .filter(|b| screen.as_ref().and_then(|s| s.first.as_ref()).is_some_and(|f| f[usize::from(*b)]))
            .map(char::from)
            .collect();
        assert_eq!(begins, first, "{pattern}");
    }

    #[test]
    fn patterns_say_what_they_need() {
        check("%ASA-", &["%asa-"], "");
        check("^%(?:ASA|FTD)-", &["%asa-", "%ftd-"], "%");
        check(r"\[\w+\]\[0x", &["][0x"], "");
        check(r"^\d+ LOG: ", &[" log: "], "0123456789");
        check(r"^(?i:NTNX-)", &["ntnx-"], "Nn");
        check(r"a\d?bc_x+", &["bc_"], "");
        check(r"^(?:cat )?dog_", &["cat dog_", "dog_"], "cd");
        check(r"\s+\S*", &[], "");
        check(r"^", &[], "");
        check(r"(?:one_|two_\d)\w", &["one_", "two_"], "");
        check(r"(?:one_|\d)", &[], "");
        check(r"^[^a]*", &[], "");
    }

    const PATTERNS: [&str; 8] = [
        r"^(?:ab?c|b+-c)\d*-",
        r"(?:a-|b-)(?:c1|b2)?-[ab]",
        r"^(?i:Ab-)c",
        r"(?:^|-)ab[0-9]: ",
        r"^[^b]-",
        r"(?:a{2}-|-b*){2}c-",
        r"(?:^a|b-)(c_)+",
        r"(?m)^a-b",
    ];

    proptest! {
        #[test]
        fn what_fits_passes(text in "[aAbBc12 :_\n-]{0,12}", which in 0..PATTERNS.len()) {
            if regex::Regex::new(PATTERNS[which]).unwrap().is_match(&text)
                && let Some(screen) = Screen::of_pattern(PATTERNS[which])
            {
                let lower = text.to_ascii_lowercase();
                let found = |l: &Vec<u8>| memchr::memmem::find(lower.as_bytes(), l).is_some();
                prop_assert!(screen.literals.is_empty() || screen.literals.iter().any(found));
                let begins = text.bytes().next();
                prop_assert!(screen.first.is_none_or(|f| begins.is_some_and(|b| f[usize::from(b)])));
            }
        }
    }
}
