//! Hits kept until the windows run: one column for each thing, the values as 64-bit identities.
//!
//! A value is known by the XXH3 hash of its lower-cased text, because Sigma compares text without regard to case and
//! a group must be the same whether a log wrote `Administrator` or `administrator`. The text itself is kept once, and
//! only where a group is shown.

use rustc_hash::FxHashMap;
use vedette_model::{EventRef, EventUid, FileIndex, Timestamp};
use xxhash_rust::xxh3::xxh3_64;

use crate::limits::TEXT_LENGTH_MAX;

/// The identity of a value that the event does not have.
pub(crate) const ABSENT: u64 = 0;

/// How a field of a base rule's events is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Identity, and the text to show it.
    Shown,
    /// Identity alone.
    Identity,
    /// The bits of a finite number; `NaN` where the value is none.
    Number,
}

/// What places a hit in time, and settles which comes first at equal times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub time: i64,
    pub file: u32,
    pub record: u64,
    pub uid: u128,
}

/// The hits of one base rule.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    time: Vec<i64>,
    file: Vec<u32>,
    record: Vec<u64>,
    uid: Vec<u128>,
    host: Vec<u64>,
    columns: Vec<Vec<u64>>,
    /// Hits with a time that were offered, kept or not.
    pub offered: u64,
}

impl Hits {
    pub fn with_columns(columns: usize) -> Self {
        Self { columns: vec![Vec::new(); columns], ..Self::default() }
    }

    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Appends a hit; `values` has one entry for each column.
    pub fn push(&mut self, time: Timestamp, event: &EventRef, host: u64, values: impl Iterator<Item = u64>) {
        self.time.push(time.0);
        self.file.push(event.file.0);
        self.record.push(event.record);
        self.uid.push(event.uid.0);
        self.host.push(host);
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.push(value);
        }
    }

    pub fn place(&self, hit: u32) -> Place {
        let i = hit as usize;
        Place { time: self.time[i], file: self.file[i], record: self.record[i], uid: self.uid[i] }
    }

    pub fn time(&self, hit: u32) -> i64 {
        self.time[hit as usize]
    }

    pub fn host(&self, hit: u32) -> u64 {
        self.host[hit as usize]
    }

    pub fn value(&self, column: usize, hit: u32) -> u64 {
        self.columns[column][hit as usize]
    }

    pub fn number(&self, column: usize, hit: u32) -> Option<f64> {
        Some(f64::from_bits(self.value(column, hit))).filter(|n| n.is_finite())
    }

    /// Keeps the `room` earliest hits. Done again and again with a shrinking `room`, the outcome is the same as doing
    /// it once at the end, so the order of offering does not matter.
    pub fn keep_earliest(&mut self, room: usize) {
        if self.len() <= room {
            return;
        }
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        if room > 0 {
            order.select_nth_unstable_by_key(room - 1, |&hit| self.place(hit));
        }
        order.truncate(room);
        order.sort_unstable();
        keep(&mut self.time, &order);
        keep(&mut self.file, &order);
        keep(&mut self.record, &order);
        keep(&mut self.uid, &order);
        keep(&mut self.host, &order);
        self.columns.iter_mut().for_each(|column| keep(column, &order));
    }
}

fn keep<V: Copy>(column: &mut Vec<V>, order: &[u32]) {
    for (to, &from) in order.iter().enumerate() {
        column[to] = column[from as usize];
    }
    column.truncate(order.len());
}

/// The most hits that each rule may keep so that all together stay within `room`: rules with few hits keep them all,
/// and the others share the rest evenly.
pub(crate) fn fair_share(offered: impl Iterator<Item = u64>, room: usize) -> usize {
    let mut offered: Vec<u64> = offered.collect();
    offered.sort_unstable();
    let mut left = room as u64;
    for (i, &own) in offered.iter().enumerate() {
        let share = left / (offered.len() - i) as u64;
        if own > share {
            return share as usize;
        }
        left -= own;
    }
    usize::MAX
}

/// Texts of group values, by identity.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    spans: FxHashMap<u64, (u32, u32)>,
    text: String,
    folded: String,
    room: usize,
    /// Values whose text found no room.
    pub left_out: u64,
}

impl Texts {
    pub fn with_room(room: usize) -> Self {
        Self { room: room.min(u32::MAX as usize), ..Self::default() }
    }

