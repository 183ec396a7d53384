//! Rules as a tool: import, check against data, explain.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::Value;

use crate::harness::{list, root, stderr, stdout, text, vedette};

const RULE: &str = "title: Trail stopped
id: 99999999-2222-4333-8444-555555555555
author: Ana Example
license: MIT
status: test
logsource: { product: aws, service: cloudtrail }
detection:
  selection: { eventName: StopLogging }
  filter: { userIdentity.type: AWSService }
  condition: selection and not filter
level: high
";

fn event(dir: &Path) -> String {
    let path = dir.join("trail.json");
    let line = r#"{"eventVersion":"1.08","eventTime":"2026-03-02T09:00:00Z","eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","sourceIPAddress":"198.51.100.7","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/ana"},"eventID":"a","recipientAccountId":"111122223333"}"#;
    fs::write(&path, format!("{line}\n")).expect("write");
    text(&path).to_owned()
}

fn with_home(home: &Path, args: &[&str]) -> std::process::Output {
    vedette().env("VEDETTE_HOME", home).args(args).output().expect("runs")
}

#[test]
fn an_imported_pack_keeps_author_and_licence_and_runs_by_itself() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, source) = (dir.path().join("home"), dir.path().join("pack/rules"));
    fs::create_dir_all(&source).expect("mkdir");
    fs::write(source.join("trail.yml"), RULE).expect("write");
    fs::write(dir.path().join("pack/LICENSE"), "do as you please").expect("write");
    let logs = tempfile::tempdir().expect("a folder");
    let log = event(logs.path());
    let import = with_home(&home, &["rules", "import", text(&source), "--name", "mine"]);
    assert!(import.status.success(), "{}", stderr(&import));
    assert_eq!(fs::read_to_string(home.join("rules/mine/LICENSE")).expect("kept"), "do as you please");
    let again = with_home(&home, &["rules", "import", text(&source), "--name", "mine"]);
    assert_eq!(again.status.code(), Some(2), "a pack is not overwritten by accident");
    let scan = with_home(&home, &["scan", &log, "--format", "json"]);
    let scan: Value = serde_json::from_slice(&scan.stdout).expect("JSON");
    let found = list(&scan, "findings").iter().find(|f| f["title"] == "Trail stopped").expect("found");
    assert_eq!((&found["author"], &found["license"]), (&"Ana Example".into(), &"MIT".into()));
}

#[test]
fn a_zip_of_rules_is_imported_and_writes_nowhere_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("pack.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&path).expect("create"));
    for name in ["rules/trail.yml", "../../escape.yml"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("start");
        zip.write_all(RULE.replace("9999", &format!("{:04}", name.len())).as_bytes()).expect("write");
    }
    zip.finish().expect("finish");
    let home = dir.path().join("a/b/home");
    let import = with_home(&home, &["rules", "import", text(&path)]);
    assert!(import.status.success(), "{}", stderr(&import));
    assert!(home.join("rules/pack/rules/trail.yml").exists());
    assert!(home.join("rules/pack/escape.yml").exists());
    assert!(!dir.path().join("a/escape.yml").exists() && !dir.path().join("escape.yml").exists());
}

#[test]
fn explain_shows_the_line_that_decided() {
    let dir = tempfile::tempdir().expect("a folder");
    let rule = dir.path().join("trail.yml");
    fs::write(&rule, RULE).expect("write");
    let log = event(dir.path());
    let matches = vedette().args(["rules", "explain", text(&rule), &log]).output().expect("runs");
    assert_eq!(matches.status.code(), Some(0));
    assert!(stdout(&matches).contains("eventName: StopLogging"), "{}", stdout(&matches));
    fs::write(&rule, RULE.replace("StopLogging }", "StartLogging }")).expect("write");
    let quiet = vedette().args(["rules", "explain", text(&rule), &log]).output().expect("runs");
    assert_eq!(quiet.status.code(), Some(1));
    assert!(stdout(&quiet).contains("does not match"), "{}", stdout(&quiet));
}

#[test]
fn against_data_a_rule_can_match_partly_or_cannot() {
    let dir = tempfile::tempdir().expect("a folder");
    let rules = dir.path().join("rules");
    fs::create_dir(&rules).expect("mkdir");
    let write = |name: &str, id: &str, from: &str, to: &str| {
        fs::write(rules.join(name), RULE.replace("99999999", id).replace(from, to)).expect("write");
    };
    write("yes.yml", "00000001", "", "");
    write(
        "field.yml",
        "00000002",
        "selection: { eventName: StopLogging }",
        "selection: { requestParameters.instanceId: i }",
    );
    write("channel.yml", "00000003", "product: aws, service: cloudtrail", "product: okta, service: okta");
    let log = event(dir.path());
    let args = ["rules", "check", text(&rules), "--against", &log, "--format", "json"];
    let report: Value =
        serde_json::from_slice(&vedette().args(args).output().expect("runs").stdout).expect("JSON");
    let verdict = |id: &str| {
        let found = list(&report, "against")
            .iter()
            .find(|a| a["rule_id"].as_str().is_some_and(|r| r.starts_with(id)));
        found.expect("an entry")["can_match"].as_str().expect("a word").to_owned()
    };
    assert_eq!([verdict("00000001"), verdict("00000002"), verdict("00000003")], ["yes", "no", "no"]);
}

