//! Groups, aliases, what is left out, what is said.

use vedette_correlate::{Correlator, Hit};
use vedette_sigma::{Condition, CorrelationKind as Kind};

use crate::build::{correlation, event, lines, not, rule, rule_index, run, seen};

#[test]
fn groups_fold_case_and_keep_apart() {
    let c = correlation(Kind::EventCount, &["r0"], 10, "gte 2");
    let events = [
        seen(0, 0, 0, &[("user", "Ana")]),
        seen(1, 0, 1, &[("user", "bo")]),
        seen(2, 0, 2, &[("user", "ANA")]),
    ];
    assert_eq!(lines(&run(&[c], &events)), ["ANA 2..2 x2 =2"]);
}

#[test]
fn no_group_by_is_one_group() {
    let mut c = correlation(Kind::EventCount, &["r0"], 10, "gte 2");
    c.group_by.clear();
    let events = [seen(0, 0, 0, &[("user", "ana")]), seen(1, 0, 1, &[("user", "bo")])];
    assert_eq!(run(&[c], &events).findings.len(), 1);
}

#[test]
fn hits_without_the_field_form_a_group_and_are_told() {
    let c = correlation(Kind::EventCount, &["r0"], 10, "gte 2");
    let events = [seen(0, 0, 0, &[]), seen(1, 0, 1, &[("user", "")]), seen(2, 0, 2, &[("user", "ana")])];
    let finished = run(&[c], &events);
    assert_eq!(lines(&finished), [" 1..1 x2 =2"]);
    let told: Vec<_> = finished.problems.iter().map(|p| (p.code, p.count)).collect();
    assert_eq!(told, [("VD-C023", 2)]);
}

#[test]
fn hits_without_a_time_are_left_out_and_told() {
    let c = correlation(Kind::EventCount, &["r0"], 10, "gte 2");
    let mut timeless = seen(0, 0, 0, &[("user", "ana")]);
    timeless.time = None;
    let finished = run(&[c], &[timeless, seen(1, 0, 1, &[("user", "ana")])]);
    assert_eq!(finished.findings, []);
    assert_eq!((finished.tally.offered, finished.tally.kept, finished.tally.without_time), (2, 1, 1));
    assert_eq!(finished.problems[0].code, "VD-C020");
}

#[test]
fn hits_without_a_number_are_told() {
    let c = correlation(Kind::ValueSum { field: "bytes".into() }, &["r0"], 10, "gte 1");
    let finished = run(&[c], &[seen(0, 0, 0, &[("user", "ana"), ("bytes", "many")])]);
    assert_eq!(finished.findings, []);
    let told: Vec<_> = finished.problems.iter().map(|p| (p.code, p.count)).collect();
    assert_eq!(told, [("VD-C024", 1)]);
}

#[test]
fn an_alias_joins_fields_of_different_names() {
    let mut c = correlation(Kind::Temporal, &["r0", "r1"], 10, "");
    c.group_by = vec!["inside".into()];
    c.aliases = vec![("inside".into(), vec![("r0".into(), "dst".into()), ("r1".into(), "src".into())])];
    let (correlator, _) = Correlator::new(&[c.clone()], rule_index);
    assert_eq!(
        (correlator.wanted(0), correlator.wanted(1)),
        (&["dst".to_owned()][..], &["src".to_owned()][..])
    );
    let same = [
        seen(0, 0, 0, &[("dst", "10.0.0.1"), ("src", "192.0.2.1")]),
        seen(1, 1, 1, &[("src", "10.0.0.1"), ("dst", "192.0.2.9")]),
    ];
    let finished = run(&[c.clone()], &same);
    assert_eq!(lines(&finished), ["10.0.0.1 1..1 x2 =2"]);
    assert_eq!(finished.findings[0].group, [("inside".to_owned(), "10.0.0.1".to_owned())]);
    let other = [seen(0, 0, 0, &[("dst", "10.0.0.1")]), seen(1, 1, 1, &[("src", "10.0.0.2")])];
    assert_eq!(run(&[c], &other).findings, []);
}

#[test]
fn a_finding_names_its_events_in_time_order() {
    let c = correlation(Kind::EventCount, &["r0"], 10, "gte 3");
    let events: Vec<_> = [2, 0, 1].iter().map(|&t| seen(t, 0, 100 - t as u64, &[("user", "ana")])).collect();
    let finished = run(&[c], &events);
    let finding = &finished.findings[0];
    assert_eq!(finding.events.iter().map(|e| e.record).collect::<Vec<_>>(), [100, 99, 98]);
    assert_eq!(finding.closing, event(&events[0]));
    assert_eq!((finding.first.0, finding.last.0), (0, 2_000_000_000));
    assert_eq!(finding.host, "ws1");
    assert_eq!(
        finding.explanation,
        "3 events of \"r0\" within 10 s, where user is ana; the rule asks for at least 3"
    );
}

