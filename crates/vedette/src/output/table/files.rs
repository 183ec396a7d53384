//! The files: of what formats they are, and what there is to say about them; the same remark is made once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use vedette_runtime::scan::Outcome;
use vedette_runtime::scan::verdict::FileVerdict;

use super::View;
use crate::output::neutral::{short, terminal, wrap};
use crate::output::number;

/// Remarks in a summary.
const REMARKS_MAX: usize = 3;
/// Formats named in a summary.
const FORMATS_MAX: usize = 8;
/// Lines of one remark in a summary.
const LINES_MAX: usize = 2;

/// How much a remark matters: what was not read at all comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Problem,
    Rejected,
    Incomplete,
    Unmapped,
    Untimed,
    Assumed,
}

/// Something to say about one file.
struct Remark {
    weight: Weight,
    /// Equal for files of which the same is said.
    about: String,
    /// Records or events that it is said of; none when it is said of the file.
    count: Option<(u64, &'static str, &'static str)>,
    detail: String,
}

impl Remark {
    fn text(&self, count: u64) -> String {
        let counted = self.count.map(|(_, one, many)| number::of(count, one, many) + " ").unwrap_or_default();
        format!("{counted}{}{}", self.about, self.detail)
    }
}

fn remarks(file: &FileVerdict) -> Vec<Remark> {
    let t = &file.tally;
    let mut all = Vec::new();
    let mut add = |weight, about: String, count, detail| all.push(Remark { weight, about, count, detail });
    for p in &file.problems {
        let remedy = if p.remedy.is_empty() { String::new() } else { format!("; {}", p.remedy) };
        add(Weight::Problem, format!("{}: {}{remedy}", p.fault, p.consequence), None, String::new());
    }
    for r in &t.rejections {
        let detail = format!(" (first at record {}: {})", number::count(r.first.number), r.detail);
        add(
            Weight::Rejected,
            format!("rejected: {}", r.reason),
            Some((r.count, "record", "records")),
            detail,
        );
    }
    if !file.complete {
        add(Weight::Incomplete, "not read to its end".to_owned(), None, String::new());
    }
    let untimed = t.time_faults.first().map(|f| format!(" ({}: {})", f.reason, f.detail)).unwrap_or_default();
    let both = t.unmapped > 0 && t.unmapped == t.untimed;
    if t.unmapped > 0 {
        let about = if both { "of no known log type, without a time" } else { "of no known log type" };
        add(Weight::Unmapped, about.to_owned(), Some((t.unmapped, "event", "events")), String::new());
    }
    if t.untimed > 0 && !both {
        add(Weight::Untimed, "without a time".to_owned(), Some((t.untimed, "event", "events")), untimed);
    }
    let basis = file.time_basis();
    if !matches!(basis, "stated" | "none") {
        let remedy = if basis.contains("zone") { " (--tz states it)" } else { "" };
        add(Weight::Assumed, format!("{basis}{remedy}"), None, String::new());
    }
    all
}

pub fn section(view: &View<'_>, outcome: &Outcome, out: &mut String) {
    if outcome.files.is_empty() {
        return;
    }
    view.heading("Files", &formats(outcome), out);
    if view.files || view.full {
        list(view, outcome, out);
    } else {
        summary(view, outcome, out);
    }
    out.push('\n');
}

/// `138 evtx, 2 lines, 1 empty`, most frequent first.
fn formats(outcome: &Outcome) -> String {
    let mut formats: BTreeMap<&str, u64> = BTreeMap::new();
    for file in &outcome.files {
        *formats.entry(file.format.name()).or_default() += 1;
    }
    let mut sorted: Vec<_> = formats.into_iter().collect();
    sorted.sort_by_key(|(name, n)| (std::cmp::Reverse(*n), *name));
    let mut parts: Vec<String> =
        sorted.iter().take(FORMATS_MAX).map(|(name, n)| format!("{} {name}", number::count(*n))).collect();
    let others: u64 = sorted.iter().skip(FORMATS_MAX).map(|(_, n)| n).sum();
    if others > 0 {
        parts.push(format!("{} of other formats", number::count(others)));
    }
    parts.join(", ")
}

