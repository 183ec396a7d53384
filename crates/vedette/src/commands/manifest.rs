//! What was read, with what, by whom: written beside a scan's output, so that the work can be repeated and checked.

use std::borrow::Cow;
use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;
use vedette_ingest::{InputKind, Inputs};
use vedette_model::Timestamp;
use vedette_runtime::Content;
use vedette_runtime::scan::Outcome;

use crate::cli::Scan;
use crate::output::hex;

/// `vedette scan --manifest`. Times are RFC 3339 in UTC.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "vedette scan --manifest")]
pub struct Manifest<'a> {
    /// `vedette`.
    tool: &'static str,
    version: &'static str,
    /// As it was given, the program first.
    command_line: Vec<String>,
    /// `--operator`.
    operator: Option<&'a str>,
    /// `--case`.
    case: Option<&'a str>,
    started: String,
    ended: String,
    /// Zones that were given, `--tz`; UTC is assumed elsewhere.
    zones: &'a [String],
    /// SHA-256 over all rules, whatever their order.
    rules_hash: String,
    /// SHA-256 over all mappings, whatever their order.
    mappings_hash: String,
    /// `false` when the run was interrupted: the inputs say which of them were read to their end.
    complete: bool,
    inputs: Vec<Input<'a>>,
}

/// A file, a member of an archive, or standard input.
#[derive(Serialize, JsonSchema)]
struct Input<'a> {
    /// As walked; a member of an archive is `ARCHIVE!MEMBER`, standard input is `-`.
    path: Cow<'a, str>,
    /// Of the file on disk when it was listed; absent for members and standard input.
    bytes: Option<u64>,
    /// Of the file or member that were read, after decompression.
    bytes_read: u64,
    /// SHA-256 of the file as it lies; absent for members, whose archive has one, and for what was not read to its end.
    sha256: Option<String>,
    /// Absent for what an interruption left untouched.
    format: Option<&'a str>,
    records: u64,
    /// `false` when an interruption came before its end.
    complete: bool,
}

impl<'a> Manifest<'a> {
    pub fn of(
        args: &'a Scan,
        content: &Content,
        outcome: &'a Outcome,
        listed: &'a Inputs,
        started: Timestamp,
        ended: Timestamp,
    ) -> Self {
        Self {
            tool: "vedette",
            version: env!("CARGO_PKG_VERSION"),
            command_line: std::env::args_os().map(|a| a.to_string_lossy().into_owned()).collect(),
            operator: args.operator.as_deref(),
            case: args.case.as_deref(),
            started: started.to_string(),
            ended: ended.to_string(),
            zones: &args.input.zones,
            rules_hash: content.hash(),
            mappings_hash: content.mappings_hash(),
            complete: outcome.complete,
            inputs: inputs(outcome, listed),
        }
    }
}

/// What was begun, in its order, and behind it what an interruption left untouched.
fn inputs<'a>(outcome: &'a Outcome, listed: &'a Inputs) -> Vec<Input<'a>> {
    let mut sizes: HashMap<Cow<'a, str>, Option<u64>> = HashMap::new();
    for input in listed.list() {
        let size = (input.kind == InputKind::File).then_some(input.size);
        sizes.insert(input.path.to_string_lossy(), size);
    }
    let mut all: Vec<Input<'a>> = Vec::with_capacity(outcome.files.len());
    for f in &outcome.files {
        all.push(Input {
            path: Cow::Borrowed(&f.path),
            bytes: sizes.remove(f.path.as_str()).flatten(),
            bytes_read: f.bytes,
            sha256: f.sha256.filter(|_| f.complete).map(|h| hex(&h)),
            format: Some(f.format.name()),
            records: f.tally.records,
            complete: f.complete,
        });
    }
    for input in listed.list() {
        let path = input.path.to_string_lossy();
        if let Some(bytes) = sizes.remove(&path) {
            all.push(Input {
                path,
                bytes,
                bytes_read: 0,
                sha256: None,
                format: None,
                records: 0,
                complete: false,
            });
        }
    }
    all
}
