//! What a record says, as one number that its other forms share: EVTX and an export of it to JSON or XML agree.
//!
//! An identity (host, channel, record number, time) can lie: converters write record number 0, tools restart at 1. Two
//! records are one only when their fields agree too. Exports differ in the envelope (case of GUIDs, rendered message,
//! stamps), so only the fields of the event itself count, and these without regard to order, case and braces.

use vedette_model::{Kind, Native, NativeField};

/// Names of the envelope, and of what forwarders add to it. The identity holds what matters of them. Lower case.
const ENVELOPE: &[&str] = &[
    "accountname",
    "accounttype",
    "category",
    "channel",
    "computer",
    "computername",
    "data",
    "domain",
    "eventid",
    "eventrecordid",
    "eventtype",
    "executionprocessid",
    "executionthreadid",
    "host",
    "hostname",
    "index",
    "keywords",
    "level",
    "log",
    "logname",
    "message",
    "opcode",
    "opcodevalue",
    "port",
    "processidentifier",
    "provider",
    "providerguid",
    "providername",
    "recordid",
    "recordnumber",
    "security",
    "securityid",
    "severity",
    "severityvalue",
    "source",
    "sourcemodulename",
    "sourcemoduletype",
    "sourcename",
    "tags",
    "task",
    "threadid",
    "type",
    "userid",
    "version",
    "xmlns",
];

/// Longest name of [`ENVELOPE`].
const ENVELOPE_NAME_MAX: usize = 18;

/// The fields' hash. The same fields in another order give the same number.
pub fn fingerprint(native: &Native) -> u64 {
    let mut sum = 0u64;
    for field in native.iter() {
        if counts(&field) {
            let value = bare(field.value);
            if !matches!(value, "" | "-") {
                sum = sum.wrapping_add(finish(folded(folded(0, field.name.as_bytes()), value.as_bytes())));
            }
        }
    }
    sum
}

fn counts(field: &NativeField<'_>) -> bool {
    !field.derived
        && field.kind != Kind::Null
        && field.name.bytes().all(|b| b.is_ascii_alphabetic())
        && !is_time(field.name)
        && !is_envelope(field.name)
}

fn is_time(name: &str) -> bool {
    name.as_bytes().windows(4).any(|w| w.eq_ignore_ascii_case(b"time") || w.eq_ignore_ascii_case(b"date"))
}

fn is_envelope(name: &str) -> bool {
    if name.len() > ENVELOPE_NAME_MAX {
        return false;
    }
    let mut lower = [0u8; ENVELOPE_NAME_MAX];
    let lower = &mut lower[..name.len()];
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    ENVELOPE.binary_search_by(|known| known.as_bytes().cmp(lower)).is_ok()
}

/// Without the blanks around it and the braces of a GUID.
fn bare(value: &str) -> &str {
    let value = value.trim();
    value.strip_prefix('{').and_then(|v| v.strip_suffix('}')).unwrap_or(value)
}

/// Mixes in `bytes`, eight at a time; bit 5 is set in each, so that case makes no difference.
fn folded(seed: u64, bytes: &[u8]) -> u64 {
    const FOLD: u64 = 0x2020_2020_2020_2020;
    let mut hash = seed ^ (bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for part in bytes.chunks(8) {
        let mut word = [0u8; 8];
        word[..part.len()].copy_from_slice(part);
        hash = (hash.rotate_left(23) ^ (u64::from_le_bytes(word) | FOLD)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        hash ^= hash >> 32;
    }
    hash
}

fn finish(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[(&str, &str)]) -> u64 {
        let mut native = Native::new();
        for (name, value) in fields {
            native.push_text(name, value);
        }
        fingerprint(&native)
    }

    #[test]
    fn the_envelope_order_case_and_braces_make_no_difference() {
        let evtx =
            of(&[("ProcessGuid", "{0197231E-005A}"), ("Signed", "true"), ("UtcTime", "1"), ("Hashes", "-")]);
        let json =
            of(&[("Signed", "True"), ("ProcessGuid", "0197231e-005a"), ("Message", "x"), ("Level", "4")]);
        assert_eq!(evtx, json);
    }

    #[test]
    fn what_the_event_says_makes_one() {
        let base = [("CommandLine", "whoami /priv"), ("User", "ana")];
        for other in [
            [("CommandLine", "whoami /prix"), ("User", "ana")],
            [("CommandLine", "whoami /priv"), ("User", "bob")],
            [("CommandLine", "ana"), ("User", "whoami /priv")],
        ] {
            assert_ne!(of(&base), of(&other), "{other:?}");
        }
    }

    #[test]
    fn the_envelope_is_in_order() {
        assert!(ENVELOPE.is_sorted());
        assert_eq!(ENVELOPE.iter().map(|n| n.len()).max(), Some(ENVELOPE_NAME_MAX));
    }
}
