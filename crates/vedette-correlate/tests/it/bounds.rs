//! What goes over a bound is counted and told, and does not depend on the order of offering.

use vedette_correlate::Limits;
use vedette_sigma::CorrelationKind as Kind;

use crate::build::{Seen, correlation, lines, run, run_limited, seen};

fn codes(finished: &vedette_correlate::Finished) -> Vec<(&'static str, u64)> {
    finished.problems.iter().map(|p| (p.code, p.count)).collect()
}

#[test]
fn too_many_hits_keep_the_earliest_of_each_rule() {
    let c = correlation(Kind::EventCount, &["r0", "r1"], 1_000_000, "gte 1");
    let limits = Limits { hits: 100, ..Limits::default() };
    let mut events: Vec<Seen> = (0..1_000).map(|t| seen(t, 0, t as u64, &[("user", "ana")])).collect();
    events.extend((0..10).map(|t| seen(5_000 + t, 1, 5_000 + t as u64, &[("user", "ana")])));
    let forwards = run_limited(std::slice::from_ref(&c), &events, limits);
    events.reverse();
    let backwards = run_limited(&[c], &events, limits);
    assert_eq!(forwards, backwards);
    // The quiet rule keeps its ten, the loud one gets the rest.
    assert_eq!(lines(&forwards), ["ana 0..5009 x100 =1"]);
    assert_eq!((forwards.tally.offered, forwards.tally.kept, forwards.tally.over_bound), (1_010, 100, 910));
    assert_eq!(codes(&forwards), [("VD-C021", 910)]);
}

#[test]
fn too_many_matches_keep_the_earliest() {
    let c = correlation(Kind::EventCount, &["r0"], 10, "gte 1");
    let limits = Limits { matches_per_correlation: 5, ..Limits::default() };
    let names: Vec<String> = (0..50).map(|i| format!("u{i}")).collect();
    let events: Vec<Seen> = (0..50).map(|t| seen(t, 0, t as u64, &[("user", &names[t as usize])])).collect();
    let finished = run_limited(&[c], &events, limits);
    assert_eq!(lines(&finished), (0..5).map(|t| format!("u{t} {t}..{t} x1 =1")).collect::<Vec<_>>());
    assert_eq!(finished.tally.matches_over_bound, 45);
    assert_eq!(codes(&finished), [("VD-C025", 45)]);
}

#[test]
fn the_list_of_events_is_bounded_and_the_count_true() {
    let c = correlation(Kind::Temporal, &["r0", "r1"], 1_000, "");
    let limits = Limits { events_per_match: 4, ..Limits::default() };
    let mut events: Vec<Seen> = (0..20).map(|t| seen(t, 0, t as u64, &[("user", "ana")])).collect();
    events.push(seen(30, 1, 30, &[("user", "ana")]));
    let finished = run_limited(&[c], &events, limits);
    assert_eq!(finished.findings[0].count, 21);
    // The earliest, and the last of each rule.
    assert_eq!(finished.findings[0].events.iter().map(|e| e.record).collect::<Vec<_>>(), [0, 1, 19, 30]);
}

#[test]
fn texts_over_the_bound_are_told_and_groups_stay_apart() {
    let c = correlation(Kind::EventCount, &["r0"], 10, "gte 2");
    let limits = Limits { text_bytes: 6, ..Limits::default() };
    let user = |t: i64, name| seen(t, 0, t as u64, &[("user", name)]);
    let finished =
        run_limited(&[c], &[user(0, "somebody"), user(1, "somebody"), user(2, "else one")], limits);
    assert_eq!(finished.findings.len(), 1);
    assert!(finished.findings[0].group[0].1.starts_with('#'));
    assert_eq!(codes(&finished)[0].0, "VD-C022");
}

#[test]
fn a_hundred_thousand_hits_of_one_group_take_no_time() {
    // Quadratic work would take minutes here.
    let kinds = [
        (Kind::EventCount, "gte 50000"),
        (Kind::EventCount, "gt 50000 lte 60000"),
        (Kind::ValueCount { fields: vec!["v".into()] }, "gte 50000"),
        (Kind::ValueSum { field: "v".into() }, "lt 0"),
        (Kind::ValuePercentile { field: "v".into(), percentile: 99.0 }, "gte 90000"),
        (Kind::Temporal, "gte 2"),
        (Kind::TemporalOrdered, "gte 2"),
    ];
    let values: Vec<String> = (0..100_000).map(|i| i.to_string()).collect();
    let events: Vec<Seen> = (0..100_000i64)
        .map(|t| seen(t, (t % 2) as u32, t as u64, &[("user", "ana"), ("v", &values[t as usize])]))
        .collect();
    for (kind, condition) in kinds {
        let c = correlation(kind.clone(), &["r0", "r1"], 55_000, condition);
        let finished = run(&[c], &events);
        assert_eq!(finished.findings.is_empty(), condition == "lt 0", "{kind:?}");
    }
}
