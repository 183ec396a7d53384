//! A drill as it is written in `content/drills/<name>.yml`: questions, and seals instead of answers.

use std::io;

use include_dir::{Dir, include_dir};
use vedette_normalize::yaml::{self, Data, Node};

use crate::fault::Fault;

static DRILLS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../content/drills");

#[derive(Debug)]
pub struct Drill {
    pub name: String,
    pub title: String,
    pub about: String,
    pub salt: String,
    /// Which files the questions are about.
    pub estate: Fingerprint,
    /// Days that a time without a date may mean, `2026-03-04`.
    pub days: Vec<String>,
    pub questions: Vec<Question>,
}

#[derive(Debug)]
pub struct Fingerprint {
    pub files: u64,
    pub sha256: String,
}

#[derive(Debug)]
pub struct Question {
    pub id: String,
    pub kind: Kind,
    pub ask: String,
    pub hint: String,
    pub lesson: String,
    /// What shows it, with `{estate}` for the folder.
    pub command: String,
    pub tolerance_minutes: i64,
    /// Letter and text of each option; empty where none are given.
    pub options: Vec<(String, String)>,
    /// Seals of the right answers; one is enough.
    pub sealed: Vec<String>,
}

/// What is asked for: decides in which forms an answer is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Account,
    Address,
    Choice,
    Host,
    Name,
    Path,
    Role,
    Time,
}

const KINDS: [(&str, Kind); 8] = [
    ("account", Kind::Account),
    ("address", Kind::Address),
    ("choice", Kind::Choice),
    ("host", Kind::Host),
    ("name", Kind::Name),
    ("path", Kind::Path),
    ("role", Kind::Role),
    ("time", Kind::Time),
];

impl Kind {
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }
}

/// The built-in drills, by name.
///
/// # Errors
/// When one cannot be read, which a test rules out.
pub fn builtin() -> Result<Vec<Drill>, Fault> {
    let mut files: Vec<_> = DRILLS.files().collect();
    files.sort_by_key(|f| f.path());
    files
        .into_iter()
        .map(|file| {
            read(file.contents_utf8().unwrap_or_default()).map_err(|what| Fault::Io {
                context: format!("cannot read the drill {}", file.path().display()),
                source: io::Error::new(io::ErrorKind::InvalidData, what),
            })
        })
        .collect()
}

fn read(text: &str) -> Result<Drill, String> {
    let documents =
        yaml::read(text).map_err(|f| format!("{}:{}: {}", f.place.line, f.place.column, f.what))?;
    let [whole] = documents.as_slice() else { return Err("one document is asked for".to_owned()) };
    let estate = whole.get("estate").ok_or("`estate` is missing")?;
    let files = text_of(estate, "files")?;
    let questions = items(whole, "questions")?.iter().map(question).collect::<Result<Vec<_>, _>>()?;
    Ok(Drill {
        name: text_of(whole, "name")?,
        title: text_of(whole, "title")?,
        about: text_of(whole, "about")?,
        salt: text_of(whole, "salt")?,
        estate: Fingerprint {
            files: files.parse().map_err(|_| format!("`{files}` is no number of files"))?,
            sha256: text_of(estate, "sha256")?,
        },
        days: items(whole, "days")?.iter().filter_map(|d| d.text().map(str::to_owned)).collect(),
        questions,
    })
}

fn question(node: &Node) -> Result<Question, String> {
    let kind = text_of(node, "kind")?;
    let minutes = node.get("tolerance_minutes").and_then(Node::text).unwrap_or("0");
    let options = match node.get("options").map(|n| &n.data) {
        Some(Data::Map(pairs)) => {
            pairs.iter().map(|(k, v)| (k.text.clone(), v.text().unwrap_or_default().to_owned())).collect()
        }
        _ => Vec::new(),
    };
    let sealed: Vec<String> =
        items(node, "sealed")?.iter().filter_map(|s| s.text().map(str::to_owned)).collect();
    if sealed.is_empty() {
        return Err(format!("line {}: no answer would be right", node.place.line));
    }
    Ok(Question {
        id: text_of(node, "id")?,
        kind: KINDS
            .iter()
            .find(|(name, _)| *name == kind)
            .map(|(_, kind)| *kind)
            .ok_or_else(|| format!("line {}: unknown kind `{kind}`", node.place.line))?,
        ask: text_of(node, "ask")?,
        hint: text_of(node, "hint")?,
        lesson: text_of(node, "lesson")?,
        command: text_of(node, "command")?,
        tolerance_minutes: minutes.parse().map_err(|_| format!("`{minutes}` is no number of minutes"))?,
        options,
        sealed,
    })
}

fn text_of(node: &Node, key: &str) -> Result<String, String> {
    let text = node.get(key).and_then(Node::text);
    text.map(str::to_owned).ok_or_else(|| format!("line {}: `{key}` is missing", node.place.line))
}

fn items<'a>(node: &'a Node, key: &str) -> Result<&'a [Node], String> {
    match node.get(key).map(|n| &n.data) {
        Some(Data::List(items)) => Ok(items),
        _ => Err(format!("line {}: `{key}` is a list", node.place.line)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer;
    use super::*;

    #[test]
    fn the_built_in_drills_load_and_ask_ten_questions() {
        for drill in builtin().expect("they load") {
            assert_eq!(drill.questions.len(), 10, "{}", drill.name);
            assert!(drill.days.len() < 8 && drill.questions.iter().all(|q| q.tolerance_minutes <= 30));
        }
    }

    /// A drill that holds its own answers in clear text would be no drill. Options are there to choose from.
    #[test]
    fn no_word_of_a_drill_is_one_of_its_answers() {
        let mut tried = 0;
        for drill in builtin().expect("they load") {
            for question in drill.questions.iter().filter(|q| q.kind != Kind::Choice) {
                let texts =
                    [&question.ask, &question.hint, &question.lesson, &question.command, &drill.about];
                let others = drill.questions.iter().flat_map(|q| q.options.iter().map(|(_, text)| text));
                let mut words: Vec<&str> =
                    texts.into_iter().chain(others).flat_map(|text| text.split(' ')).collect();
                words.sort_unstable();
                words.dedup();
                for word in words {
                    tried += 1;
                    assert!(
                        !answer::is_right(&drill, question, word).unwrap_or_default(),
                        "{}: `{word}` is the answer",
                        question.id
                    );
                }
            }
        }
        assert!(tried > 500, "{tried} words");
    }

    #[test]
    fn a_faulty_drill_is_told_with_its_place() {
        const HEAD: &str = "name: n\ntitle: t\nabout: a\nsalt: s\ndays: []\n";
        for (rest, told) in [
            ("", "`estate` is missing"),
            ("a: [", "this is not YAML"),
            ("estate: {files: many, sha256: x}\nquestions: []\n", "no number of files"),
            ("estate: {files: 1, sha256: x}\nquestions:\n  - kind: smell\n", "line 8: `sealed` is a list"),
            (
                "estate: {files: 1, sha256: x}\nquestions:\n  - kind: smell\n    id: x\n    sealed: [x]\n",
                "line 8: unknown kind `smell`",
            ),
        ] {
            let text = &format!("{HEAD}{rest}");
            let fault = read(text).expect_err(text);
            assert!(fault.contains(told), "{fault}");
        }
    }
}
