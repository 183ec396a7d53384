//! Derivations: a value computed from native ones.

use regex::Regex;
use rustc_hash::FxHashMap;
use vedette_model::Kind;

use super::condition::{self, Condition};
use super::convert::{self, Convert};
use super::fault::Faults;
use super::limits;
use super::names::{Fields, NameId, Names, is_filled};
use super::yaml::{Data, Node};
use crate::decode::{self, Table};

/// The first choice that gives something wins.
#[derive(Debug, Clone)]
pub struct Derivation {
    pub choices: Vec<Choice>,
    /// The names it may read, joined by `+`.
    pub path: Box<str>,
}

#[derive(Debug, Clone, Default)]
pub struct Choice {
    when: Option<Condition>,
    input: Input,
    capture: Option<Regex>,
    convert: Vec<Convert>,
    table: Option<&'static Table>,
    map: Option<Vec<(Box<str>, Box<str>)>>,
    present: Option<Box<str>>,
    otherwise: Otherwise,
    /// Every value of the field, not only the first.
    each: bool,
    /// Cuts the value into several.
    split: Option<Box<str>>,
}

#[derive(Debug, Clone)]
enum Input {
    /// The first filled one.
    From(Vec<NameId>),
    Join(Vec<NameId>, Box<str>),
    Value(Box<str>),
    /// Everything below one of these names, as the text of an object.
    Subtree(Vec<Box<str>>),
    /// Of a list of name and value: the value of one name.
    Pair {
        lists: Vec<(Box<str>, Box<str>)>,
        pick: Box<str>,
    },
}

impl Default for Input {
    fn default() -> Self {
        Self::From(Vec::new())
    }
}

#[derive(Debug, Clone, Default)]
enum Otherwise {
    #[default]
    Nothing,
    /// `else: $value`: the value itself.
    Unchanged,
    Text(Box<str>),
}

const KEYS: [&str; 17] = [
    "from", "join", "with", "value", "subtree", "pair", "name", "pick", "when", "capture", "convert",
    "table", "map", "else", "present", "each", "split",
];

/// What a bare scalar stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    Name,
    Constant,
}

/// Buffers that computing needs.
#[derive(Debug, Default)]
pub struct Scratch {
    pub a: String,
    pub b: String,
}

impl Derivation {
    pub fn read(node: &Node, bare: Bare, names: &mut Names, faults: &mut Faults) -> Option<Self> {
        let choices = match &node.data {
            Data::List(items) if items.iter().any(|i| matches!(i.data, Data::Map(_))) => {
                items.iter().filter_map(|item| Choice::read(item, bare, names, faults)).collect()
            }
            _ => vec![Choice::read(node, bare, names, faults)?],
        };
        let mut derivation = Self { choices, path: "".into() };
        let mut read = Vec::new();
        derivation.names(&mut |name| {
            if !read.contains(&name) {
                read.push(name);
            }
        });
        let read: Vec<&str> = read.into_iter().map(|n| names.text(n)).collect();
        derivation.path = read.join("+").into();
        Some(derivation)
    }

    /// Where it names an alias, reads the alias's natives before the name itself.
    pub fn follow(&mut self, aliases: &FxHashMap<NameId, Vec<NameId>>) {
        for choice in &mut self.choices {
            if let Input::From(from) = &mut choice.input
                && from.iter().any(|n| aliases.contains_key(n))
            {
                let mut followed = Vec::new();
                for name in from.iter() {
                    for native in aliases.get(name).into_iter().flatten().chain([name]) {
                        if !followed.contains(native) {
                            followed.push(*native);
                        }
                    }
                }
                *from = followed;
            }
        }
    }

    /// A single native name without any change.
    pub fn plain(&self) -> Option<&[NameId]> {
        match self.choices.as_slice() {
            [
                Choice {
                    when: None,
                    input: Input::From(from),
                    capture: None,
                    table: None,
                    map: None,
                    present: None,
                    otherwise: Otherwise::Nothing,
                    each: false,
                    split: None,
                    convert,
                },
            ] if convert.is_empty() => Some(from),
            _ => None,
        }
    }

    /// The constant, if it is one.
    pub fn constant(&self) -> Option<&str> {
        match self.choices.as_slice() {
            [Choice { when: None, input: Input::Value(value), .. }] => Some(value),
            _ => None,
        }
    }

