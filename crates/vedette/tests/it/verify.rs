//! A report that was not touched resolves whole; of a thousand planted falsehoods none does.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};
use vedette_intel::Context;
use vedette_investigate::Fact;
use vedette_investigate::verify::{Verdict, verify};
use vedette_model::EntityKind;
use vedette_runtime::again::Again;
use vedette_runtime::scan::incidents::Knowledge;
use vedette_runtime::{Content, Mappings, Source};

use crate::harness::{json as scan_json, root, text};

mod planted;

/// What the binary knows without any list.
struct BuiltIn(Context);

impl Knowledge for BuiltIn {
    fn facts(&self, kind: EntityKind, key: &str) -> Vec<Fact> {
        let told =
            |f: vedette_intel::Fact| Fact { label: f.label, value: f.value, source: f.source, date: f.date };
        self.0.facts(&kind, key).into_iter().map(told).collect()
    }
}

fn report() -> &'static Value {
    static REPORT: LazyLock<Value> =
        LazyLock::new(|| scan_json(&["scan", "--quiet", text(&root().join("sample/estate"))]));
    &REPORT
}

/// Checks reports in this process: a thousand of them would take too long one by one.
struct Checker {
    content: Arc<Content>,
    known: BuiltIn,
    rules: BTreeMap<String, Value>,
}

impl Checker {
    fn new() -> Self {
        let sources = |dir: &str| {
            let mut all = Vec::new();
            let mut open = vec![root().join("content").join(dir)];
            while let Some(dir) = open.pop() {
                for entry in std::fs::read_dir(&dir).expect("content").flatten() {
                    let path = entry.path();
                    let name = path.to_string_lossy().into_owned();
                    if path.is_dir() {
                        open.push(path);
                    } else if name.ends_with(".yml") && !name.ends_with(".bench.yml") {
                        let below = path.strip_prefix(root().join("content").join("rules")).unwrap_or(&path);
                        let shown = format!("builtin/{}", below.display());
                        all.push(Source { path: shown.into(), text: std::fs::read(&path).expect("a file") });
                    }
                }
            }
            all.sort_by(|a, b| a.path.cmp(&b.path));
            all
        };
        let mappings = Mappings::load(&sources("mappings"));
        let content = Arc::new(Content::load(sources("rules"), mappings, &BTreeMap::new()));
        // How a rule is shown is the binary's: the report that nobody touched says it.
        let rules = report()["rules"].as_array().expect("rules").iter();
        let rules = rules.map(|r| (r["id"].as_str().expect("an id").to_owned(), r.clone())).collect();
        Self { content, known: BuiltIn(Context::load(Vec::new()).0), rules }
    }

    fn check(&self, report: &Value) -> Verdict {
        let shown = |content: &Content, rule: u32| {
            self.rules.get(&content.meta(rule).id).cloned().unwrap_or_default()
        };
        verify(report, &Again::new(self.content.clone(), &self.known, &shown)).expect("a report")
    }
}

#[test]
fn a_report_that_was_not_touched_resolves_whole() {
    let verdict = Checker::new().check(report());
    assert_eq!(verdict.refused, []);
    assert!(verdict.claims > 10_000 && verdict.unchecked * 100 < verdict.claims, "{verdict:?}");
    assert_eq!(verdict.claims, verdict.resolved + verdict.unchecked);
}

/// Of each batch all falsehoods are planted in one report, each at its own place, and each must be refused there.
#[test]
fn a_thousand_falsehoods_are_refused() {
    let checker = Checker::new();
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut missed = Vec::new();
    for batch in planted::batches(report()) {
        let mut lie = report().clone();
        for planted in &batch {
            (planted.plant)(&mut lie);
        }
        let verdict = checker.check(&lie);
        for planted in &batch {
            *counts.entry(planted.kind).or_default() += 1;
            let found =
                verdict.refused.iter().any(|r| planted.refused_at.iter().any(|at| r.claim.starts_with(at)));
            if !found {
                missed.push(format!("{}: {:?}", planted.kind, planted.refused_at));
            }
        }
    }
    let total: usize = counts.values().sum();
    say(&format!("{total} falsehoods planted: {counts:?}"));
    assert!(missed.is_empty(), "{} of {total} were not refused:\n{}", missed.len(), missed.join("\n"));
    assert!(total >= 1_000, "only {total}: {counts:?}");
    // The kinds that nobody may leave out.
    for kind in planted::KINDS {
        assert!(counts.get(kind).is_some_and(|n| *n >= 3), "{kind}: {:?} of {counts:?}", counts.get(kind));
    }
}

#[expect(clippy::print_stderr, reason = "a published zero needs its number")]
fn say(text: &str) {
    eprintln!("{text}");
}

fn run(args: &[&str], stdin: &[u8]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_vedette"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    // A fault may end it before it has read all.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin);
    let out = child.wait_with_output().expect("it ends");
    let told = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (out.status.code().unwrap_or(-1), told(out.stdout), told(out.stderr))
}

