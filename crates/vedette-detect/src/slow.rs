//! The slow and obvious evaluator: straight over the rule, nothing shared, nothing prepared. It is the second way to
//! the truth that the plan is tested against, and the ground that explanations stand on.

use regex_automata::meta::{Config, Regex};
use vedette_model::{Kind, Lane, LaneId, Native};
use vedette_sigma::{
    Block, Condition, Fold, Glob, Item, Logsource, Matcher, Quantifier, RefKind, Rule, Token,
};

use crate::fold::folded;
use crate::{limits, value};

/// One value of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    pub text: &'a str,
    pub kind: Kind,
    /// Where it stood in the record.
    pub path: &'a str,
}

/// What an event holds under a name that rules use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// The native name it was found under; `None` when absent, or for keywords.
    pub native: Option<&'a str>,
    pub present: bool,
    /// Values that are not null.
    pub values: Vec<Value<'a>>,
}

/// Whether `rule` runs in `lane` at all.
pub fn fits(rule: &Rule, lane: &Lane) -> bool {
    let Logsource { product, category, service, .. } = &rule.logsource;
    let parts = [product, category, service];
    if parts.iter().all(|p| p.is_none()) {
        return true;
    }
    lane.id != LaneId::UNKNOWN
        && lane.tags.iter().any(|tag| {
            parts.iter().zip([&tag.product, &tag.category, &tag.service]).all(|(asked, given)| {
                asked
                    .as_ref()
                    .is_none_or(|asked| given.as_ref().is_some_and(|given| given.eq_ignore_ascii_case(asked)))
            })
        })
}

/// Whether `rule` runs in `lane` and matches the event.
pub fn matches(rule: &Rule, lane: &Lane, native: &Native) -> bool {
    fits(rule, lane) && rule.detection.conditions.iter().any(|c| condition(c, rule, lane, native))
}

/// Whether a condition holds.
pub fn condition(condition: &Condition, rule: &Rule, lane: &Lane, native: &Native) -> bool {
    let selection =
        |index: &usize| rule.detection.selections.get(*index).is_some_and(|s| block(&s.block, lane, native));
    match condition {
        Condition::Selection(index) => selection(index),
        Condition::And(parts) => {
            !parts.is_empty() && parts.iter().all(|p| self::condition(p, rule, lane, native))
        }
        Condition::Or(parts) => parts.iter().any(|p| self::condition(p, rule, lane, native)),
        Condition::Not(inner) => !self::condition(inner, rule, lane, native),
        Condition::Of { quantifier: Quantifier::Any, of, .. } => of.iter().any(selection),
        Condition::Of { quantifier: Quantifier::All, of, .. } => !of.is_empty() && of.iter().all(selection),
    }
}

/// Whether a selection, or a part of it, holds.
pub fn block(block: &Block, lane: &Lane, native: &Native) -> bool {
    match block {
        Block::All(blocks) => !blocks.is_empty() && blocks.iter().all(|b| self::block(b, lane, native)),
        Block::Any(blocks) => blocks.iter().any(|b| self::block(b, lane, native)),
        Block::Item(item) => self::item(item, lane, native),
    }
}

/// Whether one line of a selection holds.
pub fn item(item: &Item, lane: &Lane, native: &Native) -> bool {
    let field = read(item.field.as_deref(), lane, native);
    let mut outcomes = item.matchers.iter().map(|m| matcher(m, item.field.is_some(), &field, lane, native));
    let outcome = match item.quantifier {
        Quantifier::Any => outcomes.any(|held| held),
        Quantifier::All => !item.matchers.is_empty() && outcomes.all(|held| held),
    };
    if item.negated { !field.values.is_empty() && !outcome } else { outcome }
}

