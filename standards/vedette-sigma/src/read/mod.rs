//! From the text of a file to documents: YAML, then the parts of a rule, each fault with its place.

pub(crate) mod condition;
pub(crate) mod correlation;
pub(crate) mod detection;
pub(crate) mod document;
pub(crate) mod filter;
pub(crate) mod glob;
pub(crate) mod meta;
pub(crate) mod modifier;
pub(crate) mod placeholder;
pub(crate) mod reader;
pub(crate) mod regex;
pub(crate) mod yaml;
