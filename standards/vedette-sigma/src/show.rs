//! Conditions as people write them, for `explain` and for tests.

use std::fmt;

use crate::rule::{Condition, Detection, Quantifier, Selector};

impl Condition {
    /// The condition with the names of its selections; parentheses only where precedence asks for them.
    pub fn show<'a, N: AsRef<str>>(&'a self, names: &'a [N]) -> impl fmt::Display + 'a {
        Shown { condition: self, name: move |index| names.get(index).map_or("?", AsRef::as_ref) }
    }
}

impl Detection {
    /// `condition` with the names of this detection's selections.
    pub fn show<'a>(&'a self, condition: &'a Condition) -> impl fmt::Display + 'a {
        Shown {
            condition,
            name: |index| {
                self.selections.get(index).map_or("?", |s: &crate::rule::Selection| s.name.as_str())
            },
        }
    }
}

struct Shown<'a, F> {
    condition: &'a Condition,
    name: F,
}

impl<'a, F: Fn(usize) -> &'a str> fmt::Display for Shown<'a, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(self.condition, &self.name, 0, f)
    }
}

/// `outer` is the binding strength around: 0 nothing or `or`, 1 `and`, 2 `not`.
fn write<'a>(
    condition: &Condition,
    name: &impl Fn(usize) -> &'a str,
    outer: u8,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let joined = |parts: &[Condition], word: &str, own: u8, f: &mut fmt::Formatter<'_>| {
        let wrap = outer > own;
        if wrap {
            f.write_str("(")?;
        }
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                f.write_str(word)?;
            }
            // A part of the same kind keeps its parentheses, so that the tree can be read back.
            write(part, name, own + 1, f)?;
        }
        if wrap {
            f.write_str(")")?;
        }
        Ok(())
    };
    match condition {
        Condition::Selection(index) => f.write_str(name(*index)),
        Condition::Or(parts) => joined(parts, " or ", 0, f),
        Condition::And(parts) => joined(parts, " and ", 1, f),
        Condition::Not(inner) => {
            f.write_str("not ")?;
            write(inner, name, 2, f)
        }
        Condition::Of { quantifier, selector, .. } => {
            f.write_str(match quantifier {
                Quantifier::Any => "1 of ",
                Quantifier::All => "all of ",
            })?;
            f.write_str(match selector {
                Selector::Them => "them",
                Selector::Pattern(pattern) => pattern,
            })
        }
    }
}
