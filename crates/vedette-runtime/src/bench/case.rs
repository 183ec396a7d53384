//! Reads a bench file into cases.

use vedette_model::{Kind, Level, Native, Timestamp};
use vedette_normalize::yaml::{self, Data, Node};

use super::Expect;

/// 2026-03-02T09:00:00Z: when events happen that say no time.
pub const DEFAULT_TIME: Timestamp = Timestamp(1_772_442_000_000_000_000);

/// Repetitions of one element of `events`.
const REPEAT_MAX: u64 = 10_000;

/// Findings that a case can ask for.
const FINDINGS_MAX: usize = 1_000;

/// Something wrong with the bench itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub line: u32,
    pub what: String,
}

#[derive(Debug, Clone)]
pub enum Record {
    Native(Native),
    Line(String),
}

#[derive(Debug, Clone)]
pub struct Given {
    pub source: String,
    pub record: Record,
    pub time: Option<Timestamp>,
}

/// One case of a bench.
#[derive(Debug, Clone)]
pub struct Case {
    pub line: u32,
    pub expect: Expect,
    pub why: String,
    pub rule: Option<String>,
    pub min_level: Level,
    /// Exactly so many findings, where the case says so.
    pub findings: Option<usize>,
    pub events: Vec<Given>,
}

impl Case {
    /// Whether so many findings are what the case asks for.
    pub fn holds(&self, findings: usize) -> bool {
        match (self.expect, self.findings) {
            (Expect::StaysQuiet, _) => findings == 0,
            (Expect::Fires, None) => findings > 0,
            (Expect::Fires, Some(asked)) => findings == asked,
        }
    }
}

/// All cases of a file, and what could not be read of it.
pub fn read(text: &[u8], benign: bool) -> (Vec<Case>, Vec<Fault>) {
    let mut cases = Vec::new();
    let mut faults = Vec::new();
    let text = String::from_utf8_lossy(text);
    let documents = match yaml::read(&text) {
        Ok(documents) => documents,
        Err(fault) => return (cases, vec![Fault { line: fault.place.line, what: fault.what }]),
    };
    for document in &documents {
        let Data::Map(pairs) = &document.data else {
            faults.push(at(document, "a bench is a map with `fires_on` and `stays_quiet_on`"));
            continue;
        };
        for (key, list) in pairs {
            let expect = match key.text.as_str() {
                "fires_on" if !benign => Expect::Fires,
                "stays_quiet_on" => Expect::StaysQuiet,
                other => {
                    faults.push(at(list, &format!("unknown key `{other}`")));
                    continue;
                }
            };
            let Data::List(items) = &list.data else {
                faults.push(at(list, &format!("`{}` is a list of cases", key.text)));
                continue;
            };
            for item in items {
                match case(item, expect, benign) {
                    Ok(case) => cases.push(case),
                    Err(fault) => faults.push(fault),
                }
            }
        }
        for (key, needed) in [("fires_on", !benign), ("stays_quiet_on", true)] {
            let empty = matches!(document.get(key).map(|n| &n.data), None | Some(Data::Scalar { .. }));
            let empty =
                empty || matches!(document.get(key).map(|n| &n.data), Some(Data::List(l)) if l.is_empty());
            if needed && empty {
                faults.push(at(document, &format!("`{key}` is empty: both halves of a bench matter")));
            }
        }
    }
    (cases, faults)
}

fn at(node: &Node, what: &str) -> Fault {
    Fault { line: node.place.line, what: what.to_owned() }
}

const KEYS: [&str; 9] = ["why", "source", "event", "line", "events", "rule", "time", "min_level", "findings"];
const EVENT_KEYS: [&str; 6] = ["source", "event", "line", "time", "repeat", "every"];

fn known(node: &Node, keys: &[&str]) -> Result<(), Fault> {
    let Data::Map(pairs) = &node.data else { return Err(at(node, "a case is a map")) };
    match pairs.iter().find(|(k, _)| !keys.contains(&k.text.as_str())) {
        Some((key, value)) => {
            Err(at(value, &format!("unknown key `{}`; one of: {}", key.text, keys.join(", "))))
        }
        None => Ok(()),
    }
}

