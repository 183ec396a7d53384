//! What each test of a rule means, case by case; every case is asked of the plan and of the slow evaluator.

use std::sync::Arc;

use vedette_detect::{Fault, Plan, Reach, Role, Scratch, limits};
use vedette_model::{Kind, Lane, LaneId, Native};
use vedette_sigma::{
    Block, Condition, DatePart, Fold, Item, Logsource, Matcher, NumberTest, Quantifier, RefKind, Selector,
};

use crate::build::*;

/// `values` under the name `F`.
fn f(values: &[(&str, Kind)]) -> Native {
    let fields: Vec<(&str, &str, Kind)> = values.iter().map(|(v, k)| ("F", *v, *k)).collect();
    event(&fields)
}

#[track_caller]
fn check(matchers: Vec<Matcher>, values: &[(&str, Kind)], expect: bool) {
    let rule = one(item("F", matchers.clone()));
    assert_eq!(matches(&rule, &f(values)), expect, "{matchers:?} {values:?}");
}

#[test]
fn text_is_folded_and_covers_the_value() {
    for (pattern, value, expect) in [
        ("whoami", "WhoAmI", true),
        ("whoami", "whoami ", false),
        ("*who*", "c:\\WHOami.exe", true),
        ("who*", "awho", false),
        ("*.exe", "A.EXE", true),
        ("a?c", "aBc", true),
        ("*a?c*", "xxABCx", true),
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("ünïcode*", "ÜNÏCODE!", true),
        ("*line*two*", "line one\nline two", true),
        ("σίγμας", "ΣΊΓΜΑΣ", true),
    ] {
        check(vec![text(pattern)], &[(value, Kind::Text)], expect);
    }
    check(vec![cased("*Who*")], &[("whoami", Kind::Text)], false);
    check(vec![cased("*Who*")], &[("aWhoami", Kind::Text)], true);
    check(vec![cased("W?o")], &[("who", Kind::Text)], false);
}

#[test]
fn null_absent_and_empty_are_told_apart() {
    let null: &[(&str, Kind)] = &[("", Kind::Null)];
    let empty: &[(&str, Kind)] = &[("", Kind::Text)];
    let absent: &[(&str, Kind)] = &[];
    for (matcher, on_null, on_empty, on_absent) in [
        (Matcher::Null, true, false, true),
        (Matcher::Exists(true), true, true, false),
        (Matcher::Exists(false), false, false, true),
        (text(""), false, true, false),
        (text("*"), false, true, false),
    ] {
        check(vec![matcher.clone()], null, on_null);
        check(vec![matcher.clone()], empty, on_empty);
        check(vec![matcher], absent, on_absent);
    }
    check(vec![text(""), Matcher::Null], null, true);
}

#[test]
fn numbers_and_text_find_each_other() {
    let number = |n| Matcher::Number(NumberTest::Eq, n);
    for (matcher, value, kind, expect) in [
        (number(4688.0), "4688", Kind::Number, true),
        (number(4688.0), "4688", Kind::Text, true),
        (number(4688.0), "4688.0", Kind::Text, true),
        (number(0.0), "-0", Kind::Text, true),
        (number(1.0), "true", Kind::Bool, false),
        (text("4688"), "4688", Kind::Number, true),
        (text("*68*"), "4688", Kind::Number, true),
        (text("True"), "true", Kind::Bool, true),
        (Matcher::Number(NumberTest::Gt, 10.0), "9", Kind::Text, false),
        (Matcher::Number(NumberTest::Gte, 10.0), "10", Kind::Number, true),
        (Matcher::Number(NumberTest::Lt, 10.0), "abc", Kind::Text, false),
        (Matcher::Number(NumberTest::Lte, 10.0), "-3", Kind::Text, true),
        (Matcher::Bool(true), "true", Kind::Bool, true),
        (Matcher::Bool(true), "YES", Kind::Text, true),
        (Matcher::Bool(false), "0", Kind::Text, true),
        (Matcher::Bool(true), "1", Kind::Number, false),
    ] {
        check(vec![matcher], &[(value, kind)], expect);
    }
}

