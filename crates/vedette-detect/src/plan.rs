//! The compiled form of all rules: what `compile` writes and `eval` reads.

use std::sync::Arc;

use aho_corasick::packed::Searcher;
use ipnet::IpNet;
use memchr::memmem;
use regex_automata::meta::Regex;
use rustc_hash::FxHashMap;
use vedette_model::{Lane, LaneId};
use vedette_sigma::{DatePart, Fold, NumberTest, RefKind, Rule};

use crate::glob::{Anchor, Pieces};
use crate::literals::LiteralSet;

/// All rules, compiled together for all lanes. Shared by all workers; each brings its own `Scratch`.
#[derive(Debug)]
pub struct Plan {
    /// Tells this plan from every other: a `Scratch` remembers which one it fits.
    pub(crate) identity: Arc<()>,
    pub(crate) rules: Arc<[Rule]>,
    /// Names as rules use them; number 0 stands for keyword searches.
    pub(crate) fields: Vec<Box<str>>,
    /// Each different test once, whatever the number of rules that ask it.
    pub(crate) atoms: Vec<Atom>,
    pub(crate) regexes: Vec<Regex>,
    /// By rule; `None` where the rule was left out.
    pub(crate) programs: Vec<Option<Program>>,
    pub(crate) lanes: Vec<LanePlan>,
    /// By [`LaneId`]: index into `lanes`, or `u32::MAX`.
    pub(crate) lane_index: Vec<u32>,
    /// By rule: the lanes it runs in, ascending.
    pub(crate) lanes_of: Vec<Vec<LaneId>>,
}

/// A field as rules name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FieldId(pub u32);

impl FieldId {
    /// Every value of the event.
    pub(crate) const KEYWORDS: FieldId = FieldId(0);
}

/// A question about one field, the same for all rules that ask it. Holds when one of its tests does.
#[derive(Debug)]
pub(crate) struct Atom {
    pub field: FieldId,
    pub tests: Box<[Test]>,
}

/// One way for an atom to hold.
#[derive(Debug)]
pub(crate) enum Test {
    /// A folded literal.
    Folded(Literal),
    /// A literal with case.
    Cased(Literal),
    /// Any of several folded literals.
    FoldedAny(LiteralSet),
    Pieces(Fold, Pieces),
    /// Index into [`Plan::regexes`].
    Regex(u32),
    Net(IpNet),
    Number(NumberTest, f64),
    Bool(bool),
    /// There is a value.
    Filled,
    /// There is no value.
    Null,
    Exists(bool),
    FieldRef {
        field: FieldId,
        kind: RefKind,
        fold: Fold,
    },
    Date(DatePart, NumberTest, i64),
}

#[derive(Debug)]
pub(crate) struct Literal {
    pub anchor: Anchor,
    pub text: Box<str>,
    /// Prepared only where the text may stand anywhere.
    pub finder: Option<memmem::Finder<'static>>,
}

impl Literal {
    pub(crate) fn new(anchor: Anchor, text: &str) -> Self {
        let finder = (anchor == Anchor::Within).then(|| memmem::Finder::new(text.as_bytes()).into_owned());
        Self { anchor, text: text.into(), finder }
    }

    pub(crate) fn stands_in(&self, value: &str) -> bool {
        match self.anchor {
            Anchor::Exact => value == &*self.text,
            Anchor::Start => value.starts_with(&*self.text),
            Anchor::End => value.ends_with(&*self.text),
            Anchor::Within => match &self.finder {
                Some(finder) => finder.find(value.as_bytes()).is_some(),
                None => value.contains(&*self.text),
            },
        }
    }
}

/// A rule's condition over atoms.
#[derive(Debug)]
pub(crate) struct Program {
    pub root: Node,
    /// Every field the rule names, ascending.
    pub fields: Vec<FieldId>,
    /// Fields read only to except events, by tests that ask for a value.
    pub filter_fields: Vec<FieldId>,
    /// Atoms of which one must hold when the rule does; `None` when there is no such set.
    pub witness: Option<Vec<u32>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Atom(u32),
    All(Box<[Node]>),
    Any(Box<[Node]>),
    Not(Box<Node>),
    Never,
}

