//! Envelopes: what a record is wrapped in, taken off so that the mappings see the record itself.

use regex::Regex;
use rustc_hash::FxHashMap;
use vedette_model::{Kind, Native};

use super::condition::{self, Condition};
use super::derive::{Bare, Derivation, Scratch};
use super::fault::Faults;
use super::file::{need, read_inputs};
use super::names::{Looked, Lookup, NameId, Names};
use super::sheet::pairs;
use super::windows_xml;
use super::yaml::{Data, Node};
use crate::formats::{Input, cef, json, kv, leef, syslog};

#[derive(Debug, Clone)]
pub struct Envelope {
    pub id: String,
    pub title: String,
    pub inputs: Vec<Input>,
    pub matches: Condition,
    pub order: i32,
    /// Whole names, by what they are called before.
    rename: FxHashMap<NameId, (NameId, Box<str>)>,
    /// Names with `*` among their segments.
    rename_starred: Vec<(Pattern, NameId, Box<str>)>,
    strip: Vec<Pattern>,
    lift: Vec<Lift>,
    add: Vec<(NameId, Box<str>, Derivation)>,
    pub host: Option<Derivation>,
    /// What the unwrapped record counts as; `None` leaves that to what was lifted, else as it was.
    pub becomes: Option<Input>,
    pub known: Vec<String>,
}

/// A path, or a prefix of one, whose segments may be `*`.
#[derive(Debug, Clone)]
struct Pattern {
    text: Box<str>,
    /// Bytes before the first `*`, which a name that is covered begins with.
    lead: usize,
    starred: bool,
}

#[derive(Debug, Clone)]
pub enum Lift {
    /// The field's text is a record.
    Record { field: NameId, form: Form, when: Guard, below: Box<str> },
    /// Two fields in turn are name and value.
    Pairs { name: Box<str>, value: Box<str>, unnamed: Box<str> },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    Kv,
    Cef,
    Leef,
    Syslog,
    Text,
    WindowsXml,
}

#[derive(Debug, Clone, Default)]
pub struct Guard {
    starts_with: Vec<Box<str>>,
    contains: Vec<Box<str>>,
    regex: Option<Regex>,
}

const KEYS: [&str; 13] = [
    "kind",
    "id",
    "title",
    "description",
    "match",
    "order",
    "rename",
    "strip",
    "lift",
    "add",
    "host",
    "input",
    "known",
];
const FORMS: [(&str, Form); 7] = [
    ("json", Form::Json),
    ("kv", Form::Kv),
    ("cef", Form::Cef),
    ("leef", Form::Leef),
    ("syslog", Form::Syslog),
    ("text", Form::Text),
    ("windows_xml", Form::WindowsXml),
];

/// Buffers of unwrapping.
#[derive(Default)]
pub struct Unwrap {
    text: String,
    json: json::Scratch,
    scratch: Scratch,
    taken: FxHashMap<u64, u32>,
    pending: Vec<u32>,
    lifted: Native,
}

impl Envelope {
    pub fn read(node: &Node, names: &mut Names, faults: &mut Faults) -> Option<Self> {
        let mut envelope = Self {
            id: need(node, "id", faults),
            title: need(node, "title", faults),
            inputs: vec![Input::Json],
            matches: Condition::default(),
            order: 100,
            rename: FxHashMap::default(),
            rename_starred: Vec::new(),
            strip: Vec::new(),
            lift: Vec::new(),
            add: Vec::new(),
            host: None,
            becomes: None,
            known: Vec::new(),
        };
        for (key, value) in pairs(node, "an envelope", faults) {
            match key.text.as_str() {
                "kind" | "id" | "title" | "description" => {}
                "match" => {
                    // `input` among the tests says what the record is read as before it is unwrapped.
                    let (tests, inputs) = split_input(value);
                    if let Some(inputs) = inputs {
                        envelope.inputs = read_inputs(inputs, faults);
                    }
                    envelope.matches = Condition::read(&tests, "match", names, faults);
                }
                "order" => match value.text().and_then(|t| t.parse().ok()) {
                    Some(order) => envelope.order = order,
                    None => faults.shape(value, "order", "a whole number"),
                },
                "rename" => {
                    for (from, to) in pairs(value, "rename", faults) {
                        let Some(to) = faults.text(to, &from.text) else { continue };
                        let (id, pattern) = (names.intern(&to), Pattern::new(&from.text));
                        if pattern.starred {
                            envelope.rename_starred.push((pattern, id, to.into()));
                        } else {
                            envelope.rename.insert(names.intern(&from.text), (id, to.into()));
                        }
                    }
                }
                "strip" => {
                    envelope.strip = faults.texts(value, "strip").iter().map(|s| Pattern::new(s)).collect()
                }
                "lift" => envelope.lift = read_lifts(value, names, faults),
                "add" => {
                    for (name, value) in pairs(value, "add", faults) {
                        if let Some(derivation) = Derivation::read(value, Bare::Name, names, faults) {
                            let id = names.intern(&name.text);
                            envelope.add.push((id, name.text.clone().into(), derivation));
                        }
                    }
                }
                "host" => envelope.host = Derivation::read(value, Bare::Name, names, faults),
                "input" => envelope.becomes = read_inputs(value, faults).first().copied(),
                "known" => envelope.known = faults.texts(value, "known"),
                other => faults.unknown_key(key.place, other, "an envelope", &KEYS),
            }
        }
        Some(envelope)
    }

