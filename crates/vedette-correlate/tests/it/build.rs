//! Short ways to write correlations and hits.

use vedette_correlate::{CorrelationFinding, Correlator, Finished, Hit, Limits};
use vedette_model::{EventRef, EventUid, FileIndex, Timestamp};
use vedette_sigma::{Bound, Comparison, Condition, Correlation, CorrelationKind, Meta, NumberTest, Place};

pub fn meta(id: &str) -> Meta {
    Meta {
        id: id.into(),
        title: id.into(),
        name: Some(id.into()),
        status: None,
        level: None,
        description: None,
        author: None,
        license: None,
        date: None,
        modified: None,
        references: vec![],
        tags: vec![],
        falsepositives: vec![],
        guide: None,
        fields: vec![],
        place: Place { path: "test.yml".into(), line: 1, column: 1 },
    }
}

/// `gte 3`, `gt 1 lte 4`, ...
pub fn bound(text: &str) -> Bound {
    let words: Vec<&str> = text.split_whitespace().collect();
    let all = words.chunks(2).map(|pair| {
        let comparison = match pair[0] {
            "eq" => Comparison::Is(NumberTest::Eq),
            "lt" => Comparison::Is(NumberTest::Lt),
            "lte" => Comparison::Is(NumberTest::Lte),
            "gt" => Comparison::Is(NumberTest::Gt),
            "gte" => Comparison::Is(NumberTest::Gte),
            "neq" => Comparison::Neq,
            other => panic!("no comparison {other}"),
        };
        (comparison, pair[1].parse().expect("a number"))
    });
    Bound { all: all.collect() }
}

/// A correlation over rules called `r0`, `r1`, ..., with a timespan in seconds, grouped by `group` where given.
pub fn correlation(kind: CorrelationKind, rules: &[&str], span_s: u64, condition: &str) -> Correlation {
    let rules: Vec<String> = rules.iter().map(|r| (*r).to_owned()).collect();
    Correlation {
        meta: meta("c"),
        kind,
        rule_names: rules.clone(),
        rules,
        group_by: vec!["user".into()],
        aliases: vec![],
        timespan_ms: span_s * 1000,
        condition: bound(condition),
        expression: None,
        generate: false,
    }
}

pub fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

pub fn rule(index: usize) -> Condition {
    Condition::Selection(index)
}

/// `r0` -> 0 and so on; anything else is not loaded.
pub fn rule_index(id: &str) -> Option<u32> {
    id.strip_prefix('r')?.parse().ok()
}

/// One event: time in seconds, rule, fields by name.
#[derive(Debug, Clone)]
pub struct Seen {
    pub time: Option<i64>,
    pub rule: u32,
    pub record: u64,
    pub fields: Vec<(&'static str, String)>,
}

pub fn seen(time: i64, rule: u32, record: u64, fields: &[(&'static str, &str)]) -> Seen {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Seen { time: Some(time), rule, record, fields }
}

pub fn event(seen: &Seen) -> EventRef {
    EventRef {
        file: FileIndex(0),
        record: seen.record,
        uid: EventUid(u128::from(seen.record) + 1),
        time: seen.time.map(|s| Timestamp(s * 1_000_000_000)),
    }
}

pub fn run_limited(correlations: &[Correlation], events: &[Seen], limits: Limits) -> Finished {
    let (mut correlator, problems) = Correlator::with_limits(correlations, rule_index, limits);
    assert_eq!(problems, [], "all correlations run");
    for event in events {
        let wanted = correlator.wanted(event.rule).to_vec();
        let value = |name: &String| event.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let values: Vec<Option<String>> = wanted.iter().map(value).collect();
        let reference = self::event(event);
        let hit =
            Hit { rule: event.rule, time: reference.time, event: reference, host: "ws1", values: &values };
        correlator.offer(hit);
    }
    correlator.finish()
}

pub fn run(correlations: &[Correlation], events: &[Seen]) -> Finished {
    run_limited(correlations, events, Limits::default())
}

/// A finding in one line: group value, closing time, last time, count, value.
pub fn line(finding: &CorrelationFinding) -> String {
    let group: Vec<&str> = finding.group.iter().map(|(_, v)| v.as_str()).collect();
    let second = |t: Timestamp| t.0 / 1_000_000_000;
    let closing = finding.closing.time.map_or(-1, second);
    format!("{} {closing}..{} x{} ={}", group.join("+"), second(finding.last), finding.count, finding.value)
}

pub fn lines(finished: &Finished) -> Vec<String> {
    finished.findings.iter().map(line).collect()
}