/// The rules of one lane, and how its events find them.
#[derive(Debug)]
pub(crate) struct LanePlan {
    pub lane: Lane,
    /// Rules that run here, ascending.
    pub rules: Vec<u32>,
    /// Native name -> range in `readers`.
    pub names: FxHashMap<Box<str>, (u32, u32)>,
    pub readers: Vec<Reader>,
    pub indexes: Vec<FieldIndex>,
    /// Rules without a witness.
    pub always: Vec<u32>,
    /// A bit for each atom that `indexes` decide: not found means that it does not hold.
    pub indexed: Vec<u64>,
    /// Ranges of `woken`, by the atom's place in `FieldIndex::wakes`.
    pub woken: Vec<u32>,
}

/// A field that takes its values from a native name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    pub field: FieldId,
    /// Place of the native name in the field's order; the lowest that holds a value wins.
    pub rank: u16,
}

/// How the values of one field wake rules.
#[derive(Debug)]
pub(crate) struct FieldIndex {
    pub field: FieldId,
    /// Ids are keys: indexes into `keys`.
    pub literals: LiteralSet,
    /// For keywords: finds any of the literals in the text of the whole event, which hardly ever has one. Absent
    /// where something else than literals is asked.
    pub prefilter: Option<Searcher>,
    /// Bits of a number -> key.
    pub numbers: FxHashMap<u64, u32>,
    /// The key of any value at all.
    pub filled: Option<u32>,
    /// By key: range in `wakes`.
    pub keys: Vec<(u32, u32)>,
    pub wakes: Vec<Wake>,
}

/// What follows from a key that was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wake {
    pub atom: u32,
    /// The atom holds; otherwise it may, and is tested when a rule asks.
    pub sure: bool,
    /// Range in [`LanePlan::woken`]: rules to look at.
    pub rules: (u32, u32),
}

/// Bits by which numbers are looked up; both zeros are one number.
pub(crate) fn number_bits(n: f64) -> u64 {
    (n + 0.0).to_bits()
}

/// How a rule uses a field, in one lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldUse<'a> {
    /// The name in the rule; `None` for keywords.
    pub field: Option<&'a str>,
    /// Native names it is looked for under, in order.
    pub native: Vec<&'a str>,
    pub role: Role,
}

/// What becomes of a rule when the field is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The rule cannot match without it.
    Needed,
    /// One of several ways to match.
    Optional,
    /// Read only to except events; without it the exception never applies.
    Filter,
}

