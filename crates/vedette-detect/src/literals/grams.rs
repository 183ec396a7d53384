//! Substrings found by their rarest four bytes.

use std::ops::ControlFlow;

use rustc_hash::FxHashMap;

use super::rarity;

/// Bytes of a gram; shorter literals do not belong here.
pub(super) const GRAM: usize = 4;

/// Odd, with well spread bits (2^32 divided by the golden ratio), so that the high bits of a product depend on all
/// four bytes.
const SPREAD: u32 = 0x9e37_79b1;

#[derive(Debug, Default)]
pub(super) struct Grams {
    /// A bit for each hash that some gram has: 32 bits a gram, so that few other places pass.
    filter: Vec<u64>,
    filter_shift: u32,
    /// Gram -> range in `entries`, open addressing; a range is empty where nothing is.
    table: Vec<(u32, u32, u32)>,
    table_shift: u32,
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    literal: Box<[u8]>,
    /// Where the gram stands within the literal.
    offset: u32,
    id: u32,
}

impl Grams {
    pub(super) fn new(literals: Vec<(&[u8], u32)>) -> Self {
        if literals.is_empty() {
            return Self::default();
        }
        let mut taken: FxHashMap<u32, usize> = FxHashMap::default();
        let mut chosen: Vec<(u32, Entry)> = Vec::with_capacity(literals.len());
        for (literal, id) in literals {
            let Some((offset, gram)) = rarity::rarest_gram(literal, |g| taken.get(&g).copied().unwrap_or(0))
            else {
                continue;
            };
            let gram = u32::from_le_bytes(gram);
            *taken.entry(gram).or_default() += 1;
            chosen.push((gram, Entry { literal: literal.into(), offset: offset as u32, id }));
        }
        chosen.sort_by(|(g, a), (h, b)| g.cmp(h).then(a.literal.cmp(&b.literal)).then(a.id.cmp(&b.id)));
        let mut distinct: Vec<(u32, u32, u32)> = Vec::new();
        for (i, (gram, _)) in chosen.iter().enumerate() {
            match distinct.last_mut() {
                Some(last) if last.0 == *gram => last.2 = i as u32 + 1,
                _ => distinct.push((*gram, i as u32, i as u32 + 1)),
            }
        }
        let filter_bits = (distinct.len() * 32).next_power_of_two().clamp(1 << 8, 1 << 20);
        let table_len = (distinct.len() * 2).next_power_of_two().max(2);
        let mut grams = Self {
            filter: vec![0; filter_bits / 64],
            filter_shift: 32 - filter_bits.trailing_zeros(),
            table: vec![(0, 0, 0); table_len],
            table_shift: 32 - table_len.trailing_zeros(),
            entries: chosen.into_iter().map(|(_, entry)| entry).collect(),
        };
        for (gram, from, to) in distinct {
            let hash = gram.wrapping_mul(SPREAD);
            let bit = hash >> grams.filter_shift;
            grams.filter[(bit / 64) as usize] |= 1 << (bit % 64);
            let mut at = (hash >> grams.table_shift) as usize;
            while grams.table[at].1 != grams.table[at].2 {
                at = (at + 1) & (table_len - 1);
            }
            grams.table[at] = (gram, from, to);
        }
        grams
    }

    pub(super) fn scan(&self, text: &[u8], hit: &mut impl FnMut(u32) -> ControlFlow<()>) -> ControlFlow<()> {
        if self.entries.is_empty() {
            return ControlFlow::Continue(());
        }
        let [a, b, c, rest @ ..] = text else { return ControlFlow::Continue(()) };
        let mut gram = u32::from_le_bytes([0, *a, *b, *c]);
        for (start, byte) in rest.iter().enumerate() {
            gram = (gram >> 8) | (u32::from(*byte) << 24);
            let hash = gram.wrapping_mul(SPREAD);
            let bit = hash >> self.filter_shift;
            if let Some(word) = self.filter.get((bit / 64) as usize)
                && (word >> (bit % 64)) & 1 == 1
            {
                self.verify(text, start, gram, hash, hit)?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Compares the literals whose gram is `gram` with the text around `start`.
    #[inline(never)]
    fn verify(
        &self,
        text: &[u8],
        start: usize,
        gram: u32,
        hash: u32,
        hit: &mut impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut at = (hash >> self.table_shift) as usize;
        loop {
            let (found, from, to) = self.table[at];
            if from == to {
                return ControlFlow::Continue(());
            }
            if found == gram {
                for entry in &self.entries[from as usize..to as usize] {
                    if let Some(begin) = start.checked_sub(entry.offset as usize)
                        && text[begin..].starts_with(&entry.literal)
                    {
                        hit(entry.id)?;
                    }
                }
                return ControlFlow::Continue(());
            }
            at = (at + 1) & (self.table.len() - 1);
        }
    }
}
