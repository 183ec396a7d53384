//! `vedette verify`: checks offline that every claim of a report resolves to events that say it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::Value;
use vedette_investigate::verify::{self as check, Verdict};
use vedette_runtime::Content;
use vedette_runtime::again::Again;
use vedette_runtime::again::originals::{self, Cited, Compared, NamedFile};

use super::{input, knowledge};
use crate::cli::{Input, Verify, VerifyFormat};
use crate::fault::Fault;
use crate::library;
use crate::output::neutral::lines;
use crate::output::number;
use crate::output::paint::Paint;
use crate::output::{wire_of, wire_verify as wire};

/// A report larger than this is not read: it would not fit in memory as a tree.
const REPORT_BYTES_MAX: u64 = 1 << 30;
/// Refused claims and differences that people are shown; JSON has all that are kept.
const SHOWN_MAX: usize = 40;

/// # Errors
/// Usage, and a report or originals that cannot be read.
pub fn run(args: &Verify, paint: Paint) -> Result<ExitCode, Fault> {
    let told = checked(args)?;
    let text = match args.format {
        VerifyFormat::Json => {
            serde_json::to_string_pretty(&told)
                .map_err(io::Error::from)
                .map_err(Fault::io("cannot write the result"))?
                + "\n"
        }
        VerifyFormat::Table => table(&told, paint),
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(Fault::io("cannot write the result"))?;
    Ok(ExitCode::from(u8::from(told.refused_count > 0)))
}

/// The verdict on a report.
///
/// # Errors
/// A report or originals that cannot be read.
pub(super) fn checked(args: &Verify) -> Result<wire::Verify, Fault> {
    let report = read(&args.report)?;
    let content = library::load(&args.rules, &args.mappings)?;
    let shown = |content: &Content, rule: u32| {
        serde_json::to_value(wire_of::rule(content, rule, 0)).unwrap_or_default()
    };
    let (known, faults) = knowledge::load(&args.lists)?;
    for fault in &faults {
        input::note(&format!("{}: {}", fault.place, fault.fault));
    }
    let again = Again::new(content.clone(), &known, &shown);
    let unreadable = |e: check::Unreadable| unreadable(&args.report, &e.0);
    let mut verdict = check::verify(&report, &again).map_err(unreadable)?;
    let compared = if args.evidence.is_empty() { None } else { Some(originals(args, &content, &report)?) };
    if let Some(compared) = &compared {
        add(&mut verdict, compared);
        homes(&mut verdict, compared, &report);
    }
    Ok(tell(&verdict, compared.as_ref()))
}

fn unreadable(path: &Path, fault: &str) -> Fault {
    Fault::Io {
        context: format!("cannot check {}", path.display()),
        source: io::Error::new(io::ErrorKind::InvalidData, fault.to_owned()),
    }
}

fn read(path: &Path) -> Result<Value, Fault> {
    let cannot = || Fault::io(format!("cannot read {}", path.display()));
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().lock().take(REPORT_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(cannot())?;
    } else {
        File::open(path)
            .map_err(cannot())?
            .take(REPORT_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .map_err(cannot())?;
    }
    if bytes.len() as u64 > REPORT_BYTES_MAX {
        return Err(unreadable(
            path,
            "it is larger than 1 GiB; scan a part of the input and check that report",
        ));
    }
    serde_json::from_slice(&bytes).map_err(|e| {
        unreadable(
            path,
            &format!("it is not JSON ({e}): a report is what `vedette scan --format json` prints"),
        )
    })
}

/// Reads the originals and holds every cited event against them.
fn originals(args: &Verify, content: &Arc<Content>, report: &Value) -> Result<Compared, Fault> {
    let input = Input {
        paths: args.evidence.clone(),
        zones: args.zones.clone(),
        year: args.year,
        host_from_path: args.host_from_path,
        zip_password_file: args.zip_password_file.clone(),
        mappings: args.mappings.clone(),
        quiet: true,
        ..Input::default()
    };
    let inputs = input::open(&input, content, true)?;
    let (cited, files) = cited(report)?;
    Ok(originals::compare(content, &inputs, &cited, &files))
}

fn cited(report: &Value) -> Result<(Vec<Cited>, Vec<NamedFile>), Fault> {
    let read = check::Report::read(report, &mut check::Tally::default())
        .map_err(|e| unreadable(Path::new("the report"), &e.0))?;
    let cited = read.evidence.into_values().map(|e| Cited { evidence: e.evidence, file: e.file }).collect();
    let files = report.get("files").and_then(Value::as_array).into_iter().flatten();
    let files = files.filter(|f| f.get("container").and_then(Value::as_bool) != Some(true));
    let named = files.filter_map(|f| {
        let text = |name: &str| f.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(NamedFile { path: text("path")?, sha256: text("sha256") })
    });
    Ok((cited, named.collect()))
}

/// What the originals bear out or not counts like every other claim.
fn add(verdict: &mut Verdict, compared: &Compared) {
    verdict.claims += compared.same + compared.hashed;
    verdict.resolved += compared.same + compared.hashed;
    let events = compared.differing.iter().map(|(uid, why)| (format!("evidence {uid}: original"), why));
    let files = compared.wrong_files.iter().map(|(path, why)| (format!("file {path}: sha256"), why));
    for (claim, reason) in events.chain(files) {
        verdict.claims += 1;
        verdict.refused_count += 1;
        verdict.refused.push(check::Refused { claim, reason: reason.clone() });
    }
    if !compared.missing_files.is_empty() {
        verdict.notes.push(format!(
            "{} of the report are not among the originals given: {}",
            number::of(compared.missing_files.len() as u64, "file", "files"),
            compared.missing_files.iter().take(5).cloned().collect::<Vec<_>>().join(", ")
        ));
    }
    if compared.hashed + compared.wrong_files.len() as u64 == 0 {
        verdict.notes.push(
            "the report has no SHA-256 of whole files (a manifest has them): each cited record was compared with its original"
                .to_owned(),
        );
    }
    if !compared.complete {
        verdict.notes.push("the originals were not read to their end".to_owned());
    }
}

/// Which machine had an inside address then: all logs together say so, and here they are.
fn homes(verdict: &mut Verdict, compared: &Compared, report: &Value) {
    for finding in report.get("findings").and_then(Value::as_array).into_iter().flatten() {
        let text = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let time = text(finding, "time").parse::<jiff::Timestamp>().ok().map(vedette_model::Timestamp::from);
        for home in finding.get("homes").and_then(Value::as_array).into_iter().flatten() {
            let right = compared.homes.host(&text(home, "address"), time);
            verdict.unchecked = verdict.unchecked.saturating_sub(1);
            if right == Some(text(home, "host").as_str()) {
                verdict.resolved += 1;
                continue;
            }
            verdict.refused_count += 1;
            verdict.refused.push(check::Refused {
                claim: format!("finding {}: homes", text(finding, "id")),
                reason: format!(
                    "the logs say that {} was {}",
                    text(home, "address"),
                    right.unwrap_or("no machine's for sure")
                ),
            });
        }
    }
}

fn tell(verdict: &Verdict, compared: Option<&Compared>) -> wire::Verify {
    wire::Verify {
        claims: verdict.claims,
        resolved: verdict.resolved,
        refused: verdict
            .refused
            .iter()
            .map(|r| wire::RefusedClaim { claim: r.claim.clone(), reason: r.reason.clone() })
            .collect(),
        refused_count: verdict.refused_count,
        unchecked: verdict.unchecked,
        evidence: if compared.is_some() { "originals" } else { "embedded copies only" }.to_owned(),
        originals: compared.map(|c| wire::Originals {
            events_compared: c.same + c.differing.len() as u64,
            events_same: c.same,
            files_hashed: c.hashed + c.wrong_files.len() as u64,
            files_same: c.hashed,
            files_missing: c.missing_files.clone(),
        }),
        notes: verdict.notes.clone(),
    }
}

fn table(told: &wire::Verify, paint: Paint) -> String {
    let mut out = String::new();
    let claims = |n: u64| number::of(n, "claim", "claims");
    let head = if told.refused_count == 0 {
        format!("{} resolved of {}; none refused", number::count(told.resolved), claims(told.claims))
    } else {
        format!(
            "{} REFUSED of {}; {} resolved",
            claims(told.refused_count),
            number::count(told.claims),
            number::count(told.resolved)
        )
    };
    let _ = writeln!(out, "{}", paint.bold(&head));
    if told.unchecked > 0 {
        let _ = writeln!(out, "{} could be neither shown nor refuted (see below).", claims(told.unchecked));
    }
    match &told.originals {
        None => out.push_str("Only the copies of events in the report were checked; --evidence DIR holds them against the originals.\n"),
        Some(o) => {
            let _ = writeln!(
                out,
                "Originals: {} of {} cited events say the same; {} of {} hashed files are the same.",
                number::count(o.events_same),
                number::count(o.events_compared),
                o.files_same,
                o.files_hashed
            );
        }
    }
    if !told.refused.is_empty() {
        out.push('\n');
    }
    for refused in told.refused.iter().take(SHOWN_MAX) {
        let _ = writeln!(out, "  {}\n      {}", refused.claim, refused.reason);
    }
    let more = told.refused_count.saturating_sub(told.refused.len().min(SHOWN_MAX) as u64);
    if more > 0 {
        let _ = writeln!(out, "  and {} more; --format json has them", number::count(more));
    }
    if !told.notes.is_empty() {
        out.push_str("\nNotes\n");
        for note in &told.notes {
            let _ = writeln!(out, "  - {note}");
        }
    }
    lines(&out)
}