/// Whether a rule can match on certain data; with the fields, as rules name them, that the data lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach<'a> {
    /// Every field the rule reads is there.
    Can,
    /// It can match, though not in every way it was written, or without some of its exceptions.
    Partly(Vec<&'a str>),
    /// Whatever the values, it does not match.
    Cannot(Vec<&'a str>),
}

impl Plan {
    /// The rules as given, left-out ones included.
    pub fn rules(&self) -> &Arc<[Rule]> {
        &self.rules
    }

    /// Whether the plan holds the rule.
    pub fn runs(&self, rule: u32) -> bool {
        self.program(rule).is_some()
    }

    /// Rules that run in `lane`, ascending.
    pub fn rules_of(&self, lane: LaneId) -> &[u32] {
        self.lane(lane).map_or(&[], |l| &l.rules)
    }

    /// Lanes `rule` runs in, ascending; empty when no mapping feeds its logsource, or the rule was left out.
    pub fn lanes_of(&self, rule: u32) -> &[LaneId] {
        self.lanes_of.get(rule as usize).map_or(&[], Vec::as_slice)
    }

    /// Different tests over all rules.
    pub fn atom_count(&self) -> usize {
        self.atoms.len()
    }

    /// Rules of `lane` that are looked at for each event because nothing must be found first.
    pub fn always_of(&self, lane: LaneId) -> &[u32] {
        self.lane(lane).map_or(&[], |l| &l.always)
    }

    pub(crate) fn lane(&self, lane: LaneId) -> Option<&LanePlan> {
        let index = self.lane_index.get(lane.0 as usize)?;
        self.lanes.get(*index as usize)
    }

    pub(crate) fn program(&self, rule: u32) -> Option<&Program> {
        self.programs.get(rule as usize)?.as_ref()
    }

    /// The fields `rule` names, as read in `lane`, in the order of their first use in any rule.
    pub fn fields_of(&self, rule: u32, lane: LaneId) -> Vec<FieldUse<'_>> {
        let (Some(program), Some(lane)) = (self.program(rule), self.lane(lane)) else { return Vec::new() };
        program
            .fields
            .iter()
            .map(|&field| {
                if field == FieldId::KEYWORDS {
                    return FieldUse { field: None, native: Vec::new(), role: self.role(program, field) };
                }
                let name = &*self.fields[field.0 as usize];
                let native = native_names(&lane.lane, name);
                FieldUse { field: Some(name), native, role: self.role(program, field) }
            })
            .collect()
    }

    fn role(&self, program: &Program, field: FieldId) -> Role {
        if self.without(&program.root, &|f| f == field) == Some(false) {
            Role::Needed
        } else if reads(&program.root, &self.atoms, field, true, true) {
            Role::Optional
        } else {
            Role::Filter
        }
    }

    /// What `rule` can do on data that carries some native names and not others, as `carries` says; for
    /// `rules check --against`. `None` when the rule does not run in `lane`.
    pub fn reach(&self, rule: u32, lane: LaneId, carries: impl Fn(&str) -> bool) -> Option<Reach<'_>> {
        let program = self.program(rule)?;
        let lane = self.lane(lane)?;
        lane.rules.binary_search(&rule).ok()?;
        let is_missing = |field: FieldId| {
            field != FieldId::KEYWORDS
                && !native_names(&lane.lane, &self.fields[field.0 as usize]).into_iter().any(&carries)
        };
        let missing: Vec<&str> = program
            .fields
            .iter()
            .filter(|field| is_missing(**field))
            .map(|field| &*self.fields[field.0 as usize])
            .collect();
        Some(if self.without(&program.root, &is_missing) == Some(false) {
            Reach::Cannot(missing)
        } else if missing.is_empty() {
            Reach::Can
        } else {
            Reach::Partly(missing)
        })
    }

    /// The node's outcome when these fields are absent and nothing else is known.
    fn without(&self, node: &Node, absent: &dyn Fn(FieldId) -> bool) -> Option<bool> {
        match node {
            Node::Never => Some(false),
            Node::Atom(atom) => {
                let atom = &self.atoms[*atom as usize];
                let mut outcome = Some(false);
                for test in &atom.tests {
                    match test {
                        Test::FieldRef { field, .. } if absent(*field) => {}
                        _ if !absent(atom.field) => outcome = None,
                        Test::Null | Test::Exists(false) => return Some(true),
                        _ => {}
                    }
                }
                outcome
            }
            Node::Not(inner) => self.without(inner, absent).map(|held| !held),
            Node::All(nodes) => self.settled(nodes, absent, false),
            Node::Any(nodes) => self.settled(nodes, absent, true),
        }
    }

    /// `decisive` when one node comes out so; its opposite when all are known and none does.
    fn settled(&self, nodes: &[Node], absent: &dyn Fn(FieldId) -> bool, decisive: bool) -> Option<bool> {
        let mut outcome = Some(!decisive);
        for node in nodes {
            match self.without(node, absent) {
                Some(held) if held == decisive => return Some(decisive),
                Some(_) => {}
                None => outcome = None,
            }
        }
        outcome
    }
}

/// Whether a test of `field` decides about the node's holding (`plain`) or, under a negation, its not holding.
/// Without `absence` only tests that ask for a value count.
pub(crate) fn reads(node: &Node, atoms: &[Atom], field: FieldId, plain: bool, absence: bool) -> bool {
    match node {
        Node::Never => false,
        Node::Atom(atom) => {
            let Some(atom) = atoms.get(*atom as usize) else { return false };
            plain
                && atom.tests.iter().any(|test| match test {
                    Test::FieldRef { field: other, .. } => *other == field || atom.field == field,
                    Test::Null | Test::Exists(_) => absence && atom.field == field,
                    _ => atom.field == field,
                })
        }
        Node::Not(inner) => reads(inner, atoms, field, !plain, absence),
        Node::All(nodes) | Node::Any(nodes) => nodes.iter().any(|n| reads(n, atoms, field, plain, absence)),
    }
}

/// The native names a lane looks for when a rule says `field`.
pub(crate) fn native_names<'a>(lane: &'a Lane, field: &'a str) -> Vec<&'a str> {
    match lane.aliases.get(field) {
        Some(names) if !names.is_empty() => names.iter().map(String::as_str).collect(),
        _ => vec![field],
    }
}
