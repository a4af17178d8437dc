//! The profile `ko`: MinHash of the runs of five letters, 16 bands of 7 rows (Broder 1997; Leskovec, Rajaraman and
//! Ullman, "Mining of Massive Datasets", 3.4). Two texts with a Jaccard index s of these share a band with probability
//! 1 − (1 − s⁷)¹⁶: .34 at .6, .98 at .8, .99997 at .9. What is proposed is compared before anything is dropped.

use super::permutations::{PERMUTATIONS, lower32};
use super::shingles;
use crate::dedupe::signatures::NO_BAND;
use xxhash_rust::xxh3::xxh3_64;
use zerocopy::IntoBytes;

pub const BANDS: usize = 16;
pub const ROWS: usize = PERMUTATIONS / BANDS;

/// Adds a document's bands; a text under five letters has none.
pub fn push_bands(text: &str, into: &mut Vec<u64>) {
    let mut minima = [u32::MAX; PERMUTATIONS];
    let mut any = false;
    shingles::of_letters(text, |hashes| {
        any = true;
        lower32(hashes, &mut minima);
    });
    let band = |rows: &[u32]| if any { xxh3_64(rows.as_bytes()).max(NO_BAND + 1) } else { NO_BAND };
    into.extend(minima.chunks_exact(ROWS).map(band));
}
