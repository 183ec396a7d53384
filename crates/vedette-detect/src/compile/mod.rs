//! From rules and lanes to a plan.

mod atoms;
mod lanes;
mod regexes;
mod witness;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use vedette_model::Lane;
use vedette_sigma::{Block, Condition, Item, Quantifier, Rule};

use crate::limits;
use crate::plan::{self, Atom, FieldId, Node, Plan, Program, Test};

use atoms::Keys;

/// A rule that the plan does not hold; the others run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Index into the rules given.
    pub rule: u32,
    pub fault: Fault,
}

/// Why a rule was left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    #[error("the regular expression `{pattern}` cannot be compiled: {reason}")]
    Regex { pattern: String, reason: String },
    #[error("the regular expression `{pattern}` needs more than {limit} bytes when compiled")]
    RegexTooLarge { pattern: String, limit: usize },
    #[error("the placeholder `%{name}%` has no values")]
    Placeholder { name: String },
    #[error("the detection is nested more than {limit} levels deep")]
    TooDeep { limit: usize },
    #[error("the modifiers expand to more than {limit} values")]
    TooManyTests { limit: usize },
    #[error("the condition names a selection that the rule does not have")]
    NoSelection,
}

impl Fault {
    /// Stable code; never reused.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Regex { .. } => "VD-D001",
            Self::RegexTooLarge { .. } => "VD-D002",
            Self::Placeholder { .. } => "VD-D003",
            Self::TooDeep { .. } => "VD-D004",
            Self::TooManyTests { .. } => "VD-D005",
            Self::NoSelection => "VD-D006",
        }
    }
}

impl Plan {
    /// Compiles all rules for all lanes. A rule that cannot be compiled is left out, with the reason; rules keep
    /// their indexes.
    ///
    /// A rule runs in a lane when one of the lane's tags has every part that its logsource names. In
    /// [`vedette_model::LaneId::UNKNOWN`] only rules with an empty logsource run; that lane need not be in `lanes`.
    /// Lanes are numbered by their place in the catalogue: of two with one number the first counts, and none may be
    /// above [`limits::LANE_ID_MAX`], or it has no rules.
    pub fn compile(rules: Arc<[Rule]>, lanes: &[Lane]) -> (Plan, Vec<LeftOut>) {
        let mut builder = Builder::new();
        let mut left_out = Vec::new();
        let programs: Vec<Option<Program>> = rules
            .iter()
            .enumerate()
            .map(|(index, rule)| match builder.program(rule) {
                Ok(program) => Some(program),
                Err(fault) => {
                    left_out.push(LeftOut { rule: index as u32, fault });
                    None
                }
            })
            .collect();
        let (lane_plans, lane_index) = lanes::plans(&builder, &rules, &programs, lanes);
        let mut lanes_of = vec![Vec::new(); rules.len()];
        for lane in &lane_plans {
            for rule in &lane.rules {
                lanes_of[*rule as usize].push(lane.lane.id);
            }
        }
        for lanes in &mut lanes_of {
            lanes.sort_unstable();
        }
        let Builder { fields, atoms, regexes, .. } = builder;
        let plan = Plan {
            identity: Arc::new(()),
            rules,
            fields,
            atoms,
            regexes: regexes.compiled,
            programs,
            lanes: lane_plans,
            lane_index,
            lanes_of,
        };
        (plan, left_out)
    }
}

/// What all rules share while they are compiled.
pub(crate) struct Builder {
    fields: Vec<Box<str>>,
    field_ids: FxHashMap<Box<str>, FieldId>,
    atoms: Vec<Atom>,
    /// By atom: what must be found in a value for it to hold.
    keys: Vec<Option<Keys>>,
    /// By atom: how many rules ask it.
    asked: Vec<u32>,
    atom_ids: FxHashMap<String, u32>,
    regexes: regexes::Regexes,
    /// Tests of the rule at hand.
    tests: usize,
    /// Fields of the rule at hand.
    reads: FxHashSet<FieldId>,
}

impl Builder {
    fn new() -> Self {
        Self {
            fields: vec!["".into()],
            field_ids: FxHashMap::default(),
            atoms: Vec::new(),
            keys: Vec::new(),
            asked: Vec::new(),
            atom_ids: FxHashMap::default(),
            regexes: regexes::Regexes::default(),
            tests: 0,
            reads: FxHashSet::default(),
        }
    }

    fn field(&mut self, name: &str) -> FieldId {
        let id = match self.field_ids.get(name) {
            Some(id) => *id,
            None => {
                let id = FieldId(self.fields.len() as u32);
                self.fields.push(name.into());
                self.field_ids.insert(name.into(), id);
                id
            }
        };
        self.reads.insert(id);
        id
    }

    fn program(&mut self, rule: &Rule) -> Result<Program, Fault> {
        self.tests = 0;
        self.reads.clear();
        let mut selections = Vec::with_capacity(rule.detection.selections.len());
        for selection in &rule.detection.selections {
            selections.push(self.block(&selection.block, 0)?);
        }
        let mut conditions = Vec::with_capacity(rule.detection.conditions.len());
        for c in &rule.detection.conditions {
            conditions.push(condition(c, &selections, 0)?);
        }
        let mut root = any(conditions);
        self.count_use(&root);
        self.order(&mut root);
        let witness = witness::choose(&root, self);
        let mut fields: Vec<FieldId> = self.reads.iter().copied().collect();
        fields.sort_unstable();
        let filter_fields = fields
            .iter()
            .copied()
            .filter(|&field| {
                field != FieldId::KEYWORDS
                    && !plan::reads(&root, &self.atoms, field, true, true)
                    && plan::reads(&root, &self.atoms, field, false, false)
            })
            .collect();
        Ok(Program { root, fields, filter_fields, witness })
    }

