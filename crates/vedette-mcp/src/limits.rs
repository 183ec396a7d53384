//! Bounds of a conversation, each with its reason.

/// Bytes of an answer when the caller does not say: about 2,000 tokens, so that a dozen answers still leave room to think.
pub const ANSWER_BYTES_DEFAULT: usize = 8 << 10;

/// Bytes of an answer at most: what the hosts of assistants commonly take in one piece.
pub const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Below this not even one row fits beside the account.
pub const ANSWER_BYTES_MIN: usize = 2 << 10;

/// Scans kept: each holds the keys of its findings in memory and the rest in temporary files.
pub const SCANS_KEPT_MAX: usize = 4;

/// Answers of hunts and checks kept, so that a cursor need not read the input again.
pub const LISTINGS_KEPT_MAX: usize = 4;

/// Paths of one scan or hunt.
pub const PATHS_MAX: usize = 64;

/// Indicators given in the call itself; more belong in a file.
pub const INDICATORS_MAX: usize = 2_000;

/// One message of the client. Two thousand indicators are below 1 MB.
pub const MESSAGE_BYTES_MAX: usize = 4 << 20;

/// Between two notifications of progress.
pub const PROGRESS_EVERY_MS: u64 = 250;

/// How long the end waits for work that was told to stop.
pub const STOP_MS: u64 = 2_000;

/// Calls that work at the same time; further ones wait. Each scan has threads of its own.
pub const CALLS_AT_ONCE_MAX: usize = 2;

/// Bytes of each part of a refusal: an argument that is told back may be as large as a message.
pub const FAULT_BYTES_MAX: usize = 600;

/// Names in a list within a row (hosts, accounts, uids): more are counted.
pub const NAMES_MAX: usize = 8;