#[test]
fn all_built_in_benches_hold() {
    let output = vedette().args(["rules", "test"]).output().expect("runs");
    assert!(output.status.success(), "{}", stdout(&output));
}

#[test]
fn a_rule_without_a_bench_is_told() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("trail.yml"), RULE).expect("write");
    let output = vedette().args(["rules", "test", text(dir.path())]).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("no bench"), "{}", stdout(&output));
    let own = root().join("content/rules/dns");
    assert!(vedette().args(["rules", "test", text(&own)]).output().expect("runs").status.success());
}

#[test]
fn without_an_event_a_rule_says_what_it_needs_and_what_to_do() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("trail.yml");
    let guide =
        "falsepositives: A move to another trail\nguide: |\n  Look who stopped it.\n  Start it again.\n";
    fs::write(&path, format!("{RULE}{guide}")).expect("write");
    let output = vedette().args(["rules", "explain", text(&path)]).output().expect("runs");
    let told = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{told}{}", stderr(&output));
    for part in [
        "Trail stopped",
        "aws_cloudtrail",
        "A move to another trail",
        "1. Look who stopped it.",
        "2. Start it again.",
    ] {
        assert!(told.contains(part), "no `{part}` in {told}");
    }
    let log = event(dir.path());
    let matched = vedette().args(["rules", "explain", text(&path), &log]).output().expect("runs");
    assert!(stdout(&matched).contains("2. Start it again."), "{}", stdout(&matched));
    // Of a log with many cases only the one that the rule's event id leads to.
    let narrow = vedette().args(["rules", "explain", "dcsync"]).output().expect("runs");
    assert!(!stdout(&narrow).contains("process_creation"), "{}", stdout(&narrow));
    let correlation =
        vedette().args(["rules", "explain", "ssh_guessing_then_success"]).output().expect("runs");
    assert!(stdout(&correlation).contains("linux_sshd"), "{}", stdout(&correlation));
}

#[test]
fn a_condition_that_no_case_guards_is_told_with_the_case_that_would() {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("trail.yml"), RULE).expect("write");
    let bench = "fires_on:
  - { why: stopped, source: aws_cloudtrail, event: { eventName: StopLogging, userIdentity.type: IAMUser } }
stays_quiet_on:
  - { why: another call, source: aws_cloudtrail, event: { eventName: StartLogging, userIdentity.type: IAMUser } }
";
    fs::write(dir.path().join("trail.bench.yml"), bench).expect("write");
    let output = vedette().args(["rules", "bench", "--mutate", text(dir.path())]).output().expect("runs");
    assert_eq!(output.status.code(), Some(1));
    let told = stdout(&output);
    assert!(told.contains("without: not filter"), "{told}");
    assert!(told.contains("userIdentity.type: 'AWSService'"), "{told}");
    let lenient = ["rules", "bench", "--mutate", "--min-share", "20", text(dir.path())];
    assert_eq!(vedette().args(lenient).output().expect("runs").status.code(), Some(0));
}

#[test]
fn a_name_remembered_in_part_is_completed() {
    let dir = tempfile::tempdir().expect("a folder");
    let log = event(dir.path());
    let output = vedette().args(["rules", "explain", "office script", &log]).output().expect("runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `office_starts_script_host`"), "{}", stderr(&output));
}

#[test]
fn a_folder_without_rules_is_a_slip_of_the_pen() {
    let dir = tempfile::tempdir().expect("a folder");
    let (log, empty) = (event(dir.path()), dir.path().join("empty"));
    fs::create_dir(&empty).expect("a folder");
    for (args, what) in [
        (["rules", "check", text(&empty)].to_vec(), "holds no rules"),
        (["scan", &log, "--rules", text(&empty)].to_vec(), "holds no rules"),
        (["scan", &log, "--mappings", text(&empty)].to_vec(), "holds no mappings"),
    ] {
        let output = vedette().args(&args).output().expect("runs");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(stderr(&output).contains(what), "{args:?}: {}", stderr(&output));
    }
}

#[test]
fn many_rules_left_out_are_told_by_their_reasons() {
    let dir = tempfile::tempdir().expect("a folder");
    for n in 0..30 {
        let id = format!("{n:08}");
        let broken =
            RULE.replace("99999999", &id).replace("eventName: StopLogging", "eventName|contain: Stop");
        fs::write(dir.path().join(format!("broken_{n:02}.yml")), broken).expect("write");
    }
    let output = vedette().args(["rules", "check", text(dir.path())]).output().expect("runs");
    let shown = stdout(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(shown.contains("VD-S014  30 rules") && shown.contains("broken_00.yml:8"), "{shown}");
    assert!(shown.contains("30 rules = 0 running + 30 left out") && shown.lines().count() < 12, "{shown}");
}
