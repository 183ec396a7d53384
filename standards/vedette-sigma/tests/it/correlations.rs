//! Correlations: types, conditions, references, aliases, chains and circles.

use vedette_sigma::{Bound, Comparison, Correlation, CorrelationKind, NumberTest};

use crate::{codes, read, rule};

const RULE: &str = "    selection:\n        a: 1\n    condition: selection\n";

/// Two rules, the second with a name, and one correlation with the given lines.
fn correlation(lines: &str) -> Result<Correlation, String> {
    let named = rule("r2", RULE).replace("id: r2", "id: r2\nname: second");
    let text = format!("title: C\nid: c1\ncorrelation:\n{lines}");
    let mut pack = read(&[("a.yml", &rule("r1", RULE)), ("b.yml", &named), ("c.yml", &text)]);
    match pack.correlations.pop() {
        Some(correlation) => Ok(correlation),
        None => Err(codes(&pack).pop().unwrap_or_default()),
    }
}

fn bound(tests: &[(NumberTest, f64)]) -> Bound {
    Bound { all: tests.iter().map(|(t, v)| (Comparison::Is(*t), *v)).collect() }
}

#[test]
fn each_type_is_read() {
    let kind = |kind: &str, condition: &str| {
        let lines = format!(
            "    type: {kind}\n    rules: [r1, second]\n    group-by: [h]\n    timespan: 5m\n{condition}"
        );
        correlation(&lines).map(|c| c.kind)
    };
    let with = |rest: &str| format!("    condition: {{{rest}}}\n");
    let field = || "bytes".to_owned();
    assert_eq!(kind("event_count", &with("gte: 10")), Ok(CorrelationKind::EventCount));
    assert_eq!(
        kind("value_count", &with("field: bytes, gt: 1")),
        Ok(CorrelationKind::ValueCount { fields: vec![field()] })
    );
    assert_eq!(
        kind("value_count", &with("field: [bytes, user], gt: 1")),
        Ok(CorrelationKind::ValueCount { fields: vec![field(), "user".into()] })
    );
    assert_eq!(
        kind("value_sum", &with("field: bytes, gt: 1")),
        Ok(CorrelationKind::ValueSum { field: field() })
    );
    assert_eq!(
        kind("value_avg", &with("field: bytes, gt: 1.5")),
        Ok(CorrelationKind::ValueAvg { field: field() })
    );
    assert_eq!(
        kind("value_percentile", &with("field: bytes, percentile: 95, gt: 1")),
        Ok(CorrelationKind::ValuePercentile { field: field(), percentile: 95.0 })
    );
    assert_eq!(
        kind("value_percentile", &with("field: bytes, gt: 1")),
        Ok(CorrelationKind::ValuePercentile { field: field(), percentile: 50.0 })
    );
    assert_eq!(kind("temporal", ""), Ok(CorrelationKind::Temporal));
    assert_eq!(kind("temporal_ordered", ""), Ok(CorrelationKind::TemporalOrdered));
    let refused = |kind_name: &str, rest: &str, code: &str| {
        assert_eq!(kind(kind_name, rest), Err(code.to_owned()), "{kind_name} {rest}");
    };
    refused("event_counts", &with("gte: 1"), "VD-S029");
    refused("event_count", "", "VD-S008");
    refused("event_count", &with("field: x"), "VD-S031");
    refused("event_count", &with("gte: many"), "VD-S031");
    refused("event_count", &with("ge: 1"), "VD-S031");
    refused("event_count", "    condition: r1 and second\n", "VD-S031");
    refused("value_count", &with("gte: 1"), "VD-S031");
    refused("value_sum", &with("field: [a, b], gte: 1"), "VD-S031");
    refused("value_percentile", &with("field: a, percentile: 101, gte: 1"), "VD-S031");
    refused("temporal_ordered", "    condition: r1 and second\n", "VD-S031");
}

#[test]
fn conditions_are_conjunctions_and_temporal_ones_default_to_all() {
    let head = "    rules: [r1, second]\n    timespan: 1h\n";
    let range = correlation(&format!(
        "    type: event_count\n{head}    condition: {{gt: 100, lte: 200, neq: 150}}\n"
    ));
    let range = range.expect("a range").condition;
    assert_eq!(range.all.len(), 3);
    assert_eq!(range.all[2], (Comparison::Neq, 150.0));
    let temporal = correlation(&format!("    type: temporal\n{head}")).expect("temporal");
    assert_eq!(temporal.condition, bound(&[(NumberTest::Gte, 2.0)]));
    assert_eq!((temporal.timespan_ms, temporal.expression), (3_600_000, None));
}

