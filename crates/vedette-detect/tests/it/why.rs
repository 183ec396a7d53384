//! What explanations say.

use std::sync::Arc;

use vedette_detect::Plan;
use vedette_detect::explain::{BlockStep, Operation};
use vedette_model::{Kind, LaneId};
use vedette_sigma::{Condition, Matcher, NumberTest, Quantifier, Rule, Selector};

use crate::build::*;

/// Fires on a renamed tool, excepts what a certain parent or company starts.
fn filtered() -> Rule {
    let not = |c| Condition::Not(Box::new(c));
    rule(
        vec![
            map(vec![item("Image", vec![text("*\\tool.exe")]), item("CommandLine", vec![text("* -x *")])]),
            map(vec![item("ParentImage", vec![text("c:\\agent\\*")])]),
            map(vec![item("Company", vec![Matcher::Null])]),
        ],
        Condition::And(vec![
            Condition::Selection(0),
            not(Condition::Of {
                quantifier: Quantifier::Any,
                selector: Selector::Pattern("filter_*".into()),
                of: vec![1],
            }),
            not(Condition::Selection(2)),
        ]),
    )
}

#[test]
fn says_which_name_and_value_met_which_test() {
    let mut lane = lane(1);
    lane.aliases.insert("Image".into(), vec!["NewProcessName".into()]);
    let (plan, _) = Plan::compile(Arc::from(vec![filtered()]), &[lane]);
    let native =
        texts(&[("NewProcessName", "C:\\T\\TOOL.exe"), ("CommandLine", "tool -y"), ("Company", "Example")]);
    let explanation = plan.explain(0, LaneId(1), &native).expect("rule and lane are there");
    assert!(explanation.runs_here && !explanation.held);
    let BlockStep::All { held: false, parts } = &explanation.selections[0].block else { panic!("a map") };
    let (BlockStep::Item(image), BlockStep::Item(command)) = (&parts[0], &parts[1]) else { panic!("lines") };
    assert_eq!((image.native.as_deref(), image.held), (Some("NewProcessName"), true));
    assert_eq!(image.values, ["C:\\T\\TOOL.exe"]);
    assert_eq!(image.tests[0].asks, "ends with '\\tool.exe'");
    assert_eq!(image.tests[0].met_by.as_deref(), Some("C:\\T\\TOOL.exe"));
    assert_eq!((command.held, command.tests[0].asks.as_str()), (false, "contains ' -x '"));
    assert_eq!(command.tests[0].why, "the value is different");
    let root = &explanation.conditions[0];
    assert_eq!((root.what.clone(), root.held, root.parts.len()), (Operation::And, false, 3));
    assert_eq!(root.parts[1].parts[0].what, Operation::Of("1 of filter_*".into()));
}

#[test]
fn names_the_filter_fields_that_are_not_there() {
    let seen = texts(&[("Image", "\\tool.exe"), ("CommandLine", "a -x b"), ("Company", "Example")]);
    let check = |offer: &[&str], absent: &[&str], native, expect: &[&str]| {
        let mut lane = lane(1);
        lane.fields = offer.iter().map(|f| f.to_string()).collect();
        lane.absent = absent.iter().map(|f| (f.to_string(), "switch it on".to_owned())).collect();
        let (plan, _) = Plan::compile(Arc::from(vec![filtered()]), &[lane]);
        assert_eq!(plan.unseen_filter_fields(0, LaneId(1), native), expect);
        let explanation = plan.explain(0, LaneId(1), native).expect("rule and lane are there");
        assert_eq!(explanation.unseen_filter_fields, expect);
    };
    // `Company: null` asks about absence and has its answer.
    check(&[], &[], &seen, &["ParentImage"]);
    check(&["ParentImage"], &[], &seen, &[]);
    check(&["ParentImage"], &["ParentImage"], &seen, &["ParentImage"]);
    let carried = texts(&[("Image", "\\tool.exe"), ("CommandLine", "a -x b"), ("ParentImage", "x")]);
    check(&[], &[], &carried, &[]);
}

#[test]
fn says_why_a_test_does_not_hold() {
    #[track_caller]
    fn check(matcher: Matcher, value: Option<(&str, Kind)>, asks: &str, why: &str) {
        let (plan, _) = Plan::compile(Arc::from(vec![one(item("F", vec![matcher]))]), &[lane(1)]);
        let native = event(&value.map(|(v, k)| ("F", v, k)).into_iter().collect::<Vec<_>>());
        let explanation = plan.explain(0, LaneId(1), &native).expect("rule and lane are there");
        let BlockStep::All { parts, .. } = &explanation.selections[0].block else { panic!("a map") };
        let BlockStep::Item(line) = &parts[0] else { panic!("a line") };
        assert_eq!((line.tests[0].asks.as_str(), line.tests[0].why.as_str()), (asks, why));
    }
    let kind = Kind::Text;
    let net = || Matcher::Cidr("10.0.0.0/8".parse().expect("a network"));
    check(net(), Some(("host", kind)), "is an address in 10.0.0.0/8", "the value is not an address");
    check(net(), Some(("192.0.2.1", kind)), "is an address in 10.0.0.0/8", "the value is different");
    check(net(), None, "is an address in 10.0.0.0/8", "the field is absent");
    let number = || Matcher::Number(NumberTest::Gt, 5.0);
    check(number(), Some(("many", kind)), "is a number > 5", "the value is not a number");
    check(number(), Some(("", Kind::Null)), "is a number > 5", "the field is null");
    check(cased("Abc"), Some(("abc", kind)), "equals 'Abc', with case", "the value differs in case");
    check(Matcher::Null, Some(("x", kind)), "is null or absent", "the field has a value");
    check(Matcher::Null, None, "is null or absent", "the field is absent");
    check(text("a*b?"), Some(("x", kind)), "matches 'a*b?'", "the value is different");
}