    /// Takes the envelope off; the lookup is filled anew. Says what the record counts as from here on.
    pub fn unwrap(
        &self,
        input: Input,
        native: &mut Native,
        lookup: &mut Lookup,
        names: &Names,
        buffers: &mut Unwrap,
    ) -> Input {
        let mut next = input;
        for lift in &self.lift {
            if let Some(read_as) = lift.run(native, lookup, buffers) {
                next = read_as;
            }
        }
        lookup.extend(native, names);
        self.rename(native, lookup, names, buffers);
        let mut added = false;
        for (id, name, derivation) in &self.add {
            if lookup.first(*id).is_none() {
                let mut value = None;
                let looked = Looked { native, lookup };
                derivation.compute(&looked, &mut buffers.scratch, &mut |v| {
                    value.get_or_insert_with(|| v.to_owned());
                });
                if let Some(value) = value {
                    native.push_derived(name, &derivation.path, &value, Kind::Text);
                    added = true;
                }
            }
        }
        if added {
            lookup.extend(native, names);
        }
        self.becomes.unwrap_or(next)
    }

    /// Gives fields their new names and keeps the lookup in step.
    fn rename(&self, native: &mut Native, lookup: &mut Lookup, names: &Names, buffers: &mut Unwrap) {
        let Unwrap { pending, taken, .. } = buffers;
        pending.clear();
        let paired = self.lift.iter().any(|l| matches!(l, Lift::Pairs { .. }));
        let mut pair_name: Option<usize> = None;
        let mut changed = false;
        for index in 0..native.len() {
            if paired && self.pair(index, native, lookup, names, &mut pair_name) {
                changed = true;
                continue;
            }
            let id = lookup.ids[index];
            let exact = if id == NameId::NONE { None } else { self.rename.get(&id) };
            let name = native.name(index);
            let renamed = exact.map(|(id, to)| (*id, &**to)).or_else(|| {
                self.rename_starred
                    .iter()
                    .find(|(from, ..)| from.covers(name))
                    .map(|(_, id, to)| (*id, &**to))
            });
            if let Some((id, to)) = renamed {
                native.rename(index, to);
                lookup.replace(index, id);
                changed = true;
            } else if self.strip.iter().any(|p| p.prefix_of(name).is_some()) {
                pending.push(index as u32);
            }
        }
        if !pending.is_empty() {
            // Who keeps the name where two would collide: renamed and untouched ones, then the prefixes in their order.
            taken.clear();
            let mut waiting = pending.iter().copied().peekable();
            for index in 0..native.len() as u32 {
                if waiting.next_if_eq(&index).is_none() {
                    taken.entry(hash(native.field(index as usize).name)).or_insert(index);
                }
            }
            for pattern in &self.strip {
                pending.retain(|&index| {
                    let field = native.field(index as usize);
                    let Some(bytes) = pattern.prefix_of(field.name) else { return true };
                    let key = hash(&field.name[bytes..]);
                    match taken.get(&key) {
                        // Elements of one array share path and name.
                        Some(&other) if native.field(other as usize).path != field.path => return true,
                        Some(_) => {}
                        None => {
                            taken.insert(key, index);
                        }
                    }
                    native.strip_name(index as usize, bytes);
                    lookup.replace(index as usize, names.get(native.field(index as usize).name));
                    changed = true;
                    false
                });
            }
        }
        if changed {
            lookup.settle();
        }
    }

    /// One field of a list of names and values; `true` when it has its name now.
    fn pair(
        &self,
        index: usize,
        native: &mut Native,
        lookup: &mut Lookup,
        names: &Names,
        pair_name: &mut Option<usize>,
    ) -> bool {
        for lift in &self.lift {
            let Lift::Pairs { name: left, value: right, unnamed } = lift else { continue };
            let name = native.field(index).name;
            if name == &**left {
                *pair_name = Some(index);
                return false;
            }
            if name == &**right {
                let to = match pair_name.take() {
                    Some(at) => native.field(at).value.to_owned(),
                    None => unnamed.to_string(),
                };
                if to.is_empty() {
                    return false;
                }
                native.rename(index, &to);
                lookup.replace(index, names.get(&to));
                return true;
            }
        }
        false
    }
}

