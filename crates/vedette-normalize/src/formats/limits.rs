//! Bounds of the format readers, each with its reason. What exceeds one is a rejected record that names the bound.

/// Nesting of JSON values. The deepest log in our samples (Kubernetes managed fields) has 18 levels; the walk recurses
/// once a level, and 64 frames fit any thread's stack.
pub const JSON_DEPTH_MAX: usize = 64;

/// Fields of one record. The widest real record seen has about 4,000 (a Kubernetes list); beyond this a record is a
/// data set, and every later stage pays per field.
pub const FIELDS_MAX: usize = 65_536;

/// Bytes of one flattened name. A name repeats for every value below it, so it must stay short against the record.
pub const NAME_BYTES_MAX: usize = 4_096;

/// Bytes of all names and values of one record: names repeat their path, so a small record could otherwise unfold
/// into gigabytes.
pub const RECORD_TEXT_BYTES_MAX: usize = 64 << 20;

/// Bytes of one key in key=value text. Longer runs before a `=` are base64 or prose, not names.
pub const KV_KEY_BYTES_MAX: usize = 64;

/// Pairs read from one key=value text.
pub const KV_PAIRS_MAX: usize = 4_096;

/// Labels of one CEF extension that are resolved. The standard has about 30; each is a search over the fields.
pub const CEF_LABELS_MAX: usize = 128;

/// How far into a message the words `CEF:` and `LEEF:` are looked for: after a relay's header and a tag at most.
pub const PAYLOAD_PREFIX_BYTES: usize = 512;

/// Parameters of RFC 5424 structured data read from one message.
pub const SD_PARAMS_MAX: usize = 4_096;

/// Bytes of the id of an element of structured data (32 in RFC 5424), which is repeated for each parameter.
pub const SD_ID_BYTES_MAX: usize = 256;

/// Columns of one delimited record.
pub const COLUMNS_MAX: usize = 16_384;

/// Lines joined into one auditd record. A command line of 128 KiB gives about 20.
pub const AUDIT_LINES_MAX: usize = 4_096;

/// Bytes of an audit record's type, which is repeated for each field. The kernel's longest has 23.
pub const AUDIT_KIND_BYTES_MAX: usize = 64;

/// Bytes of the command line put together from the arguments of an EXECVE record.
pub const AUDIT_COMMAND_BYTES_MAX: usize = 1 << 20;

/// Size of an EVTX chunk in bytes (the format fixes it).
pub const EVTX_CHUNK_BYTES: usize = 65_536;

/// Bytes of what was seen, in the detail of an error.
pub const DETAIL_BYTES: usize = 80;
