//! Merges a pair in the words that hold it, and notes what stood beside it: the counts that change, and the words that
//! hold the pairs of the new symbol. One sum a distinct neighbour; words as they come.

use super::find::{AT_ONCE, Find};
use super::words::{Symbol, View};

/// Words that are asked for before the one at hand is merged: hides the way to memory.
const SOON: usize = 12;

/// What stood beside the occurrences of a merged pair.
#[derive(Default)]
pub struct Beside {
    pub left: Side,
    pub right: Side,
    /// The pair again: `abab` becomes two new symbols side by side.
    pub itself: Itself,
}

#[derive(Clone, Copy, Default)]
pub struct Sum {
    /// Occurrences in the text.
    pub count: u64,
    /// Places in words. 0: the symbol is not among those touched.
    pub places: u32,
    /// For whoever makes lists of the words.
    pub list: u32,
}

#[derive(Default)]
pub struct Side {
    /// By symbol.
    pub sums: Vec<Sum>,
    pub touched: Vec<u32>,
    /// Word and symbol, as they came.
    pub places: Vec<(u32, u32)>,
}

#[derive(Default)]
pub struct Itself {
    pub count: u64,
    pub words: Vec<u32>,
}

impl Side {
    #[inline(always)]
    fn note(&mut self, symbol: u32, word: u32, count: u64) {
        let sum = &mut self.sums[symbol as usize];
        if sum.places == 0 {
            self.touched.push(symbol);
        }
        sum.places += 1;
        sum.count += count;
        self.places.push((word, symbol));
    }

    pub fn clear(&mut self) {
        for symbol in self.touched.drain(..) {
            self.sums[symbol as usize] = Sum::default();
        }
        self.places.clear();
    }
}

impl Beside {
    /// Makes room for symbols up to this number.
    pub fn know(&mut self, symbols: usize) {
        for side in [&mut self.left, &mut self.right] {
            side.sums.resize(symbols, Sum::default());
        }
    }

    pub fn clear(&mut self) {
        self.left.clear();
        self.right.clear();
        self.itself = Itself::default();
    }

    /// Merges the pair in each of the words, from left to right. A word may hold it no longer.
    ///
    /// # Safety
    /// The words are words of the view, each once, and nobody else uses them now; the processor has what `F` needs.
    #[inline(always)]
    pub unsafe fn merge_all<S: Symbol, F: Find>(&mut self, view: View<S>, words: &[u32], (left, right): (u32, u32), id: u32) {
        let (left, right, id) = (S::of(left), S::of(right), S::of(id));
        for (i, &word) in words.iter().enumerate() {
            if let Some(&soon) = words.get(i + SOON) {
                view.soon(soon);
            }
            // SAFETY: the caller's; a word of `len` symbols can be read on for `AT_ONCE`, as the array is padded.
            unsafe {
                let (count, symbols, len) = view.word(word);
                if len <= AT_ONCE && left != right {
                    let found = F::find(symbols, len, left, right);
                    if found == 0 {
                        continue;
                    }
                    if found & (found - 1) == 0 {
                        let at = found.trailing_zeros() as usize;
                        if at > 0 {
                            self.left.note((*symbols.add(at - 1)).id(), word, count);
                        }
                        if at + 2 < len {
                            self.right.note((*symbols.add(at + 2)).id(), word, count);
                        }
                        F::replace(symbols, len, at, id);
                        view.shorten(word, len - 1);
                        continue;
                    }
                }
                let symbols = std::slice::from_raw_parts_mut(symbols, len);
                view.shorten(word, self.merge(word, count, symbols, (left, right), id));
            }
        }
    }

    /// However often the pair stands in the word. Returns its new length.
    fn merge<S: Symbol>(&mut self, word: u32, count: u64, symbols: &mut [S], (left, right): (S, S), id: S) -> usize {
        let (mut read, mut written, mut merged_last) = (0, 0, false);
        while read < symbols.len() {
            let is_pair = |at: usize| symbols.get(at..at + 2) == Some(&[left, right]);
            if !is_pair(read) {
                symbols[written] = symbols[read];
                (read, written, merged_last) = (read + 1, written + 1, false);
                continue;
            }
            if merged_last {
                self.itself.count += count;
                if self.itself.words.last() != Some(&word) {
                    self.itself.words.push(word);
                }
            } else if written > 0 {
                self.left.note(symbols[written - 1].id(), word, count);
            }
            // An occurrence that follows at once notes this one as its left neighbour.
            if read + 2 < symbols.len() && !is_pair(read + 2) {
                self.right.note(symbols[read + 2].id(), word, count);
            }
            symbols[written] = id;
            (read, written, merged_last) = (read + 2, written + 1, true);
        }
        written
    }
}
