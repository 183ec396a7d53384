//! YAML documents as trees with places: cut apart first, so that a broken one does not take its neighbours along.
//!
//! Built on the event stream of `saphyr-parser`, not on its tree: maps keep their order and a doubled key is found with
//! both places, scalars keep their text beside their style (`0x10` and `010` are not yet numbers), and depth and
//! node count are bounded while reading.
//!
//! Source: YAML 1.2.2, core schema.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::diagnostic::Code;
use crate::limits;

/// One document of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Piece<'a> {
    pub text: &'a str,
    /// The line of the file on which the piece begins, from 1.
    pub line: u32,
}

/// Cuts a file at its document markers.
///
/// YAML forbids `---` at the first column inside any scalar (rule `c-forbidden`), so the cut needs no parser. Pieces
/// of comments, blanks and directives alone are no documents.
pub(crate) fn split(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut start_line = 1;
    let mut offset = 0;
    let mut keep = |from: usize, to: usize, line: u32| {
        let piece = &text[from..to];
        if !is_blank(piece) {
            pieces.push(Piece { text: piece, line });
        }
    };
    for (line, raw) in (1..).zip(text.split_inclusive('\n')) {
        let bytes = raw.as_bytes();
        let marker = |mark: &[u8]| {
            bytes.starts_with(mark) && matches!(bytes.get(3), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
        };
        if marker(b"---") {
            keep(start, offset, start_line);
            (start, start_line) = (offset, line);
        } else if marker(b"...") {
            keep(start, offset, start_line);
            (start, start_line) = (offset + raw.len(), line + 1);
        }
        offset += raw.len();
    }
    keep(start, text.len(), start_line);
    pieces
}

/// Nothing but blank lines, comments, directives and bare markers.
fn is_blank(piece: &str) -> bool {
    piece.lines().all(|l| {
        let l = l.strip_prefix("---").unwrap_or(l).trim();
        l.is_empty() || l.starts_with('#') || l.starts_with('%')
    })
}

/// Line and column in the file, both from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Mark {
    pub line: u32,
    pub column: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Quoted,
    /// A literal or folded block.
    Block,
}

#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    pub mark: Mark,
    /// Characters on the first line; 0 when the node goes on to the next one.
    pub width: u32,
    pub data: Data<'a>,
}

#[derive(Debug, Clone)]
pub(crate) enum Data<'a> {
    Scalar { text: Cow<'a, str>, style: Style },
    List(Vec<Node<'a>>),
    Map(Vec<(Node<'a>, Node<'a>)>),
}

/// A scalar by the core schema. Text keeps what was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
}

/// Why a document is no tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub code: Code,
    pub mark: Mark,
    pub width: u32,
    pub fault: String,
    pub help: Option<String>,
}

impl<'a> Node<'a> {
    pub fn get(&self, key: &str) -> Option<&Node<'a>> {
        self.entry(key).map(|(_, v)| v)
    }

    pub fn entry(&self, key: &str) -> Option<&(Node<'a>, Node<'a>)> {
        match &self.data {
            Data::Map(entries) => entries.iter().find(|(k, _)| k.text() == Some(key)),
            _ => None,
        }
    }

    pub fn map(&self) -> Option<&[(Node<'a>, Node<'a>)]> {
        match &self.data {
            Data::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The text of a scalar as it was written, whatever its type; none for lists and maps.
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The scalar by the core schema; none for lists and maps.
    pub fn scalar(&self) -> Option<Scalar<'_>> {
        match &self.data {
            Data::Scalar { text, style: Style::Plain } => Some(resolve(text)),
            Data::Scalar { text, .. } => Some(Scalar::Text(text)),
            _ => None,
        }
    }

    /// What stands here, for messages.
    pub fn kind(&self) -> &'static str {
        match self.scalar() {
            None if self.map().is_some() => "a map",
            None => "a list",
            Some(Scalar::Null) => "null",
            Some(Scalar::Bool(_)) => "true or false",
            Some(Scalar::Number(_)) => "a number",
            Some(Scalar::Text(_)) => "text",
        }
    }
}

