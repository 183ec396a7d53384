//! `vedette rules test`: runs benches.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use vedette_runtime::bench::{self, Expect, Outcome};
use vedette_runtime::{Content, Mappings, Source};

use crate::cli::{Format, RulesTest};
use crate::fault::Fault;
use crate::library;
use crate::output::neutral::{cell, terminal};
use crate::output::number;
use crate::output::paint::Paint;
use crate::output::wire;

/// # Errors
/// When a folder cannot be read.
pub fn run(args: &RulesTest, paint: Paint) -> Result<ExitCode, Fault> {
    let mappings = Mappings::load(&library::mappings(&args.mappings)?);
    let mut outcomes = Vec::new();
    if args.dirs.is_empty() {
        let benches: BTreeMap<String, Source> =
            library::builtin_benches().into_iter().map(|b| (b.path.to_string(), b)).collect();
        let rules = library::builtin_rules();
        for rule in &rules {
            outcomes.extend(one(rule, benches.get(&rule.path.replace(".yml", ".bench.yml")), &mappings));
        }
        let content = Arc::new(Content::load(rules, mappings, &BTreeMap::new()));
        for bench in library::benign_benches() {
            outcomes.extend(bench::benign(&content, &bench));
        }
    } else {
        for dir in &args.dirs {
            let found = library::find(dir)?;
            outcomes.extend(found.problems.into_iter().map(|p| Outcome {
                path: p.place,
                line: 1,
                expect: Expect::Fires,
                why: "a rule that cannot be read proves nothing".to_owned(),
                failure: Some(p.fault),
            }));
            for rule in found.sources {
                let bench = beside(Path::new(&*rule.path));
                outcomes.extend(one(&rule, bench.as_ref(), &mappings));
            }
        }
    }
    let failed = outcomes.iter().filter(|o| o.failure.is_some()).count();
    let mut out = BufWriter::new(io::stdout().lock());
    print(&mut out, args.format, paint, &outcomes, failed)
        .and_then(|()| out.flush())
        .map_err(Fault::io("cannot write the result"))?;
    Ok(ExitCode::from(u8::from(failed > 0)))
}

fn one(rule: &Source, bench: Option<&Source>, mappings: &Mappings) -> Vec<Outcome> {
    match bench {
        Some(bench) => bench::rule_file(rule, bench, mappings),
        None => vec![Outcome {
            path: rule.path.to_string(),
            line: 1,
            expect: Expect::Fires,
            why: "a rule without a bench proves nothing".to_owned(),
            failure: Some("has no bench beside it".to_owned()),
        }],
    }
}

fn beside(rule: &Path) -> Option<Source> {
    let path = PathBuf::from(rule.to_string_lossy().rsplit_once('.')?.0.to_owned() + ".bench.yml");
    Some(Source { path: path.display().to_string().into(), text: fs::read(&path).ok()? })
}

fn word(expect: Expect) -> &'static str {
    match expect {
        Expect::Fires => "fires on",
        Expect::StaysQuiet => "stays quiet on",
    }
}

fn print(
    out: &mut dyn Write,
    format: Format,
    paint: Paint,
    outcomes: &[Outcome],
    failed: usize,
) -> io::Result<()> {
    let case = |o: &Outcome| wire::BenchCase {
        path: o.path.clone(),
        line: o.line,
        case: word(o.expect).to_owned(),
        why: o.why.clone(),
        passed: o.failure.is_none(),
        failure: o.failure.clone(),
    };
    match format {
        Format::Json => {
            let cases = outcomes.iter().map(case).collect();
            let report =
                wire::RulesTest { cases, passed: (outcomes.len() - failed) as u64, failed: failed as u64 };
            serde_json::to_writer(&mut *out, &report)?;
            out.write_all(b"\n")
        }
        Format::Jsonl => outcomes.iter().try_for_each(|o| {
            serde_json::to_writer(&mut *out, &case(o))?;
            out.write_all(b"\n")
        }),
        Format::Csv => {
            let mut table = csv::Writer::from_writer(out);
            table.write_record(["path", "line", "case", "why", "failure"])?;
            for o in outcomes {
                let line = o.line.to_string();
                let row = [&o.path, &line, word(o.expect), &o.why, o.failure.as_deref().unwrap_or_default()];
                table.write_record(row.iter().map(|c| cell(c)))?;
            }
            table.flush()
        }
        Format::Table => {
            for o in outcomes.iter().filter(|o| o.failure.is_some()) {
                writeln!(
                    out,
                    "{}:{}: {} {}",
                    terminal(&o.path),
                    o.line,
                    word(o.expect),
                    paint.bold(terminal(&o.why))
                )?;
                writeln!(out, "    {}", paint.warn(terminal(o.failure.as_deref().unwrap_or_default())))?;
            }
            let files: std::collections::BTreeSet<&str> = outcomes.iter().map(|o| o.path.as_str()).collect();
            writeln!(
                out,
                "{} in {}: {} passed, {} failed",
                number::of(outcomes.len() as u64, "case", "cases"),
                number::of(files.len() as u64, "bench", "benches"),
                number::count((outcomes.len() - failed) as u64),
                number::count(failed as u64),
            )
        }
    }
}
