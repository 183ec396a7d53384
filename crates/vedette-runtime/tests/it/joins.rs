//! What must become one: parts of a script, an act told by two logs, copies, and events of several files in one window.
//! And what a scan learns from one file for another.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use vedette_ingest::{HostFromPath, Options};
use vedette_model::{TimeBasis, Timestamp};
use vedette_runtime::scan::verdict::FileVerdict;
use vedette_runtime::scan::{Outcome, Search};

use crate::evtx_writer::{Event, chunk};
use crate::ground::{BUILT_IN, findings, scan, scan_with, with_rules};

const SYSMON: &str = "Microsoft-Windows-Sysmon";
const SECURITY: &str = "Microsoft-Windows-Security-Auditing";

/// One Windows event as `evtx_dump` writes it, at `second` after 09:00 on 2 March 2026.
fn event(provider: &str, channel: &str, id: u32, record: u64, second: u64, data: Value) -> String {
    let time = format!("2026-03-02T09:{:02}:{:02}.000000Z", second / 60, second % 60);
    json!({ "Event": {
        "System": {
            "Provider": { "#attributes": { "Name": provider } }, "EventID": id, "EventRecordID": record, "Channel": channel,
            "Computer": "ws1.corp.example", "TimeCreated": { "#attributes": { "SystemTime": time } },
        },
        "EventData": data,
    }})
    .to_string()
}

/// Part `number` of a script block in `total` parts.
fn part(record: u64, block: &str, number: u64, total: u64, text: &str) -> String {
    let data = json!({ "ScriptBlockId": block, "MessageNumber": number, "MessageTotal": total, "ScriptBlockText": text });
    let channel = "Microsoft-Windows-PowerShell/Operational";
    event("Microsoft-Windows-PowerShell", channel, 4104, record, number, data)
}

fn failed_logon(record: u64, second: u64) -> String {
    let data = json!({ "TargetUserName": "ana", "LogonType": 3, "IpAddress": "203.0.113.9", "Status": "0xc000006d" });
    event(SECURITY, "Security", 4625, record, second, data)
}

fn put(dir: &Path, name: &str, lines: &[String]) {
    fs::write(dir.join(name), lines.join("\n") + "\n").expect("write");
}

fn file<'a>(outcome: &'a Outcome, name: &str) -> &'a FileVerdict {
    outcome.files.iter().find(|f| f.path.ends_with(name)).expect("a verdict")
}

/// Events, joined, duplicate, rejected.
fn account(outcome: &Outcome) -> [u64; 4] {
    assert!(outcome.files.iter().all(|f| f.tally.balances()));
    let t = &outcome.total;
    [t.events, t.joined, t.duplicate, t.rejected]
}

const SCRIPT_RULE: &str = "title: A script in three parts
id: 11111111-2222-4333-8444-000000000001
status: test
logsource: { product: windows, category: ps_script }
detection:
  selection: { ScriptBlockText|contains: 'first-second-third' }
  condition: selection
level: high
";

#[test]
fn parts_of_a_script_in_two_files_are_one_event_that_a_rule_sees_whole() {
    for jobs in [1, 3] {
        let dir = tempfile::tempdir().expect("a folder");
        put(dir.path(), "a.json", &[part(12, "b1", 3, 3, "-third"), part(11, "b1", 2, 3, "-second")]);
        put(
            dir.path(),
            "b.json",
            &[part(20, "other", 1, 2, "first-second"), part(10, "b1", 1, 3, "run first")],
        );
        let content = with_rules(&[SCRIPT_RULE]);
        let mut outcome = scan(&content, dir.path(), Search::default(), jobs);
        assert_eq!(account(&outcome), [2, 2, 0, 0], "the unfinished block stands for itself");
        assert_eq!(file(&outcome, "a.json").tally.joined, 2);
        assert_eq!(file(&outcome, "b.json").tally.joined, 0);
        let found = findings(&mut outcome);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].event.record, found[0].event.file), (10, file(&outcome, "b.json").index));
        let text = found[0].details.iter().any(|(_, value)| value.contains("run first-second-third"));
        assert!(text, "{:?}", found[0].details);
    }
}

const GUESSED: &str = "title: Failed logon
id: 11111111-2222-4333-8444-000000000002
name: failed_logon
status: test
logsource: { product: windows, service: security }
detection:
  selection: { EventID: 4625 }
  condition: selection
