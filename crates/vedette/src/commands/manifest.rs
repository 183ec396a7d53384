//! What was read, with what, by whom: written beside a scan's output, so that the work can be repeated and checked.

use serde::Serialize;
use vedette_model::Timestamp;
use vedette_runtime::Content;
use vedette_runtime::scan::Outcome;

use crate::cli::Scan;
use crate::output::hex;

#[derive(Serialize)]
pub struct Manifest<'a> {
    tool: &'static str,
    version: &'static str,
    command_line: Vec<String>,
    operator: Option<&'a str>,
    case: Option<&'a str>,
    started: String,
    ended: String,
    /// Zones that were given, `--tz`; UTC is assumed elsewhere.
    zones: &'a [String],
    rules_hash: String,
    mappings_hash: String,
    complete: bool,
    inputs: Vec<Input<'a>>,
}

#[derive(Serialize)]
struct Input<'a> {
    path: &'a str,
    /// Of the file on disk; of a member, after decompression.
    bytes: u64,
    /// SHA-256 of the file as it lies; absent for members, whose archive has one.
    sha256: Option<String>,
    format: &'a str,
    records: u64,
}

impl<'a> Manifest<'a> {
    pub fn of(
        args: &'a Scan,
        content: &Content,
        outcome: &'a Outcome,
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
            inputs: outcome
                .files
                .iter()
                .map(|f| Input {
                    path: &f.path,
                    bytes: f.bytes,
                    sha256: f.sha256.map(|h| hex(&h)),
                    format: f.format.name(),
                    records: f.tally.records,
                })
                .collect(),
        }
    }
}
