//! The public rule collection: every document accounted for.

use crate::harness::{corpus, json, list, number, text};

#[test]
fn every_rule_is_running_or_left_out_with_a_reason() {
    let Some(rules) = corpus("sigma/rules") else { return };
    let report = json(&["rules", "check", text(&rules)]);
    assert_eq!(number(&report, "running") + list(&report, "left_out").len() as u64, number(&report, "rules"));
    assert_eq!(number(&report, "files"), 4_039);
    for left_out in list(&report, "left_out") {
        assert!(left_out["reason"].as_str().is_some_and(|r| r.len() > 10), "{left_out}");
        assert!(left_out["path"].as_str().is_some_and(|p| p.ends_with(".yml")), "{left_out}");
    }
}

#[test]
fn nearly_all_rules_of_the_three_main_trees_run() {
    for tree in ["rules", "rules-emerging-threats", "rules-threat-hunting"] {
        let Some(rules) = corpus(&format!("sigma/rules/{tree}")) else { return };
        let report = json(&["rules", "check", text(&rules)]);
        let (running, all) = (number(&report, "running"), number(&report, "rules"));
        println!("{tree}: {running} of {all}, {} without a source", list(&report, "no_source").len());
        assert!(running * 1_000 >= all * 995, "{tree}: {running} of {all}");
    }
}
