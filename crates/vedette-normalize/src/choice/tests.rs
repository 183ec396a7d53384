//! The fast choice against the slow one: over all benches, over real logs, and over records thrown together from the
//! words of the mappings themselves.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use vedette_model::{Event, FileFormat, Kind};

use super::*;
use crate::catalogue::Catalogue;
use crate::formats::{Input, LineHint, json, lines};
use crate::mapping::file::INPUTS;
use crate::mapping::yaml::{self, Data, Node};
use crate::normalizer::{Normalizer, WantedNames, bare_file, read_line};

fn texts(ending: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/mappings");
    let paths = std::fs::read_dir(folder).expect("content/mappings").map(|e| e.expect("an entry").path());
    let paths = paths.filter(|p| p.to_string_lossy().ends_with(ending));
    let mut texts: Vec<_> =
        paths.map(|p| (p.display().to_string(), std::fs::read_to_string(p).expect("a text"))).collect();
    texts.sort();
    texts
}

fn catalogue() -> Arc<Catalogue> {
    Arc::new(Catalogue::load(texts(".yml")).0)
}

/// Asks each record twice: as the stream does, envelopes taken off, and bare as each of the inputs. Every choice is
/// compared where it is made.
struct Judge {
    normalizer: Normalizer,
    event: Event,
    lookup: Lookup,
    candidates: Candidates,
    records: u64,
    kept: u64,
    asked: u64,
}

impl Judge {
    fn new(catalogue: &Arc<Catalogue>) -> Self {
        Self {
            normalizer: Normalizer::new(Arc::clone(catalogue), &WantedNames::none()),
            event: Event::default(),
            lookup: Lookup::default(),
            candidates: Candidates::default(),
            records: 0,
            kept: 0,
            asked: 0,
        }
    }

    fn record(&mut self, input: Input, native: &Native) {
        self.records += 1;
        self.normalizer.fields(input, native, &bare_file(FileFormat::Lines), &mut self.event);
        let catalogue = Arc::clone(self.normalizer.catalogue());
        self.lookup.fill(native, &catalogue.names);
        for (_, input) in INPUTS {
            catalogue.envelope(input, native, &self.lookup, &mut self.candidates);
            catalogue.mapping(input, native, &self.lookup, &mut self.candidates);
            self.kept += self.candidates.iter().count() as u64;
            self.asked += 1;
        }
    }

    fn line(&mut self, line: &str) {
        let mut native = Native::new();
        let input = lines::read(line, &mut LineHint::new(), &mut native);
        self.record(input, &native);
    }

    fn json(&mut self, text: &str) {
        let mut native = Native::new();
        if json::flatten(text.as_bytes(), &mut native).is_ok() {
            self.record(Input::Json, &native);
        }
    }

    fn report(&self, what: &str, records_min: u64) {
        let (compared, chosen) = in_order::compared();
        let kept = self.kept as f64 / self.asked.max(1) as f64;
        println!(
            "{what}: {} records, {compared} choices compared, {chosen} chose; {kept:.1} candidates",
            self.records
        );
        assert!(self.records >= records_min && compared > self.records && chosen > 0);
    }
}

#[test]
fn benches_choose_alike() {
    let catalogue = catalogue();
    let mut judge = Judge::new(&catalogue);
    for (path, text) in texts(".bench.yml") {
        let own = path.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches(".bench.yml");
        let first =
            |id: &str| catalogue.mappings.iter().find(|m| m.id == id).and_then(|m| m.inputs.first().copied());
        for document in yaml::read(&text).expect("yaml") {
            let Data::List(cases) = &document.data else { continue };
            for case in cases {
                let Some(line) = case.get("line").and_then(Node::text) else { continue };
                let input = case.get("input").and_then(Node::text).and_then(crate::mapping::file::input);
                let id = case.get("mapping").and_then(Node::text).unwrap_or(own);
                let mut native = Native::new();
                if let Ok(read_as) = read_line(line, input.or_else(|| first(id)), &mut native) {
                    judge.record(read_as, &native);
                }
                judge.line(line);
            }
        }
    }
    judge.report("benches", 1_000);
}

/// A folder of the corpus; where it is missing the test says so and ends.
fn corpus(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("VEDETTE_CORPUS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"), PathBuf::from);
    let folder = root.join(name);
    if !folder.is_dir() {
        println!("skipped: corpus missing");
        return None;
    }
    Some(folder)
}

