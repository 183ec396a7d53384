//! Matchers turned into atoms, and what must be found in a value for an atom to hold.

use std::fmt::Write;

use vedette_sigma::{Fold, Matcher, NumberTest};

use super::{Builder, Fault};
use crate::fold::folded;
use crate::glob::{self, Anchor, Shape};
use crate::limits;
use crate::literals::{self, LiteralSet};
use crate::plan::{Atom, FieldId, Literal, Node, Test};

/// Literals below this number are tried one by one.
const SET_MIN: usize = 4;

/// What must be found in a value: one of these, or the atom does not hold.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    pub keys: Vec<Key>,
    /// Estimated share of events in which one is found.
    pub frequency: f64,
}

#[derive(Debug)]
pub(crate) struct Key {
    pub what: What,
    /// Found means that the atom holds.
    pub sure: bool,
}

#[derive(Debug)]
pub(crate) enum What {
    /// A folded literal.
    Literal(Anchor, Box<str>),
    Number(f64),
    /// Any value.
    Filled,
}

/// Relative cost of asking a test of one value.
pub(super) fn effort(test: &Test) -> u32 {
    match test {
        Test::Filled | Test::Null | Test::Exists(_) => 1,
        Test::Folded(l) | Test::Cased(l) if l.anchor != Anchor::Within => 2,
        Test::Number(..) | Test::Bool(_) => 3,
        Test::Folded(_) | Test::Cased(_) => 6,
        Test::Net(_) => 8,
        Test::FieldRef { .. } => 10,
        Test::FoldedAny(_) | Test::Pieces(..) => 12,
        Test::Date(..) => 30,
        Test::Regex(_) => 40,
    }
}

impl Builder {
    /// The atom that holds when one of `matchers` does.
    pub(super) fn atom(&mut self, field: FieldId, matchers: &[Matcher]) -> Result<Node, Fault> {
        let mut name = String::new();
        // Writing to a string does not fail.
        let _ = write!(name, "{} {matchers:?}", field.0);
        if let Some(id) = self.atom_ids.get(&name).copied() {
            // The other field of a reference is read by this rule too.
            self.note_references(matchers);
            return Ok(Node::Atom(id));
        }
        let mut parts = Parts::default();
        self.collect(matchers, &mut parts, 0)?;
        let Parts { mut tests, keys, literals } = parts;
        if literals.len() < SET_MIN {
            tests.extend(literals.iter().map(|(anchor, text)| Test::Folded(Literal::new(*anchor, text))));
        } else {
            let set = literals.iter().map(|(anchor, text)| (*anchor, text.as_str(), 0));
            tests.push(Test::FoldedAny(LiteralSet::new(set)));
        }
        tests.sort_by_key(effort);
        if tests.is_empty() {
            return Ok(Node::Never);
        }
        let keys = keys.map(|keys| {
            let frequency = keys.iter().map(frequency).sum::<f64>().min(1.0);
            // A keyword is searched in every value of the event.
            let frequency = if field == FieldId::KEYWORDS { (frequency * 20.0).min(1.0) } else { frequency };
            Keys { keys, frequency }
        });
        Ok(self.add_atom(name, Atom { field, tests: tests.into() }, keys))
    }

    /// The atom of one test that no matcher spells.
    pub(super) fn plain_atom(&mut self, field: FieldId, test: Test) -> Node {
        let name = format!("{} {test:?}", field.0);
        if let Some(id) = self.atom_ids.get(&name) {
            return Node::Atom(*id);
        }
        let keys = vec![Key { what: What::Filled, sure: matches!(test, Test::Filled) }];
        self.add_atom(name, Atom { field, tests: Box::new([test]) }, Some(Keys { keys, frequency: 1.0 }))
    }

    fn add_atom(&mut self, name: String, atom: Atom, keys: Option<Keys>) -> Node {
        let id = self.atoms.len() as u32;
        self.atoms.push(atom);
        self.keys.push(keys);
        self.asked.push(0);
        self.atom_ids.insert(name, id);
        Node::Atom(id)
    }

    fn note_references(&mut self, matchers: &[Matcher]) {
        for matcher in matchers {
            match matcher {
                Matcher::FieldRef { field, .. } => {
                    self.field(field);
                }
                Matcher::AnyOf(inner) => self.note_references(inner),
                _ => {}
            }
        }
    }

