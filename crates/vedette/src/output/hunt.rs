//! What a hunt found, as a table, as JSON, as lines of JSON, and as CSV.

use std::io::{self, Write};

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;
use vedette_intel::{IndicatorKind, Indicators};
use vedette_model::{FileFormat, Problem};
use vedette_runtime::hunt::{ContextLine, Hunt, Sighted};
use vedette_runtime::scan::Outcome;

use super::neutral::{cell, short, terminal};
use super::paint::Paint;
use super::{json, number};

/// `vedette hunt --format json`. Times are RFC 3339 in UTC.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "vedette hunt")]
pub struct Report {
    /// `false` when the run was interrupted: more may be there.
    pub complete: bool,
    /// Most events first, then by value.
    pub found: Vec<Found>,
    /// What the answer rests on.
    pub coverage: Coverage,
    /// One for each list of indicators, in the order they were given.
    pub lists: Vec<List>,
    pub problems: Vec<Trouble>,
}

/// An indicator that was seen, or the expression.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// `address`, `network`, `domain`, `url`, `hash`, `file name`; `expression` for `--where`.
    pub kind: String,
    /// In its normal form: lower case, without default port and scheme; the expression as it was given.
    pub value: String,
    /// Events that hold it, copies counted once.
    pub events: u64,
    pub first: Option<String>,
    pub last: Option<String>,
    /// Files that hold at least one of them.
    pub files: u32,
    pub hosts: Vec<Count>,
    /// Sightings on hosts beyond the bound of names.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hosts_more: u64,
    pub fields: Vec<Count>,
    /// Who listed it; absent for an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed: Option<Listed>,
    /// The earliest events.
    pub lines: Vec<Line>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Count {
    pub name: String,
    pub events: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Listed {
    pub list: String,
    pub line: u32,
    /// What the list says of it.
    pub label: Option<String>,
    /// The event or bundle it came with.
    pub title: Option<String>,
    pub tlp: Option<String>,
    /// The list asks for further conditions, which were not looked at.
    pub widened: bool,
    /// Further lists that hold it: `list:line`.
    pub also: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Line {
    pub time: Option<String>,
    pub host: String,
    /// The mapping that understood it.
    pub log: String,
    pub channel: String,
    pub code: String,
    pub file: String,
    pub record: u64,
    pub uid: String,
    /// The field that holds what was found, and how it stands there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub observed: String,
    /// Name and value, in the order a person wants them.
    pub details: Vec<(String, String)>,
}

/// `records = events + joined + duplicate + rejected`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Coverage {
    pub files: u64,
    /// Files that are no log, or were not read to their end.
    pub files_unread: u64,
    pub records: u64,
    pub events: u64,
    pub joined: u64,
    pub duplicate: u64,
    pub rejected: u64,
    /// Events outside of `--since` and `--until`: not searched.
    pub outside: u64,
    /// Events of no known log: searched by the names their records give.
    pub unmapped: u64,
    pub untimed: u64,
    /// The earliest and latest time of events in the input.
    pub first: Option<String>,
    pub last: Option<String>,
    /// The bounds that were asked for.
    pub since: Option<String>,
    pub until: Option<String>,
    /// Indicators that were searched for.
    pub indicators: u64,
    /// Events with at least one of the things found.
    pub matched: u64,
    /// Sightings of things beyond the bound of what is told.
    pub beyond: u64,
}

/// `read = searched + duplicate + held_back + left_out`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct List {
    pub list: String,
    pub format: String,
    pub read: u64,
    pub searched: u64,
    pub duplicate: u64,
    /// Understood and not searched for, by reason.
    pub held_back: Vec<Reason>,
    /// Not understood, by reason.
    pub left_out: Vec<Reason>,
    /// Objects that are no indicators.
    pub passed_over: u64,
    /// Taken from patterns that ask for more.
    pub widened: u64,
    pub broken_off: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Reason {
    pub reason: String,
    pub count: u64,
    pub examples: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Trouble {
    pub code: String,
    pub place: String,
    pub fault: String,
    pub consequence: String,
    pub remedy: String,
    pub count: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// What was asked for.
pub struct Asked<'a> {
    pub expression: Option<&'a str>,
    pub indicators: Option<&'a Indicators>,
    pub since: Option<String>,
    pub until: Option<String>,
    pub problems: Vec<Problem>,
}

impl Report {
    pub fn of(asked: Asked<'_>, outcome: &Outcome) -> Self {
        let mut found: Vec<Found> =
            outcome.sightings.found.iter().map(|(number, sighted)| one(&asked, *number, sighted)).collect();
        found.sort_by(|a, b| {
            b.events.cmp(&a.events).then_with(|| (&a.value, &a.kind).cmp(&(&b.value, &b.kind)))
        });
        let files = || outcome.files.iter().filter(|f| !f.container);
        let t = &outcome.total;
        let stamp = |time: Option<vedette_model::Timestamp>| time.map(|t| t.to_string());
        let coverage = Coverage {
            files: files().count() as u64,
            files_unread: files().filter(|f| is_unread(f)).count() as u64,
            records: t.records,
            events: t.events,
            joined: t.joined,
            duplicate: t.duplicate,
            rejected: t.rejected,
            outside: t.outside,
            unmapped: t.unmapped,
            untimed: t.untimed,
            first: stamp(t.extent.first),
            last: stamp(t.extent.last),
            since: asked.since,
            until: asked.until,
            indicators: asked.indicators.map_or(0, |i| i.len() as u64),
            matched: outcome.sightings.events,
            beyond: outcome.sightings.beyond,
        };
        let lists = asked.indicators.map(|i| i.accounts().iter().map(list).collect()).unwrap_or_default();
        let of_files = outcome.files.iter().flat_map(|f| &f.problems);
        let problems = asked.problems.iter().chain(&outcome.problems).chain(of_files);
        let problems = problems.take(PROBLEMS_TOLD_MAX).map(trouble).collect();
        Self { complete: outcome.complete, found, coverage, lists, problems }
    }
}

/// More than anybody reads; `vedette scan` names all.
const PROBLEMS_TOLD_MAX: usize = 1_000;

fn is_unread(file: &vedette_runtime::scan::verdict::FileVerdict) -> bool {
    let foreign = matches!(file.format, FileFormat::Foreign(_) | FileFormat::Unknown);
    !file.complete || foreign || file.tally.records > 0 && file.tally.rejected == file.tally.records
}

fn one(asked: &Asked<'_>, number: u32, sighted: &Sighted) -> Found {
    let counts = |names: &vedette_runtime::scan::verdict::Names| {
        let mut counts: Vec<Count> =
            names.iter().map(|(name, events)| Count { name: name.to_owned(), events }).collect();
        counts.sort_by_key(|c| std::cmp::Reverse(c.events));
        counts
    };
    let indicator = asked.indicators.filter(|_| number != Hunt::EXPRESSION).map(|i| i.get(number));
    let (kind, value) = match &indicator {
        Some(i) => (i.kind.name().to_owned(), i.value.clone()),
        None => ("expression".to_owned(), asked.expression.unwrap_or_default().to_owned()),
    };
    Found {
        kind,
        value,
        events: sighted.events,
        first: sighted.extent.first.map(|t| t.to_string()),
        last: sighted.extent.last.map(|t| t.to_string()),
        files: sighted.files,
        hosts: counts(&sighted.hosts),
        hosts_more: sighted.hosts.others,
        fields: counts(&sighted.fields),
        listed: indicator.map(|i| Listed {
            list: i.list.to_owned(),
            line: i.line,
            label: i.label.map(str::to_owned),
            title: i.title.map(str::to_owned),
            tlp: i.tlp.map(|t| t.name().to_owned()),
            widened: i.widened,
            also: i.also.iter().map(|(list, line)| format!("{list}:{line}")).collect(),
        }),
        lines: sighted.lines().map(|(uid, line)| shown(&uid.to_string(), line)).collect(),
    }
}

fn shown(uid: &str, context: &ContextLine) -> Line {
    let line = &context.line;
    Line {
        time: line.time.map(|t| t.to_string()),
        host: line.host.clone(),
        log: line.log.clone(),
        channel: line.channel.clone(),
        code: line.code.clone(),
        file: line.path.clone(),
        record: line.record,
        uid: uid.to_owned(),
        field: context.field.clone(),
        observed: context.observed.clone(),
        details: line.details.clone(),
    }
}

fn list(account: &vedette_intel::indicators::Account) -> List {
    let reason = |reason: String, tally: &vedette_intel::indicators::Tally| Reason {
        reason,
        count: tally.count,
        examples: tally.examples.clone(),
    };
    List {
        list: account.name.clone(),
        format: account.format.to_owned(),
        read: account.read,
        searched: account.searched(),
        duplicate: account.duplicate,
        held_back: account.held_back.iter().map(|(r, t)| reason(r.to_string(), t)).collect(),
        left_out: account.left_out.iter().map(|(r, t)| reason(r.clone(), t)).collect(),
        passed_over: account.passed_over,
        widened: account.widened,
        broken_off: account.broken_off.clone(),
    }
}

fn trouble(problem: &Problem) -> Trouble {
    Trouble {
        code: problem.code.to_owned(),
        place: problem.place.clone(),
        fault: problem.fault.clone(),
        consequence: problem.consequence.clone(),
        remedy: problem.remedy.clone(),
        count: problem.count,
    }
}

/// One line for each list, thing found, and the coverage; `kind` is taken, so `what` names the kind of a thing found.
///
/// # Errors
/// When the output cannot be written.
pub fn lines(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    #[derive(Serialize)]
    struct Thing<'a> {
        what: &'a str,
        #[serde(flatten)]
        found: serde_json::Map<String, serde_json::Value>,
    }
    #[derive(Serialize)]
    struct Summary<'a> {
        complete: bool,
        #[serde(flatten)]
        coverage: &'a Coverage,
        problems: &'a [Trouble],
    }
    for list in &report.lists {
        json::line(out, "list", list)?;
    }
    for found in &report.found {
        let serde_json::Value::Object(mut members) = serde_json::to_value(found)? else { continue };
        members.remove("kind");
        json::line(out, "found", &Thing { what: &found.kind, found: members })?;
    }
    let summary =
        Summary { complete: report.complete, coverage: &report.coverage, problems: &report.problems };
    json::line(out, "summary", &summary)
}

