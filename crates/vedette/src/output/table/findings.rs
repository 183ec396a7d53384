//! Findings by host and actor: the repeats of a rule are one row, and the rows that say most are shown.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io;

use vedette_model::{Level, Timestamp};
use vedette_runtime::scan::Outcome;
use vedette_sigma::Status;

use super::View;
use super::detail;
use crate::output::neutral::{short, terminal};
use crate::output::number;
use crate::output::paint::LEVEL_WIDTH;

/// Rows in a summary, over all hosts.
const ROWS_MAX: usize = 10;

/// Columns before a finding's level.
const ROW_INDENT: usize = 2;
/// Columns before what stands below a finding: where its time begins.
const DETAIL_INDENT: usize = ROW_INDENT + LEVEL_WIDTH + 1;

/// Findings of one rule for one host and actor.
pub struct Row {
    pub level: Level,
    pub rule: u32,
    pub count: u64,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    example: u32,
    unsure: bool,
    shown: bool,
}

/// Rows of one host and actor, most severe first.
pub struct Group {
    /// Index into the names of the findings.
    pub host: u32,
    pub actor: u32,
    pub rows: Vec<Row>,
}

/// All findings that may be shown, grouped and in order, and the count of those that may not.
#[derive(Default)]
pub struct Board {
    pub groups: Vec<Group>,
    pub hidden_by_level: BTreeMap<Level, u64>,
    pub hidden_by_status: BTreeMap<&'static str, u64>,
}

impl Board {
    pub fn of(view: &View<'_>, outcome: &Outcome) -> Self {
        let mut board = Self::default();
        board.fill(view, outcome);
        board.arrange(outcome);
        if view.full {
            board.groups.iter_mut().flat_map(|g| &mut g.rows).for_each(|r| r.shown = true);
        } else {
            board.choose();
        }
        board
    }

    fn fill(&mut self, view: &View<'_>, outcome: &Outcome) {
        let floor = view.min_level.unwrap_or(Level::Medium);
        let mut places: HashMap<(u32, u32), usize> = HashMap::new();
        let mut rows: HashMap<(u32, u32, u32), usize> = HashMap::new();
        for &index in outcome.findings.order() {
            let key = outcome.findings.key(index);
            if key.level < floor {
                *self.hidden_by_level.entry(key.level).or_default() += 1;
                continue;
            }
            let status = view.content.meta(key.rule).status;
            if let Some(status) = status.and_then(unready).filter(|_| !view.all_statuses) {
                *self.hidden_by_status.entry(status).or_default() += 1;
                continue;
            }
            let place = *places.entry((key.host, key.actor)).or_insert_with(|| {
                self.groups.push(Group { host: key.host, actor: key.actor, rows: Vec::new() });
                self.groups.len() - 1
            });
            let known = &mut self.groups[place].rows;
            let row = *rows.entry((key.host, key.actor, key.rule)).or_insert_with(|| {
                known.push(Row {
                    level: key.level,
                    rule: key.rule,
                    count: 0,
                    first: key.time,
                    last: key.time,
                    example: index,
                    unsure: key.unsure,
                    shown: false,
                });
                known.len() - 1
            });
            let row = &mut known[row];
            row.count += 1;
            row.last = row.last.max(key.time);
            row.unsure &= key.unsure;
        }
    }

    /// Hosts by their worst row, and below a host its actors likewise.
    fn arrange(&mut self, outcome: &Outcome) {
        let mut worst: HashMap<u32, Level> = HashMap::new();
        for group in &mut self.groups {
            // A finding that a filter could not judge ranks below its equals.
            group.rows.sort_by_key(|r| (Reverse(r.level), r.unsure, r.first));
            let level = worst.entry(group.host).or_insert(Level::Informational);
            *level = (*level).max(group.rows[0].level);
        }
        self.groups.sort_by_cached_key(|g| {
            let top = &g.rows[0];
            let host = outcome.findings.name(g.host).to_owned();
            (Reverse(worst[&g.host]), host, Reverse(top.level), top.first, g.actor)
        });
    }

    /// Marks the rows of a summary: no row while a more severe one is left, and among equals first what says something
    /// new, a rule or a host that has been shown least.
    fn choose(&mut self) {
        let mut uses: HashMap<(bool, u32), usize> = HashMap::new();
        for _ in 0..ROWS_MAX {
            let seen = |of_rule: bool, index: u32| uses.get(&(of_rule, index)).copied().unwrap_or(0);
            let next = self
                .groups
                .iter()
                .enumerate()
                .flat_map(|(g, group)| {
                    group.rows.iter().enumerate().map(move |(r, row)| (g, r, group.host, row))
                })
                .filter(|(.., row)| !row.shown)
                .min_by_key(|(g, r, host, row)| {
                    let stale = seen(true, row.rule) + seen(false, *host);
                    (Reverse(row.level), row.unsure, stale, *g, *r)
                })
                .map(|(g, r, host, row)| (g, r, host, row.rule));
            let Some((group, row, host, rule)) = next else { return };
            self.groups[group].rows[row].shown = true;
            *uses.entry((true, rule)).or_default() += 1;
            *uses.entry((false, host)).or_default() += 1;
        }
    }

