//! The shape that `vedette verify --format json` prints. Names here are promises; more fields may come.

use schemars::JsonSchema;
use serde::Serialize;

/// `vedette verify --format json`. `claims = resolved + refused_count + unchecked`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "vedette verify")]
pub struct Verify {
    /// Statements of the report that were looked at.
    pub claims: u64,
    /// Those that the events say.
    pub resolved: u64,
    /// Those that they do not say; no more than 10,000 are listed.
    pub refused: Vec<RefusedClaim>,
    pub refused_count: u64,
    /// Those that nothing at hand can show or refute; the notes say why.
    pub unchecked: u64,
    /// `embedded copies only`, or `originals` with `--evidence`.
    pub evidence: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub originals: Option<Originals>,
    pub notes: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RefusedClaim {
    /// Where it stands, for example `incident I-...: story[3].text`.
    pub claim: String,
    pub reason: String,
}

/// What the original files bear out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Originals {
    pub events_compared: u64,
    pub events_same: u64,
    /// Files of which the report has a SHA-256.
    pub files_hashed: u64,
    pub files_same: u64,
    /// Files of the report that are not among the originals.
    pub files_missing: Vec<String>,
}
