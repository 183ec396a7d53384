//! Where this engine and rsigma-eval part, on purpose: each case states both answers, so that the list in the
//! crate's documentation stays true.

use std::sync::Arc;

use rsigma_eval::{Engine, JsonEvent};
use serde_json::{Value, json};
use vedette_detect::{Plan, Scratch, slow};
use vedette_model::{Lane, LaneId, Native};
use vedette_sigma::{Pack, ReadOptions};

use crate::corpus;

/// Answers of the plan and of the peer to one selection.
#[track_caller]
fn check(selection: &str, event: &Value, plan_holds: bool, peer_holds: bool) {
    let yaml = format!(
        "title: A test\nid: 5f0c8e0a-6d0c-4c3a-9d6b-0f2f5d1c7a11\nlogsource:\n  product: any\ndetection:\n  \
         selection:\n{selection}\n  condition: selection\n"
    );
    let pack = Pack::read([(Arc::from("test.yml"), yaml.as_bytes())], &ReadOptions::default());
    let mut rules = pack.rules;
    assert_eq!(rules.len(), 1, "{:?}", pack.account);
    rules[0].logsource = vedette_sigma::Logsource::default();
    let mut native = Native::new();
    corpus::flatten("", event, &mut native);
    let slow = slow::matches(&rules[0], &Lane::default(), &native);
    let (plan, _) = Plan::compile(rules.into(), &[]);
    let mut hits = Vec::new();
    plan.eval(LaneId::UNKNOWN, &native, &mut Scratch::new(), &mut hits);
    assert_eq!(!hits.is_empty(), slow, "plan and slow evaluator");

    let mut engine = Engine::new();
    engine
        .add_collection(&rsigma_parser::parse_sigma_yaml(&yaml).expect("the peer reads it"))
        .expect("the peer compiles it");
    let peer = !engine.evaluate(&JsonEvent::borrow(event)).is_empty();
    assert_eq!((slow, peer), (plan_holds, peer_holds), "{selection} on {event}");
}

#[test]
fn wildcards_cover_line_breaks() {
    check("    A: 'one*two'", &json!({"A": "one\ntwo"}), true, false);
    check("    A: 'one?two'", &json!({"A": "one\ntwo"}), true, false);
    check("    A|contains: 'one*two'", &json!({"A": "x one\n two"}), true, false);
    check("    A: 'one*two'", &json!({"A": "one and two"}), true, true);
}

#[test]
fn exists_asks_for_the_name() {
    check("    A|exists: true", &json!({"A": null}), true, false);
    check("    A|exists: false", &json!({"A": null}), false, true);
    check("    A|exists: true", &json!({"A": ""}), true, true);
    check("    A|exists: true", &json!({"B": 1}), false, false);
}

#[test]
fn neq_and_references_need_values() {
    check("    A|neq: x", &json!({"A": null}), false, true);
    check("    A|neq: x", &json!({"B": 1}), false, false);
    check("    A|neq: x", &json!({"A": "y"}), true, true);
    check("    A|fieldref: B", &json!({"A": null, "B": null}), false, true);
    check("    A|fieldref: B", &json!({"A": "x", "B": "X"}), true, true);
}

#[test]
fn keywords_look_at_all_values_one_by_one() {
    check("    - '4688'", &json!({"A": 4688}), true, false);
    check("    - 'mimi'", &json!({"A": "xMIMIx"}), true, true);
    check("    '|all':\n      - one\n      - two", &json!({"A": "one", "B": "two"}), true, false);
    check("    '|all':\n      - one\n      - two", &json!({"A": "one two"}), true, false);
}

#[test]
fn empty_arrays_are_null_and_numbers_keep_their_text() {
    check("    A: null", &json!({"A": []}), true, false);
    check("    A: null", &json!({"B": 1}), true, true);
    check("    A: '1.50'", &json!({"A": 1.5}), false, false);
    check("    A: 1.5", &json!({"A": "1.50"}), true, true);
}

#[test]
fn what_both_understand_alike() {
    for (selection, event, holds) in [
        ("    A: ''", json!({"A": ""}), true),
        ("    A: ''", json!({"A": null}), false),
        ("    A: '*'", json!({"A": ""}), true),
        ("    A: '*'", json!({"B": ""}), false),
        ("    A: 4688", json!({"A": "4688"}), true),
        ("    A: '4688'", json!({"A": 4688}), true),
        ("    A|contains: 68", json!({"A": 4688}), true),
        ("    A: true", json!({"A": "True"}), true),
        ("    A: true", json!({"A": 1}), false),
        ("    A|gte: 10", json!({"A": "11"}), true),
        ("    A|cidr: 10.0.0.0/8", json!({"A": "10.1.1.1"}), true),
        ("    A|cidr: 10.0.0.0/8", json!({"A": "no address"}), false),
        ("    A|re: 'b.d'", json!({"A": "abcde"}), true),
        ("    A|re: 'B.D'", json!({"A": "abcde"}), false),
        ("    A|re|i: 'B.D'", json!({"A": "abcde"}), true),
        ("    A|contains|all:\n      - x\n      - y", json!({"A": ["1x", "y2"]}), true),
        ("    A|contains|all:\n      - x\n      - y", json!({"A": ["1x", "z2"]}), false),
        ("    A: b", json!({"A": ["a", "b"]}), true),
        ("    A|windash|contains: ' -enc '", json!({"A": "p /ENC x"}), true),
        ("    A|windash|contains: ' -enc '", json!({"A": "p \u{2013}enc x"}), true),
        ("    A: 'a\\*b'", json!({"A": "a*b"}), true),
        ("    A: 'a\\*b'", json!({"A": "axb"}), false),
        ("    A: 'a\\\\*'", json!({"A": "a\\xyz"}), true),
        ("    A|endswith: '\\x.exe'", json!({"A": "C:\\X.EXE"}), true),
        ("    A|base64offset|contains: 'whoami'", json!({"A": "xxd2hvYW1pxx"}), true),
        ("    A|wide|base64offset|contains: 'whoami'", json!({"A": "dwBoAG8AYQBtAGkA"}), true),
        ("    A|cased: Abc", json!({"A": "abc"}), false),
        ("    A|hour: 9", json!({"A": "2026-03-14T09:26:53Z"}), true),
    ] {
        check(selection, &event, holds, holds);
    }
}
