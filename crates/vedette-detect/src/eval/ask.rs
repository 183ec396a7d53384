//! Conditions asked of one event, each atom at most once.

use regex_automata::Input;
use vedette_model::{Kind, Native};
use vedette_sigma::{Fold, RefKind};

use super::is_keyword_ground;
use super::scratch::{AtomMark, AtomState, NONE, Scratch};
use crate::plan::{FieldId, LanePlan, Node, Plan, Test};
use crate::value;

/// One event under evaluation.
pub(super) struct Questions<'a> {
    pub plan: &'a Plan,
    pub lane: &'a LanePlan,
    pub native: &'a Native,
    pub scratch: &'a mut Scratch,
}

impl<'a> Questions<'a> {
    /// Recursion is as deep as a condition and a selection together, each bounded by
    /// [`crate::limits::RULE_DEPTH_MAX`].
    pub(super) fn holds(&mut self, node: &Node) -> bool {
        match node {
            Node::Atom(atom) => self.atom(*atom),
            Node::All(nodes) => nodes.iter().all(|n| self.holds(n)),
            Node::Any(nodes) => nodes.iter().any(|n| self.holds(n)),
            Node::Not(inner) => !self.holds(inner),
            Node::Never => false,
        }
    }

    fn atom(&mut self, id: u32) -> bool {
        let epoch = self.scratch.epoch();
        let Some(mark) = self.scratch.atoms.get(id as usize).copied() else { return false };
        if mark.epoch == epoch {
            match mark.state {
                AtomState::Holds => return true,
                AtomState::Fails => return false,
                AtomState::Maybe => {}
            }
        } else if self.lane.indexed.get((id / 64) as usize).is_some_and(|word| (word >> (id % 64)) & 1 == 1) {
            // All values were searched for its keys and none was found.
            return false;
        }
        let Some(atom) = self.plan.atoms.get(id as usize) else { return false };
        let holds = atom.tests.iter().any(|test| self.test(atom.field, test));
        if let Some(mark) = self.scratch.atoms.get_mut(id as usize) {
            *mark = AtomMark { epoch, state: if holds { AtomState::Holds } else { AtomState::Fails } };
        }
        holds
    }

    fn test(&mut self, field: FieldId, test: &Test) -> bool {
        match test {
            // Keywords have no field that could be absent.
            Test::Null => field != FieldId::KEYWORDS && self.scratch.head(field) == NONE,
            Test::Exists(asked) => field != FieldId::KEYWORDS && self.scratch.has(field) == *asked,
            Test::Filled if field != FieldId::KEYWORDS => self.scratch.head(field) != NONE,
            Test::Filled => self.value(field, 0).is_some(),
            Test::Folded(literal) => self.any_folded(field, |text| literal.stands_in(text)),
            Test::FoldedAny(set) => self.any_folded(field, |text| set.any(text)),
            Test::Pieces(Fold::Ignore, pieces) => self.any_folded(field, |text| pieces.covers(text)),
            Test::Pieces(Fold::Cased, pieces) => self.any(field, |text, _| pieces.covers(text)),
            Test::Cased(literal) => self.any(field, |text, _| literal.stands_in(text)),
            Test::Regex(regex) => self.any_searched(field, *regex),
            Test::Net(net) => self.any(field, |text, _| value::in_net(text, net)),
            Test::Number(test, asked) => self.any(field, |text, kind| {
                value::number(text, kind).is_some_and(|n| value::number_holds(*test, n, *asked))
            }),
            Test::Bool(asked) => self.any(field, |text, kind| value::boolean(text, kind) == Some(*asked)),
            Test::Date(part, test, asked) => self.any(field, |text, kind| {
                value::date_part(text, kind, *part)
                    .is_some_and(|n| value::number_holds(*test, n as f64, *asked as f64))
            }),
            Test::FieldRef { field: other, kind, fold } => self.any_agrees(field, *other, *kind, *fold),
        }
    }

    /// The next value of `field`, from `at` in the chain or, for keywords, from `at` in the event.
    fn value(&self, field: FieldId, at: u32) -> Option<Found<'a>> {
        if field == FieldId::KEYWORDS {
            let native = self.native;
            let index = (at as usize..native.len()).find(|index| is_keyword_ground(native, *index))?;
            let (text, kind) = (native.value(index), native.kind(index));
            Some(Found { native: index as u32, text, kind, next: index as u32 + 1 })
        } else {
            let value = self.scratch.values.get(at as usize)?;
            let text = self.native.value(value.native as usize);
            Some(Found { native: value.native, text, kind: value.kind, next: value.next })
        }
    }

    fn first(&self, field: FieldId) -> u32 {
        if field == FieldId::KEYWORDS { 0 } else { self.scratch.head(field) }
    }

    fn any(&self, field: FieldId, holds: impl Fn(&str, Kind) -> bool) -> bool {
        let mut at = self.first(field);
        while let Some(value) = self.value(field, at) {
            if holds(value.text, value.kind) {
                return true;
            }
            at = value.next;
        }
        false
    }

    fn any_folded(&mut self, field: FieldId, holds: impl Fn(&str) -> bool) -> bool {
        let mut at = self.first(field);
        while let Some(value) = self.value(field, at) {
            let range = self.scratch.fold(value.native, value.text);
            if holds(self.scratch.folded(range)) {
                return true;
            }
            at = value.next;
        }
        false
    }

    fn any_searched(&mut self, field: FieldId, regex: u32) -> bool {
        let plan = self.plan;
        let Some(compiled) = plan.regexes.get(regex as usize) else { return false };
        let mut at = self.first(field);
        while let Some(value) = self.value(field, at) {
            let Some(cache) = self.scratch.cache(plan, regex) else { return false };
            let input = Input::new(value.text).earliest(true);
            if compiled.search_half_with(cache, &input).is_some() {
                return true;
            }
            at = value.next;
        }
        false
    }

    fn any_agrees(&mut self, field: FieldId, other: FieldId, kind: RefKind, fold: Fold) -> bool {
        let mut at = self.first(field);
        while let Some(value) = self.value(field, at) {
            let mut other_at = self.first(other);
            while let Some(reference) = self.value(other, other_at) {
                let agrees = match fold {
                    Fold::Cased => refers(kind, value.text, reference.text),
                    Fold::Ignore => {
                        let text = self.scratch.fold(value.native, value.text);
                        let referred = self.scratch.fold(reference.native, reference.text);
                        refers(kind, self.scratch.folded(text), self.scratch.folded(referred))
                    }
                };
                if agrees {
                    return true;
                }
                other_at = reference.next;
            }
            at = value.next;
        }
        false
    }
}

/// A value on its way to a test.
struct Found<'a> {
    native: u32,
    text: &'a str,
    kind: Kind,
    next: u32,
}

fn refers(kind: RefKind, text: &str, reference: &str) -> bool {
    match kind {
        RefKind::Equals => text == reference,
        RefKind::StartsWith => text.starts_with(reference),
        RefKind::EndsWith => text.ends_with(reference),
        RefKind::Contains => text.contains(reference),
    }
}
