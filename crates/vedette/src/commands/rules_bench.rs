//! `vedette rules bench --mutate`: changes each condition of a rule, and says which changes no case of the bench notices.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use vedette_runtime::bench::Expect;
use vedette_runtime::bench::mutate::{self, FileMutants, Mutant};
use vedette_runtime::{Mappings, Source};

use crate::cli::{Format, RulesBench};
use crate::fault::Fault;
use crate::library;
use crate::output::neutral::{cell, terminal};
use crate::output::number;
use crate::output::paint::Paint;
use crate::output::wire;

/// # Errors
/// When a folder cannot be read.
pub fn run(args: &RulesBench, paint: Paint) -> Result<ExitCode, Fault> {
    if !(0.0..=100.0).contains(&args.min_share) {
        return Err(Fault::usage(format!("--min-share {}: a share is 0 to 100 percent", args.min_share)));
    }
    let mappings = Mappings::load(&library::mappings(&args.mappings)?);
    let mut files: Vec<FileMutants> = Vec::new();
    if args.dirs.is_empty() {
        let benches: BTreeMap<String, Source> =
            library::builtin_benches().into_iter().map(|b| (b.path.to_string(), b)).collect();
        for rule in library::builtin_rules() {
            files.push(one(&rule, benches.get(&rule.path.replace(".yml", ".bench.yml")), &mappings));
        }
    }
    for dir in &args.dirs {
        let found = library::find(dir)?;
        files.extend(found.problems.into_iter().map(|p| unproven(p.place, p.fault)));
        for rule in found.sources {
            files.push(one(&rule, beside(Path::new(&*rule.path)).as_ref(), &mappings));
        }
    }
    let report = report(&files);
    let mut out = BufWriter::new(io::stdout().lock());
    let wrote = match args.format {
        Format::Json => serde_json::to_writer(&mut out, &report)
            .map_err(io::Error::from)
            .and_then(|()| out.write_all(b"\n")),
        Format::Jsonl => report.rules.iter().try_for_each(|rule| {
            serde_json::to_writer(&mut out, rule)?;
            out.write_all(b"\n")
        }),
        Format::Csv => csv(&mut out, &report),
        Format::Table => table(&mut out, &report, paint),
    };
    wrote.and_then(|()| out.flush()).map_err(Fault::io("cannot write the result"))?;
    let broken = report.rules.iter().any(|r| !r.broken.is_empty());
    let enough = report.share.is_none_or(|share| share >= args.min_share);
    Ok(ExitCode::from(u8::from(broken || !enough)))
}

fn one(rule: &Source, bench: Option<&Source>, mappings: &Mappings) -> FileMutants {
    match bench {
        Some(bench) => mutate::rule_file(rule, bench, mappings),
        None => unproven(rule.path.to_string(), "has no bench beside it".to_owned()),
    }
}

fn unproven(path: String, reason: String) -> FileMutants {
    FileMutants { path, mutants: Vec::new(), broken: vec![(1, reason)] }
}

fn beside(rule: &Path) -> Option<Source> {
    let path = PathBuf::from(rule.to_string_lossy().rsplit_once('.')?.0.to_owned() + ".bench.yml");
    Some(Source { path: path.display().to_string().into(), text: fs::read(&path).ok()? })
}

fn report(files: &[FileMutants]) -> wire::RulesBench {
    let mutants: u64 = files.iter().map(|f| f.mutants.len() as u64).sum();
    let noticed: u64 = files.iter().map(|f| f.noticed() as u64).sum();
    wire::RulesBench {
        rules: files
            .iter()
            .map(|f| wire::RuleMutants {
                path: f.path.clone(),
                mutants: f.mutants.len() as u64,
                noticed: f.noticed() as u64,
                survivors: f.survivors().map(survivor).collect(),
                broken: f
                    .broken
                    .iter()
                    .map(|(line, reason)| wire::BrokenCase { line: *line, reason: reason.clone() })
                    .collect(),
            })
            .collect(),
        mutants,
        noticed,
        share: (mutants > 0).then(|| percent(noticed, mutants)),
    }
}

fn survivor(mutant: &Mutant) -> wire::Survivor {
    wire::Survivor {
        rule_id: mutant.rule_id.clone(),
        title: mutant.title.clone(),
        line: mutant.line,
        change: mutant.change.clone(),
        condition: mutant.condition.clone(),
        proposal: mutant.witness.as_ref().map(|w| wire::Proposal {
            under: match w.expect {
                Expect::Fires => "fires_on",
                Expect::StaysQuiet => "stays_quiet_on",
            }
            .to_owned(),
            source: w.source.clone(),
            event: w.event.clone(),
            like: w.like,
            changed: w.changed.clone(),
        }),
    }
}

/// With one decimal, rounded down: a hundred means all.
fn percent(part: u64, whole: u64) -> f64 {
    (part as f64 * 1000.0 / whole as f64).floor() / 10.0
}

fn csv(out: &mut dyn Write, report: &wire::RulesBench) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(["path", "line", "title", "change", "condition", "proposal"])?;
    for rule in &report.rules {
        for s in &rule.survivors {
            let proposal = s.proposal.as_ref().map(case).unwrap_or_default();
            let row = [&rule.path, &s.line.to_string(), &s.title, &s.change, &s.condition, &proposal];
            table.write_record(row.iter().map(|c| cell(c)))?;
        }
    }
    table.flush()
}

/// As a line of the bench, its reason left to write.
fn case(proposal: &wire::Proposal) -> String {
    format!("- {{ why: ..., source: {}, event: {} }}", proposal.source, proposal.event)
}

fn table(out: &mut dyn Write, report: &wire::RulesBench, paint: Paint) -> io::Result<()> {
    for rule in &report.rules {
        if rule.survivors.is_empty() && rule.broken.is_empty() {
            continue;
        }
        let share = if rule.mutants == 0 { 0.0 } else { percent(rule.noticed, rule.mutants) };
        writeln!(
            out,
            "{} {share:.1} % ({} of {})",
            paint.bold(terminal(&rule.path)),
            number::count(rule.noticed),
            number::count(rule.mutants)
        )?;
        for broken in &rule.broken {
            let told = format!("line {} of the bench does not hold: {}", broken.line, broken.reason);
            writeln!(out, "  {}", paint.warn(terminal(&told)))?;
        }
        for s in &rule.survivors {
            writeln!(out, "  line {}: {}: {}", s.line, terminal(&s.change), terminal(&s.condition))?;
            match &s.proposal {
                Some(p) => {
                    let told = format!("{}, as line {} with {}:", p.under, p.like, p.changed);
                    writeln!(out, "    {}", paint.dim(terminal(&told)))?;
                    writeln!(out, "      {}", terminal(&case(p)))?;
                }
                None => writeln!(
                    out,
                    "    {}",
                    paint.dim(
                        "no event of the bench tells the two apart by one field; is this condition needed?"
                    )
                )?,
            }
        }
    }
    let share = report.share.map_or_else(|| "no share".to_owned(), |s| format!("{s:.1} %"));
    writeln!(
        out,
        "{} of {} noticed ({share}), in {}",
        number::count(report.noticed),
        number::of(report.mutants, "mutant", "mutants"),
        number::of(report.rules.len() as u64, "rule file", "rule files"),
    )
}
