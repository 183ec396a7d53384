//! Event text made harmless for the place it is shown in: it may come from an attacker.

/// Text for a terminal and for a CSV cell, as reports write it: no control sequence, no direction override and no
/// invisible character gets through, and a spreadsheet runs nothing.
pub use vedette_report::neutral::{cell, line as terminal};

/// As [`terminal`], for text of several lines of our own making: line breaks stay.
pub fn lines(text: &str) -> String {
    text.split('\n').map(terminal).collect::<Vec<_>>().join("\n")
}

/// At most `max` characters; what was cut is said.
pub fn short(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((cut, _)) => {
            let kept: String = text[..cut].chars().take(max.saturating_sub(1)).collect();
            format!("{kept}…")
        }
    }
}

/// Cuts `text` between words into lines of at most `width` characters; further lines are set in by `indent`. A word that
/// is longer than a line is cut where the line ends.
pub fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let room = width.max(indent + 1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for mut word in text.split(' ') {
        let mut letters = word.chars().count();
        let gap = usize::from(length > indent || (length > 0 && lines.is_empty()));
        if length > 0 && length + gap + letters > room && length > if lines.is_empty() { 0 } else { indent } {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            length = indent;
        } else if gap == 1 {
            line.push(' ');
            length += 1;
        }
        while length + letters > room {
            let cut = word.char_indices().nth(room - length).map_or(word.len(), |(at, _)| at);
            line.push_str(&word[..cut]);
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            letters -= room - length;
            word = &word[cut..];
            length = indent;
        }
        line.push_str(word);
        length += letters;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_that_moves_it() {
        for (text, shown) in [
            ("plain ünïcode 漢字", "plain ünïcode 漢字"),
            ("\u{1b}[2J\u{1b}]0;owned\u{7}", "\\x1b[2J\\x1b]0;owned\\x07"),
            ("\u{9b}31m", "\\x9b31m"),
            ("exe.\u{202e}fdp", "exe.\\u{202e}fdp"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
            ("zero\u{200b}width", "zero\\u{200b}width"),
        ] {
            assert_eq!(terminal(text), shown);
        }
    }

    #[test]
    fn a_spreadsheet_runs_nothing() {
        for (text, cell_text) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("  @SUM(1)", "'  @SUM(1)"),
            ("-5", "-5"),
            ("-enc AAAA", "'-enc AAAA"),
            ("plain", "plain"),
            ("\t=1+1", "'\\t=1+1"),
        ] {
            assert_eq!(cell(text), cell_text);
        }
    }

    #[test]
    fn lines_break_between_words() {
        for (text, width, lines) in [
            ("one two three", 20, &["one two three"][..]),
            ("one two three", 8, &["one two", "  three"]),
            ("one two three", 7, &["one two", "  three"]),
            ("abcdefghij", 6, &["abcdef", "  ghij"]),
            ("a abcdefghij", 6, &["a", "  abcd", "  efgh", "  ij"]),
            ("", 6, &[""]),
        ] {
            assert_eq!(wrap(text, width, 2), lines, "{text} in {width}");
        }
    }

    #[test]
    fn shortening_says_so() {
        assert_eq!(short("abcdef", 6), "abcdef");
        assert_eq!(short("abcdefg", 6), "abcde…");
    }
}
