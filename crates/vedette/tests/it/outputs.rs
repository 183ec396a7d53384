//! Files that a scan writes: never over or among what it reads, and whole or not at all.

use std::fs;
use std::path::Path;

use crate::harness::{root, run, stderr, stdout, text, vedette};

const LINE: &str = "{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-03-02T09:00:00Z\",\"eventSource\":\"cloudtrail.amazonaws.com\",\"eventName\":\"StopLogging\",\"awsRegion\":\"eu-west-1\",\"sourceIPAddress\":\"198.51.100.7\",\"userIdentity\":{\"type\":\"IAMUser\",\"arn\":\"arn:aws:iam::111122223333:user/ana\"},\"eventID\":\"a\",\"recipientAccountId\":\"111122223333\"}\n";

/// A folder with `logs/trail.jsonl`.
fn estate() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    fs::create_dir(dir.path().join("logs")).expect("a folder");
    fs::write(dir.path().join("logs/trail.jsonl"), LINE).expect("write");
    dir
}

/// Scans `input` and expects the refusal of `target` for either option, with the input untouched and nothing new.
fn refused(dir: &Path, input: &str, target: &str, says: &str) {
    let before = listing(dir);
    for option in ["--timeline", "--manifest"] {
        for overwrite in [&[][..], &["--overwrite"]] {
            let (input, target) = (dir.join(input), dir.join(target));
            let args = [&["scan", text(&input), option, text(&target)], overwrite].concat();
            let output = run(&args);
            let told = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
            assert!(told.contains(says) && told.contains("help"), "{args:?}: {told}");
            assert_eq!(fs::read_to_string(dir.join("logs/trail.jsonl")).expect("still there"), LINE);
            assert_eq!(listing(dir), before, "{args:?}");
        }
    }
}

fn listing(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for folder in [dir.to_owned(), dir.join("logs")] {
        let entries = fs::read_dir(folder).expect("a folder").flatten();
        names.extend(entries.map(|e| e.path().display().to_string()));
    }
    names.sort();
    names
}

#[test]
fn an_input_is_not_written_over() {
    let dir = estate();
    refused(dir.path(), "logs/trail.jsonl", "logs/trail.jsonl", "one of the files that are read");
    refused(dir.path(), "logs/trail.jsonl", "logs/../logs/trail.jsonl", "one of the files that are read");
}

#[test]
fn nothing_is_written_below_an_input_folder() {
    let dir = estate();
    for target in ["logs/trail.jsonl", "logs/new.jsonl", "logs/../logs/new.jsonl"] {
        refused(dir.path(), "logs", target, "which is read");
    }
}

#[cfg(unix)]
#[test]
fn no_link_leads_to_an_input() {
    use std::os::unix::fs::symlink;
    let dir = estate();
    let at = |name: &str| dir.path().join(name);
    symlink(at("logs/trail.jsonl"), at("soft.jsonl")).expect("link");
    symlink(at("logs"), at("folder")).expect("link");
    symlink(at("logs/not_there.jsonl"), at("dangling.jsonl")).expect("link");
    fs::hard_link(at("logs/trail.jsonl"), at("hard.jsonl")).expect("link");
    for input in ["logs", "folder"] {
        refused(dir.path(), input, "soft.jsonl", "which is read");
        refused(dir.path(), input, "folder/new.jsonl", "which is read");
        refused(dir.path(), input, "hard.jsonl", "one of the files that are read");
        refused(dir.path(), input, "dangling.jsonl", "leads nowhere");
    }
    refused(dir.path(), "logs/trail.jsonl", "soft.jsonl", "one of the files that are read");
    refused(dir.path(), "soft.jsonl", "logs/trail.jsonl", "one of the files that are read");
}

#[test]
fn an_older_file_is_replaced_only_when_asked() {
    let dir = estate();
    let (logs, timeline, manifest) =
        (dir.path().join("logs"), dir.path().join("t.jsonl"), dir.path().join("m.json"));
    fs::write(&timeline, "older").expect("write");
    let args =
        ["scan", text(&logs), "--timeline", text(&timeline), "--manifest", text(&manifest), "--overwrite"];
    let output = run(&args[..args.len() - 1]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--overwrite"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&timeline).expect("read"), "older");
    assert!(!manifest.exists());
    for _ in 0..2 {
        let output = run(&args);
        assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
        assert!(fs::read_to_string(&timeline).expect("read").contains("StopLogging"));
        assert!(fs::read_to_string(&manifest).expect("read").contains("sha256"));
    }
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 3, "no passing file stays");
}