    /// The identity of `value`.
    pub fn identity(&mut self, value: &str) -> u64 {
        if value.is_empty() {
            return ABSENT;
        }
        let hash = if value.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
            self.folded.clear();
            self.folded.extend(value.chars().flat_map(char::to_lowercase));
            xxh3_64(self.folded.as_bytes())
        } else {
            xxh3_64(value.as_bytes())
        };
        hash.max(1)
    }

    /// The identity of `value`, whose text is kept. Of several spellings the smallest is shown, so that the order in
    /// which they came does not matter.
    pub fn shown(&mut self, value: &str) -> u64 {
        let identity = self.identity(value);
        if identity == ABSENT {
            return ABSENT;
        }
        let value = shortened(value);
        if let Some(&(start, end)) = self.spans.get(&identity) {
            let kept = &self.text[start as usize..end as usize];
            if kept <= value {
                return identity;
            }
            if kept.len() == value.len() {
                self.text.replace_range(start as usize..end as usize, value);
                return identity;
            }
        }
        if self.text.len() + value.len() > self.room {
            self.left_out += u64::from(!self.spans.contains_key(&identity));
            return identity;
        }
        let start = self.text.len() as u32;
        self.text.push_str(value);
        self.spans.insert(identity, (start, self.text.len() as u32));
        identity
    }

    /// The text of a value, or its hash where the text found no room.
    pub fn text(&self, identity: u64) -> String {
        match self.spans.get(&identity) {
            Some(&(start, end)) => self.text[start as usize..end as usize].to_owned(),
            None if identity == ABSENT => String::new(),
            None => format!("#{identity:016x}"),
        }
    }
}

fn shortened(value: &str) -> &str {
    let mut end = value.len().min(TEXT_LENGTH_MAX);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    &value[..end]
}

/// Reads a number as logs write them: decimal, or hexadecimal with `0x`.
pub(crate) fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(digits, 16).ok().map(|n| n as f64);
    }
    text.parse::<f64>().ok().filter(|n| n.is_finite())
}

/// Rebuilds the pointer to an event.
pub(crate) fn event_ref(place: Place) -> EventRef {
    EventRef {
        file: FileIndex(place.file),
        record: place.record,
        uid: EventUid(place.uid),
        time: Some(Timestamp(place.time)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_the_room_fairly() {
        let check =
            |offered: &[u64], room, expect| assert_eq!(fair_share(offered.iter().copied(), room), expect);
        check(&[5, 5], 10, usize::MAX);
        check(&[2, 100], 10, 8);
        check(&[100, 100], 10, 5);
        check(&[1, 3, 100, 100], 10, 3);
        check(&[100], 0, 0);
    }

    #[test]
    fn reads_the_numbers_that_logs_write() {
        let check = |text, expect| assert_eq!(number(text), expect, "{text}");
        check("1500", Some(1500.0));
        check(" -2.5 ", Some(-2.5));
        check("0x1F", Some(31.0));
        check("inf", None);
        check("NaN", None);
        check("12 KB", None);
        check("", None);
    }

    #[test]
    fn one_identity_for_all_spellings_and_one_text() {
        let spellings = ["Administrator", "ADMINISTRATOR", "administrator"];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut texts = Texts::with_room(1 << 10);
            let ids: Vec<u64> = order.iter().map(|&i| texts.shown(spellings[i])).collect();
            assert!(ids.iter().all(|id| *id == ids[0]));
            assert_eq!(texts.text(ids[0]), "ADMINISTRATOR");
        }
    }

    #[test]
    fn a_value_without_room_is_shown_by_its_hash_and_counted() {
        let mut texts = Texts::with_room(4);
        let (short, long) = (texts.shown("ab"), texts.shown("abcdef"));
        assert_ne!(short, long);
        assert_eq!(texts.text(short), "ab");
        assert!(texts.text(long).starts_with('#'));
        assert_eq!(texts.left_out, 1);
    }

    #[test]
    fn a_long_value_is_cut_on_a_character() {
        let mut texts = Texts::with_room(1 << 20);
        let id = texts.shown(&"é".repeat(TEXT_LENGTH_MAX));
        assert_eq!(texts.text(id).len(), TEXT_LENGTH_MAX);
    }
}
