//! The incident: what an analyst is told, and the form in which reports carry it.

use serde_json::{Map, Value, json};
use vedette_model::{EntityKind, EventUid, Level, Timestamp};

use crate::claim::Claim;
use crate::input::{Confidence, Fact, Join, Risk};

/// Whether a sentence rests on an event's own words or on a stated rule over several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    Observed,
    Inferred,
}

impl StepKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Inferred => "inferred",
        }
    }
}

/// What stands behind a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Basis {
    /// The claim of the first event; the further ones say the same, but for the slot that the sentence lists.
    Claim(Claim),
    /// The rule of the inference.
    Rule(&'static str),
}

/// One sentence of the story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub text: String,
    pub kind: StepKind,
    /// In time order; no more than [`crate::limits::EVENTS_CITED_MAX`].
    pub events: Vec<EventUid>,
    /// How many events say so.
    pub count: usize,
    pub time: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub host: String,
    pub level: Level,
    pub tactic: Option<String>,
    pub techniques: Vec<String>,
    pub findings: Vec<String>,
    pub basis: Basis,
    /// All findings that it rests on, by their place among the incident's; not in the report.
    pub(crate) rests_on: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRow {
    /// `e1`, `e2`, ... within the incident.
    pub id: String,
    pub kind: EntityKind,
    pub key: String,
    pub shown: String,
    pub part: &'static str,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub findings: usize,
    pub facts: Vec<Fact>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub from: String,
    pub to: String,
    pub label: String,
    pub events: Vec<EventUid>,
    pub count: usize,
}

/// A phase of the Lockheed Martin kill chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    pub phase: &'static str,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// Indices into the story.
    pub steps: Vec<usize>,
}

/// The four corners of the Diamond Model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diamond {
    pub adversary: Vec<String>,
    pub capability: Vec<String>,
    pub infrastructure: Vec<String>,
    pub victim: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlastRadius {
    pub hosts: Vec<String>,
    pub accounts: Vec<String>,
    pub addresses: Vec<String>,
    pub files: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub text: String,
    pub remedy: String,
}

/// What to do, and when not to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    pub text: String,
    /// `preserve`, `contain`, `eradicate`, `recover` or `analyse`.
    pub phase: &'static str,
    pub targets: Vec<String>,
    pub why: String,
    pub caution: Option<String>,
    pub reference: &'static str,
}

/// One incident, told.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    pub id: String,
    pub title: String,
    pub severity: Level,
    pub severity_reasons: Vec<String>,
    pub confidence: Confidence,
    pub confidence_reasons: Vec<String>,
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    pub summary: String,
    pub techniques: Vec<String>,
    pub tactics: Vec<String>,
    pub entities: Vec<EntityRow>,
    pub links: Vec<Link>,
    /// Ids, in order of time.
    pub findings: Vec<String>,
    pub joins: Vec<Join>,
    pub risk: Risk,
    pub story: Vec<Step>,
    /// Findings that no step names.
    pub untold: usize,
    /// All events that the story was made from, cited or counted: a report that is to be verified embeds them.
    pub read: Vec<EventUid>,
    pub phases: Vec<Phase>,
    pub diamond: Diamond,
    pub blast_radius: BlastRadius,
    pub unknowns: Vec<Unknown>,
    pub next_steps: Vec<NextStep>,
}

fn time(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |t| json!(t.to_string()))
}

fn uids(events: &[EventUid]) -> Value {
    events.iter().map(EventUid::to_string).collect()
}

/// A whole number stays one: `5` and not `5.0`.
pub fn points(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 9e15 { json!(n as i64) } else { json!(n) }
}

