//! `vedette rules explain`: why a rule did or did not match one event, condition by condition; without an event, what the
//! rule is about and what to do when it speaks.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use vedette_detect::explain::{BlockStep, ConditionStep, Explanation, ItemStep, Operation};
use vedette_model::{Event, LaneId};
use vedette_runtime::{Content, check, scan};

use super::input;
use crate::cli::{Input, RulesExplain};
use crate::fault::Fault;
use crate::library;
use crate::output::card;
use crate::output::neutral::{lines, terminal};
use crate::output::number;
use crate::output::paint::Paint;

/// # Errors
/// When there is no such rule or no such event.
pub fn run(args: &RulesExplain, paint: Paint) -> Result<ExitCode, Fault> {
    let mut choice = args.choice.clone();
    let as_file = Path::new(&args.rule);
    if as_file.is_file() {
        choice.rules.push(as_file.to_owned());
    }
    let content = library::load(&choice, &args.mappings)?;
    let Some(event) = &args.event else {
        let rule = any(&content, &args.rule)?;
        print(&(card::about(&content, rule, paint) + &card::guide(&content, rule, paint)));
        return Ok(ExitCode::SUCCESS);
    };
    let rule = find(&content, &args.rule)?;
    let Place { path, member, record } = place(event)?;
    let input = Input {
        paths: vec![path],
        zones: args.zones.clone(),
        year: args.year,
        zip_password_file: args.zip_password_file.clone(),
        jobs: Some(1),
        mappings: args.mappings.clone(),
        quiet: true,
        ..Input::default()
    };
    let inputs = input::open(&input, &content, false)?;
    let event = scan::find_event(&content, &inputs, member.as_deref(), record)
        .ok_or_else(|| Fault::usage(format!("{event}: there is no such record")))?;
    let held = match content.plan.explain(rule, event.lane, &event.native) {
        Some(explanation) => {
            print(&show(&content, &explanation, &event, paint));
            if explanation.held && explanation.runs_here {
                print(&card::guide(&content, rule, paint));
            }
            explanation.held && explanation.runs_here
        }
        None => {
            print(&not_here(&content, rule, &event));
            false
        }
    };
    Ok(ExitCode::from(u8::from(!held)))
}

#[expect(clippy::print_stdout, reason = "this is the command's output")]
fn print(text: &str) {
    print!("{text}");
}

/// Whether the document goes by that id, name, title, or by the stem or path of its file.
fn fits(meta: &vedette_sigma::Meta, wanted: &str) -> bool {
    let path = Path::new(&*meta.place.path);
    meta.id == wanted
        || meta.name.as_deref() == Some(wanted)
        || meta.title.eq_ignore_ascii_case(wanted)
        || &*meta.place.path == wanted
        || path.file_stem().is_some_and(|s| s == wanted)
}

/// A rule that reads events.
fn find(content: &Content, wanted: &str) -> Result<u32, Fault> {
    if let Some(rule) = content.rules.iter().position(|rule| fits(&rule.meta, wanted)) {
        return Ok(rule as u32);
    }
    if let Some(correlation) = content.pack.correlations.iter().find(|c| fits(&c.meta, wanted)) {
        return Err(Fault::usage_help(
            format!("`{wanted}` is a correlation over {}", correlation.rule_names.join(", ")),
            "a correlation reads the hits of these rules and no event itself: explain those",
        ));
    }
    Err(unknown(content, wanted))
}

/// A rule or a correlation; of a file that holds both, the correlation, as it is what is shown.
fn any(content: &Content, wanted: &str) -> Result<u32, Fault> {
    let correlations = 0..content.pack.correlations.len() as u32;
    let all = correlations.map(|c| content.correlation(c)).chain(0..content.rules.len() as u32);
    let mut all = all.filter(|r| fits(content.meta(*r), wanted));
    all.next().ok_or_else(|| unknown(content, wanted))
}

/// Rules whose title or file holds most of the words that were asked for are named: most names are remembered in part.
fn unknown(content: &Content, wanted: &str) -> Fault {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|w| w.len() > 2);
        words.map(str::to_lowercase).collect()
    };
    let asked = words(wanted);
    let mut near: Vec<(usize, &str)> = content
        .rules
        .iter()
        .map(|rule| {
            let stem = Path::new(&*rule.meta.place.path).file_stem().and_then(|s| s.to_str()).unwrap_or("");
            let own = [words(stem), words(&rule.meta.title)].concat();
            (asked.iter().filter(|w| own.contains(w)).count(), stem)
        })
        .filter(|(shared, _)| *shared > 0 && *shared * 2 >= asked.len())
        .collect();
    near.sort_by_key(|(shared, stem)| (std::cmp::Reverse(*shared), *stem));
    let near: Vec<String> = near.iter().take(3).map(|(_, stem)| format!("`{stem}`")).collect();
    let ways =
        "give its id, name, title, file stem or file; `vedette rules check` says which rules were left out";
    let help =
        if near.is_empty() { ways.to_owned() } else { format!("did you mean {}? {ways}", near.join(" or ")) };
    Fault::usage_help(format!("no running rule is called `{wanted}`"), help)
}

/// Where the event lies.
struct Place {
    path: PathBuf,
    /// The member of an archive, as a scan shows it.
    member: Option<String>,
    record: Option<u64>,
}

