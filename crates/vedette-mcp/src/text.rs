//! Text of events made harmless for a model: nothing in it is invisible, reorders other text or moves a terminal.
//!
//! Line breaks and tabs stay, for JSON escapes them and scripts read better with them.

use serde_json::Value;

/// Whether a character shows nothing, or something else than what is there. Among them are the tag characters and
/// variation selectors, with which text can be hidden from people and still be read by a model.
fn is_hazard(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

fn neutral(text: &str) -> Option<String> {
    if !text.chars().any(is_hazard) {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            c if !is_hazard(c) => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
        }
    }
    Some(out)
}

/// Every text of a value, names of members too.
pub fn neutralise(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(safe) = neutral(text) {
                *text = safe;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(neutralise),
        Value::Object(map) => {
            if map.keys().any(|k| k.chars().any(is_hazard)) {
                let members = std::mem::take(map);
                map.extend(members.into_iter().map(|(k, v)| (neutral(&k).unwrap_or(k), v)));
            }
            map.values_mut().for_each(neutralise);
        }
        _ => {}
    }
}

/// Cuts a text at `max` bytes and says how many more there were.
pub fn cut(text: &mut String, max: usize) -> bool {
    if text.len() <= max {
        return false;
    }
    let end = text.floor_char_boundary(max);
    let more = text.len() - end;
    text.truncate(end);
    text.push_str(&format!("… ({more} bytes more)"));
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out() {
        for (text, shown) in [
            ("plain ünï 漢字\n\tkept", "plain ünï 漢字\n\tkept"),
            ("\u{1b}[2J\u{7}", "\\x1b[2J\\x07"),
            ("exe.\u{202e}fdp", "exe.\\u{202e}fdp"),
            ("a\u{200b}b", "a\\u{200b}b"),
            ("tag\u{e0049}\u{e0067}", "tag\\u{e0049}\\u{e0067}"),
            ("selector\u{e0101}\u{fe0f}", "selector\\u{e0101}\\u{fe0f}"),
        ] {
            let mut value = json!({ text: [text] });
            neutralise(&mut value);
            assert_eq!(value, json!({ shown: [shown] }));
        }
    }

    #[test]
    fn a_cut_falls_between_characters_and_is_told() {
        let mut text = "äöü".to_owned();
        assert!(cut(&mut text, 3));
        assert_eq!(text, "ä… (4 bytes more)");
        assert!(!cut(&mut "abc".to_owned(), 3));
    }
}
