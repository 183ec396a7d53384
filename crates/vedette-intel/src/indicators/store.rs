//! A million indicators in little memory: texts in one arena, entries of 20 bytes, one hash table of 4-byte indexes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::value::{IndicatorKind, Value, full, masked};
use crate::limits::{INDICATOR_BYTES_MAX, INDICATORS_MAX, LABELS_BYTES_MAX};
use crate::networks::Lengths;

/// Traffic Light Protocol 2.0, from what may go around to what may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tlp {
    Clear,
    Green,
    Amber,
    AmberStrict,
    Red,
}

impl Tlp {
    pub fn name(self) -> &'static str {
        match self {
            Self::Clear => "TLP:CLEAR",
            Self::Green => "TLP:GREEN",
            Self::Amber => "TLP:AMBER",
            Self::AmberStrict => "TLP:AMBER+STRICT",
            Self::Red => "TLP:RED",
        }
    }

    /// `tlp:amber`, `TLP:AMBER+STRICT`, `white` (TLP 1.0) and their like.
    pub fn from_name(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        match text.strip_prefix("tlp:").unwrap_or(&text).trim() {
            "clear" | "white" => Some(Self::Clear),
            "green" => Some(Self::Green),
            "amber" => Some(Self::Amber),
            "amber+strict" => Some(Self::AmberStrict),
            "red" => Some(Self::Red),
            _ => None,
        }
    }

    const ALL: [Tlp; 5] = [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red];

    fn code(marking: Option<Self>) -> u8 {
        marking.map_or(0, |tlp| tlp as u8 + 1)
    }

    fn of_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    at: u32,
    len: u16,
    kind: IndicatorKind,
    /// Lowest three bits: TLP; bit 7: one condition of several.
    flags: u8,
    line: u32,
    group: u32,
    label: u32,
}

const WIDENED: u8 = 0x80;

/// What came together: a list, or one event or bundle of one.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Index of the list.
    pub source: u32,
    /// What the event or bundle is called; may be empty.
    pub title: String,
    pub tlp: Option<Tlp>,
}

/// What is stored beside a value.
#[derive(Debug, Clone, Copy)]
pub struct Beside<'a> {
    pub line: u32,
    pub group: u32,
    pub label: &'a str,
    pub tlp: Option<Tlp>,
    /// The list asks for more than this value.
    pub widened: bool,
}

/// What [`Store::add`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    New,
    /// The index of the one that is there.
    Known(u32),
    Full,
}

const NO_LABEL: u32 = u32::MAX;

#[derive(Debug, Default)]
pub struct Store {
    arena: Vec<u8>,
    entries: Vec<Entry>,
    table: HashTable<u32>,
    labels: Vec<(u32, u16)>,
    label_table: HashTable<u32>,
    label_bytes: usize,
    pub groups: Vec<Group>,
    pub lengths: Lengths,
    /// By [`IndicatorKind`].
    pub counts: [u64; 6],
    /// A bit for each length of digest in [`super::value::DIGEST_BYTES`].
    pub digests: u8,
    /// Some file name has no dot.
    pub bare_names: bool,
    /// Two bits for each entry among sixteen: nearly every word of an event is unknown, and this part of memory, unlike
    /// the table, stays close to the processor.
    filter: Vec<u64>,
}

const FILTER_BITS_EACH: usize = 16;

impl Store {
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn add(&mut self, value: &Value, beside: Beside<'_>) -> Added {
        let key = key_of(value);
        let kind = value.kind();
        let hash = hash_of(kind, looked_for(kind, &key));
        let same = |index: &u32| {
            let entry = &self.entries[*index as usize];
            entry.kind == kind && self.text_of(entry) == key.as_slice()
        };
        if let Some(index) = self.table.find(hash, same) {
            return Added::Known(*index);
        }
        let Ok(len) = u16::try_from(key.len()) else { return Added::Full };
        if self.entries.len() >= INDICATORS_MAX || self.arena.len() + key.len() > INDICATOR_BYTES_MAX {
            return Added::Full;
        }
        let at = self.arena.len() as u32;
        self.arena.extend_from_slice(&key);
        let flags = Tlp::code(beside.tlp) | if beside.widened { WIDENED } else { 0 };
        let label = self.label_index(beside.label);
        let index = self.entries.len() as u32;
        self.entries.push(Entry { at, len, kind, flags, line: beside.line, group: beside.group, label });
        let (entries, arena) = (&self.entries, &self.arena);
        self.table.insert_unique(hash, index, |other| {
            let entry = &entries[*other as usize];
            hash_of(entry.kind, looked_for(entry.kind, slice(arena, entry)))
        });
        self.counts[kind as usize] += 1;
        match value {
            Value::Network(address, bits) => self.lengths.add(address, *bits),
            Value::Hash(bytes) => {
                let place = super::value::DIGEST_BYTES.iter().position(|n| *n == bytes.len());
                self.digests |= place.map_or(0, |p| 1 << p);
            }
            Value::FileName(name) => {
                self.bare_names |= !name.rsplit('/').next().unwrap_or(name).contains('.')
            }
            Value::Domain(_) | Value::Url(_) => {}
        }
        Added::New
    }

