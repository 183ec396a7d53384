//! Databases in MaxMind's format, written here.
//!
//! Source: MaxMind DB file format specification 2.0.

use vedette_intel::{Context, ContextFile, ContextKind};
use vedette_model::EntityKind;

/// A text or key.
fn text(out: &mut Vec<u8>, text: &str) {
    assert!(text.len() < 29);
    out.push(2 << 5 | text.len() as u8);
    out.extend_from_slice(text.as_bytes());
}

fn map(out: &mut Vec<u8>, pairs: u8) {
    out.push(7 << 5 | pairs);
}

/// An unsigned number of 32 bits (type 6), 16 bits (type 5), or 64 bits (extended type 9).
fn number(out: &mut Vec<u8>, kind: u8, value: u64) {
    let bytes = value.to_be_bytes();
    let bytes = &bytes[bytes.iter().position(|b| *b != 0).unwrap_or(8)..];
    match kind {
        9 => out.extend([bytes.len() as u8, 9 - 7]),
        kind => out.push(kind << 5 | bytes.len() as u8),
    }
    out.extend_from_slice(bytes);
}

/// A database of IPv4 in which every address of one range has one record.
fn database(network: [u8; 4], bits: u8, record: &[u8]) -> Vec<u8> {
    let nodes = u32::from(bits);
    let address = u32::from_be_bytes(network);
    let mut file = Vec::new();
    for depth in 0..nodes {
        let next = if depth + 1 == nodes { nodes + 16 } else { depth + 1 };
        let one = address >> (31 - depth) & 1 == 1;
        // A record equal to the number of nodes says that there is nothing.
        for side in [false, true] {
            let record = if side == one { next } else { nodes };
            file.extend_from_slice(&record.to_be_bytes()[1..]);
        }
    }
    file.extend([0; 16]);
    file.extend_from_slice(record);
    file.extend_from_slice(b"\xab\xcd\xefMaxMind.com");
    map(&mut file, 9);
    for (key, kind, value) in [
        ("binary_format_major_version", 5, 2),
        ("binary_format_minor_version", 5, 0),
        ("ip_version", 5, 4),
        ("node_count", 6, u64::from(nodes)),
        ("record_size", 5, 24),
        ("build_epoch", 9, 1_767_225_600),
    ] {
        text(&mut file, key);
        number(&mut file, kind, value);
    }
    text(&mut file, "database_type");
    text(&mut file, "Own-Test");
    text(&mut file, "languages");
    file.extend([1, 11 - 7]);
    text(&mut file, "en");
    text(&mut file, "description");
    map(&mut file, 1);
    text(&mut file, "en");
    text(&mut file, "made here");
    file
}

fn file(name: &str, bytes: Vec<u8>) -> ContextFile {
    ContextFile { kind: ContextKind::GeoIp, name: name.to_owned(), date: "2020-01-01".to_owned(), bytes }
}

#[test]
fn country_and_operator_carry_the_date_of_the_database() {
    let mut country = Vec::new();
    map(&mut country, 1);
    text(&mut country, "country");
    map(&mut country, 1);
    text(&mut country, "iso_code");
    text(&mut country, "NO");
    let mut operator = Vec::new();
    map(&mut operator, 2);
    text(&mut operator, "autonomous_system_number");
    number(&mut operator, 6, 64_500);
    text(&mut operator, "organization");
    text(&mut operator, "Fjord Net");
    let (context, problems) = Context::load(vec![
        file("country.mmdb", database([203, 113, 0, 0], 16, &country)),
        file("asn.mmdb", database([203, 113, 7, 0], 24, &operator)),
    ]);
    assert_eq!(problems, []);
    let facts = |key: &str| -> Vec<String> {
        let facts = context.facts(&EntityKind::Address, key);
        facts.iter().map(|f| format!("{}={} {} {}", f.label, f.value, f.source, f.date)).collect()
    };
    assert_eq!(
        facts("203.113.7.9"),
        [
            "country=NO country.mmdb 2026-01-01",
            "network operator=Fjord Net asn.mmdb 2026-01-01",
            "autonomous system=64500 asn.mmdb 2026-01-01"
        ]
    );
    assert_eq!(facts("203.113.9.9"), ["country=NO country.mmdb 2026-01-01"]);
    assert_eq!(facts("203.114.7.9"), Vec::<String>::new());
    // A database of IPv4 knows nothing of IPv6, and says so by saying nothing.
    assert_eq!(facts("2a00::1"), Vec::<String>::new());
}

#[test]
fn a_damaged_database_breaks_nothing() {
    let mut record = Vec::new();
    map(&mut record, 1);
    text(&mut record, "country");
    text(&mut record, "Norway");
    let whole = database([203, 113, 0, 0], 16, &record);
    for at in 0..whole.len() {
        for byte in [0, 0xff, whole[at] ^ 0x20] {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            let (context, _) = Context::load(vec![file("country.mmdb", bytes)]);
            let _ = context.facts(&EntityKind::Address, "203.113.7.9");
        }
        let (context, _) = Context::load(vec![file("country.mmdb", whole[..at].to_vec())]);
        let _ = context.facts(&EntityKind::Address, "203.113.7.9");
    }
}
