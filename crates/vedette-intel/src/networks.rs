//! Ranges of addresses with something known of each: looked up by every length of prefix that there is.

use std::net::IpAddr;

use rustc_hash::FxHashMap;

use crate::indicators::value::{full, masked};

#[derive(Debug, Clone)]
pub struct Networks<T> {
    known: FxHashMap<(IpAddr, u8), T>,
    lengths: Lengths,
}

impl<T> Default for Networks<T> {
    fn default() -> Self {
        Self { known: FxHashMap::default(), lengths: Lengths::default() }
    }
}

impl<T> Networks<T> {
    /// The first to name a range keeps it.
    pub fn add(&mut self, network: IpAddr, bits: u8, what: T) {
        self.lengths.add(&network, bits);
        self.known.entry((masked(network, bits), bits)).or_insert(what);
    }

    /// The narrowest range that holds all of `network`.
    pub fn holding(&self, network: IpAddr, bits: u8) -> Option<&T> {
        self.lengths
            .of(&network)
            .filter(|b| *b <= bits)
            .find_map(|b| self.known.get(&(masked(network, b), b)))
    }

    pub fn len(&self) -> usize {
        self.known.len()
    }
}

/// The lengths of prefix in use, so that only these are tried.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lengths {
    v4: u64,
    v6: [u64; 3],
}

impl Lengths {
    pub fn add(&mut self, address: &IpAddr, bits: u8) {
        let bits = bits.min(full(address));
        match address {
            IpAddr::V4(_) => self.v4 |= 1 << bits,
            IpAddr::V6(_) => self.v6[usize::from(bits / 64)] |= 1 << (bits % 64),
        }
    }

    /// From the longest to the shortest.
    pub fn of(&self, address: &IpAddr) -> impl Iterator<Item = u8> + use<> {
        let (words, top) = match address {
            IpAddr::V4(_) => ([self.v4, 0, 0], 32),
            IpAddr::V6(_) => (self.v6, 128),
        };
        (0..=top).rev().filter(move |bits: &u8| words[usize::from(bits / 64)] & (1 << (bits % 64)) != 0)
    }

    pub fn any_v4(&self) -> bool {
        self.v4 != 0
    }

    pub fn any_v6(&self) -> bool {
        self.v6 != [0; 3]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_range_wins_and_ends_count() {
        let mut networks = Networks::default();
        for (text, bits, what) in
            [("10.0.0.0", 8, "wide"), ("10.1.0.0", 16, "narrow"), ("0.0.0.0", 0, "all"), ("::", 128, "one")]
        {
            networks.add(text.parse().unwrap(), bits, what);
        }
        for (text, bits, expect) in [
            ("10.1.2.3", 32, Some("narrow")),
            ("10.1.0.0", 12, Some("wide")),
            ("10.2.0.0", 32, Some("wide")),
            ("11.0.0.0", 32, Some("all")),
            ("::", 128, Some("one")),
            ("::1", 128, None),
            ("::", 64, None),
        ] {
            assert_eq!(networks.holding(text.parse().unwrap(), bits).copied(), expect, "{text}/{bits}");
        }
    }
}
