//! One rule's verdict on an event or a window.

use std::fmt;

use xxhash_rust::xxh3::Xxh3;

use crate::entity::Entity;
use crate::event::EventUid;
use crate::record::FileIndex;
use crate::time::Timestamp;

/// Severity, in Sigma's words and order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Level {
    pub const ALL: [Level; 5] =
        [Level::Informational, Level::Low, Level::Medium, Level::High, Level::Critical];

    pub fn name(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.name() == name)
    }
}

/// Hash of rule id and event uids: the same input gives the same id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FindingId(pub u64);

impl FindingId {
    /// The id of what the rule with this id says of these events.
    pub fn of(rule: &str, events: impl IntoIterator<Item = EventUid>) -> Self {
        let mut hash = Xxh3::new();
        hash.update(rule.as_bytes());
        for uid in events {
            hash.update(&uid.0.to_le_bytes());
        }
        Self(hash.digest())
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F-{:016x}", self.0)
    }
}

/// A pointer to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventRef {
    pub file: FileIndex,
    /// The source's own record number where it has one.
    pub record: u64,
    pub uid: EventUid,
    pub time: Option<Timestamp>,
}

/// A second record of the same act, for example Security 4688 beside Sysmon 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    pub event: EventRef,
    pub channel: String,
}

/// What an imported alert says of itself: another product's verdict, taken over as a finding.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Alert {
    /// The alert's own identifier; may be empty.
    pub source_uid: String,
    pub title: String,
    /// The product that raised it.
    pub product: String,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// ATT&CK tactics by short name.
    pub tactics: Vec<String>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    pub id: FindingId,
    /// Index into the plan's rules; correlations come after the rules.
    pub rule: u32,
    pub level: Level,
    pub time: Option<Timestamp>,
    pub host: String,
    pub channel: String,
    /// Event id or name in the source's words.
    pub code: String,
    /// Who did it, as far as the event says.
    pub actor: String,
    /// The event; the closing one of a correlation.
    pub event: EventRef,
    /// The events of a correlation, in time order; empty otherwise.
    pub events: Vec<EventRef>,
    pub witnesses: Vec<Witness>,
    /// What matters, as name and value, in the order a person wants it.
    pub details: Vec<(String, String)>,
    /// Fields that a filter of the rule asked for and this source does not carry: the finding is less certain.
    pub unseen_filter_fields: Vec<String>,
    /// What the event is about, or the events of a correlation together.
    pub entities: Vec<Entity>,
    /// Set when the event is itself another product's alert and no rule of ours speaks.
    pub alert: Option<Box<Alert>>,
}
