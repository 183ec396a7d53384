//! Against rsigma-eval, where both engines mean the same: conditions that more hits can only make true.
//!
//! Known differences, each on purpose:
//! - rsigma's window takes in its oldest edge, ours leaves it out. Stamps here are even and the timespan is odd, so
//!   that no hit falls on an edge.
//! - rsigma fires at every hit for which the condition holds; ours fires once and goes on. So each of its firings must
//!   lie in one of our matches, and our matches must begin and end with a firing of its.
//! - Averages, percentiles, upper bounds and absence are judged by us when they can no longer be taken back; rsigma
//!   judges them at each hit. They are left to the reference.
//! - We fold the case of group values and counted values; values here are of one case.

use proptest::prelude::*;
use rsigma_eval::{CorrelationConfig, CorrelationEngine, JsonEvent};
use rsigma_parser::parse_sigma_yaml;
use vedette_sigma::{Condition, Correlation, CorrelationKind as Kind};

use crate::build::{Seen, correlation, rule, run, seen};

const SPAN: u64 = 7;
const USERS: [&str; 3] = ["ana", "bo", ""];

fn document(c: &Correlation, condition: &str, expression: &str) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for i in 0..3 {
        let _ = write!(
            text,
            "title: r{i}\nid: r{i}\nname: r{i}\nlogsource:\n  product: test\ndetection:\n  selection:\n    rule: r{i}\n  \
             condition: selection\n---\n"
        );
    }
    let (kind, field) = match &c.kind {
        Kind::EventCount => ("event_count", false),
        Kind::ValueCount { .. } => ("value_count", true),
        Kind::ValueSum { .. } => ("value_sum", true),
        Kind::Temporal => ("temporal", false),
        Kind::TemporalOrdered => ("temporal_ordered", false),
        Kind::ValueAvg { .. } | Kind::ValuePercentile { .. } => unreachable!("not compared"),
    };
    let _ = write!(
        text,
        "title: c\nid: c\ncorrelation:\n  type: {kind}\n  rules: [{}]\n  group-by: [user]\n  timespan: {SPAN}s\n",
        c.rules.join(", ")
    );
    if !expression.is_empty() {
        let _ = writeln!(text, "  condition: {expression}");
    } else if !condition.is_empty() {
        let (comparison, limit) = condition.split_once(' ').expect("a comparison");
        let _ = writeln!(text, "  condition:\n    {comparison}: {limit}");
        if field {
            text.push_str("    field: v\n");
        }
    }
    text
}

/// The seconds at which rsigma fires for a user.
fn oracle(document: &str, events: &[Seen]) -> Vec<(String, i64)> {
    let collection = parse_sigma_yaml(document).expect("a document");
    let mut engine = CorrelationEngine::new(CorrelationConfig::default());
    engine.add_collection(&collection).expect("correlations");
    let mut fired = Vec::new();
    for event in events {
        let mut json = serde_json::json!({ "rule": format!("r{}", event.rule) });
        for (name, value) in &event.fields {
            json[*name] = value.parse::<i64>().map_or_else(|_| value.clone().into(), Into::into);
        }
        let time = event.time.expect("a time");
        for result in engine.process_event_at(&JsonEvent::borrow(&json), time) {
            if let Some(found) = result.as_correlation() {
                let user = found.group_key.first().map(|(_, v)| v.clone()).unwrap_or_default();
                fired.push((user, time));
            }
        }
    }
    fired.dedup();
    fired
}

fn compare(c: &Correlation, condition: &str, expression: &str, events: &[Seen]) -> Result<(), TestCaseError> {
    let fired = oracle(&document(c, condition, expression), events);
    let second = |t: vedette_model::Timestamp| t.0 / 1_000_000_000;
    let ours: Vec<(String, i64, i64)> = (run(std::slice::from_ref(c), events).findings.iter())
        .map(|f| {
            let user = f.group.first().map(|(_, v)| v.clone()).unwrap_or_default();
            (user, f.closing.time.map_or(-1, second), second(f.last))
        })
        .collect();
    for (user, time) in &fired {
        let inside = ours.iter().any(|(u, from, to)| u == user && from <= time && time <= to);
        prop_assert!(inside, "{user} at {time} is in none of {ours:?}");
    }
    for (user, from, to) in &ours {
        for end in [from, to] {
            prop_assert!(fired.contains(&(user.clone(), *end)), "{user} at {end} is not in {fired:?}");
        }
    }
    Ok(())
}

fn events() -> impl Strategy<Value = Vec<Seen>> {
    prop::collection::vec((0..25i64, 0..3u32, 0..9i64, 0..3usize), 0..40).prop_map(|mut rows| {
        // Equal times in the order of the rules, as a sequence takes them.
        rows.sort_by_key(|r| (r.0, r.1));
        rows.iter()
            .enumerate()
            .map(|(record, r)| {
                let value = r.2.to_string();
                let fields = [("v", value.as_str()), ("user", USERS[r.3])];
                // The last user stands for events that lack the field.
                seen(r.0 * 2, r.1, record as u64, if USERS[r.3].is_empty() { &fields[..1] } else { &fields })
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn agrees_on_counts_sums_and_sequences(
        kind in prop_oneof![
            Just(Kind::EventCount),
            Just(Kind::ValueCount { fields: vec!["v".into()] }),
            Just(Kind::ValueSum { field: "v".into() }),
            Just(Kind::Temporal),
            Just(Kind::TemporalOrdered),
        ],
        comparison in prop::sample::select(vec!["gt", "gte"]),
        limit in 1..5u32,
        events in events(),
    ) {
        let ordered = kind == Kind::TemporalOrdered;
        // rsigma knows a sequence only as a whole.
        let condition = if ordered { String::new() } else { format!("{comparison} {limit}") };
        let c = correlation(kind, &["r0", "r1", "r2"], SPAN, &condition);
        compare(&c, if ordered { "gte 3" } else { &condition }, "", &events)?;
    }

    #[test]
    fn agrees_on_boolean_conditions_without_not(which in 0..3usize, events in events()) {
        let (text, condition) = [
            ("r0 and r1", Condition::And(vec![rule(0), rule(1)])),
            ("r0 or r2", Condition::Or(vec![rule(0), rule(2)])),
            ("r0 and (r1 or r2)", Condition::And(vec![rule(0), Condition::Or(vec![rule(1), rule(2)])])),
        ][which].clone();
        let mut c = correlation(Kind::Temporal, &["r0", "r1", "r2"], SPAN, "");
        c.expression = Some(condition);
        compare(&c, "", text, &events)?;
    }
}
