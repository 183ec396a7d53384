//! Indicators of others: read from lists of any usual form, screened, and kept so that a million take little room.

use std::borrow::Cow;
use std::io::{self, BufRead, BufReader, Read};

use rustc_hash::FxHashMap;
use vedette_model::Timestamp;

use crate::limits::{ALSO_LISTED_MAX, LABEL_BYTES_MAX};
use crate::warninglists::{Category, WarningLists};

pub mod account;
mod csv;
mod cut;
mod json;
mod misp;
mod pattern;
mod plain;
pub mod refang;
mod stix;
pub(crate) mod store;
pub mod value;

pub use account::{Account, HeldBack, Keep, Tally};
pub use store::Tlp;
pub use value::{Hint, IndicatorKind, Refusal, Value};

use store::{Added, Beside, Group, Store};

/// All indicators of a hunt. Shared by all workers.
#[derive(Debug, Default)]
pub struct Indicators {
    pub(crate) store: Store,
    accounts: Vec<Account>,
    /// Further lists, and the line there, by index.
    also: FxHashMap<u32, Vec<(u32, u32)>>,
}

/// One indicator as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator<'a> {
    pub kind: IndicatorKind,
    /// In its normal form.
    pub value: String,
    /// The list that held it first, and the line there.
    pub list: &'a str,
    pub line: u32,
    /// What the list says of it.
    pub label: Option<&'a str>,
    /// The event or bundle it came with.
    pub title: Option<&'a str>,
    pub tlp: Option<Tlp>,
    /// The list asks for further conditions, which are not looked at.
    pub widened: bool,
    /// Further lists and lines.
    pub also: Vec<(&'a str, u32)>,
}

impl Indicators {
    pub fn len(&self) -> usize {
        self.store.len()
    }

    pub fn is_empty(&self) -> bool {
        self.store.len() == 0
    }

    /// One account for each list, in the order of reading.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> usize {
        self.store.bytes()
    }

    pub fn kind(&self, index: u32) -> IndicatorKind {
        self.store.kind(index)
    }

    pub fn get(&self, index: u32) -> Indicator<'_> {
        let group = self.store.group(index);
        let name = |source: u32| self.accounts.get(source as usize).map_or("", |a| a.name.as_str());
        let also = self.also.get(&index).map(Vec::as_slice).unwrap_or_default();
        Indicator {
            kind: self.store.kind(index),
            value: self.store.value(index).shown(),
            list: name(group.source),
            line: self.store.line(index),
            label: self.store.label(index),
            title: Some(group.title.as_str()).filter(|t| !t.is_empty()),
            tlp: self.store.tlp(index),
            widened: self.store.widened(index),
            also: also.iter().map(|(source, line)| (name(*source), *line)).collect(),
        }
    }
}

/// Reads lists one after another.
pub struct Loader<'a> {
    indicators: Indicators,
    keep: Keep,
    now: Option<Timestamp>,
    known_good: &'a WarningLists,
}

/// One value as a list gives it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    pub text: &'a str,
    pub hint: Hint,
    pub line: u64,
    pub label: &'a str,
    pub tlp: Option<Tlp>,
    pub until: Option<Timestamp>,
    pub revoked: bool,
    pub for_detection: bool,
    pub widened: bool,
}

impl<'a> Found<'a> {
    pub fn new(text: &'a str, hint: Hint, line: u64) -> Self {
        Self {
            text,
            hint,
            line,
            label: "",
            tlp: None,
            until: None,
            revoked: false,
            for_detection: true,
            widened: false,
        }
    }
}

impl<'a> Loader<'a> {
    /// `now` decides what has expired; without it nothing has.
    pub fn new(keep: Keep, now: Option<Timestamp>, known_good: &'a WarningLists) -> Self {
        Self { indicators: Indicators::default(), keep, now, known_good }
    }

    /// Reads one list to its end; its form is told from its content. What is wrong with it stands in its account.
    ///
    /// # Errors
    /// When the reader fails. What was read until then is kept, and the account says where it ended.
    pub fn read(&mut self, name: &str, input: impl Read) -> io::Result<&Account> {
        let mut input = BufReader::with_capacity(SAMPLE_BYTES, input);
        let place = self.indicators.accounts.len();
        self.indicators.accounts.push(Account { name: name.to_owned(), ..Account::default() });
        self.group();
        let done = self.dispatch(&mut input);
        if let Err(error) = &done {
            let account = self.account();
            account.broken_off.get_or_insert_with(|| error.to_string());
        }
        done.map(|()| &self.indicators.accounts[place])
    }