level: low
---
title: Four failed logons within a minute
id: 11111111-2222-4333-8444-000000000003
status: test
correlation:
  type: event_count
  rules: [failed_logon]
  group-by: [TargetUserName]
  timespan: 1m
  condition: { gte: 4 }
level: high
";

#[test]
fn a_window_counts_events_of_two_files_that_interleave() {
    let dir = tempfile::tempdir().expect("a folder");
    // Neither file alone reaches four within a minute; the last of `a` lies outside of every window.
    put(dir.path(), "a.json", &[failed_logon(1, 0), failed_logon(3, 20), failed_logon(9, 600)]);
    put(dir.path(), "b.json", &[failed_logon(2, 10), failed_logon(4, 30)]);
    let content = with_rules(&[GUESSED]);
    for jobs in [1, 3] {
        let mut outcome = scan(&content, dir.path(), Search::default(), jobs);
        assert_eq!(account(&outcome), [5, 0, 0, 0]);
        let found = findings(&mut outcome);
        assert_eq!(found.len(), 1, "{found:?}");
        let records: Vec<u64> = found[0].events.iter().map(|e| e.record).collect();
        assert_eq!((records, found[0].event.record), (vec![1, 2, 3, 4], 4));
        assert_eq!(content.meta(found[0].rule).title, "Four failed logons within a minute");
    }
    fs::remove_file(dir.path().join("b.json")).expect("remove");
    let mut alone = scan(&content, dir.path(), Search::default(), 1);
    assert!(findings(&mut alone).is_empty());
}

const WHOAMI: &str = "title: Whoami with all
id: 11111111-2222-4333-8444-000000000004
status: test
logsource: { product: windows, category: process_creation }
detection:
  selection: { Image|endswith: '\\whoami.exe', CommandLine|contains: '/all' }
  condition: selection
level: high
";

fn sysmon_start(record: u64, second: u64, id: u32) -> String {
    let data = json!({
        "UtcTime": "2026-03-02 09:00:00.000", "ProcessId": id, "ProcessGuid": "{00000000-0000-0000-0000-000000000001}",
        "Image": r"C:\Windows\System32\whoami.exe", "CommandLine": "whoami /all", "User": r"CORP\ana",
    });
    event(SYSMON, "Microsoft-Windows-Sysmon/Operational", 1, record, second, data)
}

fn security_start(record: u64, second: u64, id: u32) -> String {
    let data = json!({
        "NewProcessId": format!("{id:#x}"), "NewProcessName": r"C:\Windows\System32\whoami.exe", "CommandLine": "whoami /all",
        "SubjectUserName": "ana", "SubjectDomainName": "CORP", "SubjectLogonId": "0x3e7a1",
    });
    event(SECURITY, "Security", 4688, record, second, data)
}

#[test]
fn one_act_in_two_logs_is_one_finding_with_a_witness() {
    let dir = tempfile::tempdir().expect("a folder");
    put(dir.path(), "Security.json", &[security_start(70, 5, 4242), security_start(71, 900, 4300)]);
    put(dir.path(), "Sysmon.json", &[sysmon_start(7, 5, 4242)]);
    let content = with_rules(&[WHOAMI]);
    let mut outcome = scan(&content, dir.path(), Search::default(), 2);
    assert_eq!(account(&outcome), [3, 0, 0, 0]);
    let found = findings(&mut outcome);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(
        (found[0].channel.as_str(), found[0].event.record),
        ("Microsoft-Windows-Sysmon/Operational", 7)
    );
    let witnesses: Vec<_> = found[0].witnesses.iter().map(|w| (w.channel.as_str(), w.event.record)).collect();
    assert_eq!(witnesses, [("Security", 70)]);
    assert_eq!((found[1].event.record, found[1].witnesses.len()), (71, 0), "another process is another act");
}

