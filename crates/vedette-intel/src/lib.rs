//! What is known of an entity from elsewhere: indicators of others, known-good lists, assets, identities, geography.
//!
//! A pure library over bytes and readers that the caller gives: it opens no file and asks no clock. What cannot be
//! taken in is named and counted, and the rest is taken in.

pub mod assets;
pub mod context;
pub mod geoip;
pub mod identities;
pub mod indicators;
pub mod limits;
pub mod matching;
mod names;
mod networks;
mod records;
mod sheet;
mod stamp;
mod url;
pub mod warninglists;

pub use context::{Context, ContextFile, ContextKind, Fact, Importance};
pub use indicators::{Indicator, IndicatorKind, Indicators, Keep, Loader};
pub use matching::{Finder, Hit};
pub use warninglists::WarningLists;
