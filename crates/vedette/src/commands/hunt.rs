//! `vedette hunt`: indicators of others, or what an expression says, looked for in the input that scan reads.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::tz::TimeZone;
use vedette_intel::{Indicators, Keep, Loader, WarningLists};
use vedette_model::Problem;
use vedette_normalize::WantedNames;
use vedette_runtime::Content;
use vedette_runtime::hunt::{Expression, Fault as ExpressionFault, Hunt, Query};
use vedette_runtime::limits::HUNT_LINES_EACH_MAX;
use vedette_runtime::scan::{Outcome, Search};

use super::input;
use crate::cli::{Format, HuntArgs, KeepArg, RuleChoice};
use crate::environment;
use crate::fault::Fault;
use crate::library;
use crate::output::hunt::{self, Asked, Report, View};
use crate::output::paint::Paint;

/// # Errors
/// Usage, lists or input that cannot be read at all, output that cannot be written.
pub fn run(args: &HuntArgs, paint: Paint) -> Result<ExitCode, Fault> {
    let zone = input::display_zone(args.display_tz.as_deref())?;
    let expression =
        args.expression.as_deref().map(|text| read(text).map_err(|f| told(text, &f))).transpose()?;
    let search = input::search(&args.input)?;
    let (since, until) = (search.since, search.until);
    let mut problems = Vec::new();
    let indicators = if args.ioc.is_empty() { None } else { Some(Arc::new(load(args, &mut problems)?)) };
    let content = content(&args.input.mappings)?;
    let query = match (expression, &args.expression) {
        (Some(expression), Some(text)) => {
            Some(Query::compile(expression, &content.catalogue).map_err(|f| told(text, &f))?)
        }
        _ => None,
    };
    for note in query.as_ref().map(unknown_notes).unwrap_or_default() {
        input::note(&format!("note: {note}"));
    }
    let content = wanting(content, query.as_ref(), indicators.is_some());
    let inputs = input::open(&args.input, &content, false)?;
    let lines = args.lines.unwrap_or(if indicators.is_some() { 3 } else { 20 }).min(HUNT_LINES_EACH_MAX);
    let hunt = Arc::new(Hunt { indicators: indicators.clone(), query, lines });
    let search = Search { channels_within: true, hunt: Some(hunt), ..search };
    let outcome = input::scanned(&args.input, &content, &inputs, search, None)
        .map_err(Fault::io("cannot make a temporary file"))?;
    input::note_idle_zones(&args.input, outcome.files.iter().map(|f| f.path.as_str()));
    let asked = Asked {
        expression: args.expression.as_deref(),
        indicators: indicators.as_deref(),
        since: since.map(|t| t.to_string()),
        until: until.map(|t| t.to_string()),
        problems,
    };
    let report = Report::of(asked, &outcome);
    print(args, paint, zone, &report).map_err(Fault::io("cannot write the result"))?;
    tell(args, &report);
    Ok(exit_code(&report, &outcome, inputs.problems()))
}

fn read(text: &str) -> Result<Expression, ExpressionFault> {
    Expression::read(text)
}

/// The expression with a mark below the place of the fault.
fn told(text: &str, fault: &ExpressionFault) -> Fault {
    // A long expression is shown around the place.
    let chars: Vec<char> = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let start = fault.column.saturating_sub(60);
    let shown: String = chars.iter().skip(start).take(100).collect();
    let mark = format!("{}^", " ".repeat(fault.column.saturating_sub(1 + start)));
    let message = format!("--where: column {}: {}\n    {shown}\n    {mark}", fault.column, fault.message);
    match &fault.help {
        Some(help) => Fault::usage_help(message, help.clone()),
        None => Fault::usage(message),
    }
}

/// Reads all lists. One that cannot be read at all ends the run: a hunt that leaves out a list says less than it seems.
fn load(args: &HuntArgs, problems: &mut Vec<Problem>) -> Result<Indicators, Fault> {
    let mut known_good = WarningLists::builtin();
    for path in &args.warninglists {
        let context = || format!("cannot read the known-good list {}", path.display());
        let bytes = fs::read(path).map_err(Fault::io(context()))?;
        problems.extend(known_good.add(&path.display().to_string(), "", &bytes));
    }
    let mut keep = Keep::default();
    for what in &args.keep {
        match what {
            KeepArg::All => keep = Keep::ALL,
            KeepArg::Expired => keep.expired = true,
            KeepArg::Context => keep.context = true,
            KeepArg::Private => keep.private = true,
            KeepArg::Documentation => keep.documentation = true,
            KeepArg::KnownGood => keep.known_good = true,
        }
    }
    let mut loader = Loader::new(keep, Some(environment::now()), &known_good);
    for path in &args.ioc {
        let context = || format!("cannot read the indicators in {}", path.display());
        let file: Box<dyn io::Read> = if path.as_os_str() == "-" {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(path).map_err(Fault::io(context()))?)
        };
        loader.read(&path.display().to_string(), file).map_err(Fault::io(context()))?;
    }
    let indicators = loader.finish();
    if indicators.is_empty() {
        let reasons: Vec<String> = indicators.accounts().iter().map(why_empty).collect();
        return Err(Fault::usage_help(
            format!("nothing to search for:\n{}", reasons.join("\n")),
            format!("lists hold {}; what is held back can be searched for with --keep", hunt::kinds()),
        ));
    }
    Ok(indicators)
}

