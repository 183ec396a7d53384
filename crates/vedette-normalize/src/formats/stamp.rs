//! Finds where a time stamp at the beginning of a line ends. What it says is read by [`crate::time`].

use crate::time::{month_named, zone_abbreviation};

/// Length of the time stamp that `text` begins with, its zone included.
///
/// `Mar 14 09:26:53`, with a year before or behind, a fraction, a zone of letters; ISO 8601 with `T` or a blank;
/// `2026 Mar 14 09:26:53 CDT`; seconds since 1970 with a fraction; `14/03/2026:09:26:53 GMT`.
pub fn length(text: &str) -> Option<usize> {
    let b = text.as_bytes();
    match b.first()? {
        c if c.is_ascii_alphabetic() => month(text),
        c if c.is_ascii_digit() => {
            iso(text).or_else(|| year_month(text)).or_else(|| slashed(text)).or_else(|| epoch(b))
        }
        _ => None,
    }
}

/// The stamp begins with a month's name: the form of RFC 3164.
pub fn month(text: &str) -> Option<usize> {
    let b = text.as_bytes();
    let mut at = named_month(text, 0)?;
    at = day(b, at)?;
    if let Some(after) = year(b, at) {
        at = after;
    }
    at = time(b, blank(b, at)?)?;
    if let Some(after) = year(b, at) {
        at = after;
    }
    Some(zone(text, at))
}

/// The stamp is ISO 8601 with all parts of the date, whole seconds and a `T` or a blank.
pub fn iso(text: &str) -> Option<usize> {
    let b = text.as_bytes();
    let date = b.len() >= 19
        && digits(b, 0, 4)
        && matches!(b[4], b'-' | b'/')
        && digits(b, 5, 2)
        && b[7] == b[4]
        && digits(b, 8, 2)
        && matches!(b[10], b'T' | b' ');
    if !date {
        return None;
    }
    let at = time(b, 11)?;
    match b.get(at..) {
        Some([b'Z' | b'z', ..]) => Some(at + 1),
        Some([b'+' | b'-', ..]) => Some(offset(b, at).unwrap_or(at)),
        Some([b' ', b'+' | b'-', ..]) => Some(offset(b, at + 1).unwrap_or(at)),
        _ => Some(at),
    }
}

fn year_month(text: &str) -> Option<usize> {
    let b = text.as_bytes();
    if !digits(b, 0, 4) || b.get(4) != Some(&b' ') {
        return None;
    }
    let at = day(b, named_month(text, 5)?)?;
    let at = time(b, blank(b, at)?)?;
    Some(zone(text, at))
}

/// `14/03/2026:09:26:53 GMT` and `14/Mar/2026:09:26:53 +0000`.
fn slashed(text: &str) -> Option<usize> {
    let b = text.as_bytes();
    if !digits(b, 0, 2) || b.get(2) != Some(&b'/') {
        return None;
    }
    let at = if digits(b, 3, 2) { 5 } else { named_month(text, 3)? };
    if b.get(at) != Some(&b'/') || !digits(b, at + 1, 4) || !matches!(b.get(at + 5), Some(b':' | b' ')) {
        return None;
    }
    let at = time(b, at + 6)?;
    Some(match b.get(at..) {
        Some([b' ', b'+' | b'-', ..]) => offset(b, at + 1).unwrap_or(at),
        _ => zone(text, at),
    })
}

/// `1773480413.589`: ten digits, a point, digits, and then no more of a word.
fn epoch(b: &[u8]) -> Option<usize> {
    if !digits(b, 0, 10) || b.get(10) != Some(&b'.') {
        return None;
    }
    let fraction = b[11..].iter().take_while(|c| c.is_ascii_digit()).count();
    (fraction > 0 && matches!(b.get(11 + fraction), None | Some(b' '))).then_some(11 + fraction)
}

fn digits(b: &[u8], at: usize, count: usize) -> bool {
    b.get(at..at + count).is_some_and(|d| d.iter().all(u8::is_ascii_digit))
}

fn blank(b: &[u8], at: usize) -> Option<usize> {
    let blanks = b.get(at..)?.iter().take_while(|c| **c == b' ').count();
    (blanks > 0).then_some(at + blanks)
}

