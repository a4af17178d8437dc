//! Different Korean stop words that eojeol end in, or are.
//!
//! FineWeb-2 lists 21 morphemes and wants two of them among a text's tokens. As eojeol hardly any of them stands alone:
//! counted so, nearly all Korean would go. They are particles and endings, and stand where eojeol end, before marks.
//! Two are found within the first ten words of any Korean text, so that the cost is nothing.

use super::Verdict;
use crate::clean::measures::Measures;
use serde::Deserialize;

const STOP: &[&str] =
    &["의", "다", "이", "는", "에", "을", "한", "년", "하", "은", "를", "했", "고", "에서", "가", "있", "으로", "인", "월", "로", "되"];

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StopEndings {
    /// Different ones.
    pub min: u64,
    pub min_words: u64,
}

impl StopEndings {
    pub const REASONS: &[&str] = &["stop-endings-few"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        if !measures.reaches(self.min_words) {
            return None;
        }
        let (text, mut seen) = (measures.text, 0u32);
        for word in measures.words() {
            seen |= ending(word.of(text));
            if u64::from(seen.count_ones()) >= self.min {
                return None;
            }
        }
        Verdict::under("stop-endings-few", f64::from(seen.count_ones()), self.min as f64)
    }
}

/// A bit for the longest that the eojeol ends in, ASCII marks behind it aside.
fn ending(word: &[u8]) -> u32 {
    let end = word.iter().rposition(|byte| !byte.is_ascii_punctuation()).map_or(0, |at| at + 1);
    let fits = STOP.iter().enumerate().filter(|(_, stop)| word[..end].ends_with(stop.as_bytes()));
    fits.max_by_key(|(_, stop)| stop.len()).map_or(0, |(i, _)| 1 << i)
}
