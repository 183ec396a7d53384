//! Sigma 2.1 in plain Rust: rules, correlations and filters read from packs, every document accounted for.
//!
//! The modifiers of the specification are resolved while reading: what leaves this crate is a [`Rule`] whose
//! detection items hold [`Matcher`]s, so that an engine needs to know nothing of `|contains` or `|base64offset`.
//!
//! ```
//! use vedette_sigma::{Pack, ReadOptions};
//!
//! let text = "title: Discovery by whoami
//! logsource: {product: windows, category: process_creation}
//! detection:
//!     selection:
//!         Image|endswith: '\\whoami.exe'
//!     condition: selection
//! ";
//! let pack = Pack::read([("rules/whoami.yml".into(), text)], &ReadOptions::default());
//! assert_eq!(pack.counts().running, 1);
//! assert_eq!(pack.rules[0].fields(), ["Image"]);
//! ```
//!
//! A caller with several threads runs [`parse_file`] on each file and then [`Pack::assemble`] on the results. Nothing here
//! opens a file, asks a clock or starts a thread.
//!
//! Source: Sigma specification 2.1.0 (rules, correlation rules, filters, modifiers).

pub mod correlation;
pub mod diagnostic;
mod fields;
pub mod limits;
mod nearest;
pub mod pack;
mod read;
mod render;
pub mod rule;
mod show;

pub use correlation::{Bound, Comparison, Correlation, CorrelationKind};
pub use diagnostic::{Code, Diagnostic, Place};
pub use pack::{Account, ContentHash, Counts, Pack, ReadOptions, Verdict};
pub use read::document::{DocumentKind, FileDocuments, parse_file};
pub use rule::{
    Block, Condition, DatePart, Detection, Fold, Glob, Item, Level, Logsource, Matcher, Meta, NumberTest,
    Quantifier, RefKind, Rule, Selection, Selector, Status, Token,
};