fn named_month(text: &str, at: usize) -> Option<usize> {
    let name = text.get(at..at + 3)?;
    month_named(name)?;
    Some(at + 3)
}

/// ` 4`, `  4` or ` 14`.
fn day(b: &[u8], at: usize) -> Option<usize> {
    let at = blank(b, at)?;
    let count = b[at..].iter().take(2).take_while(|c| c.is_ascii_digit()).count();
    (count > 0).then_some(at + count)
}

/// ` 2026` before a blank or a colon.
fn year(b: &[u8], at: usize) -> Option<usize> {
    let from = blank(b, at)?;
    let century = matches!(b.get(from..from + 2), Some(b"19" | b"20"));
    (century && digits(b, from, 4) && matches!(b.get(from + 4), None | Some(b' ' | b':'))).then_some(from + 4)
}

/// `09:26:53` with a fraction or not.
fn time(b: &[u8], at: usize) -> Option<usize> {
    let whole = digits(b, at, 2)
        && b.get(at + 2) == Some(&b':')
        && digits(b, at + 3, 2)
        && b.get(at + 5) == Some(&b':')
        && digits(b, at + 6, 2);
    if !whole {
        return None;
    }
    let mut end = at + 8;
    if matches!(b.get(end), Some(b'.' | b',')) {
        let fraction = b[end + 1..].iter().take_while(|c| c.is_ascii_digit()).count();
        if fraction > 0 {
            end += 1 + fraction;
        }
    }
    Some(end)
}

/// `+01:00`, `+0100`, `+01`.
fn offset(b: &[u8], at: usize) -> Option<usize> {
    if !digits(b, at + 1, 2) {
        return None;
    }
    if b.get(at + 3) == Some(&b':') && digits(b, at + 4, 2) {
        return Some(at + 6);
    }
    Some(if digits(b, at + 3, 2) { at + 5 } else { at + 3 })
}

/// The letters of a zone after the time, where they are one.
fn zone(text: &str, at: usize) -> usize {
    let Some(rest) = text.get(at..).and_then(|r| r.strip_prefix(' ')) else { return at };
    let letters = rest.bytes().take_while(u8::is_ascii_uppercase).count();
    let ends = matches!(rest.as_bytes().get(letters), None | Some(b' ' | b':'));
    if (3..=5).contains(&letters) && ends && zone_abbreviation(&rest[..letters]).is_some() {
        at + 1 + letters
    } else {
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_end_where_they_should() {
        for (text, expect) in [
            ("Mar 14 09:26:53 host", "Mar 14 09:26:53"),
            ("Mar  4 09:26:53 host", "Mar  4 09:26:53"),
            ("Mar 14 09:26:53 2026 host", "Mar 14 09:26:53 2026"),
            ("Mar 14 2026 09:26:53 host", "Mar 14 2026 09:26:53"),
            ("Mar 14 09:26:53.589 CDT: %A", "Mar 14 09:26:53.589 CDT"),
            ("Mar 14 09:26:53 UTC: %A", "Mar 14 09:26:53 UTC"),
            ("Mar 14 09:26:53 CEF:0|", "Mar 14 09:26:53"),
            ("Mar 14 09:26:538host", "Mar 14 09:26:53"),
            ("2026 Mar 14 09:26:53 PDT: %A", "2026 Mar 14 09:26:53 PDT"),
            ("2026-03-14T09:26:53.5+01:00 host", "2026-03-14T09:26:53.5+01:00"),
            ("2026-03-14 09:26:53.589 +0000  host", "2026-03-14 09:26:53.589 +0000"),
            ("2026-03-14 09:26:53,589 host", "2026-03-14 09:26:53,589"),
            ("2026-03-14T09:26:53Z host", "2026-03-14T09:26:53Z"),
            ("2026-03-14T09:26:53 host", "2026-03-14T09:26:53"),
            ("1773480413.589793000 host", "1773480413.589793000"),
            ("14/03/2026:09:26:53 GMT host", "14/03/2026:09:26:53 GMT"),
            ("Marvin 14", ""),
            ("192.0.2.1 x", ""),
            ("é", ""),
        ] {
            assert_eq!(length(text).map_or("", |n| &text[..n]), expect, "{text}");
        }
    }
}
