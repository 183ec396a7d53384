//! `vedette report` and `scan --report`: one scan told in each form, and what may not be written.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::harness::{list, root, run, stderr, text, vedette};

fn scan_of_the_estate(to: &Path) -> Value {
    let output = vedette()
        .current_dir(root())
        .args(["scan", "sample/estate", "--quiet", "--format", "json"])
        .output()
        .expect("the binary runs");
    fs::write(to, &output.stdout).expect("a temporary file");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn report(scan: &Path, more: &[&str]) -> Output {
    run(&[&["report", text(scan)], more].concat())
}

#[test]
fn every_incident_stands_in_every_form() {
    let dir = tempfile::tempdir().expect("a folder");
    let scan = dir.path().join("scan.json");
    let told = scan_of_the_estate(&scan);
    let incidents: Vec<&str> = list(&told, "incidents").iter().filter_map(|i| i["id"].as_str()).collect();
    assert!(!incidents.is_empty());
    let names = ["out.html", "out.md", "out.csv", "out.navigator.json"];
    let paths: Vec<_> = names.iter().map(|n| dir.path().join(n)).collect();
    let outs: Vec<&str> = paths.iter().flat_map(|p| ["--out", text(p)]).collect();
    let output = report(&scan, &outs);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    for path in &paths {
        let written = fs::read_to_string(path).expect("written");
        for id in &incidents {
            // A layer names an incident beside a technique, and there are incidents without one.
            let layer = path.extension().is_some_and(|e| e == "json");
            assert!(layer || written.contains(id), "{id} in {}", path.display());
        }
    }
    let layer: Value = serde_json::from_slice(&fs::read(&paths[3]).expect("written")).expect("JSON");
    assert_eq!(layer["versions"]["layer"], "4.5");
    assert!(fs::metadata(&paths[0]).expect("written").len() < 5_000_000);
}

#[test]
fn a_report_beside_a_scan_is_the_report_of_that_scan() {
    let dir = tempfile::tempdir().expect("a folder");
    let (scan, beside, after) =
        (dir.path().join("scan.json"), dir.path().join("beside.md"), dir.path().join("after.md"));
    scan_of_the_estate(&scan);
    let output = vedette()
        .current_dir(root())
        .args(["scan", "sample/estate", "--quiet", "--report", text(&beside)])
        .output()
        .expect("the binary runs");
    assert!(beside.exists(), "{}", stderr(&output));
    report(&scan, &["--out", text(&after)]);
    assert_eq!(fs::read_to_string(beside).expect("written"), fs::read_to_string(after).expect("written"));
}

#[test]
fn redacted_names_of_the_estate_are_gone() {
    let dir = tempfile::tempdir().expect("a folder");
    let scan = dir.path().join("scan.json");
    let told = scan_of_the_estate(&scan);
    let mut names: Vec<String> = Vec::new();
    for entity in list(&told, "incidents").iter().flat_map(|i| list(i, "entities")) {
        if matches!(entity["kind"].as_str(), Some("host" | "address")) {
            names.extend(entity["shown"].as_str().map(str::to_lowercase));
        }
    }
    names.retain(|n| n.len() >= 3 && n.chars().any(|c| c == '.' || c == '-') && !n.starts_with("127."));
    assert!(names.len() > 5, "{names:?}");
    for form in ["out.html", "out.md", "out.csv"] {
        let out = dir.path().join(form);
        let output = report(&scan, &["--out", text(&out), "--redact", "users,hosts,addresses"]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let written = fs::read_to_string(&out).expect("written").to_lowercase();
        let left: Vec<&String> = names.iter().filter(|n| holds_word(&written, n)).collect();
        assert!(left.is_empty(), "{form}: {left:?}");
    }
}

/// `name` with no letter or digit before or after it.
fn holds_word(text: &str, name: &str) -> bool {
    let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '.' || c == '-');
    text.match_indices(name)
        .any(|(at, _)| !word(text[..at].chars().next_back()) && !word(text[at + name.len()..].chars().next()))
}

#[test]
fn what_cannot_be_done_is_refused_with_the_way_out() {
    let dir = tempfile::tempdir().expect("a folder");
    let (scan, broken, other) =
        (dir.path().join("scan.html"), dir.path().join("broken.json"), dir.path().join("other.json"));
    fs::write(&scan, r#"{"files":[],"findings":[],"summary":{"version":"0"}}"#).expect("written");
    fs::write(&broken, "{\"files\": [\n1]}").expect("written");
    fs::write(&other, "{}").expect("written");
    let out = dir.path().join("out.md");
    let here = text(&out);
    for (scan, more, code, said) in [
        (&scan, vec!["--out", "x.json"], 2, "the ending says no form"),
        (&scan, vec!["--out", text(&scan)], 2, "one of the files that are read"),
        (&scan, vec!["--out", here, "--out", here], 2, "both name"),
        (&scan, vec!["--out", here, "--tlp", "purple"], 2, "AMBER+STRICT"),
        (&broken, vec!["--out", here], 3, "line 2"),
        (&other, vec!["--out", here], 3, "neither findings nor files"),
        (&dir.path().join("absent.json"), vec!["--out", here], 3, "cannot read"),
    ] {
        let output = report(scan, &more);
        assert_eq!(output.status.code(), Some(code), "{more:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{more:?}: {}", stderr(&output));
        assert!(!out.exists());
    }
    assert_eq!(report(&scan, &["--out", here]).status.code(), Some(0));
    let again = report(&scan, &["--out", here]);
    assert!(stderr(&again).contains("--overwrite"), "{}", stderr(&again));
    assert_eq!(report(&scan, &["--out", here, "--overwrite"]).status.code(), Some(0));
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 4, "nothing half is left");
}
