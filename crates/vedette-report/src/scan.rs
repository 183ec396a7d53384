//! What `vedette scan --format json` printed, read with patience: members that are missing or null are empty.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::Value;

use crate::limits;

/// A scan that cannot be reported on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    #[error("not the output of `vedette scan --format json`")]
    Json(#[from] serde_json::Error),
    #[error(
        "this JSON holds neither findings nor files; it is not the output of `vedette scan --format json`"
    )]
    NotAScan,
}

/// Null reads as the default, so that a writer may leave out or null what it does not know.
fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// Structs of which every member may be missing or null.
macro_rules! wire {
    ($($(#[$meta:meta])* pub struct $name:ident { $($(#[$field:meta])* pub $member:ident: $of:ty,)* })*) => {$(
        $(#[$meta])*
        #[derive(Debug, Clone, Default, serde::Deserialize)]
        #[serde(default)]
        pub struct $name { $($(#[$field])* #[serde(deserialize_with = "lenient")] pub $member: $of,)* }
    )*};
}

wire! {
    /// The whole document.
    pub struct Scan {
        pub files: Vec<File>,
        pub findings: Bounded<Finding>,
        pub incidents: Vec<Incident>,
        pub set_aside: Vec<SetAside>,
        pub evidence: Bounded<Evidence>,
        pub rules: Vec<Rule>,
        pub case: Case,
        pub summary: Summary,
    }

    pub struct File {
        pub path: String,
        pub format: String,
        pub parser: Option<String>,
        pub container: bool,
        pub bytes: u64,
        pub sha256: Option<String>,
        pub records: u64,
        pub events: u64,
        pub joined: u64,
        pub duplicate: u64,
        pub rejected: u64,
        pub rejects: Vec<Reject>,
        pub unmapped: u64,
        pub untimed: u64,
        pub hosts: BTreeMap<String, u64>,
        pub first: Option<String>,
        pub last: Option<String>,
        pub time_basis: String,
        pub problems: Vec<Problem>,
        pub complete: Option<bool>,
    }

    pub struct Reject {
        pub reason: String,
        pub count: u64,
        pub record: u64,
        pub detail: String,
    }

    pub struct Problem {
        pub code: String,
        pub place: String,
        pub fault: String,
        pub consequence: String,
        pub remedy: String,
        pub count: u64,
    }

    pub struct EventRef {
        pub record: u64,
        pub uid: String,
    }

    pub struct Witness {
        pub file: String,
        pub event: EventRef,
        pub channel: String,
        pub time: Option<String>,
    }

    pub struct Finding {
        pub id: String,
        pub source_uid: Option<String>,
        pub rule_id: String,
        pub title: String,
        pub level: String,
        pub status: Option<String>,
        pub file: String,
        pub event: EventRef,
        pub events: Vec<EventRef>,
        pub time: Option<String>,
        pub host: Option<String>,
        pub channel: Option<String>,
        pub code: Option<String>,
        pub actor: Option<String>,
        pub techniques: Vec<String>,
        pub tactics: Vec<String>,
        pub count: u64,
        pub details: BTreeMap<String, String>,
        pub witnesses: Vec<Witness>,
        pub unseen_filter_fields: Vec<String>,
        pub author: Option<String>,
        pub license: Option<String>,
        pub rule_path: String,
        pub false_positives: Vec<String>,
        pub entities: Vec<Named>,
        pub incident: Option<String>,
        pub set_aside: Option<String>,
    }

    /// An entity of one finding.
    pub struct Named {
        pub kind: String,
        pub role: String,
        pub key: String,
        pub shown: String,
    }

    pub struct Incident {
        pub id: String,
        pub title: String,
        pub severity: String,
        pub severity_reasons: Words,
        pub confidence: String,
        pub confidence_reasons: Words,
        pub first: Option<String>,
        pub last: Option<String>,
        pub summary: String,
        pub techniques: Vec<String>,
        pub tactics: Vec<String>,
        pub entities: Vec<Entity>,
        pub links: Vec<Link>,
        pub findings: Vec<String>,
        pub findings_count: u64,
        pub joins: Vec<Join>,
        pub risk: Risk,
        pub story: Vec<Step>,
        /// Findings that no step names.
        pub untold_findings: u64,
        pub phases: Vec<Phase>,
        pub diamond: Diamond,
        pub blast_radius: BlastRadius,
        pub unknowns: Vec<Unknown>,
        pub next_steps: Vec<NextStep>,
    }

    pub struct Entity {
        pub id: String,
        pub kind: String,
        pub key: String,
        pub shown: String,
        pub part: Option<String>,
        pub first: Option<String>,
        pub last: Option<String>,
        pub findings: u64,
        pub facts: Vec<Fact>,
    }

    pub struct Fact {
        pub label: String,
        pub value: String,
        pub source: String,
        pub date: Option<String>,
    }

    pub struct Link {
        pub from: String,
        pub to: String,
        pub label: String,
        pub events: Vec<String>,
        pub count: u64,
    }

    /// Why a finding was joined to another one.
    pub struct Join {
        pub finding: String,
        pub to: String,
        pub because: Vec<Because>,
        pub total: f64,
        pub threshold: f64,
    }

    pub struct Because {
        pub kind: String,
        pub key: String,
        pub weight: f64,
        pub reason: String,
    }

    pub struct Risk {
        pub score: f64,
        pub parts: Vec<Part>,
    }

    pub struct Part {
        pub what: String,
        pub points: f64,
        pub why: String,
    }

    pub struct Step {
        pub text: String,
        /// `observed` or `inferred`.
        pub kind: String,
        pub level: Option<String>,
        pub events: Vec<String>,
        pub time: Option<String>,
        pub host: Option<String>,
        pub tactic: Option<String>,
        pub techniques: Vec<String>,
        pub findings: Vec<String>,
    }

    pub struct Phase {
        pub phase: String,
        pub model: String,
        pub first: Option<String>,
        pub last: Option<String>,
        pub steps: Vec<u64>,
    }

    pub struct Diamond {
        pub adversary: Words,
        pub capability: Words,
        pub infrastructure: Words,
        pub victim: Words,
    }

    pub struct BlastRadius {
        pub hosts: Words,
        pub accounts: Words,
        pub addresses: Words,
        pub files: u64,
    }

    pub struct Unknown {
        pub text: String,
        pub remedy: Option<String>,
    }

    pub struct NextStep {
        pub text: String,
        pub phase: String,
        pub targets: Words,
        pub why: String,
        pub caution: Option<String>,
        pub reference: Option<String>,
    }

    pub struct SetAside {
        pub reason: String,
        pub count: u64,
        pub why: String,
    }

    /// A cited event.
    pub struct Evidence {
        pub uid: String,
        pub file: String,
        pub record: u64,
        pub time: Option<String>,
        pub time_basis: Option<String>,
        pub host: Option<String>,
        pub channel: Option<String>,
        pub code: Option<String>,
        pub mapping: Option<String>,
        pub case: Option<String>,
        pub sha256: String,
        /// Values that were cut when the event was kept.
        pub cut: u64,
        pub fields: Vec<Field>,
    }

    pub struct Rule {
        pub id: String,
        pub title: String,
        pub level: String,
        pub status: Option<String>,
        pub author: Option<String>,
        pub license: Option<String>,
        pub path: String,
        pub techniques: Vec<String>,
        pub tactics: Vec<String>,
        pub falsepositives: Words,
        pub guide: Option<String>,
        pub references: Words,
        pub description: Option<String>,
    }

    pub struct Case {
        pub case: Option<String>,
        pub operator: Option<String>,
        pub tlp: Option<String>,
    }

    pub struct Summary {
        pub version: String,
        pub complete: Option<bool>,
        pub files: u64,
        pub bytes: u64,
        pub records: u64,
        pub events: u64,
        pub joined: u64,
        pub duplicate: u64,
        pub rejected: u64,
        pub unmapped: u64,
        pub untimed: u64,
        pub outside: u64,
        pub first: Option<String>,
        pub last: Option<String>,
        pub findings: BTreeMap<String, u64>,
        pub findings_not_kept: u64,
        pub incidents: u64,
        pub in_incidents: u64,
        pub set_aside: u64,
        pub evidence_not_kept: u64,
        pub evidence_not_embedded: u64,
        pub rules: RulesLoaded,
        pub hosts: Vec<Host>,
        pub problems: Vec<Problem>,
    }

    pub struct RulesLoaded {
        pub rules: u64,
        pub running: u64,
        pub left_out: u64,
        pub no_source: u64,
        pub hash: String,
    }

    pub struct Host {
        pub name: String,
        pub channels: Vec<Channel>,
    }

    pub struct Channel {
        pub name: String,
        pub events: u64,
        pub first: Option<String>,
        pub last: Option<String>,
        pub missing_records: Option<u64>,
        pub notices: Vec<Notice>,
    }

    pub struct Notice {
        pub kind: String,
        pub time: Option<String>,
    }
}

impl Scan {
    /// # Errors
    /// When it is no JSON, a member has another type than promised, or it is JSON of something else.
    pub fn read(from: impl Read) -> Result<Self, ReadError> {
        let mut json = serde_json::Deserializer::from_reader(from);
        let scan = Self::deserialize(&mut json)?;
        json.end()?;
        scan.check()
    }

    /// # Errors
    /// As [`Scan::read`].
    pub fn of_value(value: Value) -> Result<Self, ReadError> {
        serde_json::from_value::<Self>(value)?.check()
    }

    fn check(mut self) -> Result<Self, ReadError> {
        if self.files.is_empty() && self.findings.items.is_empty() && self.summary.version.is_empty() {
            return Err(ReadError::NotAScan);
        }
        self.incidents.sort_by(|a, b| {
            let risk = b.risk.score.total_cmp(&a.risk.score);
            rank(&b.severity).cmp(&rank(&a.severity)).then(risk).then_with(|| a.id.cmp(&b.id))
        });
        // A diamond or a list of targets may name entities by the ids of their incident.
        for incident in &mut self.incidents {
            let names: BTreeMap<&str, &str> =
                incident.entities.iter().map(|e| (e.id.as_str(), e.name())).collect();
            let diamond = &mut incident.diamond;
            let steps = incident.next_steps.iter_mut().map(|s| &mut s.targets);
            let all = [&mut diamond.adversary, &mut diamond.capability, &mut diamond.infrastructure];
            for words in all.into_iter().chain([&mut diamond.victim]).chain(steps) {
                for word in &mut words.0 {
                    if let Some(name) = names.get(word.as_str()) {
                        *word = (*name).to_owned();
                    }
                }
            }
        }
        Ok(self)
    }

    /// Findings of the run, kept or not.
    pub fn findings_total(&self) -> u64 {
        let counted: u64 = self.summary.findings.values().sum();
        counted.max(self.findings.total())
    }
}

impl Entity {
    /// As the record wrote it, else its key.
    pub fn name(&self) -> &str {
        if self.shown.is_empty() { &self.key } else { &self.shown }
    }
}

/// 4 is `critical`, 0 is `informational` and whatever is no level.
pub fn rank(level: &str) -> usize {
    ["informational", "low", "medium", "high", "critical"].iter().position(|l| *l == level).unwrap_or(0)
}

/// Whether an item of a bounded list is kept before others.
pub trait Worth {
    fn first(&self) -> bool;
}

impl Worth for Finding {
    /// What an incident rests on must be there, wherever it stands in the list.
    fn first(&self) -> bool {
        self.incident.is_some()
    }
}

impl Worth for Evidence {
    fn first(&self) -> bool {
        false
    }
}

/// A list of which no more than [`limits::READ_MAX`] items are kept, and as many again of those that go first; the others
/// are counted.
#[derive(Debug, Clone)]
pub struct Bounded<T> {
    pub items: Vec<T>,
    pub beyond: u64,
}

impl<T> Default for Bounded<T> {
    fn default() -> Self {
        Self { items: Vec::new(), beyond: 0 }
    }
}

impl<T> Bounded<T> {
    pub fn total(&self) -> u64 {
        self.items.len() as u64 + self.beyond
    }
}

impl<'de, T: Deserialize<'de> + Worth> Deserialize<'de> for Bounded<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct List<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Worth> Visitor<'de> for List<T> {
            type Value = Bounded<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut list = Bounded::default();
                let (mut first, mut others) = (0, 0);
                while let Some(item) = seq.next_element::<T>()? {
                    let kept = if item.first() { &mut first } else { &mut others };
                    *kept += 1;
                    if *kept <= limits::READ_MAX {
                        list.items.push(item);
                    } else {
                        list.beyond += 1;
                    }
                }
                Ok(list)
            }
        }
        from.deserialize_seq(List(PhantomData))
    }
}

/// Texts, whether they were written as text, number or object with a name.
#[derive(Debug, Clone, Default)]
pub struct Words(pub Vec<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(from)? {
            Value::Array(values) => values.iter().map(word).filter(|w| !w.is_empty()).collect(),
            Value::Null => Vec::new(),
            one => vec![word(&one)],
        }))
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Object(members) => ["shown", "text", "value", "name", "key", "id"]
            .iter()
            .find_map(|name| members.get(*name).map(word).filter(|w| !w.is_empty()))
            .unwrap_or_default(),
        other => other.to_string(),
    }
}

