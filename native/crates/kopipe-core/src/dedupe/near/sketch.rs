//! A sample of a text's shingles that tells how alike two texts are: all hashes below a limit, which is halved until at
//! most `MOST` are left. The same hashes are taken of every text, so of two texts the finer sample is cut to the
//! coarser, and what they share is counted (Broder's mod-p sketches, 1997; FracMinHash). Texts of up to `MOST`
//! different shingles, 3 KB of Korean, are compared whole: their Jaccard index is exact but for colliding hashes
//! (1 in 4 million a pair of shingles). Of longer ones the standard error is .013 at .8.

use super::shingles;

/// Hashes in a sketch at the most: 4 KB a document.
pub const MOST: usize = 1024;

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Sketch {
    /// Sorted, each once, all below 2^(32 − shift).
    pub hashes: Vec<u32>,
    pub shift: u32,
}

/// What two sketches share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shared {
    pub both: usize,
    pub first: usize,
    pub second: usize,
}

impl Shared {
    /// |A ∩ B| / |A ∪ B|.
    pub fn jaccard(&self) -> f32 {
        self.both as f32 / (self.first + self.second - self.both).max(1) as f32
    }

    /// |A ∩ B| / |B|.
    pub fn of_second(&self) -> f32 {
        self.both as f32 / self.second.max(1) as f32
    }
}

/// Shingles of the union after which two texts that have little in common are left: of 64 that are .8 alike fewer than
/// half are shared once in 100 million times.
const GLANCE: usize = 64;

impl Sketch {
    /// The sketch of a text's character shingles. Memory: four times `MOST`, however long the text.
    pub fn of(text: &str) -> Self {
        let mut sketch = Sketch::default();
        shingles::of_characters(text, |hashes| {
            let limit = sketch.limit();
            sketch.hashes.extend(hashes.iter().filter(|&&hash| hash <= limit));
            while sketch.hashes.len() > 3 * MOST {
                sketch.settle();
                if sketch.hashes.len() > 2 * MOST {
                    sketch.halve();
                }
            }
        });
        sketch.settle();
        while sketch.hashes.len() > MOST {
            sketch.halve();
        }
        sketch
    }

    fn limit(&self) -> u32 {
        u32::MAX >> self.shift
    }

    fn settle(&mut self) {
        self.hashes.sort_unstable();
        self.hashes.dedup();
    }

    fn halve(&mut self) {
        self.shift += 1;
        self.hashes.truncate(self.below(self.shift));
    }

    /// How many hashes a sample of this shift has.
    fn below(&self, shift: u32) -> usize {
        let limit = u32::MAX >> shift;
        self.hashes.partition_point(|&hash| hash <= limit)
    }

    /// What two texts share, nothing where a glance tells that neither the texts nor the second in the first are alike.
    pub fn shared(&self, other: &Sketch) -> Option<Shared> {
        let shift = self.shift.max(other.shift);
        let (first, second) = (&self.hashes[..self.below(shift)], &other.hashes[..other.below(shift)]);
        let (mut i, mut j, mut both) = (0, 0, 0);
        while i < first.len() && j < second.len() {
            let (a, b) = (first[i], second[j]);
            both += usize::from(a == b);
            i += usize::from(a <= b);
            j += usize::from(b <= a);
            if i + j - both == GLANCE && 2 * both < GLANCE && 10 * both < 7 * j {
                return None;
            }
        }
        Some(Shared { both, first: first.len(), second: second.len() })
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
            match Sketch::of(&a).shared(&Sketch::of(&b)) {
                Some(shared) => prop_assert!((f64::from(shared.jaccard()) - truth).abs() < 1e-3, "{shared:?} {truth}"),
                None => prop_assert!(truth < 0.6, "{truth}"),
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
        assert!(first.shift >= 5 && first.hashes.len() <= MOST && first.hashes.len() > MOST / 3, "{} {}", first.shift, first.hashes.len());
        let estimate = f64::from(first.shared(&second).unwrap().jaccard());
        assert!((estimate - true_jaccard(&a, &b)).abs() < 0.05, "{estimate} {}", true_jaccard(&a, &b));
        // A sample of a part of the text, held against that of the whole.
        let part = Sketch::of(&a[..a.floor_char_boundary(a.len() / 2)]);
        let shared = first.shared(&part).unwrap();
        assert!(shared.of_second() > 0.99 && (0.4..0.7).contains(&shared.jaccard()), "{shared:?}");
    }

    #[test]
    fn a_text_is_all_of_itself_and_nothing_of_another() {
        let a = Sketch::of(&long_text(500, usize::MAX));
        assert_eq!(a.shared(&a).map(|s| (s.jaccard(), s.of_second())), Some((1.0, 1.0)));
        assert_eq!(a.shared(&Sketch::of(&"전혀 다른 글이다. 12345 ".repeat(50))).map(|s| s.both), Some(0));
        assert_eq!(Sketch::of("가나다라").hashes.len(), 0);
    }
}