fn files(folder: PathBuf, ending: &str) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![folder]);
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn vendor_messages_choose_alike() {
    let Some(folder) = corpus("syslog-vendors") else { return };
    let mut judge = Judge::new(&catalogue());
    let samples = std::fs::read_to_string(folder.join("samples.jsonl")).expect("samples");
    for sample in samples.lines() {
        let sample: serde_json::Value = serde_json::from_str(sample).expect("a sample");
        let raw = sample["raw"].as_str().expect("a message");
        judge.line(raw);
        // The message alone, as a file of it would have it, and its other half.
        judge.line(raw.split_once(": ").map_or(raw, |(_, rest)| rest));
        let middle = (raw.len() / 2..raw.len()).find(|&i| raw.is_char_boundary(i)).unwrap_or(0);
        judge.line(&raw[middle..]);
    }
    judge.report("vendor messages", 900);
}

#[test]
fn cloud_logs_choose_alike() {
    let Some(folder) = corpus("cloud-log-tests") else { return };
    let mut judge = Judge::new(&catalogue());
    for path in files(folder, ".jsonl") {
        for sample in std::fs::read_to_string(path).expect("samples").lines() {
            let sample: serde_json::Value = serde_json::from_str(sample).expect("a sample");
            judge.json(&sample["log"].to_string());
        }
    }
    judge.report("cloud logs", 1_000);
}

#[test]
fn shipped_windows_logs_choose_alike() {
    let Some(folder) = corpus("mordor") else { return };
    let mut judge = Judge::new(&catalogue());
    for path in files(folder, ".zip") {
        let file = std::fs::File::open(path).expect("a file");
        let mut archive = zip::ZipArchive::new(file).expect("a zip");
        for index in 0..archive.len() {
            let mut text = Vec::new();
            archive.by_index(index).expect("a member").read_to_end(&mut text).expect("its bytes");
            // Every seventh will do: neighbours are alike, and the slow way is slow.
            for line in String::from_utf8_lossy(&text).lines().step_by(7) {
                judge.json(line);
            }
        }
    }
    judge.report("shipped Windows logs", 1_000);
}

/// What conditions speak of: names, and values that come near to fitting.
#[derive(Debug, Default)]
struct Words {
    names: Vec<String>,
    values: Vec<(String, String)>,
}

impl Words {
    fn collect(&mut self, condition: &Condition, names: &Names) {
        for test in &condition.all {
            match test {
                Test::Exists(name) => self.names.push(names.text(*name).to_owned()),
                Test::ExistsBelow(prefix) => self.names.push(format!("{prefix}x")),
                Test::Text(name, _, values) => {
                    let name = names.text(*name);
                    self.values.extend(values.iter().map(|v| (name.to_owned(), v.to_string())));
                }
                Test::Regex(name, regex) => {
                    let Ok(hir) = regex_syntax::parse(regex.as_str()) else { continue };
                    let (mut text, mut pick) = (String::new(), 7);
                    for _ in 0..4 {
                        text.clear();
                        write(&hir, &mut pick, &mut text);
                        self.values.push((names.text(*name).to_owned(), text.clone()));
                    }
                }
                Test::Any(any) => any.iter().for_each(|c| self.collect(c, names)),
                Test::Not(not) => self.collect(not, names),
            }
        }
    }
}

/// Some text that a pattern fits, but for its look-arounds.
fn write(hir: &regex_syntax::hir::Hir, pick: &mut usize, out: &mut String) {
    use regex_syntax::hir::{Class, HirKind};
    *pick = pick.wrapping_mul(31).wrapping_add(11);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) => {
            let range = class.ranges().get(*pick % class.ranges().len().clamp(1, 3));
            out.extend(range.map(|r| r.start()));
        }
        HirKind::Repetition(repetition) => {
            let times = repetition.min.max((*pick % 2) as u32).min(repetition.max.unwrap_or(40)).min(40);
            (0..times).for_each(|_| write(&repetition.sub, pick, out));
        }
        HirKind::Capture(capture) => write(&capture.sub, pick, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| write(part, pick, out)),
        HirKind::Alternation(parts) => write(&parts[*pick / 8 % parts.len()], pick, out),
    }
}

