//! The estate of our own making: its three attacks are found, its noise stays below high, its ordinary life is quiet.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::harness::{assert_balanced, json, list, number, root, run, stdout, text};

fn truth() -> Value {
    let text = std::fs::read(root().join("sample/truth.json")).expect("the truth");
    serde_json::from_slice(&text).expect("JSON")
}

fn scan() -> Value {
    json(&["scan", text(&root().join("sample/estate"))])
}

/// File below the estate and number or name of the record.
type Place = (String, String);

/// All records that a finding rests on, as far as it names them.
fn places(finding: &Value) -> Vec<Place> {
    let file_of = |value: &Value| value["file"].as_str().unwrap_or_default().to_owned();
    let place = |file: String, record: &Value| {
        let below = file.split_once("sample/estate/").map_or(file.clone(), |(_, rest)| rest.to_owned());
        (below, record.as_str().map_or_else(|| record.to_string(), str::to_owned))
    };
    let own = file_of(finding);
    let part = |value: &Value| {
        let file = if value["file"].is_string() { file_of(value) } else { own.clone() };
        let record = value.pointer("/event/record").unwrap_or(&value["record"]);
        place(file, record)
    };
    let mut found = vec![part(finding)];
    for key in ["events", "witnesses"] {
        found.extend(finding[key].as_array().into_iter().flatten().map(part));
    }
    found
}

/// By both of its names, line and record, each labelled row: an attack's id, or `noise`.
fn labels(truth: &Value) -> BTreeMap<Place, String> {
    let mut labels = BTreeMap::new();
    for (key, side) in [("steps", "attack"), ("noise", "")] {
        for row in list(truth, key) {
            let label = row[side].as_str().unwrap_or("noise").to_owned();
            let file = row["file"].as_str().expect("a file").to_owned();
            labels.insert((file.clone(), row["line"].to_string()), label.clone());
            labels.insert((file, row["record"].as_str().expect("a record").to_owned()), label);
        }
    }
    labels
}

#[test]
fn the_estate_is_read_whole_and_its_faults_are_told() {
    let scan = scan();
    assert_balanced(&scan);
    let strangers = list(&scan, "files").iter().filter(|f| number(f, "unmapped") > 0);
    let strangers: Vec<&str> = strangers.filter_map(|f| f["path"].as_str()).collect();
    assert!(strangers.iter().all(|p| p.contains("/with-faults/")), "{strangers:?}");
    assert!(number(&scan["summary"], "duplicate") > 0, "one file is there twice");
    assert!(number(&scan["summary"], "rejected") > 0, "one line is cut off");
}

/// The path of a rule below `content/rules` by each id that is in its file.
fn rules_by_id(truth: &Value) -> BTreeMap<String, String> {
    let named = ["steps", "noise"].iter().flat_map(|key| list(truth, key)).flat_map(|row| list(row, "rules"));
    let named: BTreeSet<&str> = named.filter_map(Value::as_str).collect();
    let mut ids = BTreeMap::new();
    for rule in named {
        let file = root().join("content/rules").join(format!("{rule}.yml"));
        let text = std::fs::read_to_string(&file).expect("a rule that the truth names");
        ids.extend(
            text.lines().filter_map(|l| l.strip_prefix("id: ")).map(|id| (id.to_owned(), rule.to_owned())),
        );
    }
    ids
}

#[test]
fn every_rule_speaks_where_the_truth_says_so() {
    let (scan, truth) = (scan(), truth());
    let ids = rules_by_id(&truth);
    let mut spoken: BTreeSet<(&str, Place)> = BTreeSet::new();
    for finding in list(&scan, "findings") {
        let rule = finding["rule_id"].as_str().and_then(|id| ids.get(id));
        spoken.extend(
            rule.into_iter().flat_map(|rule| places(finding).into_iter().map(move |p| (rule.as_str(), p))),
        );
    }
    // A correlation names its events up to a bound, so a row may stay unnamed where others of its kind are named.
    let mut expected: BTreeMap<(&str, &str), bool> = BTreeMap::new();
    let mut rows = 0;
    for row in ["steps", "noise"].iter().flat_map(|key| list(&truth, key)) {
        let file = row["file"].as_str().expect("a file").to_owned();
        let names = [row["line"].to_string(), row["record"].as_str().expect("a record").to_owned()];
        for rule in list(row, "rules").iter().filter_map(Value::as_str) {
            rows += 1;
            let heard = names.iter().any(|name| spoken.contains(&(rule, (file.clone(), name.clone()))));
            *expected.entry((rule, row["description"].as_str().expect("words"))).or_default() |= heard;
        }
    }
    let silent: Vec<_> = expected.iter().filter(|(_, heard)| !**heard).map(|(what, _)| what).collect();
    assert!(rows > 300, "{rows} rows");
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn each_attack_is_found_and_nothing_else_is_high() {
    let (scan, truth) = (scan(), truth());
    let labels = labels(&truth);
    let mut found: BTreeMap<String, u32> = BTreeMap::new();
    for finding in list(&scan, "findings") {
        let sides: BTreeSet<&str> =
            places(finding).iter().filter_map(|p| labels.get(p)).map(String::as_str).collect();
        assert!(sides.len() <= 1, "{sides:?} in one finding: {finding}");
        let side = sides.first().copied().unwrap_or("nothing");
        let severe = matches!(finding["level"].as_str(), Some("high" | "critical"));
        let attack = !matches!(side, "noise" | "nothing");
        assert!(attack || !severe, "{side}: {finding}");
        assert!(side != "nothing", "the truth knows nothing of this: {finding}");
        *found.entry(format!("{side}{}", if severe { ", severe" } else { "" })).or_default() += 1;
    }
    println!("{found:#?}");
    for attack in list(&truth, "attacks") {
        let id = attack["id"].as_str().expect("an id");
        assert!(found.get(&format!("{id}, severe")).is_some_and(|n| *n >= 3), "{id}: {found:?}");
        assert!(!list(attack, "techniques").is_empty() && number(attack, "records") > 50, "{attack}");
    }
    assert!(found["noise"] >= 30, "{found:?}");
}

#[test]
fn the_first_screen_shows_hosts_and_actors() {
    let shown = stdout(&run(&["scan", text(&root().join("sample/estate")), "--color", "never"]));
    assert!(shown.contains("Found"), "{shown}");
    assert!(shown.lines().count() < 260, "{} lines", shown.lines().count());
}
