//! Whatever is offered in whatever order: the same incidents, and every finding accounted for.

use std::collections::BTreeSet;

use proptest::prelude::*;
use vedette_correlate::Limits;
use vedette_correlate::incidents::{Estate, Placement};
use vedette_model::{EntityKind, Level, Role};

use super::{Case, Grouping, MINUTE, group_in_order};

const HOSTS: [&str; 4] = ["ws1", "ws2", "srv1.corp.example", ""];
const TACTICS: [&[&str]; 4] = [&[], &["execution"], &["discovery", "execution"], &["impact"]];
const KINDS: [(EntityKind, Role); 8] = [
    (EntityKind::User, Role::Actor),
    (EntityKind::Process, Role::Target),
    (EntityKind::Process, Role::Parent),
    (EntityKind::LogonSession, Role::Actor),
    (EntityKind::Address, Role::Source),
    (EntityKind::FileHash, Role::Target),
    (EntityKind::Domain, Role::Destination),
    (EntityKind::CloudPrincipal, Role::Actor),
];
const KEYS: [&str; 6] =
    [r"corp\ana", "ana@corp.example", "ana", "ws1|7", "203.0.113.9", r"nt authority\system"];

prop_compose! {
    fn any_case()(
        rule in 0..6_u32,
        level in 0..5_usize,
        at in proptest::option::weighted(0.9, 0..6_000_i64),
        host in 0..HOSTS.len(),
        entities in proptest::collection::vec((0..KINDS.len(), 0..KEYS.len()), 0..4),
        tactics in 0..TACTICS.len(),
        event in proptest::option::weighted(0.2, 0..8_u128),
    ) -> Case {
        Case {
            rule,
            level: Level::ALL[level],
            at: at.map(|m| m * MINUTE),
            host: HOSTS[host],
            entities: entities.into_iter().map(|(k, key)| (KINDS[k].0, KINDS[k].1, KEYS[key].to_owned())).collect(),
            tactics: TACTICS[tactics],
            events: event.into_iter().collect(),
        }
    }
}

/// All that a reader would see of a grouping.
fn told(grouping: &Grouping) -> String {
    let groups: Vec<String> = grouping.groups.iter().map(|g| format!("{g:?}")).collect();
    format!("{}\n{:?}", groups.join("\n"), grouping.set_aside)
}

fn shuffled(n: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    let mut state = seed | 1;
    for i in (1..n).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(i, (state % (i as u64 + 1)) as usize);
    }
    order
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_order_of_offering_does_not_matter(cases in proptest::collection::vec(any_case(), 1..60), seed: u64, cell in 1..5_u32) {
        let limits = Limits { incident_sets_per_cell: cell, ..Limits::default() };
        let straight: Vec<usize> = (0..cases.len()).collect();
        let one = group_in_order(&cases, &straight, &Estate::unknown(), limits);
        let other = group_in_order(&cases, &shuffled(cases.len(), seed), &Estate::unknown(), limits);
        prop_assert_eq!(told(&one), told(&other));
    }

    #[test]
    fn every_finding_is_in_one_incident_or_set_aside(cases in proptest::collection::vec(any_case(), 1..60), bundles in 1..20_usize) {
        let limits = Limits { incident_bundles: bundles, ..Limits::default() };
        let order: Vec<usize> = (0..cases.len()).collect();
        let grouping = group_in_order(&cases, &order, &Estate::unknown(), limits);
        let inside: u64 = grouping.groups.iter().map(|g| g.findings.len() as u64).sum();
        let aside: u64 = grouping.set_aside.iter().map(|(_, n)| n).sum();
        prop_assert_eq!(inside + aside, cases.len() as u64);
        prop_assert_eq!(grouping.offered, cases.len() as u64);
        let mut seen = BTreeSet::new();
        for (index, group) in grouping.groups.iter().enumerate() {
            for finding in &group.findings {
                prop_assert!(seen.insert(*finding));
                prop_assert_eq!(grouping.placement(*finding), Placement::Incident(index as u32));
            }
            let sum: u32 = group.risk.parts.iter().map(|p| p.points).sum();
            prop_assert_eq!(sum, group.risk.score);
            for join in &group.joins {
                prop_assert!(join.total >= join.threshold, "{:?}", join);
                let weights: i32 = join.because.iter().map(|b| b.weight).sum();
                prop_assert_eq!(weights, join.total, "{:?}", join);
                prop_assert!(group.findings.contains(&join.finding) && group.findings.contains(&join.to));
            }
        }
        let ids: BTreeSet<_> = grouping.groups.iter().map(|g| g.id).collect();
        prop_assert_eq!(ids.len(), grouping.groups.len());
    }

    #[test]
    fn explain_agrees_with_where_findings_went(cases in proptest::collection::vec(any_case(), 2..40)) {
        let order: Vec<usize> = (0..cases.len()).collect();
        let grouping = group_in_order(&cases, &order, &Estate::unknown(), Limits::default());
        for (a, b) in [(0, 1), (1, 0), (0, cases.len() as u32 - 1)] {
            let told = grouping.explain(a, b).expect("offered");
            if let (Placement::Incident(x), Placement::Incident(y)) = (grouping.placement(a), grouping.placement(b)) {
                prop_assert_eq!(told.together, x == y);
            }
            prop_assert_eq!(told.shared.iter().map(|s| s.weight).sum::<i32>(), told.total);
        }
    }
}
