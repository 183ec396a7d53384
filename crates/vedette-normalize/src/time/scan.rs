//! Reads written dates and times into their parts. No pattern language: a cursor, and one function a shape.

use super::TimeError;
use super::zone::{self, Abbreviation};

/// The zone a text gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Zone {
    Missing,
    /// Seconds east of UTC.
    Offset(i32),
    /// An abbreviation's usual meaning, seconds east of UTC.
    Usual(i32),
    /// An IANA name.
    Named(jiff::tz::TimeZone),
}

/// A date and time as written. Ranges are not checked yet, except that the numbers have the digits they should have.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    pub year: Option<i32>,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub nanosecond: u32,
    pub zone: Zone,
}

impl Parts {
    fn date(year: Option<i32>, month: u32, day: u32) -> Self {
        Self { year, month, day, hour: 0, minute: 0, second: 0, nanosecond: 0, zone: Zone::Missing }
    }
}

/// Reads a date with or without a time. `None`: not a shape known here.
///
/// Of `a/b/c` with numbers alone, the first is the month (US) unless it exceeds 12; with dots or dashes it is the day.
///
/// # Errors
/// `unknown zone` for a bracketed or slashed zone name that does not exist.
pub fn written(text: &str) -> Result<Option<Parts>, TimeError> {
    let mut c = Cursor { bytes: text.as_bytes(), at: 0 };
    let first = match c.peek() {
        Some(b) if b.is_ascii_digit() => year_first(&mut c).or_else(|| {
            c.at = 0;
            day_first(&mut c)
        }),
        Some(b) if b.is_ascii_alphabetic() => month_first(&mut c),
        _ => None,
    };
    match first {
        Some(parts) => time_and_zone(&mut c, parts, text),
        None => Ok(None),
    }
}

/// `2026-03-14`, `2026/3/14`, `2026.03.14`, `2026-Mar-14`, `2026 Mar 14`, `2026-W11-6`, `20260314`.
fn year_first(c: &mut Cursor<'_>) -> Option<Parts> {
    let year = c.exactly(4)? as i32;
    let separator = c.peek()?;
    if separator.is_ascii_digit() {
        return Some(Parts::date(Some(year), c.exactly(2)?, c.exactly(2)?));
    }
    if !matches!(separator, b'-' | b'/' | b'.' | b' ') {
        return None;
    }
    c.at += 1;
    if c.eat(b'W') {
        let week = c.exactly(2)?;
        let weekday = if c.eat(b'-') || c.at_digit() { c.exactly(1)? } else { 1 };
        let (year, month, day) = super::civil::of_week(year, week, weekday)?;
        return Some(Parts::date(Some(year), month, day));
    }
    let month = match c.word() {
        "" => c.number(1, 2)?,
        name => month_named(name)?,
    };
    c.eat(separator);
    c.blanks();
    let day = c.number(1, 2)?;
    Some(Parts::date(Some(year), month, day))
}

/// `14/Mar/2026`, `24-Sep-2020`, `14 Mar 2026`, `3/14/2026`, `14.03.2026`, `14-03-26`.
fn day_first(c: &mut Cursor<'_>) -> Option<Parts> {
    let first = c.number(1, 2)?;
    let separator = c.peek()?;
    if !matches!(separator, b'/' | b'-' | b'.' | b' ') {
        return None;
    }
    c.at += 1;
    c.blanks();
    let name = c.word();
    if !name.is_empty() {
        let month = month_named(name)?;
        c.eat(separator);
        c.blanks();
        let year = c.year()?;
        return Some(Parts::date(Some(year), month, first));
    }
    let second = c.number(1, 2)?;
    if separator == b' ' || !c.eat(separator) {
        return None;
    }
    let year = c.year()?;
    let (month, day) = if separator == b'/' && first <= 12 { (first, second) } else { (second, first) };
    Some(Parts::date(Some(year), month, day))
}

/// `Mar 14`, `March 14, 2026`, `Sat Mar 14`, `Sat, 14 Mar 2026`, `Saturday, March 14, 2026`.
fn month_first(c: &mut Cursor<'_>) -> Option<Parts> {
    let mut name = c.word();
    if weekday_named(name) {
        c.eat(b',');
        c.blanks();
        if c.at_digit() {
            return day_first(c);
        }
        name = c.word();
    }
    let month = month_named(name)?;
    c.eat(b'.');
    if !c.eat(b' ') && !c.eat(b'-') {
        return None;
    }
    c.blanks();
    let day = c.number(1, 2)?;
    let mut parts = Parts::date(None, month, day);
    let before = c.at;
    c.eat(b',');
    c.blanks();
    // A number of four digits that is not the hour of a time is the year.
    match c.exactly(4) {
        Some(year) if c.peek() != Some(b':') || c.peek_at(3) != Some(b':') => parts.year = Some(year as i32),
        _ => c.at = before,
    }
    Some(parts)
}

