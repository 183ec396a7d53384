//! The one place for calls that only Unix has: which kind of special file stands at a path.

use std::fs::FileType;

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