    /// The names whose values go into it; those of `when` are not among them.
    pub fn names(&self, each: &mut dyn FnMut(NameId)) {
        for choice in &self.choices {
            match &choice.input {
                Input::From(names) | Input::Join(names, _) => names.iter().for_each(|n| each(*n)),
                Input::Value(_) | Input::Subtree(_) | Input::Pair { .. } => {}
            }
        }
    }

    /// Those of `when` too.
    pub fn all_names(&self, each: &mut dyn FnMut(NameId)) {
        self.names(each);
        for choice in &self.choices {
            if let Some(when) = &choice.when {
                when.names(each);
            }
        }
    }

    /// Calls `each` with every value; usually one.
    pub fn compute(&self, fields: &impl Fields, scratch: &mut Scratch, each: &mut dyn FnMut(&str)) -> bool {
        self.choices.iter().any(|choice| choice.compute(fields, scratch, each))
    }

    /// The first value.
    pub fn first(&self, fields: &impl Fields) -> Option<String> {
        let mut first = None;
        self.compute(fields, &mut Scratch::default(), &mut |value| {
            first.get_or_insert_with(|| value.to_owned());
        });
        first
    }
}

impl Choice {
    fn read(node: &Node, bare: Bare, names: &mut Names, faults: &mut Faults) -> Option<Self> {
        let mut choice = Choice::default();
        let pairs = match &node.data {
            Data::Map(pairs) => pairs,
            Data::Scalar { .. } if bare == Bare::Constant => {
                choice.input = Input::Value(faults.text(node, "this")?.into());
                return Some(choice);
            }
            _ => {
                let from = faults.texts(node, "this");
                choice.input = Input::From(from.iter().map(|n| names.intern(n)).collect());
                return (!from.is_empty()).then_some(choice);
            }
        };
        let mut with = None;
        let mut inputs = 0;
        // In a pair, `name` and `value` are the two columns.
        let paired = node.get("pair").is_some();
        let (mut lists, mut name_of, mut value_of) = (Vec::new(), "name".to_owned(), "value".to_owned());
        let mut pick = String::new();
        for (key, value) in pairs {
            let mut interned = |faults: &mut Faults| {
                faults.texts(value, &key.text).iter().map(|n| names.intern(n)).collect::<Vec<_>>()
            };
            match key.text.as_str() {
                "from" => {
                    inputs += 1;
                    choice.input = Input::From(interned(faults));
                }
                "join" => {
                    inputs += 1;
                    choice.input = Input::Join(interned(faults), "".into());
                }
                "subtree" => {
                    inputs += 1;
                    let roots = faults.texts(value, "subtree");
                    choice.input = Input::Subtree(roots.into_iter().map(Into::into).collect());
                }
                "pair" => {
                    inputs += 1;
                    lists = faults.texts(value, "pair");
                }
                "name" if paired => name_of = faults.text(value, "name").unwrap_or_default(),
                "pick" if paired => pick = faults.text(value, "pick").unwrap_or_default(),
                "value" if paired => value_of = faults.text(value, "value").unwrap_or_default(),
                "value" => {
                    inputs += 1;
                    choice.input = Input::Value(faults.text(value, "value").unwrap_or_default().into());
                }
                "with" => with = faults.text(value, "with"),
                "when" => choice.when = Some(Condition::read(value, "when", names, faults)),
                "capture" => choice.capture = condition::read_regex(value, faults),
                "convert" => {
                    for name in faults.texts(value, "convert") {
                        match convert::find(&name) {
                            Some(convert) => choice.convert.push(convert),
                            None => faults.word(value, "convert", &name, convert::ALL.iter().map(|c| c.0)),
                        }
                    }
                }
                "table" => {
                    let name = faults.text(value, "table").unwrap_or_default();
                    choice.table = decode::table(&name);
                    if choice.table.is_none() {
                        faults.word(value, "table", &name, decode::TABLES.iter().map(|t| t.name));
                    }
                }
                "map" => match &value.data {
                    Data::Map(pairs) => {
                        let pairs = pairs.iter().filter_map(|(k, v)| {
                            let to = faults.text(v, &k.text)?;
                            Some((k.text.clone().into_boxed_str(), to.into_boxed_str()))
                        });
                        choice.map = Some(pairs.collect());
                    }
                    _ => faults.shape(value, "map", "a map { FROM: TO }"),
                },
                "else" if value.is_null() => choice.otherwise = Otherwise::Nothing,
                "else" => {
                    choice.otherwise = match faults.text(value, "else").unwrap_or_default().as_str() {
                        "$value" => Otherwise::Unchanged,
                        text => Otherwise::Text(text.into()),
                    }
                }
                "present" => choice.present = faults.text(value, "present").map(Into::into),
                "each" => choice.each = faults.text(value, "each").is_some_and(|t| t == "true"),
                "split" => {
                    choice.split = faults.text(value, "split").filter(|s| !s.is_empty()).map(Into::into)
                }
                other => faults.unknown_key(key.place, other, "a derivation", &KEYS),
            }
        }
        if inputs != 1 {
            let what = "a derivation needs exactly one of `from`, `join`, `value`".to_owned();
            faults.add("VD-N005", node.place, what, String::new());
            return None;
        }
        if paired {
            let lists =
                lists.iter().map(|l| (format!("{l}.{name_of}").into(), format!("{l}.{value_of}").into()));
            choice.input = Input::Pair { lists: lists.collect(), pick: pick.into() };
        }
        if let (Input::Join(_, glue), Some(with)) = (&mut choice.input, with) {
            *glue = with.into();
        }
        Some(choice)
    }

