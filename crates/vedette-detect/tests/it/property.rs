//! Random rules over random events: the plan and the slow evaluator give the same answer.

use std::sync::Arc;

use proptest::prelude::*;
use vedette_detect::{Plan, Scratch, slow};
use vedette_model::{Kind, Lane, Native};
use vedette_sigma::{
    Block, Condition, DatePart, Fold, Glob, Item, Logsource, Matcher, NumberTest, Quantifier, RefKind, Rule,
    Selector, Token,
};

use crate::build;

/// Few letters and few names, so that values and rules meet often.
const WORD: &str = "[abAB1\\\\ä]{0,5}";

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => WORD,
        1 => Just("4688".to_owned()),
        1 => Just("10.0.0.7".to_owned()),
        1 => Just("2026-03-14T09:26:53Z".to_owned()),
        1 => Just("true".to_owned()),
        1 => "[ab]{4,9}",
    ]
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof![Just("F"), Just("G"), Just("H"), Just("User")].prop_map(str::to_owned)
}

fn fold() -> impl Strategy<Value = Fold> {
    prop_oneof![3 => Just(Fold::Ignore), 1 => Just(Fold::Cased)]
}

fn token() -> impl Strategy<Value = Token> {
    prop_oneof![4 => word().prop_map(Token::Text), 2 => Just(Token::Many), 1 => Just(Token::One)]
}

fn number_test() -> impl Strategy<Value = NumberTest> {
    prop_oneof![
        Just(NumberTest::Eq),
        Just(NumberTest::Lt),
        Just(NumberTest::Lte),
        Just(NumberTest::Gt),
        Just(NumberTest::Gte)
    ]
}

fn matcher() -> impl Strategy<Value = Matcher> {
    let leaf = prop_oneof![
        12 => (proptest::collection::vec(token(), 0..4), fold())
            .prop_map(|(tokens, fold)| Matcher::Glob(Glob { tokens, fold })),
        3 => prop_oneof![
            Just("a+b"), Just("(?i)ab"), Just("^a"), Just("(ab|ba1)"), Just("[0-9]+$"), Just("a.?b"), Just("")
        ]
        .prop_map(|p| Matcher::Regex(Arc::from(p))),
        1 => Just(Matcher::Cidr("10.0.0.0/8".parse().expect("a network"))),
        2 => (number_test(), prop_oneof![Just(1.0), Just(11.0), Just(4688.0)])
            .prop_map(|(t, n)| Matcher::Number(t, n)),
        1 => any::<bool>().prop_map(Matcher::Bool),
        1 => Just(Matcher::Null),
        1 => any::<bool>().prop_map(Matcher::Exists),
        1 => (field(), fold(), prop_oneof![
            Just(RefKind::Equals), Just(RefKind::StartsWith), Just(RefKind::EndsWith), Just(RefKind::Contains)
        ]).prop_map(|(field, fold, kind)| Matcher::FieldRef { field, kind, fold }),
        1 => number_test().prop_map(|t| Matcher::Date(DatePart::Hour, t, 9)),
    ];
    leaf.prop_recursive(2, 6, 3, |inner| proptest::collection::vec(inner, 0..4).prop_map(Matcher::AnyOf))
}

fn item() -> impl Strategy<Value = Item> {
    (
        prop_oneof![6 => field().prop_map(Some), 1 => Just(None)],
        prop_oneof![3 => Just(Quantifier::Any), 1 => Just(Quantifier::All)],
        prop::bool::weighted(0.1),
        proptest::collection::vec(matcher(), 0..6),
    )
        .prop_map(|(field, quantifier, negated, matchers)| Item {
            quantifier,
            negated,
            field,
            ..build::item("", matchers)
        })
}

fn block() -> impl Strategy<Value = Block> {
    item().prop_map(Block::Item).prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Block::All),
            proptest::collection::vec(inner, 0..4).prop_map(Block::Any),
        ]
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        4 => (0_usize..3).prop_map(Condition::Selection),
        1 => (prop_oneof![Just(Quantifier::Any), Just(Quantifier::All)], proptest::collection::vec(0_usize..3, 0..3))
            .prop_map(|(quantifier, of)| Condition::Of { quantifier, selector: Selector::Them, of }),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Condition::And),
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Condition::Or),
            inner.prop_map(|c| Condition::Not(Box::new(c))),
        ]
    })
}

fn rule() -> impl Strategy<Value = Rule> {
    let product = prop_oneof![2 => Just(None), 2 => Just(Some("windows")), 1 => Just(Some("linux"))];
    (proptest::collection::vec(block(), 3), proptest::collection::vec(condition(), 0..3), product).prop_map(
        |(blocks, conditions, product)| {
            let mut rule = build::rule(blocks, Condition::Selection(0));
            rule.detection.conditions = conditions;
            rule.logsource = Logsource { product: product.map(str::to_owned), ..Logsource::default() };
            rule
        },
    )
}

fn native() -> impl Strategy<Value = Native> {
    let name = prop_oneof![Just("F"), Just("G"), Just("H"), Just("U1"), Just("U2"), Just("User")];
    let kind = prop_oneof![
        5 => Just(Kind::Text), 1 => Just(Kind::Number), 1 => Just(Kind::Bool), 1 => Just(Kind::Null)
    ];
    proptest::collection::vec((name, word(), kind, prop::bool::weighted(0.1)), 0..8).prop_map(|fields| {
        let mut native = Native::new();
        for (name, value, kind, derived) in fields {
            let value = if kind == Kind::Null { "" } else { value.as_str() };
            if derived {
                native.push_derived(name, "F+G", value, kind);
            } else {
                native.push(name, value, kind);
            }
        }
        native
    })
}

fn lanes() -> Vec<Lane> {
    let plain = build::lane(1);
    let mut aliased = build::lane(2);
    aliased.tags.push(build::tag("linux", "", ""));
    aliased.aliases.insert("User".into(), vec!["U1".into(), "U2".into()]);
    aliased.aliases.insert("G".into(), vec!["F".into()]);
    vec![plain, aliased]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]
    #[test]
    fn the_plan_agrees_with_the_slow_evaluator(
        rules in proptest::collection::vec(rule(), 1..8),
        events in proptest::collection::vec(native(), 1..8),
    ) {
        let lanes = lanes();
        let (plan, left_out) = Plan::compile(Arc::from(rules.clone()), &lanes);
        prop_assert_eq!(left_out, vec![]);
        let mut scratch = Scratch::new();
        let unknown = Lane::default();
        for lane in lanes.iter().chain([&unknown]) {
            for event in &events {
                let mut hits = Vec::new();
                plan.eval(lane.id, event, &mut scratch, &mut hits);
                let slow: Vec<u32> = (0..rules.len() as u32)
                    .filter(|r| slow::matches(&rules[*r as usize], lane, event))
                    .collect();
                prop_assert_eq!(hits, slow, "lane {:?}, event {:?}", lane.id, event);
            }
        }
    }
}
