//! Whole scans in process, with the content that is built in: what is damaged, and what must become one.

#[path = "../../../vedette-normalize/tests/formats/evtx_writer.rs"]
mod evtx_writer;
mod ground;
mod joins;
mod mutations;
mod seeds;
