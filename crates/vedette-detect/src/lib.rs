//! All rules compiled into one plan, and the plan run over events.
//!
//! Cost follows the event, not the number of rules: the event's lane chooses the rules, one pass over the fields
//! finds the literals that some rule cannot match without, and only the rules whose literal was found are looked at.
//! `compile` writes the plan and `eval` reads it; the two meet in `plan` alone. `slow` answers the same question
//! straight from the rule, and explains the answer.
//!
//! # What a test means
//!
//! Source: Sigma specification 2.1.0. Where it leaves room, or where this differs from the engine we compare
//! ourselves with (rsigma-eval 0.23), it is said here.
//!
//! - A field is read under its lane's native names in their order; the first that holds a value wins. A field whose
//!   values are all null is null, one that no name gives is absent.
//! - Text is compared folded (see [`fold`]) unless `|cased`; numbers and booleans are compared by their text form.
//!   `*` and `?` also cover line breaks (rsigma's do not).
//! - A plain number equals a number, or text that is one: `4688` and `'4688'` find each other.
//! - `null` holds for an absent or a null field. An empty text is neither; an empty array or object is null here
//!   (rsigma: not).
//! - `|exists` asks for the name, not the value: a null field exists (the specification says so; rsigma disagrees).
//! - Several values: a test holds when one value meets it; under `|all` each test may be met by another value.
//! - `|neq` needs a value to be different from: it does not hold for an absent field (as rsigma) or a null one
//!   (rsigma: holds).
//! - `|re` searches anywhere, with case. `|cidr` is false for text that is no address.
//! - `|fieldref` is false when either field has no value; null does not equal null (rsigma: it does).
//! - Keywords look at every value that the record has, numbers included (rsigma: strings only), names and derived
//!   fields excluded. Under `|all` the keywords may stand in different values (rsigma: each must be a whole value).
//! - `all of` nothing, an empty list and an empty map hold for nothing.

pub mod explain;
pub mod fold;
pub mod limits;
pub mod slow;

mod compile;
mod eval;
mod glob;
mod literals;
mod plan;
mod value;

pub use compile::{Fault, LeftOut};
pub use eval::Scratch;

pub use explain::Explanation;
pub use plan::{FieldUse, Plan, Reach, Role};
