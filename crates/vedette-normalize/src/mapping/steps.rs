//! What a mapping or case does to the fields before its words are read: lift, split, extract.

use vedette_model::{Kind, Native};

use super::condition;
use super::envelope::{self, Lift, Unwrap};
use super::fault::Faults;
use super::limits;
use super::names::{Lookup, NameId, Names};
use super::patterns::Patterns;
use super::sheet::pairs;
use super::yaml::{Data, Key, Node};

#[derive(Debug, Clone, Default)]
pub struct Steps {
    lift: Vec<Lift>,
    split: Vec<Split>,
    extract: Vec<Extract>,
}

/// Columns without a header.
#[derive(Debug, Clone)]
struct Split {
    field: NameId,
    on: char,
    quote: Option<char>,
    /// `None` throws the column away.
    names: Vec<Option<Box<str>>>,
}

/// Patterns over one field; the first that matches wins.
#[derive(Debug, Clone)]
struct Extract {
    field: NameId,
    patterns: Patterns,
}

pub const KEYS: [&str; 3] = ["lift", "split", "extract"];

impl Steps {
    pub fn is_empty(&self) -> bool {
        self.lift.is_empty() && self.split.is_empty() && self.extract.is_empty()
    }

    /// Reads one key; `false` when it is not a step.
    pub fn read_key(&mut self, key: &Key, node: &Node, names: &mut Names, faults: &mut Faults) -> bool {
        match key.text.as_str() {
            "lift" => self.lift = envelope::read_lifts(node, names, faults),
            "split" => {
                let items = match &node.data {
                    Data::List(items) => items.as_slice(),
                    _ => std::slice::from_ref(node),
                };
                self.split = items.iter().filter_map(|i| read_split(i, names, faults)).collect();
            }
            "extract" => read_extract(node, &mut self.extract, names, faults),
            _ => return false,
        }
        true
    }

    /// Names that the steps make, and the fields they read.
    pub fn names(&self, names: &mut Names, each: &mut dyn FnMut(NameId)) {
        for split in &self.split {
            each(split.field);
            split.names.iter().flatten().for_each(|n| each(names.intern(n)));
        }
        for extract in &self.extract {
            each(extract.field);
            for name in extract.patterns.iter().flat_map(|p| p.capture_names().flatten()) {
                each(names.intern(name));
            }
        }
        for lift in &self.lift {
            if let Lift::Record { field, .. } = lift {
                each(*field);
            }
        }
    }

    /// Appends what the steps find; the lookup is brought up to date.
    pub fn run(
        &self,
        native: &mut Native,
        lookup: &mut Lookup,
        names: &Names,
        text: &mut String,
        unwrap: &mut Unwrap,
    ) {
        for lift in &self.lift {
            lift.run(native, lookup, unwrap);
            lookup.extend(native, names);
        }
        for split in &self.split {
            if take(split.field, native, lookup, text) {
                split.run(text, names, native);
                lookup.extend(native, names);
            }
        }
        for extract in &self.extract {
            if !take(extract.field, native, lookup, text) {
                continue;
            }
            if let Some((pattern, found)) = extract.patterns.first(text) {
                for (name, value) in pattern.capture_names().zip(found.iter()) {
                    if let (Some(name), Some(value)) = (name, value.filter(|v| !v.is_empty())) {
                        native.push_derived(name, names.text(extract.field), value.as_str(), Kind::Text);
                    }
                }
            }
            lookup.extend(native, names);
        }
    }
}

fn take(field: NameId, native: &Native, lookup: &Lookup, text: &mut String) -> bool {
    let Some(slot) = lookup.first(field) else { return false };
    text.clear();
    text.push_str(native.field(slot).value);
    true
}

impl Split {
    fn run(&self, text: &str, names: &Names, native: &mut Native) {
        let path = names.text(self.field);
        let mut rest = text;
        for (index, name) in self.names.iter().enumerate() {
            let (column, after) = self.column(rest);
            if let Some(name) = name
                && !column.is_empty()
            {
                native.push_derived(name, path, column, Kind::Text);
            }
            match after {
                Some(after) => rest = after,
                None => break,
            }
            debug_assert!(index < limits::VALUES_PER_FIELD_MAX);
        }
    }

    /// The first column without its quotes, and what stands behind the delimiter.
    fn column<'a>(&self, text: &'a str) -> (&'a str, Option<&'a str>) {
        // Blanks as delimiters come in runs.
        let text = if self.on == ' ' { text.trim_start_matches(' ') } else { text };
        if let Some(quote) = self.quote
            && let Some(inner) = text.strip_prefix(quote)
            && let Some(end) = inner.find(quote)
        {
            let after = &inner[end + quote.len_utf8()..];
            return (&inner[..end], after.strip_prefix(self.on));
        }
        match text.split_once(self.on) {
            Some((column, after)) => (column.trim(), Some(after)),
            None => (text.trim(), None),
        }
    }
}

