//! Windows over findings: Sigma correlations, twins of one act, and findings joined into incidents.
//!
//! This room is pure: it reads no file, asks no clock and starts no thread. Time is the events' own, so a replay
//! gives the same findings, whatever the order in which hits were offered.
//!
//! - [`Correlator`] collects the hits of base rules and runs the windows over them (batch).
//! - [`window::Window`] is the state machine of one group, over hits in time order; a stream can feed it directly.
//! - [`incidents`] joins findings into a few incidents, with the reasons of every join.
//! - [`twins`] joins the findings of one rule that two logs wrote about one act.
//!
//! Source: Sigma correlation rules specification 2.1.0. What it leaves open is decided at the head of [`window`].

pub mod correlator;
mod explain;
pub mod incidents;
pub mod limits;
mod plan;
mod store;
pub mod twins;
pub mod window;

pub use correlator::{CorrelationFinding, Correlator, Finished, Hit, Tally};
pub use limits::Limits;
