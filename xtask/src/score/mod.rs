//! Scores of the grouping, as tables: `cargo xtask score secrl|estates|sets|sample`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, ensure};

mod estates;
mod offer;
mod pairs;
mod sample;
mod scan;
mod secrl;
mod sets;

/// The words behind the command.
pub struct Arguments(Vec<String>);

impl Arguments {
    pub fn value(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|a| a == name)?;
        self.0.get(at + 1).map(String::as_str)
    }

    pub fn flag(&self, name: &str) -> bool {
        self.0.iter().any(|a| a == name)
    }
}

/// A scan as the arguments ask: with the binary's own incidents, or with `--regroup` those of this process.
fn scanned(arguments: &Arguments, paths: &[PathBuf], options: &[String]) -> Result<scan::Report> {
    let mut report = scan::scan(&scan::binary(arguments.value("--vedette"))?, paths, options)?;
    if arguments.flag("--regroup") {
        offer::regroup(&mut report);
    }
    Ok(report)
}

const USAGE: &str = "usage: cargo xtask score WHAT [--corpus FOLDER] [--vedette BINARY] [--regroup]
  estates  ten mixed estates from seeds and recordings  [--seeds N] [--verbose]
  sample   the sample estate against its truth.json  [--verbose] [--joins]
  secrl    imported alerts of four incidents  [--explain]
  sets     each recorded attack, and ordinary data  [--sigma] [--all] [--only TEXT]
`--regroup` joins the findings of the scan anew in this process, which a change of the grouping makes handy.
The folder of real data is `--corpus`, else VEDETTE_CORPUS, else ../shared/corpus beside the repository.";

pub fn run(arguments: &[String]) -> ExitCode {
    let rest = Arguments(arguments.get(1..).unwrap_or_default().to_vec());
    let done = match arguments.first().map(String::as_str) {
        Some("estates") => estates::run(&rest),
        Some("sample") => sample::run(&rest),
        Some("secrl") => secrl::run(&rest),
        Some("sets") => sets::run(&rest),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

fn corpus(arguments: &Arguments) -> Result<PathBuf> {
    let given = arguments.value("--corpus").map(PathBuf::from);
    let folder = given
        .or_else(|| std::env::var_os("VEDETTE_CORPUS").map(PathBuf::from))
        .unwrap_or_else(|| root().join("../shared/corpus"));
    ensure!(folder.is_dir(), "no folder of real data at {}: give --corpus FOLDER", folder.display());
    Ok(folder)
}
