//! The report as Markdown, for tickets and case files: the same answer, shorter lists, event values as code.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use crate::answer::{self, counted, grouped};
use crate::neutral::{code, markdown as md, short};
use crate::scan::{Evidence, Incident, Scan, rank};
use crate::{Report, indicators, limits};

pub fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = whole(report, &mut text);
    out.write_all(text.as_bytes())
}

/// `2026-03-02 14:01:20 UTC` of `2026-03-02T14:01:20.133089Z`.
fn when(time: &Option<String>) -> String {
    match time.as_deref() {
        Some(t)
            if t.len() >= 19
                && t.is_char_boundary(10)
                && t.is_char_boundary(11)
                && t.is_char_boundary(19) =>
        {
            md(&format!("{} {} UTC", &t[..10], &t[11..19]))
        }
        Some(t) => md(t),
        None => "no time".to_owned(),
    }
}

/// Sentences in one line, without their stops.
fn listed(sentences: &[String]) -> String {
    sentences.iter().map(|s| s.trim_end_matches('.')).collect::<Vec<_>>().join("; ")
}

fn whole(report: &Report, o: &mut String) -> std::fmt::Result {
    let scan = &report.scan;
    let answer = answer::of(scan);
    let case = scan.case.case.as_deref().unwrap_or("Vedette report");
    writeln!(o, "# {}\n", md(case))?;
    if let Some(tlp) = report.tlp {
        writeln!(o, "**{}**: {}\n", tlp.label(), tlp.meaning())?;
    }
    if let Some(analyst) = &scan.case.operator {
        writeln!(o, "Analyst: {}\n", md(analyst))?;
    }
    writeln!(o, "## Answer\n\n**{}**\n", md(&answer.headline))?;
    for (incident, line) in scan.incidents.iter().zip(&answer.lines) {
        writeln!(o, "- **{}**, {}: {}", incident.severity, code(&incident.id), md(line))?;
    }
    writeln!(o)?;
    let s = &scan.summary;
    writeln!(o, "| Scope | |\n|---|---|")?;
    writeln!(
        o,
        "| Read | {}, {}, {} of {} |",
        counted(s.files.max(scan.files.len() as u64), "file", "files"),
        counted(s.records, "record", "records"),
        counted(s.events, "event", "events"),
        counted(answer.hosts as u64, "host", "hosts"),
    )?;
    writeln!(o, "| Time covered | {} to {} |", when(&s.first), when(&s.last))?;
    if let Some(e) = &answer.earliest {
        writeln!(o, "| Earliest evidence | {}: {} |", when(&Some(e.time.clone())), md(&e.text))?;
    }
    if let Some((word, why)) = &answer.confidence {
        let why = if why.is_empty() { String::new() } else { format!(": {}", md(&listed(why))) };
        writeln!(o, "| Confidence in the first | {word}{why} |")?;
    }
    writeln!(o, "| Findings | {} |", findings_line(scan))?;
    if !answer.missing.is_empty() {
        writeln!(o, "\n## What is not known\n")?;
        for m in &answer.missing {
            let remedy = m.remedy.as_ref().map_or(String::new(), |r| format!(" *{}*", md(r)));
            writeln!(o, "- {}{remedy}", md(&m.text))?;
        }
    }
    let by_uid: HashMap<&str, &Evidence> = scan.evidence.items.iter().map(|e| (e.uid.as_str(), e)).collect();
    for incident in &scan.incidents {
        self::incident(incident, &by_uid, o)?;
    }
    findings(scan, o)?;
    method(report, o)
}

fn findings_line(scan: &Scan) -> String {
    let total = scan.findings_total();
    let inside = scan.findings.items.iter().filter(|f| f.incident.is_some()).count() as u64;
    let inside = scan.summary.in_incidents.max(inside);
    format!(
        "{}: {} in incidents, {} set aside",
        grouped(total),
        grouped(inside),
        grouped(total.saturating_sub(inside))
    )
}

