//! The shapes that scripts rely on: what `--format json` prints. Names here are promises; more fields may come.
//!
//! `docs/schemas/` is generated from these types, and a test keeps the two equal.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::wire_incident::{Case, Evidence, Incident, Rule, SetAside};

/// `vedette scan --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "vedette scan")]
pub struct Scan {
    pub files: Vec<File>,
    /// One entry a finding, nothing folded, all levels and statuses unless `--min-level` says otherwise. In order of
    /// time, then file, record and rule.
    pub findings: Vec<Finding>,
    /// Findings joined into incidents, the worst first.
    pub incidents: Vec<Incident>,
    /// Findings that belong to no incident, by reason.
    pub set_aside: Vec<SetAside>,
    /// The events that findings and incidents cite, with their fields.
    pub evidence: Vec<Evidence>,
    /// The rules that spoke.
    pub rules: Vec<Rule>,
    pub case: Case,
    pub summary: Summary,
}

/// The verdict on one file or archive member. `records = events + joined + duplicate + rejected`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct File {
    /// As walked; a member of an archive is `ARCHIVE!MEMBER`, standard input is `-`.
    pub path: String,
    /// `evtx`, `json-lines`, `csv`, ...; `empty`, `unknown`, or the name of a format that is not a log.
    pub format: String,
    /// The mapping that understood most of its events.
    pub parser: Option<String>,
    /// Mapping id -> events.
    pub parsers: BTreeMap<String, u64>,
    /// Character encoding when it is not UTF-8.
    pub encoding: Option<String>,
    /// An archive: its members are files of their own.
    pub container: bool,
    /// Read, after decompression.
    pub bytes: u64,
    /// Lines that are no records: blank ones.
    pub blank_lines: u64,
    /// Lines that are no records: column names, directives.
    pub header_lines: u64,
    /// Only with `--manifest`; of the file as it lies, so members have none.
    pub sha256: Option<String>,
    pub records: u64,
    pub events: u64,
    /// Records that were joined into another one's event.
    pub joined: u64,
    /// Records of which an earlier file held a copy.
    pub duplicate: u64,
    pub rejected: u64,
    pub rejects: Vec<Reject>,
    /// Why events have no time.
    pub time_faults: Vec<Reject>,
    /// Events that no mapping knew: kept and counted, searched by no rule that names a logsource.
    pub unmapped: u64,
    /// Events without a time that can be believed.
    pub untimed: u64,
    /// Events outside `--since` and `--until`.
    pub outside: u64,
    pub hosts: BTreeMap<String, u64>,
    pub channels: BTreeMap<String, u64>,
    /// `channel:id` -> records, copies included.
    pub event_ids: BTreeMap<String, u64>,
    pub first: Option<String>,
    pub last: Option<String>,
    /// `stated`, `zone assumed`, `year assumed`, `year and zone assumed`, or `none`.
    pub time_basis: String,
    /// `mapping: field` -> how often a field was met that the mapping does not know.
    pub unknown_fields: BTreeMap<String, u64>,
    pub problems: Vec<Problem>,
    /// `false` when the run was interrupted before the file's end.
    pub complete: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Reject {
    pub reason: String,
    pub count: u64,
    /// The first place it was met: ordinal of the record in the file, from 1.
    pub record: u64,
    /// Byte offset in the decompressed and decoded file.
    pub offset: u64,
    pub detail: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Problem {
    /// Stable code, for example `VD-I003`.
    pub code: String,
    pub place: String,
    pub fault: String,
    pub consequence: String,
    pub remedy: String,
    pub count: u64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct EventRef {
    /// The source's own record number where it has one, else the ordinal in the file.
    pub record: u64,
    /// 32 hex digits; two copies of one record share it.
    pub uid: String,
    /// Where the other records that were joined into this event stand, as ordinals in their files: parts of a script
    /// block, lines of one audit serial. No more than 256.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Witness {
    pub file: String,
    pub event: EventRef,
    pub channel: String,
    pub time: Option<String>,
}

/// One rule's verdict on an event or a window.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// The same input gives the same id.
    pub id: String,
    pub rule_id: String,
    /// The identifier that the alert bears in its own product, where the input is itself an alert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_uid: Option<String>,
    pub title: String,
    /// `informational`, `low`, `medium`, `high` or `critical`.
    pub level: String,
    /// `stable`, `test`, `experimental`, ...
    pub status: Option<String>,
    /// Equal to one `files[].path`.
    pub file: String,
    /// All files that hold the event, when there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The event; the closing one of a correlation.
    pub event: EventRef,
    /// The events of a correlation, in time order, no more than 100.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventRef>,
    /// Event time, RFC 3339 in UTC.
    pub time: Option<String>,
    pub host: Option<String>,
    pub channel: Option<String>,
    /// Event id or name in the source's words.
    pub code: Option<String>,
    pub actor: Option<String>,
    /// ATT&CK technique ids.
    pub techniques: Vec<String>,
    /// ATT&CK tactics by short name: those the rule names, and those its techniques serve.
    pub tactics: Vec<String>,
    pub tags: Vec<String>,
    /// Events that the finding stands for.
    pub count: u64,
    /// What matters, by name.
    pub details: BTreeMap<String, String>,
    /// Other logs that saw the same act.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub witnesses: Vec<Witness>,
    /// Fields that the rule's filters asked for and this source does not carry: look twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unseen_filter_fields: Vec<String>,
    pub author: Option<String>,
    pub license: Option<String>,
    pub rule_path: String,
    pub false_positives: Vec<String>,
    /// What the event is about; of a correlation, its events together.
    pub entities: Vec<Entity>,
    /// Machines that the logs of the run say had an inside address of the finding then: grouping counts them in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub homes: Vec<Home>,
    /// The incident it belongs to; `null` when it was set aside.
    pub incident: Option<String>,
    /// Why it belongs to no incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_aside: Option<String>,
}

/// The machine behind an inside address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Home {
    pub address: String,
    pub host: String,
}

