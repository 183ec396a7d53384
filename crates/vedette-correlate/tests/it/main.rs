//! The room as its caller sees it: correlations in, hits in any order, findings out.

mod batch;
mod bounds;
mod build;
mod chains;
mod documents;
mod incidents;
mod oracle;
mod reference;
mod stream;
mod windows;