impl Incident {
    /// As reports carry it. `verify` makes it again and compares the two.
    pub fn value(&self) -> Value {
        let mut map = Map::new();
        let mut put = |name: &str, value: Value| {
            map.insert(name.to_owned(), value);
        };
        put("id", json!(self.id));
        put("title", json!(self.title));
        put("severity", json!(self.severity.name()));
        put("severity_reasons", json!(self.severity_reasons));
        put("confidence", json!(self.confidence.name()));
        put("confidence_reasons", json!(self.confidence_reasons));
        put("first", time(self.first));
        put("last", time(self.last));
        put("summary", json!(self.summary));
        put("techniques", json!(self.techniques));
        put("tactics", json!(self.tactics));
        put("entities", self.entities.iter().map(entity).collect());
        put("links", self.links.iter().map(link).collect());
        put("findings", json!(self.findings));
        put("findings_count", json!(self.findings.len()));
        put("joins", self.joins.iter().map(join).collect());
        put("risk", risk(&self.risk));
        put("story", self.story.iter().map(step).collect());
        put("untold_findings", json!(self.untold));
        put("phases", self.phases.iter().map(phase).collect());
        let d = &self.diamond;
        put(
            "diamond",
            json!({ "adversary": d.adversary, "capability": d.capability, "infrastructure": d.infrastructure, "victim": d.victim }),
        );
        let b = &self.blast_radius;
        put(
            "blast_radius",
            json!({ "hosts": b.hosts, "accounts": b.accounts, "addresses": b.addresses, "files": b.files }),
        );
        put(
            "unknowns",
            self.unknowns.iter().map(|u| json!({ "text": u.text, "remedy": u.remedy })).collect(),
        );
        put("next_steps", self.next_steps.iter().map(next_step).collect());
        Value::Object(map)
    }
}

fn entity(e: &EntityRow) -> Value {
    let fact = |f: &Fact| json!({ "label": f.label, "value": f.value, "source": f.source, "date": f.date });
    json!({
        "id": e.id, "kind": e.kind.name(), "key": e.key, "shown": e.shown, "part": e.part,
        "first": time(e.first), "last": time(e.last), "findings": e.findings,
        "facts": e.facts.iter().map(fact).collect::<Vec<_>>(),
    })
}

fn link(l: &Link) -> Value {
    json!({ "from": l.from, "to": l.to, "label": l.label, "events": uids(&l.events), "count": l.count })
}

/// As reports carry a join.
pub fn join(j: &Join) -> Value {
    let because: Vec<Value> = j
        .because
        .iter()
        .map(|b| json!({ "kind": b.kind, "key": b.key, "weight": points(b.weight), "reason": b.reason }))
        .collect();
    json!({ "finding": j.finding, "to": j.to, "because": because, "total": points(j.total), "threshold": points(j.threshold) })
}

fn risk(r: &Risk) -> Value {
    let parts: Vec<Value> =
        r.parts.iter().map(|p| json!({ "what": p.what, "points": points(p.points), "why": p.why })).collect();
    json!({ "score": points(r.score), "parts": parts })
}

fn step(s: &Step) -> Value {
    let claim = match &s.basis {
        Basis::Claim(claim) => claim.value(),
        Basis::Rule(rule) => json!({ "predicate": "inferred", "rule": rule }),
    };
    json!({
        "text": s.text, "kind": s.kind.name(), "events": uids(&s.events), "count": s.count, "time": time(s.time),
        "last": time(s.last), "host": s.host, "level": s.level.name(), "tactic": s.tactic, "techniques": s.techniques,
        "findings": s.findings, "claim": claim,
    })
}

fn phase(p: &Phase) -> Value {
    json!({ "phase": p.phase, "model": "kill_chain", "first": time(p.first), "last": time(p.last), "steps": p.steps })
}

fn next_step(n: &NextStep) -> Value {
    let mut value = json!({ "text": n.text, "phase": n.phase, "targets": n.targets, "why": n.why });
    if let (Some(caution), Some(map)) = (&n.caution, value.as_object_mut()) {
        map.insert("caution".into(), json!(caution));
    }
    if let Some(map) = value.as_object_mut() {
        map.insert("reference".into(), json!(n.reference));
    }
    value
}
