//! Bounds of a story, each with its reason.

/// Steps told of one incident. More than a screen or two is not read; the rest is counted.
pub const STEPS_MAX: usize = 60;

/// Findings whose events are read for the steps; the gravest of each kind come first.
pub const FINDINGS_READ_MAX: usize = 2_000;

/// Findings of one rule on one host among those read, so that a noisy rule leaves room for the others.
pub const FINDINGS_OF_A_KIND_MAX: usize = 200;

/// Events that one step cites by uid; `count` says how many there are.
pub const EVENTS_CITED_MAX: usize = 50;

/// Findings that one step names by id.
pub const FINDINGS_CITED_MAX: usize = 50;

/// Characters of one value of a claim.
pub const SLOT_CHARS_MAX: usize = 1_000;

/// Characters of event text inside a sentence.
pub const QUOTED_CHARS_MAX: usize = 200;

/// Values listed in a sentence before the rest is counted.
pub const LISTED_MAX: usize = 5;

/// Entities of one incident.
pub const ENTITIES_MAX: usize = 300;

/// Links of one incident.
pub const LINKS_MAX: usize = 400;

/// Unknowns told of one incident.
pub const UNKNOWNS_MAX: usize = 30;

/// Targets of one next step.
pub const TARGETS_MAX: usize = 20;

/// Steps that one inference cites.
pub const INFERRED_MAX: usize = 12;

/// How long after failed logons a successful one from the same address counts as "shortly after".
pub const SHORTLY_AFTER_S: i64 = 3_600;

/// Claims that `verify` lists as refused; the rest is counted.
pub const REFUSED_LISTED_MAX: usize = 10_000;

/// Characters of a value that `verify` shows in a reason.
pub const VALUE_SHOWN_MAX: usize = 300;
