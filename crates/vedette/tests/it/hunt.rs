//! `vedette hunt`: what is listed or asked for is found, counted once, and the answer says what it rests on.

use std::path::Path;

use serde_json::Value;

use crate::harness::{assert_balanced, json, list, number, root, run, stderr, stdout, text};

fn write(dir: &Path, name: &str, content: &str) -> String {
    let path = dir.join(name);
    std::fs::write(&path, content).expect("a file");
    text(&path).to_owned()
}

/// Record, second, event id, and fields by name.
type Sysmon<'a> = (u64, u32, &'a str, &'a [(&'a str, &'a str)]);

/// Sysmon 22 (DNS query) and 1 (process), as lines of JSON.
fn sysmon(host: &str, events: &[Sysmon<'_>]) -> String {
    let lines = events.iter().map(|(record, second, code, fields)| {
        let data: serde_json::Map<String, Value> =
            fields.iter().map(|(n, v)| ((*n).to_owned(), (*v).into())).collect();
        let id: u64 = code.parse().expect("a number");
        serde_json::json!({"Event": {
            "System": {
                "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}},
                "EventID": id,
                "TimeCreated": {"#attributes": {"SystemTime": format!("2026-03-14T09:26:{second:02}.1Z")}},
                "EventRecordID": record,
                "Channel": "Microsoft-Windows-Sysmon/Operational",
                "Computer": host,
            },
            "EventData": data,
        }})
        .to_string()
            + "\n"
    });
    lines.collect()
}

/// Two hosts, a copy of the first one's log, a damaged line, and a file that is no log.
fn estate(dir: &Path) {
    let md5 = "MD5=0CC175B9C0F1B6A831C399E269772661,IMPHASH=00000000000000000000000000000000";
    let first = sysmon(
        "ws1.corp.net",
        &[
            (1, 1, "22", &[("QueryName", "c2.evil-site.net"), ("QueryResults", "::ffff:203.113.7.9;")]),
            (
                2,
                30,
                "1",
                &[
                    ("Image", r"C:\Users\ana\stage two.exe"),
                    ("CommandLine", "\"stage two.exe\" http://drop.org/a.ps1"),
                    ("Hashes", md5),
                ],
            ),
            (
                3,
                40,
                "1",
                &[
                    ("Image", r"C:\Windows\notepad.exe"),
                    ("CommandLine", "notepad \u{1b}[2J=cmd evil-site.net"),
                ],
            ),
        ],
    );
    write(dir, "ws1.json", &first);
    write(dir, "ws1-copy.json", &first);
    let second = sysmon("ws2.corp.net", &[(9, 10, "22", &[("QueryName", "EVIL-SITE.net.")])]);
    write(dir, "ws2.json", &format!("{second}{{\"Event\": \n"));
    std::fs::write(dir.join("picture.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").expect("a file");
}

const LIST: &str = "evil-site.net # beacon\n203.113.7.0/24\nhxxp://drop[.]org/a.ps1\n0cc175b9c0f1b6a831c399e269772661\nstage two.exe\nunseen.org\n10.0.0.1\ngoogle.com\n";

fn found<'a>(hunt: &'a Value, value: &str) -> &'a Value {
    list(hunt, "found").iter().find(|f| f["value"] == value).unwrap_or_else(|| panic!("no {value} in {hunt}"))
}

#[test]
fn indicators_are_found_and_copies_count_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let logs = dir.path().join("logs");
    std::fs::create_dir(&logs).expect("a folder");
    estate(&logs);
    let ioc = write(dir.path(), "ioc.txt", LIST);
    let hunt = json(&["hunt", "--ioc", &ioc, text(&logs)]);
    assert_eq!(list(&hunt, "found").len(), 5, "{hunt}");
    let domain = found(&hunt, "evil-site.net");
    assert_eq!(
        (number(domain, "events"), number(domain, "files"), domain["kind"].as_str()),
        (3, 2, Some("domain"))
    );
    assert_eq!(domain["first"], "2026-03-14T09:26:01.100Z");
    assert_eq!(domain["last"], "2026-03-14T09:26:40.100Z");
    assert_eq!(
        domain["hosts"].to_string(),
        r#"[{"name":"ws1.corp.net","events":2},{"name":"ws2.corp.net","events":1}]"#
    );
    assert_eq!((domain["listed"]["label"].as_str(), number(&domain["listed"], "line")), (Some("beacon"), 1));
    let line = &list(domain, "lines")[0];
    assert_eq!(
        (line["field"].as_str(), line["observed"].as_str()),
        (Some("QueryName"), Some("c2.evil-site.net"))
    );
    for (value, events) in [
        ("203.113.7.0/24", 1),
        ("drop.org/a.ps1", 1),
        ("stage two.exe", 1),
        ("0cc175b9c0f1b6a831c399e269772661", 1),
    ] {
        assert_eq!(number(found(&hunt, value), "events"), events, "{value}");
    }
    let coverage = &hunt["coverage"];
    let count = |key| number(coverage, key);
    assert_eq!(
        (count("files"), count("files_unread"), count("events"), count("duplicate"), count("rejected")),
        (4, 1, 4, 3, 1)
    );
    assert_eq!((count("indicators"), count("matched")), (6, 4));
    assert_balanced(&serde_json::json!({"files": [coverage], "summary": coverage}));
    let account = &list(&hunt, "lists")[0];
    let held: u64 = list(account, "held_back").iter().map(|r| number(r, "count")).sum();
    assert_eq!((number(account, "read"), number(account, "searched"), held), (8, 6, 2));
    assert_eq!(run(&["hunt", "--ioc", &ioc, text(&logs)]).status.code(), Some(1));

    // Within bounds of time only what lies there is searched.
    let late = json(&["hunt", "--ioc", &ioc, text(&logs), "--since", "2026-03-14T09:26:20Z"]);
    assert_eq!(number(found(&late, "evil-site.net"), "events"), 1);
    assert!(number(&late["coverage"], "outside") > 0);
}