#[test]
fn a_temporal_condition_may_be_boolean() {
    let text =
        "    type: temporal\n    rules: [r1, second]\n    timespan: 1h\n    condition: r1 and not second\n";
    let c = correlation(text).expect("temporal");
    assert_eq!(c.expression.map(|e| e.show(&c.rule_names).to_string()).as_deref(), Some("r1 and not second"));
    let text = text.replace("not second", "not third");
    assert_eq!(correlation(&text), Err("VD-S031".to_owned()));
}

#[test]
fn references_are_ids_or_names_and_aliases_may_use_either() {
    let text = "    type: temporal\n    rules: [r1, second]\n    timespan: 10s\n    group-by: [ip]\n    aliases:\n        ip:\n            r1: SourceIp\n            r2: DestinationIp\n";
    let c = correlation(text).expect("temporal");
    assert_eq!(c.rules, ["r1", "r2"]);
    assert_eq!(c.rule_names, ["r1", "second"]);
    assert_eq!(
        c.aliases,
        [(
            "ip".to_owned(),
            vec![("r1".to_owned(), "SourceIp".to_owned()), ("r2".to_owned(), "DestinationIp".to_owned())]
        )]
    );
    assert_eq!(correlation(&text.replace("r2:", "r3:")), Err("VD-S037".to_owned()));
    assert_eq!(correlation(&text.replace("[r1, second]", "[r1, third]")), Err("VD-S032".to_owned()));
}

#[test]
fn timespans_have_units_and_a_bound() {
    let span = |text: &str| {
        correlation(&format!(
            "    type: event_count\n    rules: r1\n    timespan: {text}\n    condition: {{gte: 1}}\n"
        ))
        .map(|c| c.timespan_ms)
    };
    assert_eq!(span("15s"), Ok(15_000));
    assert_eq!(span("90m"), Ok(5_400_000));
    assert_eq!(span("1d"), Ok(86_400_000));
    assert_eq!(span("1w"), Ok(604_800_000));
    for bad in ["15", "s", "1.5h", "-1h", "0s", "400d", "99999999999999999999d", "1 hour", "é"] {
        assert_eq!(span(bad), Err("VD-S030".to_owned()), "{bad}");
    }
}

fn chain(id: &str, rules: &str) -> String {
    format!(
        "title: {id}\nid: {id}\nname: n_{id}\ncorrelation:\n    type: temporal\n    rules: {rules}\n    timespan: 1h\n"
    )
}

#[test]
fn a_chain_stands_in_the_order_of_its_references() {
    let pack = read(&[
        ("a.yml", &chain("c1", "[n_c2, r1]")),
        ("b.yml", &chain("c2", "[c3]")),
        ("c.yml", &chain("c3", "[r1]")),
        ("d.yml", &rule("r1", RULE)),
    ]);
    assert_eq!(codes(&pack), ["running"; 4]);
    let order: Vec<&str> = pack.correlations.iter().map(|c| c.meta.id.as_str()).collect();
    assert_eq!(order, ["c3", "c2", "c1"]);
    assert_eq!(pack.correlations[2].rules, ["c2", "r1"]);
}

#[test]
fn circles_are_left_out_and_the_rest_runs() {
    let pack = read(&[
        ("a.yml", &chain("c1", "[c2]")),
        ("b.yml", &chain("c2", "[n_c1]")),
        ("c.yml", &chain("c3", "[c3]")),
        ("d.yml", &chain("c4", "[r1]")),
        ("e.yml", &rule("r1", RULE)),
    ]);
    assert_eq!(codes(&pack), ["VD-S033", "VD-S033", "VD-S033", "running", "running"]);
}

#[test]
fn what_refers_to_a_left_out_rule_is_left_out_with_it() {
    let pack = read(&[
        ("a.yml", &chain("c1", "[c2]")),
        ("b.yml", &chain("c2", "[r1]")),
        ("c.yml", &rule("r1", RULE).replace("a: 1", "a|nonsense: 1")),
    ]);
    assert_eq!(codes(&pack), ["VD-S034", "VD-S034", "VD-S014"]);
}

#[test]
fn generate_is_read_at_the_root_and_within() {
    let text = "title: C\nid: c1\ngenerate: true\ncorrelation: {type: temporal, rules: [r1], timespan: 1h}\n";
    let within =
        "title: C\nid: c1\ncorrelation: {type: temporal, rules: [r1], timespan: 1h, generate: true}\n";
    for (text, expect) in [(text, true), (within, true), (&text.replace("true", "false"), false)] {
        let pack = read(&[("a.yml", &rule("r1", RULE)), ("c.yml", text)]);
        assert_eq!(pack.correlations[0].generate, expect);
    }
}
