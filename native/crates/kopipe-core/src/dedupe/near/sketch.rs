//! A sample of a text's shingles that tells how alike two texts are: all hashes below a limit, which is halved until at
//! most `MOST` are left. The same hashes are taken of every text, so of two texts the finer sample is cut to the
//! coarser, and what they share is counted (Broder's mod-p sketches, 1997; FracMinHash). Texts of up to `MOST`
//! different shingles, 5 KB of Korean, are compared whole: their Jaccard index is exact but for colliding hashes, of
//! which 24 bits below the limit are kept (of two texts of 1,000 shingles 6 in 100 pairs of texts share one by chance).
//! Of longer texts the standard error is .009 at .8.
//!
//! What an artifact keeps for later runs is coarser: 512 hashes at the most, of 16 bits, some 600 bytes. Texts of up to 512
//! different shingles are still compared whole; of longer ones the standard error is .018 at .8. Few bits do: what two texts
//! that are .8 alike do not share is few hashes, of which one in a thousand meets one of the other's by chance.

use super::{shared, shingles};

/// Hashes in a sketch at the most: as differences some 4.5 KB a document.
pub const MOST: usize = 2048;

/// Bits of a hash that are kept below the limit.
const BITS: u32 = 24;

/// Hashes that are kept for later runs at the most, and bits of each.
pub const COARSE: usize = 512;
const COARSE_BITS: u32 = 16;

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// The first bits of the hashes below 2^(32 − shift), sorted, each once.
    pub hashes: Vec<u32>,
    pub shift: u32,
    /// The last bits of a hash, which are not kept.
    pub left_out: u32,
}

impl Sketch {
    /// The sketch of a text's character shingles. Memory: four times `MOST`, however long the text.
    pub fn of(text: &str) -> Self {
        // As many as a text of this length has at the least where none comes twice: a sample of them is sorted once.
        let shingles = text.len() / 3;
        let likely = (shingles / (MOST + MOST / 4)).checked_ilog2().unwrap_or(0);
        let sample = Sketch::of_shift(text, likely);
        // Where many come twice, the sample is too small.
        let mut sketch = if likely > 0 && sample.hashes.len() <= MOST { Sketch::of_shift(text, 0) } else { sample };
        sketch.cut(MOST, BITS);
        sketch
    }

    /// What is kept of it for later runs.
    pub fn coarse(mut self) -> Self {
        self.cut(COARSE, COARSE_BITS);
        self
    }

    fn cut(&mut self, most: usize, bits: u32) {
        while self.hashes.len() > most {
            self.halve();
        }
        let less = (32 - bits).saturating_sub(self.shift).saturating_sub(self.left_out);
        self.left_out += less;
        self.hashes.iter_mut().for_each(|hash| *hash >>= less);
        self.hashes.dedup();
    }

    /// The whole hashes of a text below a limit, which is lowered where they are very many.
    fn of_shift(text: &str, shift: u32) -> Self {
        let mut sketch = Sketch { shift, ..Sketch::default() };
        shingles::of_characters(text, |hashes| {
            if sketch.shift == 0 {
                sketch.hashes.extend_from_slice(hashes);
            } else {
                sketch.take_below(hashes, u32::MAX >> sketch.shift);
            }
            while sketch.hashes.len() > 3 * MOST {
                sketch.settle();
                if sketch.hashes.len() > 2 * MOST {
                    sketch.halve();
                }
            }
        });
        sketch.settle();
        sketch
    }

    /// Takes those up to a limit. Whether a hash is below it nobody can predict, so it is no branch.
    fn take_below(&mut self, hashes: &[u32], limit: u32) {
        let mut taken = self.hashes.len();
        self.hashes.resize(taken + hashes.len(), 0);
        for &hash in hashes {
            self.hashes[taken] = hash;
            taken += usize::from(hash <= limit);
        }
        self.hashes.truncate(taken);
    }

    /// Sorts the hashes, each once.
    fn settle(&mut self) {
        if self.hashes.len() < FEW {
            self.hashes.sort_unstable()
        } else {
            sort(&mut self.hashes)
        }
        self.hashes.dedup();
    }

    /// The hashes below half the limit stay.
    fn halve(&mut self) {
        self.hashes.truncate(self.below(self.shift + 1).len());
        self.shift += 1;
    }

    /// The hashes that a sample of this shift has, which is no finer.
    fn below(&self, shift: u32) -> &[u32] {
        if shift == self.shift {
            return &self.hashes;
        }
        let limit = (u32::MAX >> shift) >> self.left_out;
        &self.hashes[..self.hashes.partition_point(|&hash| hash <= limit)]
    }

