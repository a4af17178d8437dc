//! Shingles of five characters, as 32-bit hashes.
//!
//! Candidates are proposed by runs of five letters (Hangul, Latin, digits; lower case, nothing between them), because
//! spacing and punctuation are what copies of a Korean text differ in first; pairs are decided by runs of five
//! characters of the text as it is. Characters are decoded into a small buffer and hashed by one multiplication each
//! and a finalizer, which the compiler vectorizes: a long document needs no more memory than a short one.

#[cfg(target_arch = "x86_64")]
mod avx512;

use std::cell::Cell;
use std::sync::LazyLock;

/// Characters in a shingle.
pub const SHINGLE: usize = 5;

/// Characters in the buffer.
const BUFFER: usize = 4096;

/// Odd, and otherwise arbitrary: the first digits of the fractions of √2, √3, √5, √7 and √11, each ending in a one bit.
const MULTIPLIERS: [u32; SHINGLE] = [0x6A09_E667, 0xBB67_AE85, 0x3C6E_F373, 0xA54F_F53B, 0x510E_527F];

/// Hashes every run of five letters of a text, some thousand at a time; tells whether there was one.
pub fn of_letters(text: &str, found: impl FnMut(&[u32])) -> bool {
    with_buffers(|buffers| {
        let mut hasher = Hasher::new(buffers, found);
        #[cfg(target_arch = "x86_64")]
        if avx512::is_there() {
            // SAFETY: the CPU has it.
            unsafe { hasher.push_avx512::<true>(text) };
            return hasher.finish();
        }
        hasher.push_letters(text);
        hasher.finish()
    })
}

/// Hashes every run of five characters of a text, some thousand at a time.
pub fn of_characters(text: &str, found: impl FnMut(&[u32])) {
    with_buffers(|buffers| {
        let mut hasher = Hasher::new(buffers, found);
        #[cfg(target_arch = "x86_64")]
        if avx512::is_there() {
            // SAFETY: the CPU has it.
            unsafe { hasher.push_avx512::<false>(text) };
            hasher.finish();
            return;
        }
        hasher.push_characters(text);
        hasher.finish();
    });
}

/// Bytes whose characters are found at once; the last may begin there and end two bytes later.
const BLOCK: usize = 64;
const VIEW: usize = BLOCK + 2;

/// A bit for each byte that begins a character. (One comparison a byte would be a branch each; words of eight are not.)
#[inline(always)]
fn starts(view: &[u8; VIEW]) -> u64 {
    let mut starts = 0;
    for (i, word) in view[..BLOCK].as_chunks::<8>().0.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        // The first bit is not set, or the second is too; gathered by a multiplication.
        let bits = (!word | word << 1) & 0x8080_8080_8080_8080;
        starts |= ((bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
    }
    starts
}

/// The code point of a letter or a digit in lower case.
fn letter(c: char) -> Option<u32> {
    c.is_alphanumeric().then(|| c.to_lowercase().next().map_or(0, |c| c as u32))
}

/// What `letter` says of each character of the basic plane, 0 for those that are none: 128 KB, made once.
static LETTERS: LazyLock<Box<[u16; 1 << 16]>> = LazyLock::new(|| {
    let mut letters = Box::new([0; 1 << 16]);
    for (slot, code) in letters.iter_mut().zip(0u32..) {
        *slot = char::from_u32(code).and_then(letter).and_then(|letter| u16::try_from(letter).ok()).unwrap_or(0);
    }
    letters
});

/// Characters that wait for their hashes, and these.
struct Buffers {
    characters: [u32; BUFFER],
    hashes: Vec<u32>,
}

thread_local! {
    /// A worker keeps its own: clearing 16 KB for each review costs as much as its signature.
    static BUFFERS: Cell<Option<Box<Buffers>>> = const { Cell::new(None) };
}

fn with_buffers<T>(work: impl FnOnce(&mut Buffers) -> T) -> T {
    let mut buffers = BUFFERS.take().unwrap_or_else(|| Box::new(Buffers { characters: [0; BUFFER], hashes: Vec::new() }));
    let done = work(&mut buffers);
    BUFFERS.set(Some(buffers));
    done
}

struct Hasher<'a, F> {
    letters: &'static [u16; 1 << 16],
    buffers: &'a mut Buffers,
    length: usize,
    /// Whether there was a shingle.
    any: bool,
    found: F,
}