#[test]
fn one_of_several_values_is_enough() {
    let both = &[("alpha", Kind::Text), ("beta", Kind::Text)];
    check(vec![text("beta")], both, true);
    check(vec![text("gamma"), text("alpha")], both, true);
    check(vec![text("gamma")], both, false);
    let all =
        |a: &str, b: &str| one(Item { quantifier: Quantifier::All, ..item("F", vec![text(a), text(b)]) });
    assert!(matches(&all("*alpha*", "*beta*"), &f(both)), "each test may be met by another value");
    assert!(!matches(&all("*alpha*", "*gamma*"), &f(both)));
}

#[test]
fn neq_needs_a_value() {
    let neq = |m: Matcher| one(Item { negated: true, ..item("F", vec![m]) });
    for (values, expect) in [
        (&[("b", Kind::Text)][..], true),
        (&[("a", Kind::Text)], false),
        (&[("a", Kind::Text), ("b", Kind::Text)], false),
        (&[("", Kind::Null)], false),
        (&[], false),
    ] {
        assert_eq!(matches(&neq(text("a")), &f(values)), expect, "{values:?}");
    }
    let reference = Matcher::FieldRef { field: "G".into(), kind: RefKind::Equals, fold: Fold::Ignore };
    assert!(matches(&neq(reference.clone()), &texts(&[("F", "a"), ("G", "b")])));
    assert!(!matches(&neq(reference.clone()), &texts(&[("F", "a"), ("G", "A")])));
    assert!(matches(&neq(reference), &texts(&[("F", "a")])));
}

#[test]
fn regexes_search_anywhere_with_case() {
    for (pattern, value, expect) in [
        ("b+", "abbc", true),
        ("B+", "abbc", false),
        ("(?i)B+", "abbc", true),
        ("^b", "abb", false),
        ("(?:curl|wget)\\s", "x WGET y", false),
        ("(?:curl|wget)\\s", "x wget y", true),
        ("[0-9]{3}", "ab123", true),
        ("(?i)ſystem", "SYSTEM", true),
        ("", "", true),
    ] {
        check(vec![Matcher::Regex(Arc::from(pattern))], &[(value, Kind::Text)], expect);
    }
    check(vec![Matcher::Regex(Arc::from("^46"))], &[("4688", Kind::Number)], true);
    check(vec![Matcher::Regex(Arc::from(".*"))], &[("", Kind::Null)], false);
}

#[test]
fn addresses_dates_and_references() {
    let net = |n: &str| Matcher::Cidr(n.parse().unwrap());
    check(vec![net("10.0.0.0/8")], &[("10.9.8.7", Kind::Text)], true);
    check(vec![net("10.0.0.0/8")], &[("host-10.9.8.7", Kind::Text)], false);
    check(vec![net("2001:db8::/32")], &[("2001:DB8::7", Kind::Text)], true);
    let hour = |h| Matcher::Date(DatePart::Hour, NumberTest::Gte, h);
    check(vec![hour(22)], &[("2026-03-14T23:00:00Z", Kind::Text)], true);
    check(vec![hour(22)], &[("2026-03-14T23:00:00+02:00", Kind::Text)], false);
    check(vec![hour(22)], &[("late", Kind::Text)], false);
    for (kind, a, b, expect) in [
        (RefKind::Equals, "Ana", "ana", true),
        (RefKind::StartsWith, "Ana.Example", "ana", true),
        (RefKind::EndsWith, "x\\ANA", "ana", true),
        (RefKind::Contains, "xanay", "ANA", true),
        (RefKind::Equals, "ana", "", false),
    ] {
        let rule = one(item("F", vec![Matcher::FieldRef { field: "G".into(), kind, fold: Fold::Ignore }]));
        assert_eq!(matches(&rule, &texts(&[("F", a), ("G", b)])), expect, "{kind:?} {a} {b}");
    }
    let rule = one(item(
        "F",
        vec![Matcher::FieldRef { field: "G".into(), kind: RefKind::Equals, fold: Fold::Ignore }],
    ));
    assert!(!matches(&rule, &event(&[("F", "", Kind::Null), ("G", "", Kind::Null)])));
}