    fn compute(&self, fields: &impl Fields, scratch: &mut Scratch, each: &mut dyn FnMut(&str)) -> bool {
        if self.when.as_ref().is_some_and(|when| !when.holds(fields)) {
            return false;
        }
        if let Some(present) = &self.present {
            let there = match &self.input {
                Input::From(names) | Input::Join(names, _) => {
                    names.iter().any(|n| fields.filled(*n).is_some())
                }
                Input::Value(_) => true,
                Input::Subtree(_) | Input::Pair { .. } => false,
            };
            // A map tells the values that it knows apart before presence alone counts.
            if let (Some(map), Input::From(names)) = (&self.map, &self.input)
                && let Some(value) = names.iter().find_map(|n| fields.filled(*n))
                && let Some((_, to)) = map.iter().find(|(from, _)| from.eq_ignore_ascii_case(value))
            {
                each(to);
                return true;
            }
            return if there {
                each(present);
                true
            } else {
                self.fall_back(None, each)
            };
        }
        match &self.input {
            Input::Value(value) => self.piece(value, scratch, each),
            Input::Subtree(roots) => match roots.iter().find_map(|root| subtree(root, fields)) {
                Some(text) => self.piece(&text, scratch, each),
                None => self.fall_back(None, each),
            },
            Input::Pair { lists, pick } => {
                let picked = picked(lists, pick, fields);
                let mut done = false;
                for value in picked {
                    done |= self.piece(&value, scratch, each);
                }
                done || self.fall_back(None, each)
            }
            Input::Join(names, glue) => {
                let mut joined = String::new();
                let mut add = |value: &str| {
                    if !joined.is_empty() {
                        joined.push_str(glue);
                    }
                    joined.push_str(value);
                };
                if self.each {
                    for name in names {
                        let mut left = limits::VALUES_PER_FIELD_MAX;
                        fields.any(*name, &mut |value, kind| {
                            if kind != Kind::Null {
                                add(value);
                            }
                            left -= 1;
                            left == 0
                        });
                    }
                } else {
                    names.iter().filter_map(|n| fields.filled(*n)).for_each(add);
                }
                if joined.is_empty() {
                    self.fall_back(None, each)
                } else {
                    self.piece(&joined, scratch, each)
                }
            }
            Input::From(names) => {
                let Some(name) = names.iter().copied().find(|n| fields.filled(*n).is_some()) else {
                    return self.fall_back(None, each);
                };
                if !self.each {
                    return fields.filled(name).is_some_and(|value| self.piece(value, scratch, each));
                }
                let mut done = false;
                let mut left = limits::VALUES_PER_FIELD_MAX;
                fields.any(name, &mut |value, kind| {
                    if is_filled(value, kind) {
                        done |= self.piece(value, scratch, each);
                        left -= 1;
                    }
                    left == 0
                });
                done
            }
        }
    }

