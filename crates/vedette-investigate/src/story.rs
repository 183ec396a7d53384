//! Steps: events folded into sentences, the ones worth telling chosen, in order of time.

use std::collections::{BTreeMap, BTreeSet};

use vedette_model::{Level, Timestamp};

use crate::claim::{Claim, Outcome, Predicate, Slot};
use crate::incident::{Basis, Step, StepKind};
use crate::input::Told;
use crate::items::{Item, by_time};
use crate::limits::{EVENTS_CITED_MAX, FINDINGS_CITED_MAX, STEPS_MAX};
use crate::wording::{count, list, name, quote, sentence, stamp_beside};

/// Events that differ in one slot only are one sentence from this many on.
const FOLD_FROM: usize = 3;

/// The slot in which repeats of a predicate may differ and still be one sentence, and what its values are called.
fn varying(claim: &Claim) -> Option<(Slot, &'static str)> {
    use Predicate as P;
    Some(match (claim.predicate, claim.outcome) {
        (P::LoggedOn | P::Authenticated | P::AskedTicket, Outcome::Failed | Outcome::Blocked) => {
            (Slot::Account, "accounts")
        }
        (P::AskedTicket, _) => (Slot::Object, "services"),
        (P::Requested, _) => (Slot::Resource, "addresses"),
        (P::Resolved, _) => (Slot::Object, "names"),
        (P::CalledApi, Outcome::Failed) => (Slot::Operation, "operations"),
        (P::CalledApi | P::ReadSecret, _) if claim.get(Slot::Resource).is_some() => {
            (Slot::Resource, "resources")
        }
        (P::CalledApi, _) => (Slot::Operation, "operations"),
        (
            P::CreatedFile | P::ChangedFile | P::DeletedFile | P::RenamedFile | P::ReadFile | P::OpenedFile,
            _,
        ) => (Slot::File, "files"),
        (P::AccessedShare, _) => (Slot::File, "files"),
        (P::Connected, _) => (Slot::Destination, "destinations"),
        (P::ListedGroup, _) => (Slot::Group, "groups"),
        (P::ChangedRegistry | P::CreatedRegistry | P::DeletedRegistry, _) => (Slot::Object, "keys"),
        _ => return None,
    })
}

/// Events that make one sentence.
struct Fold<'a> {
    items: Vec<&'a Item>,
    /// The slot that differs, where one does.
    many: Option<(Slot, &'static str)>,
}

/// The steps worth telling, in order of time.
pub fn steps(items: &[Item], findings: &[Told]) -> Vec<Step> {
    let mut steps: Vec<Step> = folds(items).iter().map(|fold| step(fold, findings)).collect();
    if steps.len() > STEPS_MAX {
        steps = worth_telling(steps);
    }
    sort(&mut steps);
    steps
}

/// By time; what is inferred stands behind what was observed then.
pub fn sort(steps: &mut [Step]) {
    let place = |s: &Step| (by_time(s.time), s.kind == StepKind::Inferred);
    steps.sort_by(|a, b| (place(a), &a.events, &a.text).cmp(&(place(b), &b.events, &b.text)));
}

fn folds(items: &[Item]) -> Vec<Fold<'_>> {
    // First what says the same but for one slot, then what says the same.
    let mut loose: BTreeMap<(Claim, Slot), Vec<&Item>> = BTreeMap::new();
    let mut same: BTreeMap<Claim, Vec<&Item>> = BTreeMap::new();
    for item in items {
        match varying(&item.claim) {
            Some((slot, _)) => loose.entry((item.claim.without(slot), slot)).or_default().push(item),
            None => same.entry(item.claim.clone()).or_default().push(item),
        }
    }
    let mut folds = Vec::new();
    for ((_, slot), items) in loose {
        let values: BTreeSet<_> = items.iter().map(|i| i.claim.get(slot)).collect();
        if values.len() >= FOLD_FROM {
            let what = varying(&items[0].claim).map_or("", |v| v.1);
            folds.push(Fold { items, many: Some((slot, what)) });
        } else {
            for item in items {
                same.entry(item.claim.clone()).or_default().push(item);
            }
        }
    }
    folds.extend(same.into_values().map(|items| Fold { items, many: None }));
    folds
}

