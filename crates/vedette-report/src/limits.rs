//! Bounds of a report, each with its reason.

/// Findings and events read from a scan, and as many again that incidents rest on: what is beyond is counted. A finding
/// takes about 2 KB in memory.
pub const READ_MAX: usize = 200_000;

/// Bytes of the data of an HTML report: with style and script, which take 140 KB, below the 5 MB that any mail server and
/// ticket takes. Findings have what the other parts leave.
pub const DATA_BYTES_MAX: usize = 4_750_000;
/// Findings listed in an HTML report; a browser sorts this many without a pause.
pub const FINDINGS_MAX: usize = 10_000;
/// Bytes of the events that an HTML report cites.
pub const EVIDENCE_BYTES_MAX: usize = 950_000;
/// Bytes of the rules that fired; as much again of rules by name alone.
pub const RULES_BYTES_MAX: usize = 300_000;
/// Bytes of the incidents together; one incident gets no more than a quarter of what is left.
pub const INCIDENTS_BYTES_MAX: usize = 800_000;
/// Bytes of the list of files.
pub const FILES_BYTES_MAX: usize = 150_000;
/// Bytes of what each host's logs cover.
pub const COVERAGE_BYTES_MAX: usize = 80_000;

/// Characters of one value of a cited event: a script of two pages is readable, a megabyte is not.
pub const VALUE_CHARS_MAX: usize = 4_000;
/// Characters of one detail in the list of findings; the cited event has the rest.
pub const DETAIL_CHARS_MAX: usize = 240;
/// Events listed with one finding; a correlation names up to 100.
pub const EVENTS_PER_FINDING_MAX: usize = 20;

/// Per incident: what a person can look through.
pub const STORY_MAX: usize = 200;
pub const ENTITIES_MAX: usize = 80;
pub const LINKS_MAX: usize = 200;
pub const JOINS_MAX: usize = 150;
pub const INDICATORS_MAX: usize = 200;
pub const NEXT_STEPS_MAX: usize = 60;
pub const UNKNOWNS_MAX: usize = 40;
pub const EVENTS_PER_STEP_MAX: usize = 40;

/// Rows of the list of findings in Markdown: a ticket, not an archive.
pub const MARKDOWN_FINDINGS_MAX: usize = 100;
/// Steps of one incident in Markdown.
pub const MARKDOWN_STEPS_MAX: usize = 60;

/// Names that a redaction replaces; each costs a few hundred bytes of the automaton that finds them.
pub const NAMES_MAX: usize = 100_000;
