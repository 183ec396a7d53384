//! Bounds of what is taken in, each with its reason.

/// Indicators searched for at once. Each takes 20 bytes, 10 of the table, and its text: eight million of them are
/// about a gigabyte, and more than any list that was made for matching.
pub const INDICATORS_MAX: usize = 8_000_000;

/// Text of all indicators, in bytes.
pub const INDICATOR_BYTES_MAX: usize = 1 << 30;

/// One indicator's text, in bytes. The longest URLs that browsers and proxies take are of this order.
pub const VALUE_BYTES_MAX: usize = 4_096;

/// What a list says of an indicator (malware family, comment), in bytes; the rest is cut.
pub const LABEL_BYTES_MAX: usize = 200;

/// Text of all labels, in bytes. A list may have a comment of its own for each of a million entries; further
/// indicators are searched for without one.
pub const LABELS_BYTES_MAX: usize = 48 << 20;

/// Further lists named with an indicator that several lists hold.
pub const ALSO_LISTED_MAX: usize = 8;

/// One line of a plain list or record of a CSV file, in bytes.
pub const LINE_BYTES_MAX: usize = 64 << 10;

/// One object of a JSON document, in bytes. STIX indicators and MISP attributes have a few thousand; attachments are
/// told and passed over.
pub const JSON_OBJECT_BYTES_MAX: usize = 16 << 20;

/// Nesting of a JSON document.
pub const JSON_DEPTH_MAX: usize = 64;

/// A STIX pattern, in bytes.
pub const PATTERN_BYTES_MAX: usize = 64 << 10;

/// Nesting of a STIX pattern.
pub const PATTERN_DEPTH_MAX: usize = 32;

/// Different reasons counted singly for one list; a hostile list can invent a type for each entry.
pub const REASONS_MAX: usize = 64;

/// Examples kept for each reason.
pub const EXAMPLES_MAX: usize = 3;

/// Entries of one known-good list.
pub const LIST_ENTRIES_MAX: usize = 2_000_000;

/// Bytes that one regular expression of a known-good list may take when compiled.
pub const LIST_REGEX_BYTES_MAX: usize = 1 << 20;

/// Regular expressions of all known-good lists: each is asked of each value.
pub const LIST_REGEXES_MAX: usize = 2_000;

/// A CSV of assets or identities, in bytes: a quarter of a million rows and more.
pub const SHEET_BYTES_MAX: usize = 64 << 20;

/// Faults of rows that are told singly for one file; further ones are counted.
pub const SHEET_PROBLEMS_MAX: usize = 20;

/// Labels of a domain name that parents are looked up for (RFC 1035 allows 127).
pub const DOMAIN_BYTES_MAX: usize = 253;

/// Words of one run of text that are tried together as a file name with blanks.
pub const FILE_NAME_WORDS_MAX: usize = 8;

/// Hits told of one event; an event made of a whole list would otherwise fill the result.
pub const EVENT_HITS_MAX: usize = 256;
