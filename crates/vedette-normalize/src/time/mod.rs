//! Time stamps of all sorts into UTC, and how sure we are of them.
//!
//! A text without a zone is read in the zone of the [`Hints`], else in UTC, and says so. In a gap of daylight saving
//! the time is moved forward by the gap, in a fold the earlier of the two is meant (RFC 5545 section 3.3.5). What
//! cannot be a log's time is an error with a reason, never an event of 1970.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use vedette_model::{FileContext, TimeBasis, Timestamp};

mod civil;
mod scan;
mod zone;

pub(crate) use scan::month_named;
pub(crate) use zone::abbreviation as zone_abbreviation;
pub use zone::named as zone_named;

/// Windows event logs and syslog are younger than this; an earlier year is a clock that was never set.
pub const YEAR_MIN: i32 = 1990;
/// A later year is a broken clock or a field that is no time.
pub const YEAR_MAX: i32 = 2100;

const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;
/// Seconds from 1601-01-01 to 1970-01-01.
const FILETIME_EPOCH_SECONDS: i64 = 11_644_473_600;

/// Why a text is not a time to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct TimeError {
    /// Stable short reason used for counting.
    pub reason: &'static str,
    /// The text, and what is wrong with it.
    pub detail: String,
}

impl TimeError {
    pub(crate) fn new(reason: &'static str, detail: String) -> Self {
        Self { reason, detail }
    }
}

/// What is known of a file's clock beyond its records. Built once a file.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// For texts without a zone; UTC when missing.
    pub zone: Option<TimeZone>,
    /// For texts without a year.
    pub year: Option<i16>,
    /// When the file was last written: no record is younger by more than a day. It also gives the year where `year`
    /// is missing.
    pub latest: Option<Timestamp>,
}

impl Hints {
    /// # Errors
    /// `unknown zone`, when the file's zone is no IANA name.
    pub fn of(file: &FileContext) -> Result<Self, TimeError> {
        Ok(Self {
            zone: file.zone.as_deref().map(zone::named).transpose()?,
            year: file.year.as_ref().map(|(year, _)| *year),
            latest: file.modified,
        })
    }
}

/// How a mapping says a field is to be read (`as:`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TimeFormat {
    /// By its shape: see [`parse`].
    #[default]
    Auto,
    Rfc3339,
    /// Seconds since 1970, with a fraction or not.
    Unix,
    UnixMillis,
    UnixMicros,
    UnixNanos,
    /// 100 nanoseconds since 1601.
    Filetime,
    /// A pattern in the language of strptime, as jiff reads it.
    Pattern(String),
}

impl TimeFormat {
    /// The word after `as:`; what holds a `%` is a pattern.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word {
            "auto" => Self::Auto,
            "rfc3339" => Self::Rfc3339,
            "unix" => Self::Unix,
            "unix_ms" => Self::UnixMillis,
            "unix_us" => Self::UnixMicros,
            "unix_ns" => Self::UnixNanos,
            "filetime" => Self::Filetime,
            pattern if pattern.contains('%') => Self::Pattern(pattern.to_owned()),
            _ => return None,
        })
    }

    /// Reads `text` as this format.
    ///
    /// # Errors
    /// As [`parse`]; `does not fit the pattern` for a pattern.
    pub fn parse(&self, text: &str, hints: &Hints) -> Result<(Timestamp, TimeBasis), TimeError> {
        let stated = |t| Ok((t, TimeBasis::Stated));
        match self {
            Self::Auto => parse(text, hints),
            Self::Rfc3339 => match rfc3339(text.trim().as_bytes()) {
                Some(t) => stated(believable(t, text)?),
                None => parse(text, hints),
            },
            Self::Unix => stated(number(text, SECOND)?),
            Self::UnixMillis => stated(number(text, 1_000_000)?),
            Self::UnixMicros => stated(number(text, 1_000)?),
            Self::UnixNanos => stated(number(text, 1)?),
            Self::Filetime => stated(filetime(text)?),
            Self::Pattern(pattern) => patterned(text, pattern, hints),
        }
    }
}

