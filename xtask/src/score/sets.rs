//! Each recorded attack through a scan: one to three incidents, and the main one tells the labelled technique or
//! tactic. Ordinary data gives none of high or critical severity.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;
use vedette_model::Level;

use super::scan::{self, Report};
use super::{Arguments, corpus, scanned};

/// One recording and what its label says.
struct Set {
    group: &'static str,
    name: String,
    path: PathBuf,
    label: Label,
}

enum Label {
    /// Any of these, or a sub-technique or parent of it.
    Techniques(Vec<String>),
    Tactic(String),
    /// Ordinary data.
    None,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let corpus = corpus(arguments)?;
    let mut options = Vec::new();
    if arguments.flag("--sigma") {
        options.extend(["--rules".to_owned(), corpus.join("sigma/rules").display().to_string()]);
    }
    println!("rules: {}", if options.is_empty() { "own" } else { "own and SigmaHQ" });
    let mut sets = mordor(&corpus)?;
    sets.extend(samples(&corpus.join("evtx-attack-samples"))?);
    sets.extend(stratus(&corpus.join("cloudtrail-stratus"))?);
    let only = arguments.value("--only");
    let mut misses = Vec::new();
    for group in ["mordor", "evtx-attack-samples", "cloudtrail-stratus"] {
        let (mut right, mut counted, mut labelled, mut all) = (0_u32, 0_u32, 0_u32, 0_u32);
        for set in sets.iter().filter(|s| s.group == group && only.is_none_or(|o| s.name.contains(o))) {
            let report = scanned(arguments, std::slice::from_ref(&set.path), &options)?;
            let few = (1..=3).contains(&report.incidents.len());
            let carries = carries(&report, &set.label);
            all += 1;
            counted += u32::from(few);
            labelled += u32::from(carries);
            right += u32::from(few && carries);
            let mark = if few && carries { "ok  " } else { "MISS" };
            let row = format!("  {mark} {:<70} {}", set.name, describe(&report));
            if arguments.flag("--all") || !(few && carries) {
                println!("{row}{}", why(&report, set, few, carries));
            }
            if !(few && carries) {
                misses.push(set.name.clone());
            }
        }
        if all > 0 {
            println!(
                "{group}: {right} of {all} ({:.1} %): one to three incidents in {counted}, the label in the main one in {labelled}\n",
                100.0 * f64::from(right) / f64::from(all)
            );
        }
    }
    if only.is_none() {
        ordinary(arguments, &corpus, &options)?;
    }
    println!("missed: {}", misses.len());
    Ok(())
}

fn describe(report: &Report) -> String {
    let counts = |level: Level| report.findings.iter().filter(|f| f.level == level).count();
    let levels: Vec<String> = Level::ALL.into_iter().rev().map(|l| counts(l).to_string()).collect();
    let severities: Vec<&str> = report.incidents.iter().take(5).map(|i| i.severity.name()).collect();
    format!("{} incidents [{}], findings {}", report.incidents.len(), severities.join(" "), levels.join("/"))
}

fn why(report: &Report, set: &Set, few: bool, carries: bool) -> String {
    let wanted = match &set.label {
        Label::Techniques(all) => all.join(" "),
        Label::Tactic(tactic) => tactic.clone(),
        Label::None => return String::new(),
    };
    match (few, carries) {
        (true, true) => String::new(),
        _ if report.findings.is_empty() => format!("; no finding, {wanted} wanted"),
        (_, false) => {
            let main = report.incidents.first();
            let has = main.map_or_else(
                || "nothing".to_owned(),
                |m| format!("{} {}", m.techniques.join(" "), m.tactics.join(" ")),
            );
            format!("; {wanted} wanted, the main one has {has}")
        }
        (false, true) => format!("; {wanted} found"),
    }
}

