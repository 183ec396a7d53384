//! JSON that can stand within a page: no sign in it can end its block, and no text in it hides or is endless.

use std::collections::HashMap;

use serde_json::Value;

use crate::{limits, neutral};

/// Characters of the note that a cut leaves.
const NOTE_CHARS: usize = 100;

/// JSON of `value`; every text in it visible, and cut where it is endless.
pub fn inert(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (i, (name, member)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                string(name, out);
                out.push(':');
                write(member, out);
            }
            out.push('}');
        }
        plain => out.push_str(&plain.to_string()),
    }
}

fn string(text: &str, out: &mut String) {
    // Values were cut to the bound before, with a note that must not be cut in its turn.
    let text = neutral::visible(&neutral::short(text, limits::VALUE_CHARS_MAX + NOTE_CHARS));
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Strings that stand once and are referred to by number.
#[derive(Default)]
pub struct Shared {
    numbers: HashMap<String, usize>,
    list: Vec<Value>,
    bytes: usize,
}

impl Shared {
    /// Number of `text`, which is cut to `max` characters.
    pub fn number(&mut self, text: &str, max: usize) -> usize {
        let text = neutral::short(text, max);
        if let Some(&known) = self.numbers.get(&text) {
            return known;
        }
        self.bytes += inert(&Value::String(text.clone())).len() + 1;
        self.list.push(Value::String(text.clone()));
        self.numbers.insert(text, self.list.len() - 1);
        self.list.len() - 1
    }

    /// As [`Self::number`]; -1 for what is empty or missing.
    pub fn maybe(&mut self, text: Option<&str>, max: usize) -> i64 {
        match text {
            None | Some("") => -1,
            Some(text) => self.number(text, max) as i64,
        }
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn into_value(self) -> Value {
        Value::Array(self.list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_block() {
        let hostile = "</script><!-- & \u{2028}\u{2029}\u{202e}\u{1b}[31m\0\"\\";
        let json = inert(&serde_json::json!({ hostile: [hostile, 1, null, true] }));
        assert!(!json.contains(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{202e}', '\u{1b}', '\0']));
        let back: Value = serde_json::from_str(&json).unwrap();
        let shown = "</script><!-- & \\u{2028}\\u{2029}\\u{202e}\\x1b[31m\\x00\"\\";
        assert_eq!(back[shown][0], shown);
    }

    #[test]
    fn a_megabyte_is_cut() {
        let json = inert(&Value::String("\u{202e}".repeat(1 << 20)));
        assert!(json.len() < 40_000, "{}", json.len());
        assert!(json.contains("1048576 characters in all"));
    }
}
