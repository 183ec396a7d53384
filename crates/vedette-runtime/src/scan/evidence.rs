//! The events behind findings, kept in a temporary file so that each can be shown, judged again and cited.

use std::collections::HashMap;
use std::fs::File;
use std::hash::BuildHasherDefault;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use rustc_hash::FxHasher;
use vedette_model::evidence::Field;
use vedette_model::{Event, EventRef, EventUid, Evidence, FileIndex, Kind, Lane, TimeBasis, Timestamp};

use crate::limits::{
    EVIDENCE_BYTES_MAX, EVIDENCE_EVENTS_MAX, EVIDENCE_PER_HOUR_MAX, EVIDENCE_VALUE_BYTES_MAX,
};

const HOUR_NS: i64 = 3_600_000_000_000;

/// Lengths, then texts, in the order of [`Evidence`]. Written by each worker, so that keeping it costs the merge a copy.
pub fn encode(event: &Event, lane: Option<&Lane>) -> Vec<u8> {
    let native = &event.native;
    let mut out = Vec::with_capacity(native.text_bytes() + native.len() * 8 + 96);
    let (mapping, case) = lane.map_or(("", ""), |l| (l.mapping.as_str(), l.case.as_str()));
    out.push(event.time_basis as u8);
    number(&mut out, event.record);
    number(&mut out, event.joined.len() as u64);
    event.joined.iter().for_each(|p| number(&mut out, p.number));
    for part in [event.host.as_str(), &event.channel, &event.code, mapping, case] {
        text(&mut out, part);
    }
    let mut cut = 0;
    number(&mut out, native.len() as u64);
    for field in native.iter() {
        let mut value = field.value;
        if value.len() > EVIDENCE_VALUE_BYTES_MAX {
            value = &value[..value.floor_char_boundary(EVIDENCE_VALUE_BYTES_MAX)];
            cut += 1;
        }
        out.push(field.kind as u8 | u8::from(field.derived) << 4);
        text(&mut out, field.name);
        text(&mut out, if field.path == field.name { "" } else { field.path });
        text(&mut out, value);
    }
    number(&mut out, cut);
    out
}

/// LEB128, as most lengths are below 128.
fn number(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

struct Reading<'a>(&'a [u8]);

impl Reading<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn number(&mut self) -> Option<u64> {
        let (mut n, mut shift) = (0, 0);
        loop {
            let byte = self.byte()?;
            n |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(n);
            }
            shift += 7;
        }
    }

    fn text(&mut self) -> Option<String> {
        let len = self.number()? as usize;
        let (text, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }
}

fn decode(bytes: &[u8], at: &Kept, uid: EventUid) -> Option<Evidence> {
    const KINDS: [Kind; 4] = [Kind::Text, Kind::Number, Kind::Bool, Kind::Null];
    let mut r = Reading(bytes);
    let time_basis = *TimeBasis::ALL.get(usize::from(r.byte()?))?;
    let record = r.number()?;
    let joined = (0..r.number()?).map(|_| r.number()).collect::<Option<_>>()?;
    let [host, channel, code, mapping, case] = [r.text()?, r.text()?, r.text()?, r.text()?, r.text()?];
    let mut fields = Vec::new();
    for _ in 0..r.number()? {
        let flags = r.byte()?;
        fields.push(Field {
            name: r.text()?,
            path: r.text()?,
            value: r.text()?,
            kind: *KINDS.get(usize::from(flags & 0xf))?,
            derived: flags & 0x10 != 0,
        });
    }
    let event = EventRef { file: at.file, record, uid, time: at.time };
    Some(Evidence { event, joined, time_basis, host, channel, code, mapping, case, fields, cut: r.number()? })
}

#[derive(Clone, Copy)]
struct Kept {
    at: u64,
    len: u32,
    file: FileIndex,
    time: Option<Timestamp>,
}

/// What is kept of the events behind findings.
pub struct EvidenceStore {
    by_uid: HashMap<u128, Kept, BuildHasherDefault<FxHasher>>,
    /// Events kept of a rule, a host and an hour.
    shares: HashMap<(u32, u64, i64), u32, BuildHasherDefault<FxHasher>>,
    spool: BufWriter<File>,
    end: u64,
    bytes_max: u64,
    /// Events behind findings that were beyond a bound.
    pub not_kept: u64,
}

