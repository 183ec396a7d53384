//! Correlations over correlations.

use vedette_correlate::Correlator;
use vedette_sigma::{Correlation, CorrelationKind as Kind};

use crate::build::{Seen, correlation, lines, meta, rule_index, run, seen};

fn named(id: &str, mut correlation: Correlation) -> Correlation {
    correlation.meta = meta(id);
    correlation
}

/// Many failed logons (r0), then a good one (r1).
fn brute_force(inner_group: &str) -> [Correlation; 2] {
    let mut many = named("many", correlation(Kind::EventCount, &["r0"], 60, "gte 3"));
    many.group_by = vec![inner_group.into()];
    [named("outer", correlation(Kind::TemporalOrdered, &["many", "r1"], 60, "")), many]
}

fn logons() -> Vec<Seen> {
    let mut events: Vec<Seen> =
        (0..4).map(|t| seen(t, 0, t as u64, &[("user", "ana"), ("host", "dc1")])).collect();
    events.push(seen(10, 1, 10, &[("user", "Ana"), ("host", "dc1")]));
    events
}

#[test]
fn an_inner_match_is_a_hit_of_the_outer() {
    let finished = run(&brute_force("user"), &logons());
    // The inner one is only fuel, so there is one finding; it lists the events of both.
    assert_eq!(lines(&finished), ["Ana 10..10 x2 =2"]);
    let finding = &finished.findings[0];
    assert_eq!(finding.correlation, 0);
    assert_eq!(finding.events.iter().map(|e| e.record).collect::<Vec<_>>(), [0, 1, 2, 3, 10]);
    assert_eq!(finding.first.0, 0);
    assert_eq!(finding.closing.record, 10);
}

#[test]
fn the_order_of_the_documents_does_not_matter() {
    let [outer, inner] = brute_force("user");
    assert_eq!(lines(&run(&[inner, outer], &logons())), ["Ana 10..10 x2 =2"]);
}

#[test]
fn generate_shows_the_inner_match_too() {
    let [mut outer, inner] = brute_force("user");
    outer.generate = true;
    assert_eq!(lines(&run(&[outer, inner], &logons())), ["Ana 2..3 x4 =3", "Ana 10..10 x2 =2"]);
}

#[test]
fn a_field_that_the_inner_does_not_group_by_comes_from_its_events() {
    let chain = brute_force("host");
    let (correlator, _) = Correlator::new(&chain, rule_index);
    assert_eq!(correlator.wanted(0), ["host", "user"]);
    assert_eq!(lines(&run(&chain, &logons())), ["Ana 10..10 x2 =2"]);
    // A spray: three users failed on one host, and the second of them then came in.
    let mut events: Vec<Seen> = ["ana", "bo", "cy"]
        .iter()
        .zip(0..)
        .map(|(user, t)| seen(t, 0, t as u64, &[("user", user), ("host", "dc1")]))
        .collect();
    events.push(seen(10, 1, 10, &[("user", "bo"), ("host", "dc1")]));
    assert_eq!(lines(&run(&chain, &events)), ["bo 10..10 x2 =2"]);
}

#[test]
fn an_alias_names_a_field_of_the_inner_group() {
    let [mut outer, mut inner] = brute_force("user");
    inner.group_by = vec!["TargetUserName".into()];
    outer.group_by = vec!["who".into()];
    outer.aliases =
        vec![("who".into(), vec![("many".into(), "TargetUserName".into()), ("r1".into(), "user".into())])];
    let mut events: Vec<Seen> = (0..3).map(|t| seen(t, 0, t as u64, &[("TargetUserName", "ana")])).collect();
    events.push(seen(10, 1, 10, &[("user", "ana")]));
    assert_eq!(lines(&run(&[outer, inner], &events)), ["ana 10..10 x2 =2"]);
}

#[test]
fn matches_can_be_counted() {
    // Three users under attack from one address.
    let many = named("many", correlation(Kind::EventCount, &["r0"], 60, "gte 2"));
    let mut spread = named(
        "spread",
        correlation(Kind::ValueCount { fields: vec!["user".into()] }, &["many"], 600, "gte 3"),
    );
    spread.group_by = vec!["src".into()];
    let attack = |t: i64, user| seen(t, 0, t as u64, &[("user", user), ("src", "192.0.2.7")]);
    let events: Vec<Seen> =
        [(0, "ana"), (1, "ana"), (2, "bo"), (3, "bo"), (4, "cy")].map(|(t, u)| attack(t, u)).into();
    assert_eq!(run(&[spread.clone(), many.clone()], &events).findings, []);
    let events = [events, vec![attack(5, "cy")]].concat();
    assert_eq!(lines(&run(&[spread, many], &events)), ["192.0.2.7 5..5 x3 =3"]);
}

#[test]
fn circles_and_lost_ends_are_left_out() {
    let check = |chain: &[Correlation], expect: &[&str]| {
        let (correlator, problems) = Correlator::new(chain, rule_index);
        assert_eq!(problems.iter().map(|p| p.code).collect::<Vec<_>>(), expect);
        assert_eq!(correlator.running().count() + expect.len(), chain.len());
    };
    let over = |id: &str, rules: &[&str]| named(id, correlation(Kind::EventCount, rules, 10, "gte 1"));
    check(&[over("a", &["b"]), over("b", &["a"]), over("c", &["r0"])], &["VD-C002", "VD-C002"]);
    check(&[over("a", &["b"]), over("b", &["lost"])], &["VD-C001", "VD-C001"]);
    let ids: Vec<String> = (0..10).map(|i| format!("s{i}")).collect();
    let deep: Vec<Correlation> =
        (0..10).map(|i| over(&ids[i], &[if i == 0 { "r0" } else { &ids[i - 1] }])).collect();
    check(&deep, &["VD-C003", "VD-C001"]);
}
