//! The one place for calls that only Unix has: which kind of special file stands at a path, and which file it is.

use std::fs::FileType;
use std::io;
use std::path::Path;

/// What tells one file from another, whatever names lead to it: device and inode, or elsewhere the resolved path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileId(Identity);

#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = std::path::PathBuf;

/// The identity of what stands at `path`; links are followed.
///
/// # Errors
/// When nothing stands there or it cannot be looked at.
#[cfg(unix)]
pub fn file_id(path: &Path) -> io::Result<FileId> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path)?;
    Ok(FileId((meta.dev(), meta.ino())))
}

/// The identity of what stands at `path`; links are followed, but two hard links are told apart.
///
/// # Errors
/// When nothing stands there or it cannot be looked at.
#[cfg(not(unix))]
pub fn file_id(path: &Path) -> io::Result<FileId> {
    path.canonicalize().map(FileId)
}

/// Names what a directory entry is when it is neither file, folder nor link.
#[cfg(unix)]
pub(crate) fn special_name(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "fifo"
    } else if kind.is_socket() {
        "socket"
    } else if kind.is_block_device() || kind.is_char_device() {
        "device"
    } else {
        "special file"
    }
}

#[cfg(not(unix))]
pub(crate) fn special_name(_kind: FileType) -> &'static str {
    "special file"
}