/// Records with any names and values of the conditions, whole or bent: other case, text before and after, null.
#[test]
fn records_of_any_words_choose_alike() {
    let catalogue = catalogue();
    let mut words = Words::default();
    let conditions = catalogue.mapping_conditions();
    conditions.for_each(|c| words.collect(c, &catalogue.names));
    let (names, values) = (words.names.len(), words.values.len());
    assert!(names > 300 && values > 500, "{names} names, {values} values");
    let field = prop_oneof![
        (0..names).prop_map(|n| (Some(n), 0, 0)),
        (0..values, 0..6u8).prop_map(|(v, bend)| (None, v, bend)),
    ];
    let mut judge = Judge::new(&catalogue);
    let config = ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let records = std::cell::RefCell::new(&mut judge);
    let checked = runner.run(&prop::collection::vec(field, 1..12), |fields| {
        let mut native = Native::new();
        for (name, value, bend) in fields {
            match (name, &words.values[value]) {
                (Some(name), _) => native.push_text(&words.names[name], "x"),
                (None, (name, value)) => match bend {
                    0 | 1 => native.push_text(name, value),
                    2 => native.push_text(name, &value.to_ascii_uppercase()),
                    3 => native.push_text(name, &format!("a {value} z")),
                    4 => {
                        native.push_text(name, &format!("{value}{}", "z".repeat(limits::COMPARED_BYTES_MAX)))
                    }
                    _ => native.push(name, "", Kind::Null),
                },
            }
        }
        records.borrow_mut().record(Input::Syslog, &native);
        Ok(())
    });
    assert!(checked.is_ok(), "{checked:?}");
    judge.report("records of any words", 1_000);
}

fn check(conditions: &[&str], fields: &[(&str, &str)], expect: &[usize]) {
    let mut names = Names::default();
    let mut faults = crate::mapping::fault::Faults::default();
    let read = |text: &&str| {
        let node = &yaml::read(text).expect("yaml")[0];
        Condition::read(node, "match", &mut names, &mut faults)
    };
    let conditions: Vec<Condition> = conditions.iter().map(read).collect();
    assert!(faults.all.is_empty(), "{faults:?}");
    let index = Index::new((0..).zip(&conditions), &names);
    let mut native = Native::new();
    fields.iter().for_each(|(name, value)| native.push_text(name, value));
    let mut lookup = Lookup::default();
    lookup.fill(&native, &names);
    let mut candidates = Candidates::default();
    index.candidates(&native, &lookup, &mut candidates);
    assert_eq!(candidates.iter().collect::<Vec<_>>(), expect, "{fields:?}");
}

#[test]
fn only_what_can_hold_is_asked() {
    let conditions = [
        "{ exists: [message], regex: { message: '%ASA-\\d' } }",
        "{ any: [ { equals: { syslog.app: [named] } }, { regex: { message: '^\\d+ LOG: ' } } ] }",
        "{ starts_with: { syslog.app: [sshd] } }",
        "{ not: { exists: [message] } }",
        "{ exists: [syslog.sd.x.] }",
        "{ contains: { message: [''] } }",
        "{ equals: { a: [] } }",
        "{ regex: { message: '^[{]' } }",
    ];
    check(&conditions, &[], &[3]);
    check(&conditions, &[("message", "x %asa-6: y")], &[0, 3, 5]);
    check(&conditions, &[("message", ""), ("syslog.app", "NAMED")], &[1, 3, 5]);
    check(&conditions, &[("message", "12 LOG: a")], &[1, 3, 5]);
    check(&conditions, &[("message", "a LOG: a")], &[3, 5]);
    check(&conditions, &[("syslog.app", "SSHD-session")], &[2, 3]);
    check(&conditions, &[("syslog.app", "my-sshd")], &[3]);
    check(&conditions, &[("syslog.sd.x.y", "")], &[3, 4]);
    check(&conditions, &[("a", "")], &[3]);
    check(&conditions, &[("message", "{"), ("message", "%ASA-")], &[0, 3, 5, 7]);
}

#[test]
#[should_panic(expected = "not that of trying all in order")]
fn another_choice_than_the_slow_one_is_noticed() {
    in_order::compare(Some(2), [false, true, true].iter(), |holds| *holds);
}
