//! Event text inside sentences: quoted, neutralised and bounded, so that it is read as text and never as ours.

use vedette_model::Timestamp;

use crate::limits::{LISTED_MAX, QUOTED_CHARS_MAX};

/// Characters that could steer a terminal or change the order in which text is read.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{061c}' | '\u{180e}')
}

/// One line without steering characters, no longer than `chars`; what was cut is shown as an ellipsis.
pub fn plain(text: &str, chars: usize) -> String {
    let mut out = String::with_capacity(text.len().min(chars * 4));
    let mut count = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if count + usize::from(gap) >= chars {
            out.push('…');
            return out;
        }
        if gap {
            out.push(' ');
            count += 1;
            gap = false;
        }
        // Quotation marks are ours: text that brings its own could end the quotation.
        out.push(match c {
            c if steers(c) => '\u{fffd}',
            '“' | '”' | '„' => '"',
            c => c,
        });
        count += 1;
    }
    out
}

/// A name of one word stands as it is; everything else stands in quotation marks.
pub fn name(text: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "._-\\@$:/+=#{}[]*%".contains(c);
    if !text.is_empty() && text.len() <= 120 && text.chars().all(is_name) {
        return text.to_owned();
    }
    quote(text)
}

/// Event text in quotation marks.
pub fn quote(text: &str) -> String {
    format!("“{}”", plain(text, QUOTED_CHARS_MAX))
}

/// `a`, `a and b`, `a, b and 3 more`.
pub fn list(items: &[String]) -> String {
    let more = items.len().saturating_sub(LISTED_MAX);
    match items {
        [] => String::new(),
        [one] => one.clone(),
        _ if more > 0 => format!("{} and {more} more", items[..LISTED_MAX].join(", ")),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 host`, `3 hosts`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(n as u64)) }
}

/// 12345 as `12,345`.
pub fn grouped(n: u64) -> String {
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

/// `2026-03-14 09:26:53 UTC`.
pub fn stamp(time: Timestamp) -> String {
    let t = time.to_jiff();
    t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The time of day where the day is that of `beside`, else both.
pub fn stamp_beside(time: Timestamp, beside: Timestamp) -> String {
    let day = |t: Timestamp| t.0.div_euclid(86_400_000_000_000);
    if day(time) == day(beside) {
        return time.to_jiff().strftime("%H:%M:%S").to_string();
    }
    stamp(time).trim_end_matches(" UTC").to_owned()
}

/// A length of time in the unit that a person would use.
pub fn span(ns: i64) -> String {
    let s = (ns / 1_000_000_000).max(0);
    let (n, unit) = match s {
        0..=119 => (s, "second"),
        120..=7_199 => (s / 60, "minute"),
        7_200..=172_799 => (s / 3_600, "hour"),
        _ => (s / 86_400, "day"),
    };
    if n == 1 { format!("1 {unit}") } else { format!("{n} {unit}s") }
}

/// The first letter as a capital.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    // Names keep their letters: only our own words begin with a lower-case letter and a space after letters alone.
    let first_word: &str = text.split(' ').next().unwrap_or_default();
    match chars.next() {
        Some(c) if OUR_WORDS.contains(&first_word) => c.to_uppercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

const OUR_WORDS: [&str; 6] = ["an", "a", "the", "somebody", "something", "inferred:"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn event_text_cannot_leave_its_quotation() {
        assert_eq!(quote("a”\u{202e}b\u{1b}[31m\nc"), "“a\"\u{fffd}b\u{fffd}[31m c”");
        assert_eq!(quote(&"x".repeat(300)).chars().count(), QUOTED_CHARS_MAX + 3);
        assert_eq!(name("CORP\\ana"), "CORP\\ana");
        assert_eq!(name("ana and nobody else"), "“ana and nobody else”");
        assert_eq!(name(""), "“”");
    }

    #[test]
    fn lists_and_numbers_read_well() {
        let items = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
        assert_eq!(list(&items(1)), "0");
        assert_eq!(list(&items(3)), "0, 1 and 2");
        assert_eq!(list(&items(8)), "0, 1, 2, 3, 4 and 3 more");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(span(125_000_000_000), "2 minutes");
    }
}
