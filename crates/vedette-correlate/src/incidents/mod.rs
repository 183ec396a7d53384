//! Findings joined into a few incidents, each join with its reasons.
//!
//! [`Grouper::offer`] takes findings in any order and keeps little of each: repeats of one rule on one host with the
//! same entities lie in one bundle. [`Grouper::finish`] links bundles through shared entities and closeness in time,
//! joins what is linked strongly enough, adds up risk, and says of every finding in which incident it lies or why it
//! was set aside. Nothing depends on the order of offering: all sorting is by time and by finding id.
//!
//! `docs/incidents.md` tells how it works and why the thresholds are what they are; [`weights`] holds them.

mod bundle;
mod cluster;
mod entities;
mod everywhere;
mod explain;
mod grouper;
mod link;
mod risk;
mod tactics;
pub mod weights;

pub use cluster::{Because, BecauseKind, Join};
pub use entities::EntityId;
pub use explain::Explanation;
pub use grouper::{Estate, Group, Grouper, Grouping, Importance, IncidentId, Offered, Placement, Reason};
pub use risk::{Confidence, Part, Risk, What};
pub use tactics::TacticSet;
