//! Every mapping of `content/mappings` loads, and every bench beside them holds.

mod alerts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vedette_model::{Batch, Event, FileContext, FileFormat, FileIndex, Position, Span, UidBasis};
use vedette_normalize::{Catalogue, Normalizer, WantedNames, bench};

fn content() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/mappings")
}

fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(content()).expect("content/mappings is there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "yml") {
            let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
            files.push((name, std::fs::read_to_string(&path).expect("a text")));
        }
    }
    files.sort();
    files
}

#[test]
fn every_mapping_loads() {
    let (catalogue, problems) = Catalogue::load(files());
    for p in &problems {
        eprintln!("{} [{}] {} ({})", p.place, p.code, p.fault, p.remedy);
    }
    assert!(problems.is_empty(), "{} problems", problems.len());
    assert!(catalogue.lanes().len() > 200, "{} lanes", catalogue.lanes().len());
}

#[test]
fn every_bench_holds() {
    let files = files();
    let (catalogue, _) = Catalogue::load(files.clone());
    let catalogue = Arc::new(catalogue);
    let (mut cases, mut failed) = (0, 0);
    let mut benched = BTreeSet::new();
    for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".bench.yml")) {
        for result in bench::run(&catalogue, name, text) {
            cases += 1;
            benched.insert(result.mapping.clone());
            if !result.failures.is_empty() {
                failed += 1;
                eprintln!("{name}:{}: {}\n  {}", result.line, result.why, result.failures.join("\n  "));
            }
        }
    }
    let bare: Vec<&str> = catalogue.mappings().map(|m| m.0).filter(|m| !benched.contains(*m)).collect();
    assert!(bare.is_empty(), "mappings without a bench: {bare:?}");
    assert_eq!(failed, 0, "{failed} of {cases} cases failed");
}

fn lines(lines: &[&str]) -> Batch {
    let (mut bytes, mut spans) = (Vec::new(), Vec::new());
    for (n, line) in lines.iter().enumerate() {
        let start = bytes.len() as u32;
        bytes.extend_from_slice(line.as_bytes());
        let position = Position { number: n as u64 + 1, offset: u64::from(start) };
        spans.push(Span { start, end: bytes.len() as u32, position, joined: Vec::new() });
    }
    let file = FileContext {
        index: FileIndex(3),
        path: "estate/x.json".into(),
        format: FileFormat::JsonLines,
        modified: None,
        host: Some("from-path".into()),
        channel: None,
        zone: None,
        year: None,
    };
    Batch {
        seq: 0,
        file: Arc::new(file),
        bytes,
        spans,
        header: None,
        chunk: 0,
        rejects: Vec::new(),
        last: true,
    }
}

fn events(catalogue: &Arc<Catalogue>, batch: &Batch) -> Vec<Event> {
    let mut events = Vec::new();
    let mut normalizer = Normalizer::new(Arc::clone(catalogue), &WantedNames::none());
    normalizer.batch(batch, &mut |event| events.push(event.clone()));
    events
}

const EVTX: &str = r##"{"Event":{"System":{"EventID":4624,"Channel":"Security","Computer":"WS01","EventRecordID":9,"TimeCreated":{"#attributes":{"SystemTime":"2026-03-14T09:26:53.123456Z"}}},"EventData":{"LogonType":3}}}"##;
const BEAT: &str = r#"{"@timestamp":"2026-03-14T09:26:53.123Z","winlog":{"channel":"Security","event_id":"4624","computer_name":"ws01","record_id":9,"event_data":{"LogonType":"3"}}}"#;

#[test]
fn two_copies_of_a_record_have_one_uid_whatever_their_shape() {
    let (catalogue, _) = Catalogue::load(files());
    let found = events(&Arc::new(catalogue), &lines(&[EVTX, BEAT]));
    assert_eq!(found[0].uid, found[1].uid);
    assert!(found.iter().all(|e| e.uid_basis == UidBasis::Identity), "{found:?}");
    assert_eq!((found[0].record, found[0].host.as_str()), (9, "WS01"));
}

#[test]
fn what_no_mapping_knows_is_an_event_of_the_unknown_lane() {
    let (catalogue, _) = Catalogue::load(files());
    let catalogue = Arc::new(catalogue);
    let line = r#"{"zzz":1,"timestamp":"2026-03-14T09:26:53Z"}"#;
    let found = events(&catalogue, &lines(&[line, line, "{broken"]));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].lane, vedette_model::LaneId::UNKNOWN);
    assert_eq!(found[0].time.map(|t| t.to_string()).as_deref(), Some("2026-03-14T09:26:53Z"));
    assert_eq!((found[0].host.as_str(), found[0].uid_basis), ("from-path", UidBasis::Content));
    // Equal lines are told apart by the merge, which alone knows their order.
    assert_eq!(found[0].uid, found[1].uid);
    assert_ne!(found[0].uid.occurrence(0), found[1].uid.occurrence(1));
}

