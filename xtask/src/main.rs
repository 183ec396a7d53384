//! Chores of the house, in plain Rust: `cargo xtask tidy` and friends.

fn main() {}