    fn fall_back(&self, value: Option<&str>, each: &mut dyn FnMut(&str)) -> bool {
        match (&self.otherwise, value) {
            (Otherwise::Text(text), _) => {
                each(text);
                true
            }
            (Otherwise::Unchanged, Some(value)) => {
                each(value);
                true
            }
            _ => false,
        }
    }

    fn piece(&self, value: &str, scratch: &mut Scratch, each: &mut dyn FnMut(&str)) -> bool {
        match &self.split {
            None => self.one(value, scratch, each),
            Some(split) => {
                let mut done = false;
                for part in value.split(&**split).map(str::trim).filter(|p| !p.is_empty()) {
                    done |= self.one(part, scratch, each);
                }
                done
            }
        }
    }

    fn one(&self, value: &str, scratch: &mut Scratch, each: &mut dyn FnMut(&str)) -> bool {
        let mut text = value;
        if let Some(capture) = &self.capture {
            let mut end = text.len().min(limits::CAPTURE_BYTES_MAX);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            let found = capture.captures(&text[..end]).and_then(|c| c.get(1).or_else(|| c.get(0)));
            match found {
                Some(found) if !found.as_str().is_empty() => text = found.as_str(),
                _ => return self.fall_back(Some(value), each),
            }
        }
        if !self.convert.is_empty() {
            let (a, b) = (&mut scratch.a, &mut scratch.b);
            a.clear();
            a.push_str(text);
            for convert in &self.convert {
                b.clear();
                if !convert(a, b) {
                    return self.fall_back(Some(value), each);
                }
                std::mem::swap(a, b);
            }
            text = &scratch.a;
        }
        if let Some(table) = self.table {
            return match (table.decode)(text) {
                Some(decoded) => {
                    each(&decoded);
                    true
                }
                None => self.fall_back(Some(text), each),
            };
        }
        if let Some(map) = &self.map {
            return match map.iter().find(|(from, _)| from.eq_ignore_ascii_case(text)) {
                Some((_, to)) => {
                    each(to);
                    true
                }
                None => self.fall_back(Some(text), each),
            };
        }
        each(text);
        true
    }
}

/// The fields below a name as one JSON object again; elements of arrays of objects are merged, as flattening did.
fn subtree(root: &str, fields: &impl Fields) -> Option<String> {
    let mut whole = None;
    let mut object = serde_json::Map::new();
    let mut left = limits::VALUES_PER_FIELD_MAX;
    fields.any_field(&mut |name, value, kind| {
        let Some(below) = name.strip_prefix(root) else { return false };
        if below.is_empty() {
            if kind != Kind::Null {
                whole.get_or_insert_with(|| value.to_owned());
            }
        } else if let Some(path) = below.strip_prefix('.') {
            insert(&mut object, path, value, kind);
            left -= 1;
        }
        left == 0
    });
    if object.is_empty() { whole } else { serde_json::to_string(&object).ok() }
}

fn insert(object: &mut serde_json::Map<String, serde_json::Value>, path: &str, value: &str, kind: Kind) {
    use serde_json::Value;
    let mut at = object;
    let mut rest = path;
    // Below a name that holds a plain value too, the rest of the path is one name.
    while let Some((head, tail)) = rest.split_once('.') {
        if at.get(head).is_some_and(|v| !v.is_object()) {
            break;
        }
        let next = at.entry(head).or_insert_with(|| Value::Object(serde_json::Map::new()));
        match next {
            Value::Object(map) => at = map,
            _ => return,
        }
        rest = tail;
    }
    let value = match kind {
        Kind::Null => Value::Null,
        Kind::Bool => Value::Bool(value == "true"),
        Kind::Number => value.parse().map(Value::Number).unwrap_or_else(|_| Value::String(value.to_owned())),
        Kind::Text => Value::String(value.to_owned()),
    };
    match at.get_mut(rest) {
        None => {
            at.insert(rest.to_owned(), value);
        }
        Some(Value::Array(list)) => list.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
    }
}

