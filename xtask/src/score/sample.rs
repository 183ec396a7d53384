//! The incidents of the sample estate against its answer key.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde_json::Value;

use super::pairs::score;
use super::scan::Found;
use super::secrl::numbered;
use super::{Arguments, offer, root, scanned};

pub fn run(arguments: &Arguments) -> Result<()> {
    let folder = root().join("sample");
    let text = fs::read_to_string(folder.join("truth.json")).context("reading sample/truth.json")?;
    let truth: Value = serde_json::from_str(&text)?;
    let estate = folder.join("estate");
    let report = scanned(arguments, std::slice::from_ref(&estate), &[])?;
    let attacks: Vec<&str> =
        truth["attacks"].as_array().into_iter().flatten().filter_map(|a| a["id"].as_str()).collect();
    // A record goes by its line and by the source's own number.
    let mut steps: BTreeMap<(String, String), u32> = BTreeMap::new();
    for step in truth["steps"].as_array().into_iter().flatten() {
        let attack = attacks.iter().position(|a| step["attack"] == **a);
        if let (Some(attack), Some(file), Some(record)) =
            (attack, step["file"].as_str(), step["record"].as_str())
        {
            steps.insert((file.to_owned(), record.to_owned()), attack as u32);
            steps.insert((file.to_owned(), step["line"].to_string()), attack as u32);
        }
    }
    let prefix = format!("{}/", estate.display());
    // A finding is the attack's that most of its records belong to.
    let of = |f: &Found| {
        let below = |file: &str| file.strip_prefix(&prefix).unwrap_or(file).to_owned();
        let mut votes: BTreeMap<u32, usize> = BTreeMap::new();
        for attack in f.places.iter().filter_map(|(file, record)| steps.get(&(below(file), record.clone()))) {
            *votes.entry(*attack).or_default() += 1;
        }
        votes.into_iter().max_by_key(|(_, n)| *n).map(|(attack, _)| attack)
    };
    let truths: Vec<Option<u32>> = report.findings.iter().map(of).collect();
    let told = numbered(&report.findings.iter().map(|f| f.incident.as_str()).collect::<Vec<_>>());
    let s = score(&truths, &told);
    println!(
        "{} findings, {} of attacks; {} incidents; pairwise precision {:.3}, recall {:.3}, F1 {:.3}",
        report.findings.len(),
        truths.iter().flatten().count(),
        report.incidents.len(),
        s.precision,
        s.recall,
        s.f1()
    );
    for incident in &report.incidents {
        let mut by: BTreeMap<&str, u32> = BTreeMap::new();
        for (_, t) in report.findings.iter().zip(&truths).filter(|(f, _)| f.incident == incident.id) {
            *by.entry(t.map_or("noise", |t| attacks[t as usize])).or_default() += 1;
        }
        println!("  {} {:<9} {:?} {}", incident.id, incident.severity.name(), by, incident.title);
    }
    let mut aside: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for (f, t) in report.findings.iter().zip(&truths).filter(|(f, _)| f.incident.is_empty()) {
        *aside.entry((t.map_or("noise", |t| attacks[t as usize]), f.level.name())).or_default() += 1;
    }
    println!("  set aside: {aside:?}");
    if arguments.flag("--joins") {
        let grouping = offer::group(&report.findings, report.hosts, report.span_ms);
        for join in grouping.groups.iter().flat_map(|g| &g.joins) {
            let (a, b) = (join.finding as usize, join.to as usize);
            if truths[a] != truths[b] {
                let because: Vec<String> = join
                    .because
                    .iter()
                    .map(|b| format!("{} {} {}", b.kind.name(), b.key, b.weight))
                    .collect();
                let (x, y) = (&report.findings[a].rule, &report.findings[b].rule);
                println!("    {x} to {y}: {} of {}: {}", join.total, join.threshold, because.join(", "));
            }
        }
    }
    if arguments.flag("--verbose") {
        for (f, t) in report.findings.iter().zip(&truths) {
            let attack = t.map_or("noise", |t| attacks[t as usize]);
            let incident = if f.incident.is_empty() { "-" } else { &f.incident };
            println!(
                "    {attack:<12} {incident:<18} {:<13} {} {} {} {}",
                f.level.name(),
                f.time.map(|t| t.to_string()).unwrap_or_default(),
                f.host,
                f.rule,
                f.file.strip_prefix(&prefix).unwrap_or_default()
            );
        }
    }
    Ok(())
}
