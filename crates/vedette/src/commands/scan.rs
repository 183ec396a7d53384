//! `vedette scan`.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::process::ExitCode;

use jiff::tz::TimeZone;
use vedette_ingest::Inputs;
use vedette_report::Form;
use vedette_runtime::scan::incidents::{self as grouping, Incidents};
use vedette_runtime::scan::verdict::FileVerdict;
use vedette_runtime::scan::{Outcome, Search, TimelineSink};

use super::manifest::Manifest;
use super::{input, knowledge, report};
use crate::cli::{FailOn, Format, Scan, TimelineOf};
use crate::environment;
use crate::fault::Fault;
use crate::library;
use crate::output::file::{Draft, Evidence, Target};
use crate::output::incidents;
use crate::output::json::{self, Report};
use crate::output::paint::Paint;
use crate::output::table::{self, View};
use crate::output::timeline::Timeline;
use crate::output::wire_incident::Case;

/// # Errors
/// Usage, input that cannot be read at all, output that cannot be written.
pub fn run(args: &Scan, paint: Paint) -> Result<ExitCode, Fault> {
    let zone = input::display_zone(args.display_tz.as_deref())?;
    timeline_form(args)?;
    let forms =
        args.reports.iter().map(|path| report::form("--report", path)).collect::<Result<Vec<_>, _>>()?;
    let options = vedette_report::Options {
        tlp: args.tlp.as_deref().map(report::tlp).transpose()?,
        redact: report::redact(&args.redact),
        ..vedette_report::Options::default()
    };
    let search = Search {
        timeline_events: args.timeline.is_some() && args.timeline_of == TimelineOf::Events,
        ..input::search(&args.input)?
    };
    let started = environment::now();
    let content = library::load(&args.rules, &args.input.mappings)?;
    let (known, faults) = knowledge::load(&args.lists)?;
    let inputs = input::open(&args.input, &content, args.manifest.is_some())?;
    let Drafts { timeline: timeline_draft, manifest: manifest_draft, reports } =
        drafts(args, &inputs, forms)?;
    let mut timeline = match (&args.timeline, &timeline_draft) {
        (Some(path), Some(draft)) => Some(
            Timeline::new(path, draft.writer()?)
                .map_err(Fault::io(format!("cannot write {}", path.display())))?,
        ),
        _ => None,
    };
    let sink = timeline.as_mut().map(|t| t as &mut dyn TimelineSink);
    let mut outcome = input::scanned(&args.input, &content, &inputs, search, sink)
        .map_err(Fault::io("cannot keep findings in a temporary file"))?;
    outcome.problems.splice(0..0, faults);
    let incidents = grouping::join(&content, &mut outcome, &known)
        .map_err(Fault::io("cannot read findings back from a temporary file"))?;
    input::note_idle_zones(&args.input, outcome.files.iter().map(|f| f.path.as_str()));
    if let Some(mut timeline) = timeline {
        let wrote = if args.timeline_of == TimelineOf::Findings {
            timeline.findings(&content, &mut outcome)
        } else {
            Ok(())
        };
        wrote.and_then(|()| timeline.close()).map_err(Fault::io("cannot write the timeline"))?;
    }
    timeline_draft.map_or(Ok(()), Draft::finish)?;
    if let Some(draft) = manifest_draft {
        let manifest = Manifest::of(args, &content, &outcome, &inputs, started, environment::now());
        write_manifest(draft.writer()?, &manifest).map_err(Fault::io("cannot write the manifest"))?;
        draft.finish()?;
    }
    let case = Case { case: args.case.clone(), operator: args.operator.clone(), tlp: args.tlp.clone() };
    let floor = args.min_level.map(crate::cli::LevelArg::level);
    let mut whole = Report { content: &content, outcome: &mut outcome, incidents: &incidents, floor, case };
    if !reports.is_empty() {
        let told = read_back(&mut whole)?;
        report::write(told, &options, reports.into_iter())?;
    }
    print(args, paint, zone, &mut whole).map_err(Fault::io("cannot write the result"))?;
    Ok(exit_code(args, &outcome, &incidents))
}

/// The ending says the form, so another one would be a surprise.
fn timeline_form(args: &Scan) -> Result<(), Fault> {
    let Some(path) = &args.timeline else { return Ok(()) };
    let known = |e: &std::ffi::OsStr| ["jsonl", "json", "csv"].iter().any(|k| e.eq_ignore_ascii_case(k));
    if path.extension().is_some_and(known) {
        return Ok(());
    }
    Err(Fault::usage_help(
        format!("--timeline {}: the ending says no form", path.display()),
        "end it in .jsonl or .json for lines of JSON, or in .csv",
    ))
}

