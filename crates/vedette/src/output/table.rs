//! The scan for people: findings by host and actor, what is hidden, the files that need a word, what the logs cover.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use jiff::tz::TimeZone;
use vedette_model::{Level, Timestamp};
use vedette_runtime::Content;
use vedette_runtime::check;
use vedette_runtime::scan::Outcome;
use vedette_runtime::scan::verdict::FileVerdict;
use vedette_sigma::Status;

use super::neutral::{short, terminal, wrap};
use super::number;
use super::paint::{LEVEL_WIDTH, Paint};

/// What to show and how.
pub struct View<'a> {
    pub content: &'a Content,
    pub paint: Paint,
    pub zone: TimeZone,
    pub min_level: Option<Level>,
    pub all_statuses: bool,
    /// List every file.
    pub files: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// Rows shown for one actor; further ones are counted. `--format json` has them all.
const ROWS_PER_ACTOR_MAX: usize = 8;
/// Hosts shown with their rows.
const HOSTS_MAX: usize = 12;
/// Files with a remark listed without `--files`.
const REMARKS_MAX: usize = 12;

/// Columns before a finding's level.
const ROW_INDENT: usize = 4;
/// Columns before what stands below a finding: where its time begins.
const DETAIL_INDENT: usize = ROW_INDENT + LEVEL_WIDTH + 1;

/// Findings of one rule for one host and actor.
struct Row {
    level: Level,
    rule: u32,
    count: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    example: u32,
    unsure: bool,
}

#[derive(Default)]
struct Hidden {
    by_level: BTreeMap<Level, u64>,
    by_status: BTreeMap<&'static str, u64>,
}

/// Renders the whole screen.
///
/// # Errors
/// When a finding cannot be read back from its temporary file.
pub fn render(view: &View<'_>, outcome: &mut Outcome) -> io::Result<String> {
    let mut out = String::new();
    let mut hidden = Hidden::default();
    let groups = group(view, outcome, &mut hidden);
    findings(view, outcome, &groups, &mut out)?;
    hidden_line(view, &hidden, &mut out);
    files(view, outcome, &mut out);
    coverage(view, outcome, &groups, &mut out);
    problems(view, outcome, &mut out);
    hosts(view, outcome, &groups, &mut out);
    summary(view, outcome, &mut out);
    Ok(out)
}

type Groups = BTreeMap<u32, BTreeMap<u32, Vec<Row>>>;

/// Host -> actor -> rows, most severe first.
fn group(view: &View<'_>, outcome: &Outcome, hidden: &mut Hidden) -> Groups {
    let floor = view.min_level.unwrap_or(Level::Medium);
    let mut groups = Groups::new();
    for &index in outcome.findings.order() {
        let key = outcome.findings.key(index);
        let status = view.content.meta(key.rule).status;
        if key.level < floor {
            *hidden.by_level.entry(key.level).or_default() += 1;
            continue;
        }
        if let Some(status) = status.and_then(unready).filter(|_| !view.all_statuses) {
            *hidden.by_status.entry(status).or_default() += 1;
            continue;
        }
        let rows = groups.entry(key.host).or_default().entry(key.actor).or_default();
        match rows.iter_mut().find(|r| r.rule == key.rule) {
            Some(row) => {
                row.count += 1;
                row.last = row.last.max(key.time);
                row.unsure &= key.unsure;
            }
            None => rows.push(Row {
                level: key.level,
                rule: key.rule,
                count: 1,
                first: key.time,
                last: key.time,
                example: index,
                unsure: key.unsure,
            }),
        }
    }
    for rows in groups.values_mut().flat_map(BTreeMap::values_mut) {
        // A finding that a filter could not judge ranks below its equals.
        rows.sort_by_key(|r| (std::cmp::Reverse(r.level), r.unsure, r.first));
    }
    groups
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

fn worst(actors: &BTreeMap<u32, Vec<Row>>) -> Level {
    actors.values().flatten().map(|r| r.level).max().unwrap_or(Level::Informational)
}

fn findings(view: &View<'_>, outcome: &mut Outcome, groups: &Groups, out: &mut String) -> io::Result<()> {
    let paint = view.paint;
    if groups.is_empty() {
        let _ = writeln!(out, "{}\n", paint.bold("No finding to show."));
        return Ok(());
    }
    let mut hosts: Vec<_> = groups.iter().collect();
    hosts.sort_by_key(|(host, actors)| {
        (std::cmp::Reverse(worst(actors)), outcome.findings.name(**host).to_owned())
    });
    for (host, actors) in hosts.iter().take(HOSTS_MAX) {
        let name = outcome.findings.name(**host);
        let name = if name.is_empty() { "host not named".to_owned() } else { terminal(name) };
        let _ = writeln!(out, "{}", paint.bold(short(&name, view.width)));
        let mut by_actor: Vec<_> = actors.iter().collect();
        by_actor.sort_by_key(|(_, rows)| (std::cmp::Reverse(rows[0].level), rows[0].first));
        for (actor, rows) in by_actor {
            let who = outcome.findings.name(*actor);
            let who = if who.is_empty() { "actor not named".to_owned() } else { terminal(who) };
            let _ = writeln!(out, "  {}", paint.dim(short(&who, view.width.saturating_sub(4))));
            for row in rows.iter().take(ROWS_PER_ACTOR_MAX) {
                finding_row(view, outcome, row, out)?;
            }
            if rows.len() > ROWS_PER_ACTOR_MAX {
                let more = number::of((rows.len() - ROWS_PER_ACTOR_MAX) as u64, "more rule", "more rules");
                let _ = writeln!(out, "    {}", paint.dim(format_args!("… {more} (--format json has all)")));
            }
        }
    }
    if hosts.len() > HOSTS_MAX {
        let more = number::of((hosts.len() - HOSTS_MAX) as u64, "more host", "more hosts");
        let _ = writeln!(out, "{}", paint.dim(format_args!("… {more} with findings")));
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
        view.paint.bold(short(&head, view.width.saturating_sub(before))),
    );
    let record = format!("record {}", finding.event.record);
    let details: Vec<String> =
        finding.details.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| format!("{n}={v}")).collect();
    let line = terminal(&format!("{} · {record}", details.join(" · ")));
    let _ = writeln!(
        out,
        "{:DETAIL_INDENT$}{}",
        "",
        view.paint.dim(short(&line, view.width.saturating_sub(DETAIL_INDENT)))
    );
    if row.unsure {
        let fields = finding.unseen_filter_fields.join(", ");
        let note = format!("not sure: the rule excludes cases by {fields}, which this log does not carry");
        let _ = writeln!(
            out,
            "{:DETAIL_INDENT$}{}",
            "",
            view.paint.warn(short(&terminal(&note), view.width.saturating_sub(DETAIL_INDENT)))
        );
    }
    Ok(())
}

