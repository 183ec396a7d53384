//! Types of registry values, as numbers and as `%%` parameters. Source: Windows SDK `winnt.h`.

use super::{message_parameter, word};

pub fn value_type(code: &str) -> Option<String> {
    if code.contains("%%") {
        return message_parameter::text(code);
    }
    word(
        code,
        &[
            (0, "REG_NONE"),
            (1, "REG_SZ"),
            (2, "REG_EXPAND_SZ"),
            (3, "REG_BINARY"),
            (4, "REG_DWORD"),
            (5, "REG_DWORD_BIG_ENDIAN"),
            (6, "REG_LINK"),
            (7, "REG_MULTI_SZ"),
            (11, "REG_QWORD"),
        ],
    )
}
