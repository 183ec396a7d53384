//! A log of the estate while it is being written: rows in any order, sorted by time at the end, and the truth about
//! those that belong to an attack or are noise.

use serde_json::{Value, json};

use super::clock::{At, window};

/// Whose row this is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Id of the attack.
    Attack(&'static str),
    /// Id of the noise: work of the house that looks like an attack.
    Noise(&'static str),
}

/// What a marked row is: goes into `truth.json` with the place where the row ended up.
#[derive(Clone)]
pub struct Mark {
    pub side: Side,
    /// Stage of the attack, for example `4-lateral-movement`; empty for noise.
    pub stage: &'static str,
    /// ATT&CK technique id; empty for noise.
    pub technique: &'static str,
    pub what: &'static str,
    /// Own rules that are meant to speak here, by path below `content/rules` without the ending.
    pub rules: &'static [&'static str],
}

pub struct Row<T> {
    pub at: At,
    pub body: T,
    pub mark: Option<Mark>,
}

/// Rows of one file.
pub struct Log<T> {
    pub rows: Vec<Row<T>>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { rows: Vec::new() }
    }
}

impl<T> Log<T> {
    pub fn put(&mut self, at: At, body: T, mark: Option<&Mark>) {
        self.rows.push(Row { at, body, mark: mark.cloned() });
    }

    /// Leaves out what lies outside of the estate's days, and sorts the rest. Stable: rows of the same moment keep the
    /// order in which they were written.
    pub fn sort(&mut self) {
        let (begin, end) = window();
        self.rows.retain(|row| {
            let inside = row.at >= begin && row.at < end;
            debug_assert!(inside || row.mark.is_none(), "{} is outside", row.at.rfc3339_us());
            inside
        });
        self.rows.sort_by_key(|row| row.at);
    }
}

/// All files and all marked rows.
#[derive(Default)]
pub struct Estate {
    /// Path below the estate with `/`, and the bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// Rows of attacks.
    pub steps: Vec<Value>,
    /// Rows of noise.
    pub noise: Vec<Value>,
}

impl Estate {
    pub fn file(&mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) {
        self.files.push((path.into(), bytes.into()));
    }

    /// Notes a marked row. `line` counts from 1 within the (decompressed) file, or is the place within its array;
    /// `record` is the source's own name for the row.
    pub fn note(&mut self, path: &str, line: usize, record: &str, at: At, mark: &Mark) {
        let place = json!({ "time": at.rfc3339_us(), "file": path, "line": line, "record": record });
        let said = match mark.side {
            Side::Attack(id) => json!({ "attack": id, "stage": mark.stage, "technique": mark.technique }),
            Side::Noise(id) => json!({ "noise": id }),
        };
        let mut entry = serde_json::Map::new();
        for part in [said, place, json!({ "description": mark.what, "rules": mark.rules })] {
            entry.extend(part.as_object().cloned().unwrap_or_default());
        }
        match mark.side {
            Side::Attack(_) => self.steps.push(Value::Object(entry)),
            Side::Noise(_) => self.noise.push(Value::Object(entry)),
        }
    }

    /// Writes lines of text; the record is the line's number.
    pub fn lines(&mut self, path: &str, mut log: Log<String>) {
        log.sort();
        let mut text = String::new();
        for (i, row) in log.rows.iter().enumerate() {
            if let Some(mark) = &row.mark {
                self.note(path, i + 1, &(i + 1).to_string(), row.at, mark);
            }
            text.push_str(&row.body);
            text.push('\n');
        }
        self.file(path, text);
    }

    /// Writes one JSON object a line; the record is the text found under `id`.
    pub fn json_lines(&mut self, path: &str, mut log: Log<Value>, id: &str) {
        log.sort();
        let mut text = String::new();
        for (i, row) in log.rows.iter().enumerate() {
            if let Some(mark) = &row.mark {
                self.note(path, i + 1, &shown(row.body.pointer(id)), row.at, mark);
            }
            text.push_str(&row.body.to_string());
            text.push('\n');
        }
        self.file(path, text);
    }
}

/// A JSON scalar as text.
pub fn shown(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}
