//! Room behaviour of detection: what a rule means, that the plan agrees with the slow evaluator, and with others.

mod apart;
mod build;
#[path = "../corpus/mod.rs"]
mod corpus;
mod meaning;
mod peer;
mod property;
mod why;