fn hash(text: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}

fn split_input(node: &Node) -> (Node, Option<&Node>) {
    let mut tests = node.clone();
    if let Data::Map(pairs) = &mut tests.data {
        pairs.retain(|(key, _)| key.text != "input");
    }
    (tests, node.get("input"))
}

pub fn read_lifts(node: &Node, names: &mut Names, faults: &mut Faults) -> Vec<Lift> {
    let items = match &node.data {
        Data::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    items.iter().filter_map(|item| read_lift(item, names, faults)).collect()
}

impl Lift {
    /// Appends the fields of a text that is a record, and says what it was.
    pub fn run(&self, native: &mut Native, lookup: &Lookup, buffers: &mut Unwrap) -> Option<Input> {
        let Lift::Record { field, form, when, below } = self else { return None };
        let slot = lookup.first(*field)?;
        buffers.text.clear();
        buffers.text.push_str(native.field(slot).value);
        if !when.holds(&buffers.text) {
            return None;
        }
        let read_as = read_text(*form, &buffers.text, &mut buffers.json, &mut buffers.lifted)?;
        for field in buffers.lifted.iter() {
            if below.is_empty() {
                native.push(field.name, field.value, field.kind);
            } else {
                native.push(&format!("{below}{}", field.name), field.value, field.kind);
            }
        }
        Some(read_as)
    }
}

fn read_lift(node: &Node, names: &mut Names, faults: &mut Faults) -> Option<Lift> {
    let (mut field, mut form, mut when, mut below) = (None, None, Guard::default(), String::new());
    let (mut paired, mut name, mut value_of, mut unnamed) =
        (None, String::new(), String::new(), String::new());
    for (key, value) in pairs(node, "a lift", faults) {
        let text = value.text().unwrap_or_default();
        match key.text.as_str() {
            "field" => field = Some(names.intern(text)),
            "as" => match FORMS.iter().find(|(f, _)| *f == text) {
                Some((_, found)) => form = Some(*found),
                None => faults.word(value, "as", text, FORMS.iter().map(|f| f.0)),
            },
            "when" => {
                for (word, value) in pairs(value, "when", faults) {
                    match word.text.as_str() {
                        "starts_with" => {
                            when.starts_with =
                                faults.texts(value, "starts_with").into_iter().map(Into::into).collect();
                        }
                        "contains" => {
                            when.contains =
                                faults.texts(value, "contains").into_iter().map(Into::into).collect();
                        }
                        "regex" => when.regex = condition::read_regex(value, faults),
                        other => {
                            faults.unknown_key(
                                word.place,
                                other,
                                "a lift's when",
                                &["starts_with", "contains", "regex"],
                            );
                        }
                    }
                }
            }
            "below" => text.clone_into(&mut below),
            "pairs" => paired = Some(text.to_owned()),
            "name" => text.clone_into(&mut name),
            "value" => text.clone_into(&mut value_of),
            "unnamed" => text.clone_into(&mut unnamed),
            other => {
                let known = ["field", "as", "when", "below", "pairs", "name", "value", "unnamed"];
                faults.unknown_key(key.place, other, "a lift", &known);
            }
        }
    }
    match (field, form, paired) {
        (Some(field), Some(form), None) => Some(Lift::Record { field, form, when, below: below.into() }),
        (None, None, Some(paired)) if !name.is_empty() && !value_of.is_empty() => Some(Lift::Pairs {
            name: format!("{paired}.{name}").into(),
            value: format!("{paired}.{value_of}").into(),
            unnamed: unnamed.into(),
        }),
        _ => {
            let what = "a lift is { field, as } or { pairs, name, value }".to_owned();
            faults.add("VD-N005", node.place, what, String::new());
            None
        }
    }
}

impl Guard {
    fn holds(&self, text: &str) -> bool {
        let text = text.trim_start();
        (self.starts_with.is_empty() || self.starts_with.iter().any(|p| text.starts_with(&**p)))
            && (self.contains.is_empty() || self.contains.iter().any(|p| text.contains(&**p)))
            && self.regex.as_ref().is_none_or(|r| r.is_match(text))
    }
}

impl Pattern {
    fn new(text: &str) -> Self {
        let before = |s: &&str| !matches!(*s, "*" | "*.");
        let lead = text.split_inclusive('.').take_while(before).map(str::len).sum();
        Self { text: text.into(), lead, starred: lead < text.len() }
    }

    fn covers(&self, name: &str) -> bool {
        if !self.starred {
            return name == &*self.text;
        }
        if !name.starts_with(&self.text[..self.lead]) {
            return false;
        }
        let mut segments = name.split('.');
        self.text.split('.').all(|wanted| segments.next().is_some_and(|s| wanted == "*" || s == wanted))
            && segments.next().is_none()
    }

    /// How many bytes of the name the pattern covers, if something is left behind it.
    fn prefix_of(&self, name: &str) -> Option<usize> {
        if !self.starred {
            return name.starts_with(&*self.text).then_some(self.text.len()).filter(|b| *b < name.len());
        }
        if !name.starts_with(&self.text[..self.lead]) {
            return None;
        }
        let mut at = self.lead;
        for wanted in self.text[self.lead..].split_inclusive('.') {
            let segment = name.get(at..)?.split_inclusive('.').next()?;
            if wanted != segment && !(wanted == "*." && segment.ends_with('.')) {
                return None;
            }
            at += segment.len();
        }
        (at < name.len()).then_some(at)
    }
}

fn read_text(form: Form, text: &str, scratch: &mut json::Scratch, out: &mut Native) -> Option<Input> {
    out.clear();
    match form {
        Form::Json => {
            let start = text.find('{')?;
            json::flatten_prefix(&text[start..], scratch, out).ok().map(|_| Input::Json)
        }
        Form::Text => {
            out.push_text("message", text);
            Some(Input::Text)
        }
        Form::WindowsXml => windows_xml::read(text, out).then_some(Input::WindowsEvent),
        Form::Kv => (kv::parse(text, out) > 0).then_some(Input::Kv),
        Form::Cef => cef::read(&text[cef::find(text)?..], out).ok().map(|()| Input::Cef),
        Form::Leef => leef::read(&text[leef::find(text)?..], out).ok().map(|()| Input::Leef),
        Form::Syslog => syslog::read(text, scratch, out),
    }
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    fn check(envelope: &str, fields: &[(&str, &str)], expect: &[(&str, &str)]) {
        let mut names = Names::default();
        let mut faults = Faults::default();
        let text = format!("kind: envelope\nid: x\ntitle: x\n{envelope}");
        let read =
            Envelope::read(&yaml::read(&text).expect("yaml")[0], &mut names, &mut faults).expect("reads");
        assert!(faults.all.is_empty(), "{faults:?}");
        let mut native = Native::new();
        fields.iter().for_each(|(n, v)| native.push_text(n, v));
        let mut lookup = Lookup::default();
        lookup.fill(&native, &names);
        read.unwrap(Input::Json, &mut native, &mut lookup, &names, &mut Unwrap::default());
        let got: Vec<_> = native.iter().map(|f| (f.name, f.value)).collect();
        assert_eq!(got, expect, "{envelope}");
    }

    #[test]
    fn prefixes_come_off_and_the_first_keeps_the_name() {
        check(
            "strip: [Event.System., Event.UserData.*.]",
            &[
                ("Event.UserData.Any.Id", "2"),
                ("Event.System.Id", "1"),
                ("Event.UserData.Any.X", "3"),
                ("Y", "4"),
            ],
            &[("Event.UserData.Any.Id", "2"), ("Id", "1"), ("X", "3"), ("Y", "4")],
        );
        check("strip: [a.]", &[("a.b", "1"), ("a.b", "2")], &[("b", "1"), ("b", "2")]);
        check("rename: { a.b: B }\nstrip: [a.]", &[("a.B", "1"), ("a.b", "2")], &[("a.B", "1"), ("B", "2")]);
    }

    #[test]
    fn pairs_become_fields() {
        check(
            "lift: [{ pairs: D, name: N, value: V, unnamed: Data }]",
            &[
                ("D.N", "User"),
                ("D.V", "ana"),
                ("D.N", "Empty"),
                ("D.N", "Ip"),
                ("D.V", "x"),
                ("D.V", "lone"),
            ],
            &[
                ("D.N", "User"),
                ("User", "ana"),
                ("D.N", "Empty"),
                ("D.N", "Ip"),
                ("Ip", "x"),
                ("Data", "lone"),
            ],
        );
    }

    #[test]
    fn a_text_that_is_a_record_is_read() {
        check(
            "lift: [{ field: m, as: json, when: { starts_with: '{' } }]",
            &[("m", " {\"a\":{\"b\":1}}")],
            &[("m", " {\"a\":{\"b\":1}}"), ("a.b", "1")],
        );
        check("lift: [{ field: m, as: json, when: { starts_with: '{' } }]", &[("m", "no")], &[("m", "no")]);
        check(
            "lift: [{ field: m, as: json, below: in. }]",
            &[("m", "{\"a\":1}")],
            &[("m", "{\"a\":1}"), ("in.a", "1")],
        );
    }

    #[test]
    fn added_fields_do_not_replace() {
        check("add: { A: { value: x }, B: { value: y } }", &[("A", "1")], &[("A", "1"), ("B", "y")]);
    }
}
