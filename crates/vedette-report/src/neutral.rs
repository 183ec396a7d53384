//! Event text made harmless for the place it is written to: it may come from an attacker.

use std::fmt::Write as _;

/// Controls and characters that reorder or hide text are written out; line breaks and tabs stay.
///
/// The characters are those that `vedette` writes out for a terminal.
pub fn visible(text: &str) -> String {
    written_out(text, |c| c == '\n' || c == '\t')
}

/// As [`visible`], on one line.
pub fn line(text: &str) -> String {
    written_out(text, |_| false)
}

fn written_out(text: &str, stays: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if !is_hazard(c) || stays(c) => out.push(c),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Writing to a String cannot fail.
            c if (c as u32) < 0x100 => _ = write!(out, "\\x{:02x}", c as u32),
            c => _ = write!(out, "\\u{{{:x}}}", c as u32),
        }
    }
    out
}

pub fn is_hazard(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A cell that a spreadsheet will not run: one that would begin a formula gets an apostrophe before it (OWASP, CSV
/// injection).
pub fn cell(text: &str) -> String {
    let text = line(text);
    let formula = text.trim_start().starts_with(['=', '+', '-', '@', '|', '%'])
        || ["\\t", "\\r", "\\n"].iter().any(|lead| text.starts_with(lead));
    // A plain negative number is no formula.
    if formula && text.parse::<f64>().is_err() { format!("'{text}") } else { text }
}

/// Text within a sentence of Markdown: no markup of its own, no link, no HTML.
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in line(text).chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' | '&' | '$' | '@'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    // Many readers make links of bare addresses.
    out.replace("://", ":\\/\\/").replace("www.", "www\\.")
}

/// A value in Markdown as code; a fence longer than any inside.
pub fn code(text: &str) -> String {
    let text = line(text).replace('|', "\\|");
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if longest > 0 { format!("{fence} {text} {fence}") } else { format!("{fence}{text}{fence}") }
}

/// At most `max` characters; what was cut is said.
pub fn short(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((cut, _)) => {
            format!("{}… [cut: {} characters in all]", &text[..cut], text.chars().count())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hides_or_reorders() {
        for (text, shown) in [
            ("plain ünïcode 漢字", "plain ünïcode 漢字"),
            ("\u{1b}[2Jx", "\\x1b[2Jx"),
            ("exe.\u{202e}fdp", "exe.\\u{202e}fdp"),
            ("a\nb\tc\r", "a\nb\tc\\r"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(line("a\nb"), "a\\nb");
    }

    #[test]
    fn a_spreadsheet_runs_nothing() {
        for (text, shown) in [("=1+1", "'=1+1"), ("-5", "-5"), ("-enc A", "'-enc A"), ("\t=1", "'\\t=1")] {
            assert_eq!(cell(text), shown);
        }
    }

    #[test]
    fn markdown_stays_text() {
        for (text, shown) in [
            ("a *b* [c](http://d)", "a \\*b\\* \\[c\\](http:\\/\\/d)"),
            ("<img src=x>", "\\<img src=x\\>"),
            ("a|b", "a\\|b"),
            ("www.evil.example", "www\\.evil.example"),
            ("12:30:01", "12:30:01"),
        ] {
            assert_eq!(markdown(text), shown);
        }
        assert_eq!(markdown("@all"), "\\@all");
        assert_eq!(code("a`b``c"), "``` a`b``c ```");
        assert_eq!(code("a|b"), "`a\\|b`");
    }

    #[test]
    fn what_was_cut_is_said() {
        assert_eq!(short("abc", 3), "abc");
        assert_eq!(short("abcd", 3), "abc… [cut: 4 characters in all]");
    }
}
