//! Many literals searched in one value at once: exact, prefix and suffix literals by tries, the rest by their rarest
//! four bytes.
//!
//! An automaton over all literals pays for every byte with a dependent load. Here a byte costs one lookup in a bitmap
//! that stays in the first-level cache, and a literal is compared only where four bytes of it, chosen to be rare,
//! stand.

mod grams;
mod rarity;
mod trie;

pub use rarity::frequency;

use std::ops::ControlFlow;

use memchr::memmem;

use crate::glob::Anchor;

use grams::Grams;
use trie::Trie;

/// A set of folded literals, each with an id of the caller's choice.
#[derive(Debug, Default)]
pub struct LiteralSet {
    /// From the value's start: prefixes, and exact literals that must also end with the value.
    starts: Trie,
    /// From the value's end backwards.
    ends: Trie,
    within: Grams,
    /// Literals of fewer than four bytes, searched one by one.
    short: Vec<(memmem::Finder<'static>, u32)>,
}

impl LiteralSet {
    /// Builds the set. The same literal may come several times with different ids.
    pub fn new<'a>(literals: impl IntoIterator<Item = (Anchor, &'a str, u32)>) -> Self {
        let mut starts = Vec::new();
        let mut ends = Vec::new();
        let mut within = Vec::new();
        let mut short = Vec::new();
        for (anchor, text, id) in literals {
            match anchor {
                Anchor::Exact => starts.push((text.as_bytes(), id, true)),
                Anchor::Start => starts.push((text.as_bytes(), id, false)),
                Anchor::End => ends.push((text.as_bytes(), id, false)),
                Anchor::Within if text.len() < grams::GRAM => {
                    short.push((memmem::Finder::new(text.as_bytes()).into_owned(), id));
                }
                Anchor::Within => within.push((text.as_bytes(), id)),
            }
        }
        Self { starts: Trie::forward(starts), ends: Trie::backward(ends), within: Grams::new(within), short }
    }

    /// Calls `hit` with the id of each literal that stands in `text`, in no order, perhaps more than once; stops when
    /// told to.
    pub fn scan(&self, text: &str, mut hit: impl FnMut(u32) -> ControlFlow<()>) -> ControlFlow<()> {
        let bytes = text.as_bytes();
        self.starts.scan_forward(bytes, &mut hit)?;
        self.ends.scan_backward(bytes, &mut hit)?;
        for (finder, id) in &self.short {
            if finder.find(bytes).is_some() {
                hit(*id)?;
            }
        }
        self.within.scan(bytes, &mut hit)
    }

    /// Whether any literal stands in `text`.
    pub fn any(&self, text: &str) -> bool {
        self.scan(text, |_| ControlFlow::Break(())).is_break()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn holds(anchor: Anchor, literal: &str, text: &str) -> bool {
        match anchor {
            Anchor::Exact => text == literal,
            Anchor::Start => text.starts_with(literal),
            Anchor::End => text.ends_with(literal),
            Anchor::Within => text.contains(literal),
        }
    }

    fn anchor() -> impl Strategy<Value = Anchor> {
        prop_oneof![Just(Anchor::Exact), Just(Anchor::Start), Just(Anchor::End), Just(Anchor::Within)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn finds_what_a_search_one_by_one_finds(
            literals in proptest::collection::vec((anchor(), "[ab\\\\ä]{0,7}"), 0..24),
            text in "[ab\\\\ä]{0,24}",
        ) {
            let set = LiteralSet::new(literals.iter().enumerate().map(|(i, (a, l))| (*a, l.as_str(), i as u32)));
            let mut found = vec![false; literals.len()];
            let _ = set.scan(&text, |id| { found[id as usize] = true; ControlFlow::Continue(()) });
            for (i, (a, l)) in literals.iter().enumerate() {
                prop_assert_eq!(found[i], holds(*a, l, &text), "{:?} {:?} in {:?}", a, l, text);
            }
            prop_assert_eq!(set.any(&text), found.iter().any(|f| *f));
        }
    }

    #[test]
    fn a_long_common_beginning_needs_no_deep_stack() {
        let long = "a".repeat(200_000);
        let set = LiteralSet::new([(Anchor::Start, long.as_str(), 0), (Anchor::Start, "ab", 1)]);
        assert!(set.any(&long));
        assert!(!set.any("aac"));
    }
}