pub(super) fn why_empty(account: &vedette_intel::indicators::Account) -> String {
    let held = account.held_back.iter().map(|(r, t)| format!("{} {r}", t.count));
    let left = account.left_out.iter().map(|(r, t)| format!("{} {r}", t.count));
    let mut reasons: Vec<String> = held.chain(left).take(8).collect();
    reasons.extend(account.broken_off.clone());
    if reasons.is_empty() {
        reasons.push("no entries".to_owned());
    }
    format!("  {}: {}", account.name, reasons.join("; "))
}

/// No rule is needed to hunt.
pub(super) fn content(mappings: &[PathBuf]) -> Result<Arc<Content>, Fault> {
    let choice = RuleChoice { no_default_rules: true, ..RuleChoice::default() };
    library::load(&choice, mappings)
}

/// Fields that mappings put together or decode, so that indicators stand nowhere else as they are: URLs of host and path,
/// and names that the DNS server's log cuts into labels. What is merely taken out of another field is found there.
const MADE_WHOLE: [&str; 2] = ["c-uri", "query"];

/// With the derived fields that the hunt reads.
pub(super) fn wanting(mut content: Arc<Content>, query: Option<&Query>, indicators: bool) -> Arc<Content> {
    if let Some(content) = Arc::get_mut(&mut content) {
        let mut wanted = query.map_or_else(WantedNames::none, Query::wanted);
        if indicators {
            MADE_WHOLE.iter().for_each(|name| wanted.add(name));
        }
        content.wanted = wanted;
    }
    content
}

/// What to say of names that no mapping knows.
pub(super) fn unknown_notes(query: &Query) -> Vec<String> {
    let note = |(name, nearest): &(String, Option<String>)| {
        let hint = nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
        format!("no mapping knows a field `{name}`, so it is looked for as it is written{hint}")
    };
    query.unknown().iter().map(note).collect()
}

fn print(args: &HuntArgs, paint: Paint, zone: TimeZone, report: &Report) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match args.format {
        Format::Json => {
            serde_json::to_writer(&mut out, report)?;
            out.write_all(b"\n")?;
        }
        Format::Jsonl => hunt::lines(&mut out, report)?,
        Format::Csv => hunt::csv(&mut out, report)?,
        Format::Table => {
            let view = View { paint, zone, width: environment::columns(), top: args.top };
            hunt::table(&mut out, &view, report)?;
        }
    }
    out.flush()
}

/// Says on standard error what CSV has no place for, and every problem where the output is for people.
fn tell(args: &HuntArgs, report: &Report) {
    if !matches!(args.format, Format::Csv | Format::Table) {
        return;
    }
    for p in report.problems.iter().take(PROBLEMS_SHOWN) {
        input::note(&format!("warning[{}]: {}: {}; {}", p.code, p.place, p.fault, p.consequence));
    }
    let more = report.problems.len().saturating_sub(PROBLEMS_SHOWN);
    if more > 0 {
        input::note(&format!("… {more} more problems (--format json names them)"));
    }
    if args.format == Format::Csv && !report.complete {
        input::note("Interrupted: this is what was read until then, not all.");
    }
}

const PROBLEMS_SHOWN: usize = 10;

/// 1 when something was found. Otherwise 3 when the answer is not whole: the run was interrupted, a named path could
/// not be read, a file broke off, or nothing at all was read. 0 says that it is not there.
fn exit_code(report: &Report, outcome: &Outcome, of_walk: &[Problem]) -> ExitCode {
    let c = &report.coverage;
    let broken = outcome.files.iter().any(|f| !f.complete) || !outcome.complete || !of_walk.is_empty();
    let nothing = c.files > 0 && c.files_unread == c.files;
    ExitCode::from(match report.found.is_empty() {
        false => 1,
        true if broken || nothing => 3,
        true => 0,
    })
}
