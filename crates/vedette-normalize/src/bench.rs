//! Benches of mappings: a raw line in, an event out, and what must hold of it. See `docs/mappings.md`.

use std::sync::Arc;

use serde_json::Value;
use vedette_model::{Event, FileFormat, Native};

use crate::catalogue::Catalogue;
use crate::mapping::fault::nearest;
use crate::mapping::file;
use crate::mapping::yaml::{self, Data, Node};
use crate::normalizer::{Normalizer, WantedNames, bare_file, read_line};
use crate::time;

/// The outcome of one case of a bench file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenchResult {
    /// Line of the bench file where the case begins.
    pub line: u32,
    pub why: String,
    /// The case's mapping and, where it named one, its case.
    pub mapping: String,
    pub case: String,
    /// What did not hold; empty when the case passes.
    pub failures: Vec<String>,
}

const KEYS: [&str; 9] = ["why", "input", "line", "mapping", "case", "time", "host", "fields", "ocsf"];

/// Runs every case of a bench file. `path` names the mapping: `aws_cloudtrail.bench.yml` is about `aws_cloudtrail`.
/// A file that cannot be read is one failed case.
pub fn run(catalogue: &Arc<Catalogue>, path: &str, text: &str) -> Vec<BenchResult> {
    let stem = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let own = stem.strip_suffix(".bench.yml").unwrap_or(stem);
    let fail = |line, what: String| BenchResult {
        line,
        why: String::new(),
        mapping: own.to_owned(),
        case: String::new(),
        failures: vec![what],
    };
    let documents = match yaml::read(text) {
        Ok(documents) => documents,
        Err(fault) => return vec![fail(fault.place.line, fault.what)],
    };
    let mut normalizer = Normalizer::new(Arc::clone(catalogue), &WantedNames::all());
    let mut results = Vec::new();
    for document in &documents {
        match &document.data {
            Data::List(cases) => {
                results.extend(cases.iter().map(|case| one(catalogue, &mut normalizer, own, case)));
            }
            _ => results.push(fail(document.place.line, "a bench is a list of cases".to_owned())),
        }
    }
    if results.is_empty() {
        results.push(fail(1, "the bench holds no case".to_owned()));
    }
    results
}

fn one(catalogue: &Arc<Catalogue>, normalizer: &mut Normalizer, own: &str, case: &Node) -> BenchResult {
    let text = |key: &str| case.get(key).and_then(Node::text).map(str::to_owned);
    let mut result = BenchResult {
        line: case.place.line,
        why: text("why").unwrap_or_default(),
        mapping: text("mapping").unwrap_or_else(|| own.to_owned()),
        case: text("case").unwrap_or_default(),
        failures: Vec::new(),
    };
    let failures = &mut result.failures;
    if let Data::Map(pairs) = &case.data {
        let known: Vec<&str> = KEYS.iter().chain(&["entities", "details", "actor"]).copied().collect();
        for (key, _) in pairs.iter().filter(|(k, _)| !known.contains(&k.text.as_str())) {
            let near = nearest(&key.text, known.iter().copied()).map(|n| format!(", did you mean `{n}`?"));
            failures.push(format!("unknown key `{}`{}", key.text, near.unwrap_or_default()));
        }
    }
    if result.why.is_empty() {
        failures.push("`why` is missing".to_owned());
    }
    let Some(line) = text("line") else {
        failures.push("`line` is missing".to_owned());
        return result;
    };
    let Some(mapping) = catalogue.mappings.iter().find(|m| m.id == result.mapping) else {
        let near = nearest(&result.mapping, catalogue.mappings().map(|m| m.0));
        let near = near.map(|n| format!(", did you mean `{n}`?")).unwrap_or_default();
        failures.push(format!("no mapping `{}`{near}", result.mapping));
        return result;
    };
    let input = match text("input") {
        None => mapping.inputs.first().copied(),
        Some(word) => {
            let found = file::input(&word);
            if found.is_none() {
                failures.push(format!("no input `{word}`"));
                return result;
            }
            found
        }
    };
    let mut native = Native::new();
    let mut event = Event::default();
    match read_line(&line, input, &mut native) {
        Err(error) => {
            failures.push(format!("the line cannot be read: {error}"));
            return result;
        }
        Ok(read_as) => {
            normalizer.fields(read_as, &native, &bare_file(FileFormat::Lines), &mut event);
        }
    }
    let lane = catalogue.lane(event.lane);
    if lane.mapping != result.mapping {
        let other = if lane.mapping.is_empty() { "no mapping" } else { lane.mapping.as_str() };
        failures.push(format!("understood by {other}"));
        return result;
    }
    if case.get("case").is_some() && lane.case != result.case {
        failures.push(format!("case is `{}`, not `{}`", lane.case, result.case));
    }
    check(catalogue, &event, case, failures);
    result
}

