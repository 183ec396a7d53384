//! Every document of every file has its entry, and nothing depends on the order in which files were found.

use std::sync::Arc;

use vedette_sigma::{DocumentKind, Pack, ReadOptions, parse_file};

use crate::{codes, read, rule};

fn simple(id: &str) -> String {
    rule(id, "    selection:\n        a: 1\n    condition: selection\n")
}

#[test]
fn running_and_left_out_make_all_documents() {
    let pack = read(&[
        ("a.yml", &simple("r1")),
        ("b.yml", ""),
        ("c.yml", "just words\n"),
        ("d.yml", "key: value\n"),
        ("e.yml", &format!("{}---\n{}", simple("r2"), simple("r2"))),
        ("f.yml", "title: x\nlogsource: {product: linux}\n"),
    ]);
    assert_eq!(codes(&pack), ["running", "VD-S003", "VD-S007", "VD-S007", "running", "VD-S027", "VD-S008"]);
    let counts = pack.counts();
    assert_eq!((counts.documents, counts.running, counts.left_out), (7, 2, 5));
    assert!(pack.account.iter().all(|a| a.is_running() != a.cause().is_some()));
}

#[test]
fn a_file_that_is_no_text_counts_as_one() {
    let utf16: Vec<u8> = simple("r").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_mark = [vec![0xFF, 0xFE], utf16].concat();
    let latin = simple("r")
        .replace("Rule", "R\u{1}")
        .into_bytes()
        .iter()
        .map(|b| if *b == 1 { 0xFC } else { *b })
        .collect();
    for (bytes, fault) in [(with_mark, "UTF-16"), (latin, "not UTF-8")] {
        let pack = Pack::read([(Arc::from("a.yml"), bytes)], &ReadOptions::default());
        assert_eq!(codes(&pack), ["VD-S001"]);
        assert_eq!(pack.account[0].kind, DocumentKind::Unknown);
        let cause = pack.account[0].cause().expect("a cause");
        assert!(cause.fault.contains(fault), "{}", cause.fault);
    }
}

#[test]
fn the_later_of_two_ids_is_left_out_and_both_places_are_named() {
    let pack = read(&[("b.yml", &simple("same")), ("a.yml", &simple("same"))]);
    assert_eq!(codes(&pack), ["running", "VD-S027"]);
    let cause = pack.account[1].cause().expect("a cause");
    assert_eq!(cause.place.to_string(), "b.yml:1:1");
    assert!(cause.fault.contains("a.yml:1"), "{}", cause.fault);
}

#[test]
fn a_broken_document_does_not_claim_its_id() {
    let pack =
        read(&[("a.yml", &simple("same").replace("a: 1", "a|nonsense: 1")), ("b.yml", &simple("same"))]);
    assert_eq!(codes(&pack), ["VD-S014", "running"]);
}

#[test]
fn the_order_of_the_files_changes_nothing() {
    let files = [("a.yml", simple("r1")), ("b.yml", simple("r2")), ("c.yml", simple("r1"))];
    let read = |order: [usize; 3]| {
        let options = ReadOptions::default();
        let files = order.map(|i| parse_file(Arc::from(files[i].0), files[i].1.as_bytes(), &options.lists));
        Pack::assemble(files.into(), &options)
    };
    let first = read([0, 1, 2]);
    for order in [[2, 1, 0], [1, 2, 0]] {
        let other = read(order);
        assert_eq!(first.rules, other.rules);
        assert_eq!(first.account, other.account);
        assert_eq!(first.hash(), other.hash());
    }
}

#[test]
fn the_hash_follows_the_content_and_not_the_folder() {
    let hash = |path: &str, text: &str| read(&[(path, text)]).hash().to_string();
    assert_eq!(hash("a.yml", &simple("r1")), hash("deep/folder/a.yml", &simple("r1")));
    assert_ne!(hash("a.yml", &simple("r1")), hash("a.yml", &simple("r2")));
    assert_eq!(hash("a.yml", "").len(), 64);
}

#[test]
fn documents_of_old_collections_say_what_became_of_action() {
    let text = "action: global\ntitle: Old\nid: old\ndetection:\n    condition: selection\n---\nlogsource: {product: linux}\n\
        detection:\n    selection:\n        a: 1\n";
    let pack = read(&[("old.yml", text)]);
    assert_eq!(codes(&pack), ["VD-S011", "VD-S011"]);
}
