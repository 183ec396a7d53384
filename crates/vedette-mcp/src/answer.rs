//! Answers with a bound: rows as long as they fit, how many of how many, and where it goes on.

use serde_json::{Map, Value, json};

use crate::cursor;
use crate::fault::Fault;
use crate::text::{cut, neutralise};

/// Rows of one kind, made one by one: those that do not fit are never made.
pub struct Rows<'a> {
    pub name: &'static str,
    pub len: usize,
    pub get: Box<dyn FnMut(usize) -> Result<Value, Fault> + 'a>,
}

impl<'a> Rows<'a> {
    pub fn new(name: &'static str, len: usize, get: impl FnMut(usize) -> Result<Value, Fault> + 'a) -> Self {
        Self { name, len, get: Box::new(get) }
    }

    pub fn of(name: &'static str, values: Vec<Value>) -> Self {
        let mut values = values;
        Self::new(name, values.len(), move |i| Ok(values[i].take()))
    }
}

/// Which part of an answer is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    pub bytes_max: usize,
    pub cursor: Option<&'a str>,
    /// Stands for the question, so that no other one's cursor fits.
    pub mark: u64,
}

/// Room for `shown`, `cursor` and the marks of the sections.
const RESERVE: usize = 160;
const RESERVE_SECTION: usize = 48;

