//! A text's words as datatrove hashes them: lower case, every number 0, no punctuation, no diacritics, NFD.
//!
//! `simplify_text` goes over the text nine times; this goes once, a character at a time, and writes what becomes of it.
//! Words come in batches, so that a document of any length is held a piece at a time: memory is that of the five longest
//! words in a row, and 64 KiB. Measured costs stand in the parent.

use super::characters::*;

/// Normalized bytes a batch, about; words are cut nowhere.
const BATCH: usize = 16 << 10;
/// A batch may exceed it by what a character becomes, written sixteen bytes at a time.
const ROOM: usize = 32;
/// A buffer that one huge word has made is not kept for all documents after it.
const KEPT_BYTES: usize = 1 << 20;

pub struct Words {
    /// Words, each with a space behind it, the last one perhaps still open; then room.
    text: Vec<u8>,
    end: usize,
    /// Where the closed words start, and where the next one does.
    starts: Vec<u32>,
    closed: usize,
    /// How far the source has been read.
    read: usize,
}

impl Words {
    pub fn new() -> Self {
        Words { text: Vec::new(), end: 0, starts: Vec::new(), closed: 0, read: 0 }
    }

    /// Before a text's first batch.
    pub fn start(&mut self) {
        if self.text.len() > KEPT_BYTES {
            self.text = Vec::new();
        }
        self.starts.resize(BATCH / 2 + 8, 0);
        (self.end, self.closed, self.read) = (0, 0, 0);
        self.starts[0] = 0;
    }

    /// Bytes held.
    #[cfg(test)]
    pub fn held(&self) -> usize {
        self.text.capacity() + self.starts.capacity() * size_of::<u32>()
    }

    /// The runs of `N` words of this batch, joined by one space.
    pub fn shingles<const N: usize>(&self) -> impl Iterator<Item = &[u8]> {
        let starts = &self.starts[..=self.closed];
        starts.windows(N + 1).map(|window| &self.text[window[0] as usize..window[N] as usize - 1])
    }

    /// Reads the next batch of the text given since `start`, and keeps the `kept` last words of the one before. Returns
    /// whether there is more.
    pub fn next_batch(&mut self, source: &str, kept: usize) -> bool {
        self.forget_all_but(kept);
        let characters = &*CHARACTERS;
        let bytes = source.as_bytes();
        let limit = self.end + BATCH;
        if self.text.len() < limit + ROOM {
            self.text.resize(limit + ROOM, 0);
        }
        let mut start = self.starts[self.closed] as usize;
        while self.read < bytes.len() && self.end < limit {
            let byte = bytes[self.read];
            if byte.is_ascii() {
                let becomes = characters.ascii[usize::from(byte)];
                self.read += 1;
                if becomes == b' ' {
                    start = self.close(start);
                    continue;
                }
                self.text[self.end] = becomes;
                self.end += 1;
                if becomes == b'0' {
                    self.read = number_end(characters, source, self.read);
                }
            } else if let Some(syllable) = syllable_at(bytes, self.read) {
                self.syllable(syllable);
                self.read += 3;
            } else {
                start = self.character(characters, source, start);
            }
        }
        if self.read < bytes.len() {
            return true;
        }
        self.close(start);
        false
    }

    /// The open word stays too. What stands at the buffer's beginning is not moved: one huge word is not moved at each
    /// batch.
    fn forget_all_but(&mut self, kept: usize) {
        let first = self.closed.saturating_sub(kept);
        let from = self.starts[first];
        if from > 0 {
            self.text.copy_within(from as usize..self.end, 0);
            self.end -= from as usize;
        }
        self.starts.copy_within(first..=self.closed, 0);
        self.closed -= first;
        self.starts[..=self.closed].iter_mut().for_each(|start| *start -= from);
    }

    /// Ends the word that starts at `start`, if there is one; returns where the next one starts. Without a branch: it
    /// would be mispredicted at every comma.
    #[inline(always)]
    fn close(&mut self, start: usize) -> usize {
        let open = usize::from(self.end > start);
        self.text[self.end] = b' ';
        self.end += open;
        self.closed += open;
        self.starts[self.closed] = self.end as u32;
        self.end
    }

    /// Arithmetic: initial, vowel and perhaps final, three bytes each.
    #[inline(always)]
    fn syllable(&mut self, syllable: u32) {
        let (pair, last) = ((syllable / FINALS) as usize, (syllable % FINALS) as usize);
        let Some(room) = self.text[self.end..].first_chunk_mut::<12>() else { return };
        room[..8].copy_from_slice(&INITIAL_AND_VOWEL[pair].to_le_bytes());
        room[6..10].copy_from_slice(&FINAL[last].to_le_bytes());
        self.end += if last == 0 { 6 } else { 9 };
    }