/// One row for each event shown; a thing without events has one row.
///
/// # Errors
/// When the output cannot be written.
pub fn csv(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "kind", "value", "events", "first", "last", "hosts", "list", "label", "tlp", "time", "host",
        "channel", "code", "field", "observed", "file", "record", "details",
    ])?;
    for found in &report.found {
        let hosts: Vec<&str> = found.hosts.iter().map(|h| h.name.as_str()).collect();
        let listed = found.listed.as_ref();
        let head = [
            found.kind.clone(),
            found.value.clone(),
            found.events.to_string(),
            found.first.clone().unwrap_or_default(),
            found.last.clone().unwrap_or_default(),
            hosts.join(" "),
            listed.map(|l| format!("{}:{}", l.list, l.line)).unwrap_or_default(),
            listed.and_then(|l| l.label.clone()).unwrap_or_default(),
            listed.and_then(|l| l.tlp.clone()).unwrap_or_default(),
        ];
        let mut row = |line: Option<&Line>| {
            let text = |pick: fn(&Line) -> String| line.map(pick).unwrap_or_default();
            let tail = [
                text(|l| l.time.clone().unwrap_or_default()),
                text(|l| l.host.clone()),
                text(|l| l.channel.clone()),
                text(|l| l.code.clone()),
                text(|l| l.field.clone()),
                text(|l| l.observed.clone()),
                text(|l| l.file.clone()),
                text(|l| l.record.to_string()),
                text(details),
            ];
            table.write_record(head.iter().chain(&tail).map(|c| cell(c)))
        };
        if found.lines.is_empty() {
            row(None)?;
        }
        for line in &found.lines {
            row(Some(line))?;
        }
    }
    table.flush()
}