fn step(fold: &Fold<'_>, findings: &[Told]) -> Step {
    let items = &fold.items;
    let first = items[0];
    let mut clause = match fold.many {
        None => first.claim.clause(),
        Some((slot, what)) => first.claim.clause_of(Some((slot, &values(items, slot, what)))),
    };
    let times: Vec<Timestamp> = items.iter().filter_map(|i| i.time).collect();
    if items.len() > 1 {
        let (from, to) = (times.iter().min(), times.iter().max());
        let times_said = format!("{} times", crate::wording::grouped(items.len() as u64));
        match from.zip(to).map(|(from, to)| (stamp_beside(*from, *from), stamp_beside(*to, *from))) {
            // Two logs of one act: the number of records is all that can be said.
            Some((from, to)) if from == to => {
                clause.push_str(&format!(", {} records of {from}", items.len()))
            }
            Some((from, to)) => clause.push_str(&format!(", {times_said} between {from} and {to}")),
            None => clause.push_str(&format!(", {times_said}")),
        }
    }
    let mut cited: BTreeSet<usize> = BTreeSet::new();
    for item in items {
        cited.extend(&item.findings);
    }
    let gravest = cited.iter().map(|i| &findings[*i]).max_by_key(|f| (f.level, std::cmp::Reverse(&f.id)));
    let techniques: BTreeSet<&String> = cited.iter().flat_map(|i| &findings[*i].techniques).collect();
    Step {
        text: sentence(&format!("{clause}.")),
        kind: StepKind::Observed,
        events: items.iter().map(|i| i.uid).take(EVENTS_CITED_MAX).collect(),
        count: items.len(),
        time: first.time,
        last: times.iter().max().copied(),
        host: first.host.clone(),
        level: items.iter().map(|i| i.level).max().unwrap_or(Level::Informational),
        tactic: gravest.and_then(|f| f.tactics.first().cloned()),
        techniques: techniques.into_iter().cloned().collect(),
        findings: cited.iter().take(FINDINGS_CITED_MAX).map(|i| findings[*i].id.clone()).collect(),
        basis: Basis::Claim(first.claim.clone()),
        rests_on: cited.into_iter().collect(),
    }
}

/// `17 accounts (a, b, c, d, e and 12 more)`.
fn values(items: &[&Item], slot: Slot, what: &str) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let mut known = BTreeSet::new();
    for item in items {
        if let Some(value) = item.claim.get(slot)
            && known.insert(value)
        {
            seen.push(value);
        }
    }
    let shown: Vec<String> = seen
        .iter()
        .map(|v| if matches!(slot, Slot::File | Slot::Object | Slot::Group) { quote(v) } else { name(v) })
        .collect();
    format!("{} ({})", count(seen.len(), what, what), list(&shown))
}

/// The gravest, the first of each tactic and technique, then the earliest.
fn worth_telling(steps: Vec<Step>) -> Vec<Step> {
    let mut order: Vec<usize> = (0..steps.len()).collect();
    order.sort_by_key(|i| (by_time(steps[*i].time), *i));
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut ranked: Vec<(u8, (bool, i64), usize)> = Vec::new();
    for i in order {
        let step = &steps[i];
        let mut new = false;
        for word in step.tactic.iter().chain(&step.techniques) {
            new |= seen.insert(word);
        }
        let rank = step.level as u8 * 2 + u8::from(new) * 3;
        ranked.push((u8::MAX - rank, by_time(step.time), i));
    }
    ranked.sort_unstable();
    let keep: BTreeSet<usize> = ranked.into_iter().take(STEPS_MAX).map(|r| r.2).collect();
    steps.into_iter().enumerate().filter(|(i, _)| keep.contains(i)).map(|(_, s)| s).collect()
}
