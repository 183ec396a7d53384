//! Wires the stream rooms together: reader, workers, ordered merge. The one place with threads.

pub mod again;
mod alert;
pub mod attack;
pub mod bench;
pub mod check;
pub mod content;
pub mod coverage;
pub mod hunt;
pub mod limits;
pub mod scan;

pub use content::{Content, Mappings, Source};
