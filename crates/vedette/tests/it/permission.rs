//! Files that may not be read: each is told with the way out, and everything else goes on.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::harness::{assert_balanced, list, number, stderr, stdout, text, vedette};

/// The binary as somebody whom permissions hold; `None`, with the reason on standard error, where that cannot be had.
///
/// Nothing is forbidden to root, so root hands over to `nobody`; the binary goes to `dir`, which that user can reach.
#[expect(clippy::print_stderr, reason = "that is how a test says that it was skipped")]
fn unprivileged(dir: &Path) -> Option<Command> {
    let uid = Command::new("id").arg("-u").output().ok()?.stdout;
    if uid.trim_ascii() != b"0" {
        return Some(vedette());
    }
    fs::set_permissions(dir, Permissions::from_mode(0o755)).expect("a folder for all");
    let own = dir.join("vedette");
    if fs::hard_link(env!("CARGO_BIN_EXE_vedette"), &own).is_err() {
        fs::copy(env!("CARGO_BIN_EXE_vedette"), &own).expect("a copy");
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&own);
    command.env("VEDETTE_HOME", "/nonexistent/vedette").env("COLUMNS", "120");
    let probe = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&own)
        .arg("--version")
        .output();
    if !probe.as_ref().is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: root cannot become somebody else here: {probe:?}");
        return None;
    }
    Some(command)
}

const LINE: &str = "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-02T09:00:00Z\",\"eventSource\":\"cloudtrail.amazonaws.com\",\"eventName\":\"StopLogging\",\"awsRegion\":\"eu-west-1\",\"sourceIPAddress\":\"198.51.100.7\",\"userIdentity\":{\"type\":\"IAMUser\",\"arn\":\"arn:aws:iam::111122223333:user/ana\"},\"eventID\":\"a\",\"recipientAccountId\":\"111122223333\"}\n";

fn forbid(path: &Path) {
    fs::set_permissions(path, Permissions::from_mode(0o000)).expect("forbidden");
}

#[test]
fn a_file_that_may_not_be_read_is_told_and_the_others_are_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let Some(mut command) = unprivileged(dir.path()) else { return };
    let logs = dir.path().join("logs");
    fs::create_dir_all(logs.join("closed")).expect("a folder");
    for name in ["good.json", "locked.json", "closed/within.json"] {
        fs::write(logs.join(name), LINE).expect("write");
    }
    forbid(&logs.join("locked.json"));
    forbid(&logs.join("closed"));
    let output = command.args(["scan", text(&logs), "--format", "json"]).output().expect("runs");
    fs::set_permissions(logs.join("closed"), Permissions::from_mode(0o755)).expect("for the clean-up");
    let scan: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}{}", stdout(&output), stderr(&output)));
    assert_balanced(&scan);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_eq!(number(&scan["summary"], "events"), 1);
    let told: Vec<&Value> = list(&scan, "files")
        .iter()
        .flat_map(|f| list(f, "problems"))
        .chain(list(&scan["summary"], "problems"))
        .collect();
    for path in ["locked.json", "closed"] {
        let problem = told.iter().find(|p| p["place"] == text(&logs.join(path)));
        let problem = problem.unwrap_or_else(|| panic!("{path} is not told: {told:?}"));
        assert_eq!(problem["code"], "VD-I001", "{problem}");
        assert!(problem["fault"].as_str().is_some_and(|f| f.contains("denied")), "{problem}");
        assert!(problem["remedy"].as_str().is_some_and(|r| r.contains("permissions")), "{problem}");
    }
}

#[test]
fn nothing_but_what_may_not_be_read_is_no_empty_result() {
    let dir = tempfile::tempdir().expect("a folder");
    let Some(mut command) = unprivileged(dir.path()) else { return };
    let log = dir.path().join("locked.json");
    fs::write(&log, LINE).expect("write");
    forbid(&log);
    let output = command.args(["scan", text(&log)]).output().expect("runs");
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    assert!(stdout(&output).contains("cannot be opened"), "{}", stdout(&output));
}

#[test]
fn a_password_file_that_may_not_be_read_ends_the_run() {
    let dir = tempfile::tempdir().expect("a folder");
    let Some(mut command) = unprivileged(dir.path()) else { return };
    let (log, password) = (dir.path().join("good.json"), dir.path().join("pw.txt"));
    fs::write(&log, LINE).expect("write");
    fs::write(&password, "right\n").expect("write");
    forbid(&password);
    let output =
        command.args(["scan", text(&log), "--zip-password-file", text(&password)]).output().expect("runs");
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("pw.txt") && stderr(&output).contains("denied"), "{}", stderr(&output));
}