    fn label_index(&mut self, label: &str) -> u32 {
        if label.is_empty() {
            return NO_LABEL;
        }
        let hash = xxh3_64_with_seed(label.as_bytes(), u64::MAX);
        let (labels, arena) = (&self.labels, &self.arena);
        let text = |at: &(u32, u16)| &arena[at.0 as usize..at.0 as usize + usize::from(at.1)];
        if let Some(known) = self.label_table.find(hash, |i| text(&labels[*i as usize]) == label.as_bytes()) {
            return *known;
        }
        let Ok(len) = u16::try_from(label.len()) else { return NO_LABEL };
        if self.label_bytes + label.len() > LABELS_BYTES_MAX
            || self.arena.len() + label.len() > INDICATOR_BYTES_MAX
        {
            return NO_LABEL;
        }
        let index = self.labels.len() as u32;
        self.labels.push((self.arena.len() as u32, len));
        self.arena.extend_from_slice(label.as_bytes());
        self.label_bytes += label.len();
        let (labels, arena) = (&self.labels, &self.arena);
        self.label_table.insert_unique(hash, index, |other| {
            let (at, len) = labels[*other as usize];
            xxh3_64_with_seed(&arena[at as usize..at as usize + usize::from(len)], u64::MAX)
        });
        index
    }

    /// Gives back spare room.
    pub fn settle(&mut self) {
        self.arena.shrink_to_fit();
        self.entries.shrink_to_fit();
        self.labels.shrink_to_fit();
        // Only reading needs them from now on.
        self.label_table = HashTable::new();
        self.filter = vec![0; (self.entries.len() * FILTER_BITS_EACH).next_power_of_two().max(64) / 64];
        for index in 0..self.entries.len() {
            let entry = self.entries[index];
            let hash = hash_of(entry.kind, looked_for(entry.kind, slice(&self.arena, &entry)));
            for (word, bit) in self.places(hash) {
                self.filter[word] |= bit;
            }
        }
    }

    fn places(&self, hash: u64) -> [(usize, u64); 2] {
        let mask = self.filter.len() * 64 - 1;
        [hash, hash >> 32].map(|h| h as usize & mask).map(|at| (at / 64, 1 << (at % 64)))
    }

    /// `false` only for a hash that no entry has.
    fn may_hold(&self, hash: u64) -> bool {
        self.filter.is_empty() || self.places(hash).iter().all(|(word, bit)| self.filter[*word] & bit != 0)
    }

    fn text_of(&self, entry: &Entry) -> &[u8] {
        slice(&self.arena, entry)
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> usize {
        self.arena.capacity()
            + self.entries.capacity() * size_of::<Entry>()
            + self.table.allocation_size()
            + self.label_table.allocation_size()
            + self.labels.capacity() * size_of::<(u32, u16)>()
            + self.filter.capacity() * size_of::<u64>()
    }

    /// The entry of `kind` whose key is `key`.
    pub fn find(&self, kind: IndicatorKind, key: &[u8]) -> Option<u32> {
        let same = |index: &u32| {
            let entry = &self.entries[*index as usize];
            entry.kind == kind && self.text_of(entry) == key
        };
        let hash = hash_of(kind, key);
        if !self.may_hold(hash) {
            return None;
        }
        self.table.find(hash, same).copied()
    }

    /// Every listed range that holds the address, the narrowest first.
    pub fn address(&self, address: IpAddr, found: &mut dyn FnMut(u32)) {
        let mut key = [0; 18];
        for bits in self.lengths.of(&address) {
            let len = network_key(&masked(address, bits), bits, &mut key);
            let kind = if bits == full(&address) { IndicatorKind::Address } else { IndicatorKind::Network };
            self.find(kind, &key[..len]).map(&mut *found);
        }
    }

    /// Every listed file of this name (folded); the folders a list gives must end `path` (folded, cut by `/`).
    pub fn file_name(&self, name: &str, path: &str, found: &mut dyn FnMut(u32)) {
        let hash = hash_of(IndicatorKind::FileName, name.as_bytes());
        if !self.may_hold(hash) {
            return;
        }
        for index in self.table.iter_hash(hash) {
            let entry = &self.entries[*index as usize];
            let key = self.text_of(entry);
            let named =
                entry.kind == IndicatorKind::FileName && looked_for(entry.kind, key) == name.as_bytes();
            if !named {
                continue;
            }
            let folders = key.len() > name.len();
            let fits = || {
                let (path, rest) = (path.as_bytes(), path.len().checked_sub(key.len()));
                rest.is_some_and(|at| &path[at..] == key && (at == 0 || path[at - 1] == b'/'))
            };
            if !folders || fits() {
                found(*index);
            }
        }
    }

    pub fn kind(&self, index: u32) -> IndicatorKind {
        self.entries[index as usize].kind
    }

    pub fn value(&self, index: u32) -> Value {
        let entry = &self.entries[index as usize];
        let bytes = self.text_of(entry);
        let text = || String::from_utf8_lossy(bytes).into_owned();
        match entry.kind {
            IndicatorKind::Address | IndicatorKind::Network => network_of(bytes),
            IndicatorKind::Domain => Value::Domain(text()),
            IndicatorKind::Url => Value::Url(text()),
            IndicatorKind::Hash => Value::Hash(bytes.to_vec()),
            IndicatorKind::FileName => Value::FileName(text()),
        }
    }

    pub fn group(&self, index: u32) -> &Group {
        &self.groups[self.entries[index as usize].group as usize]
    }

    pub fn line(&self, index: u32) -> u32 {
        self.entries[index as usize].line
    }

    pub fn tlp(&self, index: u32) -> Option<Tlp> {
        Tlp::of_code(self.entries[index as usize].flags & 7).or(self.group(index).tlp)
    }

    pub fn widened(&self, index: u32) -> bool {
        self.entries[index as usize].flags & WIDENED != 0
    }

    pub fn label(&self, index: u32) -> Option<&str> {
        let (at, len) = *self.labels.get(self.entries[index as usize].label as usize)?;
        std::str::from_utf8(self.arena.get(at as usize..at as usize + usize::from(len))?).ok()
    }
}

fn slice<'a>(arena: &'a [u8], entry: &Entry) -> &'a [u8] {
    &arena[entry.at as usize..entry.at as usize + usize::from(entry.len)]
}