/// What the event holds under `name`; under no name, all that the record holds.
pub fn read<'a>(name: Option<&'a str>, lane: &'a Lane, native: &'a Native) -> Field<'a> {
    let Some(name) = name else {
        let values = native
            .iter()
            .filter(|f| f.kind != Kind::Null && !f.derived)
            .map(|f| Value { text: f.value, kind: f.kind, path: f.path })
            .collect();
        return Field { native: None, present: true, values };
    };
    let mut field = Field { native: None, present: false, values: Vec::new() };
    let own = [name.to_owned()];
    let names = lane.aliases.get(name).filter(|names| !names.is_empty()).map_or(&own[..], Vec::as_slice);
    for candidate in names {
        for f in native.iter().filter(|f| f.name == *candidate) {
            field.present = true;
            field.native.get_or_insert(f.name);
            if f.kind != Kind::Null && field.values.len() < limits::FIELD_VALUES_MAX {
                field.native = Some(f.name);
                field.values.push(Value { text: f.value, kind: f.kind, path: f.path });
            }
        }
        if !field.values.is_empty() {
            break;
        }
    }
    field
}

/// Whether a matcher holds for a field: for one of its values, or for having none.
pub fn matcher(matcher: &Matcher, named: bool, field: &Field<'_>, lane: &Lane, native: &Native) -> bool {
    match matcher {
        Matcher::Null => named && field.values.is_empty(),
        Matcher::Exists(asked) => named && field.present == *asked,
        Matcher::AnyOf(inner) => inner.iter().any(|m| self::matcher(m, named, field, lane, native)),
        _ => field.values.iter().any(|v| value_meets(matcher, v, lane, native)),
    }
}

/// Whether one value meets a matcher.
pub fn value_meets(matcher: &Matcher, value: &Value<'_>, lane: &Lane, native: &Native) -> bool {
    let Value { text, kind, .. } = *value;
    match matcher {
        Matcher::Glob(glob) => covers(glob, text),
        Matcher::Regex(pattern) => regex(pattern).is_some_and(|r| r.is_match(text)),
        Matcher::Cidr(net) => value::in_net(text, net),
        Matcher::Number(test, asked) => {
            value::number(text, kind).is_some_and(|n| value::number_holds(*test, n, *asked))
        }
        Matcher::Bool(asked) => value::boolean(text, kind) == Some(*asked),
        Matcher::Date(part, test, asked) => value::date_part(text, kind, *part)
            .is_some_and(|n| value::number_holds(*test, n as f64, *asked as f64)),
        Matcher::FieldRef { field, kind, fold } => {
            read(Some(field), lane, native).values.iter().any(|other| {
                let both = match fold {
                    Fold::Ignore => (folded(text), folded(other.text)),
                    Fold::Cased => (text.to_owned(), other.text.to_owned()),
                };
                match kind {
                    RefKind::Equals => both.0 == both.1,
                    RefKind::StartsWith => both.0.starts_with(&both.1),
                    RefKind::EndsWith => both.0.ends_with(&both.1),
                    RefKind::Contains => both.0.contains(&both.1),
                }
            })
        }
        Matcher::AnyOf(inner) => inner.iter().any(|m| value_meets(m, value, lane, native)),
        Matcher::Null | Matcher::Exists(_) | Matcher::Placeholder { .. } => false,
    }
}

fn regex(pattern: &str) -> Option<Regex> {
    let config = Config::new().nfa_size_limit(Some(limits::REGEX_BYTES_MAX));
    Regex::builder().configure(config).build(pattern).ok()
}

/// The definition of a glob, character by character: which beginnings of the text the tokens so far can cover.
fn covers(glob: &Glob, text: &str) -> bool {
    let fold = |text: &str| match glob.fold {
        Fold::Ignore => folded(text),
        Fold::Cased => text.to_owned(),
    };
    let text: Vec<char> = fold(text).chars().collect();
    // reach[n]: the tokens so far can cover exactly the first n characters.
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    for token in &glob.tokens {
        match token {
            Token::Many => {
                let first = reach.iter().position(|r| *r).unwrap_or(reach.len());
                reach.iter_mut().skip(first).for_each(|r| *r = true);
            }
            Token::One => {
                reach.rotate_right(1);
                reach[0] = false;
            }
            Token::Text(literal) => {
                let literal: Vec<char> = fold(literal).chars().collect();
                let mut next = vec![false; reach.len()];
                for (n, reached) in reach.iter().enumerate() {
                    if *reached && text[n..].starts_with(&literal) {
                        next[n + literal.len()] = true;
                    }
                }
                reach = next;
            }
        }
    }
    reach[text.len()]
}
