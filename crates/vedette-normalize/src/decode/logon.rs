//! Logon types of 4624, 4625, 4634 and their like. Source: Windows SDK, `SECURITY_LOGON_TYPE`.

use super::word;

pub fn logon_type(code: &str) -> Option<String> {
    word(
        code,
        &[
            (0, "System"),
            (2, "Interactive"),
            (3, "Network"),
            (4, "Batch"),
            (5, "Service"),
            (6, "Proxy"),
            (7, "Unlock"),
            (8, "NetworkCleartext"),
            (9, "NewCredentials"),
            (10, "RemoteInteractive"),
            (11, "CachedInteractive"),
            (12, "CachedRemoteInteractive"),
            (13, "CachedUnlock"),
        ],
    )
}