fn check(catalogue: &Catalogue, event: &Event, case: &Node, failures: &mut Vec<String>) {
    if let Some(wanted) = case.get("time").and_then(Node::text) {
        let parsed = time::parse(wanted, &time::Hints::default()).ok().map(|(t, _)| t);
        if parsed.is_none() || parsed != event.time {
            let is = event.time.map_or("missing".to_owned(), |t| t.to_string());
            failures.push(format!("time is {is}, not {wanted}"));
        }
    }
    if let Some(wanted) = case.get("host").and_then(Node::text)
        && wanted != event.host
    {
        failures.push(format!("host is `{}`, not `{wanted}`", event.host));
    }
    if let Some(wanted) = case.get("actor").and_then(Node::text) {
        let actor = catalogue.actor(event);
        if wanted != actor {
            failures.push(format!("actor is `{actor}`, not `{wanted}`"));
        }
    }
    each(case, "fields", failures, &mut |name, wanted, failures| {
        let got = catalogue.values(event, name);
        compare(&format!("field {name}"), wanted, &got, failures);
    });
    if case.get("ocsf").is_some() {
        let ocsf = catalogue.ocsf(event);
        each(case, "ocsf", failures, &mut |path, wanted, failures| {
            let mut got = Vec::new();
            at(&ocsf, path, &mut got);
            compare(&format!("ocsf {path}"), wanted, &got, failures);
        });
    }
    if let Some(details) = case.get("details") {
        let got: Vec<String> =
            catalogue.details(event).into_iter().map(|(n, v)| format!("{n}: {v}")).collect();
        compare("details", details, &got, failures);
    }
    if let Some(wanted) = case.get("entities") {
        let got: Vec<String> = catalogue
            .entities(event)
            .into_iter()
            .flat_map(|e| {
                let who = format!("{} {}", e.kind.name(), e.role.name());
                [format!("{who} {}", e.shown), format!("{who} {}", e.key)]
            })
            .collect();
        compare("entities", wanted, &got, failures);
    }
}

fn each(
    case: &Node,
    key: &str,
    failures: &mut Vec<String>,
    check: &mut dyn FnMut(&str, &Node, &mut Vec<String>),
) {
    match case.get(key).map(|n| &n.data) {
        Some(Data::Map(pairs)) => pairs.iter().for_each(|(k, v)| check(&k.text, v, failures)),
        Some(_) => failures.push(format!("`{key}` is not a map")),
        None => {}
    }
}

/// Every wanted value must be among those there are; null wants none.
fn compare(what: &str, wanted: &Node, got: &[String], failures: &mut Vec<String>) {
    let shown = || if got.is_empty() { "missing".to_owned() } else { format!("`{}`", got.join("`, `")) };
    let mut one = |wanted: &str| {
        if !got.iter().any(|g| g == wanted) {
            failures.push(format!("{what} is {}, not `{wanted}`", shown()));
        }
    };
    match &wanted.data {
        Data::List(items) => items.iter().filter_map(Node::text).for_each(one),
        _ if wanted.is_null() => {
            if !got.is_empty() {
                failures.push(format!("{what} is {}, and should be missing", shown()));
            }
        }
        _ => one(wanted.text().unwrap_or_default()),
    }
}

fn at(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| at(item, path, out)),
        _ if path.is_empty() => match value {
            Value::String(text) => out.push(text.clone()),
            Value::Null => {}
            other => out.push(other.to_string()),
        },
        Value::Object(map) => {
            if let Some(found) = map.get(path) {
                at(found, "", out);
            } else if let Some((head, rest)) = path.split_once('.')
                && let Some(next) = map.get(head)
            {
                at(next, rest, out);
            }
        }
        _ => {}
    }
}