struct Drafts {
    timeline: Option<Draft>,
    manifest: Option<Draft>,
    reports: Vec<(Form, Draft)>,
}

/// Looks at every file to be written before the first of them is opened, so that a refusal leaves nothing behind.
fn drafts(args: &Scan, inputs: &Inputs, forms: Vec<Form>) -> Result<Drafts, Fault> {
    let lists = [&args.lists.assets, &args.lists.identities, &args.lists.geoip, &args.lists.warninglists];
    let read = args.rules.rules.iter().chain(&args.input.mappings).chain(&args.input.zip_password_file);
    let read = read.chain(lists.into_iter().flatten());
    let read = read.map(std::path::PathBuf::as_path).collect();
    let evidence = Evidence::new(&args.input.paths, inputs, read);
    let target = |option, path: &Option<std::path::PathBuf>| {
        path.as_ref().map(|p| Target::check(option, p, args.overwrite, &evidence)).transpose()
    };
    let timeline = target("--timeline", &args.timeline)?;
    let manifest = target("--manifest", &args.manifest)?;
    if let (Some(timeline), Some(manifest)) = (&timeline, &manifest) {
        timeline.differ(manifest)?;
    }
    let reports = report::targets("--report", &args.reports, args.overwrite, &evidence)?;
    for other in timeline.iter().chain(&manifest) {
        reports.iter().try_for_each(|target| other.differ(target))?;
    }
    let reports = reports.into_iter().map(Target::begin).collect::<Result<Vec<_>, _>>()?;
    Ok(Drafts {
        timeline: timeline.map(Target::begin).transpose()?,
        manifest: manifest.map(Target::begin).transpose()?,
        reports: forms.into_iter().zip(reports).collect(),
    })
}

/// The scan as reports read it. It passes through a temporary file, so that it need not stand in memory as text too.
fn read_back(whole: &mut Report<'_>) -> Result<vedette_report::Scan, Fault> {
    let fault = || Fault::io("cannot make the report");
    let mut file = BufWriter::new(tempfile::tempfile().map_err(fault())?);
    json::object(&mut file, whole).map_err(fault())?;
    let mut file = file.into_inner().map_err(|e| fault()(e.into_error()))?;
    file.rewind().map_err(fault())?;
    vedette_report::Scan::read(io::BufReader::new(file)).map_err(|e| fault()(io::Error::other(e)))
}

fn write_manifest(file: File, manifest: &Manifest<'_>) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut file, manifest)?;
    file.write_all(b"\n")?;
    file.flush()
}

fn print(args: &Scan, paint: Paint, zone: TimeZone, report: &mut Report<'_>) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Json => json::object(&mut out, report)?,
        Format::Jsonl => json::lines(&mut out, report)?,
        Format::Csv => json::csv(&mut out, report)?,
        Format::Table => {
            let view = View {
                content: report.content,
                paint,
                zone,
                min_level: report.floor,
                all_statuses: args.all_statuses,
                files: args.files,
                full: args.full,
                width: environment::columns(),
            };
            let mut told = String::new();
            incidents::section(&view, report.incidents, &mut told);
            out.write_all(told.as_bytes())?;
            out.write_all(table::render(&view, report.outcome)?.as_bytes())?;
        }
    }
    out.flush()
}

/// 1 when there is a finding or incident at or above `--fail-on`, else 3 when nothing at all could be read or the run was
/// interrupted before anything was found, else 0.
fn exit_code(args: &Scan, outcome: &Outcome, incidents: &Incidents) -> ExitCode {
    let unread = nothing_read(outcome);
    let FailOn { incidents_only, level: floor } = args.fail_on;
    let finding = || outcome.findings.order().iter().any(|&i| outcome.findings.key(i).level >= floor);
    let found = incidents.list.iter().any(|i| i.severity >= floor) || !incidents_only && finding();
    ExitCode::from(match (found, unread || !outcome.complete) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 0,
    })
}

/// No record was understood, and every file has something that says why. A folder without files, or of logs that are
/// rightly empty of records, was read; an archive is as good as its members.
fn nothing_read(outcome: &Outcome) -> bool {
    let t = &outcome.total;
    let faulty = |f: &FileVerdict| !f.problems.is_empty() || f.tally.rejected > 0;
    let members = outcome.files.iter().any(|f| !f.container);
    t.events + t.joined + t.duplicate == 0
        && !outcome.files.is_empty()
        && outcome.files.iter().all(|f| faulty(f) || (f.container && members))
}