    /// The first finding of each host.
    pub fn first_by_host(&self) -> HashMap<u32, Timestamp> {
        let mut first: HashMap<u32, Timestamp> = HashMap::new();
        for group in &self.groups {
            for time in group.rows.iter().filter_map(|r| r.first) {
                first.entry(group.host).and_modify(|f| *f = (*f).min(time)).or_insert(time);
            }
        }
        first
    }
}

/// The name of a status whose rules the table leaves out.
fn unready(status: Status) -> Option<&'static str> {
    match status {
        Status::Unsupported => Some("unsupported"),
        Status::Deprecated => Some("deprecated"),
        Status::Experimental => Some("experimental"),
        Status::Test | Status::Stable => None,
    }
}

/// `3 critical, 2 high`, most severe first.
pub fn by_level(levels: &BTreeMap<Level, u64>) -> String {
    let parts: Vec<String> =
        levels.iter().rev().map(|(level, n)| format!("{} {}", number::count(*n), level.name())).collect();
    parts.join(", ")
}

/// # Errors
/// When a finding cannot be read back from its temporary file.
pub fn section(view: &View<'_>, outcome: &mut Outcome, board: &Board, out: &mut String) -> io::Result<()> {
    let paint = view.paint;
    if board.groups.is_empty() {
        let _ = writeln!(out, "{}\n", paint.bold("No finding to show."));
        return Ok(());
    }
    view.heading("Findings", "by host and actor, repeats of a rule in one row", out);
    let mut left: BTreeMap<Level, u64> = BTreeMap::new();
    for group in &board.groups {
        for row in group.rows.iter().filter(|r| !r.shown) {
            *left.entry(row.level).or_default() += 1;
        }
        if !group.rows.iter().any(|r| r.shown) {
            continue;
        }
        let named = |index: u32| terminal(outcome.findings.name(index));
        let (host, actor) = (named(group.host), named(group.actor));
        let host = if host.is_empty() { "host not named".to_owned() } else { host };
        let actor = if actor.is_empty() { actor } else { format!(" · {actor}") };
        let host = short(&host, view.width());
        let actor = short(&actor, view.room(host.chars().count()));
        let _ = writeln!(out, "{}{actor}", paint.bold(host));
        for row in group.rows.iter().filter(|r| r.shown) {
            finding_row(view, outcome, row, out)?;
        }
    }
    if !left.is_empty() {
        let rows: u64 = left.values().sum();
        let text = format!(
            "… {} of rule, host and actor: {} (--full shows all)",
            number::of(rows, "more row", "more rows"),
            by_level(&left)
        );
        let _ = writeln!(out, "{}", paint.dim(short(&text, view.width())));
    }
    out.push('\n');
    Ok(())
}

fn finding_row(view: &View<'_>, outcome: &mut Outcome, row: &Row, out: &mut String) -> io::Result<()> {
    let finding = outcome.findings.read(row.example)?;
    let meta = view.content.meta(row.rule);
    let title = terminal(&meta.title);
    let times = if row.count > 1 { format!(" ×{}", number::count(row.count)) } else { String::new() };
    // The finding's own event is a witness too.
    let seen = match finding.witnesses.len() {
        0 => String::new(),
        n => format!(" ({} witnesses)", n + 1),
    };
    let time = number::time(row.first, &view.zone);
    let before = ROW_INDENT + LEVEL_WIDTH + 1 + time.chars().count() + 2;
    let head = format!("{title}{times}{seen}");
    let _ = writeln!(
        out,
        "{:ROW_INDENT$}{} {time}  {}",
        "",
        view.paint.level(row.level),
        view.paint.bold(short(&head, view.room(before))),
    );
    let room = view.room(DETAIL_INDENT);
    let line = detail::line(&finding.details, finding.event.record, room, view.full);
    let _ = writeln!(out, "{:DETAIL_INDENT$}{}", "", view.paint.dim(line));
    if row.unsure {
        let fields = finding.unseen_filter_fields.join(", ");
        let note = format!("not sure: the rule excludes cases by {fields}, which this log does not carry");
        let _ = writeln!(out, "{:DETAIL_INDENT$}{}", "", view.paint.warn(short(&terminal(&note), room)));
    }
    Ok(())
}
