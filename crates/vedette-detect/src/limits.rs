//! What detection bounds, and why.

/// Bytes a compiled regex may take. The largest pattern of the public rules needs under 1 MiB; ten times that still
/// compiles in milliseconds, while a nest of counted repetitions would take gigabytes.
pub const REGEX_BYTES_MAX: usize = 10 << 20;

/// Bytes of lazily built automaton that one regex may keep for one worker. When it is full the search starts it
/// afresh or falls back to a slower engine; the answer does not change.
pub const REGEX_CACHE_BYTES_MAX: usize = 512 << 10;

/// Depth of a rule's condition or of a selection's lists and maps. Compilation and evaluation recurse that deep.
pub const RULE_DEPTH_MAX: usize = 64;

/// Tests in one rule after its modifiers were written out. `windash` on eight dashes gives 390,625 variants.
pub const RULE_TESTS_MAX: usize = 500_000;

/// Values of one field that an event's evaluation looks at. An array of a million elements would otherwise cost a
/// million searches for each test; what lies behind the bound is not searched, and `Scratch::values_dropped` counts it.
pub const FIELD_VALUES_MAX: usize = 4_096;

/// Bytes of folded text that a worker keeps between events. A value of any length is folded and searched whole; only
/// the buffer it needed is given back afterwards.
pub const FOLDED_BYTES_KEPT: usize = 1 << 20;

/// Rules that may match one event, the first ones by index. An event made to set off everything would otherwise fill
/// the findings' store; `Scratch::hits_dropped` counts the rest.
pub const EVENT_HITS_MAX: usize = 1_024;

/// Literals taken from one regex as the condition for running it.
pub const REGEX_LITERALS_MAX: usize = 64;

/// Highest lane number: lanes are looked up by index.
pub const LANE_ID_MAX: u32 = 65_535;

/// Characters of a value that an explanation repeats.
pub const EXPLAINED_VALUE_CHARS_MAX: usize = 240;

/// Values of a field that an explanation repeats.
pub const EXPLAINED_VALUES_MAX: usize = 16;