fn case(node: &Node, expect: Expect, benign: bool) -> Result<Case, Fault> {
    known(node, &KEYS)?;
    let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let why = text("why").ok_or_else(|| at(node, "the case says no `why`"))?;
    let rule = text("rule");
    if benign && rule.is_some() {
        return Err(at(node, "`rule` is not for benign benches: every rule is asked"));
    }
    let min_level = match text("min_level") {
        None => Level::Informational,
        Some(name) => {
            Level::from_name(&name).ok_or_else(|| at(node, &format!("`min_level` cannot be `{name}`")))?
        }
    };
    let findings = match node.get("findings") {
        None => None,
        Some(n) if expect == Expect::Fires => {
            let number = n.text().and_then(|t| t.parse().ok()).filter(|n| (1..=FINDINGS_MAX).contains(n));
            Some(number.ok_or_else(|| at(n, &format!("`findings` is a number from 1 to {FINDINGS_MAX}")))?)
        }
        Some(n) => return Err(at(n, "`findings` is for cases of `fires_on`: quiet means none")),
    };
    let default_source = text("source");
    let default_time = node.get("time").map(time).transpose()?;
    let mut events = Vec::new();
    match node.get("events") {
        Some(list) => {
            let Data::List(items) = &list.data else { return Err(at(list, "`events` is a list")) };
            if node.get("event").is_some() || node.get("line").is_some() {
                return Err(at(node, "give one of `event`, `line`, `events`"));
            }
            for item in items {
                repeated(item, default_source.as_deref(), &mut events)?;
            }
        }
        None => {
            let source = default_source.ok_or_else(|| at(node, "the case names no `source`"))?;
            events.push(Given { source, record: record(node, 1)?, time: default_time });
        }
    }
    if events.is_empty() {
        return Err(at(node, "`events` is empty"));
    }
    Ok(Case { line: node.place.line, expect, why, rule, min_level, findings, events })
}

/// One element of `events`, as often as it says.
fn repeated(node: &Node, default_source: Option<&str>, events: &mut Vec<Given>) -> Result<(), Fault> {
    known(node, &EVENT_KEYS)?;
    let source = node.get("source").and_then(Node::text).or(default_source);
    let source = source.ok_or_else(|| at(node, "the event names no `source`"))?;
    let start = time(node.get("time").ok_or_else(|| at(node, "the event says no `time`"))?)?;
    let repeat = match node.get("repeat").map(|n| (n, n.text())) {
        None => 1,
        Some((n, text)) => text
            .and_then(|t| t.parse().ok())
            .filter(|n| (1..=REPEAT_MAX).contains(n))
            .ok_or_else(|| at(n, &format!("`repeat` is a number from 1 to {REPEAT_MAX}")))?,
    };
    let every = match node.get("every") {
        Some(n) => step(n)?,
        None if repeat == 1 => 0,
        None => return Err(at(node, "`repeat` needs `every`")),
    };
    for n in 1..=repeat {
        let time = Timestamp(start.0 + every * (n as i64 - 1));
        events.push(Given { source: source.to_owned(), record: record(node, n)?, time: Some(time) });
    }
    Ok(())
}

fn time(node: &Node) -> Result<Timestamp, Fault> {
    let parsed = node.text().and_then(|t| t.parse::<jiff::Timestamp>().ok()).map(Timestamp::from);
    parsed.ok_or_else(|| at(node, "`time` is not RFC 3339"))
}

/// `200ms`, `5s`, `10m`, `1h` in nanoseconds.
fn step(node: &Node) -> Result<i64, Fault> {
    let text = node.text().unwrap_or_default();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match &text[split..] {
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => 0,
    };
    let number: Option<i64> = text[..split].parse().ok();
    number
        .and_then(|n| n.checked_mul(unit))
        .filter(|n| *n > 0)
        .ok_or_else(|| at(node, "`every` is a number with ms, s, m or h"))
}

fn record(node: &Node, n: u64) -> Result<Record, Fault> {
    match (node.get("event"), node.get("line")) {
        (Some(event), None) => {
            let mut native = Native::new();
            let mut path = String::new();
            flatten(event, &mut path, n, &mut native)?;
            Ok(Record::Native(native))
        }
        (None, Some(line)) => {
            let text = line.text().ok_or_else(|| at(line, "`line` is text"))?;
            Ok(Record::Line(text.replace("{n}", &n.to_string())))
        }
        _ => Err(at(node, "give one of `event`, `line`, `events`")),
    }
}

