//! What a mapping says of its events, and how a case's words lie over the mapping's.

use std::collections::BTreeMap;

use vedette_model::{EntityKind, LogsourceTag, Role};

use super::condition::Condition;
use super::derive::{Bare, Derivation};
use super::fault::Faults;
use super::names::{NameId, Names};
use super::yaml::{Data, Key, Node, Place};
use crate::decode::{self, Table};
use crate::time::{TimeFormat, zone_named};

/// One level: a base's, a mapping's or a case's words. `None` is "not said here".
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub vendor: Option<Derivation>,
    pub product: Option<Derivation>,
    pub time: Option<Vec<TimeField>>,
    pub host: Option<Derivation>,
    pub channel: Option<Derivation>,
    pub code: Option<Derivation>,
    pub record: Option<Derivation>,
    pub identity: Option<Vec<IdentityPart>>,
    pub tags: Vec<LogsourceTag>,
    /// `None` takes a name of the level below away; so in the maps that follow.
    pub aliases: BTreeMap<String, Option<Vec<NameId>>>,
    pub derive: BTreeMap<String, Option<Derivation>>,
    pub decode: BTreeMap<String, Option<&'static Table>>,
    pub absent: BTreeMap<String, Option<String>>,
    /// What must be switched on so that these events exist.
    pub enable: Option<String>,
    pub known: Vec<String>,
    pub class_uid: Option<(u32, Place)>,
    pub ocsf: BTreeMap<String, OcsfEntry>,
    pub entities: Option<Vec<EntityLine>>,
    pub details: Option<Vec<String>>,
}

#[derive(Debug, Clone)]
pub struct OcsfEntry {
    pub value: Option<Derivation>,
    pub place: Place,
    /// Taken over from the level below.
    pub inherited: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimeField {
    /// One, or several whose filled values are joined.
    pub names: Vec<NameId>,
    pub with: String,
    pub form: TimeFormat,
    /// IANA zone that this field is known to be in; the record then counts as stating it.
    pub zone: Option<jiff::tz::TimeZone>,
    /// The field that names the zone.
    pub zone_field: Option<NameId>,
}

/// A part of the identity: a native field, or something of the event itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdentityPart {
    /// The first filled one.
    Fields(Vec<NameId>),
    Host,
    Channel,
    Code,
    Record,
    /// In milliseconds: exports cut the rest off.
    TimeMs,
}

#[derive(Debug, Clone)]
pub struct EntityLine {
    pub kind: EntityKind,
    pub role: Role,
    /// The list whose objects the line is asked of, one at a time; `None` asks the record.
    pub of: Option<Box<str>>,
    pub from: Derivation,
    pub shown: Option<Derivation>,
    /// Of a process: when it started, where the record says so.
    pub start: Option<NameId>,
    pub when: Option<Condition>,
}

/// Keys of a sheet; mappings, cases and bases share them.
pub const KEYS: [&str; 19] = [
    "vendor",
    "product",
    "time",
    "host",
    "channel",
    "code",
    "record",
    "identity",
    "logsource",
    "aliases",
    "derive",
    "decode",
    "absent",
    "enable",
    "known",
    "ocsf",
    "entities",
    "details",
    "note",
];