impl EvidenceStore {
    /// # Errors
    /// When no temporary file can be made.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            by_uid: HashMap::default(),
            shares: HashMap::default(),
            spool: BufWriter::new(tempfile::tempfile()?),
            end: 0,
            bytes_max: EVIDENCE_BYTES_MAX,
            not_kept: 0,
        })
    }

    /// Keeps an encoded event once, as long as its rule has not kept many on this host in this hour.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn keep(&mut self, rule: u32, host: &str, at: &EventRef, bytes: &[u8]) -> io::Result<()> {
        if self.by_uid.contains_key(&at.uid.0) {
            return Ok(());
        }
        let hour = at.time.map_or(i64::MIN, |t| t.0.div_euclid(HOUR_NS));
        let share = (rule, xxhash_rust::xxh3::xxh3_64(host.as_bytes()), hour);
        let used = self.shares.entry(share).or_default();
        let full = self.by_uid.len() >= EVIDENCE_EVENTS_MAX || self.end + bytes.len() as u64 > self.bytes_max;
        if *used >= EVIDENCE_PER_HOUR_MAX || full {
            self.not_kept += 1;
            return Ok(());
        }
        *used += 1;
        self.spool.write_all(bytes)?;
        let kept = Kept { at: self.end, len: bytes.len() as u32, file: at.file, time: at.time };
        self.by_uid.insert(at.uid.0, kept);
        self.end += bytes.len() as u64;
        Ok(())
    }

    pub fn has(&self, uid: EventUid) -> bool {
        self.by_uid.contains_key(&uid.0)
    }

    /// Time of a kept event.
    pub fn time(&self, uid: EventUid) -> Option<Timestamp> {
        self.by_uid.get(&uid.0).and_then(|kept| kept.time)
    }

    /// The event, if it was kept.
    ///
    /// # Errors
    /// When the temporary file cannot be read back.
    pub fn read(&mut self, uid: EventUid) -> io::Result<Option<Evidence>> {
        let Some(kept) = self.by_uid.get(&uid.0).copied() else { return Ok(None) };
        self.spool.flush()?;
        let file = self.spool.get_mut();
        file.seek(SeekFrom::Start(kept.at))?;
        let mut bytes = vec![0; kept.len as usize];
        file.read_exact(&mut bytes)?;
        file.seek(SeekFrom::Start(self.end))?;
        let damaged = || io::Error::other("a kept event cannot be read back");
        decode(&bytes, &kept, uid).map(Some).ok_or_else(damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(record: u64) -> Event {
        let mut event = Event { record, host: "WS1".into(), code: "4688".into(), ..Event::default() };
        event.time = Timestamp::from_secs(60);
        event.uid = EventUid(u128::from(record) << 70 | 5);
        event.native.push("Event.EventData.CommandLine", "whoami /all", Kind::Text);
        event.native.rename(0, "CommandLine");
        event.native.push("ProcessId", "", Kind::Null);
        event.native.push_derived("Image", "CommandLine", &"x".repeat(300), Kind::Text);
        event
    }

    fn at(event: &Event) -> EventRef {
        EventRef { file: event.file, record: event.record, uid: event.uid, time: event.time }
    }

    #[test]
    fn what_is_read_back_is_what_was_kept() {
        let mut store = EvidenceStore::new().expect("a temporary file");
        let lane = Lane { mapping: "windows_security".into(), case: "process".into(), ..Lane::default() };
        for record in [300, 2] {
            let event = event(record);
            store.keep(1, "WS1", &at(&event), &encode(&event, Some(&lane))).expect("write");
        }
        let event = event(300);
        let whole = Evidence::of(&event, "windows_security", "process", EVIDENCE_VALUE_BYTES_MAX);
        assert_eq!(store.read(event.uid).expect("read"), Some(whole));
        assert_eq!(store.read(EventUid(9)).expect("read"), None);
    }

    #[test]
    fn a_flood_of_one_rule_on_one_host_is_bounded_and_counted() {
        let mut store = EvidenceStore::new().expect("a temporary file");
        let mut last = event(0);
        for record in 0..=u64::from(EVIDENCE_PER_HOUR_MAX) {
            last = event(record);
            store.keep(1, "WS1", &at(&last), &encode(&last, None)).expect("write");
        }
        assert_eq!(store.not_kept, 1);
        assert!(!store.has(last.uid));
        store.keep(1, "WS2", &at(&last), &encode(&last, None)).expect("write");
        assert!(store.has(last.uid));
    }
}
