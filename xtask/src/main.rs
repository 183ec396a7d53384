//! Chores of the house, in plain Rust: `cargo xtask tidy` and friends.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::Path;
use std::process::ExitCode;

mod sample;
mod score;
mod tidy;

/// Name, what it does, and the function that does it.
type Command = (&'static str, &'static str, fn(&[String]) -> ExitCode);

/// The commands, in alphabetical order.
const COMMANDS: &[Command] = &[
    ("sample", "write the sample estate: sample --out FOLDER", run_sample),
    ("score", "print how well findings are joined: score estates|sample|secrl|sets", score::run),
    ("tidy", "look for arrows that turn, files without a first sentence, content without a bench", run_tidy),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match COMMANDS.iter().find(|(name, ..)| args.first().is_some_and(|a| a == name)) {
        Some((_, _, run)) => run(&args[1..]),
        None => {
            eprintln!("usage: cargo xtask COMMAND");
            for (name, what, _) in COMMANDS {
                eprintln!("  {name:10} {what}");
            }
            ExitCode::from(2)
        }
    }
}

fn run_sample(args: &[String]) -> ExitCode {
    let out = match args {
        [flag, out] if flag == "--out" => Path::new(out),
        _ => {
            eprintln!(
                "usage: cargo xtask sample --out FOLDER (what lies in it is replaced; truth.json goes beside it)"
            );
            return ExitCode::from(2);
        }
    };
    match sample::write(out) {
        Ok(files) => {
            println!("{files} files below {}", out.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("could not write below {}: {error}", out.display());
            ExitCode::FAILURE
        }
    }
}

fn run_tidy(_args: &[String]) -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let faults = tidy::check(root);
    for fault in &faults {
        eprintln!("{fault}");
    }
    if faults.is_empty() {
        println!("tidy");
        ExitCode::SUCCESS
    } else {
        eprintln!("{} untidy", faults.len());
        ExitCode::FAILURE
    }
}
