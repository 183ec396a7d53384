//! How much a group matters: a sum of points, each with its reason, and the severity that follows.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use vedette_model::{EntityKind, Level};

use super::bundle::NONE;
use super::grouper::Estate;
use super::link::Web;
use super::tactics::TacticSet;
use super::weights as w;

/// A group's risk; the points of the parts add up to the score.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Risk {
    pub score: u32,
    pub parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub what: What,
    pub points: u32,
    pub why: String,
}

/// What a part of the score is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Findings of one rule on one host.
    Rule {
        rule: u32,
        host: String,
        count: u64,
    },
    /// The rules beyond those listed one by one.
    FurtherRules {
        count: usize,
    },
    Tactics(TacticSet),
    Spread {
        hosts: u32,
    },
    Importance {
        kind: EntityKind,
        key: String,
    },
}

impl What {
    /// In words; `title` gives a rule's.
    pub fn describe(&self, title: &dyn Fn(u32) -> String) -> String {
        match self {
            Self::Rule { rule, host, count } => {
                let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
                let on = if host.is_empty() { String::new() } else { format!(" on {host}") };
                format!("{}{on}{times}", title(*rule))
            }
            Self::FurtherRules { count } => format!("{count} further pairs of rule and host"),
            Self::Tactics(set) => format!("tactics: {}", set.names().join(", ")),
            Self::Spread { hosts } => format!("{hosts} hosts"),
            Self::Importance { key, .. } => key.clone(),
        }
    }
}

/// How sure it is that the group is one true incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Parts listed one by one for rules; the rest are added up in one.
const RULE_PARTS_MAX: usize = 100;

pub(super) struct Verdict {
    pub risk: Risk,
    pub severity: Level,
    pub severity_reasons: Vec<String>,
    pub confidence: Confidence,
    pub confidence_reasons: Vec<String>,
    pub tactics: TacticSet,
    /// Below the threshold, and told because nothing is above it.
    pub told_anyway: bool,
}

#[derive(Default)]
struct OfRule {
    level: Option<Level>,
    count: u64,
    alert: bool,
}

/// Judges the group of these nodes.
pub(super) fn judge(
    web: &Web,
    nodes: &[u32],
    estate: &Estate<'_>,
    rule_hosts: &HashMap<u32, usize>,
) -> Verdict {
    // The gravest rule over an event speaks for it.
    let mut order: Vec<u32> = nodes.to_vec();
    order.sort_by_key(|n| (std::cmp::Reverse(level_of(web, *n)), *n));
    let mut claimed: HashSet<u64> = HashSet::new();
    let mut rules: BTreeMap<(u32, u32, u8), OfRule> = BTreeMap::new();
    let mut tactics = TacticSet::EMPTY;
    let mut scoring = Vec::new();
    for index in order {
        let bundle = &web.nodes[index as usize].bundle;
        tactics = tactics.union(bundle.tactics);
        let events: Vec<u64> = bundle.kept_events().collect();
        if !events.is_empty() && events.iter().all(|e| claimed.contains(e)) {
            continue;
        }
        claimed.extend(events);
        scoring.push(index);
        let level = level_of(web, index);
        let of =
            rules.entry((bundle.rule, web.nodes[index as usize].host, u8::MAX - level as u8)).or_default();
        of.level = Some(level);
        of.count += u64::from(bundle.count);
        of.alert |= bundle.alert;
    }
    let risk = add_up(web, nodes, &rules, tactics, estate, rule_hosts);
    let (severity, severity_reasons) = severity(web, &scoring, tactics);
    let (confidence, confidence_reasons) = confidence(web, nodes, &scoring, tactics);
    Verdict { risk, severity, severity_reasons, confidence, confidence_reasons, tactics, told_anyway: false }
}

/// A finding whose filters could not be judged counts a level less.
fn level_of(web: &Web, node: u32) -> Level {
    let bundle = &web.nodes[node as usize].bundle;
    match bundle.level {
        level if !bundle.unsure => level,
        Level::Critical => Level::High,
        Level::High => Level::Medium,
        Level::Medium | Level::Low => Level::Low,
        Level::Informational => Level::Informational,
    }
}

fn host_name(web: &Web, host: u32) -> String {
    if host == NONE { String::new() } else { web.key(host).to_owned() }
}

