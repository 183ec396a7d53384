//! Checks that every claim of a report resolves to events that say it.
//!
//! Nothing is compared with a memory of the run: the events that the report embeds are understood again, findings and
//! groups are made again from them, and each incident is told again. What the report says beyond or against that is
//! refused.

mod account;
mod evidence;
mod findings;
mod incidents;
mod read;

use std::collections::BTreeMap;

use serde_json::Value;
use vedette_model::{Alert, EntityKind, EventUid, Evidence, Level, Timestamp};

use crate::input::{Confidence, Fact, Join, Observed, Risk};
use crate::limits::{REFUSED_LISTED_MAX, VALUE_SHOWN_MAX};
use crate::wording::plain;

pub use evidence::digest;
pub use read::{Report, Unreadable};

/// A claim that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Where it stands: `finding F-...: time`, `incident I-...: story[3].text`.
    pub claim: String,
    pub reason: String,
}

/// What came of the checks. `claims = resolved + refused + unchecked`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    pub claims: u64,
    pub resolved: u64,
    /// No more than [`REFUSED_LISTED_MAX`]; `refused_count` is how many there are.
    pub refused: Vec<Refused>,
    pub refused_count: u64,
    /// Claims that nothing at hand can show or refute; the notes say which.
    pub unchecked: u64,
    pub notes: Vec<String>,
}

/// A finding as grouping takes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    pub id: String,
    pub rule_id: String,
    pub level: Level,
    pub time: Option<Timestamp>,
    pub host: String,
    pub event: EventUid,
    /// Events of a correlation, then those of witnesses.
    pub events: Vec<EventUid>,
    pub entities: Vec<vedette_model::Entity>,
    pub tactics: Vec<String>,
    pub unsure: bool,
}

/// What grouping knows of the whole run, as the report's summary says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Estate {
    pub hosts: usize,
    pub span_ms: i64,
}

/// One group made again.
#[derive(Debug, Clone, PartialEq)]
pub struct Regrouped {
    pub id: String,
    /// Finding ids.
    pub findings: Vec<String>,
    pub severity: Level,
    pub severity_reasons: Vec<String>,
    pub confidence: Confidence,
    pub confidence_reasons: Vec<String>,
    pub risk: Risk,
    pub joins: Vec<Join>,
}

/// All groups, the gravest first, and why the other findings are in none.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Regrouping {
    pub groups: Vec<Regrouped>,
    /// Finding id -> reason.
    pub set_aside: BTreeMap<String, String>,
    /// Reason -> its explanation.
    pub why: BTreeMap<String, String>,
}

/// A correlation's finding made again from its events.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorrelated {
    pub events: Vec<EventUid>,
    pub closing: EventUid,
    pub time: Timestamp,
    pub host: String,
    pub details: Vec<(String, String)>,
}

/// What events say, told again with the mappings and rules at hand.
pub trait Retell {
    /// The event as its mapping understands it; `None` when the mapping is not at hand.
    fn observed(&self, evidence: &Evidence) -> Option<Observed>;

    /// Who did it, as findings say.
    fn actor(&self, evidence: &Evidence) -> String;

    /// What findings show of the event.
    fn details(&self, evidence: &Evidence) -> Vec<(String, String)>;

    /// All fields that the event's mapping computes from the others; `None` when the mapping is not at hand.
    fn derived(&self, evidence: &Evidence) -> Option<Vec<(String, String)>> {
        let _ = evidence;
        None
    }

    /// The rule as reports carry it; `None` when it is not at hand.
    fn rule(&self, id: &str) -> Option<Value>;

    /// Whether the rule matches; `None` when it is not at hand or is a correlation.
    fn fires(&self, rule_id: &str, evidence: &Evidence) -> Option<bool>;

    /// Fields that the rule's filters ask for and the event's source does not carry; `None` as for `fires`.
    fn unseen_filter_fields(&self, rule_id: &str, evidence: &Evidence) -> Option<Vec<String>>;

    /// The other product's alert that the event is.
    fn alert(&self, evidence: &Evidence) -> Option<(Level, Alert)>;

    /// The uid, where the event's mapping makes it from fields that the evidence holds.
    fn uid(&self, evidence: &Evidence) -> Option<EventUid> {
        let _ = evidence;
        None
    }

    /// The correlation's findings over these events; `None` when it is not at hand.
    fn correlate(&self, rule_id: &str, events: &[&Evidence]) -> Option<Vec<Recorrelated>> {
        let _ = (rule_id, events);
        None
    }

    /// All findings of a run grouped again; `None` when that cannot be done here.
    fn regroup(&self, findings: &[Offer], estate: &Estate) -> Option<Regrouping> {
        let _ = (findings, estate);
        None
    }

    /// Facts of an entity from the lists at hand.
    fn facts(&self, kind: EntityKind, key: &str) -> Vec<Fact> {
        let _ = (kind, key);
        Vec::new()
    }
}

/// Checks every claim of a report (`scan --format json`).
///
/// # Errors
/// When it is not such a report at all.
pub fn verify(report: &Value, again: &dyn Retell) -> Result<Verdict, Unreadable> {
    let mut tally = Tally::default();
    let report = Report::read(report, &mut tally)?;
    evidence::check(&report, again, &mut tally);
    findings::check(&report, again, &mut tally);
    incidents::check(&report, again, &mut tally);
    account::check(&report, &mut tally);
    Ok(tally.verdict)
}

/// Counts claims.
#[derive(Debug, Default)]
pub struct Tally {
    verdict: Verdict,
}

impl Tally {
    pub fn resolve(&mut self) {
        self.verdict.claims += 1;
        self.verdict.resolved += 1;
    }

    pub fn refuse(&mut self, claim: impl Into<String>, reason: impl Into<String>) {
        self.verdict.claims += 1;
        self.verdict.refused_count += 1;
        if self.verdict.refused.len() < REFUSED_LISTED_MAX {
            self.verdict.refused.push(Refused { claim: claim.into(), reason: reason.into() });
        }
    }

    pub fn leave(&mut self, claims: u64) {
        self.verdict.claims += claims;
        self.verdict.unchecked += claims;
    }

    /// Said once, however often it comes.
    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.verdict.notes.contains(&note) {
            self.verdict.notes.push(note);
        }
    }

    /// The claim holds, or the reason says why not.
    pub fn hold(&mut self, holds: bool, claim: impl FnOnce() -> String, reason: impl FnOnce() -> String) {
        if holds {
            self.resolve();
        } else {
            self.refuse(claim(), reason());
        }
    }

    /// What is told must be what the evidence gives. Numbers are compared as numbers; absent, null and empty are one.
    pub fn equal(&mut self, claim: impl FnOnce() -> String, told: &Value, right: &Value) {
        self.hold(same(told, right), claim, || {
            format!("the report says {}; the evidence gives {}", shown(told), shown(right))
        });
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// Equal, whatever the order of members and however a number is written.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let all = |a: &serde_json::Map<String, Value>, b: &serde_json::Map<String, Value>| {
                a.iter().all(|(name, value)| same(value, b.get(name).unwrap_or(&Value::Null)))
            };
            all(a, b) && all(b, a)
        }
        (a, b) => a == b || is_nothing(a) && is_nothing(b),
    }
}

/// A value in a reason: bounded and neutral.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("“{}”", plain(text, VALUE_SHOWN_MAX)),
        other => plain(&other.to_string(), VALUE_SHOWN_MAX),
    }
}