/// One thing that an event is about, and the part it plays there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Entity {
    /// `host`, `user`, `address`, `process`, `logon_session`, `file_hash`, `domain`, `cloud_principal`, `file`, `service`.
    pub kind: String,
    /// `actor`, `target`, `source`, `destination`, `parent`, `observer`.
    pub role: String,
    /// The form that joins: two events with the same kind and key speak of the same thing.
    pub key: String,
    /// As the record wrote it.
    pub shown: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Summary {
    pub version: String,
    /// `false` when the run was interrupted: what is here is right, and not all.
    pub complete: bool,
    pub files: u64,
    pub bytes: u64,
    pub records: u64,
    pub events: u64,
    pub joined: u64,
    pub duplicate: u64,
    pub rejected: u64,
    pub unmapped: u64,
    pub untimed: u64,
    pub outside: u64,
    /// Records that were not compared with others, because more were read than can be remembered.
    pub not_compared: u64,
    pub first: Option<String>,
    pub last: Option<String>,
    /// Level -> findings.
    pub findings: BTreeMap<String, u64>,
    /// Findings beyond the bound of what is kept: counted only.
    pub findings_not_kept: u64,
    pub incidents: u64,
    /// Findings that belong to incidents. `in_incidents + set_aside` is the number of findings.
    pub in_incidents: u64,
    pub set_aside: u64,
    /// Events behind findings that are not embedded, because there were too many.
    pub evidence_not_kept: u64,
    /// Kept events that this report has no place for.
    pub evidence_not_embedded: u64,
    pub rules: RulesLoaded,
    pub hosts: Vec<Host>,
    pub problems: Vec<Problem>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RulesLoaded {
    pub rules: u64,
    pub running: u64,
    pub left_out: u64,
    pub no_source: u64,
    /// SHA-256 over all rules, whatever their order.
    pub hash: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Host {
    pub name: String,
    pub channels: Vec<Channel>,
}

/// What one log of one host covers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Channel {
    pub name: String,
    pub events: u64,
    pub first: Option<String>,
    pub last: Option<String>,
    /// Seconds from the log's first event to the host's first finding; negative when the log begins after it.
    pub begins_before_first_finding_s: Option<i64>,
    pub first_record: Option<u64>,
    pub last_record: Option<u64>,
    /// Record numbers missing between first and last; `null` when there were too many stretches to follow.
    pub missing_records: Option<u64>,
    /// The longest stretches, no more than 10: `[from, to]`.
    pub gaps: Vec<(u64, u64)>,
    pub notices: Vec<Notice>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Notice {
    /// `log cleared`, `clock changed`, `logging stopped`.
    pub kind: String,
    pub time: Option<String>,
    pub file: String,
    pub event: EventRef,
}

/// `vedette rules check --format json`. `running + left_out = rules`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "vedette rules check")]
pub struct RulesCheck {
    /// `false` when reading the data of `--against` was interrupted.
    pub complete: bool,
    pub files: u64,
    /// Documents of every kind; a file that cannot be read counts as one.
    pub rules: u64,
    /// Those compiled into the plan.
    pub running: u64,
    /// Ids of running rules whose logsource no mapping feeds yet.
    pub no_source: Vec<String>,
    pub left_out: Vec<LeftOut>,
    /// Worth a look, and loaded all the same.
    pub warnings: Vec<Warning>,
    /// With `--against`: one entry a running rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<Against>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct LeftOut {
    pub path: String,
    pub rule_id: Option<String>,
    pub title: Option<String>,
    pub code: String,
    pub reason: String,
    pub line: u32,
    pub column: u32,
    pub help: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Warning {
    pub path: String,
    pub code: String,
    pub reason: String,
    pub line: u32,
    pub column: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Against {
    pub rule_id: String,
    pub title: String,
    /// `yes`, `partly` or `no`.
    pub can_match: String,
    /// Why not, or not wholly, and what to switch on.
    pub reason: Option<String>,
    /// Fields the rule reads that this data never carried.
    pub missing_fields: Vec<String>,
    /// Events that the rule's logsource takes in.
    pub events: u64,
}

/// `vedette rules test --format json`. `passed + failed` is the number of cases.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "vedette rules test")]
pub struct RulesTest {
    pub cases: Vec<BenchCase>,
    pub passed: u64,
    pub failed: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct BenchCase {
    /// The bench file.
    pub path: String,
    pub line: u32,
    /// `fires on` or `stays quiet on`.
    pub case: String,
    pub why: String,
    pub passed: bool,
    pub failure: Option<String>,
}

/// `vedette rules bench --mutate --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "vedette rules bench")]
pub struct RulesBench {
    /// One entry a rule file.
    pub rules: Vec<RuleMutants>,
    pub mutants: u64,
    pub noticed: u64,
    /// `noticed` of `mutants`, in percent; `null` where there are none.
    pub share: Option<f64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleMutants {
    pub path: String,
    pub mutants: u64,
    pub noticed: u64,
    pub survivors: Vec<Survivor>,
    /// Cases that do not hold for the rule as written; they notice nothing.
    pub broken: Vec<BrokenCase>,
}

/// A change that no case of the bench notices.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Survivor {
    pub rule_id: String,
    pub title: String,
    /// Line of the rule file.
    pub line: u32,
    /// `without`, `exact loosened to contains`, ...
    pub change: String,
    /// The part of the rule that was changed, as it is written.
    pub condition: String,
    /// A case that would notice; absent where none was found.
    pub proposal: Option<Proposal>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct Proposal {
    /// `fires_on` or `stays_quiet_on`.
    pub under: String,
    pub source: String,
    /// The event as a bench writes it.
    pub event: String,
    /// The case it was made from: a line of the bench.
    pub like: u32,
    /// What was changed about that case's event.
    pub changed: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct BrokenCase {
    pub line: u32,
    pub reason: String,
}

/// `vedette rules coverage --format json`. A technique counts once, under the colour of its surest rule.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "vedette rules coverage")]
pub struct RulesCoverage {
    /// `false` when reading the data of `--against` was interrupted.
    pub complete: bool,
    /// Techniques that some running rule names, by id.
    pub techniques: Vec<CoveredTechnique>,
    /// The one that would unlock most first.
    pub gaps: Vec<CoverageGap>,
    pub recorded: u64,
    pub bench: u64,
    pub claimed: u64,
    pub blind: u64,
    /// Techniques of ATT&CK that no rule names.
    pub without_rule: u64,
    pub rules_without_technique: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct CoveredTechnique {
    /// For example `T1059.001`.
    pub technique: String,
    pub name: String,
    pub tactics: Vec<String>,
    /// `proven by recorded attack`, `proven by bench`, `claimed only` or `blind`.
    pub colour: String,
    /// The surest first.
    pub rules: Vec<CoveringRule>,
    /// Public recordings on which one of the rules fired.
    pub data_sets: Vec<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct CoveringRule {
    pub rule_id: String,
    pub title: String,
    pub path: String,
    pub colour: String,
}

/// Something that is missing, and what it would unlock.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CoverageGap {
    /// `log`, `field` or `mapping`.
    pub kind: String,
    pub what: String,
    /// What to switch on; empty where it is not known.
    pub remedy: String,
    /// Ids of blind rules that read it.
    pub rules: Vec<String>,
    /// Blind techniques that one of these rules names.
    pub techniques: Vec<String>,
}

/// `vedette stats --format json`: one object a row. Which of the columns there are depends on what is counted.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "vedette stats")]
pub struct Stats {
    /// `false` when the run was interrupted.
    pub complete: bool,
    pub files: u64,
    /// Files that were not read to their end, or are no log.
    pub files_unread: u64,
    /// Records that could not be read and are not counted.
    pub rejected: u64,
    /// Records that another file holds too; they are counted once.
    pub duplicate: u64,
    /// Events outside `--since` and `--until`; they are not counted.
    pub outside: u64,
    /// Events of rows beyond the bound of rows.
    pub others: u64,
    pub rows: Vec<StatsRow>,
}

/// `count` is always there; `first` and `last` are RFC 3339 in UTC, empty when no event had a time.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct StatsRow {
    pub count: u64,
    #[serde(flatten)]
    pub columns: BTreeMap<String, String>,
}
