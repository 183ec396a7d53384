//! A small generator of numbers that gives the same row for the same seed, everywhere and for ever.
//!
//! Source: SplitMix64 (Steele, Lea, Flood, 2014).

pub struct Random(u64);

impl Random {
    /// A row of its own for each part of the estate, so that a change in one part leaves the others as they were.
    pub fn for_part(part: &str) -> Self {
        let seed = part
            .bytes()
            .fold(0x7461_726e_6265_636b_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `from` included, `to` not. The slight bias of the remainder does not matter here.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        debug_assert!(from < to);
        from + (self.next() % (to - from) as u64) as i64
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.between(0, list.len() as i64) as usize]
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.between(0, 100) < percent
    }

    /// Lower-case hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            text.push_str(&format!("{:016x}", self.next()));
        }
        text.truncate(digits);
        text
    }

    /// A version 4 UUID in lower case.
    pub fn uuid(&mut self) -> String {
        let h = self.hex(30);
        format!("{}-{}-4{}-a{}-{}", &h[0..8], &h[8..12], &h[12..15], &h[15..18], &h[18..30])
    }

    /// Digits and capital letters, as key ids of clouds have them.
    pub fn capitals(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(*self.pick(b"ABCDEFGHJKLMNPQRSTUVWXYZ234567"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_part_gives_the_same_row() {
        assert_eq!(Random::for_part("aws").hex(40), Random::for_part("aws").hex(40));
        assert_ne!(Random::for_part("aws").next(), Random::for_part("entra").next());
    }
}
