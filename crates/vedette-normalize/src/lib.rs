//! Records into events: formats read the bytes, mappings understand them. Pure: no I/O, no clock.

mod again;
pub mod alert;
pub mod bench;
pub mod catalogue;
mod choice;
pub mod decode;
mod details;
pub mod entities;
pub mod formats;
mod generic;
pub mod mapping;
pub mod normalizer;
pub mod ocsf;
pub mod time;

pub use alert::Alert;
pub use catalogue::Catalogue;
pub use mapping::yaml;
pub use normalizer::{BatchOutcome, Normalizer, ReadTextError, TimeProblem, UnknownMapping, WantedNames};
pub use ocsf::Provenance;
