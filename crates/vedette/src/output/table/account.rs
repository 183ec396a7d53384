//! The end of the screen: problems of the run, and the account in which every record, finding and rule is counted.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use vedette_model::Level;
use vedette_runtime::check;
use vedette_runtime::scan::Outcome;

use super::findings::{Board, by_level};
use super::{TIE, View};
use crate::output::neutral::{short, terminal, wrap};
use crate::output::number;

/// Problems in a summary.
const PROBLEMS_MAX: usize = 4;
/// Lines of one problem in a summary.
const LINES_MAX: usize = 3;
/// Log types named in a summary.
const LOG_TYPES_MAX: usize = 8;

/// Faults of content and of the run as a whole.
pub fn problems(view: &View<'_>, outcome: &Outcome, out: &mut String) {
    let all: Vec<_> = view.content.problems.iter().chain(&outcome.problems).collect();
    if all.is_empty() {
        return;
    }
    view.heading("Problems", "", out);
    for p in all.iter().take(view.bound(PROBLEMS_MAX)) {
        let times = if p.count > 1 { format!(" ×{}", number::count(p.count)) } else { String::new() };
        let remedy = if p.remedy.is_empty() { String::new() } else { format!("; {}", p.remedy) };
        let text =
            terminal(&format!("{} {}: {}{times}: {}{remedy}", p.code, p.place, p.fault, p.consequence));
        let mut lines = wrap(&text, view.room(2), 2);
        let most = view.bound(LINES_MAX);
        if lines.len() > most {
            lines.truncate(most);
            if let Some(last) = lines.last_mut() {
                *last = short(&format!("{last} …"), view.room(2));
            }
        }
        for line in lines {
            let _ = writeln!(out, "  {}", view.paint.warn(line));
        }
    }
    view.more(all.len().saturating_sub(view.bound(PROBLEMS_MAX)), ("more problem", "more problems"), out);
    out.push('\n');
}

pub fn section(view: &View<'_>, outcome: &Outcome, board: &Board, out: &mut String) {
    let t = &outcome.total;
    let bytes: u64 = outcome.files.iter().map(|f| f.bytes).sum();
    let read = format!(
        "{}, {}: {} = {} + {} joined + {} duplicate + {} rejected",
        number::of(outcome.files.len() as u64, "file", "files"),
        number::bytes(bytes),
        number::of(t.records, "record", "records"),
        number::of(t.events, "event", "events"),
        number::count(t.joined),
        number::count(t.duplicate),
        number::count(t.rejected),
    );
    view.line("Read", &read, out);
    if t.events > 0 {
        view.line("Events", &understood(view, outcome), out);
    }
    if t.outside > 0 {
        let outside = format!("{} outside the time asked", number::of(t.outside, "event", "events"));
        view.line("Left aside", &outside, out);
    }
    let mut levels: BTreeMap<Level, u64> = BTreeMap::new();
    for &index in outcome.findings.order() {
        *levels.entry(outcome.findings.key(index).level).or_default() += 1;
    }
    let found = number::of(outcome.findings.len() as u64, "finding", "findings");
    let colon = if levels.is_empty() { "" } else { ": " };
    view.line("Found", &format!("{found}{colon}{}", by_level(&levels)), out);
    hidden(view, board, out);
    let rules = check::account(view.content);
    let account = format!(
        "{} running, {} left out, {} without a source",
        number::count(rules.running),
        number::count(rules.left_out),
        number::count(rules.no_source),
    );
    view.line("Rules", &account, out);
    if outcome.not_compared > 0 {
        let text = format!(
            "{} were not compared for copies: more were read than can be remembered",
            number::of(outcome.not_compared, "record", "records")
        );
        view.warning(&text, out);
    }
    let beyond: u64 = outcome.findings.beyond.values().sum();
    if beyond > 0 {
        let text = format!(
            "{} beyond the bound were counted and not kept",
            number::of(beyond, "finding", "findings")
        );
        view.warning(&text, out);
    }
    if !outcome.complete {
        view.warning("Interrupted: this is what was read until then, not all.", out);
    }
}

/// From when to when, of which log types, and what no mapping knew.
fn understood(view: &View<'_>, outcome: &Outcome) -> String {
    let t = &outcome.total;
    let mut logs: Vec<(&str, u64)> = t.parsers.iter().collect();
    logs.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
    let most = view.bound(LOG_TYPES_MAX);
    let mut parts: Vec<String> = logs
        .iter()
        .take(most)
        .map(|(name, n)| format!("{}{TIE}{}", number::count(*n), terminal(name)))
        .collect();
    let others: u64 = logs.iter().skip(most).map(|(_, n)| n).sum::<u64>() + t.parsers.others;
    for (count, of) in [(others, "of other log types"), (t.unmapped, "of no known log type")] {
        if count > 0 {
            parts.push(format!("{} {of}", number::count(count)));
        }
    }
    let span = match (t.extent.first, t.extent.last) {
        (None, None) => "none with a time".to_owned(),
        (first, last) => {
            let untimed = match t.untimed {
                0 => String::new(),
                n => format!(", {} without a time", number::count(n)),
            };
            format!("{} – {}{untimed}", number::time(first, &view.zone), number::time(last, &view.zone))
        }
    };
    format!("{span}: {}", parts.join(", "))
}

/// Findings that the table does not show, by why.
fn hidden(view: &View<'_>, board: &Board, out: &mut String) {
    let mut parts = Vec::new();
    if !board.hidden_by_level.is_empty() {
        parts.push(by_level(&board.hidden_by_level));
    }
    let statuses = board.hidden_by_status.iter();
    parts.extend(statuses.map(|(status, n)| format!("{} of {status} rules", number::count(*n))));
    if parts.is_empty() {
        return;
    }
    let options = match (board.hidden_by_level.keys().next(), board.hidden_by_status.is_empty()) {
        (Some(lowest), true) => format!("--min-level {}", lowest.name()),
        (Some(lowest), false) => format!("--min-level {} --all-statuses", lowest.name()),
        (None, _) => "--all-statuses".to_owned(),
    };
    let them =
        if parts.len() == 1 && board.hidden_by_level.values().sum::<u64>() == 1 { "it" } else { "them" };
    view.line("Hidden", &format!("{} ({options} shows {them})", parts.join(", ")), out);
}
