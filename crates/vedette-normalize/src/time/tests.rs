//! Time stamps as logs write them.

use proptest::prelude::*;
use vedette_model::{TimeBasis, Timestamp};

use super::*;

fn hints() -> Hints {
    Hints {
        zone: None,
        year: None,
        // 2026-03-20T00:00:00Z
        latest: Timestamp::from_secs(1_773_964_800),
    }
}

fn show(read: Result<(Timestamp, TimeBasis), TimeError>) -> String {
    match read {
        Ok((t, TimeBasis::Stated)) => t.to_string(),
        Ok((t, TimeBasis::ZoneAssumed)) => format!("{t} zone?"),
        Ok((t, TimeBasis::YearAssumed)) => format!("{t} year?"),
        Ok((t, TimeBasis::YearAndZoneAssumed)) => format!("{t} year? zone?"),
        Err(e) => format!("error: {}", e.reason),
    }
}

fn check(hints: &Hints, cases: &[(&str, &str)]) {
    for (text, expect) in cases {
        assert_eq!(&show(parse(text, hints)), expect, "`{text}`");
    }
}

#[test]
fn iso_and_its_relatives() {
    check(
        &hints(),
        &[
            ("2026-03-14T09:26:53Z", "2026-03-14T09:26:53Z"),
            ("2026-03-14T09:26:53.5Z", "2026-03-14T09:26:53.500Z"),
            ("2026-03-14T09:26:53.123456789Z", "2026-03-14T09:26:53.123456789Z"),
            ("2026-03-14T09:26:53.1234567891234Z", "2026-03-14T09:26:53.123456789Z"),
            ("2026-03-14T09:26:53+01:00", "2026-03-14T08:26:53Z"),
            ("2026-03-14t09:26:53-05:30", "2026-03-14T14:56:53Z"),
            ("2026-03-14 09:26:53.589793+00:00", "2026-03-14T09:26:53.589793Z"),
            ("2026-03-14 09:26:53Z", "2026-03-14T09:26:53Z"),
            ("2026-03-14 09:26:53 UTC", "2026-03-14T09:26:53Z"),
            ("2026-03-14 09:26:53 GMT", "2026-03-14T09:26:53Z"),
            ("2026-03-14T09:26:53+0000", "2026-03-14T09:26:53Z"),
            ("2026-03-14T09:26:53+00", "2026-03-14T09:26:53Z"),
            ("2026-03-14 09:26:53.589 +0200", "2026-03-14T07:26:53.589Z"),
            ("2026-03-14 09:26:53 +0000 UTC", "2026-03-14T09:26:53Z"),
            ("2026-03-14 09:26:53 GMT+0800", "2026-03-14T01:26:53Z"),
            ("2026-03-14T09:26:53", "2026-03-14T09:26:53Z zone?"),
            ("2026-03-14T09:26:53.589793", "2026-03-14T09:26:53.589793Z zone?"),
            ("2020-10-21 12:19:01.088", "2020-10-21T12:19:01.088Z zone?"),
            ("2026-03-14 09:26:53,589", "2026-03-14T09:26:53.589Z zone?"),
            ("2026/03/14 09:26:53", "2026-03-14T09:26:53Z zone?"),
            ("2026/3/4 9:26", "2026-03-04T09:26:00Z zone?"),
            ("2026.03.14 09:26:53", "2026-03-14T09:26:53Z zone?"),
            ("2026-03-14", "2026-03-14T00:00:00Z zone?"),
            ("2026-W11-6T09:26:53Z", "2026-03-14T09:26:53Z"),
            ("2026W116 09:26:53 UTC", "error: not a time"),
            ("20260314T092653Z", "2026-03-14T09:26:53Z"),
            ("20260314092653", "2026-03-14T09:26:53Z zone?"),
            ("20260314", "2026-03-14T00:00:00Z zone?"),
            ("2026-03-14T10:26:53+01:00[Europe/Berlin]", "2026-03-14T09:26:53Z"),
            ("2026-03-14T10:26:53[Europe/Berlin]", "2026-03-14T09:26:53Z"),
            ("2026-03-14 10:26:53 Europe/Berlin", "2026-03-14T09:26:53Z"),
            ("2026-03-14 10:26:53 Europe/Nowhere", "error: unknown zone"),
            ("2026-03-14T09:26:60Z", "2026-03-14T09:27:00Z"),
            ("\"2026-03-14T09:26:53Z\"", "2026-03-14T09:26:53Z"),
            (" 2026-03-14T09:26:53Z ", "2026-03-14T09:26:53Z"),
            ("2026-03-14:09:26:53", "2026-03-14T09:26:53Z zone?"),
        ],
    );
}

