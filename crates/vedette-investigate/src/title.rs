//! The incident in one line and in one paragraph.

use std::collections::BTreeSet;

use vedette_model::{EntityKind, Timestamp};

use crate::incident::{EntityRow, Step, StepKind, Unknown};
use crate::input::Told;
use crate::wording::{count, list, name, plain, quote, span, stamp};

/// What a set of techniques is called among people; the first that fits names the incident. Techniques are what the
/// rules claim, so the title says "signs of".
const NAMES: [(&str, &[&str]); 12] = [
    ("Signs of ransomware", &["T1486", "T1490"]),
    ("Signs of destruction of data", &["T1485", "T1561"]),
    ("Signs of a web shell", &["T1505.003"]),
    ("Signs of theft of data", &["T1048", "T1041", "T1567", "T1537"]),
    ("Signs of theft of credentials", &["T1003", "T1555", "T1552", "T1558", "T1528"]),
    ("Signs of an attack on a public application", &["T1190"]),
    ("Signs of misuse of a cloud account", &["T1078.004", "T1098.001", "T1098.003"]),
    ("Signs of lateral movement", &["T1021", "T1570", "T1550"]),
    ("Signs of password guessing", &["T1110"]),
    ("Signs of command and control", &["T1071", "T1105", "T1572", "T1090"]),
    ("Signs of a foothold", &["T1543", "T1053", "T1547", "T1546", "T1136", "T1098"]),
    ("Signs of reconnaissance", &["T1595", "T1046"]),
];

fn is(technique: &str, of: &[&str]) -> bool {
    of.iter().any(|t| technique == *t || technique.strip_prefix(t).is_some_and(|rest| rest.starts_with('.')))
}

fn hosts(rows: &[EntityRow]) -> Vec<String> {
    // The host with the most findings names the incident.
    let mut all: Vec<&EntityRow> =
        rows.iter().filter(|r| r.kind == EntityKind::Host && r.part == "victim").collect();
    all.sort_by(|a, b| (b.findings, &a.shown).cmp(&(a.findings, &b.shown)));
    all.iter().map(|r| name(&r.shown)).collect()
}

/// `Signs of ransomware on FS01 and 2 more hosts`.
pub fn title(findings: &[Told], rows: &[EntityRow]) -> String {
    let gravest = findings.iter().max_by(|a, b| (a.level, &b.id).cmp(&(b.level, &a.id)));
    let level = gravest.map(|f| f.level);
    // The name comes from grave findings alone: a finding of low level must not call it ransomware.
    let grave: BTreeSet<&str> = findings
        .iter()
        .filter(|f| Some(f.level) == level || f.level >= vedette_model::Level::High)
        .flat_map(|f| f.techniques.iter().map(String::as_str))
        .collect();
    let named = NAMES.iter().find(|(_, of)| grave.iter().any(|t| is(t, of))).map(|(n, _)| (*n).to_owned());
    let what =
        named.or_else(|| gravest.map(|f| plain(&f.title, 100))).unwrap_or_else(|| "Findings".to_owned());
    let hosts = hosts(rows);
    match hosts.as_slice() {
        [] => what,
        [one] => format!("{what} on {one}"),
        [one, two] => format!("{what} on {one} and {two}"),
        [one, rest @ ..] => format!("{what} on {one} and {} more hosts", rest.len()),
    }
}

pub struct Whole<'a> {
    pub findings: &'a [Told],
    pub rows: &'a [EntityRow],
    pub story: &'a [Step],
    pub untold: usize,
    pub tactics: &'a [String],
    pub unknowns: &'a [Unknown],
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

/// What happened, where, under which accounts, from where, and what is not known.
pub fn summary(whole: &Whole<'_>) -> String {
    let Whole { findings, rows, story, .. } = whole;
    let rules: BTreeSet<&str> = findings.iter().map(|f| f.rule_id.as_str()).collect();
    let mut text = match (whole.first, whole.last) {
        (Some(a), Some(b)) if a != b => {
            format!("Between {} and {} ({}), ", stamp(a), stamp(b), span(b.0 - a.0))
        }
        (Some(a), _) => format!("At {}, ", stamp(a)),
        _ => "At a time that is not stated, ".to_owned(),
    };
    text.push_str(&format!(
        "{} of {} on {}.",
        count(findings.len(), "finding", "findings"),
        count(rules.len(), "rule", "rules"),
        match hosts(rows).as_slice() {
            [] => "no named host".to_owned(),
            hosts => list(hosts),
        }
    ));
    let observed: Vec<&Step> = story.iter().filter(|s| s.kind == StepKind::Observed).collect();
    if let Some(first) = observed.first() {
        text.push_str(&format!(" The first thing told: {}", first.text));
    }
    let gravest = observed.iter().skip(1).fold(None, |best: Option<&&Step>, s| match best {
        Some(b) if b.level >= s.level => Some(b),
        _ => Some(s),
    });
    if let Some(gravest) = gravest {
        text.push_str(&format!(" The gravest ({}): {}", gravest.level.name(), gravest.text));
    }
    let shown = |part: &str, kind: Option<EntityKind>| -> Vec<String> {
        rows.iter()
            .filter(|r| r.part == part && kind.is_none_or(|k| r.kind == k))
            .map(|r| name(&r.shown))
            .collect()
    };
    let used = shown("account used", None);
    if !used.is_empty() {
        text.push_str(&format!(" Accounts used: {}.", list(&used)));
    }
    let outside = shown("suspected infrastructure", None);
    if !outside.is_empty() {
        text.push_str(&format!(" Outside addresses and names: {}.", list(&outside)));
    }
    if !whole.tactics.is_empty() {
        let names: Vec<String> = whole
            .tactics
            .iter()
            .map(|t| vedette_attack::tactic(t).map_or_else(|| quote(t), |t| t.name.to_owned()))
            .collect();
        let names = match names.split_last() {
            Some((last, first)) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
            _ => names.concat(),
        };
        text.push_str(&format!(" By ATT&CK, the rules see {names}."));
    }
    if whole.untold > 0 {
        text.push_str(&format!(
            " {} not told step by step.",
            count(whole.untold, "more finding of this incident is", "more findings of this incident are")
        ));
    }
    if let Some(unknown) = whole.unknowns.first() {
        text.push_str(&format!(
            " Not known ({}), above all: {}",
            count(whole.unknowns.len(), "point", "points"),
            unknown.text
        ));
    }
    text
}
