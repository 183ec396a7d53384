//! What ties two findings together and what does not.

use vedette_correlate::Limits;
use vedette_correlate::incidents::{Confidence, Estate, Reason, What};
use vedette_model::{EntityKind, Level, Role};

use super::{
    Case, HOUR, MINUTE, case, group, group_alone, group_in_order, incidents, is_in_incident, together,
};

const DAY: i64 = 24 * HOUR;
const HIGH: Level = Level::High;
const LOW: Level = Level::Low;

fn process(role: Role, key: &str) -> impl Fn(Case) -> Case {
    move |c| c.with(EntityKind::Process, role, key)
}

#[test]
fn parent_and_child_belong_together_for_a_day() {
    let parent = process(Role::Target, "ws1|guid-a");
    let child = process(Role::Parent, "ws1|guid-a");
    assert!(together(&[parent(case(1, "ws1", 0)), child(case(2, "ws1", 20 * HOUR))]));
    assert!(together(&[parent(case(1, "ws1", 0).level(LOW)), child(case(2, "ws1", HOUR))]));
}

#[test]
fn a_bare_process_id_holds_for_minutes_only() {
    let own = process(Role::Target, "ws1|4242");
    assert!(together(&[own(case(1, "ws1", 0)), own(case(2, "ws1", 5 * MINUTE))]));
    assert!(!together(&[own(case(1, "ws1", 0)), own(case(2, "ws1", 5 * HOUR))]), "ids are given again");
}

#[test]
fn one_logon_session_is_one_party_but_the_systems_own_is_not() {
    let in_session =
        |rule, at, key: &str| case(rule, "ws1", at).with(EntityKind::LogonSession, Role::Actor, key);
    assert!(together(&[in_session(1, 0, "ws1|0x5f3a1"), in_session(2, 30 * MINUTE, "ws1|0x5f3a1")]));
    assert!(!together(&[in_session(1, 0, "ws1|0x3e7"), in_session(2, 30 * MINUTE, "ws1|0x3e7")]));
}

#[test]
fn an_account_on_one_host_within_hours_belongs_together_in_any_spelling() {
    assert!(together(&[
        case(1, "ws1", 0).user(r"corp\ana"),
        case(2, "WS1.corp.example", 2 * HOUR).user("ana@corp.example")
    ]));
    assert!(!together(&[case(1, "ws1", 0).user(r"corp\ana"), case(2, "ws1", 2 * HOUR).user(r"corp\bo")]));
    assert!(!together(&[case(1, "ws1", 0).user(r"corp\ana"), case(2, "ws1", 20 * DAY).user(r"corp\ana")]));
}

#[test]
fn root_here_is_not_root_there() {
    assert!(!together(&[
        case(1, "web1", 0).user("root").level(HIGH),
        case(2, "web2", 0).user("root").level(HIGH)
    ]));
}

#[test]
fn a_host_alone_joins_what_is_high_close_and_moves_on() {
    let a = case(1, "dc1", 0).level(HIGH).tactics(&["persistence"]);
    let b = case(2, "dc1", 10 * MINUTE).level(HIGH).tactics(&["defense-evasion"]);
    assert!(together(&[a.clone(), b]));
    let later = case(2, "dc1", 20 * HOUR).level(HIGH).tactics(&["defense-evasion"]);
    assert!(!together(&[a.clone(), later]));
    let low = case(2, "dc1", 10 * MINUTE).level(LOW).tactics(&["discovery"]);
    assert!(!together(&[a, low]), "ordinary work on the attacked machine stays out");
}

#[test]
fn system_accounts_and_loopback_tie_nothing_together_and_explain_says_so() {
    let a =
        case(1, "ws1", 0).user(r"nt authority\system").with(EntityKind::Address, Role::Source, "127.0.0.1");
    let b =
        case(2, "ws2", 0).user(r"nt authority\system").with(EntityKind::Address, Role::Source, "127.0.0.1");
    let grouping = group(&[a, b]);
    let told = grouping.explain(0, 1).expect("told");
    assert!(!told.together);
    assert_eq!(told.held_back.len(), 2, "{told:?}");
    assert_eq!(told.verdict, "all they share is everywhere, and so ties nothing together");
}

#[test]
fn a_finding_without_time_joins_only_by_what_is_strong() {
    let by_process = process(Role::Actor, "ws1|guid-a");
    assert!(together(&[by_process(case(1, "ws1", 0)), by_process(case(2, "ws1", 0).timeless())]));
    let high = |c: Case| c.level(HIGH);
    let a = high(case(1, "ws1", 0)).tactics(&["impact"]);
    let b = high(case(2, "ws1", 0).timeless()).tactics(&["discovery"]);
    assert!(!together(&[a, b]), "a host without a time says nothing");
}

#[test]
fn clocks_of_two_hosts_may_differ_by_minutes() {
    // The service is seen on the target before the source's clock says that it was asked for.
    let asked = case(1, "ws1", 4 * MINUTE).level(HIGH).user(r"corp\ana").tactics(&["lateral-movement"]);
    let seen = case(2, "srv1", 0).level(HIGH).user(r"corp\ana").tactics(&["persistence"]);
    assert!(together(&[asked, seen]));
}

