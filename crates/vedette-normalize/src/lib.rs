//! Records into events: formats read the bytes, mappings understand them. Pure: no I/O, no clock.

pub mod formats;
pub mod time;