#[test]
fn bounds_of_time_take_the_first_and_leave_the_last() {
    let dir = tempfile::tempdir().expect("a folder");
    put(dir.path(), "a.json", &[sysmon_start(1, 10, 1), sysmon_start(2, 20, 2), sysmon_start(3, 30, 3)]);
    let content = with_rules(&[WHOAMI]);
    let at = |second: i64| Timestamp::from_secs(1_772_442_000 + second);
    let records = |since: Option<i64>, until: Option<i64>| {
        let search = Search { since: since.and_then(at), until: until.and_then(at), ..Search::default() };
        let mut outcome = scan(&content, dir.path(), search, 2);
        assert_eq!(account(&outcome), [3, 0, 0, 0], "events out of bounds are counted all the same");
        let found: Vec<u64> = findings(&mut outcome).iter().map(|f| f.event.record).collect();
        assert_eq!(found.len() as u64 + outcome.total.outside, 3);
        found
    };
    assert_eq!(records(None, None), [1, 2, 3]);
    assert_eq!(records(Some(20), None), [2, 3]);
    assert_eq!(records(None, Some(20)), [1]);
    assert_eq!(records(Some(20), Some(30)), [2]);
    assert_eq!(records(Some(31), Some(40)), [0; 0]);
}

#[test]
fn an_event_log_and_its_export_are_one_source() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = [("NewProcessName", r"C:\Windows\System32\whoami.exe"), ("CommandLine", "whoami /all")];
    // The writer's System holds no record number; the reader takes it from here as well.
    let numbered = [data[0], data[1], ("EventRecordID", "1")];
    let mut evtx = b"ElfFile\0".to_vec();
    evtx.resize(4096, 0);
    evtx.extend(chunk(&[Event { id: 4688, channel: "Security", data: &numbered }]));
    let folder = dir.path().join("ws1");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("a.evtx"), evtx).expect("write");
    let exported = |record: u64| {
        json!({ "Event": {
            "System": {
                "EventID": 4688, "EventRecordID": record, "Channel": "Security",
                "TimeCreated": { "#attributes": { "SystemTime": "2026-03-14T09:26:53Z" } },
            },
            "EventData": { data[0].0: data[0].1, data[1].0: data[1].1 },
        }})
        .to_string()
    };
    put(&folder, "b.json", &[exported(1), exported(2)]);
    // Neither names its computer: without a host, equal record numbers prove nothing.
    let content = with_rules(&[WHOAMI]);
    let strangers = scan(&content, dir.path(), Search::default(), 2);
    assert_eq!(account(&strangers), [3, 0, 0, 0]);
    let options = Options {
        paths: vec![dir.path().to_owned()],
        host_from_path: HostFromPath::Last,
        ..Options::default()
    };
    let mut outcome = scan_with(&content, options, Search::default(), 2);
    assert_eq!(account(&outcome), [2, 0, 1, 0]);
    assert_eq!(file(&outcome, "b.json").tally.duplicate, 1);
    let first = outcome.findings.order()[0];
    let copy = file(&outcome, "b.json").index;
    assert_eq!(outcome.findings.copies(first), [copy], "the finding names both files");
    let records: Vec<u64> = findings(&mut outcome).iter().map(|f| f.event.record).collect();
    assert_eq!(records, [1, 2]);
}

#[test]
fn a_log_without_years_takes_the_year_of_its_neighbour() {
    let dir = tempfile::tempdir().expect("a folder");
    let stamps = [
        "Mar 14 09:26:53 web1 sshd[812]: Failed password for root from 203.0.113.9 port 40022 ssh2",
        "Mar 14 09:26:54 web1 sshd[812]: Accepted password for root from 203.0.113.9 port 40023 ssh2",
    ];
    put(dir.path(), "auth.log", &stamps.map(str::to_owned));
    let stated = json!({ "__REALTIME_TIMESTAMP": "1679000000000000", "_HOSTNAME": "web1", "SYSLOG_IDENTIFIER": "cron", "MESSAGE": "job" });
    put(dir.path(), "journal.json", &[stated.to_string()]);
    let outcome = scan(&BUILT_IN, dir.path(), Search::default(), 2);
    assert_eq!(account(&outcome), [3, 0, 0, 0]);
    let tally = &file(&outcome, "auth.log").tally;
    let first = "2023-03-14T09:26:53Z".parse::<jiff::Timestamp>().expect("a time");
    assert_eq!(tally.extent.first, Some(first.into()));
    assert_eq!(tally.bases[TimeBasis::YearAndZoneAssumed as usize], 2);
    assert_eq!(file(&outcome, "auth.log").time_basis(), "year and zone assumed");
    assert_eq!(file(&outcome, "journal.json").tally.bases[TimeBasis::Stated as usize], 1);
}