#[test]
fn the_answer_is_the_same_for_any_number_of_workers() {
    let estate = root().join("sample/estate");
    let dir = tempfile::tempdir().expect("a folder");
    let ioc = write(
        dir.path(),
        "ioc.txt",
        "powershell.exe\ncmd.exe\nsvchost.exe\n10.0.0.0/8\n192.168.0.0/16\n203.0.113.0/24\n198.51.100.0/24\n",
    );
    let hunt = |jobs: &str| {
        stdout(&run(&[
            "hunt",
            "--keep",
            "all",
            "--ioc",
            &ioc,
            text(&estate),
            "--jobs",
            jobs,
            "--format",
            "json",
        ]))
    };
    let one = hunt("1");
    assert!(one.contains("\"found\":[{"), "{one}");
    for jobs in ["2", "7"] {
        assert_eq!(hunt(jobs), one, "{jobs} workers");
    }
}

#[test]
fn expressions_are_answered_by_native_sigma_and_ocsf_names() {
    let dir = tempfile::tempdir().expect("a folder");
    estate(dir.path());
    let events = |expression: &str| {
        let hunt = json(&["hunt", "--where", expression, text(dir.path())]);
        list(&hunt, "found").first().map_or(0, |f| number(f, "events"))
    };
    for (expression, expect) in [
        ("CommandLine contains 'NOTEPAD'", 1),
        ("Event.System.Computer == 'x' or Image endswith '\\stage two.exe'", 1),
        ("EventID == 22", 2),
        ("process.cmd_line contains 'notepad' and not EventID == 22", 1),
        ("class_uid == 1007", 2),
        ("device.hostname == 'ws2.corp.net'", 1),
        ("QueryName endswith 'evil-site.net' and QueryResults exists", 1),
        ("QueryName endswith 'nothing'", 0),
    ] {
        assert_eq!(events(expression), expect, "{expression}");
    }
    let both = json(&[
        "hunt",
        "--ioc",
        &write(dir.path(), "../hunt-both.txt", LIST),
        "--where",
        "EventID == 22",
        text(dir.path()),
    ]);
    assert_eq!(number(found(&both, "evil-site.net"), "events"), 2);
    let _ = std::fs::remove_file(dir.path().join("../hunt-both.txt"));
    let note = run(&["hunt", "--where", "commandline contains 'x'", text(dir.path())]);
    assert!(stderr(&note).contains("did you mean `CommandLine`?"), "{}", stderr(&note));
}

#[test]
fn faults_of_the_question_are_usage() {
    let dir = tempfile::tempdir().expect("a folder");
    estate(dir.path());
    let logs = text(dir.path());
    let empty = write(dir.path(), "empty.txt", "# nothing\n10.0.0.1\n");
    for (args, message) in [
        (&["hunt", "--where", "Image endswith", logs][..], "column 15"),
        (&["hunt", "--ioc", &empty, logs], "nothing to search for"),
        (&["hunt", logs], "--ioc"),
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains(message), "{args:?}: {}", stderr(&output));
    }
    let ioc = write(dir.path(), "ioc.list", "unseen.org\n");
    for (args, code) in [
        (&["hunt", "--ioc", "/nonexistent/list", logs][..], 3),
        (&["hunt", "--ioc", &ioc, "/nonexistent/logs"], 3),
        (&["hunt", "--where", "QueryName == 'x'", logs, "/nonexistent/logs"], 3),
        (&["hunt", "--where", "QueryName == 'x'", logs], 0),
    ] {
        assert_eq!(run(args).status.code(), Some(code), "{args:?}: {}", stderr(&run(args)));
    }
}

#[test]
fn event_text_does_nothing_on_the_way_out() {
    let dir = tempfile::tempdir().expect("a folder");
    estate(dir.path());
    let args = |format| {
        run(&["hunt", "--where", "CommandLine contains 'notepad'", text(dir.path()), "--format", format])
    };
    let table = stdout(&args("table"));
    assert!(table.contains("\\x1b[2J") && !table.contains('\u{1b}'), "{table}");
    let csv = stdout(&args("csv"));
    assert!(!csv.contains('\u{1b}') && csv.lines().count() == 2, "{csv}");
    let lines = stdout(&args("jsonl"));
    let kinds: Vec<String> = lines
        .lines()
        .map(|l| serde_json::from_str::<Value>(l).expect("JSON")["kind"].as_str().expect("a kind").to_owned())
        .collect();
    assert_eq!(kinds, ["found", "summary"]);
}
