//! What a window measures, kept up to date hit by hit instead of counted anew.

use rustc_hash::FxHashMap;

use super::Value;
use super::percentile::Sorted;

/// The quantity that a correlation's bound is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Measure {
    /// `event_count`: hits.
    Count,
    /// `value_count`: different values.
    Distinct,
    /// `value_sum`.
    Sum,
    /// `value_avg`.
    Average,
    /// `value_percentile`, 0.0 to 100.0.
    Percentile(f64),
    /// `temporal`: different rules.
    Rules,
    /// `temporal_ordered`: the longest run of rules, out of those in the set of bits, in the order of their slots.
    RulesInOrder(u64),
}

/// The running state behind a measure.
#[derive(Debug, Clone)]
pub(super) enum State {
    Count(u64),
    Distinct(FxHashMap<u64, u32>),
    Sum(Sums),
    Percentile(Sorted),
    Rules(Slots),
    InOrder { slots: Slots, runs: Runs, of: u64 },
}

impl State {
    pub(super) fn new(measure: &Measure) -> Self {
        match *measure {
            Measure::Count => Self::Count(0),
            Measure::Distinct => Self::Distinct(FxHashMap::default()),
            Measure::Sum | Measure::Average => Self::Sum(Sums::default()),
            Measure::Percentile(_) => Self::Percentile(Sorted::default()),
            Measure::Rules => Self::Rules(Slots::default()),
            Measure::RulesInOrder(of) => Self::InOrder { slots: Slots::default(), runs: Runs::default(), of },
        }
    }

    pub(super) fn add(&mut self, time: i64, slot: u16, value: Value) {
        match (self, value) {
            (Self::Count(count), _) => *count += 1,
            (Self::Distinct(values), Value::Distinct(v)) => *values.entry(v).or_default() += 1,
            (Self::Sum(sums), Value::Number(n)) => sums.add(n),
            (Self::Percentile(numbers), Value::Number(n)) => numbers.insert(n),
            (Self::Rules(slots), _) => slots.add(slot),
            (Self::InOrder { slots, runs, of }, _) => {
                slots.add(slot);
                if *of >> (slot & 63) & 1 == 1 {
                    runs.add(time, usize::from(slot & 63));
                }
            }
            _ => {}
        }
    }

    /// Takes the oldest hit out; `rest` are the values that stay, oldest first.
    pub(super) fn remove(&mut self, slot: u16, value: Value, rest: impl DoubleEndedIterator<Item = Value>) {
        match (self, value) {
            (Self::Count(count), _) => *count = count.saturating_sub(1),
            (Self::Distinct(values), Value::Distinct(v)) => {
                if let Some(count) = values.get_mut(&v) {
                    *count -= 1;
                    if *count == 0 {
                        values.remove(&v);
                    }
                }
            }
            (Self::Sum(sums), Value::Number(_)) => sums.remove_oldest(rest),
            (Self::Percentile(numbers), Value::Number(n)) => numbers.remove(n),
            (Self::Rules(slots), _) | (Self::InOrder { slots, .. }, _) => slots.remove(slot),
            _ => {}
        }
    }

    /// The measured value of the window that begins after `edge`; `None` where there is nothing to measure.
    pub(super) fn value(&self, measure: &Measure, edge: i64) -> Option<f64> {
        match (self, measure) {
            (Self::Count(count), _) => Some(*count as f64),
            (Self::Distinct(values), _) => Some(values.len() as f64),
            (Self::Sum(sums), Measure::Average) => (sums.len > 0).then(|| sums.total() / sums.len as f64),
            (Self::Sum(sums), _) => (sums.len > 0).then(|| sums.total()),
            (Self::Percentile(numbers), Measure::Percentile(p)) => numbers.percentile(*p),
            (Self::Percentile(_), _) => None,
            (Self::Rules(slots), _) => Some(f64::from(slots.seen.count_ones())),
            (Self::InOrder { runs, .. }, _) => Some(runs.longest(edge) as f64),
        }
    }

    /// The rules in the window, as bits; 0 where the measure is not about rules.
    pub(super) fn seen(&self) -> u64 {
        match self {
            Self::Rules(slots) | Self::InOrder { slots, .. } => slots.seen,
            _ => 0,
        }
    }
}

/// How many hits of each rule are in the window.
#[derive(Debug, Clone, Default)]
pub(super) struct Slots {
    counts: Vec<u32>,
    seen: u64,
}

impl Slots {
    fn add(&mut self, slot: u16) {
        let slot = usize::from(slot & 63);
        if self.counts.len() <= slot {
            self.counts.resize(slot + 1, 0);
        }
        self.counts[slot] += 1;
        self.seen |= 1 << slot;
    }

    fn remove(&mut self, slot: u16) {
        let slot = usize::from(slot & 63);
        if let Some(count) = self.counts.get_mut(slot) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.seen &= !(1 << slot);
            }
        }
    }
}

/// The sum of a sliding window without ever subtracting: `1e16 + 1 - 1e16` would lose the 1.
///
/// Older numbers are kept as sums from each to the newest of the old; newer ones are one running sum.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    /// The last one is the sum of all old numbers.
    old: Vec<f64>,
    new: f64,
    len: usize,
}

impl Sums {
    fn add(&mut self, number: f64) {
        self.new += number;
        self.len += 1;
    }

    fn total(&self) -> f64 {
        self.old.last().copied().unwrap_or(0.0) + self.new
    }

    fn remove_oldest(&mut self, rest: impl DoubleEndedIterator<Item = Value>) {
        self.len = self.len.saturating_sub(1);
        if self.old.pop().is_some() {
            return;
        }
        // The oldest is among the new ones: what stays is summed from its newest to its oldest and becomes old.
        self.new = 0.0;
        let mut sum = 0.0;
        for value in rest.rev() {
            if let Value::Number(n) = value {
                sum += n;
                self.old.push(sum);
            }
        }
    }
}

/// For runs of rules in slot order: the latest time at which a run of a length that ends in a slot can begin.
#[derive(Debug, Clone, Default)]
pub(super) struct Runs {
    /// `begins[slot][length - 1]`; `i64::MIN` where there is none.
    begins: Vec<Vec<i64>>,
}

impl Runs {
    fn add(&mut self, time: i64, slot: usize) {
        if self.begins.len() <= slot {
            self.begins.resize(slot + 1, Vec::new());
        }
        let (before, from) = self.begins.split_at_mut(slot);
        let own = &mut from[0];
        own.resize(slot + 1, i64::MIN);
        own[0] = own[0].max(time);
        for earlier in before {
            for (length, begin) in earlier.iter().enumerate() {
                own[length + 1] = own[length + 1].max(*begin);
            }
        }
    }

    /// The longest run that begins after `edge`.
    fn longest(&self, edge: i64) -> usize {
        let alive = |runs: &Vec<i64>| runs.iter().rposition(|begin| *begin > edge).map_or(0, |i| i + 1);
        self.begins.iter().map(alive).max().unwrap_or(0)
    }
}
