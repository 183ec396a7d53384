//! The numbers add up, whatever the input is, and the output does not depend on the number of workers.

use std::fs;
use std::path::Path;

use crate::harness::{assert_balanced, json, list, number, run, stdout, text};

/// One Sysmon process creation as `evtx_dump` writes it.
fn sysmon(record: u64, host: &str, command_line: &str) -> String {
    serde_json::json!({ "Event": {
        "System": {
            "Provider": { "#attributes": { "Name": "Microsoft-Windows-Sysmon" } },
            "EventID": 1, "EventRecordID": record, "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": host,
            "TimeCreated": { "#attributes": { "SystemTime": format!("2026-03-02T09:00:{:02}.000000Z", record % 60) } },
        },
        "EventData": {
            "UtcTime": format!("2026-03-02 09:00:{:02}.000", record % 60), "ProcessId": 4242, "ProcessGuid": "{00000000-0000-0000-0000-000000000001}",
            "Image": "C:\\Windows\\System32\\whoami.exe", "CommandLine": command_line, "User": "CORP\\ana", "ParentImage": "C:\\Windows\\System32\\cmd.exe",
        },
    }})
    .to_string()
}

const RULE: &str = "title: Whoami with all
id: 11111111-2222-4333-8444-555555555555
status: test
logsource: { category: process_creation, product: windows }
detection:
  selection: { Image|endswith: '\\whoami.exe', CommandLine|contains: '/all' }
  condition: selection
level: high
tags: [attack.discovery, attack.t1033]
";

fn estate(dir: &Path) {
    let lines: Vec<String> = (1..=200)
        .map(|n| sysmon(n, "WS1.corp.example", if n % 50 == 0 { "whoami /all" } else { "whoami" }))
        .collect();
    fs::write(dir.join("a.json"), lines.join("\n") + "\n").expect("write");
    fs::write(dir.join("copy of a.json"), lines.join("\n") + "\n").expect("write");
    fs::write(
        dir.join("broken.json"),
        format!("{}\n{{\"Event\": tru\n{}\n", lines[0].replace("WS1", "WS2"), lines[1].replace("WS1", "WS2")),
    )
    .expect("write");
    fs::write(dir.join("empty.log"), "").expect("write");
    fs::write(dir.join("rule.yml"), RULE).expect("write");
}

fn scan(dir: &Path, more: &[&str]) -> serde_json::Value {
    let rule = dir.join("rule.yml");
    let mut args = vec!["scan", text(dir), "--no-default-rules", "--rules", text(&rule)];
    args.extend(more);
    json(&args)
}

#[test]
fn a_copy_is_counted_as_a_copy_and_a_broken_line_costs_only_itself() {
    let dir = tempfile::tempdir().expect("a folder");
    estate(dir.path());
    let scan = scan(dir.path(), &[]);
    assert_balanced(&scan);
    let file = |name: &str| {
        let path = text(&dir.path().join(name)).to_owned();
        list(&scan, "files").iter().find(|f| f["path"] == path).cloned().expect("a verdict")
    };
    assert_eq!((number(&file("a.json"), "events"), number(&file("copy of a.json"), "duplicate")), (200, 200));
    let broken = file("broken.json");
    assert_eq!(
        (number(&broken, "records"), number(&broken, "events"), number(&broken, "rejected")),
        (3, 2, 1)
    );
    assert_eq!(list(&broken, "rejects")[0]["record"], 2);
    assert_eq!(file("empty.log")["format"], "empty");
    let findings = list(&scan, "findings");
    assert_eq!(findings.len(), 4);
    assert_eq!(findings[0]["techniques"], serde_json::json!(["T1033"]));
    assert_eq!(list(&findings[0], "files").len(), 2, "the copy is named");
}

#[test]
fn the_same_bytes_for_any_number_of_workers() {
    let dir = tempfile::tempdir().expect("a folder");
    estate(dir.path());
    let rule = dir.path().join("rule.yml");
    let with = |jobs: &str| {
        stdout(&run(&["scan", text(dir.path()), "--rules", text(&rule), "--format", "json", "--jobs", jobs]))
    };
    let one = with("1");
    assert_eq!(one, with("2"));
    assert_eq!(one, with("7"));
}

#[test]
fn exit_codes_say_what_happened() {
    let dir = tempfile::tempdir().expect("a folder");
    estate(dir.path());
    let path = dir.path().join("a.json");
    let rule = dir.path().join("rule.yml");
    let code = |args: &[&str]| run(args).status.code().expect("a code");
    let base = ["scan", text(&path), "--no-default-rules"];
    assert_eq!(code(&base), 0);
    let with_rule = [&base[..], &["--rules", text(&rule)]].concat();
    assert_eq!(code(&with_rule), 1);
    assert_eq!(code(&[&with_rule[..], &["--fail-on", "critical"]].concat()), 0);
    assert_eq!(code(&["scan", "--no-such-option"]), 2);
    assert_eq!(code(&["scan", text(&path), "--tz", "Mars/Olympus"]), 2);
    assert_eq!(code(&["scan", "/nonexistent/logs"]), 3);
}

#[test]
fn time_bounds_count_what_they_leave_out() {
    let dir = tempfile::tempdir().expect("a folder");
    estate(dir.path());
    let all = scan(dir.path(), &["--since", "2026-03-02T09:00:31Z", "--until", "2026-03-02T09:00:40Z"]);
    assert_balanced(&all);
    assert!(number(&all["summary"], "outside") > 300, "{}", all["summary"]["outside"]);
    assert!(list(&all, "findings").is_empty());
}

#[test]
fn a_manifest_names_every_input_by_its_hash() {
    let dir = tempfile::tempdir().expect("a folder");
    let logs = dir.path().join("logs");
    fs::create_dir(&logs).expect("mkdir");
    estate(&logs);
    let manifest = dir.path().join("manifest.json");
    run(&["scan", text(&logs), "--manifest", text(&manifest), "--operator", "Ana", "--case", "C-7"]);
    let written: serde_json::Value =
        serde_json::from_slice(&fs::read(&manifest).expect("a manifest")).expect("JSON");
    assert_eq!((&written["operator"], &written["case"]), (&"Ana".into(), &"C-7".into()));
    let inputs = list(&written, "inputs");
    let hash = |name: &str| {
        inputs.iter().find(|i| i["path"].as_str().is_some_and(|p| p.ends_with(name))).expect("input")["sha256"].clone()
    };
    assert_eq!(hash("/a.json"), hash("/copy of a.json"));
    // The SHA-256 of nothing, FIPS 180-4.
    assert_eq!(hash("/empty.log"), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn timelines_hold_a_row_for_each_event_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let logs = dir.path().join("logs");
    fs::create_dir(&logs).expect("mkdir");
    estate(&logs);
    let file = dir.path().join("timeline.jsonl");
    run(&["scan", text(&logs), "--timeline", text(&file), "--timeline-of", "events"]);
    let lines = fs::read_to_string(&file).expect("a timeline");
    let rows: Vec<serde_json::Value> =
        lines.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    let sysmon = rows.iter().filter(|r| r["log"] == "windows_sysmon").count();
    assert_eq!(sysmon, 202);
    assert!(rows.iter().all(|r| r["message"].is_string() && r["timestamp_desc"].is_string()));
}