#[test]
fn syslog_and_devices() {
    check(
        &hints(),
        &[
            ("Mar 14 09:26:53", "2026-03-14T09:26:53Z year? zone?"),
            ("Mar  4 09:26:53", "2026-03-04T09:26:53Z year? zone?"),
            ("Mar 14 09:26:53.589", "2026-03-14T09:26:53.589Z year? zone?"),
            ("*Mar 14 09:26:53.589 UTC:", "2026-03-14T09:26:53.589Z year?"),
            (".Mar 14 09:26:53.589:", "2026-03-14T09:26:53.589Z year? zone?"),
            ("Mar 14 09:26:53 CDT", "2026-03-14T14:26:53Z year? zone?"),
            ("Mar 14 09:26:53 IST", "2026-03-14T09:26:53Z year? zone?"),
            ("Mar 14 2026 09:26:53", "2026-03-14T09:26:53Z zone?"),
            ("Mar 14 09:26:53 2026", "2026-03-14T09:26:53Z zone?"),
            ("Mar 14 2026 09:26:53 GMT", "2026-03-14T09:26:53Z"),
            ("2026 Mar 14 09:26:53 PDT", "2026-03-14T16:26:53Z zone?"),
            ("14/03/2026:09:26:53 GMT", "2026-03-14T09:26:53Z"),
            ("Dec 31 23:59:59", "2025-12-31T23:59:59Z year? zone?"),
            ("Mar 20 12:00:00", "2026-03-20T12:00:00Z year? zone?"),
            ("Mar 21 12:00:00", "2025-03-21T12:00:00Z year? zone?"),
            ("Feb 29 12:00:00", "2024-02-29T12:00:00Z year? zone?"),
            ("1773480413.589793000", "2026-03-14T09:26:53.589793Z"),
        ],
    );
    let eve = Hints { latest: Timestamp::from_secs(1_767_225_600), ..Hints::default() };
    check(&eve, &[("Dec 31 23:59:59", "2025-12-31T23:59:59Z year? zone?")]);
    let given = Hints { year: Some(2024), ..Hints::default() };
    check(&given, &[("Dec 31 23:59:59", "2024-12-31T23:59:59Z year? zone?")]);
    check(&Hints::default(), &[("Mar 14 09:26:53", "error: year unknown")]);
}

