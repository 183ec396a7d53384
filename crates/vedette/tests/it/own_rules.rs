//! Our own rules as a reader needs them: each with a guide, known false positives, a sharp bench, and true proofs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vedette_runtime::coverage::{self, Proofs, needs};
use vedette_runtime::{Content, Mappings, Source};

use crate::harness::{corpus, json, list, number, root, stdout, text, vedette};

fn sources(dir: &Path, found: &mut Vec<Source>) {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(dir).expect("a folder").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "yml") && !text(&path).ends_with(".bench.yml") {
            let content = fs::read(&path).expect("a rule");
            found.push(Source { path: text(&path).into(), text: content });
        }
    }
}

fn own() -> Content {
    let (mut rules, mut mappings) = (Vec::new(), Vec::new());
    sources(&root().join("content/rules"), &mut rules);
    sources(&root().join("content/mappings"), &mut mappings);
    Content::load(rules, Mappings::load(&mappings), &BTreeMap::new())
}

#[test]
fn every_rule_that_speaks_says_what_to_do_what_looks_the_same_and_what_it_needs() {
    let content = own();
    let mut wrong = Vec::new();
    for rule in coverage::shown(&content) {
        let meta = content.meta(rule);
        let path = &meta.place.path;
        let lines: Vec<&str> = meta.guide.as_deref().unwrap_or_default().lines().collect();
        if !(3..=7).contains(&lines.len()) {
            wrong.push(format!("{path}: a guide has 3 to 7 lines, here are {}", lines.len()));
        }
        wrong.extend(
            lines.iter().filter(|l| l.chars().count() > 180).map(|l| format!("{path}: too long: {l}")),
        );
        let empty = |f: &String| ["none", "none known", "unknown"].contains(&f.to_lowercase().as_str());
        if meta.falsepositives.is_empty() || meta.falsepositives.iter().any(empty) {
            wrong.push(format!("{path}: `falsepositives` names nothing that somebody could look for"));
        }
        if needs::needs(&content, rule).is_empty() {
            wrong.push(format!("{path}: no mapping feeds what it reads"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_guide_is_said_twice() {
    let content = own();
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for rule in coverage::shown(&content) {
        let meta = content.meta(rule);
        if let Some(other) = meta.guide.as_deref().and_then(|g| seen.insert(g, &meta.place.path)) {
            panic!("{} and {other} have the same guide", meta.place.path);
        }
    }
    assert!(seen.len() > 200, "{}", seen.len());
}

/// Percent of all mutants that some case must notice.
const NOTICED_MIN: f64 = 95.0;

#[test]
fn own_benches_notice_nearly_every_mutant() {
    let report = json(&["rules", "bench", "--mutate"]);
    let survivors: Vec<String> = list(&report, "rules")
        .iter()
        .flat_map(|r| list(r, "survivors").iter().map(move |s| (r, s)))
        .map(|(r, s)| format!("{}:{}: {}: {}", r["path"], s["line"], s["change"], s["condition"]))
        .collect();
    let share = report["share"].as_f64().expect("a share");
    assert!(number(&report, "mutants") > 1_400, "{}", report["mutants"]);
    assert!(share >= NOTICED_MIN, "{share} %; survivors:\n{}", survivors.join("\n"));
}

fn kept() -> Proofs {
    let text = fs::read_to_string(root().join("content/proofs/recorded.yml")).expect("the kept list");
    Proofs::read(&text).expect("the kept list")
}

#[test]
fn kept_proofs_are_of_rules_that_exist_and_of_their_techniques() {
    let content = own();
    let tagged: BTreeMap<&str, BTreeSet<String>> = coverage::shown(&content)
        .map(|r| content.meta(r))
        .map(|m| (m.id.as_str(), m.tags.iter().filter_map(|t| coverage::current(t)).collect()))
        .collect();
    for (id, proof) in kept().rules {
        let own = tagged.get(id.as_str()).unwrap_or_else(|| panic!("{id} is no rule of ours"));
        assert!(proof.techniques.is_subset(own), "{id}: {:?} but {own:?}", proof.techniques);
    }
}

/// Written anew from the recordings, the kept list must still hold all that it holds.
#[test]
fn every_kept_proof_still_holds_on_the_recordings() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut args = vec!["rules".to_owned(), "coverage".to_owned()];
    for (name, part) in [
        ("Security-Datasets (Mordor)", "mordor"),
        ("EVTX-ATTACK-SAMPLES", "evtx-attack-samples"),
        ("Stratus Red Team", "cloudtrail-stratus"),
    ] {
        let Some(folder) = corpus(part) else { return };
        let scan = dir.path().join(format!("{part}.json"));
        fs::write(&scan, json(&["scan", text(&folder)]).to_string()).expect("write");
        args.extend(["--record".to_owned(), format!("{name}={}", text(&scan))]);
    }
    let output = vedette().args(&args).output().expect("runs");
    let now = Proofs::read(&stdout(&output)).expect("a list");
    for (id, proof) in kept().rules {
        let still = now.rules.get(&id).unwrap_or_else(|| panic!("{id} fires on no recording any more"));
        assert!(proof.sets.is_subset(&still.sets), "{id}: {:?} but now {:?}", proof.sets, still.sets);
    }
}

#[test]
fn coverage_counts_each_technique_once_and_its_layer_has_the_same_colours() {
    let report = json(&["rules", "coverage"]);
    let techniques = list(&report, "techniques");
    let sum: u64 = ["recorded", "bench", "claimed", "blind"].iter().map(|k| number(&report, k)).sum();
    assert_eq!(sum, techniques.len() as u64);
    assert!(number(&report, "recorded") > 50, "{}", report["recorded"]);
    assert_eq!(number(&report, "claimed"), 0, "each own rule has a bench");
    let output = vedette().args(["rules", "coverage", "--format", "navigator"]).output().expect("runs");
    let layer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!((&layer["versions"]["layer"], &layer["domain"]), (&"4.5".into(), &"enterprise-attack".into()));
    let labels: BTreeMap<&str, &str> = list(&layer, "legendItems")
        .iter()
        .map(|l| (l["color"].as_str().expect("a colour"), l["label"].as_str().expect("a label")))
        .collect();
    assert_eq!(labels.len(), 4);
    let shown: BTreeMap<&str, &str> = list(&layer, "techniques")
        .iter()
        .filter_map(|t| Some((t["techniqueID"].as_str()?, *labels.get(t["color"].as_str()?)?)))
        .collect();
    let told: BTreeMap<&str, &str> = techniques
        .iter()
        .map(|t| (t["technique"].as_str().expect("an id"), t["colour"].as_str().expect("a colour")))
        .collect();
    assert_eq!(shown, told);
}

#[test]
fn against_data_without_the_log_a_technique_is_blind_and_the_log_is_named() {
    let report = json(&["rules", "coverage", "--against", text(&root().join("sample/estate/linux"))]);
    let technique = |id: &str| {
        let found = list(&report, "techniques").iter().find(|t| t["technique"] == id);
        found.unwrap_or_else(|| panic!("no {id}"))["colour"].clone()
    };
    assert_eq!(technique("T1003.006"), "blind", "no domain controller's log is there");
    assert_eq!(technique("T1110.001"), "proven by bench", "sshd is there");
    let gaps = list(&report, "gaps");
    let first = gaps.first().expect("a gap");
    let sizes: Vec<usize> = gaps.iter().map(|g| list(g, "techniques").len()).collect();
    assert!(sizes.is_sorted_by(|a, b| a >= b), "{sizes:?}");
    assert!(!first["remedy"].as_str().unwrap_or_default().is_empty(), "{first}");
}
