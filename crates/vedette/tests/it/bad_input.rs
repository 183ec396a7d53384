//! Hostile and damaged input: a clear line for each, and everything else goes on.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::harness::{assert_balanced, json, list, number, run, stderr, stdout, text, vedette};

/// A line that a rule of ours or nobody's matches; it must come through whatever lies beside it.
fn good(dir: &Path) {
    fs::write(dir.join("good.json"), "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-02T09:00:00Z\",\"eventSource\":\"cloudtrail.amazonaws.com\",\"eventName\":\"StopLogging\",\"awsRegion\":\"eu-west-1\",\"sourceIPAddress\":\"198.51.100.7\",\"userIdentity\":{\"type\":\"IAMUser\",\"arn\":\"arn:aws:iam::111122223333:user/ana\"},\"eventID\":\"a\",\"recipientAccountId\":\"111122223333\"}\n").expect("write");
}

fn verdict(scan: &serde_json::Value, path: &Path) -> serde_json::Value {
    let path = text(path);
    list(scan, "files")
        .iter()
        .find(|f| f["path"] == path)
        .cloned()
        .unwrap_or_else(|| panic!("no verdict on {path}"))
}

#[test]
fn each_bad_file_has_a_verdict_and_the_good_one_is_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let at = |name: &str| dir.path().join(name);
    good(dir.path());
    fs::write(at("empty"), "").expect("write");
    fs::write(at("truncated.evtx"), b"ElfFile\0\0\0\0\0").expect("write");
    fs::write(at("not a zip.zip"), b"PK\x03\x04 but no more").expect("write");
    fs::write(at("deep.json"), "[".repeat(100_000)).expect("write");
    fs::write(at("nul.log"), b"\0\0\0\0\0\0\0\0\0\0").expect("write");
    fs::write(
        at("latin1.log"),
        b"Mar  2 09:00:00 web sshd[1]: Failed password for m\xfcller from 198.51.100.7 port 22 ssh2\n",
    )
    .expect("write");
    fs::write(at("picture.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").expect("write");
    let mut long = fs::File::create(at("long.log")).expect("create");
    for _ in 0..40 {
        long.write_all(&[b'x'; 1 << 18]).expect("write");
    }
    long.write_all(b"\nMar  2 09:00:00 web sshd[1]: Connection closed by 198.51.100.7 port 22\n")
        .expect("write");
    drop(long);
    let scan = json(&["scan", text(dir.path()), "--year", "2026"]);
    assert_balanced(&scan);
    assert_eq!(list(&scan, "files").len(), 9);
    assert_eq!(number(&verdict(&scan, &at("good.json")), "events"), 1);
    assert_eq!(verdict(&scan, &at("empty"))["format"], "empty");
    assert_eq!(verdict(&scan, &at("latin1.log"))["encoding"], "windows-1252");
    assert_eq!(number(&verdict(&scan, &at("long.log")), "rejected"), 1);
    assert_eq!(number(&verdict(&scan, &at("long.log")), "events"), 1);
    for name in ["truncated.evtx", "not a zip.zip", "deep.json", "nul.log", "picture.png"] {
        let v = verdict(&scan, &at(name));
        let told = !list(&v, "problems").is_empty() || !list(&v, "rejects").is_empty();
        assert!(told, "{name}: {v}");
    }
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_ends_and_a_pipe_is_not_opened() {
    let dir = tempfile::tempdir().expect("a folder");
    good(dir.path());
    std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).expect("link");
    let fifo = dir.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
    let scan = json(&["scan", text(dir.path())]);
    assert_eq!(number(&verdict(&scan, &dir.path().join("good.json")), "events"), 1);
    assert_eq!(list(&scan, "files").len(), 3);
}

#[test]
fn event_text_cannot_move_the_terminal() {
    let dir = tempfile::tempdir().expect("a folder");
    good(dir.path());
    let line = fs::read_to_string(dir.path().join("good.json")).expect("read");
    let hostile =
        line.replace("user/ana", "user/\\u001b]0;owned\\u0007\\u001b[2J\\u202eana").replace("\"a\"", "\"b\"");
    fs::write(dir.path().join("evil \u{1b}[31m.json"), hostile).expect("write");
    let shown = stdout(&run(&[
        "scan",
        text(dir.path()),
        "--color",
        "never",
        "--min-level",
        "informational",
        "--all-statuses",
        "--files",
    ]));
    assert!(shown.contains("StopLogging"), "{shown}");
    assert!(
        !shown.contains('\u{1b}') && !shown.contains('\u{7}') && !shown.contains('\u{202e}'),
        "{shown:?}"
    );
}