fn details(line: &Line) -> String {
    let details: Vec<String> = line.details.iter().map(|(n, v)| format!("{n}={v}")).collect();
    details.join(" · ")
}

/// How people see it.
pub struct View {
    pub paint: Paint,
    pub zone: TimeZone,
    pub width: usize,
    /// Things shown; 0 for all.
    pub top: usize,
}

/// The table.
///
/// # Errors
/// When the output cannot be written.
pub fn table(out: &mut dyn Write, view: &View, report: &Report) -> io::Result<()> {
    let paint = view.paint;
    let time = |text: &Option<String>| {
        let parsed = text.as_deref().and_then(|t| t.parse::<jiff::Timestamp>().ok());
        number::time(parsed.map(Into::into), &view.zone)
    };
    let top = if view.top == 0 { report.found.len() } else { view.top };
    for found in report.found.iter().take(top) {
        writeln!(out, "{}  {}", paint.bold(terminal(&found.value)), paint.dim(&found.kind))?;
        let events = number::of(found.events, "event", "events");
        let files = number::of(u64::from(found.files), "file", "files");
        writeln!(out, "  {events} in {files}, {} to {}", time(&found.first), time(&found.last))?;
        if !found.hosts.is_empty() {
            let names = found
                .hosts
                .iter()
                .take(8)
                .map(|h| format!("{} ({})", terminal(&h.name), number::count(h.events)));
            let more = found.hosts.len().saturating_sub(8) as u64;
            let more = if more > 0 { format!(", … {} more", number::count(more)) } else { String::new() };
            writeln!(out, "  hosts: {}{more}", names.collect::<Vec<_>>().join(", "))?;
        }
        if let Some(listed) = &found.listed {
            let mut said = vec![format!("{}:{}", terminal(&listed.list), listed.line)];
            said.extend(
                [&listed.title, &listed.label, &listed.tlp].into_iter().flatten().map(|t| terminal(t)),
            );
            if listed.widened {
                said.push("one condition of several: the list asks for more".to_owned());
            }
            said.extend(listed.also.iter().map(|a| format!("also {}", terminal(a))));
            writeln!(
                out,
                "  {}",
                paint.dim(short(&format!("listed: {}", said.join(" · ")), view.width.saturating_sub(2)))
            )?;
        }
        for line in &found.lines {
            let place = match (line.channel.as_str(), line.code.as_str()) {
                ("", "") => line.log.clone(),
                (channel, "") => channel.to_owned(),
                ("", code) => code.to_owned(),
                (channel, code) => format!("{channel}:{code}"),
            };
            let held = match (line.field.as_str(), line.observed.as_str()) {
                ("", _) => String::new(),
                (field, observed) => format!("{field}: {observed} · "),
            };
            let text = format!("{}  {}  {place}  {held}{}", time(&line.time), line.host, details(line));
            writeln!(out, "    {}", short(&terminal(&text), view.width.saturating_sub(4)))?;
            let source = format!("{}#{}", line.file, line.record);
            writeln!(out, "    {}", paint.dim(short(&terminal(&source), view.width.saturating_sub(4))))?;
        }
        writeln!(out)?;
    }
    if report.found.len() > top {
        let more = number::of((report.found.len() - top) as u64, "more thing found", "more things found");
        writeln!(out, "… {more} (--top 0 shows all)\n")?;
    }
    searched(out, view, report, &time)
}

