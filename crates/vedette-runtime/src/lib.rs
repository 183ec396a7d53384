//! Wires the stream rooms together: reader, workers, ordered merge. The one place with threads.

pub mod limits;
pub mod scan;
