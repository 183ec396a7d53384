//! The mapping language: files that say what a log is and what its fields mean. See `docs/mappings.md`.

pub mod condition;
pub mod convert;
pub mod derive;
pub mod envelope;
pub mod fault;
pub mod file;
pub mod limits;
pub mod names;
pub mod objects;
pub(crate) mod patterns;
pub(crate) mod screen;
pub mod sheet;
pub mod steps;
pub mod windows_xml;
pub mod yaml;
