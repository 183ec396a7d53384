//! Syslog facilities and severities by number. Source: RFC 5424 section 6.2.1.

use super::word;

pub fn facility(code: &str) -> Option<String> {
    const NAMES: [&str; 24] = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
        "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5",
        "local6", "local7",
    ];
    let number: usize = code.trim().parse().ok()?;
    NAMES.get(number).map(|n| (*n).to_owned())
}

pub fn severity(code: &str) -> Option<String> {
    word(
        code,
        &[
            (0, "emergency"),
            (1, "alert"),
            (2, "critical"),
            (3, "error"),
            (4, "warning"),
            (5, "notice"),
            (6, "informational"),
            (7, "debug"),
        ],
    )
}