fn read_split(node: &Node, names: &mut Names, faults: &mut Faults) -> Option<Split> {
    let mut split = Split { field: names.intern("message"), on: ',', quote: None, names: Vec::new() };
    let known = ["field", "on", "quote", "names"];
    for (key, value) in pairs(node, "split", faults) {
        match key.text.as_str() {
            "field" => split.field = names.intern(&faults.text(value, "field").unwrap_or_default()),
            "on" | "quote" => {
                let text = faults.text(value, &key.text).unwrap_or_default();
                let one = if text == "\\t" { Some('\t') } else { text.chars().next() };
                match key.text.as_str() {
                    "on" => split.on = one.unwrap_or(','),
                    _ => split.quote = one,
                }
            }
            "names" => {
                for name in faults.texts(value, "names") {
                    names.intern(&name);
                    split.names.push((name != "_").then(|| name.into()));
                }
            }
            other => faults.unknown_key(key.place, other, "split", &known),
        }
    }
    if split.names.is_empty() || split.names.len() > limits::VALUES_PER_FIELD_MAX {
        faults.add("VD-N005", node.place, "a split needs `names`".into(), String::new());
        return None;
    }
    Some(split)
}

/// A list of patterns over `message`, or of `{ field, patterns }`, or both; or `{ from, patterns }` alone.
fn read_extract(node: &Node, extract: &mut Vec<Extract>, names: &mut Names, faults: &mut Faults) {
    let items = match &node.data {
        Data::List(items) => items.as_slice(),
        Data::Map(_) => std::slice::from_ref(node),
        Data::Scalar { .. } => return faults.shape(node, "extract", "a list of patterns"),
    };
    let message = names.intern("message");
    let mut plain = Vec::new();
    for item in items {
        let Data::Map(pairs) = &item.data else {
            plain.extend(condition::read_regex(item, faults));
            continue;
        };
        let (mut field, mut patterns) = (message, Vec::new());
        for (key, value) in pairs {
            match key.text.as_str() {
                "field" | "from" => field = names.intern(&faults.text(value, &key.text).unwrap_or_default()),
                "patterns" => match &value.data {
                    Data::List(items) => {
                        patterns = items.iter().filter_map(|i| condition::read_regex(i, faults)).collect();
                    }
                    _ => patterns.extend(condition::read_regex(value, faults)),
                },
                other => faults.unknown_key(key.place, other, "extract", &["field", "patterns"]),
            }
        }
        extract.push(Extract { field, patterns: Patterns::new(patterns) });
    }
    if !plain.is_empty() {
        extract.insert(0, Extract { field: message, patterns: Patterns::new(plain) });
    }
    for name in extract.iter().flat_map(|e| e.patterns.iter()).flat_map(|p| p.capture_names().flatten()) {
        names.intern(name);
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    fn check(steps: &str, message: &str, expect: &[(&str, &str)]) {
        let (mut names, mut faults, mut read) = (Names::default(), Faults::default(), Steps::default());
        let documents = yaml::read(steps).expect("yaml");
        let Data::Map(pairs) = &documents[0].data else { panic!("a map") };
        for (key, value) in pairs {
            assert!(read.read_key(key, value, &mut names, &mut faults), "{}", key.text);
        }
        assert!(faults.all.is_empty(), "{faults:?}");
        let mut native = Native::new();
        native.push_text("message", message);
        let mut lookup = Lookup::default();
        lookup.fill(&native, &names);
        read.run(&mut native, &mut lookup, &names, &mut String::new(), &mut Unwrap::default());
        let got: Vec<_> = native.iter().skip(1).map(|f| (f.name, f.value)).collect();
        assert_eq!(got, expect, "{steps} {message}");
    }

    #[test]
    fn steps_make_fields() {
        check("extract: ['for (?P<user>\\S+)', '(?P<all>.*)']", "for ana", &[("user", "ana")]);
        check("extract: ['for (?P<user>\\S+)', '(?P<all>.*)']", "no", &[("all", "no")]);
        check("extract: { from: message, patterns: ['(?P<n>\\d+)'] }", "a 7", &[("n", "7")]);
        check("extract: [{ field: other, patterns: ['(?P<n>\\d+)'] }]", "a 7", &[]);
        check(
            "split: { on: ',', quote: '\"', names: [a, _, c, d] }",
            "1,2,\"x,y\",",
            &[("a", "1"), ("c", "x,y")],
        );
        check("split: { on: ' ', names: [a, b] }", "1   2 3", &[("a", "1"), ("b", "2")]);
        check("lift: [{ field: message, as: kv }]", "a=1 b=2", &[("a", "1"), ("b", "2")]);
    }
}
