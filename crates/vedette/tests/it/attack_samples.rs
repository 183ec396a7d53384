//! Real attack recordings: what an independent parser counted, we count.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::harness::{assert_balanced, corpus, json, list, number, text};

fn expected(folder: &std::path::Path) -> BTreeMap<String, Value> {
    let text = std::fs::read(folder.join("expected_records.json")).expect("the index");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn record_counts_and_event_ids_equal_those_of_an_independent_parser() {
    for part in ["evtx-attack-samples", "evtx-parser"] {
        let Some(folder) = corpus(part) else { return };
        let scan = json(&[
            "scan",
            text(&folder),
            "--no-default-rules",
            "--rules",
            text(&crate::harness::root().join("content/rules")),
        ]);
        assert_balanced(&scan);
        let files: BTreeMap<&str, &Value> =
            list(&scan, "files").iter().map(|f| (f["path"].as_str().expect("path"), f)).collect();
        let mut wrong = Vec::new();
        for (name, want) in expected(&folder) {
            if !name.ends_with(".evtx") {
                continue;
            }
            let path = text(&folder.join(&name)).to_owned();
            let Some(file) = files.get(path.as_str()) else {
                wrong.push(format!("{name}: no verdict"));
                continue;
            };
            let records = number(file, "records") - number(file, "rejected");
            // Where the other parser gave up, more is better.
            if !want["parser_note"].is_null() && records > number(&want, "records") {
                continue;
            }
            if records != number(&want, "records") {
                wrong.push(format!("{name}: {records} records, expected {}", want["records"]));
            }
            if file["event_ids"] != want["events"] {
                wrong.push(format!("{name}: {} expected {}", file["event_ids"], want["events"]));
            }
        }
        assert!(wrong.is_empty(), "{part}: {} differ:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// Raised when more are found; there are 133.
const FOUND_BEFORE: u32 = 129;

/// Folder names are ATT&CK tactics; a file counts as found when a finding carries the tactic of its folder.
#[test]
fn no_fewer_recordings_show_the_tactic_of_their_folder_than_before() {
    let (Some(folder), Some(rules)) = (corpus("evtx-attack-samples"), corpus("sigma/rules")) else { return };
    let scan = json(&["scan", text(&folder), "--rules", text(&rules)]);
    let tactics = [
        "Command and Control",
        "Credential Access",
        "Defense Evasion",
        "Discovery",
        "Execution",
        "Lateral Movement",
        "Persistence",
        "Privilege Escalation",
    ];
    let mut found = 0;
    let mut missed = Vec::new();
    let mut all = 0;
    for file in list(&scan, "files") {
        let path = file["path"].as_str().expect("path");
        let Some(tactic) = tactics.iter().find(|t| path.contains(&format!("/{t}/"))) else { continue };
        if file["format"] != "evtx" {
            continue;
        }
        all += 1;
        let name = tactic.to_lowercase().replace(' ', "-");
        // Sigma renamed Defense Evasion after ATT&CK 18 split it.
        let names = match name.as_str() {
            "defense-evasion" => vec!["defense-evasion", "stealth", "defense-impairment"],
            other => vec![other],
        };
        let hit = list(&scan, "findings").iter().any(|f| {
            let here =
                f["file"] == path || f["files"].as_array().is_some_and(|l| l.iter().any(|p| p == path));
            here && f["tactics"]
                .as_array()
                .is_some_and(|l| l.iter().any(|t| names.contains(&t.as_str().unwrap_or_default())))
        });
        if hit { found += 1 } else { missed.push(path.to_owned()) }
    }
    println!("tactics: {found} of {all}; missed:\n{}", missed.join("\n"));
    assert!(found >= FOUND_BEFORE, "{found} of {all}; missed:\n{}", missed.join("\n"));
}
