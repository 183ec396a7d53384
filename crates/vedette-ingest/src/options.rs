//! What a caller can ask of the reader.

use std::path::PathBuf;

/// Where to learn a host from, for logs that do not name theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HostFromPath {
    /// Only the folder layouts of known collectors.
    #[default]
    Layout,
    /// The folder that holds the file, if it is below the argument: `scan estate` reads `estate/web01/auth.log` as `web01`.
    Last,
    /// The n-th folder below the argument, from 1.
    Folder(usize),
}

#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files, folders, or `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// Tried in this order on encrypted zip members.
    pub zip_passwords: Vec<Vec<u8>>,
    /// Path pattern and IANA zone; the first pattern that fits wins. A pattern without `*` or `?` is a path, a folder
    /// above it, or a bare file name.
    pub zones: Vec<(String, String)>,
    /// The year of stamps that carry none, for all files.
    pub year: Option<i16>,
    pub host_from_path: HostFromPath,
    /// Compute the SHA-256 of every input. Files that are no logs are then read to their end as well.
    pub sha256: bool,
}
