//! A small first filter (Bloom 1970, blocked as in Putze et al. 2007): three bits of one word of 64 bits. Under 1 % of
//! other hashes pass at 16 to 32 bits each.

#[derive(Debug, Default)]
pub struct Filter {
    words: Vec<u64>,
    shift: u32,
}

/// Bits for each hash, at least.
const BITS: usize = 14;

impl Filter {
    pub fn new(hashes: usize) -> Self {
        let words = (hashes.max(1) * BITS / 64).next_power_of_two().max(2);
        Filter { words: vec![0; words], shift: 64 - words.trailing_zeros() }
    }

    pub fn add(&mut self, hash: u64) {
        self.words[(hash >> self.shift) as usize] |= bits(hash);
    }

    pub fn seen(&self) -> Seen<'_> {
        Seen { words: &self.words, shift: self.shift }
    }

    pub fn bytes(&self) -> usize {
        8 * self.words.len()
    }
}

/// A filter that is looked into.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    words: &'a [u64],
    shift: u32,
}

impl Seen<'_> {
    #[inline(always)]
    pub fn has(&self, hash: u64) -> bool {
        let bits = bits(hash);
        self.words.get((hash >> self.shift) as usize).is_some_and(|word| word & bits == bits)
    }
}

#[inline(always)]
fn bits(hash: u64) -> u64 {
    1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63)
}