#[test]
fn mail_web_and_people() {
    check(
        &hints(),
        &[
            ("Sat, 14 Mar 2026 09:26:53 +0000", "2026-03-14T09:26:53Z"),
            ("14 Mar 2026 09:26:53 -0500", "2026-03-14T14:26:53Z"),
            ("Sat, 14 Mar 2026 09:26:53 GMT", "2026-03-14T09:26:53Z"),
            ("14/Mar/2026:09:26:53 +0100", "2026-03-14T08:26:53Z"),
            ("[14/Mar/2026:09:26:53 +0100]", "2026-03-14T08:26:53Z"),
            ("Sat Mar 14 09:26:53 2026", "2026-03-14T09:26:53Z zone?"),
            ("Sat Mar 14 09:26:53 UTC 2026", "2026-03-14T09:26:53Z"),
            ("Sat Mar 14 2026 09:26:53 +00:00", "2026-03-14T09:26:53Z"),
            ("Mar 14, 2026 9:26:53 PM", "2026-03-14T21:26:53Z zone?"),
            ("Saturday, March 14, 2026 9:26:53 AM", "2026-03-14T09:26:53Z zone?"),
            ("Sat Mar 14 2026 09:26:53 GMT+0100 (Central European Standard Time)", "2026-03-14T08:26:53Z"),
            ("3/14/2026 9:26:53 AM", "2026-03-14T09:26:53Z zone?"),
            ("3/14/2026 12:26:53 AM", "2026-03-14T00:26:53Z zone?"),
            ("3/14/2026 12:26:53 PM", "2026-03-14T12:26:53Z zone?"),
            ("14/3/2026 09:26:53", "2026-03-14T09:26:53Z zone?"),
            ("4/3/2026 09:26:53", "2026-04-03T09:26:53Z zone?"),
            ("04.03.2026 09:26:53", "2026-03-04T09:26:53Z zone?"),
            ("03/14/26,09:26:53", "2026-03-14T09:26:53Z zone?"),
            ("24-Sep-2020 09:46:27.205", "2020-09-24T09:46:27.205Z zone?"),
            ("Mar 14, 2026 @ 09:26:53.589", "error: not a time"),
        ],
    );
}

#[test]
fn numbers() {
    check(
        &hints(),
        &[
            ("1773480413", "2026-03-14T09:26:53Z"),
            ("1773480413.5", "2026-03-14T09:26:53.500Z"),
            ("1773480413589", "2026-03-14T09:26:53.589Z"),
            ("1773480413589.25", "2026-03-14T09:26:53.589250Z"),
            ("1773480413589793", "2026-03-14T09:26:53.589793Z"),
            ("1773480413589793123", "2026-03-14T09:26:53.589793123Z"),
            ("134179540135897930", "2026-03-14T09:26:53.589793Z"),
            ("0", "error: zero time"),
            ("0.0", "error: zero time"),
            ("42", "error: not a time"),
            ("99999999999999999999999", "error: not a time"),
        ],
    );
    let h = hints();
    let read = |word: &str, text: &str| show(TimeFormat::named(word).unwrap().parse(text, &h));
    assert_eq!(read("unix", "1773480413.589"), "2026-03-14T09:26:53.589Z");
    assert_eq!(read("unix", "1.773480413e9"), "2026-03-14T09:26:53Z");
    assert_eq!(read("unix_ms", "1773480413589"), "2026-03-14T09:26:53.589Z");
    assert_eq!(read("unix_us", "1773480413589793"), "2026-03-14T09:26:53.589793Z");
    assert_eq!(read("unix_ns", "1773480413589793123"), "2026-03-14T09:26:53.589793123Z");
    assert_eq!(read("filetime", "134179540135897930"), "2026-03-14T09:26:53.589793Z");
    assert_eq!(read("filetime", "0x01dcb394b1eceb4a"), "2026-03-14T09:26:53.589793Z");
    assert_eq!(read("filetime", "0"), "error: zero time");
    assert_eq!(read("filetime", "1"), "error: year before 1990");
    assert_eq!(read("filetime", "9223372036854775807"), "error: year after 2100");
    assert_eq!(read("unix", "9223372036854775807"), "error: year after 2100");
    assert_eq!(read("unix", "-1"), "error: not a time");
    assert!(TimeFormat::named("unixms").is_none());
}

#[test]
fn patterns() {
    let h = hints();
    let read = |pattern: &str, text: &str| show(TimeFormat::named(pattern).unwrap().parse(text, &h));
    assert_eq!(read("%Y-%m-%d %H:%M:%S %z", "2026-03-14 09:26:53 +0100"), "2026-03-14T08:26:53Z");
    assert_eq!(read("%d.%m.%Y %H:%M", "14.03.2026 09:26"), "2026-03-14T09:26:00Z zone?");
    assert_eq!(read("%b %d %H:%M:%S", "Dec 31 23:59:59"), "2025-12-31T23:59:59Z year? zone?");
    assert_eq!(read("%b %d %H:%M:%S", "Feb 29 23:59:59"), "2024-02-29T23:59:59Z year? zone?");
    assert_eq!(read("%s", "1773480413"), "2026-03-14T09:26:53Z");
    assert_eq!(read("%Y", "abc"), "error: does not fit the pattern");
}