impl<'a, F: FnMut(&[u32])> Hasher<'a, F> {
    fn new(buffers: &'a mut Buffers, found: F) -> Self {
        Hasher { letters: &LETTERS, buffers, length: 0, any: false, found }
    }

    fn push_letters(&mut self, text: &str) {
        let mut at = 0;
        while let Some(view) = text.as_bytes()[at..].first_chunk() {
            self.push_block(text, at, view);
            at += BLOCK;
        }
        // A character that begins in a block belongs to it.
        text[text.ceil_char_boundary(at)..].chars().for_each(|c| self.push_letter(c));
    }

    fn push_characters(&mut self, text: &str) {
        text.chars().for_each(|c| self.push_if(c as u32, true));
    }

    /// Letters or all characters.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi2")]
    fn push_avx512<const LETTERS: bool>(&mut self, text: &str) {
        let mut at = 0;
        while at < text.len() {
            let rest = &text.as_bytes()[at..];
            // What is shorter than a view is followed by zeros, which begin no character of it.
            let mut copied = [0; VIEW];
            let view = rest.first_chunk().unwrap_or_else(|| {
                copied[..rest.len()].copy_from_slice(rest);
                &copied
            });
            if self.length + BLOCK > BUFFER {
                self.flush();
            }
            let length = rest.len().min(BLOCK);
            let Some(place) = self.buffers.characters[self.length..].first_chunk_mut() else { return };
            let taken = if LETTERS { avx512::letters(view, length, place) } else { avx512::characters(view, length, place) };
            match taken {
                Some(taken) => self.length += taken,
                None => {
                    let block = &text[text.ceil_char_boundary(at)..text.ceil_char_boundary(at + length)];
                    block.chars().for_each(|c| if LETTERS { self.push_letter(c) } else { self.push_if(c as u32, true) });
                }
            }
            at += length;
        }
    }

    /// The letters among the characters that begin in a block. How long a character is and whether it is a letter nobody
    /// can predict, so neither is a branch; and where the next one begins does not wait for it.
    #[inline(always)]
    fn push_block(&mut self, text: &str, at: usize, view: &[u8; VIEW]) {
        if self.length + BLOCK > BUFFER {
            self.flush();
        }
        let mut starts = starts(view);
        let mut length = self.length;
        while starts != 0 {
            let start = starts.trailing_zeros() as usize % BLOCK;
            starts &= starts - 1;
            let [first, second, third] = [view[start], view[start + 1], view[start + 2]].map(u32::from);
            let two = (first & 0x1F) << 6 | second & 0x3F;
            let three = (first & 0xF) << 12 | (second & 0x3F) << 6 | third & 0x3F;
            let (is_one, is_three) = (u32::from(first < 0x80).wrapping_neg(), u32::from(first >= 0xE0).wrapping_neg());
            let code = first & is_one | three & is_three | two & !(is_one | is_three);
            let mut letter = u32::from(self.letters[code as usize % self.letters.len()]);
            if first >= 0xF0 {
                letter = text[at + start..].chars().next().and_then(self::letter).unwrap_or(0);
            }
            self.buffers.characters[length % BUFFER] = letter;
            length += usize::from(letter != 0);
        }
        self.length = length;
    }

    /// Of what is shorter than a block: half of a review.
    fn push_letter(&mut self, c: char) {
        let code = match self.letters.get(c as usize) {
            Some(&letter) => u32::from(letter),
            None => letter(c).unwrap_or(0),
        };
        self.push_if(code, code != 0);
    }