/// The time of day and what follows it; the text must end there.
fn time_and_zone(c: &mut Cursor<'_>, mut parts: Parts, text: &str) -> Result<Option<Parts>, TimeError> {
    if c.at_end() {
        return Ok(parts.year.is_some().then_some(parts));
    }
    let start = c.at;
    match c.peek() {
        Some(b'T' | b't' | b'_') => c.at += 1,
        Some(b':' | b',') => {
            c.at += 1;
            c.blanks();
        }
        Some(b' ' | b'\t') => {
            c.blanks();
            if matches!(c.word_ahead(), "at" | "AT") {
                c.at += 2;
                c.blanks();
            }
        }
        Some(b'-') => c.at += 1,
        Some(b) if b.is_ascii_digit() => {}
        _ => return Ok(None),
    }
    if !time_of_day(c, &mut parts) {
        // A date may stand alone before its zone: `2026-03-14Z`, `2026-03-14 +01:00`.
        c.at = start;
    }
    c.blanks();
    if parts.year.is_none() && c.at_digit() {
        // `Mar 14 09:26:53 2026`
        match c.exactly(4) {
            Some(year) if !c.at_digit() => parts.year = Some(year as i32),
            _ => return Ok(None),
        }
        c.blanks();
    }
    parts.zone = match zone_written(c, text)? {
        Some(zone) => zone,
        None => return Ok(None),
    };
    c.blanks();
    if parts.year.is_none() && c.at_digit() {
        // `Mar 14 09:26:53 UTC 2026`
        match c.exactly(4) {
            Some(year) => parts.year = Some(year as i32),
            None => return Ok(None),
        }
    }
    while matches!(c.peek(), Some(b':' | b'.' | b' ' | b',' | b';')) {
        c.at += 1;
    }
    Ok(c.at_end().then_some(parts))
}

/// `09:26`, `9:26:53`, `09:26:53.589793`, `09:26:53,589`, `9:26:53 AM`, `092653`.
fn time_of_day(c: &mut Cursor<'_>, parts: &mut Parts) -> bool {
    let start = c.at;
    let Some(hour) = c.number(1, 2) else {
        return false;
    };
    parts.hour = hour;
    if c.eat(b':') {
        let Some(minute) = c.exactly(2) else {
            c.at = start;
            return false;
        };
        parts.minute = minute;
        if c.peek() == Some(b':') && c.peek_at(1).is_some_and(|b| b.is_ascii_digit()) {
            c.at += 1;
            let Some(second) = c.exactly(2) else {
                c.at = start;
                return false;
            };
            parts.second = second;
        }
    } else if let Some(minute) = c.exactly(2) {
        parts.minute = minute;
        parts.second = c.exactly(2).unwrap_or(0);
    } else {
        c.at = start;
        return false;
    }
    if matches!(c.peek(), Some(b'.' | b',')) && c.peek_at(1).is_some_and(|b| b.is_ascii_digit()) {
        c.at += 1;
        parts.nanosecond = c.fraction();
    }
    let after = c.at;
    c.blanks();
    let noon = match c.word_ahead() {
        "AM" | "am" | "A" | "a" if parts.hour <= 12 => Some(false),
        "PM" | "pm" | "P" | "p" if parts.hour <= 12 => Some(true),
        _ => None,
    };
    match noon {
        Some(afternoon) => {
            c.word();
            parts.hour = parts.hour % 12 + if afternoon { 12 } else { 0 };
        }
        None => c.at = after,
    }
    true
}

