//! The events of an incident that are read for its story: the gravest findings of each kind, each event once.

use std::collections::{BTreeMap, BTreeSet};

use vedette_model::{EventUid, Level, Timestamp};

use crate::claim::Claim;
use crate::input::{Observed, Source, Told};
use crate::limits::{FINDINGS_OF_A_KIND_MAX, FINDINGS_READ_MAX};
use crate::observe::observe;

/// One event with its claim and the findings that rest on it.
#[derive(Debug, Clone)]
pub struct Item {
    pub uid: EventUid,
    pub time: Option<Timestamp>,
    pub host: String,
    pub claim: Claim,
    pub seen: Observed,
    /// Indices into the findings.
    pub findings: Vec<usize>,
    pub level: Level,
}

/// What was read, and what could not be.
#[derive(Debug, Default)]
pub struct Items {
    /// By time, those without one last, then by uid.
    pub all: Vec<Item>,
    /// Events that were cited and not kept.
    pub missing: usize,
}

/// Order of time; what has none comes last.
pub fn by_time(time: Option<Timestamp>) -> (bool, i64) {
    (time.is_none(), time.map_or(0, |t| t.0))
}

/// Reads the events of the findings worth telling. `findings` are in order of time.
pub fn read(findings: &[Told], source: &dyn Source) -> Items {
    let mut events: BTreeMap<EventUid, (Vec<usize>, Level)> = BTreeMap::new();
    for index in chosen(findings) {
        let finding = &findings[index];
        let cited: &[EventUid] =
            if finding.events.is_empty() { std::slice::from_ref(&finding.event) } else { &finding.events };
        for uid in cited {
            let entry = events.entry(*uid).or_insert((Vec::new(), finding.level));
            entry.0.push(index);
            entry.1 = entry.1.max(finding.level);
        }
    }
    let mut items = Items::default();
    for (uid, (mut findings_of, level)) in events {
        let Some(seen) = source.observed(uid) else {
            items.missing += 1;
            continue;
        };
        findings_of.sort_unstable();
        findings_of.dedup();
        let (time, host) = (seen.evidence.event.time, seen.evidence.host.clone());
        items.all.push(Item { uid, time, host, claim: observe(&seen), seen, findings: findings_of, level });
    }
    items.all.sort_by_key(|i| (by_time(i.time), i.uid));
    items
}

/// The gravest first; of equal ones those whose kind was not seen yet, then the earliest.
fn chosen(findings: &[Told]) -> BTreeSet<usize> {
    let mut of_kind: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut order: Vec<(std::cmp::Reverse<Level>, usize, usize)> = findings
        .iter()
        .enumerate()
        .map(|(index, f)| {
            let rank = of_kind.entry((&f.rule_id, &f.host)).or_default();
            *rank += 1;
            (std::cmp::Reverse(f.level), *rank - 1, index)
        })
        .collect();
    order.retain(|(_, rank, _)| *rank < FINDINGS_OF_A_KIND_MAX);
    order.sort_unstable();
    order.into_iter().take(FINDINGS_READ_MAX).map(|(_, _, index)| index).collect()
}
