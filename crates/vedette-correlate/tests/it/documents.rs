//! From YAML documents, as an author writes them, to findings.

use std::sync::Arc;

use vedette_correlate::{Correlator, Hit};
use vedette_sigma::{Pack, ReadOptions};

use crate::build::{Seen, event, line, seen};

/// Base rules are named `failed`, `success` and `lockout`; hits name them by number in that order.
const BASES: [&str; 3] = ["failed", "success", "lockout"];

fn pack(correlations: &str) -> Pack {
    let mut text = String::new();
    for name in BASES {
        text.push_str(&format!(
            "title: {name}\nname: {name}\nlogsource:\n  product: windows\n  service: security\n\
             detection:\n  selection:\n    Kind: {name}\n  condition: selection\n---\n"
        ));
    }
    text.push_str(correlations);
    let pack = Pack::read([(Arc::from("test.yml"), text)], &ReadOptions::default());
    let left_out: Vec<_> = pack.account.iter().filter(|a| !a.is_running()).collect();
    assert!(left_out.is_empty(), "{left_out:#?}");
    pack
}

#[track_caller]
fn check(correlations: &str, events: &[Seen], expect: &[&str]) {
    let pack = pack(correlations);
    let index = |id: &str| pack.rules.iter().position(|r| r.meta.id == id).map(|i| i as u32);
    let (mut correlator, problems) = Correlator::new(&pack.correlations, index);
    assert_eq!(problems, []);
    for one in events {
        let name = BASES[one.rule as usize];
        let rule = pack.rules.iter().position(|r| r.meta.title == name).expect("a base rule") as u32;
        let field = |name: &String| one.fields.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let values: Vec<Option<String>> = correlator.wanted(rule).iter().map(field).collect();
        let at = event(one);
        correlator.offer(Hit { rule, time: at.time, event: at, host: "dc1", values: &values });
    }
    let findings = correlator.finish().findings;
    let title = |index: u32| pack.correlations[index as usize].meta.title.as_str();
    let lines: Vec<String> =
        findings.iter().map(|f| format!("{}: {}", title(f.correlation), line(f))).collect();
    assert_eq!(lines, expect);
}

fn failures(from: i64, n: i64, user: &str) -> Vec<Seen> {
    (from..from + n)
        .map(|t| seen(t, 0, t as u64, &[("TargetUserName", user), ("IpAddress", "192.0.2.7")]))
        .collect()
}

const CHAIN: &str = "
title: guessed
correlation:
  type: temporal_ordered
  rules: [guessing, success]
  group-by: [TargetUserName]
  timespan: 10m
---
title: many failures
name: guessing
correlation:
  type: event_count
  rules: [failed]
  group-by: [TargetUserName]
  timespan: 10m
  condition:
    gte: 5
";

#[test]
fn a_chain_of_failures_and_a_success() {
    let mut events = failures(0, 6, "ana");
    check(CHAIN, &events, &[]);
    events.push(seen(60, 1, 60, &[("TargetUserName", "bo")]));
    check(CHAIN, &events, &[]);
    events.push(seen(61, 1, 61, &[("TargetUserName", "ANA")]));
    check(CHAIN, &events, &["guessed: ANA 61..61 x2 =2"]);
}

#[test]
fn a_spray_counts_accounts() {
    let spray = "
title: spray
correlation:
  type: value_count
  rules: [failed]
  group-by: [IpAddress]
  timespan: 5m
  condition:
    field: TargetUserName
    gte: 3
";
    let users = ["ana", "bo", "cy"];
    let events: Vec<Seen> = users.iter().zip(0..).flat_map(|(user, t)| failures(t * 10, 2, user)).collect();
    check(spray, &events, &["spray: 192.0.2.7 20..21 x6 =3"]);
    check(spray, &events[..4], &[]);
}

#[test]
fn an_absence_and_an_alias() {
    let absence = "
title: failures that lock nobody out
correlation:
  type: temporal
  rules: [failed, lockout]
  aliases:
    account:
      failed: TargetUserName
      lockout: LockedUser
  group-by: [account]
  timespan: 1m
  condition: failed and not lockout
";
    let mut events = failures(0, 2, "ana");
    check(absence, &events, &["failures that lock nobody out: ana 0..1 x2 =1"]);
    events.push(seen(59, 2, 59, &[("LockedUser", "Ana")]));
    check(absence, &events, &[]);
}
