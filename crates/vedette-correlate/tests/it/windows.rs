//! What each type of correlation finds, case by case. An event is `time:rule[=value]`, all of one user.

use vedette_sigma::{Condition, Correlation, CorrelationKind as Kind};

use crate::build::{Seen, correlation, lines, not, rule, run, seen};

fn events(text: &str) -> Vec<Seen> {
    let parse = |(record, word): (usize, &str)| {
        let (time, rest) = word.split_once(':').expect("time:rule");
        let (rule, value) = rest.split_once('=').unwrap_or((rest, ""));
        let mut fields = vec![("user", "ana")];
        if !value.is_empty() {
            fields.push(("v", value));
        }
        seen(time.parse().expect("seconds"), rule.parse().expect("rule"), record as u64, &fields)
    };
    text.split_whitespace().enumerate().map(parse).collect()
}

#[track_caller]
fn check(correlation: &Correlation, text: &str, expect: &[&str]) {
    let expect: Vec<String> = expect.iter().map(|line| format!("ana {line}")).collect();
    assert_eq!(lines(&run(std::slice::from_ref(correlation), &events(text))), expect, "{text}");
}

#[test]
fn event_count_fires_at_the_event_that_makes_it_true() {
    let c = correlation(Kind::EventCount, &["r0"], 10, "gte 3");
    check(&c, "0:0 4:0", &[]);
    check(&c, "0:0 4:0 9:0", &["9..9 x3 =3"]);
    // The window is open at its old end: 0 and 10 never share one.
    check(&c, "0:0 4:0 10:0", &[]);
    check(&c, "0:0 0:0 0:0", &["0..0 x3 =3"]);
    // While it holds, further events belong to the same match.
    check(&c, "0:0 1:0 2:0 3:0 4:0", &["2..4 x5 =3"]);
    check(&c, "0:0 1:0 2:0 9:0 10:0", &["2..10 x5 =3"]);
    // One comes as one leaves: it holds without a gap.
    let steady = correlation(Kind::EventCount, &["r0"], 10, "gte 2");
    check(&steady, "0:0 5:0 10:0 15:0 20:0", &["5..20 x5 =2"]);
    check(&steady, "0:0 5:0 11:0 15:0", &["5..5 x2 =2", "11..15 x3 =2"]);
    // It runs below three and may fire again.
    check(&c, "0:0 1:0 2:0 20:0 21:0 22:0", &["2..2 x3 =3", "22..22 x3 =3"]);
    let one = correlation(Kind::EventCount, &["r0"], 10, "gte 1");
    check(&one, "0:0 9:0 20:0", &["0..9 x2 =1", "20..20 x1 =1"]);
    let both = correlation(Kind::EventCount, &["r0", "r1"], 10, "gt 1");
    check(&both, "0:0 1:1", &["1..1 x2 =2"]);
}

#[test]
fn an_upper_bound_is_judged_when_the_window_is_full() {
    let few = correlation(Kind::EventCount, &["r0"], 10, "lt 3");
    check(&few, "0:0 1:0", &["1..1 x2 =2"]);
    check(&few, "0:0 1:0 2:0", &[]);
    check(&few, "", &[]);
    // The full windows are {0,1,2} and {30}.
    check(&few, "0:0 1:0 2:0 30:0", &["30..30 x1 =1"]);
    // {0,5} and {5,10} overlap and both hold: one match.
    check(&few, "0:0 5:0 10:0", &["5..10 x3 =2"]);
    let exactly = correlation(Kind::EventCount, &["r0"], 10, "eq 2");
    check(&exactly, "0:0 1:0", &["1..1 x2 =2"]);
    check(&exactly, "0:0 1:0 2:0", &[]);
    let range = correlation(Kind::EventCount, &["r0"], 10, "gt 1 lte 3");
    check(&range, "0:0", &[]);
    check(&range, "0:0 1:0 2:0", &["2..2 x3 =3"]);
    check(&range, "0:0 1:0 2:0 3:0", &[]);
    let other = correlation(Kind::EventCount, &["r0"], 10, "neq 2");
    check(&other, "0:0 1:0 40:0", &["40..40 x1 =1"]);
}

#[test]
fn value_count_counts_different_values() {
    let c = correlation(Kind::ValueCount { fields: vec!["v".into()] }, &["r0"], 10, "gte 2");
    check(&c, "0:0=a 1:0=a 2:0=A", &[]);
    check(&c, "0:0=a 1:0=a 2:0=b", &["2..2 x3 =2"]);
    check(&c, "0:0=a 1:0 2:0=b", &["2..2 x2 =2"]);
    check(&c, "0:0=a 10:0=b", &[]);
}

#[test]
fn several_value_fields_count_as_one_value() {
    let mut c = correlation(Kind::ValueCount { fields: vec!["v".into(), "w".into()] }, &["r0"], 10, "gte 2");
    c.group_by.clear();
    let pair = |t, v, w| seen(t, 0, t as u64, &[("v", v), ("w", w)]);
    assert_eq!(run(&[c.clone()], &[pair(0, "a", "x"), pair(1, "a", "x")]).findings.len(), 0);
    assert_eq!(run(&[c.clone()], &[pair(0, "a", "x"), pair(1, "a", "y")]).findings.len(), 1);
    assert_eq!(
        run(&[c], &[pair(0, "a", "x"), pair(1, "a", "")]).findings.len(),
        0,
        "an empty part is no value"
    );
}