    fn block(&mut self, block: &Block, depth: usize) -> Result<Node, Fault> {
        if depth > limits::RULE_DEPTH_MAX {
            return Err(Fault::TooDeep { limit: limits::RULE_DEPTH_MAX });
        }
        match block {
            Block::All(blocks) => {
                let nodes: Result<Vec<Node>, Fault> =
                    blocks.iter().map(|b| self.block(b, depth + 1)).collect();
                Ok(all(nodes?))
            }
            Block::Any(blocks) => {
                let nodes: Result<Vec<Node>, Fault> =
                    blocks.iter().map(|b| self.block(b, depth + 1)).collect();
                Ok(any(nodes?))
            }
            Block::Item(item) => self.item(item),
        }
    }

    fn item(&mut self, item: &Item) -> Result<Node, Fault> {
        let field = match &item.field {
            Some(name) => self.field(name),
            None => {
                self.reads.insert(FieldId::KEYWORDS);
                FieldId::KEYWORDS
            }
        };
        let outcome = match item.quantifier {
            _ if item.matchers.is_empty() => Node::Never,
            Quantifier::Any => self.atom(field, &item.matchers)?,
            Quantifier::All => {
                let nodes: Result<Vec<Node>, Fault> =
                    item.matchers.iter().map(|m| self.atom(field, std::slice::from_ref(m))).collect();
                all(nodes?)
            }
        };
        if item.negated {
            let filled = self.plain_atom(field, Test::Filled);
            Ok(all(vec![filled, not(outcome)]))
        } else {
            Ok(outcome)
        }
    }

    fn count_use(&mut self, node: &Node) {
        match node {
            Node::Atom(atom) => self.asked[*atom as usize] += 1,
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|n| self.count_use(n)),
            Node::Not(inner) => self.count_use(inner),
            Node::Never => {}
        }
    }

    /// Puts first what is cheap to ask and likely to settle the matter.
    fn order(&self, node: &mut Node) {
        match node {
            Node::All(nodes) | Node::Any(nodes) => {
                for n in nodes.iter_mut() {
                    self.order(n);
                }
                nodes.sort_by_key(|n| self.effort(n));
            }
            Node::Not(inner) => self.order(inner),
            Node::Atom(_) | Node::Never => {}
        }
    }

    fn effort(&self, node: &Node) -> u32 {
        match node {
            Node::Never => 0,
            Node::Atom(atom) => {
                let atom = &self.atoms[*atom as usize];
                let tests: u32 = atom.tests.iter().map(atoms::effort).sum();
                if atom.field == FieldId::KEYWORDS { tests.saturating_mul(32) } else { tests }
            }
            Node::All(nodes) | Node::Any(nodes) => {
                nodes.iter().map(|n| self.effort(n)).fold(0, u32::saturating_add)
            }
            Node::Not(inner) => self.effort(inner).saturating_add(1),
        }
    }
}

fn condition(condition: &Condition, selections: &[Node], depth: usize) -> Result<Node, Fault> {
    if depth > limits::RULE_DEPTH_MAX {
        return Err(Fault::TooDeep { limit: limits::RULE_DEPTH_MAX });
    }
    let selection = |index: &usize| selections.get(*index).cloned().ok_or(Fault::NoSelection);
    match condition {
        Condition::Selection(index) => selection(index),
        Condition::And(parts) => {
            let nodes: Result<Vec<Node>, Fault> =
                parts.iter().map(|p| self::condition(p, selections, depth + 1)).collect();
            Ok(all(nodes?))
        }
        Condition::Or(parts) => {
            let nodes: Result<Vec<Node>, Fault> =
                parts.iter().map(|p| self::condition(p, selections, depth + 1)).collect();
            Ok(any(nodes?))
        }
        Condition::Not(inner) => Ok(not(self::condition(inner, selections, depth + 1)?)),
        Condition::Of { quantifier, of, .. } => {
            let nodes: Result<Vec<Node>, Fault> = of.iter().map(selection).collect();
            Ok(match quantifier {
                Quantifier::Any => any(nodes?),
                Quantifier::All => all(nodes?),
            })
        }
    }
}

/// Holds when all nodes do; never when there is none.
fn all(nodes: Vec<Node>) -> Node {
    if nodes.is_empty() || nodes.contains(&Node::Never) {
        return Node::Never;
    }
    let mut flat = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::All(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Node::All(flat.into()) }
}

/// Holds when one node does.
fn any(nodes: Vec<Node>) -> Node {
    let mut flat = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::Never => {}
            Node::Any(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    match flat.len() {
        0 => Node::Never,
        1 => flat.remove(0),
        _ => Node::Any(flat.into()),
    }
}

fn not(node: Node) -> Node {
    match node {
        Node::Not(inner) => *inner,
        other => Node::Not(Box::new(other)),
    }
}
