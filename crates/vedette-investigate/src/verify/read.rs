//! Reads a report's events and findings back; a hostile or damaged one costs claims and never more.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};
use vedette_model::evidence::Field;
use vedette_model::{
    Entity, EntityKind, EventRef, EventUid, Evidence, FileIndex, Kind, Level, Role, TimeBasis, Timestamp,
};

use super::Tally;
use crate::input::Told;
use crate::scope::time;

/// Why something is no report that could be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

/// One embedded event and where it lies.
#[derive(Debug, Clone)]
pub struct Embedded {
    pub evidence: Evidence,
    /// As `files[].path` has it.
    pub file: String,
}

/// One finding as the report has it.
pub struct Finding<'a> {
    pub value: &'a Map<String, Value>,
    pub told: Told,
    pub witnesses: Vec<EventUid>,
}

/// A report, read as far as it could be.
pub struct Report<'a> {
    pub root: &'a Value,
    pub value: &'a Map<String, Value>,
    pub evidence: BTreeMap<EventUid, Embedded>,
    pub findings: Vec<Finding<'a>>,
    /// By id, into `findings`.
    pub by_id: BTreeMap<String, usize>,
    pub rules: BTreeMap<&'a str, &'a Map<String, Value>>,
    pub paths: BTreeSet<&'a str>,
    /// The report holds all findings of its run, and all of them were kept.
    pub whole: bool,
    /// It holds all findings from some level up, and none below: a report of `--min-level`.
    pub from_a_level: bool,
    /// Events behind findings that the report says it does not hold.
    pub events_left_out: u64,
}

impl<'a> Report<'a> {
    /// # Errors
    /// When the value is not what `scan --format json` writes.
    pub fn read(value: &'a Value, tally: &mut Tally) -> Result<Self, Unreadable> {
        let Value::Object(map) = value else {
            return Err(Unreadable(
                "it holds no JSON object: a report is what `vedette scan --format json` prints".into(),
            ));
        };
        for name in ["files", "findings", "incidents", "evidence", "rules", "set_aside"] {
            if !map.get(name).is_some_and(Value::is_array) {
                return Err(Unreadable(format!(
                    "it has no list `{name}`: a report that can be checked is what `vedette scan --format json` of this version prints"
                )));
            }
        }
        if !map.get("summary").is_some_and(Value::is_object) {
            return Err(Unreadable(
                "it has no `summary`: was the scan interrupted while it was written?".into(),
            ));
        }
        let mut report = Self {
            root: value,
            value: map,
            evidence: BTreeMap::new(),
            findings: Vec::new(),
            by_id: BTreeMap::new(),
            rules: BTreeMap::new(),
            paths: BTreeSet::new(),
            whole: false,
            from_a_level: false,
            events_left_out: 0,
        };
        for file in list(map, "files") {
            report.paths.extend(file.get("path").and_then(Value::as_str));
        }
        for rule in list(map, "rules") {
            match (rule.as_object(), rule.get("id").and_then(Value::as_str)) {
                (Some(rule), Some(id)) => {
                    if report.rules.insert(id, rule).is_some() {
                        tally.refuse(format!("rule {id}"), "it is listed twice");
                    }
                }
                _ => tally.refuse("rules", "an entry is no object with an id"),
            }
        }
        for (at, entry) in list(map, "evidence").enumerate() {
            match embedded(entry) {
                Ok(embedded) => {
                    let uid = embedded.evidence.event.uid;
                    if report.evidence.insert(uid, embedded).is_some() {
                        tally.refuse(format!("evidence {uid}"), "two entries have this uid");
                    }
                }
                Err(fault) => tally.refuse(format!("evidence[{at}]"), fault),
            }
        }
        for (at, entry) in list(map, "findings").enumerate() {
            match finding(entry) {
                Ok(finding) => {
                    let id = finding.told.id.clone();
                    let index = report.findings.len();
                    report.findings.push(finding);
                    if report.by_id.insert(id.clone(), index).is_some() {
                        tally.refuse(format!("finding {id}"), "two findings have this id");
                    }
                }
                Err(fault) => tally.refuse(format!("findings[{at}]"), fault),
            }
        }
        let summary = report.summary();
        let number = |name: &str| summary.get(name).and_then(Value::as_u64).unwrap_or(0);
        let counted: u64 = summary
            .get("findings")
            .and_then(Value::as_object)
            .map_or(0, |levels| levels.values().filter_map(Value::as_u64).fold(0, u64::saturating_add));
        report.whole = counted == report.findings.len() as u64 && number("findings_not_kept") == 0;
        let here = |level: Level| report.findings.iter().filter(|f| f.told.level == level).count() as u64;
        let told =
            |level: Level| summary.get("findings").and_then(|f| f.get(level.name())).and_then(Value::as_u64);
        let mut left_out = Level::ALL.into_iter().skip_while(|l| here(*l) == 0);
        report.from_a_level = !report.whole && left_out.all(|l| told(l) == Some(here(l)));
        report.events_left_out = number("evidence_not_kept").saturating_add(number("evidence_not_embedded"));
        Ok(report)
    }

    pub fn summary(&self) -> &'a Value {
        self.value.get("summary").unwrap_or(&Value::Null)
    }

    pub fn event(&self, uid: EventUid) -> Option<&Evidence> {
        self.evidence.get(&uid).map(|e| &e.evidence)
    }
}

/// The members of a list.
pub fn list<'a>(map: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a Value> {
    map.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, name: &str) -> Result<String, String> {
    match value.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        None | Some(Value::Null) => Ok(String::new()),
        Some(_) => Err(format!("`{name}` is no text")),
    }
}

