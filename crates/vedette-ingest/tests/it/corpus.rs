//! Real files that nobody here wrote: a format for each of them, and the counts that their index states.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use vedette_ingest::Options;

use crate::read;

const FOLDERS: &[&str] = &[
    "cloud-log-tests",
    "cloudtrail-stratus",
    "evtx-attack-samples",
    "evtx-parser",
    "forensics-artifacts/files",
    "mordor",
];

#[allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test finds the corpus where its developer put it, and says when it is not there"
)]
fn corpus() -> Option<PathBuf> {
    let path = match std::env::var_os("VEDETTE_CORPUS") {
        Some(path) => PathBuf::from(path),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
    };
    if FOLDERS.iter().all(|f| path.join(f).is_dir()) {
        return fs::canonicalize(path).ok();
    }
    println!("skipped: corpus missing");
    None
}

/// Path below the corpus, format, records cut (chunks for event logs), problem codes.
fn verdicts(root: &Path) -> Vec<String> {
    let wanted = Options { paths: FOLDERS.iter().map(|f| root.join(f)).collect(), ..Options::default() };
    let prefix = format!("{}/", root.display());
    read(&wanted)
        .iter()
        .map(|s| {
            let count = if s.end.records_cut == 0 { s.chunks as u64 } else { s.end.records_cut };
            let rejects =
                if s.rejects.is_empty() { String::new() } else { format!(" rejects={}", s.rejects.len()) };
            let encoding = s.end.encoding.map(|e| format!(" {e}")).unwrap_or_default();
            let codes: String = s.codes().iter().map(|c| format!(" {c}")).collect();
            format!(
                "{}\t{} {count}{rejects}{encoding}{codes}",
                s.start.path.replace(&prefix, ""),
                s.end.format.name()
            )
        })
        .collect()
}

#[test]
fn every_file_of_the_corpus_has_the_format_that_was_looked_at() {
    let Some(root) = corpus() else { return };
    let found = verdicts(&root);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/corpus_formats.txt");
    let expect = fs::read_to_string(&golden).unwrap_or_default();
    let expect: Vec<&str> = expect.lines().filter(|l| !l.starts_with('#')).collect();
    let missing: Vec<_> = expect.iter().filter(|l| !found.iter().any(|f| f == *l)).collect();
    let new: Vec<_> = found.iter().filter(|l| !expect.contains(&l.as_str())).collect();
    if !(missing.is_empty() && new.is_empty()) {
        let actual = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus_formats.txt");
        fs::write(&actual, found.join("\n") + "\n").expect("the folder for temporary files");
        panic!("verdicts changed; see {}\nno longer:\n{missing:#?}\nnew:\n{new:#?}", actual.display());
    }
}

#[test]
fn mordor_has_the_lines_that_its_index_states() {
    let Some(root) = corpus() else { return };
    let index: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&fs::read(root.join("mordor/expected.json")).expect("an index"))
            .expect("JSON");
    let mut sets = 0;
    for (name, facts) in &index {
        let Some(lines) = facts["lines"].as_u64() else { continue };
        let path = root.join("mordor").join(name);
        let seen = read(&Options { paths: vec![path], ..Options::default() });
        // The index counts line ends: two of the sets hold a blank line each.
        let records: u64 = seen.iter().map(|s| s.end.records_cut + s.end.lines_blank).sum();
        assert_eq!(records, lines, "{name}");
        sets += usize::from(lines > 0);
    }
    assert!(sets >= 20, "{sets} sets with lines");
}

#[test]
fn cloudtrail_has_the_events_that_its_index_states() {
    let Some(root) = corpus() else { return };
    let folder = root.join("cloudtrail-stratus");
    let index: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&fs::read(folder.join("expected.json")).expect("an index")).expect("JSON");
    let mut files = 0;
    for (name, facts) in &index {
        let Some(events) = facts["events"].as_u64() else { continue };
        let seen = read(&Options { paths: vec![folder.join(name)], ..Options::default() });
        let records: usize = seen.iter().map(|s| s.records.len()).sum();
        assert_eq!(records as u64, events, "{name}");
        files += 1;
    }
    assert!(files >= 15, "{files} files");
}