fn carries(report: &Report, label: &Label) -> bool {
    let Some(main) = report.incidents.first() else { return false };
    match label {
        Label::Techniques(wanted) => wanted.iter().any(|w| {
            let parent = |id: &str| id.split('.').next().unwrap_or_default().to_owned();
            main.techniques
                .iter()
                .any(|t| parent(t) == parent(w) && (t == w || !t.contains('.') || !w.contains('.')))
        }),
        Label::Tactic(wanted) => main.tactics.iter().any(|t| {
            vedette_attack::tactic(t).map(|t| t.family())
                == vedette_attack::tactic(wanted).map(|t| t.family())
        }),
        Label::None => true,
    }
}

fn mordor(corpus: &Path) -> Result<Vec<Set>> {
    let text =
        fs::read_to_string(corpus.join("mordor/expected.json")).context("reading mordor/expected.json")?;
    let expected: Value = serde_json::from_str(&text)?;
    let sets = expected.as_object().into_iter().flatten().map(|(path, about)| Set {
        group: "mordor",
        name: path.clone(),
        path: corpus.join("mordor").join(path),
        label: Label::Techniques(
            about["attack"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        ),
    });
    Ok(sets.collect())
}

/// Files whose folder is a tactic's name.
fn samples(folder: &Path) -> Result<Vec<Set>> {
    let mut sets = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).with_context(|| format!("reading {}", at.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            let top = name.split('/').next().unwrap_or_default().to_owned();
            if path.extension().is_some_and(|e| e == "evtx")
                && let Some(tactic) = vedette_attack::tactic(&top)
            {
                sets.push(Set {
                    group: "evtx-attack-samples",
                    name,
                    path,
                    label: Label::Tactic(tactic.shortname.to_owned()),
                });
            }
        }
    }
    sets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sets)
}

/// The tactic is the second part of the name.
fn stratus(folder: &Path) -> Result<Vec<Set>> {
    let mut sets = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(tactic) = name.strip_prefix("aws.").and_then(|n| n.split('.').next()) {
            let label = Label::Tactic(tactic.to_owned());
            sets.push(Set { group: "cloudtrail-stratus", name, path, label });
        }
    }
    sets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sets)
}

/// Data without an attack.
fn ordinary(arguments: &Arguments, corpus: &Path, options: &[String]) -> Result<()> {
    let parser = corpus.join("evtx-parser");
    let mut sets = vec![];
    for entry in fs::read_dir(&parser).context("reading evtx-parser")? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "evtx") {
            sets.push(Set {
                group: "ordinary",
                name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                path,
                label: Label::None,
            });
        }
    }
    let negatives = negatives(&corpus.join("cloud-log-tests"))?;
    sets.push(Set {
        group: "ordinary",
        name: "cloud-log-tests, samples that shall not match".to_owned(),
        path: negatives.path().to_owned(),
        label: Label::None,
    });
    sets.push(Set {
        group: "ordinary",
        name: "syslog-vendors".to_owned(),
        path: corpus.join("syslog-vendors"),
        label: Label::None,
    });
    sets.sort_by(|a, b| a.name.cmp(&b.name));
    println!("ordinary data");
    for set in sets {
        let report = scanned(arguments, std::slice::from_ref(&set.path), options)?;
        let grave: Vec<&scan::Told> = report.incidents.iter().filter(|i| i.severity >= Level::High).collect();
        println!("  {:<70} {}; {} high or critical", set.name, describe(&report), grave.len());
        for incident in grave {
            println!(
                "      {} {} {} ({} findings, risk {})",
                incident.id,
                incident.severity.name(),
                incident.title,
                incident.findings,
                incident.score
            );
        }
    }
    Ok(())
}

/// The samples of `cloud-log-tests` that are negative for their rule, taken out of their wrapping: a file a log type.
fn negatives(folder: &Path) -> anyhow::Result<tempfile::TempDir> {
    let out = tempfile::tempdir()?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|e| e == "jsonl")) else {
            continue;
        };
        let mut lines = String::new();
        for line in std::fs::read_to_string(&path)?.lines() {
            let sample: serde_json::Value = serde_json::from_str(line)?;
            if sample["expected_match"] == false {
                lines.push_str(&sample["log"].to_string());
                lines.push('\n');
            }
        }
        if !lines.is_empty() {
            std::fs::write(out.path().join(name), lines)?;
        }
    }
    Ok(out)
}