    /// The Jaccard index |A ∩ B| / |A ∪ B| of two texts, nothing where a glance tells that they have little in common.
    pub fn jaccard(&self, other: &Sketch) -> Option<f32> {
        let shift = self.shift.max(other.shift);
        let (first, second) = (self.below(shift), other.below(shift));
        // The one with the wider range, or the coarser one, has fewer bits of each hash.
        let (less, less_other) = (other.left_out.saturating_sub(self.left_out), self.left_out.saturating_sub(other.left_out));
        if less == 0 && less_other == 0 {
            return shared::jaccard(first, second);
        }
        shared::jaccard_of_shortened((first, less), (second, less_other))
    }

    /// As bytes: u8 shift · u8 bits left out · the hashes, each as its difference to the one before, seven bits a byte (LEB128).
    pub fn push(&self, into: &mut Vec<u8>) {
        into.extend([self.shift as u8, self.left_out as u8]);
        let mut before = 0;
        for &hash in &self.hashes {
            let mut difference = hash - before;
            before = hash;
            while difference >= 0x80 {
                into.push(difference as u8 | 0x80);
                difference >>= 7;
            }
            into.push(difference as u8);
        }
    }

    /// What `push` made; nothing where the bytes are something else.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (&[shift, left_out], differences) = bytes.split_first_chunk()?;
        let (mut hashes, mut hash, mut difference, mut bits) = (Vec::with_capacity(bytes.len() / 2), 0u32, 0u32, 0);
        for &byte in differences {
            difference |= u32::from(byte & 0x7F).checked_shl(bits)?;
            bits += 7;
            if byte < 0x80 {
                // Each stands once.
                if difference == 0 && !hashes.is_empty() {
                    return None;
                }
                hash = hash.checked_add(difference)?;
                hashes.push(hash);
                (difference, bits) = (0, 0);
            }
        }
        (shift < 32 && left_out < 32).then_some(Sketch { hashes, shift: shift.into(), left_out: left_out.into() })
    }
}

/// Fewer are sorted by comparing them.
const FEW: usize = 128;

