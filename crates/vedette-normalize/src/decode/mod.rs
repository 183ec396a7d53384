//! Codes that logs carry, in words: one file for each kind. The native value always stays beside the decoded one.

pub mod access;
pub mod directory;
pub mod dns;
pub mod flags;
pub mod http;
pub mod kerberos;
pub mod logon;
pub mod message_parameter;
pub mod network;
pub mod ntstatus;
pub mod registry;
pub mod service;
pub mod sid;
pub mod syslog;
pub mod token;

/// A named way to read a code; `None` where the code is not known.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub decode: fn(&str) -> Option<String>,
}

/// Every table by the name that mappings use.
pub static TABLES: [Table; 27] = [
    Table { name: "ad_access", decode: access::directory_object },
    Table { name: "ad_guid", decode: directory::guids },
    Table { name: "dns_rcode", decode: dns::rcode },
    Table { name: "dns_type", decode: dns::record_type },
    Table { name: "file_access", decode: access::file },
    Table { name: "http_status", decode: http::status },
    Table { name: "integrity_level", decode: token::integrity_level },
    Table { name: "ip_protocol", decode: network::protocol },
    Table { name: "kerberos_encryption", decode: kerberos::encryption },
    Table { name: "kerberos_options", decode: kerberos::options },
    Table { name: "kerberos_preauth", decode: kerberos::preauth },
    Table { name: "kerberos_result", decode: kerberos::result },
    Table { name: "logon_type", decode: logon::logon_type },
    Table { name: "message_parameter", decode: message_parameter::text },
    Table { name: "ntstatus", decode: ntstatus::name },
    Table { name: "process_access", decode: access::process },
    Table { name: "registry_access", decode: access::registry },
    Table { name: "registry_type", decode: registry::value_type },
    Table { name: "service_access", decode: access::service },
    Table { name: "service_manager_access", decode: access::service_manager },
    Table { name: "service_start", decode: service::start_type },
    Table { name: "service_type", decode: service::service_type },
    Table { name: "sid", decode: sid::name },
    Table { name: "syslog_facility", decode: syslog::facility },
    Table { name: "syslog_severity", decode: syslog::severity },
    Table { name: "token_elevation", decode: token::elevation },
    Table { name: "uac_flags", decode: flags::user_account_control },
];

pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|t| t.name == name)
}

/// A number as logs write it: decimal, or hexadecimal behind `0x`.
pub(crate) fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// The word of a number.
pub(crate) fn word(text: &str, words: &[(u64, &str)]) -> Option<String> {
    let number = number(text)?;
    words.iter().find(|(n, _)| *n == number).map(|(_, w)| (*w).to_owned())
}

/// The names of the bits that are set, joined by `|`; a mask with none of them has no words.
pub(crate) fn bits(mask: u64, names: &[(u64, &str)]) -> Option<String> {
    let mut left = mask;
    let mut out = String::new();
    for (bits, name) in names {
        if left & bits == *bits && *bits != 0 {
            if !out.is_empty() {
                out.push('|');
            }
            out.push_str(name);
            left &= !bits;
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn check(table: &str, code: &str, expect: Option<&str>) {
        let table = super::table(table).expect(table);
        assert_eq!((table.decode)(code).as_deref(), expect, "{} {code}", table.name);
    }

    #[test]
    fn tables_are_in_order_and_never_panic() {
        assert!(TABLES.windows(2).all(|t| t[0].name < t[1].name));
        for table in &TABLES {
            for code in [
                "",
                "-",
                "0",
                "0x",
                "0xffffffffffffffff",
                "18446744073709551616",
                "%%",
                "%%1",
                "é%%9x",
                "S-1-",
            ] {
                let _ = (table.decode)(code);
            }
        }
    }

    #[test]
    fn codes_have_their_words() {
        check("logon_type", "3", Some("Network"));
        check("ntstatus", "0xC000006A", Some("STATUS_WRONG_PASSWORD"));
        check("kerberos_encryption", "0x17", Some("RC4-HMAC"));
        check("kerberos_result", "0x18", Some("KDC_ERR_PREAUTH_FAILED"));
        check("kerberos_options", "0x40810000", Some("forwardable|renewable|canonicalize"));
        check(
            "process_access",
            "0x1410",
            Some("PROCESS_VM_READ|PROCESS_QUERY_INFORMATION|PROCESS_QUERY_LIMITED_INFORMATION"),
        );
        check("process_access", "0x1fffff", Some("PROCESS_ALL_ACCESS"));
        check("file_access", "0x10000", Some("DELETE"));
        check("ad_access", "0x100", Some("ADS_RIGHT_DS_CONTROL_ACCESS"));
        check("ad_guid", "{1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}", Some("DS-Replication-Get-Changes-All"));
        check("sid", "S-1-5-32-544", Some(r"BUILTIN\Administrators"));
        check("sid", "S-1-5-21-1-2-3-500", Some("Administrator (domain or machine account)"));
        check("message_parameter", "%%1833", Some("Impersonation"));
        check("message_parameter", "%%4416 %%4417", Some("ReadData or ListDirectory, WriteData or AddFile"));
        check("integrity_level", "S-1-16-12288", Some("High"));
        check("token_elevation", "%%1937", Some("Full"));
        check("registry_type", "%%1876", Some("REG_DWORD"));
        check("service_start", "2", Some("Automatic"));
        check("service_type", "0x10", Some("Own process"));
        check("uac_flags", "0x210", Some("NORMAL_ACCOUNT|DONT_EXPIRE_PASSWORD"));
        check("uac_flags", "%%2089", Some("Password never expires switched on"));
        check("syslog_facility", "10", Some("authpriv"));
        check("syslog_severity", "3", Some("error"));
        check("ip_protocol", "6", Some("tcp"));
        check("dns_rcode", "3", Some("NXDOMAIN"));
        check("dns_type", "28", Some("AAAA"));
        check("http_status", "404", Some("client error"));
    }
}
