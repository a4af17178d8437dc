//! The rows of a text, told as one would tell them: tokens, then their n-grams, each a string of its own. Slow.

use super::features::{END, Features, LABEL, hash, is_space};
use std::collections::HashMap;

impl Features {
    pub fn textbook_rows(&self, file: &[u8], text: &str) -> Vec<u32> {
        let dictionary: HashMap<&[u8], usize> = self.dictionary(file);
        let line = text.as_bytes().split(|&byte| is_space(byte)).filter(|token| !token.is_empty()).chain([END]);
        let end = line.clone().position(|token| token == END).unwrap_or(0);
        let is_word = |token: &&[u8]| dictionary.get(token).map_or(!token.starts_with(LABEL), |&number| number < self.words);
        let tokens: Vec<&[u8]> = line.take(end + 1).filter(is_word).collect();
        let mut rows = Vec::new();
        for token in &tokens {
            rows.extend(dictionary.get(token).map(|&number| number as u32));
            if *token == END {
                continue;
            }
            let word: Vec<char> = format!("<{}>", String::from_utf8_lossy(token)).chars().collect();
            for first in 0..word.len() {
                for end in first + 1..=word.len() {
                    let alone = end == first + 1 && (first == 0 || end == word.len());
                    if self.chars.contains(&(end - first)) && !alone {
                        let ngram: String = word[first..end].iter().collect();
                        rows.extend(self.textbook_row(u64::from(hash(ngram.as_bytes()))));
                    }
                }
            }
        }
        for first in 0..tokens.len() {
            for end in first + 2..=tokens.len().min(first + self.word_ngrams) {
                let signed = tokens[first..end].iter().map(|token| i64::from(hash(token) as i32));
                let sum = signed.reduce(|sum, next| sum.wrapping_mul(116_049_371).wrapping_add(next));
                rows.extend(self.textbook_row(sum.unwrap_or(0) as u64));
            }
        }
        rows
    }

    fn textbook_row(&self, hash: u64) -> Option<u32> {
        let bucket = (hash % u64::from(self.bucket)) as u32;
        let row = match &self.pruned {
            None => Some(bucket),
            // Of a bucket that stands there twice the last counts.
            Some(pruned) => pruned.pairs.iter().rev().find(|pair| pair.0 == bucket).map(|pair| pair.1),
        };
        row.map(|row| self.words as u32 + row)
    }
}
