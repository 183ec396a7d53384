//! The format readers on real data and on damaged data.

mod artifacts;
mod cloud;
mod corpus;
mod evtx;
mod hostile;
mod syslog;