#[test]
fn explains_each_type() {
    let check = |c, expect: &str| {
        let fields = [("user", "ana"), ("v", "7")];
        let events = [seen(0, 0, 0, &fields), seen(1, 1, 1, &fields)];
        let finished = run(&[c], &events);
        assert_eq!(finished.findings[0].explanation, expect);
    };
    let field = || "v".to_owned();
    check(
        correlation(Kind::ValueCount { fields: vec![field()] }, &["r0"], 3600, "gte 1"),
        "1 different value of v in events of \"r0\" within 1 h, where user is ana; the rule asks for at least 1; \
         1 hit until 1970-01-01T00:00:00Z",
    );
    check(
        correlation(Kind::ValueSum { field: field() }, &["r0", "r1"], 60, "gt 7 lte 20"),
        "sum of v 14 over events of \"r0\", \"r1\" within 1 min, where user is ana; the rule asks for more than 7 and \
         at most 20; 2 hits until 1970-01-01T00:00:01Z",
    );
    check(
        correlation(Kind::TemporalOrdered, &["r0", "r1"], 90, ""),
        "2 of the rules \"r0\", \"r1\" in this order within 90 s, where user is ana; the rule asks for at least 2; \
         2 hits until 1970-01-01T00:00:01Z",
    );
    let mut absence = correlation(Kind::Temporal, &["r0", "r2"], 86_400, "");
    absence.expression = Some(Condition::And(vec![rule(0), not(rule(1))]));
    check(
        absence,
        "1 of the rules \"r0\", without \"r2\" within 1 d, where user is ana; 1 hit until 1970-01-01T00:00:00Z",
    );
}

#[test]
fn only_rules_that_feed_a_correlation_are_wanted() {
    let c = correlation(Kind::EventCount, &["r0"], 10, "gte 1");
    let (mut correlator, _) = Correlator::new(&[c], rule_index);
    assert!(correlator.wants(0) && !correlator.wants(1));
    assert!(correlator.wanted(1).is_empty());
    let stray = seen(0, 1, 0, &[]);
    correlator.offer(Hit { rule: 1, time: event(&stray).time, event: event(&stray), host: "", values: &[] });
    assert_eq!(correlator.finish().tally.offered, 0);
}

#[test]
fn generate_decides_whether_a_rule_stands_alone() {
    let quiet = correlation(Kind::EventCount, &["r0", "r1"], 10, "gte 1");
    let mut loud = correlation(Kind::EventCount, &["r1"], 10, "gte 1");
    loud.generate = true;
    let (correlator, _) = Correlator::new(&[quiet, loud], rule_index);
    assert!(!correlator.stands_alone(0), "only fuel");
    assert!(correlator.stands_alone(1), "one correlation asks for it");
    assert!(correlator.stands_alone(2), "no correlation knows it");
}

#[test]
fn what_cannot_run_is_told_and_the_others_run() {
    let check = |c, code: &str| {
        let good = correlation(Kind::EventCount, &["r0"], 10, "gte 1");
        let (correlator, problems) = Correlator::new(&[c, good], rule_index);
        assert_eq!(problems.iter().map(|p| p.code).collect::<Vec<_>>(), [code]);
        assert!(problems[0].consequence.contains("left out"));
        assert_eq!(correlator.running().collect::<Vec<_>>(), [1]);
    };
    let distinct = |c: vedette_sigma::Correlation| {
        let mut c = c;
        c.meta = crate::build::meta("bad");
        c
    };
    check(distinct(correlation(Kind::EventCount, &["missing"], 10, "gte 1")), "VD-C001");
    check(distinct(correlation(Kind::EventCount, &["bad"], 10, "gte 1")), "VD-C002");
    check(distinct(correlation(Kind::EventCount, &[], 10, "gte 1")), "VD-C004");
    check(distinct(correlation(Kind::EventCount, &["r0"], 0, "gte 1")), "VD-C005");
    check(distinct(correlation(Kind::EventCount, &["r0"], 10, "")), "VD-C006");
    let many: Vec<String> = (0..65).map(|i| format!("r{i}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    check(distinct(correlation(Kind::Temporal, &many, 10, "")), "VD-C007");
    check(distinct(correlation(Kind::ValueCount { fields: vec![] }, &["r0"], 10, "gte 1")), "VD-C008");
    let with = |kind, expression| {
        let mut c = distinct(correlation(kind, &["r0", "r1"], 10, ""));
        c.expression = Some(expression);
        c
    };
    let mut counted = with(Kind::EventCount, rule(0));
    counted.condition = crate::build::bound("gte 1");
    check(counted, "VD-C009");
    check(with(Kind::Temporal, rule(7)), "VD-C009");
    check(with(Kind::Temporal, not(rule(0))), "VD-C010");
    check(with(Kind::TemporalOrdered, Condition::Or(vec![rule(0), rule(1)])), "VD-C011");
}
