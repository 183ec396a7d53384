//! The door: parse the command line, call one room, print.

fn main() {}