    fn dispatch(&mut self, input: &mut BufReader<impl Read>) -> io::Result<()> {
        let sample = input.fill_buf()?;
        if sample.starts_with(b"\xef\xbb\xbf") {
            input.consume(3);
        } else if let Some(big) = utf16(sample) {
            // Spreadsheets write it; such lists are small.
            let mut bytes = Vec::new();
            input.take(UTF16_BYTES_MAX).read_to_end(&mut bytes)?;
            let text = from_utf16(&bytes[2..], big);
            return self.text(&mut BufReader::with_capacity(SAMPLE_BYTES, text.as_bytes()));
        }
        self.text(input)
    }

    fn text(&mut self, input: &mut BufReader<impl Read>) -> io::Result<()> {
        let sample = input.fill_buf()?.to_vec();
        let first = sample.iter().find(|b| !b.is_ascii_whitespace());
        if let Some(name) = foreign(&sample) {
            self.account().format = "unknown";
            self.account().broken_off = Some(format!("this is {name}: unpack it, or export it as a list"));
            return Ok(());
        }
        // A guarded address may begin a plain list with a bracket: JSON goes on with one of its own marks.
        let json = match first {
            Some(b'{') => true,
            Some(b'[') => {
                let at = sample.iter().position(|b| *b == b'[').map_or(0, |at| at + 1);
                sample[at..]
                    .iter()
                    .find(|b| !b.is_ascii_whitespace())
                    .is_none_or(|b| matches!(b, b'{' | b'[' | b'"' | b']'))
            }
            _ => false,
        };
        if json {
            return json::read(self, input);
        }
        match csv::Shape::of(&String::from_utf8_lossy(&sample)) {
            Some(shape) => csv::read(self, input, shape),
            None => plain::read(self, input),
        }
    }

    /// All that was read.
    pub fn finish(mut self) -> Indicators {
        self.indicators.store.settle();
        debug_assert!(self.indicators.accounts.iter().all(Account::balances));
        self.indicators
    }

    pub(crate) fn account(&mut self) -> &mut Account {
        if self.indicators.accounts.is_empty() {
            self.indicators.accounts.push(Account::default());
        }
        let last = self.indicators.accounts.len() - 1;
        &mut self.indicators.accounts[last]
    }

    /// Opens a group: what is added from now on belongs to it.
    pub(crate) fn group(&mut self) -> &mut Group {
        let source = (self.indicators.accounts.len() as u32).saturating_sub(1);
        let groups = &mut self.indicators.store.groups;
        groups.push(Group { source, ..Group::default() });
        let last = groups.len() - 1;
        &mut groups[last]
    }

    /// The group that is open.
    pub(crate) fn open_group(&mut self) -> &mut Group {
        if self.indicators.store.groups.is_empty() {
            return self.group();
        }
        let last = self.indicators.store.groups.len() - 1;
        &mut self.indicators.store.groups[last]
    }

    /// An entry that is no indicator that could be searched for.
    pub(crate) fn leave_out(&mut self, reason: &str, line: u64, text: &str) {
        let account = self.account();
        account.read += 1;
        account.leave_out(reason, line, text);
    }

    /// Reads, screens and keeps one value. Tells whether it is searched for.
    pub(crate) fn offer(&mut self, found: Found<'_>) -> bool {
        self.account().read += 1;
        let value = match Value::read(found.text, found.hint) {
            Ok(value) => value,
            Err(Refusal::TooBroad) => {
                self.account().hold_back(HeldBack::TooBroad, found.line, found.text);
                return false;
            }
            Err(Refusal::NotUnderstood(reason)) => {
                self.account().leave_out(reason, found.line, found.text);
                return false;
            }
        };
        if let Some(reason) = self.screen(&found, &value).filter(|reason| !self.keep.keeps(reason)) {
            self.account().hold_back(reason, found.line, found.text);
            return false;
        }
        let line = found.line.min(u64::from(u32::MAX)) as u32;
        let group = (self.indicators.store.groups.len() as u32).saturating_sub(1);
        let label = cut(found.label.trim(), LABEL_BYTES_MAX);
        let beside = Beside { line, group, label, tlp: found.tlp, widened: found.widened };
        let kind = value.kind() as usize;
        match self.indicators.store.add(&value, beside) {
            Added::New => {
                let account = self.account();
                account.searched[kind] += 1;
                account.widened += u64::from(found.widened);
                true
            }
            Added::Known(index) => {
                let source = self.indicators.accounts.len() as u32 - 1;
                self.account().duplicate += 1;
                if self.indicators.store.group(index).source != source {
                    let also = self.indicators.also.entry(index).or_default();
                    if also.len() < ALSO_LISTED_MAX && also.iter().all(|(s, _)| *s != source) {
                        also.push((source, line));
                    }
                }
                true
            }
            Added::Full => {
                self.account().leave_out("more indicators than are taken at once", found.line, found.text);
                false
            }
        }
    }

