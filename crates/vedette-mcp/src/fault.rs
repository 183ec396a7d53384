//! What cannot be done, where, and what to do about it: as a tool tells it.

use serde_json::{Value, json};

use crate::limits::FAULT_BYTES_MAX;
use crate::text::{cut, neutralise};

/// A tool's refusal. It reaches the assistant as an answer marked as an error, so that it can do better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub what: String,
    /// The argument or path that it is about.
    pub place: String,
    pub remedy: String,
}

impl Fault {
    pub fn new(what: impl Into<String>, place: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), place: place.into(), remedy: remedy.into() }
    }

    pub(crate) fn cancelled() -> Self {
        Self::new("cancelled", "this call", "nothing was kept; call again when it is wanted")
    }

    /// As it is sent: bounded, and harmless like every other text.
    pub(crate) fn value(&self) -> Value {
        let mut parts = [self.what.clone(), self.place.clone(), self.remedy.clone()];
        for part in &mut parts {
            cut(part, FAULT_BYTES_MAX);
        }
        let [what, place, remedy] = parts;
        let mut value = json!({"error": {"what": what, "where": place, "remedy": remedy}});
        neutralise(&mut value);
        value
    }
}
