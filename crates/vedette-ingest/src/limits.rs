//! Every bound of reading, with its reason.

/// Bytes looked at to recognise a format: enough for a header line, a few records, and one EVTX header.
pub const SNIFF_BYTES: usize = 64 * 1024;

/// Bytes read at a time: large enough that system calls do not count, small enough to stay in the cache.
pub const READ_BYTES: usize = 256 * 1024;

/// A batch is handed on when it holds this many bytes: some hundred records, about a millisecond of parsing.
pub const BATCH_BYTES: usize = 512 * 1024;

/// A batch is handed on when it holds this many spans and rejects: one-byte lines must not make a batch of positions
/// that is a hundred times larger than its text.
pub const BATCH_SPANS_MAX: usize = 8 * 1024;

/// A longer record is rejected and skipped without being kept. The largest known real ones (Kubernetes request bodies,
/// Microsoft 365 audit) stay near 1 MiB.
pub const RECORD_BYTES_MAX: usize = 8 * 1024 * 1024;

/// JSON nested deeper than this is rejected: real logs stay below 20, parsers recurse.
pub const JSON_DEPTH_MAX: u32 = 128;

/// Bytes of a key or of a scalar beside a wrapped array that are kept.
pub const WRAPPER_TEXT_MAX: usize = 1024;

/// Scalars beside a wrapped array that are kept.
pub const WRAPPER_BESIDE_MAX: usize = 64;

/// Bytes kept while the closing quote of a CSV field is looked for; script blocks in exports reach 64 KiB. Beyond it the
/// quote counts as stray.
pub const CSV_QUOTED_BYTES_MAX: usize = 1024 * 1024;

/// Columns of a CSV, Zeek or W3C header that are kept.
pub const COLUMNS_MAX: usize = 4096;

/// Audit events open at one time: lines of several serials interleave only within a few milliseconds of work.
pub const AUDIT_OPEN_MAX: usize = 64;

/// Lines after which an audit event is complete even without its `EOE` line.
pub const AUDIT_DISTANCE_LINES: u64 = 512;

/// Lines joined into one audit event; a process with more `PATH` or `EXECVE` lines goes on in a second record.
pub const AUDIT_LINES_MAX: usize = 1024;

/// Bytes joined into one audit event, for the same reason.
pub const AUDIT_BYTES_MAX: usize = 1024 * 1024;

/// Size of an EVTX chunk and of the file header before the first one; fixed by the format.
pub const EVTX_CHUNK_BYTES: usize = 65_536;
pub const EVTX_HEADER_BYTES: usize = 4096;

/// Archives within archives that are opened: a collection (zip) of rotated logs (gz) within a case folder (zip), and one more.
pub const ARCHIVE_DEPTH_MAX: u32 = 4;

/// Bytes that one input may expand to, all layers counted: an hour of reading.
pub const ARCHIVE_EXPANDED_BYTES_MAX: u64 = 64 * 1024 * 1024 * 1024;

/// Expansion below this is never called a bomb: it is read in seconds.
pub const ARCHIVE_RATIO_FREE_BYTES: u64 = 1024 * 1024 * 1024;

/// Expanded bytes for each byte on disk beyond [`ARCHIVE_RATIO_FREE_BYTES`]. Logs reach 100, event logs full of zeroes 500.
pub const ARCHIVE_RATIO_MAX: u64 = 600;

/// Members of one archive that are read; a whole disk's collection has some 100,000.
pub const ARCHIVE_MEMBERS_MAX: u64 = 1_000_000;

/// Bytes of an encrypted zip member that are read to see whether a password is right, before it is read in earnest. A
/// stored member larger than this cannot be told from noise beforehand.
pub const PASSWORD_TRIAL_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// A deflate stream of noise breaks within a few hundred bytes: one that yields this much was decrypted rightly, even if it
/// is damaged further on.
pub const PASSWORD_PROVEN_BYTES: u64 = 64 * 1024;

/// Bytes of zips within archives that may be held in memory at one time, to read them by their directory; larger ones
/// are read as a stream.
pub const NESTED_ZIP_MEMORY_BYTES: usize = 16 * 1024 * 1024;

/// Bytes of a tar's extended header (long names) that are read; the rest is skipped.
pub const TAR_HEADER_BYTES_MAX: u64 = 64 * 1024;

/// Window of a zstd frame, as a power of two: 64 MiB is what level 22 asks for on large files and the most that we hold.
pub const ZSTD_WINDOW_LOG_MAX: u32 = 26;

/// Characters of a member's name that are shown.
pub const NAME_CHARS_MAX: usize = 1024;

/// Folders below one another that are walked.
pub const WALK_DEPTH_MAX: usize = 256;

/// Files listed in one run: an index is 32 bits, a list entry some 200 bytes.
pub const FILES_MAX: usize = 10_000_000;

/// Problems kept for one file; more of the same kind are counted.
pub const PROBLEMS_PER_FILE_MAX: usize = 64;
