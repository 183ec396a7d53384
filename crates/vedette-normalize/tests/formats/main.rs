//! The format readers on real data and on damaged data.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test's helpers fail and speak as the test does"
)]

mod artifacts;
mod cloud;
mod corpus;
mod evtx;
mod evtx_writer;
mod hostile;
mod syslog;
