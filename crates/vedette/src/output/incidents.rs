//! Incidents for people: the answer first, each with its gravest steps and what to do next.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use vedette_investigate::Incident;
use vedette_investigate::incident::{Step, StepKind};
use vedette_model::{Level, Timestamp};
use vedette_runtime::scan::incidents::Incidents;

use super::neutral::{short, terminal, wrap};
use super::number;
use super::table::View;

/// Incidents told with steps in a summary; further ones have a line each.
const TOLD_MAX: usize = 3;
const LISTED_MAX: usize = 5;
/// Steps of one incident in a summary.
const STEPS_MAX: usize = 3;
/// Where an incident's text begins.
const INDENT: usize = 14;

/// The section; empty when there is nothing to tell of.
pub fn section(view: &View<'_>, incidents: &Incidents, out: &mut String) {
    let aside: u64 = incidents.set_aside.iter().map(|s| s.count).sum();
    if incidents.list.is_empty() {
        if aside > 0 {
            let text = format!("none; {} set aside", number::of(aside, "finding", "findings"));
            view.heading("Incidents", &text, out);
            reasons(view, incidents, out);
            out.push('\n');
        }
        return;
    }
    let joined = number::of(incidents.in_incidents, "finding", "findings");
    let beside = format!("{} from {joined}; {} set aside", incidents.list.len(), number::count(aside));
    view.heading("Incidents", &beside, out);
    let (told, listed) = (view.bound(TOLD_MAX), view.bound(LISTED_MAX));
    for incident in incidents.list.iter().take(told) {
        if view.full {
            tell(view, incident, out);
        } else {
            sketch(view, incident, out);
        }
    }
    for incident in incidents.list.iter().skip(told).take(listed) {
        let text =
            format!("{} · {}", terminal(&incident.title), span(incident.first, incident.last, &view.zone));
        let _ =
            writeln!(out, "  {}  {}", view.paint.level(incident.severity), short(&text, view.room(INDENT)));
    }
    let shown = told.saturating_add(listed);
    view.more(incidents.list.len().saturating_sub(shown), ("more incident", "more incidents"), out);
    reasons(view, incidents, out);
    out.push('\n');
}

/// The few lines that a summary has for one incident.
fn sketch(view: &View<'_>, incident: &Incident, out: &mut String) {
    let line = |text: &str| short(text, view.room(INDENT));
    let _ = writeln!(
        out,
        "  {}  {}",
        view.paint.level(incident.severity),
        view.paint.bold(line(&terminal(&incident.title)))
    );
    let facts = format!(
        "{} · {} · risk {} · confidence {} · {}",
        incident.id,
        span(incident.first, incident.last, &view.zone),
        incident.risk.score,
        incident.confidence.name(),
        number::of(incident.findings.len() as u64, "finding", "findings")
    );
    let _ = writeln!(out, "{:INDENT$}{}", "", view.paint.dim(line(&facts)));
    for (what, names) in
        [("hosts", &incident.blast_radius.hosts), ("accounts", &incident.blast_radius.accounts)]
    {
        if !names.is_empty() {
            let _ = writeln!(
                out,
                "{:INDENT$}{}",
                "",
                view.paint.dim(line(&format!("{what}: {}", listed(names))))
            );
        }
    }
    for step in chosen(&incident.story, STEPS_MAX) {
        let (_, clock) = step.time.map_or((String::new(), "no time ".to_owned()), |t| clock(t, &view.zone));
        let text = short(&terminal(&step.text), view.room(INDENT + 10));
        let _ = writeln!(out, "{:INDENT$}{}  {text}", "", view.paint.dim(format_args!("{clock:<8}")));
    }
    if let Some(step) =
        incident.next_steps.iter().find(|n| n.phase == "contain").or(incident.next_steps.first())
    {
        let text = short(&terminal(&step.text), view.room(INDENT + 6));
        let _ = writeln!(out, "{:INDENT$}{}  {text}", "", view.paint.bold("Next"));
    }
}

/// A head for each, however many there are.
pub fn list(view: &View<'_>, incidents: &Incidents, out: &mut String) {
    for incident in &incidents.list {
        head(view, incident, out);
    }
    if incidents.list.is_empty() {
        let _ = writeln!(out, "No incident.");
    }
    reasons(view, incidents, out);
}

