//! One file a command: parse, call one room, print.

pub mod drill;
pub mod hunt;
pub mod incident;
pub mod input;
pub mod knowledge;
pub mod manifest;
pub mod mcp;
pub mod report;
pub mod rules_bench;
pub mod rules_check;
pub mod rules_coverage;
pub mod rules_explain;
pub mod rules_import;
pub mod rules_test;
pub mod scan;
pub mod schema;
pub mod stats;
pub mod verify;
