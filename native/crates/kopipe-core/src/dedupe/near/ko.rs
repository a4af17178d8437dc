//! The profile `ko`: MinHash of the runs of five letters, 16 bands of 7 rows (Broder 1997; Leskovec, Rajaraman and
//! Ullman, "Mining of Massive Datasets", 3.4). Two texts with a Jaccard index s of these share a band with probability
//! 1 − (1 − s⁷)¹⁶: .34 at .6, .98 at .8, .99997 at .9. What is proposed is compared before anything is dropped.
//!
//! Short documents: a text without five letters in a row of them (marks, emoticons) is signed by its characters as they
//! are; one of fewer than five characters has no signature and is only an exact duplicate.

use super::permutations::{PERMUTATIONS, lower32};
use super::shingles;
use crate::dedupe::signatures::NO_BAND;
use xxhash_rust::xxh3::xxh3_64;
use zerocopy::IntoBytes;

pub const BANDS: usize = 16;
pub const ROWS: usize = PERMUTATIONS / BANDS;

/// Adds a document's bands; a text under five characters has none.
pub fn push_bands(text: &str, into: &mut Vec<u64>) {
    let mut minima = [u32::MAX; PERMUTATIONS];
    let mut any = false;
    let mut lower = |hashes: &[u32]| {
        any = true;
        lower32(hashes, &mut minima);
    };
    if !shingles::of_letters(text, &mut lower) {
        shingles::of_characters(text, &mut lower);
    }
    let band = |rows: &[u32]| if any { xxh3_64(rows.as_bytes()).max(NO_BAND + 1) } else { NO_BAND };
    into.extend(minima.chunks_exact(ROWS).map(band));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(text: &str) -> Vec<u64> {
        let mut bands = Vec::new();
        push_bands(text, &mut bands);
        bands
    }

    #[test]
    fn spaces_and_marks_are_nothing_where_there_are_letters() {
        assert_eq!(bands("정말 재미있는 영화, 강추!"), bands("정말재미있는 영화강추..."));
        assert_ne!(bands("정말 재미있는 영화, 강추!"), bands("정말 재미없는 영화, 비추!"));
    }

    #[test]
    fn short_texts_are_signed_by_their_characters_and_the_shortest_not_at_all() {
        assert_eq!(bands("!!!!!!!!"), bands("!!!!!!!!!!!!"));
        assert!(bands("ㅋㅋ!!!").iter().all(|&band| band != NO_BAND));
        assert_ne!(bands("ㅋㅋ!!!"), bands("ㅋㅋ???"));
        assert_eq!(bands("최고다"), [NO_BAND; BANDS]);
    }
}
