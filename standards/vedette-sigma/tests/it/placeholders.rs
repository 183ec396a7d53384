//! `|expand`: lists given while reading, or later.

use std::collections::BTreeMap;
use std::sync::Arc;

use vedette_sigma::{Matcher, Pack, ReadOptions};

use crate::{codes, items, read, rule};

const DETECTION: &str = "    selection:\n        User|expand: '%admins%'\n    condition: selection\n";

fn lists(values: &[&str]) -> BTreeMap<String, Vec<String>> {
    BTreeMap::from([("admins".to_owned(), values.iter().map(|v| (*v).to_owned()).collect())])
}

#[test]
fn a_rule_without_its_list_waits_until_one_is_given() {
    let mut pack = read(&[("a.yml", &rule("r1", DETECTION))]);
    assert_eq!(codes(&pack), ["VD-S020"]);
    assert!(pack.rules.is_empty());
    let before = pack.hash();
    pack.expand(&lists(&["adm_*", "root"]));
    assert_eq!(codes(&pack), ["running"]);
    assert!(matches!(&items(&pack.rules[0])[0].matchers[..], [Matcher::AnyOf(all)] if all.len() == 2));
    assert_ne!(before, pack.hash());
    // Nothing waits any more, so nothing changes.
    let rules = pack.rules.clone();
    pack.expand(&lists(&["other"]));
    assert_eq!(rules, pack.rules);
}

#[test]
fn lists_may_be_given_while_reading() {
    let text = rule("r1", DETECTION);
    let options = ReadOptions { lists: lists(&["root"]) };
    let pack = Pack::read([(Arc::from("a.yml"), &text)], &options);
    assert_eq!(codes(&pack), ["running"]);
    let mut later = read(&[("a.yml", &text)]);
    later.expand(&lists(&["root"]));
    assert_eq!(pack.rules, later.rules);
}

#[test]
fn an_empty_list_is_no_list() {
    let mut pack = read(&[("a.yml", &rule("r1", DETECTION))]);
    pack.expand(&lists(&[]));
    assert_eq!(codes(&pack), ["VD-S020"]);
    pack.expand(&lists(&["root"]));
    assert_eq!(codes(&pack), ["running"]);
}

#[test]
fn a_correlation_over_a_waiting_rule_waits_too() {
    let correlation = "title: Many\nid: c1\ncorrelation: {type: event_count, rules: [r1], timespan: 1h, condition: {gte: 2}}\n";
    let mut pack = read(&[("a.yml", &rule("r1", DETECTION)), ("c.yml", correlation)]);
    assert_eq!(codes(&pack), ["VD-S020", "VD-S034"]);
    pack.expand(&lists(&["root"]));
    assert_eq!(codes(&pack), ["running", "running"]);
    assert_eq!(pack.correlations.len(), 1);
}

#[test]
fn a_waiting_filter_does_not_hold_its_rules_back() {
    let filter = "title: F\nid: f1\nlogsource: {product: windows}\nfilter: {rules: any, selection: {User|expand: '%admins%'}, condition: not selection}\n";
    let plain = rule("r1", "    selection:\n        a: 1\n    condition: selection\n");
    let mut pack = read(&[("a.yml", &plain), ("f.yml", filter)]);
    assert_eq!(codes(&pack), ["running", "VD-S020"]);
    assert!(pack.rules[0].filters.is_empty());
    pack.expand(&lists(&["root"]));
    assert_eq!(codes(&pack), ["running", "running"]);
    assert_eq!(pack.rules[0].filters, ["F"]);
}

#[test]
fn a_list_entry_that_does_not_fit_is_named() {
    let mut pack = read(&[("a.yml", &rule("r1", &DETECTION.replace("expand", "re|expand")))]);
    pack.expand(&lists(&["good", "(bad"]));
    assert_eq!(codes(&pack), ["VD-S017"]);
    assert!(pack.account[0].cause().is_some_and(|d| d.fault.contains("`(bad` from the list")));
}