#[test]
fn two_rules_over_one_event_are_one_act_and_score_once() {
    let a = case(1, "ws1", 0).level(HIGH).event(5);
    let b = case(2, "ws1", 0).level(Level::Informational).event(5);
    let grouping = group(&[a.clone(), b]);
    assert_eq!(incidents(&grouping), [vec![0, 1]]);
    let alone = group(&[a]);
    assert_eq!(grouping.groups[0].risk.score, alone.groups[0].risk.score);
}

#[test]
fn a_low_finding_brings_no_two_clusters_together() {
    let attack = |rule, at, user| case(rule, "srv1", at).level(HIGH).user(user).tactics(&["execution"]);
    let cases = [
        attack(1, 0, r"corp\ana"),
        attack(2, MINUTE, r"corp\ana"),
        attack(3, 0, r"corp\bo"),
        attack(4, MINUTE, r"corp\bo"),
        case(5, "srv1", 2 * MINUTE).level(LOW).user(r"corp\ana").user(r"corp\bo").tactics(&["discovery"]),
    ];
    let grouping = group(&cases);
    assert_eq!(grouping.groups.len(), 2, "{:?}", incidents(&grouping));
    assert!(is_in_incident(&grouping, 4));
}

#[test]
fn an_address_that_many_accounts_come_from_is_a_way_out_of_a_company() {
    let from = |rule, host, user: &str, at| {
        case(rule, host, at).level(HIGH).user(user).with(EntityKind::Address, Role::Source, "203.0.113.7")
    };
    let cases = [
        from(1, "ws1", r"corp\ana", 0),
        from(2, "ws2", r"corp\bo", 10 * MINUTE),
        from(3, "ws3", r"corp\cy", 20 * MINUTE),
    ];
    let grouping = group(&cases);
    assert_eq!(grouping.groups.len(), 3);
    let held = grouping.held_back(EntityKind::Address, "203.0.113.7").expect("held back");
    assert!(held.contains("3 accounts"), "{held}");
    // One who tries many accounts is seen by one rule.
    let cases =
        [from(1, "ws1", r"corp\ana", 0), from(1, "ws2", r"corp\bo", 0), from(1, "ws3", r"corp\cy", 0)];
    assert_eq!(group(&cases).groups.len(), 1);
}

#[test]
fn what_is_everywhere_is_learned_only_from_enough_hosts_and_days() {
    const HOSTS: [&str; 10] = ["h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9"];
    let mut cases = Vec::new();
    for day in 0..8_i64 {
        for (index, host) in HOSTS.iter().enumerate() {
            let at = day * DAY + index as i64 * 7 * MINUTE;
            let hash = "00112233445566778899aabbccddeeff";
            cases.push(case(1, host, at).level(HIGH).with(EntityKind::FileHash, Role::Target, hash));
        }
    }
    let order: Vec<usize> = (0..cases.len()).collect();
    let estate = |hosts| Estate { hosts, span_ms: 8 * DAY, ..Estate::unknown() };
    let small = group_in_order(&cases, &order, &estate(9), Limits::default());
    let broad = group_in_order(&cases, &order, &estate(10), Limits::default());
    let key = "00112233445566778899aabbccddeeff";
    assert_eq!(small.held_back(EntityKind::FileHash, key), None);
    assert!(broad.held_back(EntityKind::FileHash, key).is_some_and(|r| r.contains("10 of 10 hosts")));
}

#[test]
fn a_habit_stays_out_of_the_attack_on_its_host() {
    let mut cases: Vec<Case> = (0..8)
        .map(|n| case(1, "srv1", n * 12 * HOUR).user(r"corp\backup").tactics(&["collection"]))
        .collect();
    cases.push(case(2, "srv1", 2 * DAY).level(HIGH).user(r"corp\backup").tactics(&["execution"]));
    cases.push(case(3, "srv1", 2 * DAY + MINUTE).level(HIGH).user(r"corp\backup").tactics(&["impact"]));
    let grouping = group(&cases);
    assert_eq!(incidents(&grouping), [vec![8, 9]]);
    assert!(grouping.set_aside.contains(&(Reason::Habit, 8)), "{:?}", grouping.set_aside);
}

#[test]
fn what_is_known_good_joins_nothing() {
    let cases = [
        case(1, "ws1", 0).level(HIGH).with(EntityKind::Domain, Role::Destination, "cdn.vendor.example"),
        case(2, "ws2", 0).level(HIGH).with(EntityKind::Domain, Role::Destination, "cdn.vendor.example"),
    ];
    let list = |_: EntityKind, key: &str| (key == "cdn.vendor.example").then(|| "list of vendors".to_owned());
    let estate = Estate { known_good: &list, ..Estate::unknown() };
    assert_eq!(group_in_order(&cases, &[0, 1], &estate, Limits::default()).groups.len(), 2);
    assert_eq!(group(&cases).groups.len(), 1);
}