/// `always` on every page, `head` on the first, then the rows of each section in turn.
///
/// # Errors
/// When the cursor is another question's, or a row cannot be made.
pub fn page(always: Value, head: Value, mut sections: Vec<Rows<'_>>, part: Part<'_>) -> Result<Value, Fault> {
    let total: usize = sections.iter().map(|s| s.len).sum();
    let from = part.cursor.map_or(Ok(0), |c| cursor::read(part.mark, c))?;
    let mut answer = object(always);
    if from == 0 {
        answer.extend(object(head));
    }
    let mut answer = Value::Object(answer);
    neutralise(&mut answer);
    let reserve = RESERVE + RESERVE_SECTION * sections.len();
    let room = part.bytes_max.saturating_sub(reserve);
    // At least one row must fit beside what is on every page.
    shrink(&mut answer, if total > from { room * 3 / 4 } else { room });
    let mut left = room.saturating_sub(size(&answer));
    let mut answer = object(answer);
    let mut shown = Map::new();
    let mut at = 0;
    let mut next = from;
    let mut full = false;
    for section in &mut sections {
        let begin = at;
        at += section.len;
        let mut rows = Vec::new();
        let first = next.saturating_sub(begin);
        while !full && next >= begin && next < at {
            let mut row = (section.get)(next - begin)?;
            neutralise(&mut row);
            if size(&row) + 1 > left {
                if next > from {
                    full = true;
                    break;
                }
                // A row that fits no page is cut, or there would be no way past it.
                shrink(&mut row, left.saturating_sub(1));
                full = true;
            }
            left = left.saturating_sub(size(&row) + 1);
            rows.push(row);
            next += 1;
        }
        let count = rows.len();
        if count > 0 || from == 0 {
            let told = if count == 0 {
                format!("0 of {}", section.len)
            } else {
                format!("{}-{} of {}", first + 1, first + count, section.len)
            };
            shown.insert(section.name.to_owned(), told.into());
        }
        if count > 0 {
            answer.insert(section.name.to_owned(), rows.into());
        }
    }
    if !shown.is_empty() {
        answer.insert("shown".to_owned(), shown.into());
    }
    if next < total {
        answer.insert("cursor".to_owned(), cursor::write(part.mark, next).into());
    }
    Ok(Value::Object(answer))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Bytes of a value as it is sent.
pub fn size(value: &Value) -> usize {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Counting cannot fail.
    let _ = serde_json::to_writer(&mut count, value);
    count.0
}

/// Texts and lists are cut at these, one after the other, until a value fits.
const CUTS: [(usize, usize); 8] =
    [(16_384, 400), (4_096, 200), (1_024, 100), (512, 50), (256, 20), (128, 10), (64, 5), (24, 2)];

/// Cuts texts and lists of an object until it has at most `max` bytes, and says so in its member `cut`.
fn shrink(value: &mut Value, max: usize) {
    if size(value) <= max {
        return;
    }
    let room = max.saturating_sub(100);
    for (bytes, members) in CUTS {
        trim(value, bytes, members);
        if size(value) <= room {
            let said =
                format!("texts at {bytes} bytes, lists at {members} members; ask with a larger max_bytes");
            match value {
                Value::Object(map) => {
                    map.insert("cut".to_owned(), said.into());
                }
                other => *other = json!({"cut": said, "value": other.take()}),
            }
            return;
        }
    }
    *value = json!({"cut": "too large for this answer; ask with a larger max_bytes"});
}

fn trim(value: &mut Value, bytes: usize, members: usize) {
    match value {
        Value::String(text) => {
            cut(text, bytes);
        }
        Value::Array(list) => {
            list.truncate(members);
            list.iter_mut().for_each(|v| trim(v, bytes, members));
        }
        Value::Object(map) => {
            // Members of objects are ours, but for fields of events, which are many.
            if map.len() > members.max(24) {
                let beyond: Vec<String> = map.keys().skip(members.max(24)).cloned().collect();
                for name in beyond {
                    map.remove(&name);
                }
            }
            map.values_mut().for_each(|v| trim(v, bytes, members));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{ANSWER_BYTES_DEFAULT, ANSWER_BYTES_MAX, ANSWER_BYTES_MIN};

    fn all(rows: &[Value], bytes_max: usize) -> (Vec<Value>, usize) {
        let mut seen = Vec::new();
        let mut cursor: Option<String> = None;
        let mut pages = 0;
        loop {
            let part = Part { bytes_max, cursor: cursor.as_deref(), mark: 3 };
            let half = rows.len() / 2;
            let sections = vec![
                Rows::new("a", half, |i| Ok(rows[i].clone())),
                Rows::new("b", rows.len() - half, |i| Ok(rows[half + i].clone())),
            ];
            let answer = page(json!({"scan": "S1"}), json!({"head": "h"}), sections, part).expect("a page");
            assert!(size(&answer) <= bytes_max, "{} > {bytes_max}", size(&answer));
            assert_eq!(answer.get("head").is_some(), pages == 0);
            for name in ["a", "b"] {
                seen.extend(answer[name].as_array().cloned().unwrap_or_default());
            }
            pages += 1;
            match answer["cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return (seen, pages),
            }
        }
    }

    #[test]
    fn pages_hold_every_row_once_in_order_and_stay_within_their_bound() {
        let rows: Vec<Value> =
            (0..500).map(|i| json!({"n": i, "text": "é\"\n\u{1b}".repeat(i % 60)})).collect();
        for bytes_max in [ANSWER_BYTES_MIN, 5_000, ANSWER_BYTES_DEFAULT, ANSWER_BYTES_MAX] {
            let (seen, pages) = all(&rows, bytes_max);
            let numbers: Vec<u64> = seen.iter().map(|r| r["n"].as_u64().expect("a number")).collect();
            assert_eq!(numbers, (0..500).collect::<Vec<u64>>(), "{bytes_max}");
            assert!(pages > 1 && !seen.iter().any(|r| r.to_string().contains('\u{1b}')));
        }
    }

    #[test]
    fn a_row_that_fits_nowhere_is_cut_and_says_so() {
        let large = json!({
            "n": 1,
            "text": "x".repeat(300_000),
            "fields": (0..5_000).map(|i| json!([format!("f{i}"), "y".repeat(90)])).collect::<Vec<_>>(),
        });
        let wide: Map<String, Value> = (0..50_000).map(|i| (format!("k{i}"), i.into())).collect();
        let rows = [
            json!({"n": 0}),
            large,
            json!({"n": 2}),
            Value::Object(wide),
            json!({"n": 4}),
            json!("z".repeat(90_000)),
        ];
        for bytes_max in [ANSWER_BYTES_MIN, ANSWER_BYTES_DEFAULT, ANSWER_BYTES_MAX] {
            let (seen, _) = all(&rows, bytes_max);
            assert_eq!(seen.len(), rows.len());
            for (row, is_cut) in seen.iter().zip([false, true, false, true, false, true]) {
                assert_eq!(row.get("cut").is_some(), is_cut, "{row}");
            }
        }
    }

    #[test]
    fn a_head_that_is_too_large_leaves_room_for_a_row() {
        let head = json!({"summary": "s".repeat(100_000), "hosts": vec!["h"; 10_000]});
        let part = Part { bytes_max: ANSWER_BYTES_MIN, cursor: None, mark: 0 };
        let rows = vec![Rows::of("a", vec![json!({"n": 1})])];
        let answer = page(json!({"scan": "S1"}), head, rows, part).expect("a page");
        assert!(size(&answer) <= ANSWER_BYTES_MIN && answer["scan"] == "S1" && answer["a"][0]["n"] == 1);
        assert!(answer.get("cut").is_some() && answer.get("cursor").is_none());
    }
}