fn incident(i: &Incident, by_uid: &HashMap<&str, &Evidence>, o: &mut String) -> std::fmt::Result {
    writeln!(o, "\n## {}\n", md(&i.title))?;
    writeln!(
        o,
        "{} · severity **{}** · confidence **{}** · {} to {} · {} · risk {}\n",
        code(&i.id),
        i.severity,
        i.confidence,
        when(&i.first),
        when(&i.last),
        counted((i.findings.len() as u64).max(i.findings_count), "finding", "findings"),
        i.risk.score,
    )?;
    writeln!(o, "{}\n", md(&i.summary))?;
    for (what, reasons) in [("severity", &i.severity_reasons), ("confidence", &i.confidence_reasons)] {
        if !reasons.0.is_empty() {
            writeln!(o, "Why this {what}: {}.\n", md(&listed(&reasons.0)))?;
        }
    }
    writeln!(o, "### What happened\n")?;
    for (n, step) in i.story.iter().take(limits::MARKDOWN_STEPS_MAX).enumerate() {
        let mut places: Vec<String> = Vec::new();
        for uid in step.events.iter().take(3) {
            if let Some(e) = by_uid.get(uid.as_str()) {
                places.push(code(&format!("{}#{}", e.file, e.record)));
            }
        }
        if step.events.len() > places.len() && !places.is_empty() {
            places.push(format!("and {} more", step.events.len() - places.len()));
        }
        let techniques = if step.techniques.is_empty() {
            String::new()
        } else {
            format!(" [{}]", md(&step.techniques.join(", ")))
        };
        let places =
            if places.is_empty() { String::new() } else { format!("\n   Evidence: {}", places.join(", ")) };
        writeln!(
            o,
            "{}. {} ({}): {}{techniques}{places}",
            n + 1,
            when(&step.time),
            step.kind,
            md(&step.text)
        )?;
    }
    more(i.story.len(), limits::MARKDOWN_STEPS_MAX, "steps", o)?;
    if i.untold_findings > 0 {
        writeln!(o, "\n{} told by no step.", counted(i.untold_findings, "finding", "findings"))?;
    }
    if !i.next_steps.is_empty() {
        writeln!(o, "\n### Next steps\n")?;
        for step in i.next_steps.iter().take(limits::NEXT_STEPS_MAX) {
            let caution = step.caution.as_ref().map_or(String::new(), |c| format!(" **Caution:** {}", md(c)));
            let reference = step.reference.as_ref().map_or(String::new(), |r| format!(" ({})", md(r)));
            writeln!(
                o,
                "- [ ] **{}**: {} {}{caution}{reference}",
                step.phase,
                md(&step.text),
                md(&step.why)
            )?;
        }
        more(i.next_steps.len(), limits::NEXT_STEPS_MAX, "steps", o)?;
    }
    if !i.unknowns.is_empty() {
        writeln!(o, "\n### Not known\n")?;
        for unknown in i.unknowns.iter().take(limits::UNKNOWNS_MAX) {
            let remedy = unknown.remedy.as_ref().map_or(String::new(), |r| format!(" *{}*", md(r)));
            writeln!(o, "- {}{remedy}", md(&unknown.text))?;
        }
        more(i.unknowns.len(), limits::UNKNOWNS_MAX, "points", o)?;
    }
    if !i.techniques.is_empty() {
        writeln!(o, "\n### ATT&CK\n")?;
        for id in &i.techniques {
            let name = vedette_attack::technique(id).map_or("", |t| t.name);
            writeln!(o, "- {} {name}", md(id))?;
        }
    }
    if !i.risk.parts.is_empty() {
        writeln!(o, "\n### Risk: {}\n\n| Points | What | Why |\n|---:|---|---|", i.risk.score)?;
        for part in &i.risk.parts {
            writeln!(o, "| {} | {} | {} |", part.points, md(&part.what), md(&part.why))?;
        }
    }
    if !i.entities.is_empty() {
        writeln!(o, "\n### Who and what\n\n| Kind | Name | Part | Findings |\n|---|---|---|---:|")?;
        for e in i.entities.iter().take(limits::ENTITIES_MAX) {
            let part = e.part.as_deref().unwrap_or_default();
            let kind = e.kind.replace('_', " ");
            writeln!(
                o,
                "| {} | {} | {} | {} |",
                md(&kind),
                code(&short(e.name(), 200)),
                md(part),
                e.findings
            )?;
        }
        more(i.entities.len(), limits::ENTITIES_MAX, "entities", o)?;
    }
    let cited = i.story.iter().flat_map(|s| &s.events).filter_map(|u| by_uid.get(u.as_str()).copied());
    let (list, total) = indicators::of(i, cited);
    if !list.is_empty() {
        writeln!(o, "\n### Indicators, defanged\n\n| Kind | Value |\n|---|---|")?;
        for indicator in &list {
            writeln!(o, "| {} | {} |", indicator.kind, code(&indicator.defanged()))?;
        }
        more(total, limits::INDICATORS_MAX, "indicators", o)?;
    }
    Ok(())
}

