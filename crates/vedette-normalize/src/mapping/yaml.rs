//! YAML with places: every scalar keeps its text as written, and the line and column it stood at.
//!
//! Scalars are not guessed into numbers and booleans: to a mapping `443`, `'443'` and `true` are all texts.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::limits;

/// Line and column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

#[derive(Debug, Clone)]
pub struct Node {
    pub place: Place,
    pub data: Data,
}

#[derive(Debug, Clone)]
pub enum Data {
    Scalar { text: String, quoted: bool },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

#[derive(Debug, Clone)]
pub struct Key {
    pub place: Place,
    pub text: String,
}

/// Why a text is not YAML that a mapping may be written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlFault {
    pub place: Place,
    pub what: String,
}

impl Node {
    /// The scalar's text; `None` for lists, maps and null.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar { text, .. } if !self.is_null() => Some(text),
            _ => None,
        }
    }

    /// An unquoted `null`, `~` or nothing at all.
    pub fn is_null(&self) -> bool {
        matches!(&self.data, Data::Scalar { text, quoted: false } if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// The value of a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.data {
            Data::Map(pairs) => pairs.iter().find(|(k, _)| k.text == key).map(|(_, v)| v),
            _ => None,
        }
    }

    pub fn kind(&self) -> &'static str {
        match self.data {
            Data::Scalar { .. } if self.is_null() => "nothing",
            Data::Scalar { .. } => "a single value",
            Data::List(_) => "a list",
            Data::Map(_) => "a map",
        }
    }
}

enum Open {
    List(Place, Vec<Node>),
    Map(Place, Vec<(Key, Node)>, Option<Key>),
}

fn place(span: Span) -> Place {
    Place { line: span.start.line() as u32, column: span.start.col() as u32 + 1 }
}

/// Reads all documents of a text.
///
/// # Errors
/// The first fault: not YAML, a key given twice, an anchor or alias (mappings do without), nested too deeply.
pub fn read(text: &str) -> Result<Vec<Node>, YamlFault> {
    let fault = |place, what: &str| YamlFault { place, what: what.to_owned() };
    let mut documents = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| YamlFault {
            place: Place { line: e.marker().line() as u32, column: e.marker().col() as u32 + 1 },
            what: format!("this is not YAML: {}", e.info()),
        })?;
        let at = place(span);
        let done = match event {
            Event::Scalar(text, style, _, _) => {
                let quoted = style != ScalarStyle::Plain;
                Some(Node { place: at, data: Data::Scalar { text: text.into_owned(), quoted } })
            }
            Event::SequenceStart(..) => {
                open.push(Open::List(at, Vec::new()));
                None
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(at, Vec::new(), None));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(place, items)) => Some(Node { place, data: Data::List(items) }),
                Some(Open::Map(place, pairs, _)) => Some(Node { place, data: Data::Map(pairs) }),
                None => None,
            },
            Event::Alias(_) => return Err(fault(at, "anchors and aliases are not used in mappings")),
            _ => None,
        };
        if open.len() > limits::YAML_DEPTH_MAX {
            return Err(fault(at, "nested too deeply"));
        }
        let Some(node) = done else { continue };
        match open.last_mut() {
            None => documents.push(node),
            Some(Open::List(_, items)) => items.push(node),
            Some(Open::Map(_, pairs, key @ None)) => {
                let Data::Scalar { text, .. } = node.data else {
                    return Err(fault(node.place, "a key must be a single word"));
                };
                if pairs.iter().any(|(k, _)| k.text == text) {
                    return Err(YamlFault { place: node.place, what: format!("`{text}` is given twice") });
                }
                *key = Some(Key { place: node.place, text });
            }
            Some(Open::Map(_, pairs, slot)) => {
                if let Some(key) = slot.take() {
                    pairs.push((key, node));
                }
            }
        }
    }
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_keep_their_text_and_place() {
        let documents = read("a: 007\nb:\n  - 'null'\n  - null\n").expect("reads");
        let root = &documents[0];
        assert_eq!(root.get("a").and_then(Node::text), Some("007"));
        let Some(Data::List(items)) = root.get("b").map(|n| &n.data) else { panic!("no list") };
        assert_eq!(items[0].text(), Some("null"));
        assert!(items[1].is_null());
        assert_eq!(items[1].place, Place { line: 4, column: 5 });
    }

    #[test]
    fn faults_have_a_place() {
        let check = |text: &str, line, part: &str| {
            let fault = read(text).expect_err(text);
            assert_eq!(fault.place.line, line, "{text}: {fault:?}");
            assert!(fault.what.contains(part), "{fault:?}");
        };
        check("a: 1\na: 2\n", 2, "given twice");
        check("a: &x 1\nb: *x\n", 2, "anchors");
        check("a: [1, 2\n", 2, "not YAML");
        check(&"- ".repeat(60), 1, "nested");
        check(&"[".repeat(5_000), 1, "limit");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[ -~\n\\[\\]{}:-]{0,200}") {
            let _ = read(&text);
        }
    }
}