/// Sorts by one byte after another, the last first: no branch waits for a hash, which nobody can predict.
fn sort(hashes: &mut Vec<u32>) {
    let mut places = [[0u32; 256]; 4];
    for hash in hashes.iter() {
        hash.to_le_bytes().into_iter().zip(&mut places).for_each(|(byte, places)| places[byte as usize] += 1);
    }
    let mut sorted = vec![0; hashes.len()];
    for (i, places) in places.iter_mut().enumerate() {
        let mut start = 0;
        places.iter_mut().for_each(|place| start += std::mem::replace(place, start));
        for &hash in hashes.iter() {
            let place = &mut places[hash.to_le_bytes()[i] as usize];
            sorted[*place as usize] = hash;
            *place += 1;
        }
        std::mem::swap(hashes, &mut sorted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    /// The Jaccard index of the texts' character shingles, themselves.
    pub fn true_jaccard(a: &str, b: &str) -> f64 {
        let set = |text: &str| -> HashSet<Vec<char>> {
            text.chars().collect::<Vec<_>>().windows(shingles::SHINGLE).map(<[char]>::to_vec).collect()
        };
        let (a, b) = (set(a), set(b));
        let both = a.intersection(&b).count();
        both as f64 / (a.len() + b.len() - both).max(1) as f64
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn texts_that_fit_are_compared_exactly(words in prop::collection::vec("[가-나]{1,4}", 2..150), changed in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
            let mut others = words.clone();
            for index in changed {
                *index.get_mut(&mut others) = "다른".to_owned();
            }
            let (a, b) = (words.join(" "), others.join(" "));
            let truth = true_jaccard(&a, &b);
            match Sketch::of(&a).jaccard(&Sketch::of(&b)) {
                // Of 1,000 hashes of 24 bits a pair may be the same, of fewer none is.
                Some(found) => prop_assert!((f64::from(found) - truth).abs() < 0.008, "{found} {truth}"),
                // By the first 64 of the union, which at .75 are 48 ± 3.5 that are shared.
                None => prop_assert!(truth < 0.75, "{truth}"),
            }
        }
    }

    proptest! {
        #[test]
        fn bytes_come_back_as_they_were(hashes in prop::collection::btree_set(0u32..1 << 24, 0..300), shift in 0u32..32, left_out in 0u32..32) {
            let sketch = Sketch { hashes: hashes.into_iter().collect(), shift, left_out };
            let mut bytes = Vec::new();
            sketch.push(&mut bytes);
            prop_assert_eq!(Sketch::read(&bytes), Some(sketch));
        }

        #[test]
        fn any_bytes_are_a_sketch_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(sketch) = Sketch::read(&bytes) {
                prop_assert!(sketch.hashes.is_sorted());
                let _ = (sketch.jaccard(&Sketch::of("대한민국의 수도는 서울")), sketch.clone().coarse());
            }
        }
    }

    /// The obvious way: all hashes of the text, and as few halvings as make them few enough.
    fn slow(text: &str) -> Sketch {
        let mut all = Vec::new();
        shingles::of_characters(text, |hashes| all.extend_from_slice(hashes));
        let all: std::collections::BTreeSet<u32> = all.into_iter().collect();
        let below = |shift: u32| all.iter().copied().filter(move |hash| *hash <= u32::MAX >> shift);
        let shift = (0..32).find(|&shift| below(shift).count() <= MOST).unwrap();
        let mut hashes: Vec<u32> = below(shift).map(|hash| hash >> (32 - BITS).saturating_sub(shift)).collect();
        hashes.dedup();
        Sketch { hashes, shift, left_out: (32 - BITS).saturating_sub(shift) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn equals_its_slow_twin(words in prop::collection::vec("[가-힣]{1,9}|[a-z]{1,9}|[ -~]{1,5}", 1..200), times in 1usize..40, changing in any::<bool>()) {
            let number = |i: usize| if changing { i.to_string() } else { String::new() };
            let text: String = (0..times * words.len()).map(|i| format!("{}{} ", words[i % words.len()], number(i / words.len()))).collect();
            prop_assert_eq!(Sketch::of(&text), slow(&text));
        }
    }

    #[test]
    fn a_coarse_sketch_is_held_against_a_fine_one() {
        let short = long_text(70, usize::MAX);
        let changed = long_text(70, 9);
        let exact = Sketch::of(&short).jaccard(&Sketch::of(&changed)).unwrap();
        let kept = Sketch::of(&short).coarse().jaccard(&Sketch::of(&changed)).unwrap();
        assert!((kept - exact).abs() < 0.01, "a short text is kept whole: {kept} {exact}");
        let (a, b) = (Sketch::of(&long_text(2000, usize::MAX)), Sketch::of(&long_text(2000, 30)));
        let (fine, coarse) = (a.jaccard(&b).unwrap(), a.clone().coarse());
        assert!(coarse.hashes.len() <= COARSE && coarse.hashes.len() > COARSE / 3, "{}", coarse.hashes.len());
        assert!((coarse.jaccard(&b).unwrap() - fine).abs() < 0.1 && coarse.jaccard(&b) == b.jaccard(&coarse));
        assert_eq!((coarse.jaccard(&a), coarse.clone().coarse()), (Some(1.0), coarse));
    }

    #[test]
    fn texts_of_any_length_and_repetition_have_their_sketch() {
        for words in [10, 1000, 3000, 9000, 60_000] {
            for every in [2, 40, usize::MAX] {
                let text = long_text(words, every);
                assert_eq!(Sketch::of(&text), slow(&text));
                assert_eq!(
                    Sketch::of(&text[..text.floor_char_boundary(40_000)].repeat(9)),
                    slow(&text[..text.floor_char_boundary(40_000)].repeat(9))
                );
            }
        }
    }

    /// Every `every`-th word another one.
    fn long_text(words: usize, every: usize) -> String {
        let word = |i: usize| if i % every == 1 { format!("다른{} ", i * 31) } else { format!("낱말{} ", i * 17) };
        (0..words).map(word).collect()
    }

    #[test]
    fn long_texts_are_sampled() {
        let (a, b) = (long_text(20_000, usize::MAX), long_text(20_000, 40));
        let (first, second) = (Sketch::of(&a), Sketch::of(&b));
        assert!(first.shift >= 4 && first.hashes.len() <= MOST && first.hashes.len() > MOST / 3, "{} {}", first.shift, first.hashes.len());
        let estimate = f64::from(first.jaccard(&second).unwrap());
        assert!((estimate - true_jaccard(&a, &b)).abs() < 0.05, "{estimate} {}", true_jaccard(&a, &b));
        // A sample of a part of the text, held against that of the whole.
        let part = Sketch::of(&a[..a.floor_char_boundary(a.len() * 3 / 4)]);
        assert!((0.7..0.9).contains(&first.jaccard(&part).unwrap()));
    }

    #[test]
    fn a_text_is_all_of_itself_and_nothing_of_another() {
        let a = Sketch::of(&long_text(500, usize::MAX));
        assert_eq!(a.jaccard(&a), Some(1.0));
        assert_eq!(a.jaccard(&Sketch::of(&long_text(500, 1).replace("낱말", "글자"))), None);
        assert_eq!(Sketch::of("가나다라").hashes.len(), 0);
    }
}
