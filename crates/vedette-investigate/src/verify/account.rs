//! The account of files, findings and incidents: sums that must agree.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use vedette_model::Level;

use super::Tally;
use super::read::{Report, list};
use crate::scope::time;

const SUMMED: [&str; 8] =
    ["records", "events", "joined", "duplicate", "rejected", "unmapped", "untimed", "outside"];

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}

pub fn check(report: &Report<'_>, tally: &mut Tally) {
    let summary = report.summary();
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut first, mut last) = (None, None);
    for file in list(report.value, "files") {
        let path = file.get("path").and_then(Value::as_str).unwrap_or_default();
        let parts = ["events", "joined", "duplicate", "rejected"]
            .iter()
            .fold(0u64, |sum, n| sum.saturating_add(number(file, n)));
        let records = number(file, "records");
        tally.hold(
            records == parts,
            || format!("file {path}: records"),
            || format!("its events, joined, duplicate and rejected add up to {parts}"),
        );
        for name in SUMMED {
            let sum = sums.entry(name).or_default();
            *sum = sum.saturating_add(number(file, name));
        }
        first = [first, time(file, "first")].into_iter().flatten().min();
        last = [last, time(file, "last")].into_iter().flatten().max();
    }
    for (name, sum) in sums {
        tally.equal(|| format!("summary: {name}"), summary.get(name).unwrap_or(&Value::Null), &json!(sum));
    }
    for (name, right) in [("first", first), ("last", last)] {
        tally.equal(
            || format!("summary: {name}"),
            summary.get(name).unwrap_or(&Value::Null),
            &json!(right.map(|t| t.to_string())),
        );
    }
    let incidents = list(report.value, "incidents").count();
    tally.equal(
        || "summary: incidents".to_owned(),
        summary.get("incidents").unwrap_or(&Value::Null),
        &json!(incidents),
    );
    let in_incidents: usize = list(report.value, "incidents")
        .map(|i| i.get("findings").and_then(Value::as_array).map_or(0, Vec::len))
        .sum();
    tally.equal(
        || "summary: in_incidents".to_owned(),
        summary.get("in_incidents").unwrap_or(&Value::Null),
        &json!(in_incidents),
    );
    let aside = list(report.value, "set_aside").fold(0u64, |sum, s| sum.saturating_add(number(s, "count")));
    tally.equal(
        || "summary: set_aside".to_owned(),
        summary.get("set_aside").unwrap_or(&Value::Null),
        &json!(aside),
    );
    let mut levels: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &report.findings {
        *levels.entry(finding.told.level.name()).or_default() += 1;
    }
    // A report may leave out the findings below a level, and then all of them.
    let mut below = true;
    for level in Level::ALL.map(Level::name) {
        let told = summary.get("findings").and_then(|f| f.get(level)).and_then(Value::as_u64).unwrap_or(0);
        let here = levels.get(level).copied().unwrap_or(0);
        below &= here == 0;
        tally.hold(
            told == here || below,
            || format!("summary: findings.{level}"),
            || format!("the report holds {here} findings of this level"),
        );
    }
    let all = summary.get("findings").and_then(Value::as_object).into_iter().flatten();
    let all = all.fold(number(summary, "findings_not_kept"), |sum, (_, n)| {
        sum.saturating_add(n.as_u64().unwrap_or(0))
    });
    tally.hold(
        all == aside.saturating_add(in_incidents as u64),
        || "summary: findings".to_owned(),
        || format!("{in_incidents} in incidents and {aside} set aside are not {all}"),
    );
}
