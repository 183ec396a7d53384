//! Something wrong in what we were given: collected, counted, shown; the work goes on.

/// One kind of fault at its first place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable code such as `VD-N003`; never reused.
    pub code: &'static str,
    /// Where: a file, a record of it, a rule, a mapping.
    pub place: String,
    /// What is wrong.
    pub fault: String,
    /// What follows from it.
    pub consequence: String,
    /// The way out; empty when there is none.
    pub remedy: String,
    /// How often; the place is that of the first.
    pub count: u64,
}
