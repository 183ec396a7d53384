//! The bounds of reading, each with its reason. The public tree (4,039 files) is the measure of what people write.

/// Bytes of one file. The whole public tree in one file would have 6 MB.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Bytes of one document; the largest public rule has 295 kB. Generated indicator lists belong behind `|expand`.
pub const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Depth of nested lists and maps; public rules have 5. What is deeper would only cost stack in whoever walks it.
pub const DEPTH_MAX: usize = 32;

/// Nodes of one document, aliases counted as often as they are used: bounds alias bombs. The largest public rule has
/// 4,475.
pub const NODES_MAX: usize = 200_000;

/// Documents of one file; the public tree has 4,044 in all. Each costs an entry in the account, a kilobyte with its fault.
pub const DOCUMENTS_PER_FILE_MAX: usize = 50_000;

/// Lines below the start of a scalar that are searched for the part a diagnostic means.
pub const SCALAR_LINES_SEARCHED: usize = 200;

/// Diagnostics kept for one document; the rest of a broken document rarely says anything new.
pub const DIAGNOSTICS_MAX: usize = 20;

/// Values that one value may become through `|windash`, `N of` or placeholders: 5 dashes give 3,125.
pub const EXPANSION_MAX: usize = 4096;

/// Depth of parentheses and `not` in a condition: the parser recurses once for each.
pub const CONDITION_DEPTH_MAX: usize = 64;

/// Bytes of one condition; the longest public one has 551. Each `1 of *` in it holds every selection once.
pub const CONDITION_BYTES_MAX: usize = 16 * 1024;

/// Selections of one detection; public rules have up to 35.
pub const SELECTIONS_MAX: usize = 1024;

/// Bytes of one regular expression.
pub const REGEX_BYTES_MAX: usize = 16 * 1024;

/// Nesting of groups in a regular expression.
pub const REGEX_NEST_MAX: u32 = 64;

/// States that a regular expression would need once its counted repetitions are written out. 100,000 states are about
/// 10 MB in an automaton, the default limit of the engines.
pub const REGEX_STATES_MAX: u64 = 100_000;

/// Length of a correlation window: a year and a day. State is kept for as long as the window is open.
pub const TIMESPAN_MAX_MS: u64 = 367 * 24 * 60 * 60 * 1000;

/// Rules that one correlation may refer to.
pub const CORRELATION_RULES_MAX: usize = 1024;

/// Filters joined into one rule; each adds its selections to what an engine must hold.
pub const FILTERS_PER_RULE_MAX: usize = 256;
