//! The table of a scan: a summary within bounds that ends with the account, and everything with `--full`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::harness::{stdout, text, vedette};

/// Lines that a summary takes at most from its findings on, whatever was read.
const LINES_MAX: usize = 71;

/// Hosts times commands, each command with a rule of its own, in one file; and files of every kind of fault.
fn estate(hosts: usize, commands: usize) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    for name in ["logs/faults", "rules"] {
        fs::create_dir_all(dir.path().join(name)).expect("a folder");
    }
    let mut log = String::new();
    for host in 0..hosts {
        for command in 0..commands {
            let record = host * commands + command + 1;
            let event = serde_json::json!({"Event": {
                "System": {
                    "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
                    "EventID": 1,
                    "TimeCreated": {"#attributes": {"SystemTime": format!("2026-03-14T09:{:02}:{:02}.1Z", command % 60, host % 60)}},
                    "EventRecordID": record,
                    "Channel": "Microsoft-Windows-Sysmon/Operational",
                    "Computer": format!("ws{host:02}.example.com"),
                },
                "EventData": {
                    "Image": "C:\\Windows\\System32\\cmd.exe",
                    "CommandLine": format!("\"C:\\Windows\\System32\\cmd.exe\" /c act-{command:02} {}", "and so on ".repeat(40)),
                    "User": format!("EXAMPLE\\user{}", host % 7),
                },
            }});
            let _ = writeln!(log, "{event}");
        }
    }
    fs::write(dir.path().join("logs/sysmon.jsonl"), log).expect("write");
    for command in 0..commands {
        let level = ["critical", "high", "medium", "low"][command % 4];
        let rule = format!(
            "title: Act number {command:02}\nid: 11111111-2222-4333-8444-{command:012}\nstatus: test\nlevel: {level}\nlogsource: {{ product: windows, category: process_creation }}\ndetection:\n  selection:\n    CommandLine|contains: act-{command:02}\n  condition: selection\n"
        );
        fs::write(dir.path().join(format!("rules/act_{command:02}.yml")), rule).expect("write");
    }
    let faults: [(&str, &[u8]); 7] = [
        ("empty.log", b""),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("cut.zip", b"PK\x03\x04 but no more"),
        ("cut.evtx", b"ElfFile\0\0\0\0\0"),
        ("broken.json", b"{\"a\": 1}\n{\"b\": ]\n"),
        ("notes.txt", b"nothing that any mapping knows\n"),
        ("old.log", b"Mar 14 09:00:00 web sshd[1]: Connection closed by 198.51.100.7 port 22\n"),
    ];
    for (name, content) in faults {
        fs::write(dir.path().join("logs/faults").join(name), content).expect("write");
    }
    dir
}

fn screen(dir: &Path, columns: Option<&str>, extra: &[&str]) -> String {
    let mut command = vedette();
    match columns {
        Some(columns) => command.env("COLUMNS", columns),
        None => command.env_remove("COLUMNS"),
    };
    let (logs, rules) = (dir.join("logs"), dir.join("rules"));
    command.args(["scan", text(&logs), "--no-default-rules", "--rules", text(&rules), "--year", "2026"]);
    let shown = stdout(&command.args(extra).output().expect("runs"));
    // Incidents stand before the findings and are looked at elsewhere.
    let at = shown.find("Findings  by host and actor").unwrap_or_else(|| panic!("no findings: {shown}"));
    shown[at..].to_owned()
}

#[test]
fn a_summary_is_bounded_and_its_end_is_the_account() {
    let dir = estate(40, 32);
    for columns in [Some("80"), Some("118"), None] {
        let shown = screen(dir.path(), columns, &[]);
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines.len() <= LINES_MAX, "{} lines:\n{shown}", lines.len());
        let widest = lines.iter().map(|l| l.chars().count()).max().unwrap_or(0);
        assert!(widest <= columns.map_or(160, |c| c.parse().expect("a number")), "{widest}:\n{shown}");
        let end = lines[lines.len().saturating_sub(40)..].join("\n");
        // What was in it, what was understood, what was found.
        for part in [
            "Hosts  40 with findings",
            "more hosts (--full",
            "Files  2 json-lines, 2 lines, 1 empty",
            "Read 8 files",
            "1,280 windows_sysmon",
            "Found 1,280 findings: 320 critical, 320 high, 320 medium, 320 low",
            "Hidden 320 low (--min-level low",
        ] {
            let flat = end.replace("\n  ", " ");
            assert!(flat.contains(part), "{part}:\n{shown}");
        }
        assert!(
            shown.contains("more rows of rule, host and actor: 310 critical, 320 high, 320 medium"),
            "{shown}"
        );
    }
}

#[test]
fn the_rows_of_a_summary_are_of_many_hosts_and_rules() {
    let dir = estate(40, 32);
    let shown = screen(dir.path(), Some("118"), &[]);
    let rows: Vec<&str> = shown.lines().filter(|l| l.contains("Act number")).collect();
    let hosts = shown.lines().filter(|l| l.starts_with("ws") && l.contains(" · EXAMPLE")).count();
    let titles: std::collections::BTreeSet<&str> =
        rows.iter().filter_map(|l| l.split("Z  ").nth(1)).collect();
    assert_eq!((rows.len(), hosts, titles.len()), (10, 10, 8), "{shown}");
    assert!(rows.iter().all(|l| l.contains("critical")), "{shown}");
}

#[test]
fn full_shows_every_row_and_cuts_none() {
    let dir = estate(12, 32);
    let shown = screen(dir.path(), None, &["--full"]);
    assert_eq!(shown.lines().filter(|l| l.contains("Act number")).count(), 12 * 24);
    assert!(shown.contains(&"and so on ".repeat(40).trim_end().to_owned()), "{shown}");
    assert!(!shown.contains('…') && !shown.contains("more "), "{shown}");
    for name in ["empty.log", "picture.png", "cut.zip", "cut.evtx", "broken.json", "notes.txt", "old.log"] {
        assert!(shown.contains(&format!("/logs/faults/{name} · ")), "{name}: {shown}");
    }
}

/// Read as a diff: what changes here changes on everybody's screen.
#[test]
fn the_screen_of_a_small_estate() {
    let dir = estate(3, 8);
    let shown = screen(dir.path(), Some("100"), &[]);
    assert_eq!(shown, include_str!("../golden/screen/findings_hosts_files_and_the_account.txt"));
}