/// `FILE`, `ARCHIVE!MEMBER`, or either with `#NUMBER`.
fn place(text: &str) -> Result<Place, Fault> {
    if Path::new(text).exists() {
        return Ok(Place { path: PathBuf::from(text), member: None, record: None });
    }
    let (shown, record) = match text.rsplit_once('#') {
        None => (text, None),
        Some((shown, number)) => match number.parse() {
            Ok(number) => (shown, Some(number)),
            // A member's own name may hold the sign.
            Err(_) if shown.contains('!') => (text, None),
            Err(_) => return Err(Fault::usage(format!("{text}: `{number}` is no record number"))),
        },
    };
    if !Path::new(shown).exists() {
        let archive = shown.match_indices('!').map(|(at, _)| &shown[..at]).find(|a| Path::new(a).is_file());
        if let Some(archive) = archive {
            return Ok(Place { path: PathBuf::from(archive), member: Some(shown.to_owned()), record });
        }
    }
    Ok(Place { path: PathBuf::from(shown), member: None, record })
}

fn log(content: &Content, lane: LaneId) -> String {
    let lane = content.catalogue.lane(lane);
    match (lane.mapping.as_str(), lane.case.as_str()) {
        ("", _) => "no known log type".to_owned(),
        (mapping, "") => mapping.to_owned(),
        (mapping, case) => format!("{mapping}/{case}"),
    }
}

fn not_here(content: &Content, rule: u32, event: &Event) -> String {
    terminal(&format!("`{}` does not read events of {}", content.meta(rule).title, log(content, event.lane)))
        + "\n"
}

fn show(content: &Content, e: &Explanation, event: &Event, paint: Paint) -> String {
    let meta = content.meta(e.rule);
    let mut out = String::new();
    let verdict = match (e.held, e.runs_here) {
        (true, true) => "matches",
        (true, false) => "would match, but does not read this log",
        (false, _) => "does not match",
    };
    let _ = writeln!(out, "{} {}", paint.bold(terminal(&meta.title)), paint.bold(verdict));
    let time = number::time(event.time, &jiff::tz::TimeZone::UTC);
    let what = format!("record {} · {time} · {} · {}", event.record, event.host, log(content, event.lane));
    let _ = writeln!(out, "{}", paint.dim(terminal(&what)));
    if !e.runs_here {
        let reads = terminal(&check::logsource(content, e.rule));
        let _ = writeln!(out, "The rule reads {reads}; this event's log does not feed that.");
    }
    for condition in &e.conditions {
        let _ = writeln!(out, "\n{}", paint.bold("condition"));
        self::condition(e, condition, 1, &mut out);
    }
    for selection in &e.selections {
        let _ = writeln!(out, "\n{} {}", mark(selection.held), paint.bold(terminal(&selection.name)));
        block(&selection.block, 1, &mut out);
    }
    if !e.unseen_filter_fields.is_empty() {
        let fields = terminal(&e.unseen_filter_fields.join(", "));
        let _ = writeln!(
            out,
            "\n{}",
            paint.warn(format_args!("its exceptions read {fields}, which this log does not carry"))
        );
    }
    out
}

fn mark(held: bool) -> &'static str {
    if held { "✓" } else { "✗" }
}

fn condition(e: &Explanation, step: &ConditionStep, depth: usize, out: &mut String) {
    let what = match &step.what {
        Operation::Selection(index) => e.selections[*index].name.clone(),
        Operation::And => "all of these".to_owned(),
        Operation::Or => "one of these".to_owned(),
        Operation::Not => "not".to_owned(),
        Operation::Of(words) => words.clone(),
    };
    let _ = writeln!(out, "{:indent$}{} {}", "", mark(step.held), terminal(&what), indent = depth * 2);
    for part in &step.parts {
        condition(e, part, depth + 1, out);
    }
}

fn block(step: &BlockStep, depth: usize, out: &mut String) {
    match step {
        BlockStep::Item(item) => self::item(item, depth, out),
        BlockStep::All { parts, .. } if depth == 1 => parts.iter().for_each(|p| block(p, depth, out)),
        BlockStep::All { held, parts } | BlockStep::Any { held, parts } => {
            let word = if matches!(step, BlockStep::All { .. }) { "all of these" } else { "one of these" };
            let _ = writeln!(out, "{:indent$}{} {word}", "", mark(*held), indent = depth * 2);
            parts.iter().for_each(|p| block(p, depth + 1, out));
        }
    }
}

/// Tests listed under one line; the rest is counted.
const TESTS_MAX: usize = 12;

fn item(item: &ItemStep, depth: usize, out: &mut String) {
    let name = item.field.as_deref().unwrap_or("any value");
    let found = match (&item.native, item.values.as_slice()) {
        (None, _) if item.field.is_some() => format!("absent (looked for under {})", item.tried.join(", ")),
        (Some(native), values) if item.field.as_deref() != Some(native) => {
            format!("{native} = {}", values.join(" | "))
        }
        (_, values) => values.join(" | "),
    };
    let not = if item.negated { " must differ" } else { "" };
    let line = format!("{} {name}{not}: {found}", mark(item.held));
    let _ = writeln!(out, "{:indent$}{}", "", lines(&terminal(&line)), indent = depth * 2);
    // What held first: it is what the reader looks for.
    let mut tests: Vec<_> = item.tests.iter().collect();
    tests.sort_by_key(|t| !t.held);
    for test in tests.iter().take(TESTS_MAX) {
        let line = format!("{} {} — {}", mark(test.held), test.asks, test.why);
        let _ = writeln!(out, "{:indent$}{}", "", terminal(&line), indent = depth * 2 + 2);
    }
    if tests.len() > TESTS_MAX {
        let _ =
            writeln!(out, "{:indent$}… {} more values", "", tests.len() - TESTS_MAX, indent = depth * 2 + 2);
    }
}