/// Nested maps become dotted names, lists repeat the name, plain scalars get the kind that JSON would give them.
fn flatten(node: &Node, path: &mut String, n: u64, out: &mut Native) -> Result<(), Fault> {
    match &node.data {
        Data::Map(pairs) => {
            if pairs.is_empty() && !path.is_empty() {
                out.push(path, "", Kind::Null);
            }
            for (key, value) in pairs {
                let length = path.len();
                if length > 0 {
                    path.push('.');
                }
                path.push_str(&key.text);
                flatten(value, path, n, out)?;
                path.truncate(length);
            }
        }
        Data::List(items) => {
            if items.is_empty() {
                out.push(path, "", Kind::Null);
            }
            for item in items {
                flatten(item, path, n, out)?;
            }
        }
        Data::Scalar { text, quoted } => {
            if path.is_empty() {
                return Err(at(node, "`event` is a map of field and value"));
            }
            let text = text.replace("{n}", &n.to_string());
            let kind = match (quoted, text.as_str()) {
                (true, _) => Kind::Text,
                (false, "" | "~" | "null") => Kind::Null,
                (false, "true" | "false") => Kind::Bool,
                (false, t) if t.parse::<f64>().is_ok_and(f64::is_finite) => Kind::Number,
                (false, _) => Kind::Text,
            };
            out.push(path, if kind == Kind::Null { "" } else { &text }, kind);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_and_flat_mean_the_same() {
        let bench = b"fires_on:\n  - why: w\n    source: s\n    event: { a: { b: 1, c: [x, 'y'] }, d.e: true }\nstays_quiet_on:\n  - { why: w, source: s, line: 'l {n}' }\n";
        let (cases, faults) = read(bench, false);
        assert_eq!((cases.len(), faults.len()), (2, 0));
        let Record::Native(native) = &cases[0].events[0].record else { panic!("a native record") };
        let fields: Vec<_> = native.iter().map(|f| (f.name.to_owned(), f.value.to_owned(), f.kind)).collect();
        assert_eq!(
            fields,
            [
                ("a.b".to_owned(), "1".to_owned(), Kind::Number),
                ("a.c".to_owned(), "x".to_owned(), Kind::Text),
                ("a.c".to_owned(), "y".to_owned(), Kind::Text),
                ("d.e".to_owned(), "true".to_owned(), Kind::Bool),
            ]
        );
    }

    #[test]
    fn repeats_step_in_time_and_count() {
        let bench = b"fires_on:\n  - why: w\n    source: s\n    events:\n      - { time: '2026-03-02T09:00:00Z', repeat: 3, every: 10s, event: { u: 'user{n}' } }\nstays_quiet_on: [ { why: w, source: s, event: { a: 1 } } ]\n";
        let (cases, faults) = read(bench, false);
        assert!(faults.is_empty(), "{faults:?}");
        let events = &cases[0].events;
        assert_eq!(events[2].time, Some(Timestamp(DEFAULT_TIME.0 + 20_000_000_000)));
        let Record::Native(native) = &events[2].record else { panic!("a native record") };
        assert_eq!(native.get("u"), Some("user3"));
    }

    #[test]
    fn faults_name_their_line() {
        for (bench, line, what) in [
            (
                "fires_on:\n  - { why: w, event: { a: 1 } }\nstays_quiet_on: [ { why: w, source: s, event: { a: 1 } } ]",
                2,
                "`source`",
            ),
            (
                "fires_on:\n  - { source: s, event: { a: 1 } }\nstays_quiet_on: [ { why: w, source: s, event: { a: 1 } } ]",
                2,
                "`why`",
            ),
            ("fires_on: []\nstays_quiet_on: [ { why: w, source: s, event: { a: 1 } } ]", 1, "empty"),
            (
                "fires_on:\n  - { why: w, source: s, line: x }\nstays_quiet_on: [ { why: w, source: s, line: x, findings: 2 } ]",
                3,
                "`findings`",
            ),
            (
                "fires_on:\n  - { why: w, source: s, event: { a: 1 }, evnt: 2 }\nstays_quiet_on: [ { why: w, source: s, line: x } ]",
                2,
                "unknown key `evnt`",
            ),
        ] {
            let (_, faults) = read(bench.as_bytes(), false);
            assert_eq!(faults.len(), 1, "{bench}: {faults:?}");
            assert_eq!(faults[0].line, line, "{bench}");
            assert!(faults[0].what.contains(what), "{}", faults[0].what);
        }
    }
}