fn hidden_line(view: &View<'_>, hidden: &Hidden, out: &mut String) {
    let mut parts: Vec<String> = hidden
        .by_level
        .iter()
        .rev()
        .map(|(level, n)| format!("{} {}", number::count(*n), level.name()))
        .collect();
    parts.extend(
        hidden.by_status.iter().map(|(status, n)| format!("{} of {status} rules", number::count(*n))),
    );
    if !parts.is_empty() {
        let line =
            format!("Hidden: {} (--min-level informational --all-statuses shows them)", parts.join(", "));
        for line in wrap(&line, view.width, 2) {
            let _ = writeln!(out, "{}", view.paint.dim(line));
        }
        out.push('\n');
    }
}

/// A file with something to say.
fn remark(file: &FileVerdict) -> Option<String> {
    let t = &file.tally;
    let mut parts = Vec::new();
    for problem in &file.problems {
        let mut text = format!("{}: {}", problem.fault, problem.consequence);
        if !problem.remedy.is_empty() {
            let _ = write!(text, "; {}", problem.remedy);
        }
        parts.push(text);
    }
    for r in &t.rejections {
        parts.push(format!(
            "{} rejected: {} (first at record {}: {})",
            number::count(r.count),
            r.reason,
            r.first.number,
            r.detail
        ));
    }
    if t.unmapped > 0 {
        parts.push(format!("{} of no known log type", number::of(t.unmapped, "event", "events")));
    }
    if t.untimed > 0 {
        let why = t.time_faults.first().map(|f| format!(" ({}: {})", f.reason, f.detail)).unwrap_or_default();
        parts.push(format!("{} without a time{why}", number::of(t.untimed, "event", "events")));
    }
    let basis = file.time_basis();
    if !matches!(basis, "stated" | "none") {
        parts.push(basis.to_owned());
    }
    if !file.complete {
        parts.push("not read to its end".to_owned());
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn files(view: &View<'_>, outcome: &Outcome, out: &mut String) {
    let paint = view.paint;
    let mut quiet = 0u64;
    let mut shown = 0usize;
    let mut more = 0u64;
    let mut lines = String::new();
    for file in &outcome.files {
        let remark = remark(file);
        if remark.is_none() && !view.files {
            quiet += 1;
            continue;
        }
        if shown >= REMARKS_MAX && !view.files {
            more += 1;
            continue;
        }
        shown += 1;
        let t = &file.tally;
        let parser = t.parsers.most().map(|p| format!(" · {p}")).unwrap_or_default();
        let copies =
            if t.duplicate > 0 { format!(", {} copies", number::count(t.duplicate)) } else { String::new() };
        let head = format!(
            "{} · {}{} · {} → {}{}",
            terminal(&file.path),
            file.format.name(),
            parser,
            number::of(t.records, "record", "records"),
            number::of(t.events, "event", "events"),
            copies
        );
        let _ = writeln!(lines, "  {}", short(&head, view.width.saturating_sub(2)));
        if let Some(remark) = remark {
            let _ = writeln!(
                lines,
                "    {}",
                paint.warn(short(&terminal(&remark), view.width.saturating_sub(4)))
            );
        }
    }
    if lines.is_empty() && more == 0 {
        return;
    }
    let _ = writeln!(out, "{}", paint.bold("Files"));
    out.push_str(&lines);
    if more > 0 {
        let _ = writeln!(
            out,
            "  {}",
            paint.dim(format_args!("… {} with remarks (--files lists all)", number::count(more)))
        );
    }
    if quiet > 0 {
        let text = format!("{} without remark", number::of(quiet, "file", "files"));
        let _ = writeln!(out, "  {}", paint.dim(text));
    }
    out.push('\n');
}

/// What the logs of hosts with findings cover, and where somebody cut.
fn coverage(view: &View<'_>, outcome: &Outcome, groups: &Groups, out: &mut String) {
    let mut first_finding: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for (host, actors) in groups {
        if let Some(first) = actors.values().flatten().filter_map(|r| r.first).min() {
            first_finding.insert(outcome.findings.name(*host), first);
        }
    }
    let mut lines = Vec::new();
    for (host, name, channel) in outcome.channels.iter().filter(|(host, ..)| !host.is_empty()) {
        let mut parts = Vec::new();
        for notice in channel.notices.iter().take(3) {
            parts.push(format!("{} {}", notice.kind.name(), number::time(notice.event.time, &view.zone)));
        }
        if let Some(missing) =
            channel.records.missing().filter(|m| *m > 0 && first_finding.contains_key(host))
        {
            let gaps = number::of(channel.records.gaps().count() as u64, "gap", "gaps");
            parts.push(format!("{gaps}, {} missing", number::of(missing, "record", "records")));
        }
        if let Some(ns) =
            first_finding.get(host).and_then(|f| channel.begins_before(*f)).filter(|_| !name.is_empty())
        {
            let seconds = ns / 1_000_000_000;
            if seconds < 86_400 {
                let side = if seconds >= 0 { "before" } else { "after" };
                parts.push(format!("begins {} {side} the first finding", number::span(seconds)));
            }
        }
        if !parts.is_empty() {
            let line = terminal(&format!("{host} {name}: {}", parts.join("; ")));
            // Where somebody cut stands before where a log merely begins.
            lines.push((channel.notices.is_empty(), line));
        }
    }
    lines.sort_by_key(|(quiet, _)| *quiet);
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", view.paint.bold("Coverage"));
    for (_, line) in lines.iter().take(REMARKS_MAX) {
        let _ = writeln!(out, "  {}", short(line, view.width.saturating_sub(2)));
    }
    if lines.len() > REMARKS_MAX {
        let more = number::of((lines.len() - REMARKS_MAX) as u64, "more log", "more logs");
        let _ = writeln!(out, "  {}", view.paint.dim(format_args!("… {more} (--format json has all)")));
    }
    out.push('\n');
}

/// Faults of content and of the run as a whole.
fn problems(view: &View<'_>, outcome: &Outcome, out: &mut String) {
    let all: Vec<_> = view.content.problems.iter().chain(&outcome.problems).collect();
    if all.is_empty() {
        return;
    }
    let _ = writeln!(out, "{}", view.paint.bold("Problems"));
    for p in all.iter().take(REMARKS_MAX) {
        let times = if p.count > 1 { format!(" ×{}", number::count(p.count)) } else { String::new() };
        let remedy = if p.remedy.is_empty() { String::new() } else { format!("; {}", p.remedy) };
        let line =
            terminal(&format!("{} {}: {}{times}: {}{remedy}", p.code, p.place, p.fault, p.consequence));
        for line in wrap(&line, view.width.saturating_sub(2), 2) {
            let _ = writeln!(out, "  {}", view.paint.warn(line));
        }
    }
    if all.len() > REMARKS_MAX {
        let more = number::of((all.len() - REMARKS_MAX) as u64, "more problem", "more problems");
        let _ = writeln!(out, "  {}", view.paint.dim(format_args!("… {more} (--format json has all)")));
    }
    out.push('\n');
}

/// The last thing printed is the first thing read: hosts by what was found on them.
fn hosts(view: &View<'_>, outcome: &Outcome, groups: &Groups, out: &mut String) {
    let mut rows: Vec<_> = groups
        .iter()
        .map(|(host, actors)| {
            let mut levels: BTreeMap<std::cmp::Reverse<Level>, u64> = BTreeMap::new();
            for row in actors.values().flatten() {
                *levels.entry(std::cmp::Reverse(row.level)).or_default() += row.count;
            }
            let first = actors.values().flatten().filter_map(|r| r.first).min();
            let last = actors.values().flatten().filter_map(|r| r.last).max();
            (levels, outcome.findings.name(*host), first, last)
        })
        .collect();
    rows.sort_by_key(|(levels, name, ..)| (levels.keys().next().copied(), *name));
    if rows.len() < 2 {
        return;
    }
    let _ = writeln!(out, "{}", view.paint.bold("Hosts"));
    let shown: Vec<(String, String, String)> = rows
        .iter()
        .take(HOSTS_MAX)
        .map(|(levels, name, first, last)| {
            let name = if name.is_empty() { "host not named".to_owned() } else { terminal(name) };
            let counts: Vec<String> =
                levels.iter().map(|(level, n)| format!("{} {}", number::count(*n), level.0.name())).collect();
            let span = format!("{} – {}", number::time(*first, &view.zone), number::time(*last, &view.zone));
            (name, counts.join(", "), span)
        })
        .collect();
    let widest = |of: fn(&(String, String, String)) -> &String| {
        shown.iter().map(|row| of(row).chars().count()).max().unwrap_or(0)
    };
    let names = widest(|r| &r.0).clamp(14, (view.width / 3).clamp(14, 40));
    let counts = widest(|r| &r.1);
    // Beside the counts where there is room, else below them.
    let one_line = 2 + names + 2 + counts + 2 + widest(|r| &r.2) <= view.width;
    for (name, count, span) in &shown {
        let name = short(name, names);
        if one_line {
            let _ = writeln!(out, "  {name:<names$}  {count:<counts$}  {}", view.paint.dim(span));
        } else {
            let count = short(count, view.width.saturating_sub(2 + names + 2));
            let span = short(span, view.width.saturating_sub(4));
            let _ = writeln!(out, "  {name:<names$}  {count}\n    {}", view.paint.dim(span));
        }
    }
    if rows.len() > HOSTS_MAX {
        let more = number::of((rows.len() - HOSTS_MAX) as u64, "more host", "more hosts");
        let _ = writeln!(out, "  {}", view.paint.dim(format_args!("… {more}")));
    }
    out.push('\n');
}

/// A line that begins with a word in bold, broken where the width ends.
fn line(view: &View<'_>, head: &str, text: &str, out: &mut String) {
    for (n, line) in wrap(&format!("{head} {text}"), view.width, 2).into_iter().enumerate() {
        match line.strip_prefix(head).filter(|_| n == 0) {
            Some(rest) => {
                let _ = writeln!(out, "{}{rest}", view.paint.bold(head));
            }
            None => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
}

/// A line that must not be overlooked.
fn warning(view: &View<'_>, text: &str, out: &mut String) {
    for line in wrap(text, view.width, 2) {
        let _ = writeln!(out, "{}", view.paint.warn(line));
    }
}

fn summary(view: &View<'_>, outcome: &Outcome, out: &mut String) {
    let t = &outcome.total;
    let mut levels: BTreeMap<Level, u64> = BTreeMap::new();
    for &index in outcome.findings.order() {
        *levels.entry(outcome.findings.key(index).level).or_default() += 1;
    }
    let by_level: Vec<String> =
        levels.iter().rev().map(|(level, n)| format!("{} {}", number::count(*n), level.name())).collect();
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
    line(view, "Read", &read, out);
    if t.outside > 0 {
        let outside = format!("{} outside the time asked", number::of(t.outside, "event", "events"));
        line(view, "Left aside", &outside, out);
    }
    let found = number::of(outcome.findings.len() as u64, "finding", "findings");
    let colon = if by_level.is_empty() { "" } else { ": " };
    line(view, "Found", &format!("{found}{colon}{}", by_level.join(", ")), out);
    let rules = check::account(view.content);
    let account = format!(
        "{} running, {} left out, {} without a source",
        number::count(rules.running),
        number::count(rules.left_out),
        number::count(rules.no_source),
    );
    line(view, "Rules", &account, out);
    if outcome.not_compared > 0 {
        let text = format!(
            "{} were not compared for copies: more were read than can be remembered",
            number::of(outcome.not_compared, "record", "records")
        );
        warning(view, &text, out);
    }
    let beyond: u64 = outcome.findings.beyond.values().sum();
    if beyond > 0 {
        let text = format!(
            "{} beyond the bound were counted and not kept",
            number::of(beyond, "finding", "findings")
        );
        warning(view, &text, out);
    }
    if !outcome.complete {
        warning(view, "Interrupted: this is what was read until then, not all.", out);
    }
}
