//! The documents a model is trained on: of each class a seeded sample of bounded size, in folds.
//!
//! A text's hash decides whether it is in the sample, where it stands and in which fold, so neither the order of reading nor
//! the number of workers leaves a trace. Equal texts count once: they teach nothing more, and would tell a fold of another.

use crate::error::{Error, Result};
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// Good, then bad.
pub const CLASSES: usize = 2;

/// A text longer than the sample over this is left out, so that no single one fills it.
const LONGEST: u64 = 16;

/// Of one class, while it is read: the texts with the smallest hashes that fit.
pub struct Sample {
    seed: u64,
    limit: u64,
    bytes: u64,
    texts: BTreeMap<u128, Box<str>>,
}

impl Sample {
    pub fn new(seed: u64, limit: u64) -> Self {
        Sample { seed, limit, bytes: 0, texts: BTreeMap::new() }
    }

    pub fn add(&mut self, text: &str) {
        let hash = xxh3_128_with_seed(text.as_bytes(), self.seed);
        let beyond = self.bytes + text.len() as u64 > self.limit && self.texts.last_key_value().is_some_and(|(last, _)| hash > *last);
        if text.is_empty() || text.len() as u64 > self.limit / LONGEST || beyond || self.texts.contains_key(&hash) {
            return;
        }
        self.bytes += text.len() as u64;
        self.texts.insert(hash, text.into());
        while self.bytes > self.limit {
            let Some((_, last)) = self.texts.pop_last() else { break };
            self.bytes -= last.len() as u64;
        }
    }
}

/// Of each class the texts in the order of their hashes: the i-th is in fold i modulo the folds.
pub struct Documents {
    pub classes: [Vec<Box<str>>; CLASSES],
    /// Texts that stood in both classes and were taken from both.
    pub in_both: u64,
    folds: usize,
}

impl Documents {
    pub fn new(samples: [Sample; CLASSES], folds: usize) -> Result<Documents> {
        let [mut good, mut bad] = samples.map(|sample| sample.texts);
        let before = good.len();
        good.retain(|hash, _| bad.remove(hash).is_none());
        let in_both = (before - good.len()) as u64;
        for (texts, name) in [(&good, "good"), (&bad, "bad")] {
            if texts.len() < folds {
                let what = format!("{} different {name} documents are too few for {folds} folds", texts.len());
                return Err(Error::invalid(format!("{what}; give more, or look at --text-key and --limit")));
            }
        }
        Ok(Documents { classes: [good, bad].map(|texts| texts.into_values().collect()), in_both, folds })
    }

    /// Of the texts of each class.
    pub fn bytes(&self) -> [u64; CLASSES] {
        self.classes.each_ref().map(|texts| texts.iter().map(|text| text.len() as u64).sum())
    }

    /// What is trained on without a fold; with none left out, everything.
    pub fn without(&self, fold: Option<usize>) -> [Vec<&str>; CLASSES] {
        self.chosen(|of| Some(of) != fold)
    }

    pub fn fold(&self, fold: usize) -> [Vec<&str>; CLASSES] {
        self.chosen(|of| of == fold)
    }

    fn chosen(&self, is: impl Fn(usize) -> bool) -> [Vec<&str>; CLASSES] {
        let of_class = |class: usize| {
            let texts = self.classes[class].iter().enumerate().filter(|(i, _)| is(i % self.folds));
            texts.map(|(_, text)| &**text).collect()
        };
        std::array::from_fn(of_class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(limit: u64, texts: &[String]) -> Vec<String> {
        let mut sample = Sample::new(3, limit);
        texts.iter().for_each(|text| sample.add(text));
        sample.texts.into_values().map(String::from).collect()
    }

    #[test]
    fn the_sample_does_not_depend_on_the_order() {
        let mut texts: Vec<String> = (0..500).map(|i| format!("글 {i} {}", "가".repeat(i % 9))).collect();
        let sample = sampled(3000, &texts);
        assert!(sample.iter().map(String::len).sum::<usize>() <= 3000 && sample.len() > 100);
        texts.reverse();
        texts.extend_from_within(..250);
        assert_eq!(sampled(3000, &texts), sample);
        assert_eq!(sampled(3000, &["가".repeat(63)]).len(), 0, "a text over a sixteenth of the sample");
    }

    #[test]
    fn folds_part_the_texts_and_what_is_in_both_classes_goes() {
        let class = |from: usize| {
            let mut sample = Sample::new(1, 1 << 20);
            (from..from + 20).for_each(|i| sample.add(&format!("글 {i}")));
            sample
        };
        let documents = Documents::new([class(0), class(15)], 5).unwrap();
        assert_eq!(documents.in_both, 5);
        for fold in 0..5 {
            assert_eq!(documents.fold(fold).map(|texts| texts.len()), [3, 3]);
            assert_eq!(documents.without(Some(fold)).map(|texts| texts.len()), [12, 12]);
        }
        assert_eq!(documents.without(None).map(|texts| texts.len()), [15, 15]);
        let few = Documents::new([class(0), class(0)], 5).err().unwrap().to_string();
        assert!(few.starts_with("0 different good documents are too few for 5 folds"), "{few}");
    }
}