#[test]
fn zones_and_their_edges() {
    let berlin = Hints { zone: Some(zone_named("Europe/Berlin").unwrap()), ..hints() };
    check(
        &berlin,
        &[
            ("2026-01-14 09:26:53", "2026-01-14T08:26:53Z zone?"),
            ("2026-07-14 09:26:53", "2026-07-14T07:26:53Z zone?"),
            // 02:30 does not exist on 29 March: moved forward by the gap. On 25 October it comes twice: the first.
            ("2026-03-29 02:30:00", "2026-03-29T01:30:00Z zone?"),
            ("2026-10-25 02:30:00", "2026-10-25T00:30:00Z zone?"),
            ("2026-07-14 09:26:53Z", "2026-07-14T09:26:53Z"),
            ("2026-01-14 09:26:60", "2026-01-14T08:27:00Z zone?"),
        ],
    );
}

#[test]
fn impossible_dates_are_errors() {
    check(
        &hints(),
        &[
            ("", "error: no time"),
            ("-", "error: no time"),
            ("yesterday", "error: not a time"),
            ("2026-13-01T00:00:00Z", "error: month out of range"),
            ("2026-00-01T00:00:00Z", "error: month out of range"),
            ("2026-02-30T00:00:00Z", "error: day out of range"),
            ("2025-02-29T00:00:00Z", "error: day out of range"),
            ("Feb 30 00:00:00", "error: day out of range"),
            ("2026-03-14T24:00:00Z", "error: time of day out of range"),
            ("2026-03-14T09:60:00Z", "error: time of day out of range"),
            ("1970-01-01T00:00:00Z", "error: zero time"),
            ("1970-01-01T00:00:00.000Z", "error: zero time"),
            ("1601-01-01T00:00:00Z", "error: zero time"),
            ("0001-01-01T00:00:00Z", "error: zero time"),
            ("1601-01-02T00:00:00Z", "error: year before 1990"),
            ("1989-12-31T23:59:59Z", "error: year before 1990"),
            ("2101-01-01T00:00:00Z", "error: year after 2100"),
            ("9999-12-31T23:59:59Z", "error: year after 2100"),
            ("2026-03-14T09:26:53Zebra", "error: not a time"),
            ("2026-03-14T09:26:53 and more", "error: not a time"),
        ],
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn never_panics(text in "\\PC{0,40}") {
        let _ = parse(&text, &hints());
        for word in ["rfc3339", "unix", "unix_ms", "unix_us", "unix_ns", "filetime", "%d %b %Y %T"] {
            let _ = TimeFormat::named(word).unwrap().parse(&text, &hints());
        }
    }

    #[test]
    fn never_panics_near_a_time(text in "[0-9TZ:+., /JanFebMar*\\[\\]-]{0,36}") {
        let _ = parse(&text, &hints());
        let _ = parse(&text, &Hints { zone: Some(zone_named("America/New_York").unwrap()), ..Hints::default() });
    }

    #[test]
    fn the_fast_road_and_the_slow_one_agree(ns in 631_152_000_000_000_000i64..4_133_980_799_000_000_000, digits in 0usize..10) {
        let t = Timestamp(ns).to_jiff();
        let text = format!("{t:.digits$}");
        let (fast, basis) = parse(&text, &Hints::default()).unwrap();
        prop_assert_eq!(basis, TimeBasis::Stated);
        // A comma for the point takes the slow road.
        let (slow, _) = parse(&text.replace('.', ","), &Hints::default()).unwrap();
        prop_assert_eq!(fast, slow);
        let whole = 10i64.pow(9 - digits as u32);
        prop_assert_eq!(fast.0, ns.div_euclid(whole) * whole);
    }
}
