//! Numbers as people read them.

use vedette_model::Timestamp;

/// `1234567` as `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1 file`, `2 files`.
pub fn of(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Binary units with one digit: `1.5 MiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = n as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{n} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// A length of time in its two largest units: `6 h 12 min`.
pub fn span(seconds: i64) -> String {
    let s = seconds.unsigned_abs();
    match s {
        0..60 => format!("{s} s"),
        60..3_600 => two(s / 60, "min", s % 60, "s"),
        3_600..86_400 => two(s / 3_600, "h", s % 3_600 / 60, "min"),
        _ => two(s / 86_400, "d", s % 86_400 / 3_600, "h"),
    }
}

fn two(a: u64, unit_a: &str, b: u64, unit_b: &str) -> String {
    if b == 0 { format!("{a} {unit_a}") } else { format!("{a} {unit_a} {b} {unit_b}") }
}

/// Seconds resolution in the zone for display; UTC is marked with `Z`.
pub fn time(time: Option<Timestamp>, zone: &jiff::tz::TimeZone) -> String {
    let Some(time) = time else { return "no time".to_owned() };
    let zoned = time.to_jiff().to_zoned(zone.clone());
    if *zone == jiff::tz::TimeZone::UTC {
        zoned.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
    } else {
        zoned.strftime("%Y-%m-%d %H:%M:%S%:z").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(
            [count(0), count(999), count(1_000), count(1_234_567)],
            ["0", "999", "1,000", "1,234,567"]
        );
        assert_eq!([bytes(12), bytes(1_536), bytes(3 << 30)], ["12 B", "1.5 KiB", "3.0 GiB"]);
        assert_eq!(
            [span(59), span(3_600), span(22_320), span(90_061)],
            ["59 s", "1 h", "6 h 12 min", "1 d 1 h"]
        );
        assert_eq!(of(1, "file", "files"), "1 file");
        assert_eq!(time(Some(Timestamp(0)), &jiff::tz::TimeZone::UTC), "1970-01-01 00:00:00Z");
    }
}
