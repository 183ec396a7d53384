//! What somebody answers: lines that are typed, or a file in JSON or plain text.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

use serde_json::Value;

use super::book::Drill;
use crate::fault::Fault;

/// Ten answers are no megabyte.
const BYTES_MAX: u64 = 1 << 20;
/// Of a typed line, no more is kept.
const LINE_BYTES_MAX: u64 = 4 << 10;

pub struct Given {
    /// By id of the question.
    pub answers: BTreeMap<String, String>,
    pub problems: Vec<String>,
}

/// The next line, `None` at the end. Of a longer line the rest is the next.
pub fn line(input: &mut dyn BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    let read = input.take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes)?;
    Ok((read > 0).then(|| String::from_utf8_lossy(&bytes).into_owned()))
}

/// # Errors
/// When the file cannot be read, is too large, or is broken JSON.
pub fn read(path: &Path, drill: &Drill) -> Result<Given, Fault> {
    let context = || format!("cannot read the answers in {}", path.display());
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().take(BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    read.map_err(Fault::io(context()))?;
    let invalid = |what: String| Fault::Io {
        context: context(),
        source: io::Error::new(io::ErrorKind::InvalidData, what),
    };
    if bytes.len() as u64 > BYTES_MAX {
        return Err(invalid("larger than 1 MiB, so these are no answers".to_owned()));
    }
    parse(&String::from_utf8_lossy(&bytes), drill).map_err(invalid)
}

fn parse(text: &str, drill: &Drill) -> Result<Given, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let mut given = Given { answers: BTreeMap::new(), problems: Vec::new() };
    if text.starts_with(['{', '[']) {
        let value: Value = serde_json::from_str(text).map_err(|e| format!("this is not JSON: {e}"))?;
        let value = value.get("answers").unwrap_or(&value);
        match value {
            Value::Array(rows) => {
                for (i, row) in rows.iter().enumerate() {
                    given.take(drill, &(i + 1).to_string(), row);
                }
            }
            Value::Object(pairs) => {
                for (key, row) in pairs {
                    given.take(drill, key, row);
                }
            }
            _ => return Err("`answers` is an object by question, or a list in their order".to_owned()),
        }
        return Ok(given);
    }
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        match line.split_once([':', '=', '.', ')']) {
            Some((key, answer)) => given.take(drill, key.trim(), &Value::String(answer.trim().to_owned())),
            None => given.problems.push(format!("`{line}` is not `question: answer`; it was left out")),
        }
    }
    Ok(given)
}

impl Given {
    /// `key` is the question's id or its number from 1. A list element may also be `{"id": ..., "given": ...}`, as the
    /// result of a drill has it.
    fn take(&mut self, drill: &Drill, key: &str, value: &Value) {
        let (key, value) = match (value.get("id").and_then(Value::as_str), value.get("given")) {
            (Some(id), Some(given)) => (id, given),
            _ => (key, value),
        };
        let by_number = || drill.questions.get(key.parse::<usize>().ok()?.checked_sub(1)?);
        let Some(question) = drill.questions.iter().find(|q| q.id == key).or_else(by_number) else {
            self.problems.push(format!("there is no question `{key}`; its answer was left out"));
            return;
        };
        let text = match value {
            Value::Null => return,
            Value::String(text) if text.trim().is_empty() => return,
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => {
                self.problems.push(format!("{}: an answer is one text; it was left out", question.id));
                return;
            }
        };
        if self.answers.insert(question.id.clone(), text).is_some() {
            self.problems.push(format!("{}: answered twice; the last answer counts", question.id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::book;
    use super::*;

    #[test]
    fn answers_come_in_json_and_in_plain_text() {
        let drill = book::builtin().expect("they load").remove(0);
        let (first, fifth) = (&drill.questions[0].id, &drill.questions[4].id);
        for text in [
            format!("{{\"{first}\": \"x\", \"{fifth}\": \"20:12\"}}"),
            format!("{{\"answers\": {{\"1\": \"x\", \"{fifth}\": \"20:12\", \"2\": null}}}}"),
            "[\"x\", \"\", null, \"\", \"20:12\"]".to_owned(),
            format!(
                "[{{\"id\": \"{first}\", \"given\": \"x\"}}, {{\"id\": \"{fifth}\", \"given\": \"20:12\"}}]"
            ),
            format!("# mine\n{first}: x\n\n{fifth} = 20:12\n"),
            "1. x\n5) 20:12\n".to_owned(),
        ] {
            let given = parse(&text, &drill).expect(&text);
            assert_eq!(given.problems, Vec::<String>::new(), "{text}");
            assert_eq!(given.answers.len(), 2, "{text}");
            assert_eq!((given.answers[first].as_str(), given.answers[fifth].as_str()), ("x", "20:12"));
        }
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let drill = book::builtin().expect("they load").remove(0);
        let problems = |text: &str| parse(text, &drill).expect(text).problems.join("\n");
        assert!(problems("{\"nobody\": \"x\"}").contains("no question `nobody`"));
        assert!(problems("[[1]]").contains("one text"));
        assert!(problems("just words").contains("left out"));
        assert!(problems("1: x\n1: y").contains("answered twice"));
        assert!(parse("{\"a\": ", &drill).is_err());
    }
}