    fn screen(&self, found: &Found<'_>, value: &Value) -> Option<HeldBack> {
        let over = |until: Timestamp| self.now.is_some_and(|now| until < now);
        if found.revoked {
            return Some(HeldBack::Revoked);
        }
        if found.until.is_some_and(over) {
            return Some(HeldBack::Expired);
        }
        if !found.for_detection {
            return Some(HeldBack::NotForDetection);
        }
        let listed = self.known_good.holds(value)?;
        let name = listed.name.clone();
        Some(match listed.category {
            Category::Private => HeldBack::Private(name),
            Category::Documentation => HeldBack::Documentation(name),
            Category::KnownGood => HeldBack::KnownGood(name),
        })
    }
}

/// Enough of a file to tell its form.
const SAMPLE_BYTES: usize = 64 << 10;
const UTF16_BYTES_MAX: u64 = 256 << 20;

/// `Some(true)` for big-endian UTF-16 with a byte order mark.
fn utf16(sample: &[u8]) -> Option<bool> {
    match sample.get(..2)? {
        b"\xff\xfe" => Some(false),
        b"\xfe\xff" => Some(true),
        _ => None,
    }
}

pub(crate) fn from_utf16(bytes: &[u8], big: bool) -> String {
    let unit = |pair: &[u8]| {
        let pair = [pair[0], pair[1]];
        if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    };
    char::decode_utf16(bytes.chunks_exact(2).map(unit))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The text of a small file: UTF-8, or UTF-16 with its mark.
pub(crate) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    match utf16(bytes) {
        Some(big) => Cow::Owned(from_utf16(&bytes[2..], big)),
        None => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)),
    }
}

/// Known files that are no lists.
fn foreign(sample: &[u8]) -> Option<&'static str> {
    const MAGIC: &[(&[u8], &str)] = &[
        (b"\x1f\x8b", "a gzip file"),
        (b"PK\x03\x04", "a zip file"),
        (b"\x28\xb5\x2f\xfd", "a zstd file"),
        (b"%PDF", "a PDF"),
        (b"\xd0\xcf\x11\xe0", "an office document"),
        (b"ElfFile\0", "an event log"),
        (b"SQLite format 3\0", "a database"),
    ];
    let known = MAGIC.iter().find(|(magic, _)| sample.starts_with(magic)).map(|(_, name)| *name);
    known.or_else(|| sample.contains(&0).then_some("a binary file"))
}

/// At most `max` bytes, cut between characters.
pub(crate) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Reads one list with the built-in known-good lists, as of 2026-03-14.
    pub fn load(text: &str, keep: Keep) -> Indicators {
        let lists = WarningLists::builtin();
        let mut loader = Loader::new(keep, crate::stamp::read("2026-03-14", false), &lists);
        loader.read("list", text.as_bytes()).expect("bytes can be read");
        loader.finish()
    }

    /// What is searched for, in order.
    pub fn shown(indicators: &Indicators) -> Vec<String> {
        (0..indicators.len() as u32).map(|i| indicators.get(i).value).collect()
    }

    #[test]
    fn a_list_of_private_addresses_and_google_is_named_and_not_matched() {
        let text = "10.0.0.1\n192.168.1.0/24\n127.0.0.1\nfe80::1\n192.0.2.1\ngoogle.com\n8.8.8.8\n0.0.0.0/0\nexe\nevil.net\n";
        let indicators = load(text, Keep::default());
        assert_eq!(shown(&indicators), ["evil.net"]);
        let account = &indicators.accounts()[0];
        assert!(account.balances());
        assert_eq!((account.read, account.searched(), account.held_back()), (10, 1, 9));
        let reasons: Vec<String> =
            account.held_back.iter().map(|(r, t)| format!("{} {r}", t.count)).collect();
        assert_eq!(reasons.iter().filter(|r| r.contains("private")).count(), 1, "{reasons:?}");
        let kept = load(text, Keep::ALL);
        assert_eq!((kept.len(), kept.accounts()[0].held_back()), (8, 2));
    }

    #[test]
    fn other_files_are_told() {
        for bytes in [&b"\x1f\x8b\x08\0"[..], b"PK\x03\x04abc", b"a\0b"] {
            let lists = WarningLists::default();
            let mut loader = Loader::new(Keep::default(), None, &lists);
            assert!(loader.read("list", bytes).expect("read").broken_off.is_some());
        }
    }

    #[test]
    fn utf16_is_read() {
        let bytes: Vec<u8> = b"\xff\xfe"
            .iter()
            .copied()
            .chain("evil.net\r\n".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let lists = WarningLists::default();
        let mut loader = Loader::new(Keep::default(), None, &lists);
        loader.read("list", bytes.as_slice()).expect("read");
        assert_eq!(shown(&loader.finish()), ["evil.net"]);
    }
}