#[test]
fn the_command_says_what_was_checked_and_ends_as_promised() {
    let bytes = serde_json::to_vec(report()).expect("JSON");
    let (code, out, _) = run(&["verify", "-"], &bytes);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("none refused") && out.contains("Only the copies"), "{out}");
    let mut lie = report().clone();
    lie["incidents"][0]["title"] = json!("Nothing happened");
    let (code, out, _) = run(&["verify", "-", "--format", "json"], &serde_json::to_vec(&lie).expect("JSON"));
    let told: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((code, told["evidence"].as_str()), (1, Some("embedded copies only")));
    assert_eq!(told["refused"].as_array().map(Vec::len), Some(1), "{told}");
    assert!(told["refused"][0]["claim"].as_str().is_some_and(|c| c.ends_with(": title")));
    let sum = ["resolved", "refused_count", "unchecked"].iter().filter_map(|n| told[n].as_u64()).sum::<u64>();
    assert_eq!(told["claims"].as_u64(), Some(sum));
}

/// What a uid of raw bytes does not pin shows only beside the originals.
#[test]
fn the_originals_show_what_embedded_copies_cannot() {
    let estate = root().join("sample/estate");
    let bytes = serde_json::to_vec(report()).expect("JSON");
    let args = ["verify", "-", "--format", "json", "--evidence", text(&estate)];
    let (code, out, err) = run(&args, &bytes);
    let told: Value = serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {err}"));
    assert_eq!((code, told["evidence"].as_str()), (0, Some("originals")), "{out}");
    assert_eq!(told["originals"]["events_same"], told["originals"]["events_compared"]);
    // A field of an event that no rule, detail or sentence rests on, with the hash made to fit.
    let mut lie = report().clone();
    let evidence = lie["evidence"].as_array_mut().expect("evidence");
    let event = evidence
        .iter_mut()
        .find(|e| {
            e["mapping"] == "web_access"
                && e["fields"].as_array().is_some_and(|f| f.iter().any(|f| f[0] == "cs-version"))
        })
        .expect("a request");
    let uid = event["uid"].as_str().expect("a uid").to_owned();
    for field in event["fields"].as_array_mut().expect("fields") {
        if field[0] == "cs-version" {
            field[1] = json!("HTTP/9");
        }
    }
    event["sha256"] = json!(planted::digest(event));
    let (_, out, _) = run(&args, &serde_json::to_vec(&lie).expect("JSON"));
    let told: Value = serde_json::from_str(&out).expect("JSON");
    let claims: Vec<&str> =
        told["refused"].as_array().into_iter().flatten().filter_map(|r| r["claim"].as_str()).collect();
    assert!(claims.contains(&format!("evidence {uid}: original").as_str()), "{claims:?}");
}

#[test]
fn what_is_no_report_is_said_so() {
    let mut deep = vec![b'['; 100_000];
    deep.extend(vec![b']'; 100_000]);
    let cases: [(&[u8], &str); 6] = [
        (b"", "it is not JSON"),
        (b"{", "it is not JSON"),
        (b"[]", "no JSON object"),
        (b"{\"findings\":[]}", "it has no list `files`"),
        (b"\xff\xfe", "it is not JSON"),
        (&deep, "it is not JSON"),
    ];
    for (bytes, says) in cases {
        let (code, _, err) = run(&["verify", "-"], bytes);
        assert_eq!(code, 3, "{err}");
        assert!(err.contains(says), "{says}: {err}");
    }
    assert_eq!(run(&["verify"], b"").0, 2);
    assert_eq!(run(&["verify", "/not/there.json"], b"").0, 3);
}

/// Members of every wrong type in every place: refused, and never a panic.
#[test]
fn a_hostile_report_costs_claims_and_no_more() {
    let checker = Checker::new();
    let wrong = [
        json!(null),
        json!(-1),
        json!(1e300),
        json!("\u{202e}x"),
        json!([[]]),
        json!({"a": {}}),
        json!(true),
    ];
    for list in ["findings", "evidence", "incidents", "rules", "files", "set_aside"] {
        let mut lie = report().clone();
        let entries = lie[list].as_array_mut().expect("a list");
        let Some(first) = entries.first().cloned() else { continue };
        let names: Vec<String> = first.as_object().expect("an object").keys().cloned().collect();
        for (n, name) in names.iter().enumerate() {
            let mut entry = first.clone();
            entry[name] = wrong[n % wrong.len()].clone();
            entries.push(entry);
        }
        entries.extend(wrong.iter().cloned());
        let verdict = checker.check(&lie);
        assert!(verdict.refused_count > 0, "{list}");
    }
}

#[test]
fn the_result_keeps_to_its_published_schema() {
    let path = root().join("docs/schemas/verify.schema.json");
    let published = std::fs::read_to_string(path).expect("the schema");
    assert_eq!(crate::harness::stdout(&crate::harness::run(&["schema", "verify"])), published);
    let schema: Value = serde_json::from_str(&published).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let mut lie = report().clone();
    lie["incidents"][0]["summary"] = json!("");
    let (_, out, _) = run(&["verify", "-", "--format", "json"], &serde_json::to_vec(&lie).expect("JSON"));
    let told: Value = serde_json::from_str(&out).expect("JSON");
    let faults: Vec<String> = validator.iter_errors(&told).map(|e| e.to_string()).collect();
    assert!(faults.is_empty() && told["refused_count"] == 1, "{faults:?} {told}");
}