#[test]
fn accounts_close_and_unknown_fields_are_named() {
    let (catalogue, _) = Catalogue::load(files());
    let mut normalizer = Normalizer::new(Arc::new(catalogue), &WantedNames::all());
    let strange = EVTX.replace("LogonType", "NeverSeenBefore");
    let batch = lines(&[EVTX, &strange, "{broken", "{}"]);
    for _ in 0..2 {
        let mut count = 0;
        let outcome = normalizer.batch(&batch, &mut |_| count += 1);
        assert_eq!(outcome.records, 4);
        assert_eq!(outcome.records, outcome.events + outcome.rejects.len() as u64);
        assert_eq!((outcome.events, count, outcome.unknown), (3, 3, 1));
        assert_eq!(outcome.rejects[0].position.number, 3);
        let unknown = ("windows_security".to_owned(), "NeverSeenBefore".to_owned(), 1);
        assert_eq!(outcome.unknown_fields, [unknown]);
    }
}

#[test]
fn a_lane_says_what_must_be_switched_on() {
    let text = "id: m\ntitle: M\ninput: json\nmatch: { exists: [a] }\nenable: the log\ncases:\n  - { name: more, when: { exists: [b] }, enable: 'the log, and details' }\n  - { name: plain, when: { exists: [c] } }\n";
    let silent = "id: s\ntitle: S\ninput: json\nmatch: { exists: [z] }\n";
    let (catalogue, problems) = Catalogue::load([("m.yml", text), ("s.yml", silent)]);
    assert!(problems.is_empty(), "{problems:?}");
    for (mapping, case, expect) in [
        ("m", "", "the log"),
        ("m", "more", "the log, and details"),
        ("m", "plain", "the log"),
        ("s", "", ""),
    ] {
        let lane = catalogue.find_lane(mapping, case).expect("a lane");
        assert_eq!(catalogue.lane(lane).enable, expect, "{mapping}/{case}");
    }
}

#[test]
fn a_star_ends_a_prefix_of_known_names() {
    let text =
        "id: m\ntitle: M\ninput: json\nmatch: { exists: [a] }\nknown: [device_*, net., whole, half_]\n";
    let (catalogue, problems) = Catalogue::load([("m.yml", text)]);
    assert!(problems.is_empty(), "{problems:?}");
    let mut normalizer = Normalizer::new(Arc::new(catalogue), &WantedNames::all());
    let line =
        r#"{"a":1,"device_id":1,"device_":1,"devices":1,"net":{"x":1},"whole":1,"whole_x":1,"half_x":1}"#;
    let outcome = normalizer.batch(&lines(&[line]), &mut |_| {});
    let unknown: Vec<_> = outcome.unknown_fields.iter().map(|(_, name, _)| name.as_str()).collect();
    assert_eq!(unknown, ["devices", "half_x", "whole_x"]);
}

#[test]
fn a_bad_mapping_is_left_out_with_places_and_remedies() {
    let good = "id: good\ntitle: Good\ninput: json\nmatch: { exists: [a] }\n";
    let bad = "id: bad\ntitle: Bad\ninput: jsn\nmatch: { exist: [a] }\nocsf:\n  class_uid: 1007\n  attributes:\n    process.cmdline: x\n";
    let (catalogue, problems) = Catalogue::load([("m/bad.yml", bad), ("m/good.yml", good)]);
    assert_eq!(catalogue.mappings().map(|m| m.0).collect::<Vec<_>>(), ["good"]);
    let told: Vec<_> = problems.iter().map(|p| (p.place.as_str(), p.remedy.as_str())).collect();
    assert_eq!(
        told,
        [("m/bad.yml:3:8", "did you mean `json`?"), ("m/bad.yml:4:10", "did you mean `exists`?")]
    );
    assert!(problems[0].consequence.contains("left out"), "{problems:?}");
    let path = bad.replace("jsn", "json").replace("exist:", "exists:");
    let (_, problems) = Catalogue::load([("m/bad.yml", path.as_str())]);
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (problems[0].place.as_str(), problems[0].remedy.as_str()),
        ("m/bad.yml:8:5", "did you mean `cmd_line`?")
    );
}
