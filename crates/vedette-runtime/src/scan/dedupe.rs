//! The same record from two files is one: remembers uids, and numbers records that truly repeat within a file.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;
use vedette_model::{EventUid, FileIndex};

use crate::limits::{EQUAL_LINES_WINDOW, UIDS_REMEMBERED_MAX};

/// A uid is already a good hash: its lower half serves as the key. Among ten million records two different ones share
/// it with a chance of three in a million. In two halves, so that an entry takes 12 bytes and not 16.
type Key = [u32; 2];
type Keys = HashMap<Key, FileIndex, BuildHasherDefault<FxHasher>>;

const SHARDS: usize = 64;

/// All uids of a run with the file that had each first, within [`UIDS_REMEMBERED_MAX`]. Sharded, so that a growing
/// table never doubles as a whole.
pub struct Seen {
    shards: Vec<Keys>,
    len: usize,
    limit: usize,
    /// Records that came after the limit and were not compared.
    pub not_compared: u64,
}

impl Default for Seen {
    fn default() -> Self {
        Self::with_limit(UIDS_REMEMBERED_MAX)
    }
}

impl Seen {
    fn with_limit(limit: usize) -> Self {
        Self { shards: vec![Keys::default(); SHARDS], len: 0, limit, not_compared: 0 }
    }

    /// The uid to go by, and `true` when another file held it before. Within one file nothing is a copy: a uid that
    /// comes again, beyond the window of [`Repeats`], is given another. Beyond the limit an unknown uid counts as new
    /// and is not remembered.
    pub fn insert(&mut self, uid: EventUid, file: FileIndex) -> (EventUid, bool) {
        let mut now = uid;
        // At most one more look for each window that the file has filled.
        for lap in 1u64.. {
            let key = [now.0 as u32, (now.0 >> 32) as u32];
            let shard = &mut self.shards[(now.0 >> 64) as usize % SHARDS];
            match shard.entry(key) {
                Entry::Occupied(first) if *first.get() != file => return (now, true),
                Entry::Occupied(_) => now = uid.occurrence(lap << 32),
                Entry::Vacant(_) if self.len >= self.limit => {
                    self.not_compared += 1;
                    break;
                }
                Entry::Vacant(free) => {
                    free.insert(file);
                    self.len += 1;
                    break;
                }
            }
        }
        (now, false)
    }
}

/// How often a record was seen in its file, and how many of these sightings lie in the window.
#[derive(Default)]
struct Sightings {
    all: u32,
    in_window: u32,
}

/// Numbers equal records of one file, so that a record that was logged twice is two events, and a copy of the file has
/// the same two.
#[derive(Default)]
pub struct Repeats {
    counts: HashMap<EventUid, Sightings, BuildHasherDefault<FxHasher>>,
    order: VecDeque<EventUid>,
}

impl Repeats {
    pub fn clear(&mut self) {
        self.counts.clear();
        self.order.clear();
    }

    /// The uid of a record: its own, and how often it came before. A record is forgotten when it has not come again for
    /// [`EQUAL_LINES_WINDOW`] records.
    pub fn number(&mut self, uid: EventUid) -> EventUid {
        if self.order.len() == EQUAL_LINES_WINDOW
            && let Some(old) = self.order.pop_front()
            && let Entry::Occupied(mut known) = self.counts.entry(old)
        {
            known.get_mut().in_window -= 1;
            if known.get().in_window == 0 {
                known.remove();
            }
        }
        let known = self.counts.entry(uid).or_default();
        let before = known.all;
        known.all = known.all.saturating_add(1);
        known.in_window += 1;
        self.order.push_back(uid);
        uid.occurrence(u64::from(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For each file its records; tells for each record whether it is a copy.
    fn copies(files: &[&[u128]]) -> Vec<bool> {
        let mut seen = Seen::default();
        let mut copies = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let mut repeats = Repeats::default();
            for record in *file {
                copies.push(seen.insert(repeats.number(EventUid(*record)), FileIndex(index as u32)).1);
            }
        }
        copies
    }

    #[test]
    fn a_copy_of_a_file_is_all_duplicates_and_a_repeated_line_is_not() {
        let lines: &[u128] = &[7, 7, 9, 7];
        let mut expected = vec![false; 4];
        expected.extend([true; 4]);
        assert_eq!(copies(&[lines, lines]), expected);
    }

    #[test]
    fn one_file_has_no_copies_however_far_apart_its_equal_records_lie() {
        let far: Vec<u128> =
            [1, 2].into_iter().chain(10..10 + EQUAL_LINES_WINDOW as u128).chain([1, 2]).collect();
        let alike = vec![3; EQUAL_LINES_WINDOW + 10];
        for file in [&far, &alike] {
            let found = copies(&[file, file]);
            assert_eq!(found.iter().filter(|copy| **copy).count(), file.len());
            assert!(found[..file.len()].iter().all(|copy| !copy));
        }
    }

    #[test]
    fn records_of_one_file_have_each_their_own_uid() {
        let mut seen = Seen::default();
        let mut insert = |uid| seen.insert(EventUid(uid), FileIndex(0)).0;
        let uids = std::collections::HashSet::from([insert(1), insert(1), insert(1), insert(2)]);
        assert_eq!(uids.len(), 4);
    }

    #[test]
    fn beyond_the_limit_nothing_is_lost() {
        let mut seen = Seen::with_limit(2);
        let mut copy = |uid, file| seen.insert(EventUid(uid), FileIndex(file)).1;
        assert!(!copy(1, 0) && !copy(2, 0) && !copy(3, 0) && !copy(3, 1));
        assert!(copy(1, 1));
        assert_eq!(seen.not_compared, 2);
    }
}
