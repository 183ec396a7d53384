//! `vedette rules coverage`: ATT&CK in four colours, and what would close most of its gaps.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use vedette_runtime::coverage::{self, Colour, Coverage, Gap, Proofs, Technique};
use vedette_runtime::{Content, Mappings, Source, bench};

use super::input;
use crate::cli::{CoverageFormat, RuleChoice, RulesCoverage};
use crate::fault::Fault;
use crate::library;
use crate::output::neutral::terminal;
use crate::output::number;
use crate::output::paint::Paint;
use crate::output::wire;

/// Where the built-in rules fired on public recordings.
const RECORDED: &str = include_str!("../../../../content/proofs/recorded.yml");

/// The answer is not whole: reading was interrupted.
const INCOMPLETE: u8 = 3;

/// Gaps in the table; `--format json` has all.
const GAPS_MAX: usize = 15;

/// # Errors
/// When rules, data or the kept list cannot be read.
pub fn run(args: &RulesCoverage, paint: Paint) -> Result<ExitCode, Fault> {
    if !args.record.is_empty() {
        return record(&args.record);
    }
    let proofs = Proofs::read(RECORDED)
        .map_err(|e| Fault::usage(format!("the kept list of recordings is not understood: {e}")))?;
    let content = library::load(&args.choice, &args.mappings)?;
    let benched = benched(&content, args)?;
    let (presence, complete) = match args.against.is_empty() {
        true => (None, true),
        false => {
            let (presence, complete) = input::presence(&args.against, &content)?;
            (Some(presence), complete)
        }
    };
    let coverage = coverage::coverage(&content, &proofs, &benched, presence.as_ref());
    let report = report(&content, &coverage, complete);
    let mut out = BufWriter::new(io::stdout().lock());
    let wrote = match args.format {
        CoverageFormat::Json => serde_json::to_writer(&mut out, &report)
            .map_err(io::Error::from)
            .and_then(|()| out.write_all(b"\n")),
        CoverageFormat::Navigator => serde_json::to_writer_pretty(&mut out, &layer(&content, &coverage))
            .map_err(io::Error::from)
            .and_then(|()| out.write_all(b"\n")),
        CoverageFormat::Table => table(&mut out, &report, paint),
    };
    wrote.and_then(|()| out.flush()).map_err(Fault::io("cannot write the result"))?;
    Ok(ExitCode::from(if complete { 0 } else { INCOMPLETE }))
}

/// Paths of rule files whose bench has an event to fire on and holds.
fn benched(content: &Content, args: &RulesCoverage) -> Result<BTreeSet<String>, Fault> {
    let mappings = Mappings::load(&library::mappings(&args.mappings)?);
    let rules: BTreeMap<String, Source> =
        library::builtin_rules().into_iter().map(|r| (r.path.to_string(), r)).collect();
    let benches: BTreeMap<String, Source> =
        library::builtin_benches().into_iter().map(|b| (b.path.to_string(), b)).collect();
    let paths: BTreeSet<&str> = coverage::shown(content).map(|r| &*content.meta(r).place.path).collect();
    let mut held = BTreeSet::new();
    for path in paths {
        let Some(stem) = path.strip_suffix(".yml") else { continue };
        let bench_path = format!("{stem}.bench.yml");
        let pair = match (rules.get(path), benches.get(&bench_path)) {
            (Some(rule), Some(bench)) => Some((rule.clone(), bench.clone())),
            (Some(_), None) => None,
            (None, _) => beside(path, &bench_path),
        };
        let Some((rule, bench)) = pair else { continue };
        let outcomes = bench::rule_file(&rule, &bench, &mappings);
        let fires = outcomes.iter().any(|o| o.expect == bench::Expect::Fires);
        if fires && outcomes.iter().all(|o| o.failure.is_none()) {
            held.insert(path.to_owned());
        }
    }
    Ok(held)
}

fn beside(path: &str, bench_path: &str) -> Option<(Source, Source)> {
    let read = |path: &str| Some(Source { path: path.into(), text: fs::read(Path::new(path)).ok()? });
    Some((read(path)?, read(bench_path)?))
}