    fn collect(&mut self, matchers: &[Matcher], parts: &mut Parts, depth: usize) -> Result<(), Fault> {
        if depth > limits::RULE_DEPTH_MAX {
            return Err(Fault::TooDeep { limit: limits::RULE_DEPTH_MAX });
        }
        for matcher in matchers {
            self.tests += 1;
            if self.tests > limits::RULE_TESTS_MAX {
                return Err(Fault::TooManyTests { limit: limits::RULE_TESTS_MAX });
            }
            match matcher {
                Matcher::AnyOf(inner) => self.collect(inner, parts, depth + 1)?,
                Matcher::Glob(glob) => match glob::shape(glob) {
                    Shape::Anything => parts.push(Test::Filled, What::Filled, true),
                    Shape::Literal(Anchor::Start | Anchor::End | Anchor::Within, text) if text.is_empty() => {
                        parts.push(Test::Filled, What::Filled, true);
                    }
                    Shape::Literal(anchor, text) => match glob.fold {
                        Fold::Ignore => {
                            parts.key(What::Literal(anchor, text.as_str().into()), true);
                            parts.literals.push((anchor, text));
                        }
                        Fold::Cased => {
                            let test = Test::Cased(Literal::new(anchor, &text));
                            parts.push(test, What::Literal(anchor, folded(&text).into()), false);
                        }
                    },
                    Shape::Pieces(pieces) => {
                        let rarest = pieces.literals().map(|(anchor, text)| (anchor, folded(text))).min_by(
                            |(_, a), (_, b)| literals::frequency(a).total_cmp(&literals::frequency(b)),
                        );
                        let what = rarest.map_or(What::Filled, |(a, text)| What::Literal(a, text.into()));
                        parts.push(Test::Pieces(glob.fold, pieces), what, false);
                    }
                },
                Matcher::Regex(pattern) => {
                    let (id, required) = self.regexes.compile(pattern)?;
                    parts.tests.push(Test::Regex(id));
                    match required {
                        Some(literals) => {
                            for text in literals {
                                parts.key(What::Literal(Anchor::Within, text.as_str().into()), false);
                            }
                        }
                        None => parts.key(What::Filled, false),
                    }
                }
                Matcher::Cidr(net) => parts.push(Test::Net(*net), What::Filled, false),
                Matcher::Number(NumberTest::Eq, n) => {
                    parts.push(Test::Number(NumberTest::Eq, *n), What::Number(*n), true);
                }
                Matcher::Number(test, n) => parts.push(Test::Number(*test, *n), What::Filled, false),
                Matcher::Bool(asked) => {
                    parts.tests.push(Test::Bool(*asked));
                    let words = if *asked { ["true", "1", "yes"] } else { ["false", "0", "no"] };
                    for word in words {
                        // Not sure: the number 1 is not a truth value.
                        parts.key(What::Literal(Anchor::Exact, word.into()), false);
                    }
                }
                Matcher::Null => parts.without_key(Test::Null),
                Matcher::Exists(false) => parts.without_key(Test::Exists(false)),
                // A null field exists and yet has no value that could wake anything.
                Matcher::Exists(true) => parts.without_key(Test::Exists(true)),
                Matcher::FieldRef { field, kind, fold } => {
                    let field = self.field(field);
                    parts.push(Test::FieldRef { field, kind: *kind, fold: *fold }, What::Filled, false);
                }
                Matcher::Date(part, test, n) => parts.push(Test::Date(*part, *test, *n), What::Filled, false),
                Matcher::Placeholder { name, .. } => return Err(Fault::Placeholder { name: name.clone() }),
            }
        }
        Ok(())
    }
}

/// An atom in the making.
struct Parts {
    tests: Vec<Test>,
    /// `None` once a test can hold without anything being found.
    keys: Option<Vec<Key>>,
    literals: Vec<(Anchor, String)>,
}

impl Default for Parts {
    fn default() -> Self {
        Self { tests: Vec::new(), keys: Some(Vec::new()), literals: Vec::new() }
    }
}

impl Parts {
    fn push(&mut self, test: Test, what: What, sure: bool) {
        self.tests.push(test);
        self.key(what, sure);
    }

    fn key(&mut self, what: What, sure: bool) {
        if let Some(keys) = &mut self.keys {
            keys.push(Key { what, sure });
        }
    }

    fn without_key(&mut self, test: Test) {
        self.tests.push(test);
        self.keys = None;
    }
}

fn frequency(key: &Key) -> f64 {
    match &key.what {
        What::Filled => 0.9,
        // Event ids are few and unevenly spread.
        What::Number(_) => 0.05,
        What::Literal(Anchor::Exact, text) if text.len() < 4 => 0.05,
        What::Literal(Anchor::Exact, text) => literals::frequency(text) * 0.2,
        What::Literal(Anchor::Start | Anchor::End, text) => literals::frequency(text) * 0.5,
        What::Literal(Anchor::Within, text) => literals::frequency(text),
    }
}
