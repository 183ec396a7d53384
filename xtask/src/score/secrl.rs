//! Imported alerts of four real incidents, grouped as given and with all of it pressed into one day.
//!
//! Two ways of pressing: every alert keeps its time of day and loses its date; or the whole span is scaled to a day,
//! which takes from the alerts of one act their closeness to nothing else. Beside it stand two baselines that know
//! only time, and one that knows nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::pairs::{Score, score};
use super::scan::Found;
use super::{Arguments, corpus, scanned};

const DAY_MS: i64 = 86_400_000;

pub fn run(arguments: &Arguments) -> Result<()> {
    let folder = corpus(arguments)?.join("incidents-secrl");
    let truth = truth(&folder)?;
    let alerts = fs::read_to_string(folder.join("alerts.jsonl")).context("reading the alerts")?;
    let rows: Vec<Value> =
        alerts.lines().map(serde_json::from_str).collect::<Result<_, _>>().context("alerts.jsonl")?;
    let (from, to) = span(&rows)?;
    let day = jiff::Timestamp::from_millisecond(from.div_euclid(DAY_MS) * DAY_MS)?.as_millisecond();
    let given = |t: i64| t;
    let clock = |t: i64| day + t.rem_euclid(DAY_MS);
    let scaled =
        |t: i64| day + ((t - from) as i128 * i128::from(DAY_MS - 1) / i128::from((to - from).max(1))) as i64;
    println!(
        "{} alerts, {} incidents",
        rows.len(),
        truth.values().collect::<std::collections::BTreeSet<_>>().len()
    );
    for (name, moved) in [
        ("as given", &given as &dyn Fn(i64) -> i64),
        ("one day, each at its time of day", &clock),
        ("one day, the span scaled to it", &scaled),
    ] {
        let temporary = tempfile::tempdir().context("making a folder")?;
        let path = temporary.path().join("alerts.jsonl");
        let text: String = rows.iter().map(|row| format!("{}\n", shifted(row, moved))).collect();
        fs::write(&path, text).context("writing the alerts")?;
        let report = scanned(arguments, &[path], &[])?;
        ensure!(
            report.findings.len() == rows.len(),
            "{} findings of {} alerts",
            report.findings.len(),
            rows.len()
        );
        table(name, &report.findings, &truth, arguments.flag("--explain"));
    }
    Ok(())
}

fn truth(folder: &Path) -> Result<BTreeMap<String, u32>> {
    let text = fs::read_to_string(folder.join("expected_incidents.jsonl"))
        .context("reading the expected incidents")?;
    let mut truth = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let incident: Value = serde_json::from_str(line)?;
        for id in incident["AlertIds"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            truth.insert(id.to_owned(), index as u32);
        }
    }
    Ok(truth)
}

const TIMES: [&str; 4] = ["StartTime", "EndTime", "TimeGenerated", "ProcessingEndTime"];

fn millis(row: &Value, name: &str) -> Option<i64> {
    let text = row[name].as_str()?.replacen(' ', "T", 1);
    text.parse::<jiff::Timestamp>().ok().map(|t| t.as_millisecond())
}

fn span(rows: &[Value]) -> Result<(i64, i64)> {
    let times =
        || rows.iter().flat_map(|row| ["StartTime", "EndTime"].into_iter().filter_map(|n| millis(row, n)));
    Ok((times().min().context("no times")?, times().max().context("no times")?))
}

fn shifted(row: &Value, moved: &dyn Fn(i64) -> i64) -> Value {
    let mut row = row.clone();
    for name in TIMES {
        if let Some(time) = millis(&row, name).and_then(|t| jiff::Timestamp::from_millisecond(moved(t)).ok())
        {
            row[name] = time.to_string().into();
        }
    }
    row
}

fn table(name: &str, findings: &[Found], truth: &BTreeMap<String, u32>, explain: bool) {
    let truths: Vec<Option<u32>> = findings.iter().map(|f| truth.get(&f.source_uid).copied()).collect();
    let names: Vec<&str> = findings.iter().map(|f| f.incident.as_str()).collect();
    println!("\n{name}");
    println!(
        "  {:<28} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "", "precision", "recall", "F1", "macro p.", "macro r."
    );
    line("vedette", &score(&truths, &numbered(&names)));
    for hours in [1, 6, 24] {
        line(&format!("a gap of {hours} h divides"), &score(&truths, &by_gap(findings, hours)));
    }
    line("all is one", &score(&truths, &vec![Some(0); findings.len()]));
    let sizes = findings.iter().fold(BTreeMap::<&str, u32>::new(), |mut sizes, f| {
        *sizes.entry(if f.incident.is_empty() { "set aside" } else { &f.incident }).or_default() += 1;
        sizes
    });
    println!("  sizes: {}", sizes.iter().map(|(n, c)| format!("{n} {c}")).collect::<Vec<_>>().join(", "));
    if explain {
        for (f, t) in findings.iter().zip(&truths) {
            println!(
                "    {} {:?} {} {}",
                if f.incident.is_empty() { "-" } else { &f.incident },
                t,
                f.source_uid,
                f.level.name()
            );
        }
    }
}

fn line(name: &str, s: &Score) {
    println!(
        "  {name:<28} {:>9.3} {:>9.3} {:>9.3} {:>9.3} {:>9.3}",
        s.precision,
        s.recall,
        s.f1(),
        s.macro_precision,
        s.macro_recall
    );
}

/// Each name its number; nothing for the empty one.
pub fn numbered(names: &[&str]) -> Vec<Option<u32>> {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    names
        .iter()
        .map(|name| {
            let next = numbers.len() as u32;
            (!name.is_empty()).then(|| *numbers.entry(name).or_insert(next))
        })
        .collect()
}

/// A new incident whenever nothing happened for so long.
fn by_gap(findings: &[Found], hours: i64) -> Vec<Option<u32>> {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|i| findings[*i].time);
    let mut told = vec![None; findings.len()];
    let (mut group, mut last) = (0, None);
    for index in order {
        let now = findings[index].time.map(|t| t.millis());
        if let (Some(now), Some(last)) = (now, last)
            && now - last > hours * 3_600_000
        {
            group += 1;
        }
        last = now.or(last);
        told[index] = Some(group);
    }
    told
}
