//! Inferences: a short fixed list, each with its rule in its sentence. None says that one thing was the cause of another.

use std::collections::{BTreeMap, BTreeSet};

use vedette_model::{EntityKind, Level, Role};

use crate::claim::{Outcome, Predicate, Slot};
use crate::incident::{Basis, Step, StepKind};
use crate::input::Told;
use crate::items::Item;
use crate::limits::{EVENTS_CITED_MAX, FINDINGS_CITED_MAX, INFERRED_MAX, SHORTLY_AFTER_S};
use crate::wording::{count, name, plain, quote, span, stamp_beside};

pub const SAME_SESSION: &str = "same logon session";
pub const SHORTLY_AFTER: &str = "from the same address shortly after";
pub const SAME_PROCESS: &str = "same process";
pub const SAME_FILE: &str = "same file name on the same host";

/// What the events say together by one of the rules.
pub fn infer(items: &[Item], findings: &[Told]) -> Vec<Step> {
    let mut steps = sessions(items, findings);
    steps.extend(guesses(items, findings));
    steps.extend(processes(items, findings));
    steps.extend(files(items, findings));
    steps
}

/// The step is placed at the first event that it adds to what was known before.
fn step(rule: &'static str, text: String, of: &[&Item], at: &Item, findings: &[Told]) -> Step {
    let mut cited: BTreeSet<usize> = BTreeSet::new();
    let mut events = Vec::new();
    for item in of {
        cited.extend(&item.findings);
        if !events.contains(&item.uid) {
            events.push(item.uid);
        }
    }
    let gravest =
        at.findings.iter().map(|i| &findings[*i]).max_by_key(|f| (f.level, std::cmp::Reverse(&f.id)));
    let count = events.len();
    events.truncate(EVENTS_CITED_MAX);
    Step {
        text: format!("Inferred ({rule}): {text}."),
        kind: StepKind::Inferred,
        events,
        count,
        time: at.time,
        last: of.iter().filter_map(|i| i.time).max(),
        host: at.host.clone(),
        level: of.iter().map(|i| i.level).max().unwrap_or(Level::Informational),
        tactic: gravest.and_then(|f| f.tactics.first().cloned()),
        techniques: cited
            .iter()
            .flat_map(|i| &findings[*i].techniques)
            .cloned()
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        findings: cited.iter().take(FINDINGS_CITED_MAX).map(|i| findings[*i].id.clone()).collect(),
        basis: Basis::Rule(rule),
        rests_on: cited.into_iter().collect(),
    }
}

/// The machine, or the account or tenant with its word.
fn logged_on_to(item: &Item) -> String {
    match item.claim.get(Slot::Place) {
        Some(place) => format!("in {}", plain(place, 120)),
        None => format!("to {}", name(&item.host)),
    }
}

/// As much of a command as tells it apart.
const COMMAND_SHOWN: usize = 80;

fn key<'a>(item: &'a Item, kind: EntityKind, roles: &[Role]) -> Option<&'a str> {
    item.seen.entities.iter().find(|e| e.kind == kind && roles.contains(&e.role)).map(|e| e.key.as_str())
}

/// Ids of the sessions of the machine itself: they hold everything.
fn of_the_machine(key: &str) -> bool {
    let id = key.rsplit('|').next().unwrap_or_default();
    matches!(id, "0x3e7" | "0x3e4" | "0x3e5" | "0x0")
}

fn sessions(items: &[Item], findings: &[Told]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, logon) in items.iter().enumerate() {
        if logon.claim.predicate != Predicate::LoggedOn || logon.claim.outcome != Outcome::Succeeded {
            continue;
        }
        let Some(session) =
            key(logon, EntityKind::LogonSession, &[Role::Target]).filter(|k| !of_the_machine(k))
        else {
            continue;
        };
        // A session's number is used again: it ends for us with the next logon that has it.
        let later: Vec<&Item> = items[at + 1..]
            .iter()
            .take_while(|i| {
                i.claim.predicate != Predicate::LoggedOn
                    || key(i, EntityKind::LogonSession, &[Role::Target]) != Some(session)
            })
            .filter(|i| {
                i.time.is_some()
                    && key(i, EntityKind::LogonSession, &[Role::Actor, Role::Target]) == Some(session)
            })
            .collect();
        let Some(first) = later.first() else { continue };
        let account = logon.claim.get(Slot::Account).map_or("an unnamed account".to_owned(), name);
        let from = logon.claim.get(Slot::Source).map(|s| format!(" from {}", name(s))).unwrap_or_default();
        let text = format!(
            "the logon of {account} {}{from} and {} on it have the session {}",
            logged_on_to(logon),
            count(later.len(), "later event", "later events"),
            name(session.rsplit('|').next().unwrap_or(session)),
        );
        let mut of = vec![logon];
        of.extend(&later);
        steps.push(step(SAME_SESSION, text, &of, first, findings));
        if steps.len() >= INFERRED_MAX {
            break;
        }
    }
    steps
}

