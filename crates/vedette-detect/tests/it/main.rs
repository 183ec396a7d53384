//! Room behaviour of detection: what a rule means, that the plan agrees with the slow evaluator, and with others.

mod build;
mod meaning;
mod property;