/// What the answer rests on.
fn searched(
    out: &mut dyn Write,
    view: &View,
    report: &Report,
    time: &dyn Fn(&Option<String>) -> String,
) -> io::Result<()> {
    let c = &report.coverage;
    let paint = view.paint;
    for list in &report.lists {
        let mut said = format!(
            "{} ({}): {} of {} searched for",
            list.list,
            list.format,
            number::count(list.searched),
            number::count(list.read)
        );
        if list.duplicate > 0 {
            said.push_str(&format!(", {} double", number::count(list.duplicate)));
        }
        writeln!(out, "{}", terminal(&said))?;
        for (what, reasons) in [("held back", &list.held_back), ("not understood", &list.left_out)] {
            for reason in reasons {
                let example = reason.examples.first().map(|e| format!(", {e}")).unwrap_or_default();
                let text = format!("  {} {what}: {}{example}", number::count(reason.count), reason.reason);
                writeln!(out, "{}", short(&terminal(&text), view.width))?;
            }
        }
        if list.widened > 0 {
            let text = format!(
                "  {} taken from patterns that ask for more than is looked at",
                number::count(list.widened)
            );
            writeln!(out, "{}", terminal(&text))?;
        }
        if let Some(fault) = &list.broken_off {
            writeln!(out, "{}", paint.warn(terminal(&format!("  not read to its end: {fault}"))))?;
        }
    }
    let searched = c.events.saturating_sub(c.outside.min(c.events));
    let mut parts = vec![
        format!("Searched {}", number::of(c.files - c.files_unread.min(c.files), "file", "files")),
        number::of(searched, "event", "events"),
    ];
    for (count, one, many) in [
        (c.rejected, "rejected record", "rejected records"),
        (
            c.files_unread,
            "file that could not be read or is no log",
            "files that could not be read or are no logs",
        ),
        (c.duplicate, "copy counted once", "copies counted once"),
        (c.outside, "event outside the time asked for", "events outside the time asked for"),
    ] {
        if count > 0 {
            parts.push(number::of(count, one, many));
        }
    }
    let mut line = parts.join(", ");
    if c.first.is_some() {
        let first = later(&c.first, &c.since);
        let last = earlier(&c.last, &c.until);
        line.push_str(&format!(", from {} to {}", time(first), time(last)));
    }
    writeln!(out, "{}.", terminal(&line))?;
    if c.beyond > 0 {
        writeln!(
            out,
            "{}",
            paint.warn(format!(
                "{} of further things are not told.",
                number::of(c.beyond, "sighting", "sightings")
            ))
        )?;
    }
    let verdict = match (report.found.len() as u64, c.indicators) {
        (0, _) => "Nothing found.".to_owned(),
        (_, 0) => format!("{} found.", number::of(c.matched, "event", "events")),
        (n, all) => {
            let n = number::of(n, "indicator", "indicators");
            format!("{n} of {} found, in {}.", number::count(all), number::of(c.matched, "event", "events"))
        }
    };
    writeln!(out, "{}", paint.bold(verdict))?;
    if !report.complete {
        writeln!(out, "{}", paint.warn("Interrupted: this is what was read until then, not all."))?;
    }
    Ok(())
}

fn stamp(text: &Option<String>) -> Option<jiff::Timestamp> {
    text.as_deref().and_then(|t| t.parse().ok())
}

fn later<'a>(a: &'a Option<String>, b: &'a Option<String>) -> &'a Option<String> {
    if stamp(b) > stamp(a) { b } else { a }
}

fn earlier<'a>(a: &'a Option<String>, b: &'a Option<String>) -> &'a Option<String> {
    if b.is_some() && stamp(b) < stamp(a) { b } else { a }
}

/// Kinds in their order, for the help.
pub fn kinds() -> String {
    IndicatorKind::ALL.map(IndicatorKind::name).join(", ")
}
