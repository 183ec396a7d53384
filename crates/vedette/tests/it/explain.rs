//! `vedette rules explain` sees the event that a scan sees.

use std::io::Write as _;

use crate::harness::{json, list, run, stderr, stdout, text};

const RULE: &str = "title: A script in two parts
id: 11111111-2222-4333-8444-00000000000a
name: two_parts
logsource: { product: windows, category: ps_script }
detection:
  selection: { ScriptBlockText|contains: 'first-second' }
  condition: selection
level: high
---
title: Many scripts
id: 11111111-2222-4333-8444-00000000000b
correlation:
  type: event_count
  rules: [two_parts]
  group-by: [Computer]
  timespan: 1h
  condition: { gte: 2 }
level: high
";

/// Part `number` of a script block of two, as record 40 + `number`.
fn part(number: u64, script: &str) -> String {
    serde_json::json!({"Event": {
        "System": {
            "Provider": {"#attributes": {"Name": "Microsoft-Windows-PowerShell"}},
            "EventID": 4104,
            "TimeCreated": {"#attributes": {"SystemTime": format!("2026-03-14T09:26:0{number}.1Z")}},
            "EventRecordID": 40 + number,
            "Channel": "Microsoft-Windows-PowerShell/Operational",
            "Computer": "ws1.example.com",
        },
        "EventData": {"MessageNumber": number, "MessageTotal": 2, "ScriptBlockId": "b1", "ScriptBlockText": script},
    }})
    .to_string()
        + "\n"
}

#[test]
fn parts_are_joined_members_are_found_and_a_correlation_names_its_rules() {
    let dir = tempfile::tempdir().expect("a folder");
    let rules = dir.path().join("rules.yml");
    std::fs::write(&rules, RULE).expect("a file");
    let lines = part(1, "run first") + &part(2, "-second");
    let plain = dir.path().join("ps.json");
    std::fs::write(&plain, &lines).expect("a file");
    let archive = dir.path().join("logs.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&archive).expect("a file"));
    for (name, content) in [("a.json", part(2, "of another").replace("b1", "b2")), ("in/ps.json", lines)] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a member");
        zip.write_all(content.as_bytes()).expect("a member");
    }
    zip.finish().expect("a zip");

    let explain = |rule: &str, event: &str| {
        run(&["rules", "explain", rule, event, "--no-default-rules", "--rules", text(&rules), "--tz", "UTC"])
    };
    let places = [
        format!("{}#41", text(&plain)),
        format!("{}#42", text(&plain)),
        format!("{}!in/ps.json#42", text(&archive)),
    ];
    for place in &places {
        let output = explain("two_parts", place);
        let code = output.status.code();
        assert_eq!(code, Some(0), "{place}: {}{}", stdout(&output), stderr(&output));
    }
    let other = explain("two_parts", &format!("{}!a.json#42", text(&archive)));
    assert_eq!(other.status.code(), Some(1), "{}", stderr(&other));
    let correlation = explain("Many scripts", &places[0]);
    assert_eq!(correlation.status.code(), Some(2));
    assert!(stderr(&correlation).contains("is a correlation over two_parts"), "{}", stderr(&correlation));
}

#[test]
fn a_finding_names_the_parts_of_its_script_and_tells_missing_ones() {
    let dir = tempfile::tempdir().expect("a folder");
    let rules = dir.path().join("rules.yml");
    std::fs::write(&rules, RULE.split("---").next().expect("a rule")).expect("a file");
    let log = dir.path().join("ps.json");
    for (lines, joined, missing) in [
        (part(1, "first") + &part(2, "-second"), serde_json::json!([2]), None),
        (part(1, "first-second"), serde_json::Value::Null, Some("1 of 2")),
    ] {
        std::fs::write(&log, lines).expect("a file");
        let scan = json(&["scan", text(&log), "--no-default-rules", "--rules", text(&rules)]);
        let found = &list(&scan, "findings")[0];
        assert_eq!(found["event"]["joined"], joined, "{found}");
        assert_eq!(found["details"]["parts missing"].as_str(), missing, "{found}");
    }
}
