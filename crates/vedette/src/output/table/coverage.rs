//! What the logs of hosts with findings cover, and where somebody cut.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use vedette_model::Timestamp;
use vedette_runtime::scan::Outcome;
use vedette_runtime::scan::channels::{Channel, NoticeKind};

use super::View;
use super::findings::Board;
use crate::output::neutral::{short, terminal};
use crate::output::number;

/// Logs in a summary.
const LOGS_MAX: usize = 5;

const SECONDS_A_DAY: i64 = 86_400;

/// One log's line, and how much it matters: where somebody cut stands before what is missing, and that before where a log
/// begins; a log that begins after the first finding has not seen it.
struct Line {
    rank: (bool, bool, i64),
    text: String,
}

pub fn section(view: &View<'_>, outcome: &Outcome, board: &Board, out: &mut String) {
    let first_finding: HashMap<&str, Timestamp> =
        board.first_by_host().into_iter().map(|(host, time)| (outcome.findings.name(host), time)).collect();
    let mut lines: Vec<Line> = outcome
        .channels
        .iter()
        .filter(|(host, ..)| !host.is_empty())
        .filter_map(|(host, name, channel)| line(view, host, name, channel, first_finding.get(host).copied()))
        .collect();
    if lines.is_empty() {
        return;
    }
    lines.sort_by_key(|l| l.rank);
    view.heading("Coverage", "", out);
    for line in lines.iter().take(view.bound(LOGS_MAX)) {
        let _ = writeln!(out, "  {}", short(&line.text, view.room(2)));
    }
    view.more(lines.len().saturating_sub(view.bound(LOGS_MAX)), ("more log", "more logs"), out);
    out.push('\n');
}

fn line(
    view: &View<'_>,
    host: &str,
    name: &str,
    channel: &Channel,
    first: Option<Timestamp>,
) -> Option<Line> {
    let mut parts = notices(view, channel);
    let cut = !parts.is_empty();
    let missing = channel.records.missing().filter(|m| *m > 0 && first.is_some());
    if let Some(missing) = missing {
        let gaps = number::of(channel.records.gaps().count() as u64, "gap", "gaps");
        parts.push(format!("{gaps}, {} missing", number::of(missing, "record", "records")));
    }
    let before = first.and_then(|f| channel.begins_before(f)).filter(|_| !name.is_empty());
    let before = before.map(|ns| ns / 1_000_000_000);
    match before {
        Some(0) => parts.push("begins with the first finding".to_owned()),
        Some(s) if s < 0 => parts.push(format!("begins {} after the first finding", number::span(s))),
        Some(s) if s < SECONDS_A_DAY => {
            parts.push(format!("begins {} before the first finding", number::span(s)));
        }
        _ => {}
    }
    (!parts.is_empty()).then(|| Line {
        rank: (!cut, missing.is_none(), before.unwrap_or(i64::MAX)),
        text: terminal(&format!("{host} {name}: {}", parts.join("; "))),
    })
}

/// `log cleared ×3, last 2026-03-05 04:18:30Z`.
fn notices(view: &View<'_>, channel: &Channel) -> Vec<String> {
    let mut by_kind: BTreeMap<NoticeKind, (u64, Option<Timestamp>)> = BTreeMap::new();
    for notice in &channel.notices {
        let (count, last) = by_kind.entry(notice.kind).or_default();
        *count += 1;
        *last = (*last).max(notice.event.time);
    }
    by_kind
        .into_iter()
        .map(|(kind, (count, last))| {
            let times = if count > 1 { format!(" ×{}, last", number::count(count)) } else { String::new() };
            format!("{}{times} {}", kind.name(), number::time(last, &view.zone))
        })
        .collect()
}
