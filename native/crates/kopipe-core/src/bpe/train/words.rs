//! The distinct pretokens as symbols, one after another in one array: a word is its count (two numbers), its length, its
//! room, then its symbols, and is known by where it begins. 16 bits a number while every id fits, else 32.

use std::collections::HashMap;
use std::ops::Range;

pub trait Symbol: Copy + Eq + Default + Send + Sync + 'static {
    const BITS: u32;
    fn of(id: u32) -> Self;
    fn id(self) -> u32;
}

impl Symbol for u16 {
    const BITS: u32 = 16;
    #[inline(always)]
    fn of(id: u32) -> Self {
        id as u16
    }
    #[inline(always)]
    fn id(self) -> u32 {
        u32::from(self)
    }
}

impl Symbol for u32 {
    const BITS: u32 = 32;
    #[inline(always)]
    fn of(id: u32) -> Self {
        id
    }
    #[inline(always)]
    fn id(self) -> u32 {
        self
    }
}

/// Numbers before the symbols of a word.
pub const HEAD: usize = 4;
const LENGTH: usize = 2;
const ROOM: usize = 3;
/// Numbers at the end that belong to no word, so that a last word can be read as if it were longer.
const PADDING: usize = 64;
/// Words begin at about every so many numbers in a list of their own, so that the array can be cut.
const MARK: usize = 1 << 14;

pub struct Words<S> {
    array: Vec<S>,
    end: usize,
    marks: Vec<u32>,
    /// Counts that do not fit, by word; all ones stand in their place.
    large: HashMap<u32, u64>,
    /// Symbols of the text that the words came from.
    pub symbols: u64,
}

impl<S: Symbol> Words<S> {
    /// Counts from here on are large.
    const LARGE: u64 = if S::BITS == 16 { u32::MAX as u64 } else { u64::MAX };

    /// Symbols of a word whose length fits into a number.
    pub const LONGEST: usize = if S::BITS == 16 { u16::MAX as usize } else { u32::MAX as usize };

    /// The numbers that words of so many symbols take.
    pub fn numbers(words: u64, symbols: u64) -> u64 {
        words * HEAD as u64 + symbols + PADDING as u64
    }

    pub fn with_capacity(numbers: usize) -> Self {
        Words { array: crate::bpe::pages::with_capacity(numbers), end: 0, marks: Vec::new(), large: HashMap::new(), symbols: 0 }
    }

    pub fn push(&mut self, count: u64, symbols: impl Iterator<Item = u32>) {
        let word = self.array.len();
        let held = count.min(Self::LARGE);
        self.array.extend([S::of(held as u32), S::of((held >> S::BITS) as u32), S::default(), S::default()]);
        self.array.extend(symbols.map(S::of));
        let len = self.array.len() - word - HEAD;
        // Without a pair there is nothing to merge.
        if len < 2 {
            self.array.truncate(word);
            return;
        }
        (self.array[word + LENGTH], self.array[word + ROOM]) = (S::of(len as u32), S::of(len as u32));
        if held == Self::LARGE {
            self.large.insert(word as u32, count);
        }
        if word >= self.marks.len() * MARK {
            self.marks.push(word as u32);
        }
        self.symbols = self.symbols.saturating_add((len as u64).saturating_mul(count));
    }

    /// No word is pushed any more.
    pub fn close(mut self) -> Self {
        self.end = self.array.len();
        self.array.resize(self.end + PADDING, S::default());
        self
    }

    /// Cuts the array into about so many ranges of whole words.
    pub fn ranges(&self, wanted: usize) -> Vec<Range<usize>> {
        let mut cuts: Vec<usize> =
            (0..wanted).map(|i| self.marks.get(self.marks.len() * i / wanted).map_or(0, |&mark| mark as usize)).collect();
        cuts.push(self.end);
        cuts.dedup();
        cuts.windows(2).map(|two| two[0]..two[1]).collect()
    }

    /// The words of a range: where it begins, count, symbols.
    pub fn iter(&self, Range { start, end }: Range<usize>) -> impl Iterator<Item = (u32, u64, &[S])> {
        let mut at = start;
        std::iter::from_fn(move || {
            if at >= end {
                return None;
            }
            let (word, head) = (at, &self.array[at..at + HEAD]);
            at += HEAD + head[ROOM].id() as usize;
            Some((word as u32, count(head, word as u32, &self.large), &self.array[word + HEAD..][..head[LENGTH].id() as usize]))
        })
    }

    /// For changing several words at a time.
    pub fn view(&mut self) -> View<'_, S> {
        View { array: self.array.as_mut_ptr(), large: &self.large }
    }
}

#[inline(always)]
fn count<S: Symbol>(head: &[S], word: u32, large: &HashMap<u32, u64>) -> u64 {
    let held = u64::from(head[0].id()) | u64::from(head[1].id()) << S::BITS;
    if held == Words::<S>::LARGE { large[&word] } else { held }
}

/// The array, for threads that each change words of their own.
#[derive(Clone, Copy)]
pub struct View<'w, S> {
    array: *mut S,
    large: &'w HashMap<u32, u64>,
}

// SAFETY: a view is a pointer to symbols and a shared map; who uses it promises not to touch a word of another's.
unsafe impl<S: Symbol> Send for View<'_, S> {}
// SAFETY: as above.
unsafe impl<S: Symbol> Sync for View<'_, S> {}

impl<S: Symbol> View<'_, S> {
    /// Asks for a word that will be changed soon: its head and the line behind.
    #[inline(always)]
    pub fn soon(&self, word: u32) {
        // SAFETY: within the array, whose padding is longer than what is added.
        unsafe {
            let at = self.array.add(word as usize);
            crate::bpe::pages::prefetch(&*at);
            crate::bpe::pages::prefetch(&*at.add(48 * 8 / S::BITS as usize));
        }
    }

    /// Count, where the symbols begin, and how many there are.
    ///
    /// # Safety
    /// `word` is where a word begins, and nobody else uses it now.
    #[inline(always)]
    pub unsafe fn word(&self, word: u32) -> (u64, *mut S, usize) {
        // SAFETY: the caller's.
        unsafe {
            let at = self.array.add(word as usize);
            let head = std::slice::from_raw_parts(at, HEAD);
            (count(head, word, self.large), at.add(HEAD), head[LENGTH].id() as usize)
        }
    }

    /// # Safety
    /// As for `word`; `len` is not more than it was.
    #[inline(always)]
    pub unsafe fn shorten(&self, word: u32, len: usize) {
        // SAFETY: the caller's.
        unsafe { *self.array.add(word as usize + LENGTH) = S::of(len as u32) }
    }
}
