//! `vedette rules check`: every rule is running, or left out with the reason and the place.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::sync::Arc;

use vedette_runtime::Content;
use vedette_runtime::check::{self, CanMatch};

use super::input;
use crate::cli::{Format, RuleChoice, RulesCheck};
use crate::environment;
use crate::fault::Fault;
use crate::library;
use crate::output::json;
use crate::output::neutral::{short, terminal, wrap};
use crate::output::number;
use crate::output::paint::Paint;
use crate::output::wire;

/// Lines of one kind in the table; `--format json` has all.
const LINES_MAX: usize = 20;
/// Rules that are named for one reason.
const TITLES_MAX: usize = 4;
/// Columns where there is no screen to ask.
const WIDTH_MAX: usize = 160;

/// The answer is not whole: reading was interrupted.
const INCOMPLETE: u8 = 3;

/// # Errors
/// When rules or data cannot be read.
pub fn run(args: &RulesCheck, paint: Paint) -> Result<ExitCode, Fault> {
    let choice = RuleChoice {
        no_default_rules: !args.dirs.is_empty(),
        rules: args.dirs.clone(),
        expand: args.expand.clone(),
    };
    let content = library::load(&choice, &args.mappings)?;
    let mut report = report(&content);
    if !args.against.is_empty() {
        (report.against, report.complete) = against(args, &content)?;
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let wrote = match args.format {
        Format::Json => serde_json::to_writer(&mut out, &report)
            .map_err(io::Error::from)
            .and_then(|()| out.write_all(b"\n")),
        Format::Jsonl => lines(&mut out, &report),
        Format::Csv => csv(&mut out, &report),
        Format::Table => out.write_all(table(&content, &report, paint, !args.against.is_empty()).as_bytes()),
    };
    wrote.and_then(|()| out.flush()).map_err(Fault::io("cannot write the result"))?;
    if !report.complete {
        return Ok(ExitCode::from(INCOMPLETE));
    }
    Ok(ExitCode::from(u8::from(!report.left_out.is_empty())))
}

fn report(content: &Content) -> wire::RulesCheck {
    let account = check::account(content);
    wire::RulesCheck {
        complete: true,
        files: account.files,
        rules: account.running + account.left_out,
        running: account.running,
        no_source: check::no_source(content).into_iter().map(|r| content.meta(r).id.clone()).collect(),
        left_out: check::left_out(content)
            .into_iter()
            .map(|l| wire::LeftOut {
                path: l.path,
                rule_id: l.rule_id,
                title: l.title,
                code: l.code,
                reason: l.reason,
                line: l.line,
                column: l.column,
                help: l.help,
            })
            .collect(),
        warnings: check::warnings(content)
            .into_iter()
            .map(|w| wire::Warning {
                path: w.path,
                code: w.code,
                reason: w.reason,
                line: w.line,
                column: w.column,
            })
            .collect(),
        against: Vec::new(),
    }
}

fn against(args: &RulesCheck, content: &Arc<Content>) -> Result<(Vec<wire::Against>, bool), Fault> {
    let (presence, complete) = input::presence(&args.against, content)?;
    let rules = check::against(content, &presence)
        .into_iter()
        .map(|a| wire::Against {
            rule_id: content.meta(a.rule).id.clone(),
            title: content.meta(a.rule).title.clone(),
            can_match: a.can_match.name().to_owned(),
            reason: a.reason,
            missing_fields: a.missing_fields,
            events: a.events,
        })
        .collect();
    Ok((rules, complete))
}

fn lines(out: &mut dyn Write, report: &wire::RulesCheck) -> io::Result<()> {
    for left_out in &report.left_out {
        json::line(out, "left_out", left_out)?;
    }
    for against in &report.against {
        json::line(out, "against", against)?;
    }
    let summary = serde_json::json!({ "complete": report.complete, "files": report.files, "rules": report.rules, "running": report.running, "no_source": report.no_source });
    json::line(out, "summary", &summary)
}

fn csv(out: &mut dyn Write, report: &wire::RulesCheck) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    if report.against.is_empty() {
        table.write_record(["path", "line", "column", "rule_id", "code", "reason"])?;
        for l in &report.left_out {
            let (line, column) = (l.line.to_string(), l.column.to_string());
            table.write_record([
                &l.path,
                &line,
                &column,
                l.rule_id.as_deref().unwrap_or_default(),
                &l.code,
                &l.reason,
            ])?;
        }
    } else {
        table.write_record(["rule_id", "title", "can_match", "events", "missing_fields", "reason"])?;
        for a in &report.against {
            let events = a.events.to_string();
            let missing = a.missing_fields.join(" ");
            table.write_record([
                &a.rule_id,
                &a.title,
                &a.can_match,
                &events,
                &missing,
                a.reason.as_deref().unwrap_or_default(),
            ])?;
        }
    }
    table.flush()
}

