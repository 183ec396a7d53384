//! Numbers kept sorted while they come and go, and the percentile of them.

/// Numbers in a chunk. Inserting moves half a chunk on average (2 KB), finding a rank walks the chunks.
const CHUNK: usize = 512;

/// A sorted multiset of finite numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Sorted {
    chunks: Vec<Vec<f64>>,
    len: usize,
}

impl Sorted {
    pub(super) fn insert(&mut self, number: f64) {
        let at = self.chunk_of(number).min(self.chunks.len().saturating_sub(1));
        self.len += 1;
        let Some(chunk) = self.chunks.get_mut(at) else {
            self.chunks.push(vec![number]);
            return;
        };
        let place = chunk.partition_point(|n| n.total_cmp(&number).is_lt());
        chunk.insert(place, number);
        if chunk.len() > CHUNK {
            let upper = chunk.split_off(CHUNK / 2);
            self.chunks.insert(at + 1, upper);
        }
    }

    /// Takes one `number` out, if there is one.
    pub(super) fn remove(&mut self, number: f64) {
        let at = self.chunk_of(number);
        let Some(chunk) = self.chunks.get_mut(at) else { return };
        let place = chunk.partition_point(|n| n.total_cmp(&number).is_lt());
        if chunk.get(place).is_some_and(|n| n.total_cmp(&number).is_eq()) {
            chunk.remove(place);
            self.len -= 1;
            if chunk.is_empty() {
                self.chunks.remove(at);
            }
        }
    }

    /// The percentile by linear interpolation between the two nearest ranks (rank = p / 100 * (n - 1)), as
    /// spreadsheets and NumPy have it. `None` when there are no numbers.
    pub(super) fn percentile(&self, percentile: f64) -> Option<f64> {
        let last = self.len.checked_sub(1)?;
        let rank = percentile.clamp(0.0, 100.0) / 100.0 * last as f64;
        let below = self.at(rank.floor() as usize)?;
        let above = self.at((rank.ceil() as usize).min(last))?;
        Some(below + (above - below) * rank.fract())
    }

    /// The first chunk whose greatest number is not below `number`.
    fn chunk_of(&self, number: f64) -> usize {
        self.chunks.partition_point(|c| c.last().is_some_and(|n| n.total_cmp(&number).is_lt()))
    }

    fn at(&self, mut rank: usize) -> Option<f64> {
        for chunk in &self.chunks {
            match chunk.get(rank) {
                Some(number) => return Some(*number),
                None => rank -= chunk.len(),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(numbers: &[f64], percentile: f64, expect: f64) {
        let mut sorted = Sorted::default();
        for &n in numbers {
            sorted.insert(n);
        }
        assert_eq!(sorted.percentile(percentile), Some(expect), "{percentile} of {numbers:?}");
    }

    #[test]
    fn percentiles_of_small_sets() {
        check(&[7.0], 99.0, 7.0);
        check(&[4.0, 1.0, 3.0, 2.0], 0.0, 1.0);
        check(&[4.0, 1.0, 3.0, 2.0], 100.0, 4.0);
        check(&[4.0, 1.0, 3.0, 2.0], 50.0, 2.5);
        check(&[10.0, 20.0, 30.0, 40.0, 50.0], 25.0, 20.0);
        check(&[-1.0, -1.0, 5.0], 50.0, -1.0);
    }

    #[test]
    fn splits_and_empties_its_chunks() {
        let mut sorted = Sorted::default();
        for n in 0..5_000 {
            sorted.insert(f64::from(n * 7919 % 5_000));
        }
        assert_eq!(sorted.percentile(50.0), Some(2_499.5));
        assert_eq!(sorted.percentile(100.0), Some(4_999.0));
        for n in 0..4_999 {
            sorted.remove(f64::from(n));
        }
        assert_eq!((sorted.len, sorted.percentile(1.0)), (1, Some(4_999.0)));
        sorted.remove(1.0);
        sorted.remove(4_999.0);
        assert_eq!((sorted.len, sorted.percentile(1.0)), (0, None));
    }
}
