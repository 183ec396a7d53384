//! One file a command: parse, call one room, print.

pub mod drill;
pub mod input;
pub mod manifest;
pub mod rules_bench;
pub mod rules_check;
pub mod rules_explain;
pub mod rules_import;
pub mod rules_test;
pub mod scan;
pub mod schema;
pub mod stats;
