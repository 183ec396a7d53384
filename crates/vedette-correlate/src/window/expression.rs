//! A boolean condition over the rules of a `temporal` correlation, on sets of rules kept as bits.
//!
//! Source: Sigma correlation rules, extended condition of `temporal` correlations.

use vedette_sigma::{Condition, Quantifier};

/// The condition, with the rules that must occur and those that must not.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    root: Node,
    required: u64,
    forbidden: u64,
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Rule(u8),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

impl Expression {
    /// Reads the condition; `slot` turns an index into the correlation's `rules` into a bit, below 64. `None` when
    /// an index has no slot.
    pub fn new(condition: &Condition, slot: &impl Fn(usize) -> Option<u8>) -> Option<Self> {
        let root = Node::new(condition, slot)?;
        let (mut required, mut forbidden) = (0, 0);
        root.polarity(false, &mut required, &mut forbidden);
        Some(Self { root, required, forbidden })
    }

    /// Rules under an even number of `not`.
    pub fn required(&self) -> u64 {
        self.required
    }

    /// Rules under an odd number of `not`.
    pub fn forbidden(&self) -> u64 {
        self.forbidden
    }

    /// `seen` answers for rules that must occur, `broken` for those under `not`: the two look at different spans.
    pub fn holds(&self, seen: u64, broken: u64) -> bool {
        self.root.holds(false, seen, broken)
    }

    /// Whether it is only rules and `not` rules joined by `and`; a sequence can be asked of nothing else.
    pub fn is_conjunction(&self) -> bool {
        match &self.root {
            Node::All(parts) => parts.iter().all(Node::is_conjunct),
            single => single.is_conjunct(),
        }
    }
}

impl Node {
    fn new(condition: &Condition, slot: &impl Fn(usize) -> Option<u8>) -> Option<Self> {
        let many = |parts: &[Condition]| parts.iter().map(|p| Self::new(p, slot)).collect::<Option<Vec<_>>>();
        Some(match condition {
            Condition::Selection(index) => Self::Rule(slot(*index)?),
            Condition::And(parts) => Self::All(many(parts)?.into_iter().flat_map(Self::conjuncts).collect()),
            Condition::Or(parts) => Self::Any(many(parts)?),
            Condition::Not(part) => Self::Not(Box::new(Self::new(part, slot)?)),
            Condition::Of { quantifier, of, .. } => {
                let rules = of.iter().map(|&i| slot(i).map(Self::Rule)).collect::<Option<Vec<_>>>()?;
                match quantifier {
                    Quantifier::All => Self::All(rules),
                    Quantifier::Any => Self::Any(rules),
                }
            }
        })
    }

    /// `a and (b and c)` is `a and b and c`.
    fn conjuncts(self) -> Vec<Node> {
        match self {
            Self::All(parts) => parts,
            other => vec![other],
        }
    }

    fn is_conjunct(&self) -> bool {
        match self {
            Self::Rule(_) => true,
            Self::Not(part) => matches!(**part, Self::Rule(_)),
            _ => false,
        }
    }

    fn polarity(&self, negated: bool, required: &mut u64, forbidden: &mut u64) {
        match self {
            Self::Rule(slot) if negated => *forbidden |= 1 << slot,
            Self::Rule(slot) => *required |= 1 << slot,
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().for_each(|p| p.polarity(negated, required, forbidden));
            }
            Self::Not(part) => part.polarity(!negated, required, forbidden),
        }
    }

    fn holds(&self, negated: bool, seen: u64, broken: u64) -> bool {
        match self {
            Self::Rule(slot) => (if negated { broken } else { seen }) >> slot & 1 == 1,
            Self::All(parts) => parts.iter().all(|p| p.holds(negated, seen, broken)),
            Self::Any(parts) => parts.iter().any(|p| p.holds(negated, seen, broken)),
            Self::Not(part) => !part.holds(!negated, seen, broken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(i: usize) -> Condition {
        Condition::Selection(i)
    }

    fn read(condition: &Condition) -> Expression {
        Expression::new(condition, &|i| u8::try_from(i).ok()).expect("slots")
    }

    #[test]
    fn tells_what_must_occur_from_what_must_not() {
        let absence = read(&Condition::And(vec![rule(0), Condition::Not(Box::new(rule(1)))]));
        assert_eq!((absence.required(), absence.forbidden()), (0b01, 0b10));
        assert!(absence.holds(0b01, 0b00));
        assert!(!absence.holds(0b01, 0b10));
        assert!(absence.is_conjunction());
    }

    #[test]
    fn a_rule_may_stand_on_both_sides() {
        // One of the two, but not both.
        let either = Condition::Or(vec![rule(0), rule(1)]);
        let both = Condition::And(vec![rule(0), rule(1)]);
        let one = read(&Condition::And(vec![either, Condition::Not(Box::new(both))]));
        assert_eq!((one.required(), one.forbidden()), (0b11, 0b11));
        assert!(one.holds(0b01, 0b01));
        assert!(!one.holds(0b11, 0b11));
        assert!(!one.is_conjunction());
    }
}
