//! Diagnostics as text for people: the line, the marked part, the consequence and the way out.

use std::fmt::Write as _;

use crate::diagnostic::Diagnostic;

/// Characters of a source line that are shown; the marked part stays in view.
const SHOWN_MAX: usize = 120;

impl Diagnostic {
    /// Renders with the text of the file. Plain text: control characters of the rule are shown as symbols, so that a
    /// rule cannot write escapes to a terminal.
    pub fn render(&self, source: &str) -> String {
        let mut out = String::new();
        let word = if self.fatal { "error" } else { "warning" };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{word}[{}]: {}", self.code, plain(&self.fault));
        let _ = writeln!(out, "  --> {}", plain(&self.place.to_string()));
        let line = self.place.line.checked_sub(1).and_then(|l| source.lines().nth(l as usize));
        let number = self.place.line.to_string();
        let gutter = " ".repeat(number.len());
        match line {
            Some(line) if !line.trim().is_empty() => {
                let (shown, column, width) = window(line, self.place.column, self.width);
                let _ = writeln!(out, "{number} | {shown}");
                let _ = write!(out, "{gutter} | {}{}", " ".repeat(column), "^".repeat(width));
                match &self.help {
                    Some(help) => {
                        let _ = writeln!(out, " {}", plain(help));
                    }
                    None => out.push('\n'),
                }
            }
            _ => {
                if let Some(help) = &self.help {
                    let _ = writeln!(out, "{gutter} = {}", plain(help));
                }
            }
        }
        let consequence = if self.fatal { "this document was left out" } else { "the document is loaded" };
        let _ = writeln!(out, "{gutter} = {consequence}");
        out
    }
}

/// The part of a line that is shown, and where in it the mark begins and how long it is.
fn window(line: &str, column: u32, width: u32) -> (String, usize, usize) {
    let chars: Vec<char> = line.chars().collect();
    let indent = chars.iter().take_while(|c| c.is_whitespace()).count();
    let trimmed = line.trim_end().chars().count();
    let (start, width) = match width {
        // The whole line is meant, a comment behind it not.
        0 => {
            let comment = line.rfind(" #").filter(|at| !line[*at..].contains(['\'', '"']));
            let end = comment.map_or(trimmed, |at| line[..at].trim_end().chars().count());
            (indent, if end > indent { end - indent } else { trimmed.saturating_sub(indent) })
        }
        width => (column.saturating_sub(1) as usize, width as usize),
    };
    let start = start.min(chars.len());
    let from = if start + width.min(40) + 10 > SHOWN_MAX { start.saturating_sub(20) } else { 0 };
    let to = (from + SHOWN_MAX).min(chars.len());
    let mut shown: String = chars[from..to].iter().map(|c| symbol(*c)).collect();
    let mut column = start - from;
    if from > 0 {
        shown.insert_str(0, "...");
        column += 3;
    }
    let width = width.min(to.saturating_sub(start)).max(1);
    if to < chars.len() {
        shown.push_str("...");
    }
    (shown, column, width)
}

/// Text with control characters made visible.
fn plain(text: &str) -> String {
    text.chars().map(symbol).collect()
}

/// One symbol for each control character, so that columns still count; invisible direction marks become `\u{FFFD}`.
fn symbol(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{0}'..='\u{1F}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{FFFD}'),
        '\u{7F}' => '\u{2421}',
        '\u{80}'..='\u{9F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}' => '\u{FFFD}',
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Place};

    #[test]
    fn a_rule_cannot_write_escapes_to_the_terminal() {
        let diagnostic = Diagnostic {
            code: Code::UNKNOWN_WORD,
            place: Place { path: "a\u{1b}]0;x\u{7}.yml".into(), line: 1, column: 8 },
            fault: "unknown level `\u{1b}[31mred\u{202e}`".into(),
            help: Some("one of low\r\n, high".into()),
            width: 5,
            fatal: false,
        };
        let text = diagnostic.render("level: \u{1b}[31mred\u{1b}[0m\n");
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(text.contains("␛[31mred�"), "{text}");
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark() {
        let line = format!("{}HERE{}", "x".repeat(500), "y".repeat(500));
        let diagnostic = Diagnostic {
            code: Code::REGEX,
            place: Place { path: "a.yml".into(), line: 1, column: 501 },
            fault: "f".into(),
            help: None,
            width: 4,
            fatal: true,
        };
        let text = diagnostic.render(&line);
        let lines: Vec<&str> = text.lines().collect();
        let at = lines[3].find('^').expect("a mark");
        assert_eq!(&lines[2][at..at + 4], "HERE");
        assert!(lines[2].len() < 140);
    }

    #[test]
    fn a_place_outside_the_text_is_no_reason_to_fail() {
        let diagnostic = Diagnostic {
            code: Code::REGEX,
            place: Place { path: "a.yml".into(), line: 9, column: 900 },
            fault: "f".into(),
            help: Some("h".into()),
            width: 4,
            fatal: true,
        };
        assert!(diagnostic.render("one line").contains("= h"));
        let diagnostic = Diagnostic { place: Place { line: 1, ..diagnostic.place.clone() }, ..diagnostic };
        assert!(diagnostic.render("one line").contains('^'));
    }
}
