//! Hosts by what was found on them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use vedette_model::{Level, Timestamp};
use vedette_runtime::scan::Outcome;

use super::View;
use super::findings::{Board, by_level};
use crate::output::neutral::{short, terminal};
use crate::output::number;

/// Hosts in a summary.
const HOSTS_MAX: usize = 6;

#[derive(Default)]
struct Host {
    levels: BTreeMap<Level, u64>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

/// Nothing for a single host: the account says as much.
pub fn section(view: &View<'_>, outcome: &Outcome, board: &Board, out: &mut String) {
    let mut hosts: BTreeMap<&str, Host> = BTreeMap::new();
    for group in &board.groups {
        let host = hosts.entry(outcome.findings.name(group.host)).or_default();
        for row in &group.rows {
            *host.levels.entry(row.level).or_default() += row.count;
            host.first = [host.first, row.first].into_iter().flatten().min();
            host.last = host.last.max(row.last);
        }
    }
    if hosts.len() < 2 {
        return;
    }
    let count = hosts.len();
    let mut rows: Vec<_> = hosts.into_iter().collect();
    rows.sort_by_key(|(name, host)| {
        let counts: Vec<_> = Level::ALL.iter().rev().map(|l| Reverse(host.levels.get(l).copied())).collect();
        (counts, *name)
    });
    view.heading("Hosts", &format!("{} with findings", number::count(count as u64)), out);
    let shown: Vec<(String, String, String)> = rows
        .iter()
        .take(view.bound(HOSTS_MAX))
        .map(|(name, host)| {
            let name = if name.is_empty() { "host not named".to_owned() } else { terminal(name) };
            let (first, last) = (number::time(host.first, &view.zone), number::time(host.last, &view.zone));
            let span = if first == last { first } else { format!("{first} – {last}") };
            (name, by_level(&host.levels), span)
        })
        .collect();
    let widest = |of: fn(&(String, String, String)) -> &String| {
        shown.iter().map(|row| of(row).chars().count()).max().unwrap_or(0)
    };
    let names = widest(|r| &r.0).clamp(14, (view.width() / 3).clamp(14, 40));
    let counts = widest(|r| &r.1);
    // Beside the counts where there is room, else only there where all is shown.
    let one_line = 2 + names + 2 + counts + 2 + widest(|r| &r.2) <= view.width();
    for (name, levels, span) in &shown {
        let name = short(name, names);
        if one_line {
            let _ = writeln!(out, "  {name:<names$}  {levels:<counts$}  {}", view.paint.dim(span));
            continue;
        }
        let _ = writeln!(out, "  {name:<names$}  {}", short(levels, view.room(2 + names + 2)));
        if view.full {
            let _ = writeln!(out, "    {}", view.paint.dim(short(span, view.room(4))));
        }
    }
    view.more(count - shown.len(), ("more host", "more hosts"), out);
    out.push('\n');
}