/// `[name, value]`, or `[name, value, {"derived": true}]`.
#[derive(Debug, Clone, Default)]
pub struct Field {
    pub name: String,
    pub value: String,
    /// Computed by a mapping.
    pub derived: bool,
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let parts = Vec::<Value>::deserialize(from)?;
        let [name, value, more @ ..] = &parts[..] else {
            return Err(de::Error::custom("a field of an event is [name, value]"));
        };
        let derived = more.first().and_then(|m| m.get("derived")).and_then(Value::as_bool);
        Ok(Self { name: word(name), value: word(value), derived: derived.unwrap_or(false) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Scan, ReadError> {
        Scan::read(text.as_bytes())
    }

    #[test]
    fn what_is_missing_or_null_is_empty() {
        let scan = read(
            r#"{"files":[{"path":"a","parser":null,"events":null}],"findings":null,
            "incidents":[{"id":"I-1","severity":"low"},{"id":"I-2","severity":"high","story":null,
              "entities":[{"id":"e1","shown":"WS1"}],"diamond":{"victim":["e1",{"shown":"bob"},3]}}],
            "evidence":[{"uid":"x","fields":[["a","b"],["n",7,{"derived":true}]]}]}"#,
        )
        .unwrap();
        assert_eq!(scan.files[0].events, 0);
        assert_eq!(scan.incidents[0].id, "I-2");
        assert_eq!(scan.incidents[0].diamond.victim.0, ["WS1", "bob", "3"]);
        let field = &scan.evidence.items[0].fields[1];
        assert_eq!((field.value.as_str(), field.derived), ("7", true));
    }

    #[test]
    fn what_is_beyond_the_bound_is_counted_and_what_an_incident_needs_is_there() {
        let many = "{},".repeat(limits::READ_MAX + 5);
        let scan = read(&format!("{{\"findings\":[{many}{{\"incident\":\"I-1\"}}]}}")).unwrap();
        assert_eq!(scan.findings.items.len(), limits::READ_MAX + 1);
        assert_eq!(scan.findings.beyond, 5);
        assert_eq!(scan.findings.items.last().unwrap().incident.as_deref(), Some("I-1"));
    }

    #[test]
    fn something_else_is_refused_with_its_place() {
        assert!(matches!(read("{}"), Err(ReadError::NotAScan)));
        assert!(matches!(read("[1]"), Err(ReadError::Json(_))));
        let Err(ReadError::Json(fault)) = read("{\"files\":[]}\ntrailing") else { panic!("was read") };
        assert_eq!(fault.line(), 2);
    }
}
