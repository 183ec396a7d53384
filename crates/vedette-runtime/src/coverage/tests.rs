//! The four colours, and what is told of gaps.

use std::collections::BTreeMap;

use super::*;
use crate::content::{Mappings, Source};
use crate::scan::presence::Lane;

const MAPPING: &str = "id: app_log
title: App
input: json
match: { exists: [app] }
cases:
  - name: start
    when: { exists: [start] }
    logsource: { product: app, category: start }
    enable: auditing of starts
  - name: stop
    when: { exists: [stop] }
    logsource: { product: app, category: stop }
";

fn rule(id: &str, technique: &str, category: &str) -> Source {
    let text = format!(
        "title: Rule {id}\nid: {id}\ntags: [attack.{technique}]\nlogsource: {{ product: app, category: {category} }}\ndetection:\n  s: {{ what: x }}\n  condition: s\nlevel: high\n"
    );
    Source { path: format!("{id}.yml").into(), text: text.into_bytes() }
}

fn judged(presence: Option<&Presence>) -> Coverage {
    let rules = vec![
        rule("r1", "t1003.001", "start"),
        rule("r2", "t1003.001", "start"),
        rule("r3", "t1021", "start"),
        rule("r4", "t1059", "start"),
        rule("r5", "t1070", "stop"),
        rule("r6", "t1078", "unheard"),
    ];
    let mapping = Source { path: "app_log.yml".into(), text: MAPPING.as_bytes().to_vec() };
    let content = Content::load(rules, Mappings::load(&[mapping]), &BTreeMap::new());
    assert!(content.problems.is_empty(), "{:?}", content.problems);
    let mut proofs = Proofs::default();
    proofs.add("r1", ["T1003.001".to_owned()], "a recording");
    let benched = ["r1.yml", "r3.yml", "r5.yml", "r6.yml"].map(str::to_owned).into_iter().collect();
    coverage(&content, &proofs, &benched, presence)
}

fn colours(coverage: &Coverage) -> Vec<(&str, Colour)> {
    coverage.techniques.iter().map(|t| (t.id.as_str(), t.colour)).collect()
}

#[test]
fn the_surest_rule_gives_the_colour() {
    let told = judged(None);
    assert_eq!(
        colours(&told),
        [
            ("T1003.001", Colour::Recorded),
            ("T1021", Colour::Bench),
            ("T1059", Colour::Claimed),
            ("T1070", Colour::Bench),
            ("T1078", Colour::Blind),
        ]
    );
    let rules: Vec<Colour> = told.techniques[0].rules.iter().map(|r| r.colour).collect();
    assert_eq!(rules, [Colour::Recorded, Colour::Claimed]);
    assert_eq!(told.techniques[0].sets.iter().collect::<Vec<_>>(), ["a recording"]);
    assert_eq!(told.gaps.len(), 1);
    assert_eq!(
        (told.gaps[0].kind, told.gaps[0].what.as_str()),
        (GapKind::Mapping, "product app, category unheard")
    );
}

#[test]
fn without_the_data_a_proof_does_not_count() {
    let blind = judged(Some(&Presence::default()));
    assert_eq!(blind.count(Colour::Blind), 5);
    // The log that would unlock most stands first, with what to switch on.
    let first = &blind.gaps[0];
    assert_eq!((first.what.as_str(), first.remedy.as_str()), ("app_log/start", "auditing of starts"));
    assert_eq!((first.techniques.len(), first.rules.len()), (3, 4));
}

#[test]
fn a_log_without_the_field_is_a_gap_of_the_field() {
    let mapping = Source { path: "app_log.yml".into(), text: MAPPING.as_bytes().to_vec() };
    let mappings = Mappings::load(&[mapping]);
    let content = Content::load(vec![rule("r1", "t1003.001", "start")], mappings, &BTreeMap::new());
    let lane = content.plan.lanes_of(0)[0];
    let held = |field: &str| {
        let lanes = BTreeMap::from([(
            lane,
            Lane { events: 1, fields: [field.to_owned()].into_iter().collect(), overflowed: false },
        )]);
        coverage(&content, &Proofs::default(), &BTreeSet::new(), Some(&Presence { lanes }))
    };
    assert_eq!(colours(&held("what")), [("T1003.001", Colour::Claimed)]);
    let without = held("other");
    assert_eq!(colours(&without), [("T1003.001", Colour::Blind)]);
    assert_eq!((without.gaps[0].kind, without.gaps[0].what.as_str()), (GapKind::Field, "app_log: what"));
}

#[test]
fn cases_that_the_same_switch_brings_are_one_need() {
    let mapping = "id: app_log
title: App
input: json
match: { exists: [app] }
enable: the agent
logsource: { product: app }
cases:
  - { name: start, when: { equals: { EventID: 1 } }, enable: auditing of starts }
  - { name: stop, when: { equals: { EventID: 2 } } }
  - { name: pause, when: { equals: { EventID: 3 } } }
";
    let rule = |detection: &str| {
        let text = format!(
            "title: R\nid: r\nlogsource: {{ product: app }}\ndetection:\n  s: {{ {detection} }}\n  condition: s\n"
        );
        let source = Source { path: "r.yml".into(), text: text.into_bytes() };
        let mapping = Source { path: "app_log.yml".into(), text: mapping.as_bytes().to_vec() };
        let content = Content::load(vec![source], Mappings::load(&[mapping]), &BTreeMap::new());
        assert!(content.problems.is_empty(), "{:?}", content.problems);
        let told = needs::needs(&content, 0);
        let mut told: Vec<String> = told.into_iter().map(|n| format!("{}: {}", n.log, n.enable)).collect();
        told.sort();
        told
    };
    let all = ["app_log/start: auditing of starts", "app_log: the agent"];
    assert_eq!(rule("what: x"), all);
    assert_eq!(rule("EventID: 1"), all[..1]);
    assert_eq!(rule("EventID: [2, 3]"), all[1..]);
    assert_eq!(rule("EventID: 2"), ["app_log/stop: the agent"]);
}
