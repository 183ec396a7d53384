//! Types and start types of services (4697, 7045). Source: Windows SDK `winsvc.h`.

use super::word;

pub fn start_type(code: &str) -> Option<String> {
    word(code, &[(0, "Boot"), (1, "System"), (2, "Automatic"), (3, "On demand"), (4, "Disabled")])
}

pub fn service_type(code: &str) -> Option<String> {
    word(
        code,
        &[
            (0x1, "Kernel driver"),
            (0x2, "File system driver"),
            (0x8, "Recognizer driver"),
            (0x10, "Own process"),
            (0x20, "Shared process"),
            (0x50, "Own process of a user"),
            (0x60, "Shared process of a user"),
            (0xD0, "Own process of a user (instance)"),
            (0xE0, "Shared process of a user (instance)"),
            (0x110, "Own process, interactive"),
            (0x120, "Shared process, interactive"),
        ],
    )
}
