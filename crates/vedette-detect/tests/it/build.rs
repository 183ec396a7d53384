//! Rules, lanes and events by hand, for tests.

use std::sync::Arc;

use vedette_detect::{Plan, Scratch, slow};
use vedette_model::{Kind, Lane, LaneId, LogsourceTag, Native};
use vedette_sigma::{
    Block, Condition, Detection, Fold, Glob, Item, Logsource, Matcher, Meta, Place, Quantifier, Rule,
    Selection, Token,
};

pub fn glob(pattern: &str) -> Glob {
    let mut tokens = Vec::new();
    for c in pattern.chars() {
        match (c, tokens.last_mut()) {
            ('*', _) => tokens.push(Token::Many),
            ('?', _) => tokens.push(Token::One),
            (c, Some(Token::Text(text))) => text.push(c),
            (c, _) => tokens.push(Token::Text(c.to_string())),
        }
    }
    Glob { tokens, fold: Fold::Ignore }
}

pub fn text(pattern: &str) -> Matcher {
    Matcher::Glob(glob(pattern))
}

pub fn cased(pattern: &str) -> Matcher {
    Matcher::Glob(Glob { fold: Fold::Cased, ..glob(pattern) })
}

pub fn item(field: &str, matchers: Vec<Matcher>) -> Item {
    Item {
        field: (!field.is_empty()).then(|| field.to_owned()),
        quantifier: Quantifier::Any,
        negated: false,
        matchers,
        place: Place::default(),
    }
}

pub fn map(items: Vec<Item>) -> Block {
    Block::All(items.into_iter().map(Block::Item).collect())
}

pub fn rule(selections: Vec<Block>, condition: Condition) -> Rule {
    Rule {
        meta: Meta {
            id: "00000000-0000-0000-0000-000000000000".into(),
            title: "a rule of a test".into(),
            name: None,
            status: None,
            level: None,
            description: None,
            author: None,
            license: None,
            date: None,
            modified: None,
            references: Vec::new(),
            tags: Vec::new(),
            falsepositives: Vec::new(),
            guide: None,
            fields: Vec::new(),
            place: Place::default(),
        },
        logsource: Logsource::default(),
        detection: Detection {
            selections: selections
                .into_iter()
                .enumerate()
                .map(|(i, block)| Selection {
                    name: format!("selection_{i}"),
                    block,
                    place: Place::default(),
                })
                .collect(),
            conditions: vec![condition],
        },
        filters: Vec::new(),
    }
}

/// One selection with one line.
pub fn one(item: Item) -> Rule {
    rule(vec![map(vec![item])], Condition::Selection(0))
}

pub fn event(fields: &[(&str, &str, Kind)]) -> Native {
    let mut native = Native::new();
    for (name, value, kind) in fields {
        native.push(name, value, *kind);
    }
    native
}

pub fn texts(fields: &[(&str, &str)]) -> Native {
    let mut native = Native::new();
    for (name, value) in fields {
        native.push_text(name, value);
    }
    native
}

pub fn tag(product: &str, category: &str, service: &str) -> LogsourceTag {
    let part = |p: &str| (!p.is_empty()).then(|| p.to_owned());
    LogsourceTag { product: part(product), category: part(category), service: part(service) }
}

pub fn lane(id: u32) -> Lane {
    Lane { id: LaneId(id), tags: vec![tag("windows", "process_creation", "sysmon")], ..Lane::default() }
}

/// The plan's answer for one rule, which must be that of the slow evaluator.
#[track_caller]
pub fn matches_in(rule: &Rule, lane: &Lane, native: &Native) -> bool {
    let (plan, left_out) = Plan::compile(Arc::from(vec![rule.clone()]), std::slice::from_ref(lane));
    assert_eq!(left_out, []);
    let mut hits = Vec::new();
    plan.eval(lane.id, native, &mut Scratch::new(), &mut hits);
    let slow = slow::matches(rule, lane, native);
    assert_eq!(!hits.is_empty(), slow, "plan and slow evaluator differ on {rule:?} and {native:?}");
    slow
}

#[track_caller]
pub fn matches(rule: &Rule, native: &Native) -> bool {
    matches_in(rule, &lane(1), native)
}
