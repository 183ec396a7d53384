//! Runs the binary, and finds the corpus.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

/// The folder of real data, `VEDETTE_CORPUS` or `../shared/corpus`. `None` is said on standard error: a test that
/// returns then has proven nothing.
#[expect(clippy::disallowed_methods, reason = "tests may ask the environment where data lies")]
#[expect(clippy::print_stderr, reason = "that is how a test says that it was skipped")]
pub fn corpus(part: &str) -> Option<PathBuf> {
    let dir = std::env::var("VEDETTE_CORPUS").map_or_else(|_| root().join("../shared/corpus"), PathBuf::from);
    let path = dir.join(part);
    if path.exists() {
        return Some(path.canonicalize().expect("a path"));
    }
    eprintln!("skipped: no corpus at {}", path.display());
    None
}

/// The binary with an empty home, so that no imported rules of this machine take part.
pub fn vedette() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vedette"));
    command.env("VEDETTE_HOME", "/nonexistent/vedette").env_remove("NO_COLOR").env("COLUMNS", "120");
    command
}

pub fn run(args: &[&str]) -> Output {
    vedette().args(args).output().expect("the binary runs")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `vedette ... --format json`; panics with the error output when that is not JSON.
pub fn json(args: &[&str]) -> Value {
    let output = vedette().args(args).args(["--format", "json"]).output().expect("the binary runs");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{args:?}: {e}: {}", stderr(&output)))
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

pub fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("no number {key} in {value}"))
}

pub fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    value[key].as_array().unwrap_or_else(|| panic!("no list {key}"))
}

/// `records = events + joined + duplicate + rejected` for each file and the whole.
pub fn assert_balanced(scan: &Value) {
    for account in list(scan, "files").iter().chain([&scan["summary"]]) {
        let sum =
            ["events", "joined", "duplicate", "rejected"].iter().map(|k| number(account, k)).sum::<u64>();
        assert_eq!(number(account, "records"), sum, "{account}");
    }
}