/// The core schema, with one exception: digits after a leading zero stay text, because `0012` in a log is a code and
/// reading it as 12 would match what the author did not write.
fn resolve(text: &str) -> Scalar<'_> {
    let bytes = text.as_bytes();
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Bool(true),
        "false" | "False" | "FALSE" => return Scalar::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Scalar::Number(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Scalar::Number(f64::NEG_INFINITY),
        _ => {}
    }
    if !bytes.iter().any(u8::is_ascii_digit) || !matches!(bytes[0], b'0'..=b'9' | b'+' | b'-' | b'.') {
        return Scalar::Text(text);
    }
    let radix = |digits: &str, radix| match i64::from_str_radix(digits, radix) {
        Ok(n) if n >= 0 && !digits.starts_with('+') => Scalar::Number(n as f64),
        _ => Scalar::Text(text),
    };
    if let Some(hex) = text.strip_prefix("0x") {
        return radix(hex, 16);
    }
    if let Some(octal) = text.strip_prefix("0o") {
        return radix(octal, 8);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text).as_bytes();
    if unsigned.len() > 1 && unsigned[0] == b'0' && unsigned[1].is_ascii_digit() {
        return Scalar::Text(text);
    }
    if !bytes.iter().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
        return Scalar::Text(text);
    }
    match text.parse::<f64>() {
        // Beyond 2^53 a number loses digits; such an id is compared as text.
        Ok(n) if n.is_finite() && (n.abs() < 9_007_199_254_740_992.0 || text.contains(['.', 'e', 'E'])) => {
            Scalar::Number(n)
        }
        _ => Scalar::Text(text),
    }
}

struct Open<'a> {
    node: Node<'a>,
    key: Option<Node<'a>>,
    anchor: usize,
}

/// Reads one piece. Marks count in the whole file.
pub(crate) fn read<'a>(piece: Piece<'a>) -> Result<Node<'a>, Fault> {
    let mut builder = Builder { piece, open: Vec::new(), anchors: HashMap::new(), root: None, nodes: 0 };
    for event in Parser::new_from_str(piece.text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let mark = builder.mark(*error.marker());
                return Err(Fault {
                    code: Code::YAML,
                    mark,
                    width: 1,
                    fault: format!("this is not YAML: {}", error.info()),
                    help: help_for_yaml(piece, mark),
                });
            }
        };
        builder.take(event, span)?;
    }
    builder.root.ok_or_else(|| Fault {
        code: Code::YAML,
        mark: Mark { line: piece.line, column: 1 },
        width: 0,
        fault: "the document is empty".to_owned(),
        help: None,
    })
}

/// The two faults that people make most have a remedy worth naming.
fn help_for_yaml(piece: Piece<'_>, mark: Mark) -> Option<String> {
    let index = mark.line.saturating_sub(piece.line) as usize;
    let line = piece.text.lines().nth(index).unwrap_or_default();
    let indent = &line[..line.len() - line.trim_start().len()];
    if indent.contains('\t') {
        return Some("YAML indents with spaces, a tab stands here".to_owned());
    }
    let value = line.split_once(": ").map_or("", |(_, v)| v.trim_start());
    if value.contains(": ") || value.starts_with(['*', '%', '@', '`', '&', '!', '|', '>']) {
        return Some("put the value in single quotes".to_owned());
    }
    // An open bracket is noticed only where the next key stands.
    let opens = |l: &&str| {
        let count = |c: char| l.matches(c).count();
        (count('[') > count(']') || count('{') > count('}')) && !l.contains(['\'', '"'])
    };
    let above = piece.text.lines().take(index + 1).collect::<Vec<_>>();
    let open = above.iter().rev().take(20).position(opens)?;
    Some(format!("a bracket is open since line {}", mark.line.saturating_sub(open as u32)))
}

struct Builder<'a> {
    piece: Piece<'a>,
    open: Vec<Open<'a>>,
    anchors: HashMap<usize, Node<'a>>,
    root: Option<Node<'a>>,
    nodes: usize,
}

impl<'a> Builder<'a> {
    fn mark(&self, marker: saphyr_parser::Marker) -> Mark {
        let line = self.piece.line - 1 + u32::try_from(marker.line().max(1)).unwrap_or(u32::MAX / 2);
        Mark { line, column: u32::try_from(marker.col()).unwrap_or(u32::MAX - 1) + 1 }
    }