#[test]
fn keywords_look_at_every_value_of_the_record() {
    let rule = one(item("", vec![text("*mimikatz*")]));
    assert!(matches(&rule, &texts(&[("A", "x"), ("B", "run MIMIKATZ now")])));
    assert!(!matches(&rule, &texts(&[("mimikatz", "x")])), "names are not searched");
    let mut derived = texts(&[("A", "x")]);
    derived.push_derived("B", "A", "mimikatz", Kind::Text);
    assert!(!matches(&rule, &derived), "a derived field is not in the record");
    let number = one(item("", vec![text("*4688*")]));
    assert!(matches(&number, &event(&[("A", "4688", Kind::Number)])));
    let all = one(Item { quantifier: Quantifier::All, ..item("", vec![text("*a1*"), text("*b2*")]) });
    assert!(matches(&all, &texts(&[("A", "xa1"), ("B", "b2x")])), "keywords may stand in different values");
}

#[test]
fn aliases_are_tried_in_order() {
    let mut lane = lane(1);
    lane.aliases.insert("User".into(), vec!["SubjectUserName".into(), "TargetUserName".into()]);
    let rule = one(item("User", vec![text("ana")]));
    for (fields, expect) in [
        (&[("SubjectUserName", "ana"), ("TargetUserName", "ben")][..], true),
        (&[("TargetUserName", "ana"), ("SubjectUserName", "ben")], false),
        (&[("TargetUserName", "ana")], true),
        (&[("User", "ana")], false),
    ] {
        assert_eq!(matches_in(&rule, &lane, &texts(fields)), expect, "{fields:?}");
    }
    let null_first = event(&[("SubjectUserName", "", Kind::Null), ("TargetUserName", "ana", Kind::Text)]);
    assert!(matches_in(&rule, &lane, &null_first), "a null gives way to a value");
}

#[test]
fn a_native_name_may_serve_several_fields() {
    let mut lane = lane(1);
    lane.aliases.insert("Image".into(), vec!["NewProcessName".into()]);
    lane.aliases.insert("Application".into(), vec!["NewProcessName".into()]);
    let rule = rule(
        vec![map(vec![item("Image", vec![text("*\\cmd.exe")]), item("Application", vec![text("c:*")])])],
        Condition::Selection(0),
    );
    assert!(matches_in(&rule, &lane, &texts(&[("NewProcessName", "C:\\x\\cmd.exe")])));
}

#[test]
fn conditions_combine_selections() {
    let selections = || vec![map(vec![item("A", vec![text("a")])]), map(vec![item("B", vec![text("b")])])];
    let sel = Condition::Selection;
    let of =
        |quantifier, of: &[usize]| Condition::Of { quantifier, selector: Selector::Them, of: of.to_vec() };
    let not = |c| Condition::Not(Box::new(c));
    let a = texts(&[("A", "a")]);
    let b = texts(&[("B", "b")]);
    let both = texts(&[("A", "a"), ("B", "b")]);
    let neither = texts(&[("C", "c")]);
    for (condition, on_a, on_b, on_both, on_neither) in [
        (Condition::And(vec![sel(0), sel(1)]), false, false, true, false),
        (Condition::Or(vec![sel(0), sel(1)]), true, true, true, false),
        (Condition::And(vec![sel(0), not(sel(1))]), true, false, false, false),
        (not(sel(0)), false, true, false, true),
        (not(Condition::Or(vec![sel(0), sel(1)])), false, false, false, true),
        (not(Condition::And(vec![not(sel(0)), sel(1)])), true, false, true, true),
        (of(Quantifier::Any, &[0, 1]), true, true, true, false),
        (of(Quantifier::All, &[0, 1]), false, false, true, false),
        (of(Quantifier::All, &[]), false, false, false, false),
        (not(of(Quantifier::All, &[])), true, true, true, true),
        (Condition::And(vec![]), false, false, false, false),
    ] {
        let rule = rule(selections(), condition.clone());
        for (native, expect) in [(&a, on_a), (&b, on_b), (&both, on_both), (&neither, on_neither)] {
            assert_eq!(matches(&rule, native), expect, "{condition:?} {native:?}");
        }
    }
}

