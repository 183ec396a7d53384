//! Precision and recall over pairs of findings.

use std::collections::{BTreeMap, BTreeSet};

/// What a grouping is worth against the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    pub precision: f64,
    pub recall: f64,
    /// The same for each true incident, averaged.
    pub macro_precision: f64,
    pub macro_recall: f64,
}

impl Score {
    pub fn f1(&self) -> f64 {
        harmonic(self.precision, self.recall)
    }
}

pub fn harmonic(a: f64, b: f64) -> f64 {
    if a + b > 0.0 { 2.0 * a * b / (a + b) } else { 0.0 }
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Scores `told` against `truth`, item by item. An item without a truth is noise: a pair of two such says nothing, a
/// pair of one and a true item is wrong. An item told to be in no group is in a pair with no other.
pub fn score(truth: &[Option<u32>], told: &[Option<u32>]) -> Score {
    let (mut right, mut told_pairs, mut true_pairs) = (0_u64, 0_u64, 0_u64);
    // For each true incident: right pairs, told pairs that touch it, true pairs.
    let mut each: BTreeMap<u32, (u64, u64, u64)> = BTreeMap::new();
    for a in 0..truth.len() {
        for b in a + 1..truth.len() {
            if truth[a].is_none() && truth[b].is_none() {
                continue;
            }
            let is_true = truth[a].is_some() && truth[a] == truth[b];
            let is_told = told[a].is_some() && told[a] == told[b];
            right += u64::from(is_true && is_told);
            told_pairs += u64::from(is_told);
            true_pairs += u64::from(is_true);
            for of in [truth[a], truth[b]].into_iter().flatten().collect::<BTreeSet<u32>>() {
                let (right, told, all) = each.entry(of).or_default();
                *right += u64::from(is_true && is_told);
                *told += u64::from(is_told);
                *all += u64::from(is_true);
            }
        }
    }
    let count = each.len().max(1) as f64;
    Score {
        precision: share(right, told_pairs),
        recall: share(right, true_pairs),
        macro_precision: each.values().map(|(r, t, _)| share(*r, *t)).sum::<f64>() / count,
        macro_recall: each.values().map(|(r, _, a)| share(*r, *a)).sum::<f64>() / count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_as_one_would_by_hand() {
        let truth = [Some(1), Some(1), Some(1), Some(2), Some(2), None];
        // Three true pairs of 1, one of 2. Told: (0, 1), (2, 3), (2, 5), (3, 5).
        let told = [Some(7), Some(7), Some(8), Some(8), None, Some(8)];
        let s = score(&truth, &told);
        assert_eq!((s.precision, s.recall), (0.25, 0.25));
        assert_eq!(s.macro_recall, (1.0 / 3.0) / 2.0);
        let all = score(&truth, &truth);
        assert_eq!((all.precision, all.recall, all.f1()), (1.0, 1.0, 1.0));
    }
}
