//! The room as others use it: a scan in, a report out.

#![recursion_limit = "256"]

mod fixture;
mod hostile;
mod html;
mod plain;
mod redaction;
mod size;
