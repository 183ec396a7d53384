//! Bounds of the mapping language, each with its reason.

/// Nesting of a mapping file. The deepest real one has 7 levels; the bound keeps a hostile file off the stack.
pub const YAML_DEPTH_MAX: usize = 48;

/// Bytes of one mapping file. The longest real one is under 60 KiB.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// Envelopes around one record. Syslog around a shipper's JSON around an export is three.
pub const ENVELOPES_MAX: usize = 4;

/// Size of one compiled pattern in bytes, so that `.{1000}{1000}` is refused at load and not at the millionth record.
pub const PATTERN_BYTES_MAX: usize = 1 << 20;

/// Names counted per mapping as known to no mapping; further ones are counted together. A log with thousands of names
/// has data in its keys, and a list of those helps nobody.
pub const UNKNOWN_NAMES_MAX: usize = 500;

/// Values of one native field that go into one OCSF array or one derivation.
pub const VALUES_PER_FIELD_MAX: usize = 1_000;

/// Bytes of a value that a pattern looks at when a derivation captures from it. A script block may have 32 KiB.
pub const CAPTURE_BYTES_MAX: usize = 1 << 16;

/// Columns that a case-insensitive comparison in `match` or `when` looks at; longer values are cut for the test.
pub const COMPARED_BYTES_MAX: usize = 1 << 14;

/// Literals that one test's screen seeks. A class of characters stands for as many literals as it has members, and
/// beyond some dozens a pattern says little by its literals.
pub const SCREEN_LITERALS_MAX: usize = 64;

/// How rare the commonest literal of a screen must be to be sought: three plain letters, or `]` and a blank.
pub const SCREEN_RARITY_MIN: usize = 3;

/// Bytes of all literals sought in one field up to which they become a table with a row for each byte (about 200 bytes
/// a row); more are sought in half the speed and a twentieth of the memory.
pub const SCREEN_TABLE_BYTES_MAX: usize = 1 << 14;

/// Fields of all objects of one list that an entity's `of` reads. An alert with a hundred processes has some 5,000; each
/// may be copied into the object around it and to where it is pointed at, and without a bound pointers multiply.
pub const OBJECT_FIELDS_MAX: usize = 1 << 16;