/// The zone at the cursor, [`Zone::Missing`] where there is none, `None` where something else stands.
fn zone_written(c: &mut Cursor<'_>, text: &str) -> Result<Option<Zone>, TimeError> {
    let mut zone = Zone::Missing;
    loop {
        c.blanks();
        match c.peek() {
            Some(b'+' | b'-') => {
                let Some(offset) = c.offset() else {
                    return Ok(None);
                };
                // `GMT+0800` and `UTC-05:00` mean the offset.
                zone = Zone::Offset(offset);
            }
            // `(UTC)` and `(Coordinated Universal Time)` repeat in words what stood before.
            Some(b'(') => c.at = text.len(),
            Some(b'[') => {
                let end = text[c.at..].find(']').map_or(text.len(), |i| c.at + i);
                let name = &text[c.at + 1..end];
                c.at = (end + 1).min(text.len());
                if zone == Zone::Missing {
                    zone = Zone::Named(zone::named(name)?);
                }
            }
            Some(b) if b.is_ascii_alphabetic() => {
                let start = c.at;
                let name = c.zone_name();
                if name.contains('/') {
                    let named = zone::named(name)?;
                    if zone == Zone::Missing {
                        zone = Zone::Named(named);
                    }
                    continue;
                }
                match (zone::abbreviation(name), &zone) {
                    (Some(_), Zone::Offset(_)) => {}
                    (Some(Abbreviation::Fixed(s)), _) => zone = Zone::Offset(s),
                    (Some(Abbreviation::Usual(s)), _) => zone = Zone::Usual(s),
                    (Some(Abbreviation::Ambiguous), _) => {}
                    (None, _) => {
                        c.at = start;
                        return Ok(None);
                    }
                }
            }
            _ => return Ok(Some(zone)),
        }
    }
}

/// 1 to 12 for an English month, three letters or whole.
pub fn month_named(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = MONTHS.iter().position(|m| {
        name.len() >= 3
            && name.len() <= m.len()
            && m.as_bytes()[..name.len()].eq_ignore_ascii_case(name.as_bytes())
    })?;
    (name.len() == 3 || name.len() == MONTHS[at].len() || name.eq_ignore_ascii_case("sept"))
        .then_some(at as u32 + 1)
}

fn weekday_named(name: &str) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    DAYS.iter().any(|d| {
        (name.len() == 3 || name.len() == d.len())
            && d.as_bytes()[..name.len()].eq_ignore_ascii_case(name.as_bytes())
    })
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    fn at_digit(&self) -> bool {
        self.peek().is_some_and(|b| b.is_ascii_digit())
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// A number of `least` to `most` digits; more digits than `most` stay unread.
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let start = self.at;
        let mut value = 0;
        while self.at - start < most {
            match self.peek() {
                Some(b) if b.is_ascii_digit() => {
                    value = value * 10 + u32::from(b - b'0');
                    self.at += 1;
                }
                _ => break,
            }
        }
        if self.at - start < least {
            self.at = start;
            return None;
        }
        Some(value)
    }

    fn exactly(&mut self, digits: usize) -> Option<u32> {
        self.number(digits, digits)
    }

    /// Four digits, or two that mean 2000 to 2099.
    fn year(&mut self) -> Option<i32> {
        let start = self.at;
        let value = self.number(2, 4)?;
        match self.at - start {
            4 => Some(value as i32),
            2 => Some(2000 + value as i32),
            _ => None,
        }
    }

    /// Digits of a fraction as nanoseconds; what is finer is cut off.
    fn fraction(&mut self) -> u32 {
        let mut value = 0;
        let mut digits = 0;
        while let Some(b @ b'0'..=b'9') = self.peek() {
            if digits < 9 {
                value = value * 10 + u32::from(b - b'0');
                digits += 1;
            }
            self.at += 1;
        }
        value * 10u32.pow(9 - digits)
    }

    fn letters_from(&self, at: usize, also: &[u8]) -> &'a str {
        let rest = &self.bytes[at.min(self.bytes.len())..];
        let end =
            rest.iter().position(|b| !b.is_ascii_alphabetic() && !also.contains(b)).unwrap_or(rest.len());
        std::str::from_utf8(&rest[..end]).unwrap_or("")
    }

    fn word_ahead(&self) -> &'a str {
        self.letters_from(self.at, b"")
    }

    fn word(&mut self) -> &'a str {
        let word = self.word_ahead();
        self.at += word.len();
        word
    }

    /// Letters, or letters with `/` and `_` in them: an abbreviation or an IANA name.
    fn zone_name(&mut self) -> &'a str {
        let name = self.letters_from(self.at, b"/_");
        self.at += name.len();
        name
    }

    /// `+01:00`, `-0500`, `+00`, `+5`, `+05:30:00` as seconds east of UTC.
    fn offset(&mut self) -> Option<i32> {
        let sign = if self.peek()? == b'-' { -1 } else { 1 };
        self.at += 1;
        let hours = self.number(1, 2)?;
        let colon = self.eat(b':');
        let minutes = match self.exactly(2) {
            Some(m) => m,
            None if colon => return None,
            None => 0,
        };
        let seconds = if self.peek() == Some(b':') {
            self.at += 1;
            self.exactly(2)?
        } else {
            0
        };
        // 14:00 is the widest zone there is; RFC 3339 allows 23:59.
        (hours < 24 && minutes < 60 && seconds < 60)
            .then(|| sign * (hours * 3600 + minutes * 60 + seconds) as i32)
    }
}
