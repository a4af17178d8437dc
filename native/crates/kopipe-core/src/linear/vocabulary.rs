//! The words a model knows, and the head of its file: what fastText writes before the matrices.

use super::features::{END, LABEL, is_space};
use super::train::Settings;
use super::{MAGIC, SUPERVISED};
use std::collections::HashMap;

/// Words counted at a time: beyond, the rarest are forgotten, so that memory is bounded whatever the text.
const COUNTED: usize = 1 << 21;
/// Words of a model: the most frequent.
const MOST: usize = 1 << 20;

pub struct Vocabulary<'t> {
    /// The most frequent first, with their counts.
    words: Vec<(&'t [u8], u64)>,
    tokens: u64,
}

impl<'t> Vocabulary<'t> {
    pub fn count(texts: impl Iterator<Item = &'t str>, least: u64) -> Self {
        let (mut counts, mut tokens, mut floor) = (HashMap::<&[u8], u64>::new(), 0, 1);
        for text in texts {
            let all = text.as_bytes().split(|&byte| is_space(byte)).filter(|token| !token.is_empty());
            for token in all.take_while(|token| *token != END).chain([END]) {
                tokens += 1;
                if !token.starts_with(LABEL) {
                    *counts.entry(token).or_default() += 1;
                }
            }
            while counts.len() > COUNTED {
                floor += 1;
                counts.retain(|_, count| *count >= floor);
            }
        }
        let mut words: Vec<_> = counts.into_iter().filter(|(word, count)| *count >= least || *word == END).collect();
        words.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        words.truncate(MOST);
        Vocabulary { words, tokens }
    }

    pub fn words(&self) -> usize {
        self.words.len()
    }

    /// The file up to its input matrix. `labels` with their counts, the most frequent first.
    pub fn head(&self, settings: &Settings, labels: [(&str, u64); 2]) -> Vec<u8> {
        let Settings { dim, epochs, least_count, word_ngrams, bucket, chars, .. } = settings;
        let mut head = Vec::new();
        // Behind the version as in fastText's Args: the window and the negatives are its defaults, and mean nothing here.
        let arguments = [*dim, 5, *epochs, *least_count as u32, 5, *word_ngrams, 3, SUPERVISED as u32, *bucket, chars.0, chars.1, 100];
        for value in [MAGIC as u32, 12].into_iter().chain(arguments) {
            head.extend(value.to_le_bytes());
        }
        head.extend(1e-4f64.to_le_bytes());
        for count in [self.words.len() + labels.len(), self.words.len(), labels.len()] {
            head.extend((count as u32).to_le_bytes());
        }
        head.extend(self.tokens.to_le_bytes());
        head.extend((-1i64).to_le_bytes());
        let words = self.words.iter().map(|&(word, count)| (word, count, 0));
        for (name, count, kind) in words.chain(labels.map(|(label, count)| (label.as_bytes(), count, 1))) {
            head.extend(name);
            head.push(0);
            head.extend(count.to_le_bytes());
            head.push(kind);
        }
        head
    }
}
