//! `vedette mcp`: the desk for assistants, read-only, on standard input and output.

use std::path::PathBuf;
use std::process::ExitCode;

use vedette_mcp::Roots;

use super::{input, knowledge};
use crate::cli::Mcp;
use crate::environment;
use crate::fault::Fault;
use crate::library;

mod desk;
mod scanned;

/// # Errors
/// Usage, rules and lists that cannot be read, and a conversation that cannot begin.
pub fn run(args: &Mcp) -> Result<ExitCode, Fault> {
    let here = [PathBuf::from(".")];
    let roots = if args.roots.is_empty() { &here[..] } else { &args.roots };
    let roots = Roots::open(roots)
        .map_err(|f| Fault::usage_help(format!("--root {}: {}", f.place, f.what), f.remedy))?;
    let content = library::load(&args.rules, &args.mappings)?;
    let (known, faults) = knowledge::load(&args.lists)?;
    content.problems.iter().chain(&faults).for_each(input::note_problem);
    let salt = environment::now().0 as u64 ^ u64::from(std::process::id()) << 20;
    let desk = desk::RuntimeDesk::new(args.clone(), content, known);
    vedette_mcp::serve(Box::new(desk), roots, salt, env!("CARGO_PKG_VERSION"))
        .map_err(Fault::io("cannot talk on standard input and output"))?;
    Ok(ExitCode::SUCCESS)
}
