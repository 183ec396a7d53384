//! Which mappings (or envelopes) can be a record's at all: one pass over its fields instead of a trial of each.
//!
//! At load each condition gives up one of its tests, the one that is likely to fail most often, as its *trigger*. A
//! record's fields pull triggers; only where one was pulled the whole condition is asked, in the mappings' order. So
//! the choice is that of trying all in order, whatever the triggers are.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind};
use rustc_hash::FxHashMap;
use vedette_model::Native;

use crate::mapping::condition::{Condition, How, Test, cut};
use crate::mapping::limits;
use crate::mapping::names::{Lookup, NameId, Names};
use crate::mapping::screen::{FirstBytes, Screen};

/// The conditions of one input by their triggers.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// By the number of the name; as long as the largest.
    by_name: Vec<Option<Box<Anchor>>>,
    /// Beginnings of names that are not known beforehand.
    below: Vec<(Box<str>, u32)>,
    always: Vec<u32>,
    items: u32,
}

/// What the values of one field pull.
#[derive(Debug, Default)]
struct Anchor {
    exists: Vec<u32>,
    equals: FxHashMap<Box<str>, Vec<u32>>,
    /// Bytes of the longest key of `equals`.
    equals_bytes_max: usize,
    first: Vec<(FirstBytes, u32)>,
    literals: Vec<(Vec<u8>, Gated)>,
    screens: Option<Screens>,
}

/// `first` and `literals` as they are asked.
#[derive(Debug)]
struct Screens {
    by_first: Vec<Vec<u32>>,
    automaton: Option<AhoCorasick>,
    /// By the number of the automaton's pattern.
    by_literal: Vec<Vec<Gated>>,
}

/// A literal pulls for `item` when it stands where it must.
#[derive(Debug, Clone)]
struct Gated {
    item: u32,
    at_start: bool,
    first: Option<FirstBytes>,
}

#[derive(Debug, Clone)]
enum Trigger {
    Exists(NameId),
    ExistsBelow(Box<str>),
    Equals(NameId, Vec<Box<str>>),
    Screen(NameId, Screen),
}

/// Buffers of choosing.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// A bit for each item.
    pulled: Vec<u64>,
    pub lowered: String,
}

impl Candidates {
    fn pull(&mut self, items: &[u32]) {
        for &item in items {
            self.pulled[item as usize / 64] |= 1 << (item % 64);
        }
    }

    /// In the order of the items.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.pulled.iter().enumerate().flat_map(|(word, &bits)| {
            std::iter::successors(Some(bits), |bits| Some(bits & bits.wrapping_sub(1)))
                .take_while(|bits| *bits != 0)
                .map(move |bits| word * 64 + bits.trailing_zeros() as usize)
        })
    }
}

