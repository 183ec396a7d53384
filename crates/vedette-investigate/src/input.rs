//! What a story is made from. All of it can be read back from a report, so that the story can be made again.

use serde_json::Value;
use vedette_model::{Entity, EntityKind, EventUid, Evidence, Level, Timestamp};

/// One cited event: as it was kept, and as its mapping understands it.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    pub evidence: Evidence,
    /// The OCSF form (`Catalogue::ocsf`).
    pub ocsf: Value,
    pub entities: Vec<Entity>,
    pub details: Vec<(String, String)>,
}

/// One finding of the incident with what its rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// `F-...`.
    pub id: String,
    pub rule_id: String,
    pub title: String,
    pub level: Level,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// ATT&CK tactics by short name.
    pub tactics: Vec<String>,
    pub time: Option<Timestamp>,
    pub host: String,
    /// The event; the closing one of a correlation.
    pub event: EventUid,
    /// The events of a correlation, in time order; empty otherwise.
    pub events: Vec<EventUid>,
    pub entities: Vec<Entity>,
    /// An imported alert: the product's verdict, not a rule of ours.
    pub alert: bool,
    /// A filter of the rule could not be judged on this source.
    pub unsure: bool,
}

/// How sure the grouping is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|c| c.name() == name)
    }
}

/// One term of the risk's sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    pub what: String,
    pub points: f64,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Risk {
    pub score: f64,
    pub parts: Vec<Part>,
}

/// Why two findings are joined.
#[derive(Debug, Clone, PartialEq)]
pub struct Because {
    pub kind: String,
    pub key: String,
    pub weight: f64,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// Finding ids.
    pub finding: String,
    pub to: String,
    pub because: Vec<Because>,
    pub total: f64,
    pub threshold: f64,
}

/// What an asset list, a table of addresses or rarity says of an entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    pub label: String,
    pub value: String,
    pub source: String,
    pub date: String,
}

/// One group of findings. Severity, confidence, risk and joins are the grouping's and pass through.
pub struct Group<'a> {
    /// `I-...`.
    pub id: &'a str,
    pub severity: Level,
    pub severity_reasons: &'a [String],
    pub confidence: Confidence,
    pub confidence_reasons: &'a [String],
    pub risk: &'a Risk,
    pub joins: &'a [Join],
    /// In any order.
    pub findings: &'a [Told],
}

/// Where a story's events and facts come from.
pub trait Source {
    /// The kept event; `None` when it was not kept.
    fn observed(&self, uid: EventUid) -> Option<Observed>;

    /// Facts of an entity; none by default.
    fn facts(&self, kind: EntityKind, key: &str) -> Vec<Fact> {
        let _ = (kind, key);
        Vec::new()
    }
}