    /// Any character; returns where the word starts that is open behind it.
    fn character(&mut self, characters: &Characters, source: &str, start: usize) -> usize {
        let at = self.read;
        let Some(c) = source[at..].chars().next() else { return start };
        let length = c.len_utf8();
        self.read += length;
        match characters.code(c) {
            KEPT | SEPARATOR => self.write(&source.as_bytes()[at..at + length]),
            SPACE | SEPARATING_SPACE => return self.close(start),
            DIGIT => {
                self.write(b"0");
                self.read = number_end(characters, source, self.read);
            }
            DROPPED | DROPPED_STARTER => {}
            MARK => {
                self.read = at;
                self.marks(characters, source, self.end);
            }
            SIGMA => {
                let is_final = characters.is_final_sigma(&source[..at], &source[self.read..]);
                self.write(if is_final { "ς" } else { "σ" }.as_bytes());
            }
            HANGUL => self.syllable(c as u32 - FIRST_SYLLABLE),
            code => {
                let mapped = characters.mapped(code);
                let from = self.end + mapped.marks_from;
                self.write(&mapped.bytes[..mapped.length]);
                if mapped.marks_from < mapped.length {
                    self.marks(characters, source, from);
                }
            }
        }
        start
    }

    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) {
        self.text[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
    }

    /// The marks that follow, dropped or kept; all that are kept from a place in the buffer on are put into canonical
    /// order. Rare: the tone marks of old Hangul come one at a time.
    #[cold]
    fn marks(&mut self, characters: &Characters, source: &str, from: usize) {
        for c in source[self.read..].chars() {
            match characters.code(c) {
                MARK => {
                    if self.text.len() < self.end + ROOM {
                        self.text.resize(2 * self.text.len(), 0);
                    }
                    let mut utf8 = [0; 4];
                    self.write(c.encode_utf8(&mut utf8).as_bytes());
                }
                DROPPED => {}
                _ => break,
            }
            self.read += c.len_utf8();
        }
        let Ok(run) = str::from_utf8(&self.text[from..self.end]) else { return };
        if run.chars().is_sorted_by_key(|mark| characters.combining_class(mark)) {
            return;
        }
        let mut run: Vec<char> = run.chars().collect();
        run.sort_by_key(|&mark| characters.combining_class(mark));
        self.end = from;
        self.write(run.into_iter().collect::<String>().as_bytes());
    }
}

/// Where the number ends that goes on here, behind its first digit: digits, and once more behind a separator.
fn number_end(characters: &Characters, source: &str, at: usize) -> usize {
    let end = digits_end(characters, source, at);
    let Some(separator) = source[end..].chars().next() else { return end };
    if !matches!(characters.code(separator), SEPARATOR | SEPARATING_SPACE) {
        return end;
    }
    let fraction = end + separator.len_utf8();
    let fraction_end = digits_end(characters, source, fraction);
    if fraction_end > fraction { fraction_end } else { end }
}

fn digits_end(characters: &Characters, source: &str, at: usize) -> usize {
    let ascii = source.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = &source[at + ascii..];
    if rest.as_bytes().first().is_none_or(u8::is_ascii) {
        return at + ascii;
    }
    let is_digit = |c: &char| characters.code(*c) == DIGIT;
    at + ascii + rest.chars().take_while(is_digit).map(char::len_utf8).sum::<usize>()
}

const FIRST_SYLLABLE: u32 = 0xAC00;
const SYLLABLES: u32 = 11_172;
const VOWELS: u32 = 21;
const FINALS: u32 = 28;

/// The number of the Hangul syllable that stands here, if one does.
#[inline(always)]
fn syllable_at(bytes: &[u8], at: usize) -> Option<u32> {
    let [first, second, third] = *bytes.get(at..)?.first_chunk::<3>()?;
    let code = (u32::from(first) & 0xF) << 12 | (u32::from(second) & 0x3F) << 6 | u32::from(third) & 0x3F;
    let syllable = code.wrapping_sub(FIRST_SYLLABLE);
    (first & 0xF0 == 0xE0 && syllable < SYLLABLES).then_some(syllable)
}

/// A jamo's three bytes of UTF-8, the first one lowest.
const fn utf8(jamo: u32) -> u32 {
    (0xE0 | jamo >> 12) | (0x80 | jamo >> 6 & 0x3F) << 8 | (0x80 | jamo & 0x3F) << 16
}

static INITIAL_AND_VOWEL: [u64; (SYLLABLES / FINALS) as usize] = {
    let mut pairs = [0; (SYLLABLES / FINALS) as usize];
    let mut pair = 0;
    while pair < SYLLABLES / FINALS {
        pairs[pair as usize] = utf8(0x1100 + pair / VOWELS) as u64 | (utf8(0x1161 + pair % VOWELS) as u64) << 24;
        pair += 1;
    }
    pairs
};

static FINAL: [u32; FINALS as usize] = {
    let mut finals = [0; FINALS as usize];
    let mut last = 1;
    while last < FINALS {
        finals[last as usize] = utf8(0x11A7 + last);
        last += 1;
    }
    finals
};
