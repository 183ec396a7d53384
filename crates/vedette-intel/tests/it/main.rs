//! The room as its callers use it: hostile input, written databases, and real data where that is at hand.

mod corpus;
mod geoip;
mod mutations;
