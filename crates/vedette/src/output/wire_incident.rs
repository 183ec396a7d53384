//! The shapes of incidents and of what they rest on, in `vedette scan --format json`. Names here are promises.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Findings that belong together, told with their evidence.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Incident {
    /// The same findings give the same id.
    pub id: String,
    pub title: String,
    /// `informational`, `low`, `medium`, `high` or `critical`.
    pub severity: String,
    pub severity_reasons: Vec<String>,
    /// `low`, `medium` or `high`.
    pub confidence: String,
    pub confidence_reasons: Vec<String>,
    /// Event time, RFC 3339 in UTC; `null` when no event has one.
    pub first: Option<String>,
    pub last: Option<String>,
    /// The story in one paragraph.
    pub summary: String,
    pub techniques: Vec<String>,
    pub tactics: Vec<String>,
    pub entities: Vec<IncidentEntity>,
    /// How the entities connect.
    pub links: Vec<Link>,
    /// Ids of the findings.
    pub findings: Vec<String>,
    pub findings_count: u64,
    /// Why the findings belong together: one join for each but the first.
    pub joins: Vec<Join>,
    pub risk: Risk,
    /// In order of time.
    pub story: Vec<Step>,
    /// Findings that no step names.
    pub untold_findings: u64,
    pub phases: Vec<Phase>,
    pub diamond: Diamond,
    pub blast_radius: BlastRadius,
    pub unknowns: Vec<Unknown>,
    pub next_steps: Vec<NextStep>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct IncidentEntity {
    /// Within the incident, for example `e1`.
    pub id: String,
    pub kind: String,
    pub key: String,
    pub shown: String,
    /// The part it plays in the incident.
    pub part: String,
    pub first: Option<String>,
    pub last: Option<String>,
    /// How many of the findings are about it.
    pub findings: u64,
    /// What is known of it from elsewhere.
    pub facts: Vec<Fact>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Fact {
    pub label: String,
    pub value: String,
    pub source: String,
    pub date: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Link {
    pub from: String,
    pub to: String,
    pub label: String,
    /// Uids of events that say so.
    pub events: Vec<String>,
    pub count: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Join {
    pub finding: String,
    pub to: String,
    pub because: Vec<Because>,
    pub total: f64,
    pub threshold: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Because {
    pub kind: String,
    pub key: String,
    pub weight: f64,
    pub reason: String,
}

/// The parts add up to the score.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Risk {
    pub score: f64,
    pub parts: Vec<RiskPart>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RiskPart {
    pub what: String,
    pub points: f64,
    pub why: String,
}

/// One sentence and what it rests on.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Step {
    pub text: String,
    /// `observed`: the events say it; `inferred`: it follows from them by the rule that the text names.
    pub kind: String,
    /// Uids, each in `evidence`, in order of time.
    pub events: Vec<String>,
    /// How many events say so.
    pub count: u64,
    pub time: Option<String>,
    pub last: Option<String>,
    /// Empty when the events name none.
    pub host: String,
    /// The gravest level among its findings.
    pub level: String,
    pub tactic: Option<String>,
    pub techniques: Vec<String>,
    pub findings: Vec<String>,
    /// What the sentence was made of.
    pub claim: Value,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Phase {
    pub phase: String,
    pub model: String,
    pub first: Option<String>,
    pub last: Option<String>,
    /// Indexes into the story.
    pub steps: Vec<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Diamond {
    pub adversary: Vec<String>,
    pub capability: Vec<String>,
    pub infrastructure: Vec<String>,
    pub victim: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct BlastRadius {
    pub hosts: Vec<String>,
    pub accounts: Vec<String>,
    pub addresses: Vec<String>,
    pub files: u64,
}

/// What the evidence does not tell, and how to learn it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unknown {
    pub text: String,
    pub remedy: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct NextStep {
    pub text: String,
    /// `preserve`, `contain`, `eradicate`, `recover` or `analyse`.
    pub phase: String,
    pub targets: Vec<String>,
    pub why: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caution: Option<String>,
    pub reference: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct SetAside {
    pub reason: String,
    pub count: u64,
    pub why: String,
}

/// An event as it was read, enough to judge a rule on it again.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Evidence {
    pub uid: String,
    /// Equal to one `files[].path`.
    pub file: String,
    pub record: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<u64>,
    pub time: Option<String>,
    pub time_basis: String,
    pub host: String,
    pub channel: String,
    pub code: String,
    pub mapping: String,
    pub case: String,
    /// Values that were too long to keep whole.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub cut: u64,
    /// `[name, value]`, and a third member `{"path", "kind", "derived"}` where one of these is not the usual.
    pub fields: Vec<Value>,
    /// SHA-256 of the entry without this member: keys sorted, no spaces.
    pub sha256: String,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Rule {
    pub id: String,
    pub title: String,
    pub level: String,
    pub status: Option<String>,
    pub author: Option<String>,
    pub license: Option<String>,
    pub path: String,
    pub description: Option<String>,
    pub techniques: Vec<String>,
    pub tactics: Vec<String>,
    pub tags: Vec<String>,
    pub falsepositives: Vec<String>,
    pub guide: Option<String>,
    pub references: Vec<String>,
    /// Findings of it.
    pub findings: u64,
}

/// What the analyst said of the case on the command line.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Case {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tlp: Option<String>,
}
