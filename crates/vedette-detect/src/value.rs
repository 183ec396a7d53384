//! A field's text read as a number, a truth value, an address, or a point in time.

use std::net::IpAddr;

use ipnet::IpNet;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use vedette_model::Kind;
use vedette_sigma::{DatePart, NumberTest};

/// A number, from a number or from text that is one: sources without types (EVTX, CSV) carry every number as text.
/// Infinities and NaN are not numbers here.
pub fn number(text: &str, kind: Kind) -> Option<f64> {
    if !matches!(kind, Kind::Number | Kind::Text) {
        return None;
    }
    let first = *text.as_bytes().first()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    text.parse().ok().filter(|n: &f64| n.is_finite())
}

pub fn number_holds(test: NumberTest, value: f64, asked: f64) -> bool {
    match test {
        NumberTest::Eq => value == asked,
        NumberTest::Lt => value < asked,
        NumberTest::Lte => value <= asked,
        NumberTest::Gt => value > asked,
        NumberTest::Gte => value >= asked,
    }
}

/// A truth value: of a boolean, or of text that says `true`, `1`, `yes`, `false`, `0` or `no` in any case.
pub fn boolean(text: &str, kind: Kind) -> Option<bool> {
    match kind {
        Kind::Bool | Kind::Text => {
            let is = |word: &str| text.eq_ignore_ascii_case(word);
            if is("true") || is("1") || is("yes") {
                Some(true)
            } else if is("false") || is("0") || is("no") {
                Some(false)
            } else {
                None
            }
        }
        Kind::Number | Kind::Null => None,
    }
}

/// Whether `text` is an address inside `net`. Text that is no address is outside of every net.
pub fn in_net(text: &str, net: &IpNet) -> bool {
    text.parse::<IpAddr>().is_ok_and(|address| net.contains(&address))
}

/// One part of a date, in UTC. Read are RFC 3339, the same without a zone (taken as UTC) or with a blank for the `T`,
/// and seconds or (above 10^12) milliseconds since 1970. The week is that of ISO 8601.
pub fn date_part(text: &str, kind: Kind, part: DatePart) -> Option<i64> {
    let at = instant(text, kind)?;
    Some(match part {
        DatePart::Minute => i64::from(at.minute()),
        DatePart::Hour => i64::from(at.hour()),
        DatePart::Day => i64::from(at.day()),
        DatePart::Week => i64::from(at.date().iso_week_date().week()),
        DatePart::Month => i64::from(at.month()),
        DatePart::Year => i64::from(at.year()),
    })
}

fn instant(text: &str, kind: Kind) -> Option<Zoned> {
    if matches!(kind, Kind::Bool | Kind::Null) {
        return None;
    }
    let utc = |t: Timestamp| t.to_zoned(TimeZone::UTC);
    if let Some(n) = number(text, kind) {
        let n = n as i64;
        let seconds = if n > 1_000_000_000_000 { n / 1000 } else { n };
        return Timestamp::from_second(seconds).ok().map(utc);
    }
    if let Ok(t) = text.parse::<Timestamp>() {
        return Some(utc(t));
    }
    // A bare date says no hour, so it is no point in time.
    if text.len() <= "2026-03-14".len() {
        return None;
    }
    let civil: DateTime = text.parse().ok()?;
    Offset::UTC.to_timestamp(civil).ok().map(utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_from_numbers_and_text() {
        for (text, kind, expect) in [
            ("4688", Kind::Number, Some(4688.0)),
            ("4688", Kind::Text, Some(4688.0)),
            ("-1.5", Kind::Text, Some(-1.5)),
            ("+7", Kind::Text, Some(7.0)),
            ("1e3", Kind::Number, Some(1000.0)),
            ("", Kind::Text, None),
            (" 1", Kind::Text, None),
            ("0x10", Kind::Text, None),
            ("nan", Kind::Text, None),
            ("-inf", Kind::Text, None),
            ("1", Kind::Bool, None),
            ("", Kind::Null, None),
        ] {
            assert_eq!(number(text, kind), expect, "{text:?} {kind:?}");
        }
    }

    #[test]
    fn reads_truth_values() {
        for (text, kind, expect) in [
            ("true", Kind::Bool, Some(true)),
            ("True", Kind::Text, Some(true)),
            ("0", Kind::Text, Some(false)),
            ("0", Kind::Number, None),
            ("on", Kind::Text, None),
            ("", Kind::Null, None),
        ] {
            assert_eq!(boolean(text, kind), expect, "{text:?} {kind:?}");
        }
    }

    #[test]
    fn takes_parts_of_dates_in_utc() {
        for (text, kind, part, expect) in [
            ("2026-03-14T09:26:53Z", Kind::Text, DatePart::Hour, Some(9)),
            ("2026-03-14T09:26:53+02:00", Kind::Text, DatePart::Hour, Some(7)),
            ("2026-03-14 09:26:53.123", Kind::Text, DatePart::Minute, Some(26)),
            ("2026-03-14T09:26:53", Kind::Text, DatePart::Day, Some(14)),
            ("2027-01-01T00:00:00Z", Kind::Text, DatePart::Week, Some(53)),
            ("1720614600", Kind::Number, DatePart::Year, Some(2024)),
            ("1720614600000", Kind::Text, DatePart::Month, Some(7)),
            ("2026-03-14", Kind::Text, DatePart::Day, None),
            ("2026-13-14T09:26:53Z", Kind::Text, DatePart::Day, None),
            ("soon", Kind::Text, DatePart::Day, None),
            ("1720614600", Kind::Bool, DatePart::Day, None),
        ] {
            assert_eq!(date_part(text, kind, part), expect, "{text:?} {part:?}");
        }
    }

    #[test]
    fn text_that_is_no_address_is_in_no_net() {
        let net: IpNet = "10.0.0.0/8".parse().unwrap();
        for (text, expect) in [
            ("10.1.2.3", true),
            ("11.0.0.1", false),
            ("10.1.2", false),
            ("", false),
            ("::ffff:10.0.0.1", false),
        ] {
            assert_eq!(in_net(text, &net), expect, "{text}");
        }
        let net: IpNet = "2001:db8::/32".parse().unwrap();
        assert!(in_net("2001:DB8::1", &net));
    }
}
