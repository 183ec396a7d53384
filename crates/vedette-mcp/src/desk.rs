//! What the server asks of whoever runs it. Values are as in `vedette scan --format json`, `hunt` and `verify`.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::Value;

use crate::fault::Fault;

/// The one who scans, hunts and checks. Everything is read-only.
pub trait Desk: Send + Sync + 'static {
    /// # Errors
    /// When nothing of it can be read.
    fn scan(&self, ask: &ScanAsk, watch: &Watch) -> Result<Box<dyn Scanned>, Fault>;

    /// # Errors
    /// When there is nothing to search for, or nothing of the input can be read.
    fn hunt(&self, ask: &HuntAsk, watch: &Watch) -> Result<Value, Fault>;

    /// Checks the report, and with `evidence` holds its events against the originals.
    ///
    /// # Errors
    /// When the report cannot be read.
    fn verify(&self, report: &std::path::Path, evidence: &[PathBuf], watch: &Watch) -> Result<Value, Fault>;
}

/// What to scan. The paths were resolved against the roots.
#[derive(Debug, Clone, Default)]
pub struct ScanAsk {
    pub paths: Vec<PathBuf>,
    pub since: Option<String>,
    pub until: Option<String>,
}

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct HuntAsk {
    pub input: ScanAsk,
    /// One a line, as in a list of indicators.
    pub indicators: Vec<String>,
    /// A list of indicators.
    pub file: Option<PathBuf>,
    pub expression: Option<String>,
    /// Search also for what is private, expired or known to be good.
    pub keep_all: bool,
    /// Earliest events shown for each thing found.
    pub lines: usize,
}

/// Which findings.
#[derive(Debug, Clone, Default)]
pub struct FindingFilter {
    /// At or above this level.
    pub level: Option<String>,
    /// A rule's id, or a part of its title, in any case.
    pub rule: Option<String>,
    /// A host, with or without its domain, in any case.
    pub host: Option<String>,
    /// An incident's id or its beginning; `none` for findings in no incident.
    pub incident: Option<String>,
}

/// Whose events.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    Finding(&'a str),
    Incident(&'a str),
}

/// What a scan has of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    Files,
    Incidents,
    Problems,
}

/// A finished scan.
pub trait Scanned: Send {
    /// `summary` and `set_aside` as in a scan's JSON.
    fn summary(&mut self) -> Value;

    fn len(&self, of: Listed) -> usize;

    fn get(&mut self, of: Listed, number: usize) -> Value;

    /// The number of the incident whose id begins so.
    ///
    /// # Errors
    /// When there is none, or several.
    fn incident(&self, id: &str) -> Result<usize, Fault>;

    /// Numbers of findings, in order of time.
    ///
    /// # Errors
    /// When the filter cannot be understood.
    fn findings(&mut self, filter: &FindingFilter) -> Result<Vec<u32>, Fault>;

    /// # Errors
    /// When there is no such finding.
    fn find(&self, id: &str) -> Result<u32, Fault>;

    /// The finding, with `rule_title`, the title of its rule, which an imported alert's own title replaces.
    ///
    /// # Errors
    /// When it cannot be read back.
    fn finding(&mut self, number: u32) -> Result<Value, Fault>;

    /// The rule of a finding.
    fn rule(&mut self, number: u32) -> Value;

    /// Uids of the kept events, in order of time, and how many are cited and not kept.
    ///
    /// # Errors
    /// When there is no such finding or incident.
    fn cited(&mut self, of: Of<'_>) -> Result<(Vec<String>, u64), Fault>;

    /// # Errors
    /// When no event of this uid is kept.
    fn event(&mut self, uid: &str) -> Result<Value, Fault>;

    /// Where a finding went: `{"incident"}` or `{"set_aside", "why"}`, and `nearest`: what came nearest to joining it,
    /// each with `incident`, `finding` and `explanation`.
    ///
    /// # Errors
    /// When it cannot be read back.
    fn explain(&mut self, number: u32) -> Result<Value, Fault>;

    /// Why two findings are together or apart: `{"verdict", "together", "total", "threshold", "shared", "held_back",
    /// "path"}`; `null` when one was counted only.
    ///
    /// # Errors
    /// When they cannot be read back.
    fn explain_pair(&mut self, a: u32, b: u32) -> Result<Value, Fault>;
}

/// Watches one call from another thread: how far it is, and whether it is still wanted.
#[derive(Debug, Default)]
pub struct Watch {
    /// Set when the call is no longer wanted.
    pub stop: AtomicBool,
    pub bytes: AtomicU64,
    pub bytes_total: AtomicU64,
    pub records: AtomicU64,
}

impl Watch {
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}
