//! The cases that SigmaHQ keeps for its own rules: each must fire the named rule, from EVTX and from JSON alike.

use std::collections::HashMap;

use crate::harness::{assert_balanced, corpus, json, list, text};

#[test]
fn every_case_fires_its_rule_from_evtx_and_from_json() {
    let Some(sigma) = corpus("sigma") else { return };
    let expected: Vec<serde_json::Value> =
        serde_json::from_slice(&std::fs::read(sigma.join("regression_expected.json")).expect("the index"))
            .expect("JSON");
    let rules = sigma.join("rules");
    let mut failures = Vec::new();
    for extension in ["evtx", "json"] {
        // One file a case, copied side by side, so that the EVTX and the JSON of a case do not count as copies.
        let dir = tempfile::tempdir().expect("a folder");
        for case in &expected {
            let folder = sigma.join(case["dir"].as_str().expect("dir"));
            let id = case["evtx"].as_str().expect("evtx").trim_end_matches(".evtx");
            let from = folder.join(format!("{id}.{extension}"));
            let to = dir.path().join(format!("{}.{extension}", case["rule_id"].as_str().expect("id")));
            std::fs::copy(from, to).expect("copy");
        }
        let scan = json(&["scan", text(dir.path()), "--no-default-rules", "--rules", text(&rules)]);
        assert_balanced(&scan);
        let mut hits: HashMap<(String, String), u64> = HashMap::new();
        for finding in list(&scan, "findings") {
            let rule = finding["rule_id"].as_str().expect("rule_id");
            let mut files: Vec<&str> =
                finding["files"].as_array().into_iter().flatten().filter_map(|f| f.as_str()).collect();
            if files.is_empty() {
                files.push(finding["file"].as_str().expect("file"));
            }
            for file in files {
                *hits.entry((file.to_owned(), rule.to_owned())).or_default() += 1;
            }
        }
        for case in &expected {
            let rule = case["rule_id"].as_str().expect("id");
            let file = text(&dir.path().join(format!("{rule}.{extension}"))).to_owned();
            let seen = hits.get(&(file, rule.to_owned())).copied().unwrap_or(0);
            let wanted = case["min_matches"].as_u64().expect("min_matches");
            if seen < wanted {
                failures.push(format!("{extension} {rule} {}: {seen} of {wanted}", case["rule_title"]));
            }
        }
    }
    assert_eq!(expected.len(), 97);
    assert!(failures.is_empty(), "{} failed:\n{}", failures.len(), failures.join("\n"));
}
