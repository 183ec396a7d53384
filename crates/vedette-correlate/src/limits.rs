//! The bounds of this room, each with its reason. What goes over one is counted and told, never dropped in silence.

/// Hits kept over all correlations together.
///
/// A kept hit costs 44 bytes and 8 more for each field that a correlation reads, and 32 more while its correlation
/// runs. Measured with a million hits, four fields and five correlations: 110 MB at the peak, 180 MB when each hit has
/// a user of its own; a scan may use 512 MB.
pub const HITS_MAX: usize = 1_000_000;

/// Bytes of the texts of group values, which are kept once each only to be shown. Beyond it a group is told apart all
/// the same, and shown by the hash of its value.
pub const TEXT_BYTES_MAX: usize = 32 << 20;

/// Bytes of one group value as it is shown; whole values are compared. Longer than any host, user or address, and a
/// command line of this length still says what it is.
pub const TEXT_LENGTH_MAX: usize = 512;

/// Matches kept for one correlation: the earliest. Whoever gets more wants another threshold, not a longer list.
pub const MATCHES_PER_CORRELATION_MAX: usize = 10_000;

/// Events listed with one match: enough to read the story; the count beside the list is the true one.
pub const EVENTS_PER_MATCH_MAX: usize = 100;

/// Rules that one `temporal` correlation may name: the rules seen in a window are the bits of one word.
pub const RULES_PER_TEMPORAL_MAX: usize = 64;

/// How deep correlations may refer to correlations. The specification sets no bound; real chains have two storeys.
pub const CHAIN_DEPTH_MAX: usize = 8;

/// Time between the two records of one act, in milliseconds. Sysmon and the Security log write an act within
/// milliseconds of each other; stamps of whole seconds and a busy machine make it up to 2 s.
pub const TWIN_GAP_MAX_MS: i64 = 2_000;

/// The bounds that a caller may tighten, above all tests. [`Limits::default`] are the constants of this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub hits: usize,
    pub text_bytes: usize,
    pub matches_per_correlation: usize,
    pub events_per_match: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hits: HITS_MAX,
            text_bytes: TEXT_BYTES_MAX,
            matches_per_correlation: MATCHES_PER_CORRELATION_MAX,
            events_per_match: EVENTS_PER_MATCH_MAX,
        }
    }
}
