//! The format readers on real data and on damaged data.

mod cloud;
mod corpus;
mod evtx;
mod hostile;
mod syslog;
