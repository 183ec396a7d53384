//! `vedette incident`: one incident whole, and why findings stand together or apart.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::tz::TimeZone;

use vedette_investigate::{Incident as Told, explain_text};
use vedette_model::FindingId;
use vedette_runtime::Content;
use vedette_runtime::scan::Outcome;
use vedette_runtime::scan::incidents::{self as grouping, Explanation, Incidents, Placement};

use super::{input, knowledge};
use crate::cli::{Incident, IncidentExplain, IncidentInput, IncidentShow};
use crate::environment;
use crate::fault::Fault;
use crate::library;
use crate::output::neutral::{lines, terminal};
use crate::output::paint::Paint;
use crate::output::table::View;
use crate::output::{incidents, number};

/// Members of an incident that a finding is held against: the gravest links are among the first.
const HELD_AGAINST_MAX: usize = 2_000;
/// Incidents named for a finding that is in none of them.
const NEAREST_MAX: usize = 3;

/// # Errors
/// Usage, input that cannot be read at all, no such incident or finding.
pub fn run(command: &Incident, paint: Paint) -> Result<ExitCode, Fault> {
    match command {
        Incident::List(args) => list(args, paint),
        Incident::Show(args) => show(args, paint),
        Incident::Explain(args) => explain(args),
    }
}

struct Joined {
    content: Arc<Content>,
    outcome: Outcome,
    incidents: Incidents,
}

fn joined(args: &IncidentInput) -> Result<Joined, Fault> {
    let search = input::search(&args.input)?;
    let content = library::load(&args.rules, &args.input.mappings)?;
    let (known, faults) = knowledge::load(&args.lists)?;
    faults.iter().for_each(input::note_problem);
    let inputs = input::open(&args.input, &content, false)?;
    let mut outcome = input::scanned(&args.input, &content, &inputs, search, None)
        .map_err(Fault::io("cannot keep findings in a temporary file"))?;
    let incidents = grouping::join(&content, &mut outcome, &known)
        .map_err(Fault::io("cannot read findings back from a temporary file"))?;
    Ok(Joined { content, outcome, incidents })
}

fn view<'a>(content: &'a Content, paint: Paint, full: bool) -> View<'a> {
    View {
        content,
        paint,
        zone: TimeZone::UTC,
        min_level: None,
        all_statuses: true,
        files: false,
        full,
        width: environment::columns(),
    }
}

fn print(text: &str) -> Result<(), Fault> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Fault::io("cannot write the result"))
}

fn list(args: &IncidentInput, paint: Paint) -> Result<ExitCode, Fault> {
    let joined = joined(args)?;
    let mut out = String::new();
    incidents::list(&view(&joined.content, paint, false), &joined.incidents, &mut out);
    print(&out)?;
    Ok(ExitCode::from(u8::from(!joined.incidents.list.is_empty())))
}

fn show(args: &IncidentShow, paint: Paint) -> Result<ExitCode, Fault> {
    let joined = joined(&args.input)?;
    let (_, incident) = wanted(&joined.incidents, args.id.as_deref())?;
    let mut out = String::new();
    incidents::whole(&view(&joined.content, paint, true), incident, &mut out);
    print(&out)?;
    Ok(ExitCode::SUCCESS)
}

/// The incident whose id begins so; the worst when none is named.
pub(super) fn wanted<'a>(incidents: &'a Incidents, id: Option<&str>) -> Result<(usize, &'a Told), Fault> {
    let Some(id) = id else {
        return incidents.list.first().map(|i| (0, i)).ok_or_else(|| {
            Fault::usage_help(
                "there is no incident in this input".to_owned(),
                "vedette scan PATH... says what was read and which findings were set aside",
            )
        });
    };
    let mut fits = incidents.list.iter().enumerate().filter(|(_, i)| i.id.starts_with(id));
    match (fits.next(), fits.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(Fault::usage_help(
            format!("--id {id}: there is no such incident in this input"),
            "vedette incident list PATH... names them; ids change when other files are read",
        )),
        _ => Err(Fault::usage_help(format!("--id {id}: several incidents begin so"), "give more of the id")),
    }
}

fn explain(args: &IncidentExplain) -> Result<ExitCode, Fault> {
    let mut joined = joined(&args.input)?;
    let fault = || Fault::io("cannot read findings back from a temporary file");
    let text = match (&args.finding, &args.with) {
        (Some(a), Some(b)) => {
            let (a, b) = (finding(&joined.outcome, a)?, finding(&joined.outcome, b)?);
            pair(&mut joined, a, b).map_err(fault())?
        }
        (Some(a), None) => {
            let a = finding(&joined.outcome, a)?;
            alone(&mut joined, a, args.id.as_deref())?
        }
        (None, _) => {
            let (number, _) = wanted(&joined.incidents, args.id.as_deref())?;
            whole(&mut joined, number).map_err(fault())?
        }
    };
    print(&lines(&text))?;
    Ok(ExitCode::SUCCESS)
}

fn finding(outcome: &Outcome, id: &str) -> Result<u32, Fault> {
    let number = id.strip_prefix("F-").and_then(|hex| u64::from_str_radix(hex, 16).ok());
    number.and_then(|n| outcome.findings.find(FindingId(n))).ok_or_else(|| {
        Fault::usage_help(
            format!("{id}: there is no such finding in this input"),
            "vedette scan PATH... --format json names them: F- and 16 hex digits",
        )
    })
}

/// One line for a finding.
fn named(joined: &mut Joined, index: u32) -> io::Result<String> {
    let told = grouping::told(&joined.content, &mut joined.outcome.findings, index)?;
    let time = told.time.map_or_else(|| "no time".to_owned(), |t| t.to_string());
    let host = if told.host.is_empty() { "no host" } else { &told.host };
    Ok(format!("{} {} ({}, {time}, {host})", told.id, told.title, told.level.name()))
}