fn more(total: usize, max: usize, what: &str, o: &mut String) -> std::fmt::Result {
    if total > max {
        writeln!(o, "\n{} of {} {what} shown.", grouped(max as u64), grouped(total as u64))?;
    }
    Ok(())
}

fn findings(scan: &Scan, o: &mut String) -> std::fmt::Result {
    let mut order: Vec<_> = scan.findings.items.iter().collect();
    order.sort_by_key(|f| (f.incident.is_none(), std::cmp::Reverse(rank(&f.level))));
    if order.is_empty() {
        return Ok(());
    }
    writeln!(
        o,
        "\n## Findings\n\n| Time | Level | Finding | Host | Place | Incident |\n|---|---|---|---|---|---|"
    )?;
    for f in order.iter().take(limits::MARKDOWN_FINDINGS_MAX) {
        let incident = match (&f.incident, &f.set_aside) {
            (Some(id), _) => code(id),
            (None, Some(reason)) => format!("set aside: {}", md(reason)),
            (None, None) => String::new(),
        };
        writeln!(
            o,
            "| {} | {} | {} | {} | {} | {incident} |",
            when(&f.time),
            f.level,
            md(&f.title),
            code(f.host.as_deref().unwrap_or_default()),
            code(&short(&format!("{}#{}", f.file, f.event.record), 300)),
        )?;
    }
    more(scan.findings_total() as usize, limits::MARKDOWN_FINDINGS_MAX, "findings", o)
}

fn method(report: &Report, o: &mut String) -> std::fmt::Result {
    let s = &report.scan.summary;
    writeln!(o, "\n## Method and limits\n")?;
    writeln!(
        o,
        "- Vedette {}; {} rules running of {}, rules hash {}.",
        md(&s.version),
        grouped(s.rules.running),
        grouped(s.rules.rules),
        code(&s.rules.hash)
    )?;
    writeln!(
        o,
        "- {} records = {} events + {} joined + {} duplicate + {} rejected.",
        grouped(s.records),
        grouped(s.events),
        grouped(s.joined),
        grouped(s.duplicate),
        grouped(s.rejected)
    )?;
    if let Some(told) = &report.redacted {
        writeln!(
            o,
            "- Redacted: {}. Pseudonyms hold within this report; hashes are of the original events.",
            told.what.words().join(", ")
        )?;
        if told.beyond > 0 {
            writeln!(o, "- {} names beyond the bound still stand.", grouped(told.beyond as u64))?;
        }
    }
    writeln!(
        o,
        "- *Observed* steps are said by the events they cite; *inferred* ones are conclusions from them."
    )?;
    writeln!(o, "- Every time is UTC. `vedette verify` checks the scan's JSON against the events it cites.")
}