#[test]
fn two_outputs_need_two_files() {
    let dir = estate();
    let (logs, one) = (dir.path().join("logs"), dir.path().join("one.jsonl"));
    let output = run(&["scan", text(&logs), "--timeline", text(&one), "--manifest", text(&one)]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(!one.exists());
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    let dir = estate();
    let logs = dir.path().join("logs");
    for (args, says) in [
        (&["--jobs", "0"][..], "1..=256"),
        (&["--jobs", "257"], "1..=256"),
        (&["--year", "26"], "1970..=2100"),
        (&["--since", "2026-03-02", "--until", "2026-03-01"], "is not after"),
        (&["--since", "2026-03-02", "--until", "2026-03-02"], "is not after"),
        (&["--redact", "users"], "--report"),
        (&["--report", "never_written.docx"], ".html"),
        (&["--tlp", "PINK", "--report", "never_written.html"], "AMBER"),
        (&["--timeline-of", "events"], "--timeline"),
        (&["--timeline", "never_written.xlsx"], ".jsonl"),
    ] {
        let output = run(&[&["scan", text(&logs)], args].concat());
        let told = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {told}");
        assert!(told.contains(says), "{args:?}: {told}");
    }
}

#[test]
fn a_zone_for_no_file_is_told() {
    let dir = estate();
    let logs = dir.path().join("logs");
    let told = |zone: &str| stderr(&run(&["scan", text(&logs), "--tz", zone]));
    assert!(told("trial.jsonl=Europe/Berlin").contains("no input matches `trial.jsonl`"));
    assert_eq!(told("trail.jsonl=Europe/Berlin"), "");
    assert_eq!(told("UTC"), "");
}

#[test]
fn no_line_is_wider_than_the_screen() {
    let estate = root().join("sample/estate");
    let gone = estate.join("a-path-that-is-not-there-and-has-a-name-longer-than-a-narrow-screen-is-wide");
    for (columns, zone) in [("60", "UTC"), ("60", "Europe/Berlin"), ("100", "UTC")] {
        let output = vedette()
            .env("COLUMNS", columns)
            .args(["scan", text(&estate), text(&gone), "--color", "never", "--files", "--all-statuses"])
            .args(["--display-tz", zone, "--min-level", "informational", "--since", "2001-01-01"])
            .output()
            .expect("runs");
        let shown = stdout(&output);
        assert!(shown.contains("Hosts") && shown.contains("Problems") && shown.contains("Found"), "{shown}");
        assert!(shown.contains("\n  VD-I026"), "{shown}");
        for line in shown.lines() {
            assert!(line.chars().count() <= columns.parse().expect("a number"), "{columns}: {line}");
        }
    }
}

#[test]
fn events_outside_the_time_asked_are_counted() {
    let dir = estate();
    let shown = stdout(&run(&["scan", text(&dir.path().join("logs")), "--since", "2026-03-03"]));
    assert!(shown.contains("1 event outside the time asked"), "{shown}");
}

#[test]
fn hidden_findings_are_counted_by_the_status_of_their_rule() {
    let dir = estate();
    let rule = |name: &str, status: &str| {
        let text = format!(
            "title: {name}\nid: 11111111-2222-4333-8444-{:012x}\nstatus: {status}\nlevel: high\nlogsource: {{ product: aws, service: cloudtrail }}\ndetection:\n  selection:\n    eventName: StopLogging\n  condition: selection\n",
            name.len()
        );
        fs::write(dir.path().join(format!("{name}.yml")), text).expect("write");
    };
    rule("old", "deprecated");
    rule("fresh", "experimental");
    rule("ripe one", "stable");
    let (logs, rules) = (dir.path().join("logs"), dir.path());
    let shown = stdout(&run(&["scan", text(&logs), "--no-default-rules", "--rules", text(rules)]));
    assert!(
        shown.contains("Hidden 1 of deprecated rules, 1 of experimental rules (--all-statuses"),
        "{shown}"
    );
    assert!(shown.contains("ripe one"), "{shown}");
}

#[test]
fn the_manifest_tells_size_on_disk_and_what_was_read() {
    let dir = estate();
    let (logs, manifest) = (dir.path().join("logs"), dir.path().join("m.json"));
    // Recognised by its beginning, and no log.
    let picture = [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &[7; 300_000]].concat();
    fs::write(logs.join("picture.png"), &picture).expect("write");
    assert_eq!(run(&["scan", text(&logs), "--manifest", text(&manifest)]).status.code(), Some(1));
    let told: serde_json::Value = serde_json::from_slice(&fs::read(&manifest).expect("read")).expect("JSON");
    let inputs = told["inputs"].as_array().expect("a list");
    for (name, bytes) in [("picture.png", picture.len()), ("trail.jsonl", LINE.len())] {
        let input = inputs.iter().find(|i| i["path"] == text(&logs.join(name))).expect("told");
        assert_eq!(input["bytes"], bytes, "{input}");
        assert_eq!(input["complete"], true, "{input}");
        assert_eq!(input["sha256"].as_str().map(str::len), Some(64), "{input}");
    }
}

#[test]
fn a_pack_is_replaced_whole_or_not_at_all() {
    let dir = tempfile::tempdir().expect("a folder");
    let (home, rules) = (dir.path().join("home"), dir.path().join("own"));
    fs::create_dir(&rules).expect("a folder");
    let import = |extra: &[&str]| {
        let mut command = vedette();
        command.env("VEDETTE_HOME", &home).args(["rules", "import", text(&rules)]).args(extra);
        command.output().expect("runs")
    };
    fs::write(rules.join("one.yml"), "title: One\n").expect("write");
    assert_eq!(import(&[]).status.code(), Some(0));
    fs::remove_file(rules.join("one.yml")).expect("remove");
    fs::write(rules.join("two.yml"), "title: Two\n").expect("write");
    assert_eq!(import(&[]).status.code(), Some(2), "it is there already");
    assert!(home.join("rules/own/one.yml").exists());
    assert_eq!(import(&["--replace"]).status.code(), Some(0));
    assert!(home.join("rules/own/two.yml").exists() && !home.join("rules/own/one.yml").exists());
    assert_eq!(fs::read_dir(&home).expect("a folder").count(), 1, "nothing is left beside the packs");
}