/// Why an incident's findings belong together, and what its score is made of.
fn whole(joined: &mut Joined, number: usize) -> io::Result<String> {
    let members = joined.incidents.findings[number].clone();
    let mut told = Vec::new();
    for index in members.iter().take(HELD_AGAINST_MAX) {
        told.push(grouping::told(&joined.content, &mut joined.outcome.findings, *index)?);
    }
    let incident = &joined.incidents.list[number];
    let mut out = String::new();
    let _ = writeln!(out, "{}  {}\n", incident.id, terminal(&incident.title));
    let _ = writeln!(out, "Why these belong together (points are of 100 for findings of medium level):\n");
    out.push_str(&explain_text(&incident.joins, &told));
    let _ = writeln!(out, "\nRisk {}", incident.risk.score);
    for part in &incident.risk.parts {
        let _ = writeln!(out, "  {:>5}  {}: {}", part.points, terminal(&part.what), terminal(&part.why));
    }
    for (what, reasons) in
        [("Severity", &incident.severity_reasons), ("Confidence", &incident.confidence_reasons)]
    {
        let _ =
            writeln!(out, "{what}: {}", reasons.iter().map(|r| terminal(r)).collect::<Vec<_>>().join("; "));
    }
    Ok(out)
}

fn pair(joined: &mut Joined, a: u32, b: u32) -> io::Result<String> {
    let mut out = format!("{}\n{}\n\n", named(joined, a)?, named(joined, b)?);
    match joined.incidents.grouping.explain(a, b) {
        Some(explanation) => tell(&explanation, &joined.outcome, &mut out),
        None => out.push_str("One of them was counted and not kept, so nothing can be said of the two.\n"),
    }
    Ok(out)
}

fn tell(explanation: &Explanation, outcome: &Outcome, out: &mut String) {
    let _ = writeln!(out, "{}", terminal(&explanation.verdict));
    if !explanation.shared.is_empty() {
        let (total, threshold) = (explanation.total, explanation.threshold);
        let _ = writeln!(out, "What ties the two directly: {total} points, {threshold} are needed");
        for because in &explanation.shared {
            let (kind, key) = (because.kind.name().replace('_', " "), terminal(&because.key));
            let _ = writeln!(out, "  {:>+5}  {kind} {key}: {}", because.weight, terminal(&because.reason));
        }
    }
    for (kind, key, why) in &explanation.held_back {
        let _ = writeln!(
            out,
            "Held back: {} {}: {}",
            kind.name().replace('_', " "),
            terminal(key),
            terminal(why)
        );
    }
    if explanation.path.len() > 1 {
        let id = |index: u32| outcome.findings.key(index).id.to_string();
        let _ = writeln!(
            out,
            "They are joined over {}:",
            number::of(explanation.path.len() as u64, "join", "joins")
        );
        for join in &explanation.path {
            let _ = writeln!(
                out,
                "  {} to {}: {} of {} points",
                id(join.finding),
                id(join.to),
                join.total,
                join.threshold
            );
        }
    }
}

/// The member of an incident that a finding has most in common with.
pub(super) struct Near {
    pub incident: usize,
    pub member: u32,
    pub explanation: Explanation,
}

/// For each of the `chosen` incidents the member nearest to the finding, the nearest first.
pub(super) fn nearest(incidents: &Incidents, chosen: &[usize], index: u32) -> Vec<Near> {
    let mut nearest: Vec<Near> = Vec::new();
    for &number in chosen {
        let members = incidents.findings[number].iter().filter(|m| **m != index).take(HELD_AGAINST_MAX);
        let held = members.filter_map(|m| {
            let explanation = incidents.grouping.explain(index, *m)?;
            Some(Near { incident: number, member: *m, explanation })
        });
        nearest.extend(held.max_by_key(|n| (n.explanation.total, std::cmp::Reverse(n.member))));
    }
    nearest.sort_by_key(|n| (std::cmp::Reverse(n.explanation.total), n.incident));
    nearest
}

/// Where a finding went, and what came nearest to joining it elsewhere.
fn alone(joined: &mut Joined, index: u32, id: Option<&str>) -> Result<String, Fault> {
    let fault = || Fault::io("cannot read findings back from a temporary file");
    let mut out = format!("{}\n\n", named(joined, index).map_err(fault())?);
    let own = match joined.incidents.placement(index) {
        Placement::Incident(id) => {
            let _ = writeln!(out, "It belongs to incident {id}.");
            Some(id.to_owned())
        }
        Placement::SetAside(reason) => {
            let why = joined.incidents.set_aside.iter().find(|s| s.reason == reason).map(|s| s.why.as_str());
            let _ = writeln!(out, "It was set aside ({reason}): {}.", why.unwrap_or("no reason is known"));
            None
        }
    };
    let chosen: Vec<usize> = match id {
        Some(_) => vec![wanted(&joined.incidents, id)?.0],
        None => (0..joined.incidents.list.len()).collect(),
    };
    let mut nearest = nearest(&joined.incidents, &chosen, index);
    if id.is_none() {
        nearest.retain(|near| {
            near.explanation.total > 0
                || own.as_ref().is_some_and(|own| *own == joined.incidents.list[near.incident].id)
        });
    }
    for Near { incident: number, member, explanation } in nearest.into_iter().take(NEAREST_MAX) {
        let incident = &joined.incidents.list[number];
        let _ = writeln!(out, "\n{}  {}", incident.id, terminal(&incident.title));
        let _ = writeln!(out, "nearest there: {}", named(joined, member).map_err(fault())?);
        tell(&explanation, &joined.outcome, &mut out);
    }
    Ok(out)
}