#[test]
fn nothing_asked_is_nothing_matched() {
    for block in [Block::All(vec![]), Block::Any(vec![]), map(vec![item("A", vec![])])] {
        assert!(!matches(&rule(vec![block], Condition::Selection(0)), &texts(&[("A", "a")])));
    }
}

#[test]
fn a_lane_runs_the_rules_its_tags_feed() {
    let source = |product: &str, category: &str, service: &str| {
        let tag = tag(product, category, service);
        Logsource { product: tag.product, category: tag.category, service: tag.service, definition: None }
    };
    let rules: Vec<_> = [
        source("windows", "process_creation", ""),
        source("Windows", "", ""),
        source("windows", "", "security"),
        source("linux", "process_creation", ""),
        source("", "", ""),
    ]
    .into_iter()
    .map(|logsource| vedette_sigma::Rule { logsource, ..one(item("A", vec![text("a")])) })
    .collect();
    let two_tags = Lane {
        id: LaneId(3),
        tags: vec![tag("windows", "", "security"), tag("windows", "process_creation", "")],
        ..Lane::default()
    };
    let (plan, _) = Plan::compile(Arc::from(rules), &[lane(1), two_tags]);
    assert_eq!(plan.rules_of(LaneId(1)), [0, 1, 4]);
    assert_eq!(plan.rules_of(LaneId(3)), [0, 1, 2, 4]);
    assert_eq!(plan.rules_of(LaneId::UNKNOWN), [4]);
    assert_eq!(plan.rules_of(LaneId(2)), [] as [u32; 0]);
    assert_eq!(plan.lanes_of(0), [LaneId(1), LaneId(3)]);
    assert_eq!(plan.lanes_of(3), []);
    assert_eq!(plan.lanes_of(4), [LaneId(0), LaneId(1), LaneId(3)]);
    let mut scratch = Scratch::new();
    for (lane, expect) in [(0, vec![4]), (1, vec![0, 1, 4]), (2, vec![]), (3, vec![0, 1, 2, 4]), (9, vec![])]
    {
        let mut hits = Vec::new();
        plan.eval(LaneId(lane), &texts(&[("A", "a")]), &mut scratch, &mut hits);
        assert_eq!(hits, expect, "lane {lane}");
    }
}

#[test]
fn what_cannot_be_compiled_is_left_out_and_the_rest_runs() {
    let mut deep = map(vec![item("A", vec![text("a")])]);
    for _ in 0..limits::RULE_DEPTH_MAX + 5 {
        deep = Block::Any(vec![deep]);
    }
    let rules = vec![
        one(item("A", vec![Matcher::Regex(Arc::from("a("))])),
        one(item("A", vec![Matcher::Placeholder { name: "Servers".into(), template: "%Servers%".into() }])),
        one(item("A", vec![text("a")])),
        rule(vec![deep], Condition::Selection(0)),
        one(item("A", vec![Matcher::Regex(Arc::from("((a{1000}){1000}){1000}"))])),
        rule(vec![], Condition::Selection(0)),
    ];
    let (plan, left_out) = Plan::compile(Arc::from(rules), &[lane(1)]);
    let codes: Vec<_> = left_out.iter().map(|l| (l.rule, l.fault.code())).collect();
    assert_eq!(codes, [(0, "VD-D001"), (1, "VD-D003"), (3, "VD-D004"), (4, "VD-D002"), (5, "VD-D006")]);
    assert_eq!(left_out[1].fault, Fault::Placeholder { name: "Servers".into() });
    assert!(plan.runs(2) && !plan.runs(0) && !plan.runs(99));
    assert_eq!(plan.rules_of(LaneId(1)), [2]);
    let mut hits = vec![77];
    plan.eval(LaneId(1), &texts(&[("A", "A")]), &mut Scratch::new(), &mut hits);
    assert_eq!(hits, [77, 2], "findings are appended");
}

