//! Cloud and SaaS logs: parsed, recognised, and searched.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::Value;

use crate::harness::{assert_balanced, corpus, json, list, number, text};

#[test]
fn every_recorded_cloudtrail_event_is_read() {
    let (Some(folder), Some(rules)) = (corpus("cloudtrail-stratus"), corpus("sigma/rules")) else { return };
    let expected: BTreeMap<String, Value> =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).expect("the index"))
            .expect("JSON");
    let mut told = Vec::new();
    for (name, want) in &expected {
        let scan = json(&["scan", text(&folder.join(name)), "--rules", text(&rules)]);
        assert_balanced(&scan);
        let file = &list(&scan, "files")[0];
        assert_eq!(number(file, "records"), number(want, "events"), "{name}");
        assert_eq!(file["parser"], "aws_cloudtrail", "{name}");
        assert_eq!(number(file, "unmapped"), 0, "{name}");
        let titles: Vec<&str> = list(&scan, "findings").iter().filter_map(|f| f["title"].as_str()).collect();
        told.push(format!("{:3} {name}", titles.len()));
    }
    let loud = told.iter().filter(|t| !t.starts_with("  0")).count();
    println!("{loud} of {} techniques with a finding\n{}", told.len(), told.join("\n"));
}

/// Each sample is taken out of its wrapper and scanned as JSON lines of its log type.
#[test]
fn nine_of_ten_log_types_are_recognised() {
    let Some(folder) = corpus("cloud-log-tests") else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let mut samples = 0u64;
    for entry in std::fs::read_dir(&folder).expect("the folder").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".jsonl") || name == "none.jsonl" {
            continue;
        }
        let mut out = std::fs::File::create(dir.path().join(&name)).expect("a file");
        for line in std::fs::read_to_string(entry.path()).expect("lines").lines() {
            let sample: Value = serde_json::from_str(line).expect("JSON");
            if sample["log"].is_object() {
                writeln!(out, "{}", sample["log"]).expect("write");
                samples += 1;
            }
        }
    }
    let scan = json(&["scan", text(dir.path())]);
    assert_balanced(&scan);
    let summary = &scan["summary"];
    assert_eq!(number(summary, "records"), samples);
    assert_eq!(number(summary, "rejected"), 0);
    let unknown: Vec<String> = list(&scan, "files")
        .iter()
        .filter(|f| number(f, "unmapped") > 0)
        .map(|f| format!("{} of {} {}", f["unmapped"], f["records"], f["path"]))
        .collect();
    println!("{} of {samples} not recognised:\n{}", number(summary, "unmapped"), unknown.join("\n"));
    assert!(number(summary, "unmapped") * 10 <= samples, "{}", unknown.join("\n"));
}