#[test]
fn risk_is_a_printed_sum_and_severity_has_reasons() {
    let list = |kind: EntityKind, key: &str| {
        (kind == EntityKind::Host && key == "dc1")
            .then(|| (40, "domain controller, by the asset list".to_owned()))
    };
    let estate = Estate { importance: &list, ..Estate::unknown() };
    let user = |c: Case| c.user(r"corp\ana");
    let cases = [
        user(case(1, "ws1", 0).level(Level::Critical).tactics(&["credential-access"])),
        user(case(2, "dc1", MINUTE).level(Level::Critical).tactics(&["lateral-movement"])),
        user(case(3, "dc1", 2 * MINUTE).tactics(&["impact"])),
    ];
    let grouping = group_in_order(&cases, &[0, 1, 2], &estate, Limits::default());
    let [only] = grouping.groups.as_slice() else { panic!("{:?}", incidents(&grouping)) };
    assert_eq!(only.severity, Level::Critical);
    assert_eq!(only.severity_reasons, ["2 critical different findings"]);
    assert_eq!(only.confidence, Confidence::High);
    let told: Vec<(String, u32)> =
        only.risk.parts.iter().map(|p| (p.what.describe(&|r| format!("rule {r}")), p.points)).collect();
    let expect = [
        ("rule 1 on ws1", 50),
        ("rule 2 on dc1", 50),
        ("rule 3 on dc1", 10),
        ("tactics: credential-access, lateral-movement, impact", 10),
        ("2 hosts", 5),
        ("dc1", 40),
    ];
    assert_eq!(told, expect.map(|(t, p)| (t.to_owned(), p)));
    assert_eq!(only.risk.score, 165);
    assert!(only.risk.parts.iter().any(|p| matches!(p.what, What::Importance { .. })));
}

#[test]
fn repeats_saturate_and_a_flood_of_one_medium_rule_is_no_incident() {
    let mut cases: Vec<Case> = (0..500).map(|n| case(1, "ws1", n * 1000).user(r"corp\ana")).collect();
    cases.push(case(2, "srv1", 0).level(HIGH));
    let grouping = group(&cases);
    assert_eq!(incidents(&grouping), [vec![500]]);
    assert!(grouping.set_aside.contains(&(Reason::BelowRisk, 500)), "{:?}", grouping.set_aside);
}

#[test]
fn where_nothing_is_grave_the_strongest_is_told_as_low() {
    let grouping = group(&[case(1, "ws1", 0), case(2, "ws2", 50 * HOUR).level(LOW)]);
    let told: Vec<(Level, usize)> = grouping.groups.iter().map(|g| (g.severity, g.findings.len())).collect();
    assert_eq!(told, [(Level::Low, 1), (Level::Informational, 1)]);
    assert!(grouping.groups[0].severity_reasons[0].contains("nothing graver was found"));
    // Beside an incident it stays set aside.
    let grouping = group(&[case(1, "ws1", 0), case(2, "ws2", 50 * HOUR).level(HIGH)]);
    assert_eq!(incidents(&grouping), [vec![1]]);
}

#[test]
fn what_the_data_tells_of_a_host_for_an_hour_only_is_one() {
    let cases = [
        case(1, "ws1", 0).level(HIGH).user(r"corp\ana"),
        case(2, "ws1", 20 * MINUTE).level(LOW).user(r"corp\bo"),
        case(3, "ws2", 0).level(HIGH),
    ];
    assert_eq!(incidents(&group_alone(&cases)), [vec![0, 1], vec![2]]);
    assert_eq!(incidents(&group(&cases)), [vec![0], vec![2]], "among ordinary days it is not");
}

#[test]
fn lateral_movement_came_from_the_one_place_where_credentials_were_taken() {
    let taken =
        |rule, host, at, user| case(rule, host, at).level(HIGH).user(user).tactics(&["credential-access"]);
    let moved = case(2, "srv1", 5 * MINUTE).level(HIGH).user(r"corp\svc").tactics(&["lateral-movement"]);
    let one = [taken(1, "ws1", 0, r"corp\ana"), moved.clone()];
    assert!(together(&one));
    let other_domain = [taken(1, "ws1", 0, r"other\ana"), moved.clone()];
    assert!(!together(&other_domain));
    let two = [taken(1, "ws1", 0, r"corp\ana"), moved.clone(), taken(3, "ws2", 0, r"corp\bo")];
    assert_eq!(group(&two).groups.len(), 3, "two that could be it say nothing of which");
    let late = [taken(1, "ws1", 0, r"corp\ana"), Case { at: Some(5 * HOUR), ..moved }];
    assert!(!together(&late));
}

#[test]
fn a_logon_from_a_machine_is_tied_to_what_happened_there() {
    let there = case(1, "ws1", 0).level(HIGH).user(r"corp\ana").tactics(&["credential-access"]);
    let here = case(2, "srv1", 90 * MINUTE).user(r"corp\adm").tactics(&["lateral-movement"]);
    assert!(together(&[there.clone(), here.clone().with(EntityKind::Host, Role::Source, "ws1")]));
    assert!(!together(&[there, here]));
}
