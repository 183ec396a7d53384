//! The page: self-contained, deterministic, its hashes right.

use base64::Engine as _;
use sha2::{Digest, Sha256};
use vedette_report::Form;

use crate::fixture;
use crate::hostile::written;

#[test]
fn the_same_scan_gives_the_same_bytes() {
    for form in [Form::Html, Form::Markdown, Form::Csv, Form::Navigator] {
        assert_eq!(written(fixture::estate(), form), written(fixture::estate(), form));
    }
}

#[test]
fn the_policy_names_the_hashes_of_what_is_there() {
    let page = written(fixture::estate(), Form::Html);
    let inside =
        |begin: &str, end: &str| page.split(begin).nth(1).unwrap().split(end).next().unwrap().to_owned();
    for text in [inside("<style>", "</style>"), inside("<script>", "</script>")] {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()));
        assert!(page.contains(&format!("'sha256-{hash}'")));
    }
}

#[test]
fn nothing_is_asked_for_from_elsewhere() {
    let page = written(fixture::estate(), Form::Html);
    let frame: String = page.split("<script id=\"data\"").next().unwrap().to_owned();
    for word in ["src=\"", "href=\"http", "url(", "@import", "<link", "<iframe"] {
        assert!(!frame.contains(word), "{word}");
    }
}

#[test]
fn the_worst_incident_stands_first() {
    let page = written(fixture::estate(), Form::Html);
    let block = page.split("type=\"application/json\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(block).unwrap();
    assert_eq!(
        data["answer"]["headline"],
        "Two incidents. The worst is critical: Credentials taken on WS-ANNA and shadow copies deleted on FS01 and DC01."
    );
    assert_eq!(data["incidents"]["list"][0]["severity"], "critical");
    assert_eq!(data["answer"]["earliest"]["incident"], 1);
    // An observed step has the level of its finding, an inferred one that of what it rests on.
    let levels: Vec<&str> = data["incidents"]["list"][0]["story"]["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["level"].as_str().unwrap())
        .collect();
    assert_eq!(levels[..5], ["high", "medium", "low", "critical", "critical"]);
    assert_eq!(data["findings"]["shown"], 25);
    assert_eq!(data["evidence"]["shown"], 13);
}
