//! What documents measure, all of them: sums, and bins of lengths. 0.7 ns a byte.

use super::eojeol::eojeol;
use super::scripts::Scripts;
use serde::{Deserialize, Serialize};

/// Bins of document lengths: bin k holds lengths from 2^(k-1) up to 2^k − 1 characters, bin 0 the empty ones.
pub const LENGTH_BINS: usize = 33;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    pub docs: u64,
    pub bytes: u64,
    pub chars: u64,
    /// Runs of characters between white space.
    pub eojeol: u64,
    /// Lines that are not blank.
    pub lines: u64,
    pub scripts: Scripts,
    pub lengths: Vec<u64>,
}

impl Default for Measures {
    fn default() -> Self {
        Measures { docs: 0, bytes: 0, chars: 0, eojeol: 0, lines: 0, scripts: Scripts::default(), lengths: vec![0; LENGTH_BINS] }
    }
}

/// Of one document, what lengths are told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length {
    pub chars: u64,
    pub eojeol: u64,
    pub lines: u64,
}

impl Measures {
    pub fn add(&mut self, text: &str) -> Length {
        let scripts = Scripts::count(text);
        let length = Length { chars: scripts.chars(), eojeol: eojeol(text), lines: lines(text) };
        self.docs += 1;
        self.bytes += text.len() as u64;
        self.chars += length.chars;
        self.eojeol += length.eojeol;
        self.lines += length.lines;
        self.scripts.merge(&scripts);
        self.lengths[(64 - length.chars.leading_zeros() as usize).min(LENGTH_BINS - 1)] += 1;
        length
    }

    pub fn merge(&mut self, more: &Measures) {
        self.docs += more.docs;
        self.bytes += more.bytes;
        self.chars += more.chars;
        self.eojeol += more.eojeol;
        self.lines += more.lines;
        self.scripts.merge(&more.scripts);
        for (bin, count) in self.lengths.iter_mut().zip(&more.lengths) {
            *bin += count;
        }
    }

    /// What `docs` documents of `bytes` measure if they are as these.
    pub fn scaled(&self, docs: u64, bytes: u64) -> Measures {
        if (docs, bytes) == (self.docs, self.bytes) {
            return self.clone();
        }
        let by_bytes = |count: u64| (count as f64 * bytes as f64 / self.bytes.max(1) as f64).round() as u64;
        let by_docs = |count: &u64| (*count as f64 * docs as f64 / self.docs.max(1) as f64).round() as u64;
        Measures {
            docs,
            bytes,
            chars: by_bytes(self.chars),
            eojeol: by_bytes(self.eojeol),
            lines: by_bytes(self.lines),
            scripts: self.scripts.map(by_bytes),
            lengths: self.lengths.iter().map(by_docs).collect(),
        }
    }
}

fn lines(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let ends = memchr::memchr_iter(b'\n', bytes).chain([bytes.len()]);
    let mut start = 0;
    ends.filter(|&end| {
        let line = &text[start..end];
        start = end + 1;
        // Nearly every line begins or ends with what is no white space.
        line.as_bytes().first().is_some_and(|byte| byte.is_ascii_graphic()) || !line.trim_start().is_empty()
    })
    .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_what_stands_there() {
        let mut measures = Measures::default();
        let length = measures.add("한국어 韓國 ㅋㅋ\n \n\nabc 12!\n");
        measures.add("");
        assert_eq!(length, Length { chars: 21, eojeol: 5, lines: 2 });
        assert_eq!((measures.docs, measures.chars, measures.eojeol, measures.lines), (2, 21, 5, 2));
        assert_eq!((measures.lengths[0], measures.lengths[5]), (1, 1), "21 characters lie between 16 and 31");
    }

    #[test]
    fn merging_is_adding() {
        let (mut a, mut b, mut whole) = (Measures::default(), Measures::default(), Measures::default());
        for (i, text) in ["가", "나 다", "", "라".repeat(100).as_str()].iter().enumerate() {
            if i % 2 == 0 {
                a.add(text)
            } else {
                b.add(text)
            };
            whole.add(text);
        }
        a.merge(&b);
        assert_eq!(a, whole);
    }

    #[test]
    fn what_is_scaled_keeps_its_shares() {
        let mut measures = Measures::default();
        measures.add("가나다 abc");
        let scaled = measures.scaled(10, 130);
        assert_eq!((scaled.docs, scaled.bytes, scaled.chars, scaled.scripts.syllables), (10, 130, 70, 30));
        assert_eq!(scaled.lengths.iter().sum::<u64>(), 10);
        assert_eq!(measures.scaled(1, 13), measures);
    }
}