impl Index {
    /// `names` must hold all names that a record is looked up by.
    pub fn new<'a>(conditions: impl Iterator<Item = (u32, &'a Condition)> + Clone, names: &Names) -> Self {
        let mut users: FxHashMap<NameId, u32> = FxHashMap::default();
        for (_, condition) in conditions.clone() {
            let mut own = Vec::new();
            condition.names(&mut |name| own.push(name));
            own.sort_unstable();
            own.dedup();
            own.into_iter().for_each(|name| *users.entry(name).or_default() += 1);
        }
        let chooser = Chooser { names, users };
        let mut index = Self::default();
        for (item, condition) in conditions {
            index.items = index.items.max(item + 1);
            match chooser.triggers(condition) {
                None => index.always.push(item),
                Some((_, triggers)) => triggers.into_iter().for_each(|t| index.add(item, t, names)),
            }
        }
        index.by_name.iter_mut().flatten().for_each(|anchor| anchor.finish());
        index
    }

    pub fn is_empty(&self) -> bool {
        self.items == 0
    }

    fn add(&mut self, item: u32, trigger: Trigger, names: &Names) {
        match trigger {
            Trigger::Exists(name) => self.anchor(name).exists.push(item),
            Trigger::ExistsBelow(prefix) => {
                for name in (0..names.len() as u32).map(NameId) {
                    if names.text(name).starts_with(&*prefix) {
                        self.anchor(name).exists.push(item);
                    }
                }
                self.below.push((prefix, item));
            }
            Trigger::Equals(name, values) => {
                let anchor = self.anchor(name);
                for value in values {
                    anchor.equals_bytes_max = anchor.equals_bytes_max.max(value.len());
                    anchor.equals.entry(value).or_default().push(item);
                }
            }
            Trigger::Screen(name, Screen { literals, at_start, first }) => {
                let anchor = self.anchor(name);
                match first {
                    Some(first) if literals.is_empty() => anchor.first.push((first, item)),
                    first => {
                        let gated = Gated { item, at_start, first };
                        anchor.literals.extend(literals.into_iter().map(|l| (l, gated.clone())));
                    }
                }
            }
        }
    }

    fn anchor(&mut self, name: NameId) -> &mut Anchor {
        let index = name.0 as usize;
        if self.by_name.len() <= index {
            self.by_name.resize_with(index + 1, || None);
        }
        self.by_name[index].get_or_insert_default()
    }

    /// Finds every item whose condition can hold, and few others.
    pub fn candidates(&self, native: &Native, lookup: &Lookup, candidates: &mut Candidates) {
        candidates.pulled.clear();
        candidates.pulled.resize(self.items.div_ceil(64) as usize, 0);
        candidates.pull(&self.always);
        for (slot, id) in lookup.ids.iter().enumerate() {
            if let Some(anchor) = self.by_name.get(id.0 as usize) {
                if let Some(anchor) = anchor {
                    anchor.pull(native, slot, candidates);
                }
            } else if *id == NameId::NONE && !self.below.is_empty() {
                let name = native.name(slot);
                for (prefix, item) in &self.below {
                    if name.starts_with(&**prefix) {
                        candidates.pull(&[*item]);
                    }
                }
            }
        }
    }
}

impl Anchor {
    fn finish(&mut self) {
        if self.first.is_empty() && self.literals.is_empty() {
            return;
        }
        let mut by_first = Vec::new();
        if !self.first.is_empty() {
            by_first.resize(256, Vec::new());
            for (first, item) in self.first.drain(..) {
                let bytes = by_first.iter_mut().zip(first.iter()).filter(|(_, fits)| **fits);
                bytes.for_each(|(items, _)| items.push(item));
            }
        }
        self.literals.sort_by(|a, b| (&a.0, a.1.item).cmp(&(&b.0, b.1.item)));
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        let mut by_literal: Vec<Vec<Gated>> = Vec::new();
        for (literal, gated) in self.literals.drain(..) {
            if patterns.last() != Some(&literal) {
                patterns.push(literal);
                by_literal.push(Vec::new());
            }
            if let Some(all) = by_literal.last_mut() {
                all.push(gated);
            }
        }
        let small = patterns.iter().map(Vec::len).sum::<usize>() <= limits::SCREEN_TABLE_BYTES_MAX;
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .kind(small.then_some(AhoCorasickKind::DFA))
            .build(&patterns);
        if automaton.is_err() {
            // Literals beyond what an automaton can number: every value is let through.
            self.exists.extend(by_literal.iter().flatten().map(|g| g.item));
        }
        let automaton = automaton.ok().filter(|_| !patterns.is_empty());
        self.screens = Some(Screens { by_first, automaton, by_literal });
    }