pub fn uid(text: &str) -> Option<EventUid> {
    let right = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    right.then(|| u128::from_str_radix(text, 16).ok().map(EventUid)).flatten()
}

fn uid_in(value: &Value) -> Result<EventUid, String> {
    value
        .get("uid")
        .and_then(Value::as_str)
        .and_then(uid)
        .ok_or_else(|| "`uid` is not 32 hex digits".to_owned())
}

/// A time that is there must be one: a damaged time is not the same as none.
fn time_in(value: &Value, name: &str) -> Result<Option<Timestamp>, String> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(told) => {
            let read = time(value, name).ok_or_else(|| format!("`{name}` is no time"))?;
            // One instant has one form here, so that a moved zone is not passed over.
            if told.as_str() == Some(read.to_string().as_str()) {
                Ok(Some(read))
            } else {
                Err(format!("`{name}` is not written as UTC in the report's form"))
            }
        }
    }
}

fn embedded(value: &Value) -> Result<Embedded, String> {
    const KNOWN: [&str; 14] = [
        "uid",
        "file",
        "record",
        "joined",
        "time",
        "time_basis",
        "host",
        "channel",
        "code",
        "mapping",
        "case",
        "cut",
        "fields",
        "sha256",
    ];
    let map = value.as_object().ok_or("it is no object")?;
    if let Some(unknown) = map.keys().find(|k| !KNOWN.contains(&k.as_str())) {
        return Err(format!(
            "it has a member that is not known: {}",
            super::shown(&Value::String(unknown.clone()))
        ));
    }
    let basis = text(value, "time_basis")?;
    let numbers = list(map, "joined")
        .map(Value::as_u64)
        .collect::<Option<Vec<u64>>>()
        .ok_or("`joined` holds no numbers")?;
    let fields = list(map, "fields")
        .map(field)
        .collect::<Option<Vec<Field>>>()
        .ok_or("a field is not [name, value]")?;
    Ok(Embedded {
        evidence: Evidence {
            event: EventRef {
                file: FileIndex(0),
                record: map.get("record").and_then(Value::as_u64).ok_or("`record` is no number")?,
                uid: uid_in(value)?,
                time: time_in(value, "time")?,
            },
            joined: numbers,
            time_basis: TimeBasis::ALL
                .into_iter()
                .find(|b| b.name() == basis)
                .ok_or("`time_basis` is none of the known")?,
            host: text(value, "host")?,
            channel: text(value, "channel")?,
            code: text(value, "code")?,
            mapping: text(value, "mapping")?,
            case: text(value, "case")?,
            fields,
            cut: map.get("cut").and_then(Value::as_u64).unwrap_or(0),
        },
        file: text(value, "file")?,
    })
}

fn field(value: &Value) -> Option<Field> {
    let (name, text, more) = match value.as_array()?.as_slice() {
        [name, text] => (name, text, None),
        [name, text, more] => (name, text, Some(more.as_object()?)),
        _ => return None,
    };
    let member = |name: &str| more.and_then(|m| m.get(name));
    if more.is_some_and(|m| m.keys().any(|k| !matches!(k.as_str(), "path" | "kind" | "derived"))) {
        return None;
    }
    let kind = match member("kind") {
        None => Kind::Text,
        Some(kind) => match kind.as_str()? {
            "number" => Kind::Number,
            "bool" => Kind::Bool,
            "null" => Kind::Null,
            _ => return None,
        },
    };
    Some(Field {
        name: name.as_str()?.to_owned(),
        path: member("path").map_or(Some(String::new()), |p| p.as_str().map(str::to_owned))?,
        value: text.as_str()?.to_owned(),
        kind,
        derived: member("derived").map_or(Some(false), Value::as_bool)?,
    })
}

fn texts(map: &Map<String, Value>, name: &str) -> Result<Vec<String>, String> {
    list(map, name)
        .map(|v| v.as_str().map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or_else(|| format!("`{name}` holds something that is no text"))
}

fn finding(value: &Value) -> Result<Finding<'_>, String> {
    let map = value.as_object().ok_or("it is no object")?;
    let refs = |name: &str| list(map, name).map(uid_in).collect::<Result<Vec<_>, _>>();
    let level = text(value, "level")?;
    let rule_id = text(value, "rule_id")?;
    let witnesses = list(map, "witnesses")
        .map(|w| uid_in(w.get("event").unwrap_or(&Value::Null)))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Finding {
        value: map,
        witnesses,
        told: Told {
            id: text(value, "id")?,
            title: text(value, "title")?,
            level: Level::from_name(&level).ok_or("`level` is none of the known")?,
            techniques: texts(map, "techniques")?,
            tactics: texts(map, "tactics")?,
            time: time_in(value, "time")?,
            host: text(value, "host")?,
            event: uid_in(value.get("event").unwrap_or(&Value::Null))?,
            events: refs("events")?,
            entities: list(map, "entities")
                .map(entity)
                .collect::<Option<_>>()
                .ok_or("an entity is of no known kind or role")?,
            alert: rule_id.starts_with("alert/"),
            unsure: list(map, "unseen_filter_fields").next().is_some(),
            rule_id,
        },
    })
}

fn entity(value: &Value) -> Option<Entity> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    Some(Entity {
        kind: EntityKind::from_name(text("kind")?)?,
        role: Role::from_name(text("role")?)?,
        key: text("key")?.to_owned(),
        shown: text("shown")?.to_owned(),
        from: String::new(),
    })
}
