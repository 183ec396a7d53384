//! The same record from two copies is one: remembers uids, and numbers lines that truly repeat within a file.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::BuildHasherDefault;

use rustc_hash::FxHasher;
use vedette_model::EventUid;

use crate::limits::{EQUAL_LINES_WINDOW, UIDS_REMEMBERED_MAX};

/// A uid is already a good hash: its lower half serves as the key. Among ten million records two different ones share
/// it with a chance of three in a million.
type Keys = HashSet<u64, BuildHasherDefault<FxHasher>>;

const SHARDS: usize = 64;

/// All uids of a run, within [`UIDS_REMEMBERED_MAX`]. Sharded, so that a growing table never doubles as a whole.
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

    /// `true` when this uid is new. Beyond the limit an unknown uid counts as new and is not remembered.
    pub fn insert(&mut self, uid: EventUid) -> bool {
        let key = uid.0 as u64;
        let shard = &mut self.shards[(uid.0 >> 64) as usize % SHARDS];
        if self.len >= self.limit {
            if shard.contains(&key) {
                return false;
            }
            self.not_compared += 1;
            return true;
        }
        let new = shard.insert(key);
        self.len += usize::from(new);
        new
    }
}

/// Numbers equal records of one file, so that a line that was logged twice is two events, and a copy of the file has
/// the same two.
#[derive(Default)]
pub struct Repeats {
    counts: HashMap<EventUid, u32, BuildHasherDefault<FxHasher>>,
    order: VecDeque<EventUid>,
}

impl Repeats {
    pub fn clear(&mut self) {
        self.counts.clear();
        self.order.clear();
    }

    /// The uid of a record without an identity of its own: its content hash and how often it came before, within
    /// [`EQUAL_LINES_WINDOW`] records.
    pub fn number(&mut self, content: EventUid) -> EventUid {
        if self.order.len() == EQUAL_LINES_WINDOW {
            let old = self.order.pop_front().expect("the window is not empty");
            if let Some(count) = self.counts.get_mut(&old) {
                *count -= 1;
                if *count == 0 {
                    self.counts.remove(&old);
                }
            }
        }
        let count = self.counts.entry(content).or_insert(0);
        let before = *count;
        *count += 1;
        self.order.push_back(content);
        content.occurrence(u64::from(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_of_a_file_is_all_duplicates_and_a_repeated_line_is_not() {
        let lines = [7, 7, 9, 7].map(EventUid);
        let mut seen = Seen::default();
        let mut new = Vec::new();
        for _copy in 0..2 {
            let mut repeats = Repeats::default();
            for line in lines {
                new.push(seen.insert(repeats.number(line)));
            }
        }
        assert_eq!(new, [true, true, true, true, false, false, false, false]);
    }

    #[test]
    fn beyond_the_limit_nothing_is_lost() {
        let mut seen = Seen::with_limit(2);
        let mut insert = |uid| seen.insert(EventUid(uid));
        assert!(insert(1) && insert(2) && insert(3) && insert(3));
        assert!(!insert(1));
        assert_eq!(seen.not_compared, 2);
    }
}