#[test]
fn sums_averages_and_percentiles() {
    let sum = correlation(Kind::ValueSum { field: "v".into() }, &["r0"], 10, "gt 100");
    check(&sum, "0:0=60 1:0=40", &[]);
    check(&sum, "0:0=60 1:0=40 2:0=0x10", &["2..2 x3 =116"]);
    check(&sum, "0:0=60 1:0=many 2:0=41", &["2..2 x2 =101"]);
    let average = correlation(Kind::ValueAvg { field: "v".into() }, &["r0"], 10, "gte 50");
    // A first high value alone is not yet the window's average.
    check(&average, "0:0=100 1:0=10 2:0=10", &[]);
    check(&average, "0:0=10 1:0=90 2:0=50", &["2..2 x3 =50"]);
    let median =
        correlation(Kind::ValuePercentile { field: "v".into(), percentile: 50.0 }, &["r0"], 10, "lte 2");
    check(&median, "0:0=1 1:0=2 2:0=900", &["2..2 x3 =2"]);
    check(&median, "0:0=1 1:0=900 2:0=900", &[]);
}

#[test]
fn temporal_wants_all_rules_in_any_order() {
    let c = correlation(Kind::Temporal, &["r0", "r1", "r2"], 10, "");
    check(&c, "0:2 1:0 2:1", &["2..2 x3 =3"]);
    check(&c, "0:2 1:0 10:1", &[]);
    check(&c, "0:2 1:2 2:2", &[]);
    check(&c, "0:0 1:1 2:2 3:0", &["2..3 x4 =3"]);
    let two = correlation(Kind::Temporal, &["r0", "r1", "r2"], 10, "gte 2");
    check(&two, "0:2 5:0", &["5..5 x2 =2"]);
}

#[test]
fn temporal_ordered_wants_the_order_of_the_document() {
    let c = correlation(Kind::TemporalOrdered, &["r0", "r1", "r2"], 10, "");
    check(&c, "0:0 1:1 2:2", &["2..2 x3 =3"]);
    check(&c, "0:2 1:1 2:0", &[]);
    check(&c, "0:2 1:1 2:0 3:1 4:2", &["4..4 x5 =3"]);
    // Equal stamps leave the order open.
    check(&c, "0:2 0:1 0:0", &["0..0 x3 =3"]);
    check(&c, "0:0 1:1 10:2", &[]);
    // The run that begins latest counts: 0 has left, 2 has not.
    check(&c, "0:0 1:1 2:0 3:1 11:2", &["11..11 x3 =3"]);
    let two = correlation(Kind::TemporalOrdered, &["r0", "r1", "r2"], 10, "gte 2");
    check(&two, "0:0 1:2", &["1..1 x2 =2"]);
    check(&two, "0:2 1:0", &[]);
}

#[test]
fn absence_looks_both_ways_and_waits() {
    let mut c = correlation(Kind::Temporal, &["r0", "r1"], 10, "");
    c.expression = Some(Condition::And(vec![rule(0), not(rule(1))]));
    check(&c, "0:0", &["0..0 x1 =1"]);
    check(&c, "0:0 9:1", &[]);
    check(&c, "0:1 9:0", &[]);
    check(&c, "0:0 10:1", &["0..0 x1 =1"]);
    check(&c, "0:1 10:0", &["10..10 x1 =1"]);
    check(&c, "5:1", &[]);
    // Of two, the second is broken and the first is not.
    check(&c, "0:0 8:0 11:1", &["0..0 x1 =1"]);
    // Two close ones are one match, a far one is another.
    check(&c, "0:0 8:0 40:0", &["0..8 x2 =1", "40..40 x1 =1"]);
}

#[test]
fn a_boolean_condition_may_be_any_tree() {
    let mut c = correlation(Kind::Temporal, &["r0", "r1", "r2"], 10, "");
    c.expression = Some(Condition::And(vec![rule(0), Condition::Or(vec![rule(1), rule(2)])]));
    check(&c, "0:1 1:2", &[]);
    check(&c, "0:0 1:2", &["1..1 x2 =2"]);
    c.expression = Some(Condition::And(vec![rule(0), not(Condition::And(vec![rule(1), rule(2)]))]));
    check(&c, "0:0 1:1", &["0..0 x1 =1"]);
    check(&c, "0:0 1:1 2:2", &[]);
    // An order with an absence: 0 then 1, and no 2 around.
    let mut o = correlation(Kind::TemporalOrdered, &["r0", "r1", "r2"], 10, "");
    o.expression = Some(Condition::And(vec![rule(0), rule(1), not(rule(2))]));
    check(&o, "0:0 1:1", &["1..1 x2 =2"]);
    check(&o, "0:1 1:0", &[]);
    check(&o, "0:0 1:1 2:2", &[]);
    check(&o, "0:2 1:0 2:1", &[]);
}

#[test]
fn a_rule_named_twice_is_one_rule() {
    let c = correlation(Kind::Temporal, &["r0", "r0", "r1"], 10, "");
    check(&c, "0:0 1:0", &[]);
    check(&c, "0:0 1:1", &["1..1 x2 =2"]);
}
