//! Counts: which records are one, and what `vedette stats` makes of them.

use std::path::Path;

use crate::harness::{assert_balanced, json, list, number, run, stderr, text};

/// Sysmon 1 as lines of JSON: record number, second of the minute, command line.
fn sysmon(records: &[(u64, u32, &str)]) -> String {
    let lines = records.iter().map(|(record, second, command)| {
        serde_json::json!({"Event": {
            "System": {
                "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
                "EventID": 1,
                "TimeCreated": {"#attributes": {"SystemTime": format!("2026-03-14T09:26:{second:02}.1Z")}},
                "EventRecordID": record,
                "Channel": "Microsoft-Windows-Sysmon/Operational",
                "Computer": "ws1.example.com",
            },
            "EventData": {"Image": "C:/Windows/System32/cmd.exe", "CommandLine": command},
        }})
        .to_string()
            + "\n"
    });
    lines.collect()
}

fn write(dir: &Path, name: &str, content: &str) {
    std::fs::write(dir.join(name), content).expect("a file");
}

#[test]
fn records_with_one_number_and_different_content_are_different_events() {
    for number_of_all in [0, 7] {
        let commands = ["a", "b", "c", "d", "e"].map(|c| (number_of_all, 5, c));
        let dir = tempfile::tempdir().expect("a folder");
        write(dir.path(), "one.json", &sysmon(&commands));
        let scan = json(&["scan", text(dir.path())]);
        assert_balanced(&scan);
        let count = |key| number(&scan["summary"], key);
        assert_eq!((count("events"), count("duplicate")), (5, 0), "number {number_of_all}");

        // Each in a file of its own, then all again: only the repetition is a copy.
        for (index, command) in commands.iter().enumerate() {
            write(dir.path(), &format!("single{index}.json"), &sysmon(&[*command]));
        }
        write(dir.path(), "two.json", &sysmon(&[(number_of_all, 5, "f")]));
        let scan = json(&["scan", text(dir.path())]);
        let count = |key| number(&scan["summary"], key);
        assert_eq!((count("events"), count("duplicate")), (6, 5), "number {number_of_all}");
    }
}

#[test]
fn copies_count_once_and_bounds_hold() {
    let dir = tempfile::tempdir().expect("a folder");
    let lines = sysmon(&[(1, 1, "a"), (2, 2, "b"), (3, 30, "c")]);
    write(dir.path(), "one.json", &lines);
    write(dir.path(), "two.json", &lines);
    for what in ["event-ids", "hosts"] {
        let all = json(&["stats", what, text(dir.path())]);
        let rows = list(&all, "rows");
        assert_eq!((rows.len(), number(&rows[0], "count")), (1, 3), "{what}");
        assert_eq!((all["complete"].as_bool(), number(&all, "duplicate")), (Some(true), 3), "{what}");
        let late = json(&["stats", what, text(dir.path()), "--since", "2026-03-14T09:26:10Z"]);
        assert_eq!(number(&list(&late, "rows")[0], "count"), 1, "{what}");
    }
}

#[test]
fn what_could_not_be_read_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("picture.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").expect("a file");
    let output = run(&["stats", "hosts", text(dir.path())]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("1 file that could not be read"), "{}", stderr(&output));
    write(dir.path(), "one.json", &sysmon(&[(1, 1, "a")]));
    let stats = json(&["stats", "hosts", text(dir.path())]);
    assert_eq!((number(&stats, "files"), number(&stats, "files_unread")), (2, 1));
    assert_eq!(run(&["stats", "hosts", text(dir.path())]).status.code(), Some(0));
}

#[test]
fn a_row_is_a_line_and_numbers_are_whole() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "one.json", &sysmon(&[(1, 1, "a"), (2, 2, "b")]));
    let shown = |what: &str, columns: &str| {
        let output = crate::harness::vedette()
            .env("COLUMNS", columns)
            .args(["stats", what, text(dir.path())])
            .output()
            .expect("runs");
        crate::harness::stdout(&output)
    };
    assert_eq!(
        shown("event-ids", "80"),
        "CHANNEL                          ID  COUNT  FIRST              LAST
Microsoft-Windows-Sysmon/Opera…  1       2  2026-03-14 09:26Z  2026-03-14 09:26Z
… cut to the screen (--format csv cuts nothing)\n"
    );
    assert!(
        shown("hosts", "120").contains("Microsoft-Windows-Sysmon/Operational"),
        "{}",
        shown("hosts", "120")
    );
    assert_eq!(shown("logons", "80"), "Nothing to count: no event is a logon\n");
}

#[test]
fn the_last_line_of_json_lines_is_the_summary() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), "one.json", &sysmon(&[(1, 1, "a"), (2, 2, "b")]));
    let output = run(&["stats", "event-ids", text(dir.path()), "--format", "jsonl"]);
    let lines: Vec<serde_json::Value> =
        crate::harness::stdout(&output).lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!((&lines[0]["kind"], &lines[0]["count"]), (&"row".into(), &2.into()));
    assert_eq!((&lines[1]["kind"], &lines[1]["complete"]), (&"summary".into(), &true.into()));
    assert_eq!(lines.len(), 2);
}
