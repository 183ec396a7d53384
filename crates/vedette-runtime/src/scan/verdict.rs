//! The verdict on one file: what it is, what was understood, what was not, and that the numbers add up.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use vedette_model::{FileFormat, FileIndex, Position, Problem, Reject, TimeBasis, Timestamp};

use crate::limits::{EVENT_IDS_PER_FILE_MAX, NAMES_PER_VERDICT_MAX, UNKNOWN_FIELDS_MAX};

/// Names with how often each was seen; bounded, the overflow is counted.
///
/// A sorted list and not a tree: a hundred thousand verdicts of a handful of names each must fit into memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    counts: Vec<(Arc<str>, u64)>,
    /// Sightings of names beyond the bound.
    pub others: u64,
}

/// One copy of each name for all verdicts.
pub type NamePool = HashSet<Arc<str>>;

/// When two names are one, and in which order they stand. All names of one list are added under the same.
type Order = fn(&str, &str) -> Ordering;

/// Names are one when they are spelled alike.
fn exact(a: &str, b: &str) -> Ordering {
    a.cmp(b)
}

/// Names are one when they differ in case alone, as Windows takes channels; a file that two collectors wrote spells one
/// channel in two ways.
fn folded(a: &str, b: &str) -> Ordering {
    let lower = |c: u8| c.to_ascii_lowercase();
    a.bytes().map(lower).cmp(b.bytes().map(lower))
}

/// As [`folded`] for the channel of `channel:id`; the id is as spelled.
fn channel_folded(a: &str, b: &str) -> Ordering {
    let ((channel_a, id_a), (channel_b, id_b)) = (parts(a), parts(b));
    folded(channel_a, channel_b).then_with(|| id_a.cmp(id_b))
}

fn parts(event_id: &str) -> (&str, &str) {
    event_id.rsplit_once(':').unwrap_or((event_id, ""))
}

impl Names {
    fn add_within(&mut self, name: &str, count: u64, max: usize, order: Order) {
        match self.counts.binary_search_by(|(known, _)| order(known, name)) {
            Ok(index) => self.counts[index].1 += count,
            Err(index) if self.counts.len() < max => self.counts.insert(index, (name.into(), count)),
            Err(_) => self.others += count,
        }
    }

    pub fn add(&mut self, name: &str, count: u64) {
        self.add_within(name, count, NAMES_PER_VERDICT_MAX, exact);
    }

    fn merge_within(&mut self, other: &Names, max: usize, order: Order) {
        for (name, count) in &other.counts {
            self.add_within(name, *count, max, order);
        }
        self.others += other.others;
    }

    pub fn merge(&mut self, other: &Names) {
        self.merge_within(other, NAMES_PER_VERDICT_MAX, exact);
    }

    /// In order of name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> + '_ {
        self.counts.iter().map(|(name, count)| (&**name, *count))
    }

    /// The most frequent name; the first in the alphabet of equals.
    pub fn most(&self) -> Option<&str> {
        let most = self.counts.iter().map(|(_, n)| *n).max()?;
        self.iter().find(|(_, n)| *n == most).map(|(name, _)| name)
    }

    /// Gives memory back: shares names with `pool` and drops spare room.
    fn settle(&mut self, pool: &mut NamePool) {
        self.counts.shrink_to_fit();
        for (name, _) in &mut self.counts {
            match pool.get(name) {
                Some(known) => *name = known.clone(),
                None => {
                    pool.insert(name.clone());
                }
            }
        }
    }
}

/// First and last of a set of times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
}

impl Extent {
    pub fn add(&mut self, time: Timestamp) {
        self.first = Some(self.first.map_or(time, |t| t.min(time)));
        self.last = Some(self.last.map_or(time, |t| t.max(time)));
    }

    pub fn merge(&mut self, other: Extent) {
        for time in [other.first, other.last].into_iter().flatten() {
            self.add(time);
        }
    }
}

/// One fault of records, with the first place it was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    pub reason: &'static str,
    pub count: u64,
    pub first: Position,
    pub detail: String,
}

/// What the records of a batch, or of a whole file, came to. Batches are added up in file order.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Records cut from the file, joined ones counted singly.
    pub records: u64,
    pub events: u64,
    pub joined: u64,
    pub duplicate: u64,
    pub rejected: u64,
    /// Events outside `--since` / `--until`: understood and counted, not searched.
    pub outside: u64,
    /// Events that no mapping knew.
    pub unmapped: u64,
    pub untimed: u64,
    pub extent: Extent,
    /// Events by [`TimeBasis`], in its order.
    pub bases: [u64; 4],
    pub hosts: Names,
    /// As spelled; where batches are added up, spellings that differ in case alone become one channel.
    pub channels: Names,
    /// Mapping ids.
    pub parsers: Names,
    /// `channel:id`, copies included: what the file itself holds. The channel as in `channels`.
    pub event_ids: Names,
    /// `mapping: field`.
    pub unknown_fields: Names,
    /// Why records were rejected.
    pub rejections: Vec<Flaw>,
    /// Why events have no time.
    pub time_faults: Vec<Flaw>,
}

impl Tally {
    pub fn reject(&mut self, reject: &Reject) {
        self.rejected += 1;
        let flaw =
            Flaw { reason: reject.reason, count: 1, first: reject.position, detail: reject.detail.clone() };
        add(&mut self.rejections, flaw);
    }