    fn start(&self, span: Span, data: Data<'a>) -> Node<'a> {
        let width = if span.start.line() == span.end.line() {
            span.end.col().saturating_sub(span.start.col()) as u32
        } else {
            0
        };
        Node { mark: self.mark(span.start), width, data }
    }

    fn too_much(&self, span: Span, fault: String) -> Fault {
        Fault { code: Code::TOO_DEEP, mark: self.mark(span.start), width: 0, fault, help: None }
    }

    fn take(&mut self, event: Event<'a>, span: Span) -> Result<(), Fault> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let quoted = tag.is_some_and(|t| t.is_yaml_core_schema() && t.suffix == "str");
                let style = match style {
                    ScalarStyle::Plain if quoted => Style::Quoted,
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                let node = self.start(span, Data::Scalar { text, style });
                self.insert(node, anchor, span)
            }
            Event::SequenceStart(anchor, _) => self.push(Data::List(Vec::new()), anchor, span),
            Event::MappingStart(anchor, _) => self.push(Data::Map(Vec::new()), anchor, span),
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(mut open) => {
                    if let Data::Map(entries) = &mut open.node.data {
                        close(entries)?;
                    }
                    self.insert(open.node, open.anchor, span)
                }
                None => Ok(()),
            },
            Event::Alias(id) => {
                let Some(target) = self.anchors.get(&id) else {
                    return Err(self.too_much(span, "this alias stands inside the node it names".to_owned()));
                };
                let budget = limits::NODES_MAX.saturating_sub(self.nodes);
                let Some(count) = count(target, budget) else {
                    return Err(self.too_much(
                        span,
                        format!("the aliases grow the document beyond {} nodes", limits::NODES_MAX),
                    ));
                };
                if self.open.len() + depth(target) > limits::DEPTH_MAX {
                    return Err(self.deep(span));
                }
                let mut node = target.clone();
                self.nodes += count;
                node.mark = self.mark(span.start);
                self.insert(node, 0, span)
            }
            _ => Ok(()),
        }
    }

    fn deep(&self, span: Span) -> Fault {
        self.too_much(span, format!("nested deeper than {} levels", limits::DEPTH_MAX))
    }

    fn push(&mut self, data: Data<'a>, anchor: usize, span: Span) -> Result<(), Fault> {
        if self.open.len() >= limits::DEPTH_MAX {
            return Err(self.deep(span));
        }
        let node = self.start(span, data);
        self.open.push(Open { node, key: None, anchor });
        Ok(())
    }

    fn insert(&mut self, node: Node<'a>, anchor: usize, span: Span) -> Result<(), Fault> {
        self.nodes += 1;
        if self.nodes > limits::NODES_MAX {
            return Err(
                self.too_much(span, format!("the document has more than {} nodes", limits::NODES_MAX))
            );
        }
        if anchor > 0 {
            // The copy is charged like an alias, or anchors around anchors would be free.
            let budget = limits::NODES_MAX.saturating_sub(self.nodes);
            match count(&node, budget) {
                Some(count) => self.nodes += count,
                None => return Err(self.too_much(span, "the anchors hold too many nodes".to_owned())),
            }
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.node.data {
            Data::List(items) => items.push(node),
            Data::Map(entries) => match open.key.take() {
                None => open.key = Some(node),
                Some(key) => entries.push((key, node)),
            },
            Data::Scalar { .. } => {}
        }
        Ok(())
    }
}

/// Closes a map: no key twice, and `<<` brings in the entries of another map that are not there (YAML 1.1, still in use).
fn close<'a>(entries: &mut Vec<(Node<'a>, Node<'a>)>) -> Result<(), Fault> {
    while let Some(at) = entries.iter().position(|(k, v)| k.text() == Some("<<") && v.map().is_some()) {
        let (_, value) = entries.remove(at);
        if let Data::Map(inner) = value.data {
            // Entries that came in by an earlier `<<` are few; the written ones decide.
            let mut known: HashSet<String> =
                entries.iter().filter_map(|(k, _)| k.text().map(str::to_owned)).collect();
            for (key, value) in inner {
                if key.text().is_some_and(|k| known.insert(k.to_owned())) {
                    entries.push((key, value));
                }
            }
        }
    }
    let mut known: HashMap<&str, Mark> = HashMap::with_capacity(entries.len());
    for (key, _) in entries.iter() {
        let Some(name) = key.text() else {
            return Err(Fault {
                code: Code::SHAPE,
                mark: key.mark,
                width: key.width,
                fault: format!("{} cannot be a key", key.kind()),
                help: None,
            });
        };
        if let Some(first) = known.insert(name, key.mark) {
            return Err(Fault {
                code: Code::DUPLICATE_KEY,
                mark: key.mark,
                width: key.width,
                fault: format!("the key `{name}` stands here a second time, first on line {}", first.line),
                help: Some("join the two, or give one of them another name".to_owned()),
            });
        }
    }
    Ok(())
}