#[test]
fn a_scratch_goes_from_plan_to_plan_and_event_to_event() {
    let (first, _) = Plan::compile(Arc::from(vec![one(item("A", vec![text("*abcd*")]))]), &[lane(1)]);
    let regex = one(item("A", vec![Matcher::Regex(Arc::from("b[0-9]"))]));
    let (second, _) = Plan::compile(Arc::from(vec![regex]), &[lane(1)]);
    let mut scratch = Scratch::new();
    for _ in 0..3 {
        for (plan, value, expect) in [
            (&first, "xABCDx", 1),
            (&first, "xab", 0),
            (&second, "b7", 1),
            (&second, "b", 0),
            (&first, "", 0),
        ] {
            let mut hits = Vec::new();
            plan.eval(LaneId(1), &texts(&[("A", value)]), &mut scratch, &mut hits);
            assert_eq!(hits.len(), expect, "{value}");
        }
    }
}

#[test]
fn bounds_are_kept_and_counted() {
    let rules: Vec<_> = (0..limits::EVENT_HITS_MAX + 3).map(|_| one(item("A", vec![text("a")]))).collect();
    let (plan, _) = Plan::compile(Arc::from(rules), &[lane(1)]);
    let mut scratch = Scratch::new();
    let mut hits = Vec::new();
    plan.eval(LaneId(1), &texts(&[("A", "a")]), &mut scratch, &mut hits);
    assert_eq!((hits.len(), scratch.hits_dropped()), (limits::EVENT_HITS_MAX, 3));
    let mut many = Native::new();
    for _ in 0..limits::FIELD_VALUES_MAX {
        many.push_text("A", "b");
    }
    many.push_text("A", "a");
    assert!(!matches(&one(item("A", vec![text("a")])), &many));
    hits.clear();
    plan.eval(LaneId(1), &many, &mut scratch, &mut hits);
    assert_eq!((hits.len(), scratch.values_dropped()), (0, 1));
    let long = format!("{}needle", "x".repeat(3 << 20));
    assert!(matches(&one(item("A", vec![text("*NEEDLE")])), &texts(&[("A", &long)])));
}

#[test]
fn fields_say_what_their_absence_means() {
    let mut lane = lane(1);
    lane.aliases.insert("User".into(), vec!["SubjectUserName".into()]);
    let rule = rule(
        vec![
            map(vec![item("Image", vec![text("*\\x.exe")])]),
            Block::Any(vec![
                map(vec![item("CommandLine", vec![text("*y*")])]),
                map(vec![item("Product", vec![text("z")])]),
            ]),
            map(vec![item("User", vec![text("*svc*")])]),
        ],
        Condition::And(vec![
            Condition::Selection(0),
            Condition::Selection(1),
            Condition::Not(Box::new(Condition::Selection(2))),
        ]),
    );
    let (plan, _) = Plan::compile(Arc::from(vec![rule]), &[lane]);
    let uses = plan.fields_of(0, LaneId(1));
    let roles: Vec<_> = uses.iter().map(|u| (u.field.unwrap_or(""), u.native.join(","), u.role)).collect();
    assert_eq!(
        roles,
        [
            ("Image", "Image".into(), Role::Needed),
            ("CommandLine", "CommandLine".into(), Role::Optional),
            ("Product", "Product".into(), Role::Optional),
            ("User", "SubjectUserName".into(), Role::Filter),
        ]
    );
    for (carried, expect) in [
        (&["Image", "CommandLine", "Product", "SubjectUserName"][..], Reach::Can),
        (&["Image", "Product"], Reach::Partly(vec!["CommandLine", "User"])),
        (&["Image", "SubjectUserName"], Reach::Cannot(vec!["CommandLine", "Product"])),
        (&["CommandLine", "Product", "User"], Reach::Cannot(vec!["Image", "User"])),
    ] {
        assert_eq!(plan.reach(0, LaneId(1), |name| carried.contains(&name)), Some(expect), "{carried:?}");
    }
    assert_eq!(plan.reach(0, LaneId(9), |_| true), None);
}

#[test]
fn workers_share_a_plan_and_own_their_scratch() {
    fn shared<T: Send + Sync>() {}
    fn owned<T: Send>() {}
    shared::<Plan>();
    owned::<Scratch>();
}