impl Sheet {
    /// Reads one key of a sheet; `false` when it is not one.
    pub fn read_key(&mut self, key: &Key, node: &Node, names: &mut Names, faults: &mut Faults) -> bool {
        match key.text.as_str() {
            "vendor" => self.vendor = Derivation::read(node, Bare::Constant, names, faults),
            "product" => self.product = Derivation::read(node, Bare::Constant, names, faults),
            "time" => self.time = Some(read_time(node, names, faults)),
            "host" => self.host = read_optional(node, names, faults),
            "channel" => self.channel = read_optional(node, names, faults),
            "code" => self.code = read_optional(node, names, faults),
            "record" => self.record = read_optional(node, names, faults),
            "identity" => {
                let items = match &node.data {
                    Data::List(items) => items.as_slice(),
                    _ => std::slice::from_ref(node),
                };
                let mut parts = Vec::new();
                for item in items {
                    if matches!(item.data, Data::List(_)) {
                        let natives = faults.texts(item, "identity");
                        parts.push(IdentityPart::Fields(natives.iter().map(|n| names.intern(n)).collect()));
                    } else if let Some(text) = faults.text(item, "identity") {
                        parts.extend(read_identity(&text, item, names, faults));
                    }
                }
                self.identity = Some(parts);
            }
            "logsource" => self.tags = read_tags(node, faults),
            "aliases" => {
                for (name, value) in pairs(node, "aliases", faults) {
                    if value.is_null() {
                        self.aliases.insert(name.text.clone(), None);
                        continue;
                    }
                    let Some(derivation) = Derivation::read(value, Bare::Name, names, faults) else {
                        continue;
                    };
                    names.intern(&name.text);
                    match derivation.plain() {
                        Some(natives) => {
                            self.aliases.insert(name.text.clone(), Some(natives.to_vec()));
                        }
                        None => {
                            self.derive.insert(name.text.clone(), Some(derivation));
                        }
                    }
                }
            }
            "derive" => {
                for (name, value) in pairs(node, "derive", faults) {
                    names.intern(&name.text);
                    let derivation = if value.is_null() {
                        None
                    } else {
                        let Some(read) = Derivation::read(value, Bare::Name, names, faults) else { continue };
                        Some(read)
                    };
                    self.derive.insert(name.text.clone(), derivation);
                }
            }
            "decode" => {
                for (name, value) in pairs(node, "decode", faults) {
                    names.intern(&name.text);
                    if value.is_null() {
                        self.decode.insert(name.text.clone(), None);
                        continue;
                    }
                    let Some(table) = faults.text(value, &name.text) else { continue };
                    match decode::table(&table) {
                        Some(table) => {
                            self.decode.insert(name.text.clone(), Some(table));
                        }
                        None => faults.word(value, &name.text, &table, decode::TABLES.iter().map(|t| t.name)),
                    }
                }
            }
            "absent" => {
                for (name, value) in pairs(node, "absent", faults) {
                    let remedy = if value.is_null() { None } else { faults.text(value, &name.text) };
                    self.absent.insert(name.text.clone(), remedy);
                }
            }
            "enable" => self.enable = faults.text(node, "enable"),
            "known" => {
                self.known = if is_empty_list(node) { Vec::new() } else { faults.texts(node, "known") }
            }
            "ocsf" => self.read_ocsf(node, names, faults),
            "entities" => match &node.data {
                Data::List(items) => {
                    self.entities =
                        Some(items.iter().filter_map(|i| read_entity(i, names, faults)).collect());
                }
                _ => faults.shape(node, "entities", "a list of { kind, role, from }"),
            },
            "details" => {
                let details = if is_empty_list(node) { Vec::new() } else { faults.texts(node, "details") };
                details.iter().for_each(|d| {
                    names.intern(d);
                });
                self.details = Some(details);
            }
            "note" => {}
            _ => return false,
        }
        true
    }

    fn read_ocsf(&mut self, node: &Node, names: &mut Names, faults: &mut Faults) {
        for (key, value) in pairs(node, "ocsf", faults) {
            match key.text.as_str() {
                "class_uid" => {
                    let text = faults.text(value, "class_uid").unwrap_or_default();
                    match text.parse::<u32>().ok().filter(|uid| vedette_ocsf::class(*uid).is_some()) {
                        Some(uid) => self.class_uid = Some((uid, value.place)),
                        None => faults.add(
                            "VD-N006",
                            value.place,
                            format!("OCSF {} has no class `{text}`", vedette_ocsf::version()),
                            "class uids are listed at schema.ocsf.io; 0 is the base event".into(),
                        ),
                    }
                }
                "attributes" => {
                    for (path, value) in pairs(value, "attributes", faults) {
                        self.read_attribute(path, value, Bare::Name, names, faults);
                    }
                }
                _ => self.read_attribute(key, value, Bare::Constant, names, faults),
            }
        }
    }

    fn read_attribute(
        &mut self,
        path: &Key,
        value: &Node,
        bare: Bare,
        names: &mut Names,
        faults: &mut Faults,
    ) {
        let derivation = if value.is_null() {
            None
        } else {
            let Some(read) = Derivation::read(value, bare, names, faults) else { return };
            Some(read)
        };
        let entry = OcsfEntry { value: derivation, place: path.place, inherited: false };
        self.ocsf.insert(path.text.clone(), entry);
    }

