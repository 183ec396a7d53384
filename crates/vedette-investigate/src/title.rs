//! The incident in one line and in one paragraph.

use std::collections::{BTreeMap, BTreeSet};

use vedette_model::{EntityKind, Timestamp, host_key};

use crate::incident::{EntityRow, Step, StepKind, Unknown};
use crate::input::Told;
use crate::items::Item;
use crate::observe::look::place_word;
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

/// Hosts that are no machines, by key: what they are called, as `account 111122223333`.
pub fn places(items: &[Item]) -> BTreeMap<String, &'static str> {
    let of = |i: &Item| place_word(&i.seen.evidence.mapping).map(|word| (host_key(&i.host), word));
    items.iter().filter_map(of).collect()
}

fn hosts(rows: &[EntityRow], places: &BTreeMap<String, &'static str>) -> Vec<String> {
    // Machines before accounts, the one with the most findings first.
    let mut all: Vec<&EntityRow> =
        rows.iter().filter(|r| r.kind == EntityKind::Host && r.part == "victim").collect();
    let rank = |r: &&EntityRow| (places.contains_key(&r.key), std::cmp::Reverse(r.findings));
    all.sort_by(|a, b| (rank(a), &a.shown).cmp(&(rank(b), &b.shown)));
    all.iter()
        .map(|r| places.get(&r.key).map_or(name(&r.shown), |word| format!("{word} {}", name(&r.shown))))
        .collect()
}

/// Names without those that another says more fully: `ana` beside `CORP\\ana`.
pub fn fullest(names: Vec<String>) -> Vec<String> {
    let lower: Vec<String> = names.iter().map(|n| n.to_lowercase()).collect();
    let said = |n: &str, i: usize| {
        lower.iter().enumerate().any(|(j, o)| {
            j != i
                && o.len() > n.len()
                && o.ends_with(n)
                && matches!(o.as_bytes()[o.len() - n.len() - 1], b'\\' | b'/')
        })
    };
    let keep: Vec<bool> = lower.iter().enumerate().map(|(i, n)| !said(n, i)).collect();
    names.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(n, _)| n).collect()
}

/// `Signs of ransomware on FS01 and 2 more hosts`.
pub fn title(findings: &[Told], rows: &[EntityRow], places: &BTreeMap<String, &'static str>) -> String {
    let gravest = findings.iter().max_by(|a, b| (a.level, &b.id).cmp(&(b.level, &a.id)));
    let level = gravest.map(|f| f.level);
    // The name comes from grave findings alone: a finding of low level must not call it ransomware.
    let grave: BTreeSet<&str> = findings
        .iter()
        .filter(|f| Some(f.level) == level || f.level >= vedette_model::Level::High)
        .flat_map(|f| f.techniques.iter().map(String::as_str))
        .collect();
    let named = NAMES.iter().find(|(_, of)| grave.iter().any(|t| is(t, of))).map(|(n, _)| *n);
    // An imported alert's title is text of an event.
    let rule = gravest.map(|f| if f.alert { quote(&f.title) } else { plain(&f.title, 100) });
    let rule = rule.unwrap_or_else(|| "Findings".to_owned());
    let hosts = hosts(rows, places);
    let machines = rows
        .iter()
        .filter(|r| r.kind == EntityKind::Host && r.part == "victim" && !places.contains_key(&r.key))
        .count();
    let where_ = match hosts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [one, rest @ ..] if machines > rest.len() => format!("{one} and {} more hosts", rest.len()),
        [one, rest @ ..] => format!("{one} and {} more places", rest.len()),
    };
    match (named, where_.is_empty()) {
        (Some(named), true) => named.to_owned(),
        (None, true) => rule,
        (Some(named), false) if machines == 0 => format!("{named} in {where_}"),
        (Some(named), false) => format!("{named} on {where_}"),
        (None, false) => format!("{rule}: {where_}"),
    }
}

/// Names of one parent as one, where there are several: a tunnel asks for thousands.
pub fn collapsed(names: Vec<String>) -> Vec<String> {
    fn parent(name: &str) -> Option<&str> {
        let domain = name.parse::<std::net::IpAddr>().is_err();
        name.split_once('.').map(|(_, rest)| rest).filter(|rest| domain && rest.contains('.'))
    }
    let mut out: Vec<String> = Vec::new();
    for name in &names {
        let kin = parent(name).filter(|p| names.iter().filter(|n| parent(n) == Some(p)).count() >= 3);
        let said = kin.map_or(name.clone(), |p| format!("*.{p}"));
        if !out.contains(&said) {
            out.push(said);
        }
    }
    out
}

pub struct Whole<'a> {
    pub findings: &'a [Told],
    pub rows: &'a [EntityRow],
    pub places: &'a BTreeMap<String, &'static str>,
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
        match hosts(rows, whole.places).as_slice() {
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
    // An account known by its number alone reads as one.
    let numbered = |n: String| if n.bytes().all(|b| b.is_ascii_digit()) { format!("uid={n}") } else { n };
    let used: Vec<String> = fullest(shown("account used", None)).into_iter().map(numbered).collect();
    if !used.is_empty() {
        text.push_str(&format!(" Accounts used: {}.", list(&used)));
    }
    let outside = collapsed(shown("suspected infrastructure", None));
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