/// The same said of several files.
struct Group<'a> {
    first: Remark,
    count: u64,
    paths: Vec<&'a str>,
    files: u64,
}

/// Paths of a group that are kept to be named.
const PATHS_MAX: usize = 16;

fn summary(view: &View<'_>, outcome: &Outcome, out: &mut String) {
    let mut groups: BTreeMap<(Weight, String), Group<'_>> = BTreeMap::new();
    let mut quiet = 0u64;
    for file in &outcome.files {
        let all = remarks(file);
        quiet += u64::from(all.is_empty());
        for remark in all {
            let count = remark.count.map_or(0, |(n, ..)| n);
            let key = (remark.weight, remark.about.clone());
            let group = groups.entry(key).or_insert_with(|| Group {
                first: remark,
                count: 0,
                paths: Vec::new(),
                files: 0,
            });
            group.count += count;
            group.files += 1;
            if group.paths.len() < PATHS_MAX {
                group.paths.push(&file.path);
            }
        }
    }
    let folder = common_folder(outcome);
    let left = groups.len().saturating_sub(REMARKS_MAX);
    for group in groups.values().take(REMARKS_MAX) {
        let text = format!("{}: {}", number::of(group.files, "file", "files"), group.first.text(group.count));
        let names: Vec<&str> = group.paths.iter().map(|p| p.strip_prefix(folder).unwrap_or(p)).collect();
        let more = if group.files > names.len() as u64 { ", …" } else { "" };
        let names = terminal(&(names.join(", ") + more));
        let text = terminal(&text);
        if 2 + text.chars().count() + 3 + names.chars().count() <= view.width() {
            let _ = writeln!(out, "  {} · {names}", view.paint.warn(text));
            continue;
        }
        let mut lines = wrap(&text, view.room(2), 2);
        if lines.len() > LINES_MAX {
            lines.truncate(LINES_MAX);
            let last = lines[LINES_MAX - 1].clone() + " …";
            lines[LINES_MAX - 1] = short(&last, view.room(2));
        }
        for line in lines {
            let _ = writeln!(out, "  {}", view.paint.warn(line));
        }
        let names = if group.files == 1 { ending(&names, view.room(4)) } else { short(&names, view.room(4)) };
        let _ = writeln!(out, "    {names}");
    }
    view.more(left, ("more remark", "more remarks"), out);
    if quiet > 0 {
        let text = format!("{} without remark (--files lists all)", number::of(quiet, "file", "files"));
        let _ = writeln!(out, "  {}", view.paint.dim(short(&text, view.room(2))));
    }
}

/// The end of a path tells more than its beginning.
fn ending(path: &str, max: usize) -> String {
    let length = path.chars().count();
    if length <= max {
        return path.to_owned();
    }
    let kept: String = path.chars().skip(length + 1 - max).collect();
    format!("…{kept}")
}

/// The longest folder that all paths share, with its last slash.
fn common_folder(outcome: &Outcome) -> &str {
    let mut paths = outcome.files.iter().map(|f| f.path.as_str());
    let Some(first) = paths.next() else { return "" };
    let same = |path: &str| first.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count();
    let shared = paths.map(same).min().unwrap_or(0);
    first.as_bytes()[..shared].iter().rposition(|b| *b == b'/').map_or("", |slash| &first[..=slash])
}

/// Each file with what there is to say, or all of them with `--files`.
fn list(view: &View<'_>, outcome: &Outcome, out: &mut String) {
    let mut quiet = 0u64;
    for file in &outcome.files {
        let said = remarks(file);
        if said.is_empty() && !view.files {
            quiet += 1;
            continue;
        }
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
        let _ = writeln!(out, "  {}", short(&head, view.room(2)));
        if !said.is_empty() {
            let texts: Vec<String> = said.iter().map(|r| r.text(r.count.map_or(0, |(n, ..)| n))).collect();
            let text = short(&terminal(&texts.join("; ")), view.room(4));
            let _ = writeln!(out, "    {}", view.paint.warn(text));
        }
    }
    if quiet > 0 {
        let text = format!("{} without remark (--files lists all)", number::of(quiet, "file", "files"));
        let _ = writeln!(out, "  {}", view.paint.dim(short(&text, view.room(2))));
    }
}