fn picked(lists: &[(Box<str>, Box<str>)], pick: &str, fields: &impl Fields) -> Vec<String> {
    for (name_of, value_of) in lists {
        let mut values = Vec::new();
        let mut inside = false;
        fields.any_field(&mut |name, value, kind| {
            if name == &**name_of {
                inside = value.eq_ignore_ascii_case(pick);
            } else if inside && name == &**value_of && kind != Kind::Null {
                values.push(value.to_owned());
            }
            values.len() >= limits::VALUES_PER_FIELD_MAX
        });
        if !values.is_empty() {
            return values;
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::super::names::{Looked, Lookup};
    use super::super::yaml;
    use super::*;
    use vedette_model::Native;

    fn check(derivation: &str, fields: &[(&str, &str)], expect: &[&str]) {
        let mut names = Names::default();
        let mut faults = Faults::default();
        let node = &yaml::read(derivation).expect("yaml")[0];
        let read = Derivation::read(node, Bare::Name, &mut names, &mut faults);
        assert!(faults.all.is_empty(), "{derivation}: {faults:?}");
        let mut native = Native::new();
        fields.iter().for_each(|(name, value)| native.push_text(name, value));
        let mut lookup = Lookup::default();
        lookup.fill(&native, &names);
        let mut got = Vec::new();
        read.expect("reads").compute(
            &Looked { native: &native, lookup: &lookup },
            &mut Scratch::default(),
            &mut |v| got.push(v.to_owned()),
        );
        assert_eq!(got, expect, "{derivation} {fields:?}");
    }

    #[test]
    fn derivations_compute() {
        check("A", &[("A", "x")], &["x"]);
        check("[A, B]", &[("A", "-"), ("B", "y")], &["y"]);
        check(r"{ join: [D, U], with: '\' }", &[("D", "CORP"), ("U", "ana")], &[r"CORP\ana"]);
        check(r"{ join: [D, U], with: '\' }", &[("D", "-"), ("U", "ana")], &["ana"]);
        check("{ join: [A], with: ' ', each: true }", &[("A", "ls"), ("A", "-"), ("A", "-l")], &["ls - -l"]);
        check("{ from: P, convert: hex_to_decimal }", &[("P", "0x10")], &["16"]);
        check("{ from: P, convert: [lower, basename] }", &[("P", r"C:\A.EXE")], &["a.exe"]);
        check("{ from: P, map: { '%%1': yes }, else: null }", &[("P", "%%2")], &[]);
        check("{ from: P, map: { '%%1': yes }, else: $value }", &[("P", "%%2")], &["%%2"]);
        check("{ from: P, map: { '%%1': yes }, else: no }", &[], &["no"]);
        check("{ from: E, present: 2, else: 1 }", &[("E", "x")], &["2"]);
        check("{ from: E, present: 2, else: 1 }", &[], &["1"]);
        check("{ value: 'constant' }", &[], &["constant"]);
        check("{ from: H, capture: 'MD5=([0-9A-F]+)' }", &[("H", "SHA1=1,MD5=2F")], &["2F"]);
        check("{ from: G, each: true }", &[("G", "a"), ("G", "b")], &["a", "b"]);
        check("{ from: G, split: ',' }", &[("G", "a, b,")], &["a", "b"]);
        check(
            "[ { from: A, when: { equals: { T: '1' } } }, { from: B } ]",
            &[("T", "2"), ("A", "a"), ("B", "b")],
            &["b"],
        );
        check(
            "{ subtree: r }",
            &[("r.a", "1"), ("r.b.c", "x"), ("r.a", "2"), ("rx", "3")],
            &[r#"{"a":["1","2"],"b":{"c":"x"}}"#],
        );
        check("{ subtree: [q, r] }", &[("r", "text")], &["text"]);
        let pairs = [("p.name", "A"), ("p.value", "1"), ("p.name", "B"), ("p.value", "2"), ("p.value", "3")];
        check("{ pair: p, name: name, value: value, pick: b }", &pairs, &["2", "3"]);
        check("{ from: S, map: { ok: 1 }, present: 2, else: 0 }", &[("S", "ok")], &["1"]);
        check("{ from: S, map: { ok: 1 }, present: 2, else: 0 }", &[("S", "no")], &["2"]);
        check("{ from: T, table: logon_type }", &[("T", "3")], &["Network"]);
    }
}
