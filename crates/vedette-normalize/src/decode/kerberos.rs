//! Kerberos codes of 4768, 4769, 4770 and 4771. Source: RFC 4120 section 7.5, RFC 3961, RFC 8009, [MS-KILE].

use super::{bits, number, word};

pub fn encryption(code: &str) -> Option<String> {
    word(
        code,
        &[
            (0x1, "DES-CBC-CRC"),
            (0x3, "DES-CBC-MD5"),
            (0x11, "AES128-CTS-HMAC-SHA1-96"),
            (0x12, "AES256-CTS-HMAC-SHA1-96"),
            (0x13, "AES128-CTS-HMAC-SHA256-128"),
            (0x14, "AES256-CTS-HMAC-SHA384-192"),
            (0x17, "RC4-HMAC"),
            (0x18, "RC4-HMAC-EXP"),
            (0xFFFF_FFFF, "none (the request failed)"),
        ],
    )
}

pub fn preauth(code: &str) -> Option<String> {
    word(
        code,
        &[
            (0, "none (no pre-authentication)"),
            (2, "PA-ENC-TIMESTAMP"),
            (11, "PA-ETYPE-INFO"),
            (15, "PA-PK-AS-REP_OLD"),
            (16, "PA-PK-AS-REQ"),
            (17, "PA-PK-AS-REP"),
            (19, "PA-ETYPE-INFO2"),
            (20, "PA-SVR-REFERRAL-INFO"),
            (138, "PA-ENCRYPTED-CHALLENGE"),
        ],
    )
}

pub fn result(code: &str) -> Option<String> {
    word(
        code,
        &[
            (0x0, "KDC_ERR_NONE"),
            (0x1, "KDC_ERR_NAME_EXP"),
            (0x2, "KDC_ERR_SERVICE_EXP"),
            (0x3, "KDC_ERR_BAD_PVNO"),
            (0x6, "KDC_ERR_C_PRINCIPAL_UNKNOWN"),
            (0x7, "KDC_ERR_S_PRINCIPAL_UNKNOWN"),
            (0x8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE"),
            (0x9, "KDC_ERR_NULL_KEY"),
            (0xA, "KDC_ERR_CANNOT_POSTDATE"),
            (0xB, "KDC_ERR_NEVER_VALID"),
            (0xC, "KDC_ERR_POLICY"),
            (0xD, "KDC_ERR_BADOPTION"),
            (0xE, "KDC_ERR_ETYPE_NOTSUPP"),
            (0xF, "KDC_ERR_SUMTYPE_NOSUPP"),
            (0x10, "KDC_ERR_PADATA_TYPE_NOSUPP"),
            (0x12, "KDC_ERR_CLIENT_REVOKED"),
            (0x13, "KDC_ERR_SERVICE_REVOKED"),
            (0x14, "KDC_ERR_TGT_REVOKED"),
            (0x15, "KDC_ERR_CLIENT_NOTYET"),
            (0x17, "KDC_ERR_KEY_EXPIRED"),
            (0x18, "KDC_ERR_PREAUTH_FAILED"),
            (0x19, "KDC_ERR_PREAUTH_REQUIRED"),
            (0x1B, "KDC_ERR_MUST_USE_USER2USER"),
            (0x1D, "KDC_ERR_SVC_UNAVAILABLE"),
            (0x1F, "KRB_AP_ERR_BAD_INTEGRITY"),
            (0x20, "KRB_AP_ERR_TKT_EXPIRED"),
            (0x21, "KRB_AP_ERR_TKT_NYV"),
            (0x22, "KRB_AP_ERR_REPEAT"),
            (0x23, "KRB_AP_ERR_NOT_US"),
            (0x24, "KRB_AP_ERR_BADMATCH"),
            (0x25, "KRB_AP_ERR_SKEW"),
            (0x29, "KRB_AP_ERR_MODIFIED"),
            (0x34, "KRB_ERR_RESPONSE_TOO_BIG"),
            (0x3C, "KRB_ERR_GENERIC"),
            (0x3E, "KDC_ERR_CLIENT_NOT_TRUSTED"),
            (0x44, "KDC_ERR_WRONG_REALM"),
        ],
    )
}

/// KDC options: bit 0 of the standard is the highest of 32.
pub fn options(code: &str) -> Option<String> {
    const fn bit(n: u32) -> u64 {
        0x8000_0000 >> n
    }
    bits(
        number(code)?,
        &[
            (bit(1), "forwardable"),
            (bit(2), "forwarded"),
            (bit(3), "proxiable"),
            (bit(4), "proxy"),
            (bit(5), "allow-postdate"),
            (bit(6), "postdated"),
            (bit(8), "renewable"),
            (bit(14), "cname-in-addl-tkt"),
            (bit(15), "canonicalize"),
            (bit(26), "disable-transited-check"),
            (bit(27), "renewable-ok"),
            (bit(28), "enc-tkt-in-skey"),
            (bit(30), "renew"),
            (bit(31), "validate"),
        ],
    )
}
