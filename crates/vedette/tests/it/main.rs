//! The binary as a stranger uses it: on small inputs made here, and on real data where that is at hand.

mod accounts;
mod attack_samples;
mod bad_input;
mod cloud;
mod drill;
mod explain;
mod harness;
mod hunt;
mod incidents;
mod interrupt;
mod mcp;
mod mordor;
mod outputs;
mod own_rules;
mod permission;
mod reference_hits;
mod regression;
mod report;
mod rules_tool;
mod sample_estate;
mod schemas;
mod screen;
mod sigma_rules;
mod stats;
mod syslog_vendors;
mod verify;
