//! Sigma correlation rules after reading.
//!
//! Source: Sigma correlation rules specification 2.1.0.

use crate::rule::{Condition, Meta, NumberTest};

/// A correlation over the findings of other rules (or of other correlations).
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    pub meta: Meta,
    pub kind: CorrelationKind,
    /// The `id`s of the referred rules, resolved from id or name, in the order of the document.
    pub rules: Vec<String>,
    /// How the document called them; same order as `rules`.
    pub rule_names: Vec<String>,
    pub group_by: Vec<String>,
    /// Alias -> (rule id, field of that rule).
    pub aliases: Vec<(String, Vec<(String, String)>)>,
    /// Length of the window in milliseconds of event time.
    pub timespan_ms: u64,
    pub condition: Bound,
    /// For `temporal` with a boolean condition over the rules: indices are into `rules`.
    pub expression: Option<Condition>,
    /// `generate: true`: the referred rules also stand alone.
    pub generate: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CorrelationKind {
    EventCount,
    ValueCount {
        fields: Vec<String>,
    },
    ValueSum {
        field: String,
    },
    ValueAvg {
        field: String,
    },
    /// `percentile` is 0.0 to 100.0.
    ValuePercentile {
        field: String,
        percentile: f64,
    },
    Temporal,
    TemporalOrdered,
}

/// A conjunction of comparisons, for example `gt: 100` and `lte: 200`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bound {
    pub all: Vec<(Comparison, f64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Is(NumberTest),
    Neq,
}
