//! What a scan says, in the shape that costs an assistant the fewest tokens: what events say stands under `event_text`.

use serde_json::{Map, Value, json};

use crate::limits::NAMES_MAX;
use crate::roots::Roots;

/// The members of `from` that are there and not empty.
pub fn pick(from: &Value, names: &[&str]) -> Map<String, Value> {
    let mut map = Map::new();
    for name in names {
        if let Some(value) = from.get(*name).filter(|v| !is_empty(v)) {
            map.insert((*name).to_owned(), value.clone());
        }
    }
    map
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// As [`pick`], put under `event_text`.
pub fn quote(map: &mut Map<String, Value>, from: &Value, names: &[&str]) {
    let texts = pick(from, names);
    if !texts.is_empty() {
        map.insert("event_text".to_owned(), texts.into());
    }
}

/// The first few of a list, and how many there are when they are more.
pub fn few(map: &mut Map<String, Value>, from: &Value, name: &str, counted: &str, max: usize) {
    let Some(list) = from.get(name).and_then(Value::as_array).filter(|l| !l.is_empty()) else { return };
    map.insert(name.to_owned(), list.iter().take(max).cloned().collect());
    let all = from.get(counted).and_then(Value::as_u64).unwrap_or(0).max(list.len() as u64);
    if all > max.min(list.len()) as u64 {
        map.insert(counted.to_owned(), all.into());
    }
}

/// A path as it is told; it is text from the input too, so it stands where nothing else does.
pub fn path(map: &mut Map<String, Value>, from: &Value, name: &str, roots: &Roots) {
    if let Some(path) = from.get(name).and_then(Value::as_str) {
        map.insert(name.to_owned(), roots.shown(path).into());
    }
}

pub fn finding(wire: &Value, roots: &Roots) -> Value {
    let mut map = pick(wire, &["id", "level"]);
    map.insert("rule".to_owned(), wire.get("rule_title").cloned().unwrap_or_default());
    map.extend(pick(wire, &["rule_id", "status", "time", "techniques", "tactics", "incident", "set_aside"]));
    if let Some(uid) = wire.pointer("/event/uid") {
        map.insert("event".to_owned(), uid.clone());
    }
    if wire["count"].as_u64().is_some_and(|n| n > 1) {
        map.insert("count".to_owned(), wire["count"].clone());
    }
    path(&mut map, wire, "file", roots);
    map.extend(pick(wire, &["unseen_filter_fields"]));
    let mut texts = pick(wire, &["host", "channel", "code", "actor", "details", "source_uid"]);
    // An imported alert brings its own title: that is text of an event.
    if wire.get("title") != wire.get("rule_title") {
        texts.insert("alert_title".to_owned(), wire["title"].clone());
    }
    map.insert("event_text".to_owned(), texts.into());
    Value::Object(map)
}

/// One line of a list.
pub fn incident_line(wire: &Value) -> Value {
    let mut map =
        pick(wire, &["id", "title", "severity", "confidence", "first", "last", "findings_count", "tactics"]);
    map.insert("risk".to_owned(), wire["risk"]["score"].clone());
    let mut texts = Map::new();
    for name in ["hosts", "accounts", "addresses"] {
        few(&mut texts, &wire["blast_radius"], name, &format!("{name}_count"), 4);
    }
    if !texts.is_empty() {
        map.insert("event_text".to_owned(), texts.into());
    }
    Value::Object(map)
}

/// An incident without its sections.
pub fn incident_head(wire: &Value) -> Value {
    let mut map = pick(
        wire,
        &[
            "title",
            "severity",
            "severity_reasons",
            "confidence",
            "confidence_reasons",
            "first",
            "last",
            "summary",
            "techniques",
            "tactics",
            "findings_count",
            "untold_findings",
        ],
    );
    map.insert("risk".to_owned(), wire["risk"]["score"].clone());
    let phases = wire["phases"].as_array().into_iter().flatten();
    let phases: Vec<Value> = phases.map(|p| pick(p, &["phase", "model", "first", "last"]).into()).collect();
    map.insert("phases".to_owned(), phases.into());
    let mut texts = Map::new();
    for name in ["hosts", "accounts", "addresses"] {
        few(&mut texts, &wire["blast_radius"], name, &format!("{name}_count"), NAMES_MAX);
    }
    map.insert("event_text".to_owned(), json!({"blast_radius": texts}));
    Value::Object(map)
}

pub fn step(number: usize, wire: &Value) -> Value {
    let mut map = Map::new();
    map.insert("n".to_owned(), (number + 1).into());
    map.extend(pick(wire, &["time", "text", "kind", "level", "tactic", "techniques"]));
    if wire["last"] != wire["time"] {
        map.extend(pick(wire, &["last"]));
    }
    few(&mut map, wire, "findings", "findings_count", 3);
    few(&mut map, wire, "events", "count", 3);
    Value::Object(map)
}

pub fn entity(wire: &Value) -> Value {
    let mut map = pick(wire, &["id", "kind", "part", "first", "last", "findings", "facts"]);
    let shown = wire.get("shown") != wire.get("key");
    quote(&mut map, wire, if shown { &["shown", "key"] } else { &["shown"] });
    Value::Object(map)
}

pub fn link(wire: &Value) -> Value {
    let mut map = pick(wire, &["from", "to", "label"]);
    few(&mut map, wire, "events", "count", 2);
    Value::Object(map)
}

pub fn next_step(wire: &Value) -> Value {
    let mut map = pick(wire, &["phase", "text", "why", "caution", "reference"]);
    quote(&mut map, wire, &["targets"]);
    Value::Object(map)
}

/// `what` names a rule or an imported alert, and a host, without quotation marks.
pub fn risk_part(wire: &Value) -> Value {
    let mut map = pick(wire, &["points", "why"]);
    quote(&mut map, wire, &["what"]);
    map.into()
}

/// `{kind, key, weight, reason}` of a join, and what was held back: `{kind, key, why}`.
pub fn because(wire: &Value) -> Value {
    let mut map = pick(wire, &["kind", "weight", "reason", "why"]);
    quote(&mut map, wire, &["key"]);
    Value::Object(map)
}

pub fn join(wire: &Value) -> Value {
    let mut map = pick(wire, &["finding", "to", "total", "threshold"]);
    map.insert("because".to_owned(), list(wire, "because", because));
    Value::Object(map)
}

pub fn explanation(wire: &Value) -> Value {
    let mut map = pick(wire, &["verdict", "together", "total", "threshold", "path"]);
    for name in ["shared", "held_back"] {
        if !is_empty(&wire[name]) {
            map.insert(name.to_owned(), list(wire, name, because));
        }
    }
    Value::Object(map)
}

fn list(wire: &Value, name: &str, shape: fn(&Value) -> Value) -> Value {
    wire[name].as_array().into_iter().flatten().map(shape).collect()
}

/// A kept event, all fields.
pub fn event(wire: &Value, roots: &Roots) -> Value {
    let mut map = pick(wire, &["uid", "time", "time_basis"]);
    map.insert("log".to_owned(), wire["mapping"].clone());
    path(&mut map, wire, "file", roots);
    map.extend(pick(wire, &["record"]));
    if wire["cut"].as_u64().is_some_and(|n| n > 0) {
        map.insert("values_cut".to_owned(), wire["cut"].clone());
    }
    let mut texts = pick(wire, &["host", "channel", "code"]);
    // What was computed from other fields stands apart, so that nobody takes it for the record's own.
    let (mut own, mut derived) = (Vec::new(), Vec::new());
    for field in wire["fields"].as_array().into_iter().flatten() {
        let pair = json!([field[0], field[1]]);
        if field[2]["derived"] == true { derived.push(pair) } else { own.push(pair) }
    }
    texts.insert("fields".to_owned(), own.into());
    if !derived.is_empty() {
        texts.insert("derived".to_owned(), derived.into());
    }
    map.insert("event_text".to_owned(), texts.into());
    Value::Object(map)
}

/// An event that a hunt shows.
pub fn line(wire: &Value, roots: &Roots) -> Value {
    let mut map = pick(wire, &["uid", "time", "log"]);
    path(&mut map, wire, "file", roots);
    map.extend(pick(wire, &["record"]));
    let mut texts = pick(wire, &["host", "channel", "code", "field", "observed"]);
    if let Some(details) = wire.get("details").filter(|d| !is_empty(d)) {
        texts.insert("fields".to_owned(), details.clone());
    }
    map.insert("event_text".to_owned(), texts.into());
    Value::Object(map)
}

pub fn problem(wire: &Value, roots: &Roots) -> Value {
    let mut map = pick(wire, &["code", "consequence", "remedy", "count"]);
    path(&mut map, wire, "place", roots);
    quote(&mut map, wire, &["fault"]);
    Value::Object(map)
}