    /// This sheet's words over those of the level below.
    pub fn over(&self, below: &Sheet) -> Sheet {
        let mut sheet = self.clone();
        let Sheet { vendor, product, time, host, channel, code, record, identity, .. } = below.clone();
        sheet.vendor = sheet.vendor.or(vendor);
        sheet.product = sheet.product.or(product);
        sheet.time = sheet.time.or(time);
        sheet.host = sheet.host.or(host);
        sheet.channel = sheet.channel.or(channel);
        sheet.code = sheet.code.or(code);
        sheet.record = sheet.record.or(record);
        sheet.identity = sheet.identity.or(identity);
        sheet.enable = sheet.enable.or_else(|| below.enable.clone());
        sheet.entities = sheet.entities.or_else(|| below.entities.clone());
        sheet.details = sheet.details.or_else(|| below.details.clone());
        sheet.tags = below.tags.clone();
        for tag in &self.tags {
            if !sheet.tags.contains(tag) {
                sheet.tags.push(tag.clone());
            }
        }
        sheet.known.extend(below.known.iter().cloned());
        fill(&mut sheet.aliases, &below.aliases);
        fill(&mut sheet.derive, &below.derive);
        fill(&mut sheet.decode, &below.decode);
        fill(&mut sheet.absent, &below.absent);
        // A name is an alias or a derivation, not both: the level above decides.
        for name in self.aliases.keys() {
            if !self.derive.contains_key(name) {
                sheet.derive.remove(name);
            }
        }
        for name in self.derive.keys() {
            if !self.aliases.contains_key(name) {
                sheet.aliases.remove(name);
            }
        }
        let other_class =
            self.class_uid.is_some_and(|(uid, _)| below.class_uid.is_none_or(|(b, _)| b != uid));
        sheet.class_uid = self.class_uid.or(below.class_uid);
        for (path, entry) in &below.ocsf {
            // What an activity's number means depends on the class.
            if other_class && path == "activity_id" {
                continue;
            }
            sheet.ocsf.entry(path.clone()).or_insert_with(|| OcsfEntry { inherited: true, ..entry.clone() });
        }
        sheet
    }

    /// Every native name that the sheet reads.
    pub fn names(&self, each: &mut dyn FnMut(NameId)) {
        for field in self.time.iter().flatten() {
            field.names.iter().chain(&field.zone_field).for_each(|n| each(*n));
        }
        for derivation in [&self.host, &self.channel, &self.code, &self.record].into_iter().flatten() {
            derivation.all_names(each);
        }
        for part in self.identity.iter().flatten() {
            if let IdentityPart::Fields(names) = part {
                names.iter().for_each(|n| each(*n));
            }
        }
        self.aliases.values().flatten().flatten().for_each(|n| each(*n));
        self.derive.values().flatten().for_each(|d| d.all_names(each));
        self.ocsf.values().filter_map(|e| e.value.as_ref()).for_each(|d| d.all_names(each));
        for line in self.entities.iter().flatten() {
            line.from.all_names(each);
            if let Some(shown) = &line.shown {
                shown.all_names(each);
            }
            if let Some(when) = &line.when {
                when.names(each);
            }
            if let Some(start) = line.start {
                each(start);
            }
        }
    }
}

fn fill<V: Clone>(above: &mut BTreeMap<String, V>, below: &BTreeMap<String, V>) {
    for (name, value) in below {
        above.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

fn is_empty_list(node: &Node) -> bool {
    matches!(&node.data, Data::List(items) if items.is_empty())
}

pub fn pairs<'a>(node: &'a Node, key: &str, faults: &mut Faults) -> &'a [(Key, Node)] {
    match &node.data {
        Data::Map(pairs) => pairs,
        _ => {
            faults.shape(node, key, "a map");
            &[]
        }
    }
}

/// An empty list takes away what the level below says.
fn read_optional(node: &Node, names: &mut Names, faults: &mut Faults) -> Option<Derivation> {
    if is_empty_list(node) {
        return Some(Derivation { choices: Vec::new(), path: "".into() });
    }
    Derivation::read(node, Bare::Name, names, faults)
}

