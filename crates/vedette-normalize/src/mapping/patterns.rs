//! Several patterns over one text, of which the first that fits wins: one pass says which of them can fit at all.

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex};

use super::screen::Screen;

/// Patterns in their order, and what their texts must hold. Those beyond 64 are always tried.
#[derive(Debug, Clone, Default)]
pub struct Patterns {
    all: Vec<Regex>,
    screens: Option<Box<Screens>>,
}

/// Sets of patterns are bits.
#[derive(Debug, Clone)]
struct Screens {
    /// Patterns that no literal is known of.
    without: u64,
    /// Patterns that can begin with a byte.
    by_first: [u64; 256],
    automaton: AhoCorasick,
    by_literal: Vec<u64>,
}

impl Patterns {
    pub fn new(all: Vec<Regex>) -> Self {
        let screens = Screens::new(&all).map(Box::new);
        Self { all, screens }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Regex> {
        self.all.iter()
    }

    /// The first pattern that fits, with what it captured.
    pub fn first<'t>(&self, text: &'t str) -> Option<(&Regex, Captures<'t>)> {
        let can = self.screens.as_ref().map_or(u64::MAX, |s| s.can_fit(text));
        let possible = |number: usize| number >= 64 || can & (1 << number) != 0;
        let tried = self.all.iter().enumerate().filter(|(number, _)| possible(*number));
        tried.map(|(_, pattern)| pattern).find_map(|p| Some((p, p.captures(text)?)))
    }
}

impl Screens {
    /// `None` where there is little to spare.
    fn new(all: &[Regex]) -> Option<Self> {
        if all.len() < 2 {
            return None;
        }
        let mut without = 0;
        let mut by_first = [u64::MAX; 256];
        let (mut literals, mut by_literal) = (Vec::new(), Vec::new());
        for (number, pattern) in all.iter().take(64).enumerate() {
            let bit = 1 << number;
            let screen = Screen::of_pattern(pattern.as_str());
            let Some(screen) = screen else {
                without |= bit;
                continue;
            };
            if screen.literals.is_empty() {
                without |= bit;
            }
            for literal in screen.literals {
                literals.push(literal);
                by_literal.push(bit);
            }
            if let Some(first) = screen.first {
                let bytes = by_first.iter_mut().zip(first.iter()).filter(|(_, can)| !**can);
                bytes.for_each(|(patterns, _)| *patterns &= !bit);
            }
        }
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(&literals).ok()?;
        Some(Self { without, by_first, automaton, by_literal })
    }

    fn can_fit(&self, text: &str) -> u64 {
        let Some(first) = text.as_bytes().first() else { return u64::MAX };
        let literals = self.automaton.find_overlapping_iter(text);
        let found = literals.fold(self.without, |all, m| all | self.by_literal[m.pattern().as_usize()]);
        found & self.by_first[usize::from(*first)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PATTERNS: [&str; 9] = [
        r"^Failed (?P<a>\w+) for",
        r"(?i)failed (?P<b>\w+)",
        r"user (?P<c>\w+) from (?P<d>\S+)",
        r"^(?P<e>\d+) user",
        r"(?:for|to) (?P<f>user|root)$",
        r"^user",
        r"(?P<g>\d+)",
        r"^(?m:^x)?",
        r"nothing like it",
    ];
    const WORDS: [&str; 9] = ["Failed", "FAILED", "for", "user", "root", "from", "7", "to", "x\n"];

    proptest! {
        #[test]
        fn the_first_is_that_of_trying_all(
            words in prop::collection::vec((0..WORDS.len(), "[ \n:]?"), 0..7),
            patterns in prop::collection::vec(0..PATTERNS.len(), 0..80),
        ) {
            let text: String = words.iter().map(|(w, blank)| format!("{}{blank}", WORDS[*w])).collect();
            let all: Vec<Regex> = patterns.iter().map(|p| Regex::new(PATTERNS[*p]).unwrap()).collect();
            let slow = all.iter().find_map(|p| Some((p.as_str().to_owned(), p.captures(&text)?.get(0)?.range())));
            let patterns = Patterns::new(all);
            let fast = patterns.first(&text);
            let fast = fast.and_then(|(p, c)| Some((p.as_str().to_owned(), c.get(0)?.range())));
            prop_assert_eq!(fast, slow);
        }
    }
}