    fn pull(&self, native: &Native, slot: usize, candidates: &mut Candidates) {
        candidates.pull(&self.exists);
        if self.equals.is_empty() && self.screens.is_none() {
            return;
        }
        let value = cut(native.value(slot));
        if value.len() <= self.equals_bytes_max && !self.equals.is_empty() {
            let mut lowered = std::mem::take(&mut candidates.lowered);
            lowered.clear();
            lowered.push_str(value);
            lowered.make_ascii_lowercase();
            if let Some(items) = self.equals.get(lowered.as_str()) {
                candidates.pull(items);
            }
            candidates.lowered = lowered;
        }
        let (Some(screens), Some(&begins)) = (&self.screens, value.as_bytes().first()) else { return };
        if let Some(items) = screens.by_first.get(usize::from(begins)) {
            candidates.pull(items);
        }
        let Some(automaton) = &screens.automaton else { return };
        for found in automaton.find_overlapping_iter(value) {
            for gated in &screens.by_literal[found.pattern().as_usize()] {
                if (!gated.at_start || found.start() == 0)
                    && gated.first.as_ref().is_none_or(|f| f[usize::from(begins)])
                {
                    candidates.pull(&[gated.item]);
                }
            }
        }
    }
}

struct Chooser<'a> {
    names: &'a Names,
    /// How many conditions read a name.
    users: FxHashMap<NameId, u32>,
}

impl Chooser<'_> {
    /// Of tests that must all hold, the one that says no most often, with a guess at how many of a thousand records it
    /// lets through. `None` when nothing must be there for the condition to hold.
    fn triggers(&self, condition: &Condition) -> Option<(u32, Vec<Trigger>)> {
        let best = condition.all.iter().filter_map(|test| self.test(test));
        best.min_by_key(|(weight, _)| *weight)
    }

    fn test(&self, test: &Test) -> Option<(u32, Vec<Trigger>)> {
        let exists = |name: &NameId| (self.commonness(*name), vec![Trigger::Exists(*name)]);
        let screened = |name: &NameId, screen: Option<Screen>| match screen {
            Some(screen) => (screen.weight(), vec![Trigger::Screen(*name, screen)]),
            None => exists(name),
        };
        Some(match test {
            Test::Exists(name) => exists(name),
            Test::ExistsBelow(prefix) => (20, vec![Trigger::ExistsBelow(prefix.clone())]),
            // The word of a test without values: it never holds.
            Test::Text(_, _, values) if values.is_empty() => (0, Vec::new()),
            Test::Text(name, How::Equals, values) => (3, vec![Trigger::Equals(*name, values.clone())]),
            Test::Text(name, how, values) => screened(name, Screen::of_texts(*how, values)),
            Test::Regex(name, regex) => screened(name, Screen::of_pattern(regex.as_str())),
            Test::Any(any) => {
                let all: Option<Vec<_>> = any.iter().map(|c| self.triggers(c)).collect();
                let all = all?;
                (all.iter().map(|(weight, _)| weight).sum(), all.into_iter().flat_map(|(_, t)| t).collect())
            }
            Test::Not(_) => return None,
        })
    }

    /// A name that many conditions read is in many records, and one that the readers give is in all; among others a
    /// short name is likelier to mean several things.
    fn commonness(&self, name: NameId) -> u32 {
        let text = self.names.text(name);
        if text == "message" || ["syslog.", "cef.", "leef."].iter().any(|p| text.starts_with(p)) {
            return 1_000;
        }
        let users = self.users.get(&name).copied().unwrap_or(0);
        (users * 20 + 40u32.saturating_sub(text.len() as u32)).min(900)
    }
}

/// The slow way: every condition in order. While tests run, each choice is held against it.
#[cfg(test)]
pub(crate) mod in_order {
    use std::cell::Cell;

    thread_local! {
        /// Choices that were compared in this thread, and those of them that chose something.
        static COMPARED: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
    }

    pub fn compare<T>(fast: Option<usize>, mut all: impl Iterator<Item = T>, holds: impl FnMut(T) -> bool) {
        let slow = all.position(holds);
        assert_eq!(fast, slow, "the choice is not that of trying all in order");
        let (all, chosen) = COMPARED.get();
        COMPARED.set((all + 1, chosen + u64::from(slow.is_some())));
    }

    pub fn compared() -> (u64, u64) {
        COMPARED.get()
    }
}

#[cfg(test)]
mod tests;
