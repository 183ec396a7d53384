//! One file of `content/mappings/`: a mapping, an envelope or a base.

use super::condition::Condition;
use super::envelope::Envelope;
use super::fault::Faults;
use super::names::Names;
use super::sheet::{self, Sheet};
use super::steps::{self, Steps};
use super::yaml::{Data, Node};
use crate::formats::Input;

/// One document.
#[derive(Debug, Clone)]
pub enum Document {
    Mapping(Box<Mapping>),
    Envelope(Box<Envelope>),
    Base(Box<Base>),
}

/// Words that several mappings share (`extends:`).
#[derive(Debug, Clone)]
pub struct Base {
    pub id: String,
    pub sheet: Sheet,
}

#[derive(Debug, Clone)]
pub struct Mapping {
    pub id: String,
    pub title: String,
    pub inputs: Vec<Input>,
    pub matches: Condition,
    pub order: i32,
    pub extends: Option<(String, super::yaml::Place)>,
    pub steps: Steps,
    pub sheet: Sheet,
    pub cases: Vec<Case>,
}

#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub when: Condition,
    pub steps: Steps,
    pub sheet: Sheet,
}

pub const INPUTS: [(&str, Input); 12] = [
    ("windows_event", Input::WindowsEvent),
    ("json", Input::Json),
    ("csv", Input::Csv),
    ("zeek", Input::Zeek),
    ("w3c", Input::W3c),
    ("auditd", Input::Auditd),
    ("syslog", Input::Syslog),
    ("cef", Input::Cef),
    ("leef", Input::Leef),
    ("kv", Input::Kv),
    ("access", Input::Access),
    ("text", Input::Text),
];

pub fn input(name: &str) -> Option<Input> {
    INPUTS.iter().find(|(n, _)| *n == name).map(|(_, i)| *i)
}

const MAPPING_KEYS: [&str; 9] =
    ["kind", "id", "title", "input", "match", "order", "extends", "cases", "description"];

/// Reads one document; `None` when it has a fault.
pub fn read(node: &Node, names: &mut Names, faults: &mut Faults) -> Option<Document> {
    let before = faults.all.len();
    let document = match node.get("kind").and_then(Node::text) {
        None | Some("mapping") => read_mapping(node, names, faults).map(|m| Document::Mapping(Box::new(m))),
        Some("envelope") => Envelope::read(node, names, faults).map(|e| Document::Envelope(Box::new(e))),
        Some("base") => read_base(node, names, faults).map(|b| Document::Base(Box::new(b))),
        Some(other) => {
            let at = node.get("kind").unwrap_or(node);
            faults.word(at, "kind", other, ["mapping", "envelope", "base"].into_iter());
            None
        }
    };
    document.filter(|_| faults.all.len() == before)
}

pub fn read_inputs(node: &Node, faults: &mut Faults) -> Vec<Input> {
    let mut inputs = Vec::new();
    for word in faults.texts(node, "input") {
        match input(&word) {
            Some(input) => inputs.push(input),
            None => faults.word(node, "input", &word, INPUTS.iter().map(|i| i.0)),
        }
    }
    inputs
}

pub fn need(node: &Node, key: &str, faults: &mut Faults) -> String {
    match node.get(key) {
        Some(value) => faults.text(value, key).unwrap_or_default(),
        None => {
            faults.add("VD-N005", node.place, format!("`{key}` is missing"), String::new());
            String::new()
        }
    }
}

fn read_base(node: &Node, names: &mut Names, faults: &mut Faults) -> Option<Base> {
    let id = need(node, "id", faults);
    let mut sheet = Sheet::default();
    for (key, value) in sheet::pairs(node, "a base", faults) {
        if matches!(key.text.as_str(), "kind" | "id" | "title" | "description") {
            continue;
        }
        if !sheet.read_key(key, value, names, faults) {
            faults.unknown_key(key.place, &key.text, "a base", &sheet::KEYS);
        }
    }
    Some(Base { id, sheet })
}

fn read_mapping(node: &Node, names: &mut Names, faults: &mut Faults) -> Option<Mapping> {
    let mut mapping = Mapping {
        id: need(node, "id", faults),
        title: need(node, "title", faults),
        inputs: Vec::new(),
        matches: Condition::default(),
        order: 100,
        extends: None,
        steps: Steps::default(),
        sheet: Sheet::default(),
        cases: Vec::new(),
    };
    if node.get("input").is_none() {
        need(node, "input", faults);
    }
    for (key, value) in sheet::pairs(node, "a mapping", faults) {
        match key.text.as_str() {
            "kind" | "id" | "title" | "description" => {}
            "input" => mapping.inputs = read_inputs(value, faults),
            "match" => mapping.matches = Condition::read(value, "match", names, faults),
            "order" => match value.text().and_then(|t| t.parse().ok()) {
                Some(order) => mapping.order = order,
                None => faults.shape(value, "order", "a whole number"),
            },
            "extends" => mapping.extends = faults.text(value, "extends").map(|id| (id, value.place)),
            "cases" => match &value.data {
                Data::List(items) => {
                    mapping.cases = items.iter().filter_map(|i| read_case(i, names, faults)).collect();
                }
                _ => faults.shape(value, "cases", "a list of cases"),
            },
            _ => {
                if !mapping.sheet.read_key(key, value, names, faults)
                    && !mapping.steps.read_key(key, value, names, faults)
                {
                    let known: Vec<_> =
                        MAPPING_KEYS.iter().chain(&sheet::KEYS).chain(&steps::KEYS).copied().collect();
                    faults.unknown_key(key.place, &key.text, "a mapping", &known);
                }
            }
        }
    }
    Some(mapping)
}

fn read_case(node: &Node, names: &mut Names, faults: &mut Faults) -> Option<Case> {
    let mut case = Case {
        name: need(node, "name", faults),
        when: Condition::default(),
        steps: Steps::default(),
        sheet: Sheet::default(),
    };
    for (key, value) in sheet::pairs(node, "a case", faults) {
        match key.text.as_str() {
            "name" => {}
            "when" => case.when = Condition::read(value, "when", names, faults),
            "logsource" if matches!(&value.data, Data::List(items) if items.is_empty()) => {}
            _ => {
                if !case.sheet.read_key(key, value, names, faults)
                    && !case.steps.read_key(key, value, names, faults)
                {
                    let known: Vec<_> =
                        ["name", "when"].iter().chain(&sheet::KEYS).chain(&steps::KEYS).copied().collect();
                    faults.unknown_key(key.place, &key.text, "a case", &known);
                }
            }
        }
    }
    if case.when.all.is_empty() && node.get("when").is_none() {
        need(node, "when", faults);
    }
    Some(case)
}
