//! Labelled recordings of one technique each, most lines background.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::{assert_balanced, corpus, json, list, number, text};

/// Raised when more are found; there are 24.
const FOUND_BEFORE: u64 = 23;

#[test]
fn all_lines_are_read_and_no_fewer_techniques_are_found_than_before() {
    let (Some(folder), Some(rules)) = (corpus("mordor"), corpus("sigma/rules")) else { return };
    let expected: BTreeMap<String, Value> =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).expect("the index"))
            .expect("JSON");
    let (mut labelled, mut found) = (0, 0);
    let mut told = Vec::new();
    for (name, want) in &expected {
        let lines = number(want, "lines");
        if lines == 0 {
            continue;
        }
        let scan = json(&["scan", text(&folder.join(name)), "--rules", text(&rules)]);
        assert_balanced(&scan);
        // A blank line is no record; the index counts it as a line.
        let files = list(&scan, "files").iter().filter(|f| f["container"] == false);
        let read: u64 = files.map(|f| number(f, "records") + number(f, "blank_lines")).sum();
        assert_eq!(read, lines, "{name}");
        assert_eq!(number(&scan["summary"], "rejected"), 0, "{name}");
        labelled += 1;
        let wanted: Vec<&str> = list(want, "attack").iter().filter_map(Value::as_str).collect();
        let parent = |t: &str| t.split('.').next().unwrap_or_default().to_owned();
        let hit = list(&scan, "findings")
            .iter()
            .flat_map(|f| list(f, "techniques"))
            .filter_map(Value::as_str)
            .any(|t| wanted.iter().any(|w| t == *w || t == parent(w)));
        found += u64::from(hit);
        told.push(format!("{} {name} {wanted:?}", if hit { "found " } else { "missed" }));
    }
    println!("{found} of {labelled}\n{}", told.join("\n"));
    assert!(found >= FOUND_BEFORE, "{found} of {labelled}\n{}", told.join("\n"));
}
