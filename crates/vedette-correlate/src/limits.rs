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

/// Different entities that findings may name. One costs about 110 bytes with its text, 55 MB in all; an attack names
/// hundreds, a flood of ever new processes millions, and those are the ones that tie nothing together.
pub const INCIDENT_ENTITIES_MAX: usize = 500_000;

/// Bytes of the texts of those entities, kept once each to say why findings were joined.
pub const INCIDENT_ENTITY_BYTES_MAX: usize = 48 << 20;

/// Bundles of findings kept apart. One costs about 500 bytes while clusters are made. Beyond it a new rule, host and
/// day is one bundle with its host alone; beyond twice as many, findings are set aside as beyond the bounds.
pub const INCIDENT_BUNDLES_MAX: usize = 200_000;

/// Different sets of entities that one rule may name on one host in one hour. Nobody reads more than these; beyond
/// it the short-lived entities of that rule, host and hour are let go.
pub const INCIDENT_SETS_PER_CELL_MAX: u32 = 32;

/// Joins listed with one incident: a tree of this size says why it is one; further ones are counted.
pub const INCIDENT_JOINS_MAX: usize = 10_000;

/// The bounds that a caller may tighten, above all tests. [`Limits::default`] are the constants of this file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub hits: usize,
    pub text_bytes: usize,
    pub matches_per_correlation: usize,
    pub events_per_match: usize,
    pub incident_entities: usize,
    pub incident_entity_bytes: usize,
    pub incident_bundles: usize,
    pub incident_sets_per_cell: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            hits: HITS_MAX,
            text_bytes: TEXT_BYTES_MAX,
            matches_per_correlation: MATCHES_PER_CORRELATION_MAX,
            events_per_match: EVENTS_PER_MATCH_MAX,
            incident_entities: INCIDENT_ENTITIES_MAX,
            incident_entity_bytes: INCIDENT_ENTITY_BYTES_MAX,
            incident_bundles: INCIDENT_BUNDLES_MAX,
            incident_sets_per_cell: INCIDENT_SETS_PER_CELL_MAX,
        }
    }
}
