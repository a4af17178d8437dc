//! The patterns' pretokenizers without a regex.
//!
//! A classifier over UTF-8: ASCII and Hangul syllables are known from their bytes, everything else is looked up in the
//! classes that HF's own regex engine has (`classes`, Unicode 16.0). Every byte of the text is in exactly one pretoken.

mod characters;
mod classes;
mod pattern;
mod scalar;
#[cfg(test)]
mod tests;

use characters::Characters;
#[cfg(any(test, fuzzing))]
pub use classes::STARTS;
pub use pattern::Pattern;

/// Ends that are handed over at a time: a few kilobytes of text, which stay in the nearest cache.
const ENDS: usize = 512;

/// The pretokens of a text, in order.
pub struct Pretokens<'t> {
    pattern: Pattern,
    characters: Characters<'t>,
    at: usize,
}

impl<'t> Pretokens<'t> {
    pub fn new(pattern: Pattern, text: &'t str) -> Self {
        Pretokens { pattern, characters: Characters::new(text), at: 0 }
    }

    /// Replaces `ends` by where the next pretokens end, in bytes of the text; by nothing behind the last.
    pub fn next_ends(&mut self, ends: &mut Vec<u32>) {
        ends.clear();
        while ends.len() < ENDS && self.next().is_some() {
            ends.push(self.at as u32);
        }
    }
}

impl<'t> Iterator for Pretokens<'t> {
    type Item = &'t [u8];

    #[inline]
    fn next(&mut self) -> Option<&'t [u8]> {
        let (text, start) = (self.characters.text, self.at);
        if start == text.len() {
            return None;
        }
        self.at = self.characters.end(self.pattern, start);
        Some(&text[start..self.at])
    }
}