fn hash_of(kind: IndicatorKind, key: &[u8]) -> u64 {
    xxh3_64_with_seed(key, kind as u64)
}

/// The part of a key that the table is asked for: a file's own name, whatever folders stand before it.
fn looked_for(kind: IndicatorKind, key: &[u8]) -> &[u8] {
    match kind {
        IndicatorKind::FileName => key.rsplit(|b| *b == b'/').next().unwrap_or(key),
        _ => key,
    }
}

fn key_of(value: &Value) -> Vec<u8> {
    match value {
        Value::Network(address, bits) => {
            let mut key = [0; 18];
            let len = network_key(address, *bits, &mut key);
            key[..len].to_vec()
        }
        Value::Domain(text) | Value::Url(text) | Value::FileName(text) => text.as_bytes().to_vec(),
        Value::Hash(bytes) => bytes.clone(),
    }
}

/// Version, bits, octets; the length.
fn network_key(address: &IpAddr, bits: u8, key: &mut [u8; 18]) -> usize {
    key[1] = bits;
    match address {
        IpAddr::V4(v4) => {
            key[0] = 4;
            key[2..6].copy_from_slice(&v4.octets());
            6
        }
        IpAddr::V6(v6) => {
            key[0] = 6;
            key[2..18].copy_from_slice(&v6.octets());
            18
        }
    }
}

fn network_of(key: &[u8]) -> Value {
    let bits = key.get(1).copied().unwrap_or_default();
    let v6 = key.get(2..18).and_then(|o| <[u8; 16]>::try_from(o).ok()).map(|o| IpAddr::V6(Ipv6Addr::from(o)));
    let v4 =
        || key.get(2..6).and_then(|o| <[u8; 4]>::try_from(o).ok()).map(|o| IpAddr::V4(Ipv4Addr::from(o)));
    Value::Network(v6.or_else(v4).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)), bits)
}

#[cfg(test)]
mod tests {
    use super::super::value::Hint;
    use super::*;

    fn add(store: &mut Store, text: &str) -> Added {
        let value = Value::read(text, Hint::Any).unwrap();
        store.add(&value, Beside { line: 7, group: 0, label: "", tlp: None, widened: false })
    }

    #[test]
    fn gives_back_what_was_put_in() {
        let mut store = Store { groups: vec![Group::default()], ..Store::default() };
        for text in [
            "203.0.113.7",
            "203.0.113.0/24",
            "2001:db8::1",
            "evil.net",
            "evil.net/a",
            "mimikatz.exe",
            "0cc175b9c0f1b6a831c399e269772661",
        ] {
            assert_eq!(add(&mut store, text), Added::New);
            let index = store.len() as u32 - 1;
            assert_eq!(store.value(index).shown(), text);
            assert_eq!(add(&mut store, text), Added::Known(index));
        }
        let mut found = Vec::new();
        store.address("203.0.113.7".parse().unwrap(), &mut |i| found.push(store.value(i).shown()));
        assert_eq!(found, ["203.0.113.7", "203.0.113.0/24"]);
    }

    #[test]
    fn folders_of_a_listed_file_must_be_there() {
        let mut store = Store { groups: vec![Group::default()], ..Store::default() };
        add(&mut store, r"%TEMP%\evil\tool.exe");
        add(&mut store, "tool.exe");
        let count = |path: &str| {
            let mut n = 0;
            store.file_name("tool.exe", path, &mut |_| n += 1);
            n
        };
        assert_eq!(
            (count("c:/temp/evil/tool.exe"), count("c:/devil/tool.exe"), count("tool.exe")),
            (2, 1, 1)
        );
    }
}
