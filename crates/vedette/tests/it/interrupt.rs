//! Ctrl-C: what was read until then is valid output and marked partial, and a second one ends at once.
#![cfg(unix)]

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::thread;

use serde_json::Value;

use crate::harness::{assert_balanced, list, number, stderr, stdout, text, vedette};

/// More than a pipe holds many times over: when this much was taken, the program is reading, and has been listening for
/// Ctrl-C before it began to.
const TAKEN: usize = 8 << 20;

/// A reader that misses the interruption is fed until here, and the test fails.
const ENDLESS: usize = 2 << 30;

/// Lines of CloudTrail, all different.
fn lines(number: usize) -> Vec<u8> {
    let mut block = Vec::new();
    for n in number * 500..(number + 1) * 500 {
        let _ = writeln!(
            block,
            "{{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-02T09:{:02}:{:02}Z\",\"eventSource\":\"cloudtrail.amazonaws.com\",\"eventName\":\"StopLogging\",\"awsRegion\":\"eu-west-1\",\"sourceIPAddress\":\"198.51.100.7\",\"userIdentity\":{{\"type\":\"IAMUser\",\"arn\":\"arn:aws:iam::111122223333:user/ana\"}},\"eventID\":\"e-{n}\",\"recipientAccountId\":\"111122223333\"}}",
            n / 60 % 60,
            n % 60
        );
    }
    block
}

/// Starts `args`, which read standard input, and waits until they have begun to.
fn begin(args: &[&str]) -> (Child, ChildStdin) {
    let mut command = vedette();
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it runs");
    let mut input = child.stdin.take().expect("a pipe");
    let mut written = 0;
    for number in 0.. {
        let block = lines(number);
        input.write_all(&block).expect("it reads");
        written += block.len();
        if written > TAKEN {
            break;
        }
    }
    (child, input)
}

fn interrupt(child: &Child) {
    let pid = child.id().to_string();
    let sent = Command::new("sh").args(["-c", "kill -INT \"$0\"", &pid]).status().expect("a shell");
    assert!(sent.success(), "no signal could be sent");
}

/// Interrupts `args` while there is more to read, and gives what they leave.
fn interrupted(args: &[&str]) -> Output {
    let (child, mut input) = begin(args);
    interrupt(&child);
    // Goes on until nobody reads any more.
    let feeder = thread::spawn(move || {
        let block = lines(9);
        (0..ENDLESS / block.len()).any(|_| input.write_all(&block).is_err())
    });
    let output = child.wait_with_output().expect("it ends");
    assert!(feeder.join().expect("a thread"), "{args:?} read on to the end");
    output
}

fn parsed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stderr(output)))
}

#[test]
fn a_scan_tells_what_was_read_and_that_it_is_not_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let (manifest, timeline) = (dir.path().join("m.json"), dir.path().join("t.jsonl"));
    let output = interrupted(&[
        "scan",
        "-",
        "--format",
        "json",
        "--manifest",
        text(&manifest),
        "--timeline",
        text(&timeline),
    ]);
    let scan = parsed(&output);
    assert_balanced(&scan);
    assert_eq!(scan["summary"]["complete"], false);
    assert_eq!(list(&scan, "files")[0]["complete"], false);
    let events = number(&scan["summary"], "events");
    assert!(events > 0 && list(&scan, "findings").len() as u64 >= events, "{events} events");
    let manifest: Value = serde_json::from_slice(&fs::read(&manifest).expect("written")).expect("JSON");
    assert_eq!((&manifest["complete"], &manifest["inputs"][0]["complete"]), (&false.into(), &false.into()));
    let timeline = fs::read_to_string(timeline).expect("written");
    assert!(timeline.lines().all(|l| serde_json::from_str::<Value>(l).is_ok()) && !timeline.is_empty());
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 2, "no passing file stays");
}

#[test]
fn every_form_of_a_scan_says_that_it_is_not_all() {
    let table = interrupted(&["scan", "-"]);
    assert!(stdout(&table).contains("Interrupted: this is what was read until then"), "{}", stdout(&table));
    let jsonl = stdout(&interrupted(&["scan", "-", "--format", "jsonl"]));
    let last: Value = serde_json::from_str(jsonl.lines().last().expect("a line")).expect("JSON");
    assert_eq!((&last["kind"], &last["complete"]), (&"summary".into(), &false.into()));
}

#[test]
fn counts_say_that_they_are_not_all() {
    let json = interrupted(&["stats", "event-ids", "-", "--format", "json"]);
    assert_eq!(json.status.code(), Some(3));
    let told = parsed(&json);
    assert_eq!(told["complete"], false);
    assert!(number(&list(&told, "rows")[0], "count") > 0);
    let jsonl = interrupted(&["stats", "event-ids", "-", "--format", "jsonl"]);
    assert_eq!(jsonl.status.code(), Some(3));
    let lines: Vec<Value> = stdout(&jsonl).lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(lines[0]["kind"], "row");
    assert_eq!((&lines[1]["kind"], &lines[1]["complete"]), (&"summary".into(), &false.into()));
    let csv = interrupted(&["stats", "event-ids", "-", "--format", "csv"]);
    assert_eq!((csv.status.code(), stdout(&csv).lines().count()), (Some(3), 2), "{}", stdout(&csv));
    assert!(stderr(&csv).contains("not all"), "{}", stderr(&csv));
}

#[test]
fn a_check_against_data_says_that_it_is_not_all() {
    let output = interrupted(&["rules", "check", "--against", "-", "--format", "json"]);
    assert_eq!(output.status.code(), Some(3));
    let told = parsed(&output);
    assert_eq!(told["complete"], false);
    assert!(!list(&told, "against").is_empty());
}

#[test]
fn the_second_one_ends_at_once() {
    let (mut child, input) = begin(&["scan", "-", "--format", "json"]);
    drop(input);
    // Nobody takes the output, which is more than the pipe holds: left alone, the program would wait for ever.
    let held: ChildStdout = child.stdout.take().expect("a pipe");
    let ended = loop {
        // Signals of one kind that arrive together count once, so two may not be enough.
        interrupt(&child);
        if let Some(status) = child.try_wait().expect("a status") {
            break status;
        }
    };
    assert_eq!(ended.code(), Some(130));
    let mut left = Vec::new();
    let _ = { held }.read_to_end(&mut left);
}
