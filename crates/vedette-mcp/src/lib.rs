//! The desk for assistants: read-only tools over the Model Context Protocol, on standard input and output.
//!
//! This room knows the protocol, the bounds of answers, cursors, and which paths may be read. What a scan is it does not
//! know: the caller brings a [`Desk`].

mod answer;
mod call;
mod cursor;
mod desk;
mod fault;
pub mod limits;
mod roots;
mod server;
mod shelf;
mod text;
mod tools;

pub use desk::{Desk, FindingFilter, HuntAsk, Listed, Of, ScanAsk, Scanned, Watch};
pub use fault::Fault;
pub use roots::Roots;
pub use server::serve;