fn add_up(
    web: &Web,
    nodes: &[u32],
    rules: &BTreeMap<(u32, u32, u8), OfRule>,
    tactics: TacticSet,
    estate: &Estate<'_>,
    rule_hosts: &HashMap<u32, usize>,
) -> Risk {
    let mut parts = Vec::new();
    for ((rule, host, _), of) in rules {
        let level = of.level.unwrap_or(Level::Informational);
        let base = w::points(level);
        // A quarter more for each doubling of the count, up to twice the points: repeats say little that is new.
        let quarters = (u64::BITS - 1 - of.count.max(1).leading_zeros()).min(4);
        let mut points = base * (4 + quarters) / 4;
        let mut why = format!("{} points for a {} finding", base, level.name());
        if points > base {
            why.push_str(&format!(", {} more for {} of them", points - base, of.count));
        }
        if web.learned && rule_hosts.get(rule) == Some(&1) && level >= Level::Low {
            let more = base * w::RARE_PERCENT / 100;
            if more > 0 {
                points += more;
                why.push_str(&format!(", {more} more because the rule fires on no other host here"));
            }
        }
        parts.push(Part {
            what: What::Rule { rule: *rule, host: host_name(web, *host), count: of.count },
            points,
            why,
        });
    }
    parts.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| key_of(&a.what).cmp(&key_of(&b.what))));
    if parts.len() > RULE_PARTS_MAX {
        let rest = parts.split_off(RULE_PARTS_MAX);
        let points = rest.iter().map(|p| p.points).sum();
        let what = What::FurtherRules { count: rest.len() };
        parts.push(Part { what, points, why: "added up as those above".to_owned() });
    }
    if tactics.count() > 1 {
        let points = (tactics.count() - 1) * w::PROGRESS_POINTS;
        let why = format!("{} points for each tactic beyond the first", w::PROGRESS_POINTS);
        parts.push(Part { what: What::Tactics(tactics), points, why });
    }
    let hosts: BTreeSet<u32> =
        nodes.iter().map(|n| web.nodes[*n as usize].host).filter(|h| *h != NONE).collect();
    if hosts.len() > 1 {
        let points = (hosts.len() as u32 - 1).min(w::SPREAD_HOSTS_MAX) * w::SPREAD_POINTS;
        let why = format!(
            "{} points for each host beyond the first, at most {} of them",
            w::SPREAD_POINTS,
            w::SPREAD_HOSTS_MAX
        );
        parts.push(Part { what: What::Spread { hosts: hosts.len() as u32 }, points, why });
    }
    let mut important: BTreeMap<(EntityKind, String), (u32, String)> = BTreeMap::new();
    let mut asked: HashSet<u32> = HashSet::new();
    for node in nodes {
        for thing in web.things_of(*node as usize) {
            if !asked.insert(thing) {
                continue;
            }
            let (kind, key) = (web.things[thing as usize].kind, web.key(thing));
            if let Some(found) = (estate.importance)(kind, key) {
                important.insert((kind, key.to_owned()), found);
            }
        }
    }
    for ((kind, key), (points, why)) in important {
        parts.push(Part { what: What::Importance { kind, key }, points, why });
    }
    Risk { score: parts.iter().map(|p| p.points).sum(), parts }
}

fn key_of(what: &What) -> (u32, &str) {
    match what {
        What::Rule { rule, host, .. } => (*rule, host),
        _ => (0, ""),
    }
}

fn severity(web: &Web, scoring: &[u32], tactics: TacticSet) -> (Level, Vec<String>) {
    let rules_at = |level: Level| {
        let at = scoring.iter().filter(|n| level_of(web, **n) == level);
        // Alerts of other products share a rule here and are told apart by what they tell.
        let acts: BTreeSet<(u32, u64)> = at
            .map(|n| {
                let b = &web.nodes[*n as usize].bundle;
                (b.rule, if b.alert { b.id } else { 0 })
            })
            .collect();
        acts.len()
    };
    let (critical, high, medium) =
        (rules_at(Level::Critical), rules_at(Level::High), rules_at(Level::Medium));
    let unsure = scoring.iter().filter(|n| web.nodes[**n as usize].bundle.unsure).count();
    let steps = tactics.count();
    let rules = |n: usize, level: &str| {
        format!("{n} {level} {}", if n == 1 { "finding" } else { "different findings" })
    };
    let along = format!("{steps} {} of ATT&CK", if steps == 1 { "tactic" } else { "tactics" });
    let mut reasons = Vec::new();
    let level = if critical >= 2 {
        reasons.push(rules(critical, "critical"));
        Level::Critical
    } else if critical == 1 && high >= 1 && steps >= 3 {
        reasons.push(format!("{}, {}, {along}", rules(1, "critical"), rules(high, "high")));
        Level::Critical
    } else if critical == 1 {
        reasons.push(format!(
            "{}; critical needs a second one, or a high one and three tactics",
            rules(1, "critical")
        ));
        Level::High
    } else if high >= 2 && steps >= 2 {
        reasons.push(format!("{}, {along}", rules(high, "high")));
        Level::High
    } else if high >= 1 && medium >= 2 && steps >= 3 {
        reasons.push(format!("{}, {}, {along}", rules(high, "high"), rules(medium, "medium")));
        Level::High
    } else if high >= 1 {
        reasons.push(format!(
            "{}; high needs a second one of another tactic, or two medium ones and three tactics",
            rules(high, "high")
        ));
        Level::Medium
    } else if medium >= 3 && steps >= 2 {
        reasons.push(format!("{}, {along}", rules(medium, "medium")));
        Level::Medium
    } else {
        reasons.push("no high finding, and few of medium level".to_owned());
        Level::Low
    };
    if unsure > 0 {
        reasons.push(format!(
            "{unsure} counted a level less: a filter of their rule asks for fields that are not there"
        ));
    }
    (level, reasons)
}

fn confidence(web: &Web, nodes: &[u32], scoring: &[u32], tactics: TacticSet) -> (Confidence, Vec<String>) {
    let rules: BTreeSet<(u32, u64)> = scoring
        .iter()
        .map(|n| &web.nodes[*n as usize].bundle)
        .filter(|b| b.level >= Level::Medium && !b.unsure)
        .map(|b| (b.rule, if b.alert { b.id } else { 0 }))
        .collect();
    let timeless =
        nodes.iter().filter(|n| web.nodes[**n as usize].bundle.first == super::bundle::TIMELESS).count();
    let mut reasons = Vec::new();
    let mut level = if rules.len() >= 3 && tactics.count() >= 2 {
        reasons.push(format!(
            "{} different findings of medium level or above agree, over {} tactics",
            rules.len(),
            tactics.count()
        ));
        Confidence::High
    } else if rules.len() >= 2 {
        reasons.push(format!("{} different findings of medium level or above agree", rules.len()));
        Confidence::Medium
    } else {
        reasons.push("it rests on one finding of medium level or above, or none that is sure".to_owned());
        Confidence::Low
    };
    if timeless > 0 && level == Confidence::High {
        level = Confidence::Medium;
        reasons.push("some findings have no time".to_owned());
    }
    (level, reasons)
}
