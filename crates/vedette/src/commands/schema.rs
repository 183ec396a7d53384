//! `vedette schema`: the JSON Schema of an output, made from the types that write it.

use std::io::{self, Write};
use std::process::ExitCode;

use schemars::{Schema, schema_for};

use super::manifest::Manifest;
use crate::cli::SchemaOf;
use crate::fault::Fault;
use crate::output::{hunt, wire, wire_verify};

/// # Errors
/// When the output cannot be written.
pub fn run(of: SchemaOf) -> Result<ExitCode, Fault> {
    let schema: Schema = match of {
        SchemaOf::Manifest => schema_for!(Manifest<'static>),
        SchemaOf::Hunt => schema_for!(hunt::Report),
        SchemaOf::Scan => schema_for!(wire::Scan),
        SchemaOf::RulesBench => schema_for!(wire::RulesBench),
        SchemaOf::RulesCheck => schema_for!(wire::RulesCheck),
        SchemaOf::RulesCoverage => schema_for!(wire::RulesCoverage),
        SchemaOf::RulesTest => schema_for!(wire::RulesTest),
        SchemaOf::Stats => schema_for!(wire::Stats),
        SchemaOf::Verify => schema_for!(wire_verify::Verify),
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, &schema)
        .map_err(io::Error::from)
        .and_then(|()| out.write_all(b"\n"))
        .map_err(Fault::io("cannot write the schema"))?;
    Ok(ExitCode::SUCCESS)
}
