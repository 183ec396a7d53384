//! Bounds of a run, each with its reason.

/// Batches between the reader and the merge for each worker: enough that no worker waits, few enough that a slow
/// batch at the front holds back no more than a few megabytes.
pub const BATCHES_IN_FLIGHT_PER_WORKER: usize = 4;

/// Uids remembered for finding copies. In 64 tables that makes 262,144 slots of 13 bytes each, 220 MB. Beyond it records
/// are no longer compared, and the summary says so.
pub const UIDS_REMEMBERED_MAX: usize = 12_000_000;

/// How far apart, in records of one file, two equal lines may lie and still be told from a copy. Equal lines carry
/// equal stamps, so in a log that is written in order they stand close together.
pub const EQUAL_LINES_WINDOW: usize = 65_536;

/// Findings kept: 96 bytes of memory each, the rest of them lies in a temporary file. Further ones are counted by rule.
pub const FINDINGS_KEPT_MAX: usize = 2_000_000;

/// Distinct names (hosts, channels, parsers) listed in one file's verdict; the rest is counted.
pub const NAMES_PER_VERDICT_MAX: usize = 64;

/// Distinct `channel:id` pairs counted for one file.
pub const EVENT_IDS_PER_FILE_MAX: usize = 4_096;

/// Unknown field names listed for one file and mapping.
pub const UNKNOWN_FIELDS_MAX: usize = 100;

/// Pairs of host and channel followed over the run. A hostile log can invent a host for each line.
pub const CHANNELS_MAX: usize = 100_000;

/// Runs of record numbers kept for one host and channel; beyond it gaps are no longer counted and the verdict says so.
pub const RECORD_RUNS_MAX: usize = 65_536;

/// Script blocks with missing parts held open at once; the oldest is closed as it is.
pub const OPEN_SCRIPT_BLOCKS_MAX: usize = 256;

/// Text of one joined script block, in bytes. PowerShell cuts blocks at about 16 KiB a part.
pub const SCRIPT_BLOCK_BYTES_MAX: usize = 8 << 20;

/// Text of all script blocks held open at once, in bytes. A real host has a handful open, far below this; beyond it the
/// oldest is closed as it is, so that hostile input cannot fill the memory with first parts.
pub const OPEN_SCRIPT_BYTES_MAX: usize = 64 << 20;

/// Distinct rows of a survey (who logged on where): more than people can read, about 100 MB with their names. A hostile
/// log can invent a user for each line; the events of further rows are counted together.
pub const SURVEY_ROWS_MAX: usize = 200_000;

/// Text of all rows of a survey, in bytes: names of 300 bytes a row, far above real ones.
pub const SURVEY_BYTES_MAX: usize = 64 << 20;

/// Bytes of one value shown in a finding's line; the value itself is kept in the record.
pub const DETAIL_BYTES_MAX: usize = 2_048;

/// Problems listed for the whole run; further ones are counted.
pub const PROBLEMS_MAX: usize = 1_000;

/// Field names remembered for one lane when rules are held against data.
pub const FIELDS_PER_LANE_MAX: usize = 10_000;

/// Files whose first records are looked at beforehand, to learn the year for neighbours that state none. Some
/// milliseconds each; a larger collection has file dates to go by.
pub const NEIGHBOURS_LOOKED_AT_MAX: usize = 500;

/// Positions of joined records named with one finding: a script of 4 MB has about that many parts.
pub const JOINED_SHOWN_MAX: usize = 256;

/// Events kept of one rule on one host in one hour: what a correlation cites at most, so that a window of it is whole.
pub const EVIDENCE_PER_HOUR_MAX: u32 = 100;

/// Events kept behind findings: 48 bytes of memory each, the rest lies in a temporary file.
pub const EVIDENCE_EVENTS_MAX: usize = 1_000_000;

/// Bytes of that temporary file.
pub const EVIDENCE_BYTES_MAX: u64 = 2 << 30;

/// Bytes kept of one value: above every field that a person reads, below what would fill a report with one script.
pub const EVIDENCE_VALUE_BYTES_MAX: usize = 32 << 10;

/// Distinct entities of findings: about 100 bytes each. A hostile log can invent a user for each line.
pub const ENTITIES_MAX: usize = 1_000_000;

/// Distinct sets of entities that findings have: about 100 bytes each.
pub const ENTITY_SETS_MAX: usize = 1_000_000;

/// Entities kept of a correlation: those that most of its events share come first.
pub const CORRELATION_ENTITIES_MAX: usize = 64;

/// Different things that one hunt tells of, about 400 bytes each. More than people follow up; further sightings are
/// counted together.
pub const HUNT_FOUND_MAX: usize = 200_000;

/// Events shown by one hunt, over all that it found: about 1 KB each. Further things are told without events.
pub const HUNT_LINES_MAX: usize = 100_000;

/// Events shown for one thing.
pub const HUNT_LINES_EACH_MAX: usize = 10_000;

/// An expression of `--where`, in bytes: room for a list of some thousand values.
pub const EXPRESSION_BYTES_MAX: usize = 256 << 10;

/// Nesting of an expression. The engine takes rules of 64 levels.
pub const EXPRESSION_DEPTH_MAX: usize = 48;

/// Inside addresses whose machines are remembered: a large company's, about 200 bytes each.
pub const HOME_ADDRESSES_MAX: usize = 200_000;

/// Machines remembered of one address: leases of a few weeks.
pub const HOME_HOSTS_MAX: usize = 16;
