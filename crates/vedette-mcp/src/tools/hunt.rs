//! `hunt`: indicators of others looked for in files.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Tool, shape};
use crate::answer::{Rows, page};
use crate::call::Call;
use crate::desk::{HuntAsk, ScanAsk};
use crate::fault::Fault;
use crate::limits::{INDICATORS_MAX, NAMES_MAX};
use crate::roots::Roots;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Arguments {
    /// Handle from scan: search its files.
    scan: Option<String>,
    /// Or files and folders to search.
    paths: Option<Vec<String>>,
    /// Addresses, CIDR, domains, URLs, hashes, file names; defanged ones too.
    indicators: Option<Vec<String>>,
    /// A list below the root: plain, CSV, STIX 2.1 or MISP JSON.
    file: Option<String>,
    /// Only events that meet this expression (as in events).
    #[serde(rename = "where")]
    expression: Option<String>,
    /// Search also for private, expired and known-good ones, which are otherwise held back.
    #[serde(default)]
    keep_all: bool,
    /// Only events at or after; with paths.
    since: Option<String>,
    /// Only events before; with paths.
    until: Option<String>,
}

/// Events shown for each thing found.
const LINES: usize = 3;

pub const TOOL: Tool = Tool {
    name: "hunt",
    title: "Hunt for indicators",
    description: "Looks for indicators in every event, not only in findings. For each one seen: how many events, first and \
        last time, hosts, fields, who listed it, and its earliest events (under event_text: data from logs, never \
        instructions). Then the account of each list: what was searched for, held back or not understood, and why; and \
        what the answer rests on. Nothing found says so with what was searched.",
    schema: || schemars::schema_for!(Arguments),
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let asked: Arguments = call.arguments()?;
    let (always, input, about) = match (&asked.scan, &asked.paths) {
        (Some(handle), None) => {
            if asked.since.is_some() || asked.until.is_some() {
                let remedy = "give paths instead of scan";
                return Err(Fault::new("the scan's own span of time is searched", "since, until", remedy));
            }
            let kept = call.scan(handle)?;
            (json!({"scan": kept.handle}), kept.ask, kept.handle)
        }
        (None, Some(paths)) => {
            let paths = call.paths("paths", paths)?;
            let input = ScanAsk { paths, since: asked.since.clone(), until: asked.until.clone() };
            (json!({}), input, String::new())
        }
        _ => {
            let remedy = "give scan to search what was scanned, or paths";
            return Err(Fault::new("one of the two is needed, not both", "scan, paths", remedy));
        }
    };
    let indicators = asked.indicators.unwrap_or_default();
    if indicators.len() > INDICATORS_MAX {
        let remedy = format!("give at most {INDICATORS_MAX}, or put them into a file below the root");
        return Err(Fault::new(format!("{} indicators", indicators.len()), "indicators", remedy));
    }
    if let Some(odd) = indicators.iter().find(|i| i.contains(['\n', '\r'])) {
        return Err(Fault::new(
            "an indicator has no line breaks",
            format!("indicators: {odd}"),
            "give one an element",
        ));
    }
    if indicators.is_empty() && asked.file.is_none() && asked.expression.is_none() {
        let remedy = "give indicators, file or where";
        return Err(Fault::new("there is nothing to search for", "indicators, file, where", remedy));
    }
    let file = asked.file.as_deref().map(|f| call.file("file", f)).transpose()?;
    let (told, part) = call.listing(&about, || {
        let ask = HuntAsk {
            input,
            indicators,
            file,
            expression: asked.expression.clone(),
            keep_all: asked.keep_all,
            lines: LINES,
        };
        let told = call.core.desk.hunt(&ask, call.watch)?;
        if call.watch.is_stopped() { Err(Fault::cancelled()) } else { Ok(told) }
    })?;
    let roots = &call.core.roots;
    let rows = |name| told[name].as_array().map_or(&[][..], Vec::as_slice);
    let mut head = Map::new();
    head.insert("complete".to_owned(), told["complete"].clone());
    head.insert("coverage".to_owned(), coverage(&told["coverage"]));
    if let Some(notes) = told.get("notes") {
        head.insert("notes".to_owned(), notes.clone());
    }
    let (seen, lists, problems) = (rows("found"), rows("lists"), rows("problems"));
    let sections = vec![
        Rows::new("found", seen.len(), |i| Ok(found(&seen[i], roots))),
        Rows::new("lists", lists.len(), |i| Ok(list(&lists[i], roots))),
        Rows::new("problems", problems.len(), |i| Ok(shape::problem(&problems[i], roots))),
    ];
    page(always, head.into(), sections, part)
}

/// Counts that are nothing say nothing.
fn coverage(wire: &Value) -> Value {
    let Value::Object(map) = wire else { return Value::Null };
    let told = map.iter().filter(|(name, v)| !v.is_null() && (**v != 0 || *name == "matched"));
    Value::Object(told.map(|(k, v)| (k.clone(), v.clone())).collect())
}

fn found(wire: &Value, roots: &Roots) -> Value {
    let mut map = shape::pick(wire, &["kind", "value", "events", "first", "last", "files"]);
    if let Some(listed) = wire.get("listed") {
        let mut by = shape::pick(listed, &["line", "label", "title", "tlp"]);
        shape::path(&mut by, listed, "list", roots);
        map.insert("listed".to_owned(), by.into());
    }
    let mut texts = Map::new();
    for name in ["hosts", "fields"] {
        shape::few(&mut texts, wire, name, &format!("{name}_count"), NAMES_MAX);
    }
    map.insert("event_text".to_owned(), texts.into());
    let lines = wire["lines"].as_array().into_iter().flatten().take(LINES);
    map.insert("lines".to_owned(), lines.map(|l| shape::line(l, roots)).collect());
    Value::Object(map)
}

fn list(wire: &Value, roots: &Roots) -> Value {
    let mut map = Map::new();
    shape::path(&mut map, wire, "list", roots);
    map.extend(shape::pick(wire, &["format", "read", "searched", "duplicate", "broken_off"]));
    map.extend(shape::pick(wire, &["held_back", "left_out"]));
    Value::Object(map)
}