    /// Takes a character, or leaves it to the next one to stand in its place.
    #[inline(always)]
    fn push_if(&mut self, code: u32, taken: bool) {
        if self.length == BUFFER {
            self.flush();
        }
        self.buffers.characters[self.length] = code;
        self.length += usize::from(taken);
    }

    /// Makes room. The last four characters begin shingles that are not complete yet.
    #[cold]
    fn flush(&mut self) {
        self.hash();
        self.buffers.characters.copy_within(self.length - (SHINGLE - 1)..self.length, 0);
        self.length = SHINGLE - 1;
    }

    /// Whether there was a shingle.
    fn finish(mut self) -> bool {
        self.hash();
        self.any
    }

    fn hash(&mut self) {
        if self.length >= SHINGLE {
            let Buffers { characters, hashes } = &mut *self.buffers;
            hash_all(&characters[..self.length], hashes);
            (self.found)(hashes);
            self.any = true;
        }
    }
}

fn hash_all(characters: &[u32], hashes: &mut Vec<u32>) {
    hashes.resize(characters.len() - (SHINGLE - 1), 0);
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        return unsafe { hash_avx2(characters, hashes) };
    }
    hash_into(characters, hashes);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn hash_avx2(characters: &[u32], hashes: &mut [u32]) {
    hash_into(characters, hashes);
}

#[inline(always)]
fn hash_into(characters: &[u32], hashes: &mut [u32]) {
    let [a, b, c, d, e] = std::array::from_fn(|i| &characters[i..i + hashes.len()]);
    for i in 0..hashes.len() {
        hashes[i] = hash([a[i], b[i], c[i], d[i], e[i]]);
    }
}

#[inline(always)]
fn hash(characters: [u32; SHINGLE]) -> u32 {
    let mut sum = 0u32;
    for i in 0..SHINGLE {
        sum = sum.wrapping_add(characters[i].wrapping_mul(MULTIPLIERS[i]));
    }
    // MurmurHash3's finalizer (Appleby, public domain).
    sum = (sum ^ sum >> 16).wrapping_mul(0x85EB_CA6B);
    sum = (sum ^ sum >> 13).wrapping_mul(0xC2B2_AE35);
    sum ^ sum >> 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(hashes: impl FnOnce(&mut dyn FnMut(&[u32]))) -> Vec<u32> {
        let mut all = Vec::new();
        hashes(&mut |some| all.extend_from_slice(some));
        all
    }

    type Push = fn(&mut Hasher<&mut dyn FnMut(&[u32])>, &str);

    fn slow(characters: Vec<u32>) -> Vec<u32> {
        characters.windows(SHINGLE).map(|run| hash(run.try_into().unwrap())).collect()
    }

    proptest! {
        #[test]
        fn equal_their_slow_twins(text in "(?s)([가-힣 ]{1,40}|[ -~\n]{1,40}|.{0,30}|[ㄱ-ㅣᄀ-ᇿ一-龥İßΣ]{1,9}){0,9}", times in 1usize..60) {
            let text = text.repeat(times);
            prop_assert_eq!(all(|found| of_characters(&text, found)), slow(text.chars().map(|c| c as u32).collect()));
            let letters = text.chars().filter(|c| c.is_alphanumeric()).filter_map(|c| c.to_lowercase().next());
            prop_assert_eq!(all(|found| {
                let _ = of_letters(&text, found);
            }), slow(letters.clone().map(|c| c as u32).collect()));
            // Those of a CPU without AVX-512.
            let by = |push: Push| all(|found| with_buffers(|buffers| {
                let mut hasher = Hasher::new(buffers, found);
                push(&mut hasher, &text);
                hasher.finish();
            }));
            prop_assert_eq!(by(|hasher, text| hasher.push_characters(text)), slow(text.chars().map(|c| c as u32).collect()));
            prop_assert_eq!(by(|hasher, text| hasher.push_letters(text)), slow(letters.map(|c| c as u32).collect()));
        }
    }
}
