//! The patterns' pretokenizers without a regex.
//!
//! 64 bytes at a time become bitmaps, a class of characters each, and the pattern is arithmetic on them (`rules`). Each
//! block starts with a pretoken and ends with the last one that is certain to start in it, so that nothing is carried over
//! but that place; the bytes behind it are seen twice. ASCII, Hangul and Han are known from their bytes, everything else
//! is looked up in the classes that HF's own regex engine has (`classes`, Unicode 16.0). What no block decides, such as
//! a pretoken of more than 64 bytes, is cut by itself (`scalar`), which is also what runs where there are no vectors.
//! Every byte of the text is in exactly one pretoken.
//!
//! Measured on 63 MB of mix, a document at a time, one core (AVX-512, AVX2, scalar), nanoseconds a byte: gpt2 0.31, 0.39,
//! 2.5; cl100k and llama3 0.41, 0.50, 2.8; o200k 0.42, 0.50, 2.8; qwen2 0.41, 0.48, 2.8. Reviews of 100 bytes take a
//! quarter more. The example `pretokens` tells it of any documents.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod block;
mod characters;
mod classes;
#[cfg(target_arch = "aarch64")]
mod neon;
mod pattern;
mod rules;
mod scalar;
#[cfg(test)]
mod tests;

#[cfg(target_arch = "x86_64")]
pub use avx2::is_available as has_avx2;
use block::{BLOCK, Block, Bytes64};
use characters::Characters;
#[cfg(any(test, fuzzing))]
pub use classes::STARTS;
pub use pattern::Pattern;
use rules::{Gpt2, Rules, Split};

/// Ends that are handed over at a time, about: a few kilobytes of text, which stay in the nearest cache.
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
        #[cfg(target_arch = "x86_64")]
        {
            if avx512::is_available() {
                // SAFETY: the CPU has AVX-512.
                return unsafe { avx512::next_ends(self, ends) };
            }
            if avx2::is_available() {
                // SAFETY: the CPU has AVX2.
                return unsafe { avx2::next_ends(self, ends) };
            }
        }
        #[cfg(target_arch = "aarch64")]
        return neon::next_ends(self, ends);
        #[cfg(not(target_arch = "aarch64"))]
        self.next_ends_scalar(ends);
    }

    #[cfg(any(test, not(target_arch = "aarch64")))]
    fn next_ends_scalar(&mut self, ends: &mut Vec<u32>) {
        ends.clear();
        while ends.len() < ENDS && self.next().is_some() {
            ends.push(self.at as u32);
        }
    }

    /// # Safety
    ///
    /// The CPU has the instructions of `V`.
    #[inline(always)]
    unsafe fn next_ends_by<V: Bytes64>(&mut self, ends: &mut Vec<u32>) {
        // SAFETY: of the caller.
        unsafe {
            match self.pattern {
                Pattern::Gpt2 => self.cut::<V, Gpt2>(ends),
                Pattern::Cl100k | Pattern::Llama3 => self.cut::<V, Split<3, false>>(ends),
                Pattern::O200k => self.cut::<V, Split<3, true>>(ends),
                Pattern::Qwen2 => self.cut::<V, Split<1, false>>(ends),
            }
        }
    }

    /// # Safety
    ///
    /// The CPU has the instructions of `V`.
    #[inline(always)]
    unsafe fn cut<V: Bytes64, R: Rules>(&mut self, ends: &mut Vec<u32>) {
        ends.clear();
        ends.reserve(ENDS + 2 * BLOCK);
        let text = self.characters.text;
        while ends.len() < ENDS && self.at < text.len() {
            // SAFETY: of the caller.
            let block = unsafe { Block::<V>::new(self.characters, self.at) };
            let starts = R::starts(&block);
            // Where a pretoken starts, the one before ends; the first starts where the block does.
            let found = starts.bits & starts.certain & !1;
            // SAFETY: there is room for 64 more than ENDS.
            unsafe {
                block.bytes.write_places(found, self.at as u32, ends.as_mut_ptr().add(ends.len()));
                ends.set_len(ends.len() + found.count_ones() as usize);
            }
            if block.last && starts.certain == u64::MAX {
                self.at = text.len();
                ends.push(self.at as u32);
            } else if found != 0 {
                self.at += 63 - found.leading_zeros() as usize;
            } else {
                self.at = self.characters.end(self.pattern, self.at);
                ends.push(self.at as u32);
            }
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
