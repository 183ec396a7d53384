//! Real lists: every one is read, and what share of them is understood.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use vedette_intel::{Indicators, Keep, Loader, WarningLists};

/// `VEDETTE_CORPUS` or `../shared/corpus`. `None` is said on standard error: a test that returns then proves nothing.
#[expect(clippy::print_stderr, reason = "that is how a test says that it was skipped")]
#[expect(clippy::disallowed_methods, reason = "tests may ask the environment where data lies")]
fn corpus() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let dir = std::env::var("VEDETTE_CORPUS").map_or_else(|_| root.join("../shared/corpus"), PathBuf::from);
    let path = dir.join("threat-intel");
    if !path.exists() {
        eprintln!("skipped: no corpus at {}", path.display());
        return None;
    }
    Some(path)
}

fn load(bytes: &[u8]) -> Indicators {
    let lists = WarningLists::default();
    let mut loader = Loader::new(Keep::ALL, None, &lists);
    loader.read("list", bytes).expect("bytes can be read");
    loader.finish()
}

fn json(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

#[test]
fn warninglists_have_the_entries_that_their_makers_count() {
    let Some(corpus) = corpus() else { return };
    let dir = corpus.join("misp-warninglists");
    let expected = json(&dir.join("expected.json"));
    let (mut lists, mut entries, mut faulty) = (0, 0, 0);
    for expect in expected.as_array().expect("an array") {
        let name = expect["list"].as_str().expect("a name");
        let mut loaded = WarningLists::default();
        let problems = loaded.add(name, "", &fs::read(dir.join(name).join("list.json")).expect("a list"));
        // Some lists have entries that are not of their type: counted, and the others serve.
        faulty += problems.iter().map(|p| p.count).sum::<u64>();
        assert_eq!(loaded.lists()[0].entries as u64, expect["entries"].as_u64().expect("a number"), "{name}");
        (lists, entries) = (lists + 1, entries + loaded.lists()[0].entries);
    }
    println!("{lists} warninglists, {entries} entries, {faulty} of them not of their list's type");
    assert!(faulty * 1_000 < entries as u64, "{faulty} of {entries}");
}

/// Types that say something of addresses, names, URLs, digests and files.
const SEARCHABLE: &[&str] = &[
    "domain",
    "domain|ip",
    "filename",
    "filename|md5",
    "filename|sha1",
    "filename|sha256",
    "hostname",
    "hostname|port",
    "ip-dst",
    "ip-dst|port",
    "ip-src",
    "ip-src|port",
    "malware-sample",
    "md5",
    "sha1",
    "sha256",
    "url",
];

#[test]
fn misp_attributes_are_understood_or_named() {
    let Some(corpus) = corpus() else { return };
    let pairs = json(&corpus.join("misp-stix/misp_attributes_to_stix21.json"));
    let (mut understood, mut all) = (0, 0);
    for (name, pair) in pairs.as_object().expect("an object") {
        let attribute = &pair["MISP"];
        let Some(kind) = attribute["type"].as_str() else { continue };
        let event = serde_json::json!({"Event": {"Attribute": [attribute]}});
        let indicators = load(event.to_string().as_bytes());
        let account = &indicators.accounts()[0];
        assert!(account.balances() && account.broken_off.is_none(), "{name}: {account:?}");
        let taken = account.left_out() == 0 && account.searched() > 0;
        if SEARCHABLE.contains(&kind) {
            assert!(taken, "{name} ({kind}): {account:?}");
        }
        all += 1;
        understood += u32::from(taken);
    }
    println!("{understood} of {all} MISP attributes searched for, the others named");
}

/// The same attribute as MISP has it and as STIX has it gives the same indicators.
#[test]
fn misp_and_stix_forms_of_an_attribute_agree() {
    let Some(corpus) = corpus() else { return };
    let pairs = json(&corpus.join("misp-stix/misp_attributes_to_stix21.json"));
    let (mut same, mut compared) = (0, 0);
    let mut differ = Vec::new();
    for (name, pair) in pairs.as_object().expect("an object") {
        let Some(kind) = pair["MISP"]["type"].as_str() else { continue };
        if !SEARCHABLE.contains(&kind) || !pair["STIX"].to_string().contains("\"pattern\"") {
            continue;
        }
        let shown = |indicators: &Indicators| {
            let mut all: Vec<String> =
                (0..indicators.len() as u32).map(|i| indicators.get(i).value).collect();
            all.sort();
            all
        };
        let event = serde_json::json!({"Event": {"Attribute": [pair["MISP"]]}});
        let bundle = serde_json::json!({"type": "bundle", "objects": pair["STIX"]});
        let (misp, stix) =
            (shown(&load(event.to_string().as_bytes())), shown(&load(bundle.to_string().as_bytes())));
        compared += 1;
        if misp == stix { same += 1 } else { differ.push(format!("{name}: {misp:?} {stix:?}")) }
    }
    println!("{same} of {compared} agree; {differ:#?}");
    assert!(compared > 0 && differ.is_empty(), "{differ:#?}");
}

#[test]
fn stix_examples_are_read_to_their_end() {
    let Some(corpus) = corpus() else { return };
    let (mut read, mut left_out) = (0, 0);
    for dir in ["stix21/examples", "stix21/examples/threat-reports"] {
        let files =
            fs::read_dir(corpus.join(dir)).expect("a folder").filter_map(Result::ok).map(|e| e.path());
        for path in files.filter(|p| p.extension().is_some_and(|e| e == "json")) {
            let indicators = load(&fs::read(&path).expect("a file"));
            let account = &indicators.accounts()[0];
            assert!(account.balances(), "{}", path.display());
            let empty = account.read == 0 && account.passed_over == 0;
            assert!(account.broken_off.is_none() || empty, "{}: {account:?}", path.display());
            (read, left_out) = (read + account.read, left_out + account.left_out());
            account.left_out.iter().for_each(|(r, t)| {
                println!("{}: {r}: {:?}", path.file_name().unwrap_or_default().display(), t.examples)
            });
        }
    }
    println!("{} of {read} values of STIX indicators understood", read - left_out);
    assert!(read > 0);
}