    pub fn time_fault(&mut self, reason: &'static str, count: u64, first: Position, detail: &str) {
        add(&mut self.time_faults, Flaw { reason, count, first, detail: detail.to_owned() });
    }

    pub fn add_event_id(&mut self, name: &str) {
        self.event_ids.add_within(name, 1, EVENT_IDS_PER_FILE_MAX, exact);
    }

    pub fn add_unknown_field(&mut self, name: &str, count: u64) {
        self.unknown_fields.add_within(name, count, UNKNOWN_FIELDS_MAX, exact);
    }

    pub fn merge(&mut self, other: &Tally) {
        self.records += other.records;
        self.events += other.events;
        self.joined += other.joined;
        self.duplicate += other.duplicate;
        self.rejected += other.rejected;
        self.outside += other.outside;
        self.unmapped += other.unmapped;
        self.untimed += other.untimed;
        self.extent.merge(other.extent);
        for (ours, theirs) in self.bases.iter_mut().zip(other.bases) {
            *ours += theirs;
        }
        self.hosts.merge(&other.hosts);
        self.channels.merge_within(&other.channels, NAMES_PER_VERDICT_MAX, folded);
        self.parsers.merge(&other.parsers);
        self.event_ids.merge_within(&other.event_ids, EVENT_IDS_PER_FILE_MAX, channel_folded);
        self.unknown_fields.merge_within(&other.unknown_fields, UNKNOWN_FIELDS_MAX, exact);
        for flaw in &other.rejections {
            add(&mut self.rejections, flaw.clone());
        }
        for flaw in &other.time_faults {
            add(&mut self.time_faults, flaw.clone());
        }
    }

    /// Gives memory back when the file is done.
    pub fn settle(&mut self, pool: &mut NamePool) {
        for names in [
            &mut self.hosts,
            &mut self.channels,
            &mut self.parsers,
            &mut self.event_ids,
            &mut self.unknown_fields,
        ] {
            names.settle(pool);
        }
        self.rejections.shrink_to_fit();
        self.time_faults.shrink_to_fit();
    }

    /// `records = events + joined + duplicate + rejected`.
    pub fn balances(&self) -> bool {
        self.records == self.events + self.joined + self.duplicate + self.rejected
    }
}

/// Adds up by reason; the first place stays.
fn add(flaws: &mut Vec<Flaw>, flaw: Flaw) {
    match flaws.iter_mut().find(|f| f.reason == flaw.reason) {
        Some(known) => known.count += flaw.count,
        None => flaws.push(flaw),
    }
}

/// The verdict on one input file or archive member.
#[derive(Debug, Clone)]
pub struct FileVerdict {
    pub index: FileIndex,
    pub path: String,
    pub format: FileFormat,
    pub bytes: u64,
    pub sha256: Option<[u8; 32]>,
    pub encoding: Option<&'static str>,
    /// Lines that are no records: blank ones, and column names or directives.
    pub blank_lines: u64,
    pub header_lines: u64,
    /// An archive: its members have verdicts of their own.
    pub container: bool,
    pub tally: Tally,
    pub problems: Vec<Problem>,
    /// The file was read to its end; `false` after an interruption.
    pub complete: bool,
}

impl FileVerdict {
    /// Where times came from: the weakest basis that was used, `none` when no event had a time.
    pub fn time_basis(&self) -> &'static str {
        TimeBasis::ALL
            .into_iter()
            .zip(self.tally.bases)
            .rev()
            .find(|(_, n)| *n > 0)
            .map_or("none", |(b, _)| b.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_bound_are_counted() {
        let mut names = Names::default();
        for i in 0..NAMES_PER_VERDICT_MAX + 5 {
            names.add(&format!("host{i:03}"), 2);
        }
        assert_eq!((names.iter().count(), names.others), (NAMES_PER_VERDICT_MAX, 10));
    }

    #[test]
    fn a_channel_is_one_however_it_is_spelled() {
        let batch = |names: &[(&str, &str)]| {
            let mut tally = Tally::default();
            for (channel, id) in names {
                tally.channels.add(channel, 1);
                tally.add_event_id(&format!("{channel}:{id}"));
            }
            tally
        };
        let mut file = Tally::default();
        file.merge(&batch(&[("security", "4656"), ("System", "104"), ("Security", "4656")]));
        // Ids keep their case: it may be all that tells two of them apart.
        file.merge(&batch(&[("SECURITY", "s3:Get"), ("security", "s3:get"), ("security", "4656")]));
        assert_eq!(file.channels.iter().collect::<Vec<_>>(), [("Security", 5), ("System", 1)]);
        assert_eq!(
            file.event_ids.iter().collect::<Vec<_>>(),
            [("Security:4656", 3), ("SECURITY:s3:Get", 1), ("security:s3:get", 1), ("System:104", 1)]
        );
    }

    #[test]
    fn rejections_keep_their_first_place() {
        let reject = |n, detail: &str| Reject {
            position: Position { number: n, offset: n * 10 },
            reason: "not JSON",
            detail: detail.to_owned(),
        };
        let mut a = Tally::default();
        a.reject(&reject(3, "first"));
        let mut b = Tally::default();
        b.reject(&reject(9, "second"));
        a.merge(&b);
        assert_eq!(a.rejections.len(), 1);
        assert_eq!((a.rejections[0].count, a.rejections[0].first.number), (2, 3));
        assert_eq!(a.rejections[0].detail, "first");
    }
}
