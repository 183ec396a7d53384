//! Vendor messages: every one is read, its header time is right, and its host where the header names it.

use std::io::{BufRead, BufReader};

use vedette_model::{Native, Timestamp};
use vedette_normalize::formats::{Input, LineHint, lines};
use vedette_normalize::time::{self, Hints};

use crate::corpus;

/// The clock was fixed to 2026-03-14T09:26:53Z when the messages were rendered.
const SENT: i64 = 1_773_480_413;

#[test]
fn vendor_messages_name_their_host_and_time() {
    let Some(folder) = corpus::folder("syslog-vendors") else { return };
    let file = std::fs::File::open(folder.join("samples.jsonl")).unwrap();
    let hints = Hints { latest: Timestamp::from_secs(SENT), ..Hints::default() };
    let (mut messages, mut hosts, mut header_hosts, mut field_hosts) = (0, 0, 0, 0);
    let (mut stamps, mut right_times) = (0, 0);
    let mut wrong = Vec::new();
    let mut kinds = std::collections::BTreeMap::<String, u32>::new();
    for line in BufReader::new(file).lines() {
        let sample: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let raw = sample["raw"].as_str().unwrap();
        let mut native = Native::new();
        let input = lines::read(raw, &mut LineHint::new(), &mut native);
        messages += 1;
        *kinds.entry(format!("{input:?}")).or_default() += 1;
        if std::env::var_os("SHOW").is_some() {
            println!("{input:?} {raw:.300}");
            for f in native.iter().filter(|f| f.name != "message") {
                println!("     {} = {:.100}", f.name, f.value);
            }
        }
        if let Some(stamp) = native.get("syslog.timestamp") {
            stamps += 1;
            match time::parse(stamp, &hints) {
                Ok((t, _)) if (t.0 / 1_000_000_000 - SENT).abs() <= 13 * 3600 => right_times += 1,
                other => println!("time `{stamp}`: {other:?}"),
            }
        }
        let Some(expect) = sample["expect"]["host"].as_str() else { continue };
        hosts += 1;
        if native.get("syslog.hostname") == Some(expect) {
            header_hosts += 1;
        } else if native.get("syslog.hostname").is_none()
            && native.iter().any(|f| f.name != "message" && f.value == expect)
        {
            field_hosts += 1;
        } else {
            wrong.push(format!("{expect} | {:?} | {raw:.150}", native.get("syslog.hostname")));
        }
    }
    println!("{messages} messages {kinds:?}; {stamps} stamps, {right_times} right");
    println!(
        "{hosts} expected hosts: {header_hosts} in the header, {field_hosts} in a field, {} elsewhere",
        wrong.len()
    );
    for line in &wrong {
        println!("{line}");
    }
}
