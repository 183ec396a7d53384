//! `userAccountControl` as 4720, 4738 and 4742 write it (old and new value in the SAM's own bits) and its `%%` list.
//! Source: [MS-SAMR] 2.2.1.12 for the numbers, and [MS-ADTS] 2.2.16 for the names.

use super::{bits, message_parameter, number};

pub fn user_account_control(code: &str) -> Option<String> {
    if code.contains("%%") {
        return message_parameter::text(code);
    }
    bits(
        number(code)?,
        &[
            (0x1, "ACCOUNT_DISABLED"),
            (0x2, "HOME_DIRECTORY_REQUIRED"),
            (0x4, "PASSWORD_NOT_REQUIRED"),
            (0x8, "TEMP_DUPLICATE_ACCOUNT"),
            (0x10, "NORMAL_ACCOUNT"),
            (0x20, "MNS_LOGON_ACCOUNT"),
            (0x40, "INTERDOMAIN_TRUST_ACCOUNT"),
            (0x80, "WORKSTATION_TRUST_ACCOUNT"),
            (0x100, "SERVER_TRUST_ACCOUNT"),
            (0x200, "DONT_EXPIRE_PASSWORD"),
            (0x400, "ACCOUNT_AUTO_LOCKED"),
            (0x800, "ENCRYPTED_TEXT_PASSWORD_ALLOWED"),
            (0x1000, "SMARTCARD_REQUIRED"),
            (0x2000, "TRUSTED_FOR_DELEGATION"),
            (0x4000, "NOT_DELEGATED"),
            (0x8000, "USE_DES_KEY_ONLY"),
            (0x1_0000, "DONT_REQUIRE_PREAUTH"),
            (0x2_0000, "PASSWORD_EXPIRED"),
            (0x4_0000, "TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION"),
            (0x8_0000, "NO_AUTH_DATA_REQUIRED"),
            (0x10_0000, "PARTIAL_SECRETS_ACCOUNT"),
        ],
    )
}
