//! Times as lists write them: RFC 3339, the same without a zone (UTC), a date, or seconds since 1970.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use vedette_model::Timestamp;

/// The point in time; a date alone is its first moment, or its last one with `end`.
pub fn read(text: &str, end: bool) -> Option<Timestamp> {
    let text = text.trim().trim_end_matches(" UTC").trim();
    if text.is_empty() || text.len() > 40 {
        return None;
    }
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(time.into());
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        // Nine to ten digits are seconds of this age; years and counts are shorter.
        return (9..=10)
            .contains(&text.len())
            .then(|| text.parse().ok().and_then(Timestamp::from_secs))
            .flatten();
    }
    if text.len() <= "2026-03-14".len() {
        let date: Date = text.parse().ok()?;
        let time = if end { date.at(23, 59, 59, 999_999_999) } else { date.at(0, 0, 0, 0) };
        return utc(time);
    }
    utc(text.parse().ok()?)
}

fn utc(time: DateTime) -> Option<Timestamp> {
    time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times_of_lists() {
        for (text, end, expect) in [
            ("2026-03-14T09:26:53Z", false, Some("2026-03-14T09:26:53Z")),
            ("2026-03-14 09:26:53 UTC", false, Some("2026-03-14T09:26:53Z")),
            ("2026-03-14", false, Some("2026-03-14T00:00:00Z")),
            ("2026-03-14", true, Some("2026-03-14T23:59:59.999999999Z")),
            ("1603642920", false, Some("2020-10-25T16:22:00Z")),
            ("2026", false, None),
            ("soon", false, None),
            ("2026-13-14", false, None),
        ] {
            assert_eq!(read(text, end).map(|t| t.to_string()).as_deref(), expect, "{text}");
        }
    }
}
