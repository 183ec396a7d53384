//! What assistants may ask for, answered by the runtime: scans, hunts, checks.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use vedette_ingest::Inputs;
use vedette_intel::{Indicators, Keep, Loader, WarningLists};
use vedette_mcp::{Desk, Fault as Refusal, HuntAsk, ScanAsk, Scanned, Watch};
use vedette_runtime::Content;
use vedette_runtime::hunt::{Expression, Fault as ExpressionFault, Hunt, Query};
use vedette_runtime::scan::incidents as grouping;
use vedette_runtime::scan::{self, Progress, Search};

use super::scanned::Finished;
use crate::cli::{Input, Mcp, Verify, VerifyFormat};
use crate::commands::knowledge::Known;
use crate::commands::{hunt, input, verify};
use crate::environment;
use crate::fault::Fault;
use crate::output::hunt::{Asked, Report};

pub struct RuntimeDesk {
    args: Mcp,
    content: Arc<Content>,
    known: Arc<Known>,
}

impl RuntimeDesk {
    pub fn new(args: Mcp, content: Arc<Content>, known: Known) -> Self {
        Self { args, content, known: Arc::new(known) }
    }

    fn input(&self, ask: &ScanAsk) -> Input {
        Input {
            paths: ask.paths.clone(),
            zones: self.args.zones.clone(),
            year: self.args.year,
            host_from_path: self.args.host_from_path,
            zip_password_file: self.args.zip_password_file.clone(),
            since: ask.since.clone(),
            until: ask.until.clone(),
            jobs: self.args.jobs,
            mappings: self.args.mappings.clone(),
            quiet: true,
        }
    }
}

/// A fault of the door in the words of a tool.
pub fn refusal(place: &str, fault: Fault) -> Refusal {
    match fault {
        Fault::Usage { message, help } => {
            Refusal::new(message, place, help.unwrap_or_else(|| "see the tool's input schema".to_owned()))
        }
        Fault::Io { context, source } => {
            Refusal::new(format!("{context}: {source}"), place, "check that it is there and can be read")
        }
    }
}

/// Tells the watcher how far the reading is.
struct Steps<'a> {
    watch: &'a Watch,
    consumed: Arc<AtomicU64>,
}

impl<'a> Steps<'a> {
    fn new(watch: &'a Watch, inputs: &Inputs) -> Self {
        watch.bytes_total.store(inputs.total_bytes(), Ordering::Relaxed);
        Self { watch, consumed: inputs.progress() }
    }
}

