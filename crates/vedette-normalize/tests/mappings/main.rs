//! Every mapping of `content/mappings` loads, and every bench beside them holds.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vedette_normalize::{Catalogue, bench};

fn content() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/mappings")
}

fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(content()).expect("content/mappings is there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "yml") {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
            files.push((name, std::fs::read_to_string(&path).expect("a text")));
        }
    }
    files.sort();
    files
}

#[test]
fn every_mapping_loads() {
    let (catalogue, problems) = Catalogue::load(files());
    for p in &problems {
        eprintln!("{} [{}] {} ({})", p.place, p.code, p.fault, p.remedy);
    }
    assert!(problems.is_empty(), "{} problems", problems.len());
    assert!(catalogue.lanes().len() > 200, "{} lanes", catalogue.lanes().len());
}

#[test]
fn every_bench_holds() {
    let files = files();
    let (catalogue, _) = Catalogue::load(files.clone());
    let catalogue = Arc::new(catalogue);
    let (mut cases, mut failed) = (0, 0);
    let mut benched = BTreeSet::new();
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".bench.yml")) {
        for result in bench::run(&catalogue, name, text) {
            cases += 1;
            benched.insert(result.mapping.clone());
            if !result.failures.is_empty() {
                failed += 1;
                eprintln!("{name}:{}: {}\n  {}", result.line, result.why, result.failures.join("\n  "));
            }
        }
    }
    let bare: Vec<&str> = catalogue.mappings().map(|m| m.0).filter(|m| !benched.contains(*m)).collect();
    assert!(bare.is_empty(), "mappings without a bench: {bare:?}");
    assert_eq!(failed, 0, "{failed} of {cases} cases failed");
}
