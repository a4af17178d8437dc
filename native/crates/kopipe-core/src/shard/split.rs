//! Which split a document belongs to: decided by a hash of its tokens alone.
//!
//! So the same document is on the same side in every run with the same tokenizer, whatever comes before it and however
//! the shards are cut; copies are on one side; and another crawl added, nothing moves. Shares are met as closely as coins
//! are: of a million documents, 1 % is 10,000 ± 200.

use crate::error::{Error, Result};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Apart from every other hash of a document, by which it may have been chosen before.
const SEED: u64 = u64::from_le_bytes(*b"kopsplit");

/// Where the splits end in the space of hashes, in the order of their shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    ends: [u128; 3],
}

impl Shares {
    /// Shares of train, valid and test, of which one is more than 0.
    pub fn new(shares: [f64; 3]) -> Result<Self> {
        let sum: f64 = shares.iter().sum();
        if !(sum > 0.0 && sum.is_finite() && shares.iter().all(|share| *share >= 0.0)) {
            return Err(Error::invalid(format!("shares of splits are numbers from 0, of which one is more, got {shares:?}")));
        }
        let mut reached = 0.0;
        let ends = shares.map(|share| {
            reached += share;
            // The last share that is more than 0 reaches the sum exactly, and so the end of the space.
            (reached / sum * 2f64.powi(64)) as u128
        });
        Ok(Shares { ends })
    }

    /// The number of the split of a document, given its tokens as they lie in `.bin`, without the one that ends it.
    pub fn of(&self, document: &[u8]) -> u8 {
        let hash = u128::from(xxh3_64_with_seed(document, SEED));
        self.ends.iter().position(|end| hash < *end).unwrap_or(2) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(shares: [f64; 3], documents: u32) -> [u32; 3] {
        let shares = Shares::new(shares).unwrap();
        let mut counts = [0; 3];
        (0..documents).for_each(|n| counts[shares.of(&n.to_le_bytes()) as usize] += 1);
        counts
    }

    /// Within four standard deviations of what was asked for.
    #[test]
    fn shares_are_met() {
        const N: u32 = 1_000_000;
        for shares in [[0.98, 0.01, 0.01], [0.5, 0.3, 0.2], [0.9, 0.0, 0.1]] {
            for (count, share) in counts(shares, N).into_iter().zip(shares) {
                let (expected, deviation) = (share * f64::from(N), (share * (1.0 - share) * f64::from(N)).sqrt());
                assert!((f64::from(count) - expected).abs() <= 4.0 * deviation, "{count} for {expected}");
            }
        }
    }

    #[test]
    fn a_share_of_nothing_gets_nothing() {
        assert_eq!(counts([1.0, 0.0, 0.0], 1000), [1000, 0, 0]);
        assert_eq!(counts([0.0, 1.0, 0.0], 1000), [0, 1000, 0]);
        assert_eq!(counts([0.0, 0.0, 1.0], 1000), [0, 0, 1000]);
        assert_eq!(counts([0.98, 0.02, 0.0], 100_000)[2], 0);
        assert_eq!(counts([0.1, 0.2, 0.7], 1000), counts([1.0, 2.0, 7.0], 1000));
        for refused in [[0.0, 0.0, 0.0], [1.0, -0.1, 0.1], [f64::NAN, 1.0, 0.0]] {
            assert!(Shares::new(refused).is_err());
        }
    }

    /// A larger share of train takes documents from its neighbour and gives none away.
    #[test]
    fn what_is_in_train_stays_there_when_train_grows() {
        let [less, more] = [[0.9, 0.05, 0.05], [0.95, 0.03, 0.02]].map(|shares| Shares::new(shares).unwrap());
        assert!((0..10_000u32).all(|n| less.of(&n.to_le_bytes()) > 0 || more.of(&n.to_le_bytes()) == 0));
    }
}