/// Reads a time by its shape.
///
/// RFC 3339 and its relatives (any fraction, a blank for `T`, no zone, `+0000`), week dates, RFC 3164 with a year or
/// without, Cisco, RFC 5322, ctime, Apache, `3/14/2026 9:26:53 AM` (month first unless it exceeds 12),
/// `14.03.2026 09:26`, compact `20260314092653`, and numbers: seconds, milli-, micro-, nanoseconds since 1970 and
/// 100 ns since 1601, told apart by magnitude (for 1990 to 2100 the ranges do not meet).
///
/// # Errors
/// `no time`, `not a time`, `zero time`, `month out of range`, `day out of range`, `time of day out of range`,
/// `year before 1990`, `year after 2100`, `year unknown`, `unknown zone`.
pub fn parse(text: &str, hints: &Hints) -> Result<(Timestamp, TimeBasis), TimeError> {
    if let Some(t) = rfc3339(text.as_bytes()) {
        return Ok((believable(t, text)?, TimeBasis::Stated));
    }
    let trimmed = text.trim().trim_matches(['"', '\'']);
    let trimmed = trimmed.strip_prefix('[').map_or(trimmed, |t| t.strip_suffix(']').unwrap_or(t)).trim();
    // Cisco marks a clock that is not set by `*`, one that lost its source by `.`.
    let trimmed = trimmed.trim_start_matches(['*', '.']);
    if trimmed.is_empty() || trimmed == "-" {
        return Err(TimeError::new("no time", format!("`{text}`")));
    }
    if let Some(t) = rfc3339(trimmed.as_bytes()) {
        return Ok((believable(t, text)?, TimeBasis::Stated));
    }
    let whole = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    if whole == trimmed.len() || (whole > 0 && is_decimal(trimmed)) {
        return match whole {
            8 | 14 => shaped(trimmed, text, hints),
            _ => Ok((by_magnitude(trimmed, text)?, TimeBasis::Stated)),
        };
    }
    shaped(trimmed, text, hints)
}

fn shaped(trimmed: &str, text: &str, hints: &Hints) -> Result<(Timestamp, TimeBasis), TimeError> {
    let parts = match scan::written(trimmed)? {
        Some(parts) => parts,
        None => return Err(not_a_time(text)),
    };
    resolve(&parts, text, hints)
}

#[cold]
fn not_a_time(text: &str) -> TimeError {
    TimeError::new("not a time", format!("`{}`", crate::formats::text::quote(text)))
}

/// Digits, one point or comma, digits.
fn is_decimal(text: &str) -> bool {
    match text.split_once(['.', ',']) {
        Some((a, b)) => !b.is_empty() && a.bytes().chain(b.bytes()).all(|c| c.is_ascii_digit()),
        None => false,
    }
}

