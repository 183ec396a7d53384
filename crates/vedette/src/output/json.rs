//! A scan as one JSON object, as JSON lines, and as CSV: written finding by finding, so that a flood needs no memory.

use std::io::{self, Write};

use serde::Serialize;
use vedette_model::Level;
use vedette_runtime::Content;
use vedette_runtime::scan::Outcome;

use super::neutral::cell;
use super::{wire, wire_of};

/// Indexes of findings at or above `floor`, in order.
fn chosen(outcome: &Outcome, floor: Option<Level>) -> Vec<u32> {
    let above = |i: &u32| floor.is_none_or(|f| outcome.findings.key(*i).level >= f);
    outcome.findings.order().iter().copied().filter(above).collect()
}

/// The object that `--format json` promises.
///
/// # Errors
/// When the output cannot be written or a finding not be read back.
pub fn object(
    out: &mut dyn Write,
    content: &Content,
    outcome: &mut Outcome,
    floor: Option<Level>,
) -> io::Result<()> {
    out.write_all(b"{\"files\":[")?;
    for (i, file) in outcome.files.iter().enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &wire_of::file(file))?;
    }
    out.write_all(b"\n],\"findings\":[")?;
    let paths = wire_of::Paths::of(&outcome.files);
    for (i, index) in chosen(outcome, floor).into_iter().enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &wire_of::finding(content, &mut outcome.findings, &paths, index)?)?;
    }
    out.write_all(b"\n],\"incidents\":[],\"summary\":")?;
    serde_json::to_writer(&mut *out, &wire_of::summary(content, outcome))?;
    out.write_all(b"}\n")
}

/// One line for each file, finding, and the summary; `kind` says which.
///
/// # Errors
/// As [`object`].
pub fn lines(
    out: &mut dyn Write,
    content: &Content,
    outcome: &mut Outcome,
    floor: Option<Level>,
) -> io::Result<()> {
    for file in &outcome.files {
        line(out, "file", &wire_of::file(file))?;
    }
    let paths = wire_of::Paths::of(&outcome.files);
    for index in chosen(outcome, floor) {
        line(out, "finding", &wire_of::finding(content, &mut outcome.findings, &paths, index)?)?;
    }
    line(out, "summary", &wire_of::summary(content, outcome))
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
pub fn csv(
    out: &mut dyn Write,
    content: &Content,
    outcome: &mut Outcome,
    floor: Option<Level>,
) -> io::Result<()> {
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
    ])?;
    let paths = wire_of::Paths::of(&outcome.files);
    for index in chosen(outcome, floor) {
        let f: wire::Finding = wire_of::finding(content, &mut outcome.findings, &paths, index)?;
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
        ];
        table.write_record(cells.iter().map(|c| cell(c)))?;
    }
    table.flush()
}
