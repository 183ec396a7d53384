//! What became of every entry of a list: searched for, double, held back, or not understood, with the reason.

use std::collections::BTreeMap;
use std::fmt;

use crate::limits::{EXAMPLES_MAX, REASONS_MAX};

/// Why an indicator that was understood is not searched for. Each can be kept on demand ([`Keep`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldBack {
    /// Its list says until when it held, and that is over.
    Expired,
    /// Its author took it back.
    Revoked,
    /// MISP `to_ids` is false: context for people, not for matching.
    NotForDetection,
    /// Private, loopback, link-local or reserved: everybody has it.
    Private(String),
    /// Set aside for examples.
    Documentation(String),
    /// On a known-good list.
    KnownGood(String),
    /// It would match nearly everything.
    TooBroad,
}

impl fmt::Display for HeldBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired => f.write_str("expired"),
            Self::Revoked => f.write_str("revoked by its author"),
            Self::NotForDetection => f.write_str("not for detection (to_ids is false)"),
            Self::Private(list) => write!(f, "private or reserved ({list})"),
            Self::Documentation(list) => write!(f, "set aside for documentation ({list})"),
            Self::KnownGood(list) => write!(f, "known good ({list})"),
            Self::TooBroad => f.write_str("too broad: it would match nearly everything"),
        }
    }
}

/// What to search for all the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    /// Expired and revoked ones.
    pub expired: bool,
    /// MISP attributes whose `to_ids` is false.
    pub context: bool,
    pub private: bool,
    pub documentation: bool,
    pub known_good: bool,
}

impl Keep {
    pub const ALL: Keep =
        Keep { expired: true, context: true, private: true, documentation: true, known_good: true };

    /// What would match nearly everything cannot be kept: nothing could be read out of the hits.
    pub fn keeps(self, reason: &HeldBack) -> bool {
        match reason {
            HeldBack::Expired | HeldBack::Revoked => self.expired,
            HeldBack::NotForDetection => self.context,
            HeldBack::Private(_) => self.private,
            HeldBack::Documentation(_) => self.documentation,
            HeldBack::KnownGood(_) => self.known_good,
            HeldBack::TooBroad => false,
        }
    }
}

/// How often, and the first few.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub count: u64,
    /// `line 12: 10.0.0.1`.
    pub examples: Vec<String>,
}

impl Tally {
    fn add(&mut self, line: u64, text: &str) {
        self.count += 1;
        if self.examples.len() < EXAMPLES_MAX {
            let shown: String = text.trim().chars().take(80).collect();
            self.examples.push(format!("line {line}: {shown}"));
        }
    }
}

/// What one list came to: `read = searched + duplicate + held back + left out`.
#[derive(Debug, Clone, Default)]
pub struct Account {
    pub name: String,
    /// `plain list`, `CSV`, `STIX`, `MISP`, `JSON`.
    pub format: &'static str,
    /// Values met; a pattern or a composite attribute may hold several.
    pub read: u64,
    /// By [`super::IndicatorKind`].
    pub searched: [u64; 6],
    /// Entries that this or an earlier list held already.
    pub duplicate: u64,
    pub held_back: BTreeMap<HeldBack, Tally>,
    /// Not understood, by reason.
    pub left_out: BTreeMap<String, Tally>,
    /// Conditions of a pattern that were taken alone, as the others cannot be searched for.
    pub widened: u64,
    /// Objects that are no indicators: reports, malware, relationships.
    pub passed_over: u64,
    /// Where and why reading ended early.
    pub broken_off: Option<String>,
}

impl Account {
    pub fn hold_back(&mut self, reason: HeldBack, line: u64, text: &str) {
        self.held_back.entry(reason).or_default().add(line, text);
    }

    pub fn leave_out(&mut self, reason: &str, line: u64, text: &str) {
        let known = self.left_out.contains_key(reason) || self.left_out.len() < REASONS_MAX;
        let reason = if known { reason } else { "further reasons" };
        self.left_out.entry(reason.to_owned()).or_default().add(line, text);
    }

    pub fn searched(&self) -> u64 {
        self.searched.iter().sum()
    }

    pub fn held_back(&self) -> u64 {
        self.held_back.values().map(|t| t.count).sum()
    }

    pub fn left_out(&self) -> u64 {
        self.left_out.values().map(|t| t.count).sum()
    }

    pub fn balances(&self) -> bool {
        self.read == self.searched() + self.duplicate + self.held_back() + self.left_out()
    }
}