fn read_time(node: &Node, names: &mut Names, faults: &mut Faults) -> Vec<TimeField> {
    let items = match &node.data {
        Data::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut fields = Vec::new();
    for item in items {
        match &item.data {
            Data::Map(pairs) => {
                let mut field = TimeField::default();
                for (key, value) in pairs {
                    if key.text == "join" {
                        field.names = faults.texts(value, "join").iter().map(|n| names.intern(n)).collect();
                        continue;
                    }
                    let Some(text) = faults.text(value, &key.text) else { continue };
                    match key.text.as_str() {
                        "field" => field.names = vec![names.intern(&text)],
                        "with" => field.with = text,
                        "zone" => match zone_named(&text) {
                            Ok(zone) => field.zone = Some(zone),
                            Err(error) if text.contains('/') => {
                                let remedy = "write an IANA name, or the field that holds it".to_owned();
                                faults.add("VD-N003", value.place, error.to_string(), remedy);
                            }
                            Err(_) => field.zone_field = Some(names.intern(&text)),
                        },
                        "as" => match TimeFormat::named(&text) {
                            Some(form) => field.form = form,
                            None => faults.word(value, "as", &text, TIME_FORMS.into_iter()),
                        },
                        other => faults.unknown_key(
                            key.place,
                            other,
                            "a time field",
                            &["field", "join", "with", "as", "zone"],
                        ),
                    }
                }
                if field.names.is_empty() {
                    faults.add(
                        "VD-N005",
                        item.place,
                        "a time field needs `field` or `join`".into(),
                        String::new(),
                    );
                } else {
                    fields.push(field);
                }
            }
            _ => {
                if let Some(name) = faults.text(item, "time") {
                    fields.push(TimeField { names: vec![names.intern(&name)], ..TimeField::default() });
                }
            }
        }
    }
    fields
}

const TIME_FORMS: [&str; 7] = ["auto", "rfc3339", "unix", "unix_ms", "unix_us", "unix_ns", "filetime"];

fn read_identity(text: &str, node: &Node, names: &mut Names, faults: &mut Faults) -> Option<IdentityPart> {
    Some(match text {
        "$host" => IdentityPart::Host,
        "$channel" => IdentityPart::Channel,
        "$code" => IdentityPart::Code,
        "$record" => IdentityPart::Record,
        "$time" => IdentityPart::TimeMs,
        other if other.starts_with('$') => {
            faults.word(
                node,
                "identity",
                other,
                ["$host", "$channel", "$code", "$record", "$time"].into_iter(),
            );
            return None;
        }
        name => IdentityPart::Fields(vec![names.intern(name)]),
    })
}

fn read_tags(node: &Node, faults: &mut Faults) -> Vec<LogsourceTag> {
    let items = match &node.data {
        Data::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut tags = Vec::new();
    for item in items {
        let mut tag = LogsourceTag::default();
        for (key, value) in pairs(item, "logsource", faults) {
            let text = faults.text(value, &key.text).map(|t| t.to_lowercase());
            match key.text.as_str() {
                "product" => tag.product = text,
                "category" => tag.category = text,
                "service" => tag.service = text,
                other => {
                    faults.unknown_key(key.place, other, "a logsource", &["product", "category", "service"])
                }
            }
        }
        if tag == LogsourceTag::default() {
            let what = "a logsource without product, category and service".to_owned();
            faults.add("VD-N005", item.place, what, String::new());
        } else {
            tags.push(tag);
        }
    }
    tags
}

fn read_entity(node: &Node, names: &mut Names, faults: &mut Faults) -> Option<EntityLine> {
    let (mut kind, mut role, mut of) = (None, None, None);
    let (mut from, mut shown, mut start, mut when) = (None, None, None, None);
    for (key, value) in pairs(node, "an entity", faults) {
        match key.text.as_str() {
            "kind" => {
                let word = faults.text(value, "kind").unwrap_or_default();
                kind = EntityKind::from_name(&word);
                if kind.is_none() {
                    faults.word(value, "kind", &word, EntityKind::ALL.iter().map(|k| k.name()));
                }
            }
            "role" => {
                let word = faults.text(value, "role").unwrap_or_default();
                role = Role::from_name(&word);
                if role.is_none() {
                    faults.word(value, "role", &word, Role::ALL.iter().map(|r| r.name()));
                }
            }
            "of" => of = faults.text(value, "of").map(Into::into),
            "from" => from = Derivation::read(value, Bare::Name, names, faults),
            "shown" => shown = Derivation::read(value, Bare::Name, names, faults),
            "start" => start = faults.text(value, "start").map(|n| names.intern(&n)),
            "when" => when = Some(Condition::read(value, "when", names, faults)),
            other => {
                let known = ["kind", "role", "of", "from", "shown", "start", "when"];
                faults.unknown_key(key.place, other, "an entity", &known);
            }
        }
    }
    match (kind, role, from) {
        (Some(kind), Some(role), Some(from)) => Some(EntityLine { kind, role, of, from, shown, start, when }),
        _ => {
            let what = "an entity needs `kind`, `role` and `from`".to_owned();
            faults.add("VD-N005", node.place, what, String::new());
            None
        }
    }
}
