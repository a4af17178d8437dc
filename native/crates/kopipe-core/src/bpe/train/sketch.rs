//! Upper bounds of what pairs come to, in memory of a fixed size: a sum a place, and a place for each pair by hash, or by
//! its ids while there is room for all. Pairs that share a place have the sum of both as their bound.

use super::words::Symbol;
use crate::bpe::pages;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

pub struct Sketch {
    sums: Vec<AtomicU64>,
    /// The side of the square, while it fits.
    side: Option<usize>,
}

/// The least that is of use: a few ten thousand pairs hold most of a text.
const LEAST: usize = 1 << 16;

impl Sketch {
    pub fn new(bytes: u64, symbols: usize) -> Self {
        let places = ((bytes / 8 + 1).next_power_of_two() / 2).max(LEAST as u64) as usize;
        let side = (symbols.saturating_mul(symbols) <= places).then_some(symbols);
        let mut sums = pages::with_capacity(places);
        sums.resize_with(places, AtomicU64::default);
        Sketch { sums, side }
    }

    #[inline]
    fn place(&self, left: u32, right: u32) -> usize {
        match self.side {
            Some(side) => left as usize * side + right as usize,
            None => {
                let hash = (u64::from(left) << 32 | u64::from(right)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                (hash >> (64 - self.sums.len().trailing_zeros())) as usize
            }
        }
    }

    /// Adds all pairs of a word. Any number of threads may do so at a time.
    #[inline]
    pub fn add_word<S: Symbol>(&self, symbols: &[S], count: u64) {
        for two in symbols.windows(2) {
            self.sums[self.place(two[0].id(), two[1].id())].fetch_add(count, Relaxed);
        }
    }

    /// No pair occurs more often.
    pub fn largest(&self) -> u64 {
        self.sums.iter().map(|sum| sum.load(Relaxed)).max().unwrap_or(0)
    }

    /// The pair occurs at most so often.
    #[inline]
    pub fn bound(&self, left: u32, right: u32) -> u64 {
        self.sums[self.place(left, right)].load(Relaxed)
    }
}