impl Progress for Steps<'_> {
    fn done(&self, records: u64) {
        self.watch.records.fetch_add(records, Ordering::Relaxed);
        self.watch.bytes.store(self.consumed.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    fn file(&self, _path: &str) {}
}

impl Desk for RuntimeDesk {
    fn scan(&self, ask: &ScanAsk, watch: &Watch) -> Result<Box<dyn Scanned>, Refusal> {
        let input = self.input(ask);
        let search = span(&input)?;
        let inputs = input::open(&input, &self.content, false).map_err(|f| refusal("paths", f))?;
        let steps = Steps::new(watch, &inputs);
        let jobs = input::jobs(&input);
        let io = |e| refusal("this scan", Fault::io("cannot use a temporary file")(e));
        let mut outcome =
            scan::scan(self.content.clone(), &inputs, search, jobs, &watch.stop, &steps, None).map_err(io)?;
        let incidents = grouping::join(&self.content, &mut outcome, &*self.known).map_err(io)?;
        Ok(Box::new(Finished::new(self.content.clone(), outcome, incidents)))
    }

    fn hunt(&self, ask: &HuntAsk, watch: &Watch) -> Result<Value, Refusal> {
        let input = self.input(&ask.input);
        let mut search = span(&input)?;
        let expression = match &ask.expression {
            None => None,
            Some(text) => Some(Expression::read(text).map_err(|f| misread(&f))?),
        };
        let indicators = if ask.indicators.is_empty() && ask.file.is_none() {
            None
        } else {
            Some(Arc::new(indicators(ask)?))
        };
        let content = hunt::content(&input.mappings).map_err(|f| refusal("mappings", f))?;
        let query = match expression {
            None => None,
            Some(expression) => {
                Some(Query::compile(expression, &content.catalogue).map_err(|f| misread(&f))?)
            }
        };
        let notes = query.as_ref().map(hunt::unknown_notes).unwrap_or_default();
        let content = hunt::wanting(content, query.as_ref(), indicators.is_some());
        let inputs = input::open(&input, &content, false).map_err(|f| refusal("paths", f))?;
        let steps = Steps::new(watch, &inputs);
        let bounds = (search.since.map(|t| t.to_string()), search.until.map(|t| t.to_string()));
        search.channels_within = true;
        search.hunt = Some(Arc::new(Hunt { indicators: indicators.clone(), query, lines: ask.lines }));
        let outcome = scan::scan(content, &inputs, search, input::jobs(&input), &watch.stop, &steps, None)
            .map_err(|e| refusal("this hunt", Fault::io("cannot use a temporary file")(e)))?;
        let asked = Asked {
            expression: ask.expression.as_deref(),
            indicators: indicators.as_deref(),
            since: bounds.0,
            until: bounds.1,
            problems: Vec::new(),
        };
        let mut told = serde_json::to_value(Report::of(asked, &outcome)).unwrap_or_default();
        if !notes.is_empty() {
            told["notes"] = json!(notes);
        }
        Ok(told)
    }

    fn verify(&self, report: &Path, evidence: &[PathBuf], _watch: &Watch) -> Result<Value, Refusal> {
        let args = Verify {
            report: report.to_owned(),
            evidence: evidence.to_vec(),
            format: VerifyFormat::Json,
            rules: self.args.rules.clone(),
            lists: self.args.lists.clone(),
            mappings: self.args.mappings.clone(),
            zones: self.args.zones.clone(),
            year: self.args.year,
            host_from_path: self.args.host_from_path,
            zip_password_file: self.args.zip_password_file.clone(),
        };
        let told = verify::checked(&args).map_err(|f| refusal("report", f))?;
        Ok(serde_json::to_value(told).unwrap_or_default())
    }
}

fn span(input: &Input) -> Result<Search, Refusal> {
    let bound = |name: &str, text: Option<&str>| input::bound(name, text).map_err(|f| refusal(name, f));
    Ok(Search {
        since: bound("since", input.since.as_deref())?,
        until: bound("until", input.until.as_deref())?,
        ..Search::default()
    })
}

fn misread(fault: &ExpressionFault) -> Refusal {
    let help =
        fault.help.clone().unwrap_or_else(|| "for example: CommandLine contains 'mimikatz'".to_owned());
    Refusal::new(fault.message.clone(), format!("where: column {}", fault.column), help)
}

fn indicators(ask: &HuntAsk) -> Result<Indicators, Refusal> {
    let keep = if ask.keep_all { Keep::ALL } else { Keep::default() };
    let known_good = WarningLists::builtin();
    let mut loader = Loader::new(keep, Some(environment::now()), &known_good);
    if !ask.indicators.is_empty() {
        let list = ask.indicators.join("\n");
        let read = loader.read("given in the call", list.as_bytes()).map(|_| ());
        read.map_err(|e| refusal("indicators", Fault::io("cannot read the indicators")(e)))?;
    }
    if let Some(path) = &ask.file {
        let file =
            File::open(path).and_then(|file| loader.read(&path.display().to_string(), file).map(|_| ()));
        file.map_err(|e| refusal("file", Fault::io("cannot read the indicators")(e)))?;
    }
    let indicators = loader.finish();
    if indicators.is_empty() {
        let reasons: Vec<String> = indicators.accounts().iter().map(hunt::why_empty).collect();
        return Err(Refusal::new(
            format!("nothing to search for: {}", reasons.join("; ")),
            "indicators, file",
            "what is held back can be searched for with keep_all",
        ));
    }
    Ok(indicators)
}