/// RFC 3339 `date-time` where every part stands at its place, and nothing else: the shape of most logs.
#[inline]
fn rfc3339(b: &[u8]) -> Option<Timestamp> {
    if b.len() < 20 || b[4] != b'-' || b[7] != b'-' || b[13] != b':' || b[16] != b':' {
        return None;
    }
    if !matches!(b[10], b'T' | b't' | b' ') {
        return None;
    }
    let two = |at: usize| -> Option<u32> {
        let (tens, ones) = (b[at].wrapping_sub(b'0'), b[at + 1].wrapping_sub(b'0'));
        (tens < 10 && ones < 10).then(|| u32::from(tens) * 10 + u32::from(ones))
    };
    let year = (two(0)? * 100 + two(2)?) as i32;
    let (month, day, hour, minute, second) = (two(5)?, two(8)?, two(11)?, two(14)?, two(17)?);
    let in_range = (1..=12).contains(&month)
        && (1..=civil::days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !in_range || !(1700..2200).contains(&year) {
        return None;
    }
    let mut at = 19;
    let mut nanosecond: u32 = 0;
    if b[at] == b'.' {
        let mut scale = 100_000_000;
        at += 1;
        while let Some(digit @ b'0'..=b'9') = b.get(at) {
            nanosecond += u32::from(digit - b'0') * scale;
            scale /= 10;
            at += 1;
        }
        if at == 20 {
            return None;
        }
    }
    let offset = match &b[at..] {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
            let (hours, minutes) = (two(at + 1)?, two(at + 4)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let seconds = i64::from(hours * 3600 + minutes * 60);
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let seconds =
        civil::days(year, month, day) * 86_400 + i64::from(hour * 3600 + minute * 60 + second) - offset;
    Some(Timestamp(seconds * SECOND + i64::from(nanosecond)))
}

/// Refuses what cannot be a log's time.
fn believable(t: Timestamp, text: &str) -> Result<Timestamp, TimeError> {
    const FIRST: i64 = 631_152_000 * SECOND;
    const AFTER: i64 = 4_133_980_800 * SECOND;
    if t.0 == 0 {
        return Err(TimeError::new("zero time", format!("`{text}` is the beginning of 1970")));
    }
    if t.0 < FIRST {
        return Err(before(text));
    }
    if t.0 >= AFTER {
        return Err(TimeError::new("year after 2100", format!("`{text}`")));
    }
    Ok(t)
}

#[cold]
fn before(text: &str) -> TimeError {
    TimeError::new("year before 1990", format!("`{text}`"))
}

/// A decimal number of units of `unit_ns` nanoseconds.
fn number(text: &str, unit_ns: i64) -> Result<Timestamp, TimeError> {
    let trimmed = text.trim().trim_matches('"');
    let (whole, fraction) = trimmed.split_once(['.', ',']).unwrap_or((trimmed, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        // `1.773480413e9`, as some serialisers write large numbers; a double is good for microseconds.
        return match trimmed.parse::<f64>() {
            Ok(v) if v.is_finite() && v >= 0.0 && trimmed.contains(['e', 'E']) => {
                believable(Timestamp((v * unit_ns as f64) as i64), text)
            }
            _ => Err(not_a_time(text)),
        };
    }
    let whole: i64 = whole.parse().map_err(|_| not_a_time(text))?;
    let mut value = whole.checked_mul(unit_ns);
    let mut scale = unit_ns;
    for digit in fraction.bytes() {
        scale /= 10;
        value = value.and_then(|v| v.checked_add(i64::from(digit - b'0') * scale));
    }
    match value {
        Some(v) => believable(Timestamp(v), text),
        None => Err(TimeError::new("year after 2100", format!("`{text}`"))),
    }
}

fn filetime(text: &str) -> Result<Timestamp, TimeError> {
    let trimmed = text.trim();
    let ticks: i64 = match trimmed.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => trimmed.parse().ok(),
    }
    .ok_or_else(|| not_a_time(text))?;
    if ticks == 0 {
        return Err(TimeError::new("zero time", format!("`{text}` is the beginning of 1601")));
    }
    let since_1970 = ticks - FILETIME_EPOCH_SECONDS * 10_000_000;
    match since_1970.checked_mul(100) {
        Some(ns) => believable(Timestamp(ns), text),
        None if since_1970 < 0 => Err(before(text)),
        None => Err(TimeError::new("year after 2100", format!("`{text}`"))),
    }
}

/// A number whose unit follows from its size.
fn by_magnitude(trimmed: &str, text: &str) -> Result<Timestamp, TimeError> {
    let whole = trimmed.split(['.', ',']).next().unwrap_or("");
    let value: u64 = whole.parse().map_err(|_| not_a_time(text))?;
    match value {
        0 => Err(TimeError::new("zero time", format!("`{text}` is the beginning of 1970"))),
        // 1990 to 2100 in each unit.
        631_152_000..=4_133_980_800 => number(trimmed, SECOND),
        631_152_000_000..=4_133_980_800_000 => number(trimmed, 1_000_000),
        631_152_000_000_000..=4_133_980_800_000_000 => number(trimmed, 1_000),
        122_756_256_000_000_000..=157_784_544_000_000_000 => filetime(whole),
        631_152_000_000_000_000..=4_133_980_800_000_000_000 => number(trimmed, 1),
        _ => Err(TimeError::new("not a time", format!("`{text}` is no year from 1990 to 2100 in any unit"))),
    }
}

fn patterned(text: &str, pattern: &str, hints: &Hints) -> Result<(Timestamp, TimeBasis), TimeError> {
    let misfit =
        |e: jiff::Error| TimeError::new("does not fit the pattern", format!("`{text}`, `{pattern}`: {e}"));
    let mut read = jiff::fmt::strtime::parse(pattern, text.trim()).map_err(misfit)?;
    if let Ok(t) = read.to_timestamp() {
        return Ok((believable(t.into(), text)?, TimeBasis::Stated));
    }
    let mut parts = scan::Parts {
        year: read.year().map(i32::from),
        month: 0,
        day: 0,
        hour: 0,
        minute: 0,
        second: 0,
        nanosecond: 0,
        zone: read.offset().map_or(scan::Zone::Missing, |o| scan::Zone::Offset(o.seconds())),
    };
    if parts.year.is_none() {
        // Any leap year serves: only month and day are read from it.
        read.set_year(Some(2000)).map_err(misfit)?;
    }
    let at = read.to_datetime().or_else(|_| read.to_date().map(|d| d.at(0, 0, 0, 0))).map_err(misfit)?;
    parts.month = at.month() as u32;
    parts.day = at.day() as u32;
    parts.hour = at.hour() as u32;
    parts.minute = at.minute() as u32;
    parts.second = at.second() as u32;
    parts.nanosecond = at.subsec_nanosecond() as u32;
    resolve(&parts, text, hints)
}

/// From parts to a point in time, with the hints where the text is silent.
fn resolve(parts: &scan::Parts, text: &str, hints: &Hints) -> Result<(Timestamp, TimeBasis), TimeError> {
    let out_of = |reason, what: u32| Err(TimeError::new(reason, format!("{what} in `{text}`")));
    if !(1..=12).contains(&parts.month) {
        return out_of("month out of range", parts.month);
    }
    let longest =
        if parts.month == 2 { 29 } else { civil::days_in_month(parts.year.unwrap_or(2000), parts.month) };
    if parts.day == 0 || parts.day > longest {
        return out_of("day out of range", parts.day);
    }
    if parts.hour > 23 || parts.minute > 59 || parts.second > 60 {
        return Err(TimeError::new("time of day out of range", format!("`{text}`")));
    }
    let (year, year_assumed) = match parts.year {
        Some(year) => (year, false),
        None => (assumed_year(parts, text, hints)?, true),
    };
    if parts.day > civil::days_in_month(year, parts.month) {
        return out_of("day out of range", parts.day);
    }
    if let (1 | 1601 | 1900 | 1970, 1, 1, 0, 0, 0) =
        (year, parts.month, parts.day, parts.hour, parts.minute, parts.second)
    {
        return Err(TimeError::new("zero time", format!("`{text}` is the beginning of a calendar")));
    }
    if year < YEAR_MIN {
        return Err(before(text));
    }
    if year > YEAR_MAX {
        return Err(TimeError::new("year after 2100", format!("`{text}`")));
    }
    let (t, zone_assumed) = instant(year, parts, hints);
    let basis = match (year_assumed, zone_assumed) {
        (false, false) => TimeBasis::Stated,
        (false, true) => TimeBasis::ZoneAssumed,
        (true, false) => TimeBasis::YearAssumed,
        (true, true) => TimeBasis::YearAndZoneAssumed,
    };
    Ok((t, basis))
}

/// The year of a stamp without one: the hint's, else the file date's; a stamp more than a day after the file date
/// belongs to the year before; 29 February to the last leap year.
fn assumed_year(parts: &scan::Parts, text: &str, hints: &Hints) -> Result<i32, TimeError> {
    let from_file = hints.latest.map(|t| civil::year_of_day(t.0.div_euclid(DAY)));
    let Some(mut year) = hints.year.map(i32::from).or(from_file) else {
        return Err(TimeError::new("year unknown", format!("`{text}` has none, and neither has the file")));
    };
    let leap_day = parts.month == 2 && parts.day == 29;
    let back_to_leap = |mut year: i32| {
        // At most eight years lie between two leap years.
        for _ in 0..8 {
            if leap_day && !civil::is_leap(year) {
                year -= 1;
            }
        }
        year
    };
    year = back_to_leap(year.clamp(1, 9999));
    if let Some(latest) = hints.latest
        && instant(year, parts, hints).0.0 > latest.0.saturating_add(DAY)
    {
        year = back_to_leap(year - 1);
    }
    Ok(year)
}

/// All parts are in range. The second value says that the zone was assumed.
fn instant(year: i32, parts: &scan::Parts, hints: &Hints) -> (Timestamp, bool) {
    let local = civil::days(year, parts.month, parts.day) * 86_400
        + i64::from(parts.hour * 3600 + parts.minute * 60 + parts.second);
    let at_offset = |offset: i64| {
        Timestamp((local - offset).saturating_mul(SECOND).saturating_add(i64::from(parts.nanosecond)))
    };
    let (zone, assumed): (Cow<'_, TimeZone>, bool) = match &parts.zone {
        scan::Zone::Offset(seconds) => return (at_offset(i64::from(*seconds)), false),
        scan::Zone::Usual(seconds) => return (at_offset(i64::from(*seconds)), true),
        scan::Zone::Named(zone) => (Cow::Borrowed(zone), false),
        scan::Zone::Missing => match &hints.zone {
            Some(zone) => (Cow::Borrowed(zone), true),
            None => return (at_offset(0), true),
        },
    };
    let civil = jiff::civil::DateTime::new(
        year as i16,
        parts.month as i8,
        parts.day as i8,
        parts.hour as i8,
        parts.minute as i8,
        parts.second.min(59) as i8,
        parts.nanosecond as i32,
    );
    let leap_second = i64::from(parts.second == 60) * SECOND;
    match civil.and_then(|c| zone.to_ambiguous_timestamp(c).compatible()) {
        Ok(t) => (Timestamp(Timestamp::from(t).0.saturating_add(leap_second)), assumed),
        Err(_) => (at_offset(0), true),
    }
}

#[cfg(test)]
mod tests;
