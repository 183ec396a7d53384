//! What vendors really send over syslog.

use std::io::Write;

use serde_json::Value;

use crate::harness::{assert_balanced, corpus, json, list, number, text};

#[test]
fn every_vendor_message_is_read() {
    let Some(path) = corpus("syslog-vendors/samples.jsonl") else { return };
    let dir = tempfile::tempdir().expect("a folder");
    let mut all = 0u64;
    for (index, line) in std::fs::read_to_string(path).expect("lines").lines().enumerate() {
        let sample: Value = serde_json::from_str(line).expect("JSON");
        let raw = sample["raw"].as_str().expect("raw");
        let mut out = std::fs::File::create(dir.path().join(format!("{index:03}.log"))).expect("a file");
        writeln!(out, "{}", raw.replace('\n', " ")).expect("write");
        all += 1;
    }
    let scan = json(&["scan", text(dir.path()), "--year", "2026"]);
    assert_balanced(&scan);
    let mapped =
        list(&scan, "files").iter().filter(|f| number(f, "unmapped") == 0 && number(f, "events") > 0).count()
            as u64;
    let timed =
        list(&scan, "files").iter().filter(|f| number(f, "untimed") == 0 && number(f, "events") > 0).count()
            as u64;
    println!("of {all} messages {mapped} are of a known log type, {timed} have a time");
    assert_eq!(number(&scan["summary"], "rejected"), 0);
    assert!(mapped * 100 >= all * 90, "{mapped} of {all}");
}