#[test]
fn a_broken_rule_costs_only_itself() {
    let dir = tempfile::tempdir().expect("a folder");
    let rule = |name: &str, modifier: &str, value: &str| {
        let text = format!(
            "title: {name}\nid: {:08x}-2222-4333-8444-555555555555\nlogsource: {{ product: aws, service: cloudtrail }}\ndetection:\n  selection:\n    eventName{modifier}: {value}\n  condition: selection\n",
            name.len()
        );
        fs::write(dir.path().join(format!("{name}.yml")), text).expect("write");
    };
    rule("good", "", "StopLogging");
    rule("misspelt", "|contain", "Stop");
    rule("regex_with_a_hole", "|re", "'('");
    fs::write(dir.path().join("not_yaml.yml"), "title: [unclosed\n").expect("write");
    fs::write(dir.path().join("latin.yml"), b"title: \xff\n").expect("write");
    let report = json(&["rules", "check", text(dir.path())]);
    assert_eq!(
        (number(&report, "running"), list(&report, "left_out").len() as u64),
        (1, number(&report, "rules") - 1)
    );
    let misspelt = list(&report, "left_out").iter().find(|l| l["title"] == "misspelt").expect("told").clone();
    assert_eq!(misspelt["line"], 6);
    assert!(misspelt["help"].as_str().is_some_and(|h| h.contains("contains")), "{misspelt}");
}

#[test]
fn standard_input_is_read() {
    let dir = tempfile::tempdir().expect("a folder");
    good(dir.path());
    let input = fs::File::open(dir.path().join("good.json")).expect("open");
    let output = vedette().args(["scan", "-", "--format", "json"]).stdin(input).output().expect("runs");
    let scan: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stderr(&output)));
    assert_eq!(list(&scan, "files")[0]["path"], "-");
    assert_eq!(number(&scan["summary"], "events"), 1);
}

#[test]
fn a_path_that_is_missing_does_not_stop_the_others() {
    let dir = tempfile::tempdir().expect("a folder");
    good(dir.path());
    let (gone, there) = (dir.path().join("gone"), dir.path().join("good.json"));
    let scan = json(&["scan", text(&gone), text(&there)]);
    assert_eq!(number(&scan["summary"], "events"), 1);
    assert_eq!(list(&verdict(&scan, &gone), "problems").len(), 1);
    let output = run(&["scan", text(&gone), text(&there), "--fail-on", "critical"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let output = run(&["scan", text(&gone)]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("cannot read"), "{}", stderr(&output));
}

#[test]
fn an_empty_folder_is_no_fault_and_is_said() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = run(&["scan", text(dir.path())]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("no files in"), "{}", stderr(&output));
}

#[test]
fn when_nothing_was_read_the_exit_code_says_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let bad = dir.path().join("bad");
    fs::create_dir(&bad).expect("a folder");
    fs::write(bad.join("broken.json"), "{\"a\": }\n{\"b\": ]\n").expect("write");
    fs::write(bad.join("cut.zip"), b"PK\x03\x04 but no more").expect("write");
    let output = run(&["scan", text(&bad)]);
    assert_eq!(output.status.code(), Some(3), "{}{}", stdout(&output), stderr(&output));
    good(&bad);
    assert_eq!(run(&["scan", text(&bad), "--fail-on", "critical"]).status.code(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_rule_file_that_cannot_be_read_is_left_out_with_its_true_reason() {
    let dir = tempfile::tempdir().expect("a folder");
    let (rules, logs) = (dir.path().join("rules"), dir.path().join("logs"));
    fs::create_dir(&rules).expect("a folder");
    fs::create_dir(&logs).expect("a folder");
    good(&logs);
    let rule = "title: R\nid: 11111111-2222-4333-8444-555555555555\nlogsource: { product: aws, service: cloudtrail }\ndetection:\n  selection:\n    eventName: StopLogging\n  condition: selection\n";
    fs::write(dir.path().join("elsewhere.yml"), rule).expect("write");
    let link = |from: std::path::PathBuf, to: std::path::PathBuf| std::os::unix::fs::symlink(from, to);
    link(dir.path().join("elsewhere.yml"), rules.join("linked.yml")).expect("link");
    link(dir.path().join("nowhere.yml"), rules.join("dangling.yml")).expect("link");
    fs::write(rules.join("huge.yml"), vec![b'#'; (4 << 20) + 1]).expect("write");
    let report = json(&["rules", "check", text(&rules)]);
    assert_eq!((number(&report, "running"), list(&report, "left_out").len()), (1, 2), "{report}");
    for (name, reason) in [("dangling.yml", "No such file"), ("huge.yml", "larger than 4 MiB")] {
        let told = list(&report, "left_out").iter().find(|l| l["path"] == text(&rules.join(name)));
        let told = told.unwrap_or_else(|| panic!("{name}: {report}"));
        assert!(told["reason"].as_str().is_some_and(|r| r.contains(reason)), "{told}");
    }
    let shown = stdout(&run(&["scan", text(&logs), "--no-default-rules", "--rules", text(&rules)]));
    assert!(shown.contains("VD-R005") && shown.contains("VD-R002") && shown.contains("left out"), "{shown}");
}