/// Prints the kept list anew, from what scans of public recordings found.
fn record(pairs: &[String]) -> Result<ExitCode, Fault> {
    let own: BTreeSet<String> = {
        let choice = RuleChoice::default();
        let content = library::load(&choice, &[])?;
        coverage::shown(&content)
            .filter(|r| content.meta(*r).place.path.starts_with("builtin/"))
            .map(|r| content.meta(r).id.clone())
            .collect()
    };
    let mut proofs = Proofs::default();
    for pair in pairs {
        let (name, path) = pair.split_once('=').ok_or_else(|| {
            Fault::usage(format!("--record {pair}: give the name of the data set and a scan, NAME=SCAN.json"))
        })?;
        let text = fs::read(path).map_err(Fault::io(format!("cannot read {path}")))?;
        let scan: Value = serde_json::from_slice(&text)
            .map_err(|e| Fault::usage(format!("{path} is no output of `vedette scan --format json`: {e}")))?;
        let findings = scan["findings"].as_array().ok_or_else(|| {
            Fault::usage(format!("{path} is no output of `vedette scan --format json`: no `findings`"))
        })?;
        for finding in findings {
            let Some(rule) = finding["rule_id"].as_str().filter(|r| own.contains(*r)) else { continue };
            let techniques = finding["techniques"].as_array().into_iter().flatten();
            let techniques = techniques.filter_map(Value::as_str);
            proofs.add(rule, techniques.filter_map(|t| coverage::current(&format!("attack.{t}"))), name);
        }
    }
    io::stdout().write_all(proofs.write().as_bytes()).map_err(Fault::io("cannot write the result"))?;
    Ok(ExitCode::SUCCESS)
}

fn name_of(id: &str) -> &str {
    vedette_attack::technique(id).map_or("", |t| t.name)
}

fn report(content: &Content, coverage: &Coverage, complete: bool) -> wire::RulesCoverage {
    let technique = |t: &Technique| wire::CoveredTechnique {
        technique: t.id.clone(),
        name: name_of(&t.id).to_owned(),
        tactics: vedette_attack::technique(&t.id)
            .map(|t| t.tactics.iter().map(|t| (*t).to_owned()).collect())
            .unwrap_or_default(),
        colour: t.colour.name().to_owned(),
        rules: t
            .rules
            .iter()
            .map(|r| wire::CoveringRule {
                rule_id: content.meta(r.index).id.clone(),
                title: content.meta(r.index).title.clone(),
                path: content.meta(r.index).place.path.to_string(),
                colour: r.colour.name().to_owned(),
            })
            .collect(),
        data_sets: t.sets.iter().cloned().collect(),
    };
    let gap = |g: &Gap| wire::CoverageGap {
        kind: g.kind.name().to_owned(),
        what: g.what.clone(),
        remedy: g.remedy.clone(),
        rules: g.rules.iter().map(|r| content.meta(*r).id.clone()).collect(),
        techniques: g.techniques.iter().cloned().collect(),
    };
    wire::RulesCoverage {
        complete,
        techniques: coverage.techniques.iter().map(technique).collect(),
        gaps: coverage.gaps.iter().map(gap).collect(),
        recorded: coverage.count(Colour::Recorded) as u64,
        bench: coverage.count(Colour::Bench) as u64,
        claimed: coverage.count(Colour::Claimed) as u64,
        blind: coverage.count(Colour::Blind) as u64,
        without_rule: coverage.without_rule as u64,
        rules_without_technique: coverage.untagged as u64,
    }
}

/// Strong to pale for what is proven, and a warning for what is not seen.
fn hue(colour: Colour) -> &'static str {
    match colour {
        Colour::Recorded => "#1a7f4b",
        Colour::Bench => "#8fd0a4",
        Colour::Claimed => "#f5d76e",
        Colour::Blind => "#c0392b",
    }
}

