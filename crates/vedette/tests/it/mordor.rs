//! Labelled recordings of one technique each, most lines background.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::{assert_balanced, corpus, json, list, number, text};

#[test]
fn all_lines_are_read_and_four_of_five_techniques_are_found() {
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
        let read: u64 = list(&scan, "files").iter().map(|f| number(f, "records")).sum();
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
    assert!(found * 100 >= labelled * 80, "{found} of {labelled}\n{}", told.join("\n"));
}
