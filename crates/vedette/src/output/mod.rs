//! What a person or a script gets to see.

pub mod card;
pub mod file;
pub mod grid;
pub mod hunt;
pub mod incidents;
pub mod json;
pub mod neutral;
pub mod number;
pub mod paint;
pub mod progress;
pub mod table;
pub mod timeline;
pub mod wire;
pub mod wire_evidence;
pub mod wire_incident;
pub mod wire_of;

pub use wire_of::hex;
pub mod wire_verify;