/// One incident with nothing left out.
pub fn whole(view: &View<'_>, incident: &Incident, out: &mut String) {
    tell(view, incident, out);
    let mut block = |title: &str, rows: &[String]| {
        if rows.is_empty() {
            return;
        }
        let _ = writeln!(out, "  {}", view.paint.bold(title));
        for row in rows {
            for line in wrap(&terminal(row), view.room(4), 2) {
                let _ = writeln!(out, "    {line}");
            }
        }
        out.push('\n');
    };
    let entity = |e: &vedette_investigate::incident::EntityRow| {
        let kind = e.kind.name().replace('_', " ");
        format!("{kind} {}: {}, {}", e.shown, e.part, number::of(e.findings as u64, "finding", "findings"))
    };
    block("Entities", &incident.entities.iter().map(entity).collect::<Vec<_>>());
    let phase = |p: &vedette_investigate::incident::Phase| {
        let span = span(p.first, p.last, &view.zone);
        format!("{}: {span}, {}", p.phase, number::of(p.steps.len() as u64, "step", "steps"))
    };
    block("Kill chain", &incident.phases.iter().map(phase).collect::<Vec<_>>());
    let techniques = |id: &String| match vedette_attack::technique(id) {
        Some(known) => format!("{id} {}", known.name),
        None => id.clone(),
    };
    block("ATT&CK techniques", &incident.techniques.iter().map(techniques).collect::<Vec<_>>());
    let unknown = |u: &vedette_investigate::incident::Unknown| format!("{} Remedy: {}.", u.text, u.remedy);
    block("Not known", &incident.unknowns.iter().map(unknown).collect::<Vec<_>>());
    let part = |p: &vedette_investigate::Part| format!("{:>4}  {}: {}", p.points, p.what, p.why);
    block(
        &format!("Risk {}", incident.risk.score),
        &incident.risk.parts.iter().map(part).collect::<Vec<_>>(),
    );
    let step = |s: &vedette_investigate::incident::NextStep| {
        let caution = s.caution.as_ref().map(|c| format!(" Caution: {c}")).unwrap_or_default();
        format!("{}: {} Why: {}.{caution} ({})", s.phase, s.text, s.why, s.reference)
    };
    block("Next steps", &incident.next_steps.iter().map(step).collect::<Vec<_>>());
}

fn reasons(view: &View<'_>, incidents: &Incidents, out: &mut String) {
    if incidents.set_aside.is_empty() {
        return;
    }
    let each =
        |s: &vedette_runtime::scan::incidents::SetAside| format!("{} {}", number::count(s.count), s.reason);
    let text = incidents.set_aside.iter().map(each).collect::<Vec<_>>().join(", ");
    for line in wrap(&format!("Set aside: {text}"), view.room(2), 2) {
        let _ = writeln!(out, "  {}", view.paint.dim(line));
    }
}

fn head(view: &View<'_>, incident: &Incident, out: &mut String) {
    let title = short(&terminal(&incident.title), view.room(INDENT));
    let _ = writeln!(out, "  {}  {}", view.paint.level(incident.severity), view.paint.bold(title));
    let mut facts = vec![
        incident.id.clone(),
        span(incident.first, incident.last, &view.zone),
        format!("risk {}", incident.risk.score),
        format!("confidence {}", incident.confidence.name()),
        number::of(incident.findings.len() as u64, "finding", "findings"),
    ];
    if !incident.blast_radius.hosts.is_empty() {
        facts.push(listed(&incident.blast_radius.hosts));
    }
    if !incident.blast_radius.accounts.is_empty() {
        facts.push(listed(&incident.blast_radius.accounts));
    }
    for line in wrap(&facts.join(" · "), view.room(INDENT), 0) {
        let _ = writeln!(out, "{:INDENT$}{}", "", view.paint.dim(line));
    }
}

/// The whole story.
fn tell(view: &View<'_>, incident: &Incident, out: &mut String) {
    head(view, incident, out);
    paragraph(view, &incident.summary, out);
    let mut day = String::new();
    for step in &incident.story {
        let (date, clock) =
            step.time.map_or((String::new(), "no time ".to_owned()), |t| clock(t, &view.zone));
        if !date.is_empty() && date != day {
            let _ = writeln!(out, "{:INDENT$}{}", "", view.paint.dim(&date));
            day = date;
        }
        let kind = if step.kind == StepKind::Inferred { "inferred: " } else { "" };
        let text = format!("{kind}{}", terminal(&step.text));
        for (n, line) in wrap(&text, view.room(INDENT + 10), 0).iter().enumerate() {
            let lead = if n == 0 { view.paint.dim(format_args!("{clock:<8}")) } else { " ".repeat(8) };
            let _ = writeln!(out, "{:INDENT$}{lead}  {line}", "");
        }
    }
    out.push('\n');
}

fn paragraph(view: &View<'_>, text: &str, out: &mut String) {
    for line in wrap(&terminal(text), view.room(INDENT), 0) {
        let _ = writeln!(out, "{:INDENT$}{line}", "");
    }
}

/// The gravest steps, told in order of time.
fn chosen(story: &[Step], max: usize) -> Vec<&Step> {
    let mut order: Vec<(usize, &Step)> = story.iter().enumerate().collect();
    order.sort_by_key(|(n, step)| (std::cmp::Reverse(weight(step)), *n));
    order.truncate(max);
    order.sort_by_key(|(n, _)| *n);
    order.into_iter().map(|(_, step)| step).collect()
}

/// An inference ties steps together, but the screen is for what was seen.
fn weight(step: &Step) -> Level {
    if step.kind == StepKind::Inferred { Level::Informational } else { step.level }
}

fn listed(all: &[String]) -> String {
    all.iter().map(|n| terminal(n)).collect::<Vec<_>>().join(", ")
}

fn span(first: Option<Timestamp>, last: Option<Timestamp>, zone: &TimeZone) -> String {
    let (Some(first), Some(last)) = (first, last) else { return "no time".to_owned() };
    let ((day, from), (end, to)) = (clock(first, zone), clock(last, zone));
    match (day == end, from == to) {
        (true, true) => format!("{day} {from}"),
        (true, false) => format!("{day} {from} to {to}"),
        (false, _) => format!("{day} {from} to {end} {to}"),
    }
}

/// Date and time of day.
fn clock(time: Timestamp, zone: &TimeZone) -> (String, String) {
    let at = time.to_jiff().to_zoned(zone.clone());
    (at.strftime("%Y-%m-%d").to_string(), at.strftime("%H:%M:%S").to_string())
}
