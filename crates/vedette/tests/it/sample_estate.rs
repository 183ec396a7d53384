//! The estate of our own making: its intrusion is found, and its ordinary life is quiet.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::harness::{assert_balanced, json, list, number, root, run, stdout, text};

fn truth() -> Vec<Value> {
    let text = std::fs::read(root().join("sample/truth.json")).expect("the truth");
    let truth: Value = serde_json::from_slice(&text).expect("JSON");
    list(&truth, "steps").clone()
}

#[test]
fn the_estate_is_read_whole_and_its_faults_are_told() {
    let scan = json(&["scan", text(&root().join("sample/estate"))]);
    assert_balanced(&scan);
    let strangers = list(&scan, "files").iter().filter(|f| number(f, "unmapped") > 0);
    let strangers: Vec<&str> = strangers.filter_map(|f| f["path"].as_str()).collect();
    assert!(strangers.iter().all(|p| p.contains("/with-faults/")), "{strangers:?}");
    assert!(number(&scan["summary"], "duplicate") > 0, "one file is there twice");
    assert!(number(&scan["summary"], "rejected") > 0, "one line is cut off");
}

#[test]
fn most_steps_of_the_intrusion_are_found() {
    let scan = json(&["scan", text(&root().join("sample/estate"))]);
    let found: BTreeSet<&str> = list(&scan, "findings")
        .iter()
        .flat_map(|f| list(f, "techniques"))
        .filter_map(Value::as_str)
        .collect();
    let steps = truth();
    let missed: Vec<String> = steps
        .iter()
        .filter(|s| !s["technique"].as_str().is_some_and(|t| found.contains(t)))
        .map(|s| format!("{} {}", s["technique"], s["description"]))
        .collect();
    println!("{} of {} steps\nmissed:\n{}", steps.len() - missed.len(), steps.len(), missed.join("\n"));
    assert!(missed.len() * 5 <= steps.len(), "missed:\n{}", missed.join("\n"));
}

#[test]
fn the_first_screen_shows_hosts_and_actors() {
    let shown = stdout(&run(&["scan", text(&root().join("sample/estate")), "--color", "never"]));
    assert!(shown.contains("Found"), "{shown}");
    assert!(shown.lines().count() < 200, "{} lines", shown.lines().count());
}