fn guesses(items: &[Item], findings: &[Told]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut failed: BTreeMap<(String, String), Vec<&Item>> = BTreeMap::new();
    for item in items {
        let logs_on = matches!(
            item.claim.predicate,
            Predicate::LoggedOn | Predicate::Authenticated | Predicate::AskedTicket
        );
        let (true, Some(source), Some(time)) = (logs_on, item.claim.get(Slot::Source), item.time) else {
            continue;
        };
        let at = (source.to_owned(), item.host.clone());
        match item.claim.outcome {
            Outcome::Failed => failed.entry(at).or_default().push(item),
            Outcome::Succeeded if item.claim.predicate == Predicate::LoggedOn => {
                let Some(before) = failed.remove(&at) else { continue };
                let recent: Vec<&Item> = before
                    .into_iter()
                    .filter(|f| {
                        f.time
                            .is_some_and(|t| (0..=SHORTLY_AFTER_S * 1_000_000_000).contains(&(time.0 - t.0)))
                    })
                    .collect();
                let (Some(last), true) = (recent.last().and_then(|f| f.time), recent.len() >= 3) else {
                    continue;
                };
                let accounts: BTreeSet<&str> =
                    recent.iter().filter_map(|f| f.claim.get(Slot::Account)).collect();
                let text = format!(
                    "{} logged on {} from {} {} after the last of {} from there to {}",
                    item.claim.get(Slot::Account).map_or("an unnamed account".to_owned(), name),
                    logged_on_to(item),
                    name(source),
                    span(time.0 - last.0),
                    count(recent.len(), "failed logon", "failed logons"),
                    count(accounts.len(), "account", "accounts"),
                );
                // The success first: a long row of failures must not push it out of what is cited.
                let mut of = vec![item];
                of.extend(recent);
                steps.push(step(SHORTLY_AFTER, text, &of, item, findings));
            }
            _ => {}
        }
        if steps.len() >= INFERRED_MAX {
            break;
        }
    }
    steps
}

fn processes(items: &[Item], findings: &[Told]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for (at, started) in items.iter().enumerate() {
        if started.claim.predicate != Predicate::Ran || started.claim.outcome != Outcome::Succeeded {
            continue;
        }
        let Some(process) = key(started, EntityKind::Process, &[Role::Target]) else { continue };
        // Numbers alone are used again; only where the source gives a process a name of its own is it surely the same.
        let own_name = process.split('|').nth(1).is_some_and(|id| id.len() == 36);
        if !own_name || !done.insert(process) {
            continue;
        }
        let later: Vec<&Item> = items[at + 1..]
            .iter()
            .filter(|i| {
                key(i, EntityKind::Process, &[Role::Parent]) == Some(process)
                    || key(i, EntityKind::Process, &[Role::Actor]) == Some(process)
            })
            .collect();
        let Some(first) = later.first() else { continue };
        let what = started.claim.get(Slot::Command).or(started.claim.get(Slot::Process)).unwrap_or_default();
        let when = started.time.map(|t| format!(" at {}", stamp_beside(t, t))).unwrap_or_default();
        let text = format!(
            "the process {} started on {}{when} is the one that {} as acting or as parent",
            quote(&plain(what, COMMAND_SHOWN)),
            name(&started.host),
            count(later.len(), "later event names", "later events name"),
        );
        let mut of = vec![started];
        of.extend(&later);
        steps.push(step(SAME_PROCESS, text, &of, first, findings));
        if steps.len() >= INFERRED_MAX {
            break;
        }
    }
    steps
}

fn files(items: &[Item], findings: &[Told]) -> Vec<Step> {
    let mut steps = Vec::new();
    for (at, written) in items.iter().enumerate() {
        if written.claim.predicate != Predicate::CreatedFile || written.claim.outcome != Outcome::Succeeded {
            continue;
        }
        let Some(file) = written.claim.get(Slot::File) else { continue };
        let same = |i: &&Item| {
            let named = match i.claim.predicate {
                Predicate::Ran => i.claim.get(Slot::Process),
                Predicate::LoadedImage | Predicate::LoadedDriver => i.claim.get(Slot::File),
                _ => None,
            };
            i.host == written.host
                && i.claim.outcome == Outcome::Succeeded
                && named.is_some_and(|n| n.eq_ignore_ascii_case(file))
        };
        let Some(run) = items[at + 1..].iter().find(same) else { continue };
        let after = match (written.time, run.time) {
            (Some(a), Some(b)) => format!(" {} after it was written", span(b.0 - a.0)),
            _ => " after it was written".to_owned(),
        };
        let verb = if run.claim.predicate == Predicate::Ran { "was run" } else { "was loaded" };
        let text = format!("the file {} on {} {verb}{after}", quote(file), name(&written.host));
        steps.push(step(SAME_FILE, text, &[written, run], run, findings));
        if steps.len() >= INFERRED_MAX {
            break;
        }
    }
    steps
}
