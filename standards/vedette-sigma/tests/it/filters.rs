//! Filters are joined into the rules they name.

use crate::{codes, read, rule, shape};

const RULE: &str = "    selection:\n        a: 1\n    condition: selection\n";

fn filter(rules: &str, logsource: &str) -> String {
    format!(
        "title: Known backup\nid: f-{}\nlogsource: {logsource}\nfilter:\n    rules: {rules}\n    selection:\n        User: backup\n    condition: not selection\n",
        rules.len() + logsource.len()
    )
}

#[test]
fn a_filter_is_joined_by_id_by_name_or_to_any() {
    let named = rule("r2", RULE).replace("id: r2", "id: r2\nname: second");
    let check = |rules: &str, logsource: &str, expect: [&str; 2]| {
        let pack =
            read(&[("a.yml", &rule("r1", RULE)), ("b.yml", &named), ("f.yml", &filter(rules, logsource))]);
        let shown: Vec<String> = pack
            .rules
            .iter()
            .map(|r| r.detection.conditions.iter().map(|c| r.detection.show(c).to_string()).collect())
            .collect();
        assert_eq!(shown, expect, "{rules} {logsource}");
        assert_eq!(codes(&pack), ["running"; 3]);
    };
    let joined = "selection and not selection of `Known backup`";
    check("[r1]", "{product: windows}", [joined, "selection"]);
    check("second", "{category: process_creation}", ["selection", joined]);
    check("[r1, second]", "{product: windows}", [joined, joined]);
    check("any", "{product: windows}", [joined, joined]);
    check("[r1, r1]", "{product: windows}", [joined, "selection"]);
}

#[test]
fn the_selections_of_a_filter_stand_behind_the_rules_own() {
    let pack = read(&[("a.yml", &rule("r1", RULE)), ("f.yml", &filter("any", "{product: windows}"))]);
    let detection = &pack.rules[0].detection;
    assert_eq!(detection.selections.iter().map(|s| shape(&s.block)).collect::<Vec<_>>(), ["&[a]", "&[User]"]);
    assert_eq!(pack.rules[0].filters, ["Known backup"]);
    assert_eq!(pack.rules[0].fields(), ["User", "a"]);
}

#[test]
fn them_in_a_rule_does_not_mean_the_selections_of_a_filter() {
    let text = rule("r1", "    one:\n        a: 1\n    two:\n        b: 1\n    condition: all of them\n");
    let pack = read(&[("a.yml", &text), ("f.yml", &filter("any", "{product: windows}"))]);
    let vedette_sigma::Condition::And(parts) = &pack.rules[0].detection.conditions[0] else { panic!("and") };
    let vedette_sigma::Condition::Of { of, .. } = &parts[0] else { panic!("of") };
    assert_eq!(of, &[0, 1]);
}

#[test]
fn an_idle_filter_is_left_out_and_says_why() {
    let check = |rules: &str, logsource: &str, note: &str| {
        let pack = read(&[("a.yml", &rule("r1", RULE)), ("f.yml", &filter(rules, logsource))]);
        assert_eq!(codes(&pack), ["running", "VD-S035"], "{rules} {logsource}");
        let all: Vec<&str> = pack.account[1].diagnostics.iter().map(|d| d.fault.as_str()).collect();
        assert!(all.iter().any(|f| f.contains(note)), "{all:?}");
    };
    check("[nobody]", "{product: windows}", "no rule is called `nobody`");
    check("[r1]", "{product: linux}", "is not the filter's");
    check("[r1]", "{product: windows, service: security}", "is not the filter's");
    check("any", "{product: linux}", "fits no loaded rule");
}

#[test]
fn a_filter_that_names_some_loaded_rules_runs() {
    let pack =
        read(&[("a.yml", &rule("r1", RULE)), ("f.yml", &filter("[r1, nobody]", "{product: windows}"))]);
    assert_eq!(codes(&pack), ["running", "running"]);
    assert_eq!(pack.account[1].diagnostics.len(), 1);
}

#[test]
fn a_rule_that_was_left_out_cannot_be_filtered() {
    let broken = rule("r1", RULE).replace("a: 1", "a|nonsense: 1");
    let pack = read(&[("a.yml", &broken), ("f.yml", &filter("[r1]", "{product: windows}"))]);
    assert_eq!(codes(&pack), ["VD-S014", "VD-S035"]);
    assert!(pack.account[1].diagnostics[0].fault.contains("no running rule"));
}