fn table(content: &Content, report: &wire::RulesCheck, paint: Paint, against: bool) -> String {
    let mut out = String::new();
    let width = environment::columns().min(WIDTH_MAX);
    left_out(&mut out, report, paint, width);
    if against {
        against_table(&mut out, report, paint, width);
        if !report.complete {
            let _ =
                writeln!(out, "{}", paint.warn("Interrupted: this is what was read until then, not all."));
        }
    }
    let _ = writeln!(
        out,
        "{} = {} running + {} left out, in {}",
        number::of(report.rules, "rule", "rules"),
        number::count(report.running),
        number::count(report.left_out.len() as u64),
        number::of(report.files, "file", "files"),
    );
    if !report.warnings.is_empty() {
        let warnings = number::of(report.warnings.len() as u64, "warning", "warnings");
        let _ = writeln!(out, "{warnings} on rules that run all the same (--format json has them)");
    }
    if !report.no_source.is_empty() {
        let _ = writeln!(
            out,
            "{} of the running ones read a logsource that no mapping feeds yet: {}",
            number::count(report.no_source.len() as u64),
            named(check::no_source(content).iter().map(|r| content.meta(*r).title.as_str()))
        );
    }
    out
}

/// The first few, and how many more.
fn named<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(TITLES_MAX);
    let mut text = names.take(TITLES_MAX).map(terminal).collect::<Vec<_>>().join(", ");
    if more > 0 {
        let _ = write!(text, ", and {} more", number::count(more as u64));
    }
    text
}

/// Every place, or where there are many, the reasons with the first place of each.
fn left_out(out: &mut String, report: &wire::RulesCheck, paint: Paint, width: usize) {
    if report.left_out.is_empty() {
        return;
    }
    let mut by_code: BTreeMap<&str, Vec<&wire::LeftOut>> = BTreeMap::new();
    for l in &report.left_out {
        by_code.entry(&l.code).or_default().push(l);
    }
    let _ = writeln!(out, "{}", paint.bold("Left out"));
    let many = report.left_out.len() > LINES_MAX;
    for (code, rules) in &by_code {
        if many {
            let _ = writeln!(out, "  {code}  {}", number::of(rules.len() as u64, "rule", "rules"));
        }
        for l in rules.iter().take(if many { 1 } else { LINES_MAX }) {
            let help = l.help.as_ref().map(|h| format!(" ({h})")).unwrap_or_default();
            let _ = writeln!(out, "  {}:{}:{}", terminal(&l.path), l.line, l.column);
            let reason = terminal(&format!("{} {}{help}", l.code, l.reason));
            for line in wrap(&reason, width.saturating_sub(4), 2) {
                let _ = writeln!(out, "    {line}");
            }
        }
        if many && rules.len() > 1 {
            let _ = writeln!(out, "    {}", paint.dim("and so on"));
        }
    }
    if many {
        let all = "docs/codes.md explains the codes; --format json, jsonl and csv have every place";
        let _ = writeln!(out, "  {}", paint.dim(all));
    }
    if by_code.contains_key("VD-S020") {
        let values = "--expand NAME=FILE gives the values of a placeholder, one a line";
        let _ = writeln!(out, "  {}", paint.dim(values));
    }
    out.push('\n');
}

fn against_table(out: &mut String, report: &wire::RulesCheck, paint: Paint, width: usize) {
    let mut by_reason: BTreeMap<(&str, &str), Vec<&wire::Against>> = BTreeMap::new();
    for a in &report.against {
        by_reason
            .entry((&a.can_match, a.reason.as_deref().unwrap_or("all it reads is there")))
            .or_default()
            .push(a);
    }
    for verdict in CanMatch::ALL.map(CanMatch::name) {
        let mut reasons: Vec<_> = by_reason.iter().filter(|((v, _), _)| *v == verdict).collect();
        let rules: usize = reasons.iter().map(|(_, r)| r.len()).sum();
        let _ = writeln!(
            out,
            "{}",
            paint.bold(format_args!("{} can match: {verdict}", number::of(rules as u64, "rule", "rules")))
        );
        reasons.sort_by_key(|(_, rules)| std::cmp::Reverse(rules.len()));
        for ((_, reason), rules) in reasons.iter().take(LINES_MAX) {
            let count = number::count(rules.len() as u64);
            let _ = writeln!(out, "  {count:>5}  {}", short(&terminal(reason), width.saturating_sub(9)));
            // Which of them read on is a question only where something is missing.
            if verdict != CanMatch::Yes.name() {
                let titles = named(rules.iter().map(|a| a.title.as_str()));
                let _ = writeln!(out, "         {}", paint.dim(short(&titles, width.saturating_sub(9))));
            }
        }
        let left = reasons.len().saturating_sub(LINES_MAX);
        if left > 0 {
            let left = number::of(left as u64, "more reason", "more reasons");
            let _ = writeln!(out, "  {}", paint.dim(format_args!("… {left} (--format json has all)")));
        }
    }
    out.push('\n');
}