/// A layer of the ATT&CK Navigator.
///
/// Source: ATT&CK Navigator layer file format 4.5.
fn layer(content: &Content, coverage: &Coverage) -> Value {
    let mut techniques: Vec<Value> = coverage
        .techniques
        .iter()
        .map(|t| {
            let titles = t.rules.iter().take(5).map(|r| terminal(&content.meta(r.index).title));
            let more = t.rules.len().saturating_sub(5);
            let mut comment = format!("{}: {}", t.colour.name(), titles.collect::<Vec<_>>().join("; "));
            if more > 0 {
                comment += &format!("; and {more} more");
            }
            if !t.sets.is_empty() {
                comment += &format!(". Fired on: {}", t.sets.iter().cloned().collect::<Vec<_>>().join(", "));
            }
            json!({ "techniqueID": t.id, "color": hue(t.colour), "comment": comment, "enabled": true })
        })
        .collect();
    // The matrix folds sub-techniques away; one with a colour must be seen.
    let parents: BTreeSet<&str> =
        coverage.techniques.iter().filter_map(|t| Some(t.id.split_once('.')?.0)).collect();
    for id in parents {
        match techniques.iter_mut().find(|t| t["techniqueID"] == id) {
            Some(known) => known["showSubtechniques"] = json!(true),
            None => techniques.push(json!({ "techniqueID": id, "enabled": true, "showSubtechniques": true })),
        }
    }
    let legend: Vec<Value> =
        Colour::ALL.iter().map(|c| json!({ "label": c.name(), "color": hue(*c) })).collect();
    json!({
        "name": "Vedette: rules coverage",
        "versions": { "attack": "18", "navigator": "5.1.0", "layer": "4.5" },
        "domain": "enterprise-attack",
        "description": format!(
            "{} techniques proven by recorded attack, {} by bench, {} claimed only, {} blind.",
            coverage.count(Colour::Recorded),
            coverage.count(Colour::Bench),
            coverage.count(Colour::Claimed),
            coverage.count(Colour::Blind)
        ),
        "hideDisabled": false,
        "techniques": techniques,
        "legendItems": legend,
        "selectTechniquesAcrossTactics": true,
        "selectSubtechniquesWithParent": false,
    })
}

fn table(out: &mut dyn Write, report: &wire::RulesCoverage, paint: Paint) -> io::Result<()> {
    writeln!(
        out,
        "{}",
        paint.bold(format_args!(
            "{:<24}{:>9}{:>7}{:>9}{:>7}",
            "Tactic", "recorded", "bench", "claimed", "blind"
        ))
    )?;
    for tactic in vedette_attack::tactics() {
        let here: Vec<&wire::CoveredTechnique> = report
            .techniques
            .iter()
            .filter(|t| t.tactics.iter().any(|name| name == tactic.shortname))
            .collect();
        let count = |c: Colour| here.iter().filter(|t| t.colour == c.name()).count();
        let [recorded, bench, claimed, blind] = Colour::ALL.map(count);
        writeln!(out, "{:<24}{recorded:>9}{bench:>7}{claimed:>9}{blind:>7}", tactic.name)?;
    }
    writeln!(
        out,
        "{}",
        paint.bold(format_args!(
            "{:<24}{:>9}{:>7}{:>9}{:>7}",
            "All techniques", report.recorded, report.bench, report.claimed, report.blind
        ))
    )?;
    writeln!(
        out,
        "A technique of several tactics counts under each. {} named by no rule; {} without a technique.",
        number::of(report.without_rule, "technique is", "techniques are"),
        number::of(report.rules_without_technique, "rule is", "rules are"),
    )?;
    if !report.complete {
        writeln!(out, "{}", paint.warn("Interrupted: this is what was read until then, not all."))?;
    }
    if !report.gaps.is_empty() {
        writeln!(out, "\n{}", paint.bold("What would close most gaps"))?;
    }
    for gap in report.gaps.iter().take(GAPS_MAX) {
        let unlocks = format!(
            "{}, {}",
            number::of(gap.techniques.len() as u64, "technique", "techniques"),
            number::of(gap.rules.len() as u64, "rule", "rules")
        );
        writeln!(out, "  {} {}: {}", paint.bold(terminal(&gap.what)), gap.kind, unlocks)?;
        if !gap.remedy.is_empty() {
            writeln!(out, "    {}", paint.dim(terminal(&gap.remedy)))?;
        }
    }
    if report.gaps.len() > GAPS_MAX {
        writeln!(out, "  … {} more (--format json has all)", report.gaps.len() - GAPS_MAX)?;
    }
    Ok(())
}
