//! Words as they are compared: runs of letters and digits, whatever stands between them.
//!
//! Blocks of 64 bytes are classed by comparisons that the compiler vectorizes and gathered to bits, whose changes are the
//! edges of words; a character outside ASCII that is not surely a letter is decoded. Edges are written down some at a time,
//! whatever a block has, and read when there are many: neither loop ends where it cannot be foreseen, which costs more than
//! what it does (as simdjson's index of a document, Langdale and Lemire 2019). `each_slow` is the twin.

use crate::clean::measures::eojeol;

/// Letters, digits and jamo of any script; signs, spaces, emoji and combining marks are none. As `char::is_alphanumeric`, which
/// looks Hangul up in a table.
#[inline(always)]
pub fn is_letter(c: char) -> bool {
    match c {
        '가'..='힣' | '一'..='鿿' | 'ㅀ'..='ㅿ' => true,
        '\0'..='\x7F' => c.is_ascii_alphanumeric(),
        '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => false,
        _ => c.is_alphanumeric(),
    }
}

/// Places of edges that are not read yet.
#[derive(Debug)]
pub struct Edges(Box<[u32; FULL + BLOCK + AT_ONCE]>);

impl Default for Edges {
    fn default() -> Self {
        Edges(Box::new([0; _]))
    }
}

/// Edges are read when there are more.
const FULL: usize = 256;
/// So many are written without asking how many there are.
const AT_ONCE: usize = 8;

/// Calls with the start and end of each word; the text is shorter than 4 GiB.
#[inline(always)]
pub fn each(text: &str, edges: &mut Edges, mut found: impl FnMut(usize, usize)) {
    each_row(text, edges, |words| words.iter().for_each(|[start, end]| found(*start as usize, *end as usize)));
}

/// Calls with the starts and ends of all words, in rows: what is known from word to word can stay in registers.
#[inline(always)]
pub fn each_row(text: &str, edges: &mut Edges, mut found: impl FnMut(&[[u32; 2]])) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("popcnt")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("bmi2")
    {
        // SAFETY: the CPU has all four.
        return unsafe { each_avx2(text, edges, &mut found) };
    }
    each_block(text, edges, &mut found, eojeol::bits);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt,bmi1,bmi2")]
fn each_avx2(text: &str, edges: &mut Edges, found: &mut impl FnMut(&[[u32; 2]])) {
    each_block(text, edges, found, |bytes| eojeol::bits_avx2(bytes));
}

#[cfg(test)]
pub fn each_slow(text: &str, mut found: impl FnMut(usize, usize)) {
    for word in text.split(|c| !is_letter(c)).filter(|word| !word.is_empty()) {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        found(start, start + word.len());
    }
}

#[cfg(test)]
pub fn each_portable(text: &str, mut found: impl FnMut(usize, usize)) {
    let mut row = |words: &[[u32; 2]]| words.iter().for_each(|[start, end]| found(*start as usize, *end as usize));
    each_block(text, &mut Edges::default(), &mut row, eojeol::bits);
}

const BLOCK: usize = 64;

/// One byte more than the block is looked at.
const VIEW: usize = BLOCK + 1;

#[inline(always)]
fn each_block(text: &str, Edges(edges): &mut Edges, found: &mut impl FnMut(&[[u32; 2]]), bits: impl Fn(&[u8; BLOCK]) -> u64) {
    let bytes = text.as_bytes();
    // `cleared`: bytes of the next block that belong to a character of this one which is no letter.
    let (mut at, mut count, mut inside, mut cleared) = (0, 0, 0u64, 0u64);
    let mut padded;
    while at < bytes.len() {
        let view = match bytes[at..].first_chunk::<VIEW>() {
            Some(view) => view,
            None => {
                padded = [0; VIEW];
                padded[..bytes.len() - at].copy_from_slice(&bytes[at..]);
                &padded
            }
        };
        let (letters, odd) = classes(view);
        let mut word = bits(&letters) & !cleared;
        cleared = 0;
        if odd.iter().fold(0, |any, odd| any | odd) != 0 {
            (word, cleared) = decoded(text, at, bits(&odd), word);
        }
        let mut changes = word ^ (word << 1 | inside);
        inside = word >> (BLOCK - 1);
        let behind = count + changes.count_ones() as usize;
        while count < behind {
            for place in &mut edges[count..count + AT_ONCE] {
                *place = at as u32 + changes.trailing_zeros();
                changes &= changes.wrapping_sub(1);
            }
            count += AT_ONCE;
        }
        count = behind;
        at += BLOCK;
        let is_last = at >= bytes.len();
        if is_last && inside != 0 {
            // Bytes behind the text are no letters, so only a text that fills its last block is still open.
            edges[count] = bytes.len() as u32;
            count += 1;
        }
        if is_last || count > FULL {
            found(edges[..count].as_chunks::<2>().0);
            // A word that is still open.
            edges[0] = edges[count.saturating_sub(1)];
            count %= 2;
        }
    }
}

/// 1 for a byte of a letter or digit as far as bytes tell; 1 for the first byte of a character that must be decoded.
#[inline(always)]
fn classes(view: &[u8; VIEW]) -> ([u8; BLOCK], [u8; BLOCK]) {
    let (mut letters, mut odd) = ([0u8; BLOCK], [0u8; BLOCK]);
    for i in 0..BLOCK {
        let (byte, next) = (view[i], view[i + 1]);
        letters[i] = u8::from((byte | 0x20).wrapping_sub(b'a') < 26) | u8::from(byte.wrapping_sub(b'0') < 10) | (byte >> 7);
        // Surely letters: U+3140–317F of the jamo, Han but the hexagrams in U+4DC0, Hangul's syllables.
        let jamo = (byte == 0xE3) & (next == 0x85);
        let han = (byte.wrapping_sub(0xE5) < 5) | (byte == 0xE4) & (next != 0xB7);
        let syllable = (byte == 0xED) & (next < 0x9E) | (byte == 0xEC) | (byte == 0xEB) | (byte == 0xEA) & (next >= 0xB0);
        odd[i] = u8::from(byte >= 0xC2) & !(u8::from(jamo) | u8::from(han) | u8::from(syllable));
    }
    (letters, odd)
}

/// The bits of a block's words without the characters that are no letters, and what of these stands in the next block.
#[inline(never)]
fn decoded(text: &str, at: usize, mut odd: u64, mut word: u64) -> (u64, u64) {
    let mut cleared = 0;
    while odd != 0 {
        let place = odd.trailing_zeros();
        odd &= odd - 1;
        let Some(c) = text.get(at + place as usize..).and_then(|rest| rest.chars().next()) else { continue };
        if !is_letter(c) {
            let bytes = u128::from((1u64 << c.len_utf8()) - 1) << place;
            word &= !(bytes as u64);
            cleared |= (bytes >> BLOCK) as u64;
        }
    }
    (word, cleared)
}

/// The word that ends before a place, if there is one.
pub fn before(text: &str, at: usize) -> Option<(usize, usize)> {
    let end = text[..at].trim_end_matches(|c| !is_letter(c)).len();
    (end > 0).then(|| (text[..end].trim_end_matches(is_letter).len(), end))
}

/// The word that begins at a place or behind it.
pub fn from(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text[at..].trim_start_matches(|c| !is_letter(c));
    let start = text.len() - rest.len();
    let end = start + rest.len() - rest.trim_start_matches(is_letter).len();
    (end > start).then_some((start, end))
}
