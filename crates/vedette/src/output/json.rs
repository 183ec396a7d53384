//! A scan as one JSON object, as JSON lines, and as CSV: written finding by finding, so that a flood needs no memory.

use std::collections::HashSet;
use std::io::{self, Write};

use serde::Serialize;
use vedette_model::{EventUid, Level};
use vedette_runtime::Content;
use vedette_runtime::scan::Outcome;
use vedette_runtime::scan::incidents::Incidents;

use super::neutral::cell;
use super::wire_evidence::evidence;
use super::wire_incident::Case;
use super::{wire, wire_of};

/// Indexes of findings at or above `floor`, in order.
fn chosen(outcome: &Outcome, floor: Option<Level>) -> Vec<u32> {
    let above = |i: &u32| floor.is_none_or(|f| outcome.findings.key(*i).level >= f);
    outcome.findings.order().iter().copied().filter(above).collect()
}

/// What there is to write.
pub struct Report<'a> {
    pub content: &'a Content,
    pub outcome: &'a mut Outcome,
    pub incidents: &'a Incidents,
    /// Only findings at or above.
    pub floor: Option<Level>,
    pub case: Case,
}

/// The object that `--format json` promises.
///
/// # Errors
/// When the output cannot be written or a finding not be read back.
pub fn object(out: &mut dyn Write, report: &mut Report<'_>) -> io::Result<()> {
    let Report { content, outcome, incidents, floor, case } = report;
    out.write_all(b"{\"files\":[")?;
    for (i, file) in outcome.files.iter().enumerate() {
        item(out, i, &wire_of::file(file))?;
    }
    out.write_all(b"\n],\"findings\":[")?;
    let paths = wire_of::Paths::of(&outcome.files);
    let chosen = chosen(outcome, *floor);
    for (i, index) in chosen.iter().enumerate() {
        item(
            out,
            i,
            &wire_of::finding(content, &mut outcome.findings, &paths, incidents, &outcome.homes, *index)?,
        )?;
    }
    out.write_all(b"\n],\"incidents\":[")?;
    for (i, incident) in incidents.list.iter().enumerate() {
        item(out, i, &incident.value())?;
    }
    out.write_all(b"\n],\"set_aside\":[")?;
    for (i, aside) in incidents.set_aside.iter().enumerate() {
        item(out, i, &wire_of::set_aside(aside))?;
    }
    out.write_all(b"\n],\"evidence\":[")?;
    let mut not_embedded = 0;
    let mut written = 0;
    for uid in cited(outcome, incidents, &chosen, &mut not_embedded) {
        if let Some(kept) = outcome.evidence.read(uid)? {
            item(out, written, &evidence(&kept, paths.get(kept.event.file)))?;
            written += 1;
        }
    }
    out.write_all(b"\n],\"rules\":[")?;
    for (i, rule) in wire_of::rules(content, outcome, &chosen).iter().enumerate() {
        item(out, i, rule)?;
    }
    out.write_all(b"\n],\"case\":")?;
    serde_json::to_writer(&mut *out, case)?;
    out.write_all(b",\"summary\":")?;
    serde_json::to_writer(&mut *out, &wire_of::summary(content, outcome, incidents, not_embedded))?;
    out.write_all(b"}\n")
}

fn item(out: &mut dyn Write, number: usize, body: &impl Serialize) -> io::Result<()> {
    out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
    Ok(serde_json::to_writer(out, body)?)
}

/// Events embedded in a report: what a person could still open. Those that incidents cite come first.
const EMBEDDED_MAX: usize = 50_000;

/// The kept events that the report speaks of, in order of time; `beyond` counts those that have no place.
fn cited(outcome: &Outcome, incidents: &Incidents, chosen: &[u32], beyond: &mut u64) -> Vec<EventUid> {
    // A story counts more events than it cites, and is checked from all of them.
    let told = incidents.list.iter().flat_map(|i| i.read.iter().copied());
    let findings = &outcome.findings;
    let of_finding = |index: &u32| {
        let witnesses = findings.witnesses(*index).map(|w| w.uid);
        std::iter::once(findings.event(*index))
            .chain(findings.events(*index))
            .chain(witnesses)
            .collect::<Vec<_>>()
    };
    let of_incidents = incidents.findings.iter().flatten().flat_map(of_finding);
    let mut seen: HashSet<EventUid> = HashSet::new();
    let mut uids = Vec::new();
    for uid in told.chain(of_incidents).chain(chosen.iter().flat_map(of_finding)) {
        if !seen.insert(uid) || !outcome.evidence.has(uid) {
            continue;
        }
        if uids.len() < EMBEDDED_MAX { uids.push(uid) } else { *beyond += 1 }
    }
    uids.sort_unstable_by_key(|uid| (outcome.evidence.time(*uid), *uid));
    uids
}

/// One line for each file, incident, finding, and the summary; `kind` says which.
///
/// # Errors
/// As [`object`].
pub fn lines(out: &mut dyn Write, report: &mut Report<'_>) -> io::Result<()> {
    let Report { content, outcome, incidents, floor, .. } = report;
    for file in &outcome.files {
        line(out, "file", &wire_of::file(file))?;
    }
    for incident in &incidents.list {
        line(out, "incident", &incident.value())?;
    }
    let paths = wire_of::Paths::of(&outcome.files);
    for index in chosen(outcome, *floor) {
        line(
            out,
            "finding",
            &wire_of::finding(content, &mut outcome.findings, &paths, incidents, &outcome.homes, index)?,
        )?;
    }
    line(out, "summary", &wire_of::summary(content, outcome, incidents, 0))
}

/// One line of JSON lines: `kind`, then the members of `body`.
///
/// # Errors
/// When the output cannot be written.
pub fn line(out: &mut dyn Write, kind: &str, body: &impl Serialize) -> io::Result<()> {
    #[derive(Serialize)]
    struct Line<'a, T> {
        kind: &'a str,
        #[serde(flatten)]
        body: &'a T,
    }
    serde_json::to_writer(&mut *out, &Line { kind, body })?;
    out.write_all(b"\n")
}

/// Findings for a spreadsheet.
///
/// # Errors
/// As [`object`].
pub fn csv(out: &mut dyn Write, report: &mut Report<'_>) -> io::Result<()> {
    let Report { content, outcome, incidents, floor, .. } = report;
    let mut table = csv::Writer::from_writer(out);
    table.write_record([
        "time",
        "level",
        "title",
        "host",
        "actor",
        "channel",
        "code",
        "file",
        "record",
        "techniques",
        "details",
        "rule_id",
        "author",
        "license",
        "id",
        "incident",
    ])?;
    let paths = wire_of::Paths::of(&outcome.files);
    for index in chosen(outcome, *floor) {
        let f: wire::Finding =
            wire_of::finding(content, &mut outcome.findings, &paths, incidents, &outcome.homes, index)?;
        let details: Vec<String> = f.details.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let record = f.event.record.to_string();
        let cells = [
            f.time.as_deref().unwrap_or_default(),
            &f.level,
            &f.title,
            f.host.as_deref().unwrap_or_default(),
            f.actor.as_deref().unwrap_or_default(),
            f.channel.as_deref().unwrap_or_default(),
            f.code.as_deref().unwrap_or_default(),
            &f.file,
            &record,
            &f.techniques.join(" "),
            &details.join(" · "),
            &f.rule_id,
            f.author.as_deref().unwrap_or_default(),
            f.license.as_deref().unwrap_or_default(),
            &f.id,
            f.incident.as_deref().unwrap_or_default(),
        ];
        table.write_record(cells.iter().map(|c| cell(c)))?;
    }
    table.flush()
}
