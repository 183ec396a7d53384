//! Vendor messages: every one is read, its header time is right, and its host where the header names it.

use std::io::{BufRead, BufReader};

use vedette_model::{Native, Timestamp};
use vedette_normalize::formats::{Input, LineHint, lines};
use vedette_normalize::time::{self, Hints};

use crate::corpus;

/// The clock was fixed to 2026-03-14T09:26:53Z when the messages were rendered.
const SENT: i64 = 1_773_480_413;

/// Hosts that no header names, as the corpus expects them: it searched for the word anywhere in the message. Two are
/// in a field (`devname`) beside a header that says something else, one is a MAC address that a table of the receiver
/// resolved, the others stand in prose or nowhere.
const HOSTS_OUTSIDE_HEADERS: usize = 19;

#[test]
fn vendor_messages_name_their_host_and_time() {
    let Some(folder) = corpus::folder("syslog-vendors") else { return };
    let file = std::fs::File::open(folder.join("samples.jsonl")).unwrap();
    let hints = Hints { latest: Timestamp::from_secs(SENT), ..Hints::default() };
    let (mut messages, mut header_hosts, mut field_hosts) = (0, 0, 0);
    let (mut stamps, mut right_times) = (0, 0);
    let mut outside = Vec::new();
    let mut unread = Vec::new();
    let mut kinds = std::collections::BTreeMap::<Input, u32>::new();
    for line in BufReader::new(file).lines() {
        let sample: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let raw = sample["raw"].as_str().unwrap();
        let mut native = Native::new();
        let input = lines::read(raw, &mut LineHint::new(), &mut native);
        messages += 1;
        *kinds.entry(input).or_default() += 1;
        if input == Input::Text {
            unread.push(raw.to_owned());
        }
        if let Some(stamp) = native.get("syslog.timestamp") {
            stamps += 1;
            match time::parse(stamp, &hints) {
                // Half a day around the clock: the zones of some stamps are unknown or their own.
                Ok((t, _)) if (t.0 / 1_000_000_000 - SENT).abs() <= 13 * 3600 => right_times += 1,
                Ok((t, _)) => println!("another time: {stamp} is {t}"),
                Err(e) => unread.push(format!("{stamp}: {e}")),
            }
        }
        let Some(expect) = sample["expect"]["host"].as_str() else { continue };
        let named = native.get("syslog.hostname");
        if named == Some(expect) {
            header_hosts += 1;
        } else if named.is_none() && native.iter().any(|f| f.name != "message" && f.value == expect) {
            field_hosts += 1;
        } else {
            outside.push(format!("{expect} | {named:?} | {raw:.150}"));
        }
    }
    println!("{messages} messages {kinds:?}; {stamps} stamps, {right_times} of the fixed clock");
    println!("hosts: {header_hosts} in the header, {field_hosts} in a field, {} outside:", outside.len());
    outside.iter().for_each(|line| println!("{line}"));
    assert!(unread.is_empty(), "{unread:#?}");
    assert!(outside.len() <= HOSTS_OUTSIDE_HEADERS, "{} hosts were not found", outside.len());
    assert!(right_times + 7 >= stamps, "{right_times} of {stamps}: 7 messages carry a time of their own");
}