/// Nodes of a tree, or nothing when there are more than `budget`.
fn count(node: &Node<'_>, budget: usize) -> Option<usize> {
    let mut seen = 0;
    let mut rest = vec![node];
    while let Some(node) = rest.pop() {
        seen += 1;
        if seen > budget {
            return None;
        }
        match &node.data {
            Data::Scalar { .. } => {}
            Data::List(items) => rest.extend(items),
            Data::Map(entries) => rest.extend(entries.iter().flat_map(|(k, v)| [k, v])),
        }
    }
    Some(seen)
}

fn depth(node: &Node<'_>) -> usize {
    match &node.data {
        Data::Scalar { .. } => 0,
        Data::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Data::Map(entries) => 1 + entries.iter().map(|(_, v)| depth(v)).max().unwrap_or(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(u32, &str)> {
        split(text).into_iter().map(|p| (p.line, p.text)).collect()
    }

    fn fault(text: &str) -> (Code, u32, u32) {
        let fault = read(Piece { text, line: 1 }).expect_err("a fault");
        (fault.code, fault.mark.line, fault.mark.column)
    }

    #[test]
    fn cuts_at_markers_in_the_first_column_only() {
        assert_eq!(pieces("a: 1\n---\nb: 2\n"), [(1, "a: 1\n"), (2, "---\nb: 2\n")]);
        assert_eq!(pieces("---\na: |\n  ---\n  x\n"), [(1, "---\na: |\n  ---\n  x\n")]);
        assert_eq!(pieces("# only a comment\n---\n---\n\n...\n"), []);
        assert_eq!(pieces("a: 1\n...\nb: 2"), [(1, "a: 1\n"), (3, "b: 2")]);
        assert_eq!(pieces("%YAML 1.2\n---\na: 1\n"), [(2, "---\na: 1\n")]);
        assert_eq!(pieces("---a: 1"), [(1, "---a: 1")]);
        assert_eq!(pieces("a: 1\r\n---\r\nb: 2\r\n").len(), 2);
    }

    #[test]
    fn scalars_follow_the_core_schema() {
        let check = |text: &str, expect: Scalar<'_>| assert_eq!(resolve(text), expect, "{text}");
        check("4688", Scalar::Number(4688.0));
        check("-1.5", Scalar::Number(-1.5));
        check("0x10", Scalar::Number(16.0));
        check("0x-1", Scalar::Text("0x-1"));
        check("0o17", Scalar::Number(15.0));
        check("0", Scalar::Number(0.0));
        check("0.5", Scalar::Number(0.5));
        check("0012", Scalar::Text("0012"));
        check("9007199254740993", Scalar::Text("9007199254740993"));
        check("1.2.3.4", Scalar::Text("1.2.3.4"));
        check("2024-05-01", Scalar::Text("2024-05-01"));
        check("-", Scalar::Text("-"));
        check("yes", Scalar::Text("yes"));
        check("True", Scalar::Bool(true));
        check("~", Scalar::Null);
        check("infinity", Scalar::Text("infinity"));
        check("1e3", Scalar::Number(1000.0));
    }

    #[test]
    fn faults_have_places() {
        assert_eq!(fault("a: 1\nb: 2\na: 3\n"), (Code::DUPLICATE_KEY, 3, 1));
        assert_eq!(fault("a: [1\n").0, Code::YAML);
        assert_eq!(fault("[a]: 1\n").0, Code::SHAPE);
        assert_eq!(fault(&"[".repeat(100)).0, Code::TOO_DEEP);
        assert_eq!(fault("a:\n\tb: 1\n").0, Code::YAML);
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..20 {
            text.push_str(&format!("a{i}: &a{i} [{}]\n", vec![format!("*a{}", i - 1); 10].join(", ")));
        }
        assert_eq!(fault(&text).0, Code::TOO_DEEP);
    }

    #[test]
    fn aliases_and_merge_keys_are_read() {
        let text = "base: &b {x: 1, y: 2}\nall:\n  <<: *b\n  y: 3\nsame: *b\n";
        let root = read(Piece { text, line: 1 }).expect("a tree");
        assert_eq!(root.get("all").and_then(|n| n.get("x")).and_then(Node::text), Some("1"));
        assert_eq!(root.get("all").and_then(|n| n.get("y")).and_then(Node::text), Some("3"));
        assert_eq!(root.get("same").and_then(|n| n.get("x")).and_then(Node::text), Some("1"));
    }
}
