//! Record numbers of one host and channel as runs, to tell where numbers are missing.

use std::collections::BTreeMap;

use crate::limits::RECORD_RUNS_MAX;

/// Disjoint, non-adjacent runs of numbers: start -> end, both inclusive.
#[derive(Debug, Clone, Default)]
pub struct Runs {
    runs: BTreeMap<u64, u64>,
    overflowed: bool,
}

impl Runs {
    /// Adds `first..=last`, in any order.
    pub fn add(&mut self, first: u64, last: u64) {
        let (mut start, mut end) = (first.min(last), first.max(last));
        if self.runs.len() >= RECORD_RUNS_MAX {
            self.overflowed = true;
            return;
        }
        // Every run that touches the new one lies before `end + 1`, nearest last.
        while let Some((&s, &e)) = self.runs.range(..=end.saturating_add(1)).next_back() {
            if e.saturating_add(1) < start {
                break;
            }
            start = start.min(s);
            end = end.max(e);
            self.runs.remove(&s);
        }
        self.runs.insert(start, end);
    }

    pub fn merge(&mut self, other: &Runs) {
        self.overflowed |= other.overflowed;
        for (&s, &e) in &other.runs {
            self.add(s, e);
        }
    }

    pub fn first(&self) -> Option<u64> {
        self.runs.keys().next().copied()
    }

    pub fn last(&self) -> Option<u64> {
        self.runs.values().next_back().copied()
    }

    /// Missing stretches between the first and the last number, inclusive bounds, in order.
    pub fn gaps(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.runs.values().zip(self.runs.keys().skip(1)).map(|(&end, &next)| (end + 1, next - 1))
    }

    /// `None` when there were too many runs to follow.
    pub fn missing(&self) -> Option<u64> {
        (!self.overflowed).then(|| self.gaps().map(|(a, b)| b - a + 1).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gaps_lie_between_runs() {
        let mut runs = Runs::default();
        for n in [5, 6, 7, 1, 2, 10] {
            runs.add(n, n);
        }
        assert_eq!(runs.gaps().collect::<Vec<_>>(), [(3, 4), (8, 9)]);
        assert_eq!((runs.first(), runs.last(), runs.missing()), (Some(1), Some(10), Some(4)));
        runs.add(3, 9);
        assert_eq!(runs.missing(), Some(0));
    }

    proptest! {
        #[test]
        fn equals_a_set_of_numbers(pairs in prop::collection::vec((0u64..60, 0u64..6), 1..30)) {
            let mut runs = Runs::default();
            let mut set = std::collections::BTreeSet::new();
            for (start, len) in pairs {
                runs.add(start, start + len);
                set.extend(start..=start + len);
            }
            let (first, last) = (*set.first().unwrap(), *set.last().unwrap());
            let missing = (first..=last).filter(|n| !set.contains(n)).count() as u64;
            prop_assert_eq!(runs.missing(), Some(missing));
            prop_assert_eq!((runs.first(), runs.last()), (Some(first), Some(last)));
        }
    }
}
