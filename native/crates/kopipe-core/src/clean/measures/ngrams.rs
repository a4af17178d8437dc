//! Repetition of eojeol n-grams, after Rae et al., *Scaling Language Models* (Gopher, 2021), table A1: how many
//! characters stand in the most frequent 2-, 3- and 4-gram, and in 5- to 10-grams that came before.
//!
//! A cascade in place of nine passes: an n-gram can repeat only where both of its (n−1)-grams do, so bigrams are tested
//! everywhere, first by a sieve of a byte for some, then exactly, and longer ones on what is left. N-grams are compared
//! by 64-bit hashes of their eojeol. The twin `measure_slow` makes the nine passes. 0.9 ns a byte, 2 to 2.6
//! where much repeats; half or twice the sieve makes no difference over 3 %.

use super::eojeol::Word;

/// Characters. A top n-gram counts with the blanks in it, a duplicate one without, as in datatrove.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct NGrams {
    /// Of 2, 3 and 4 eojeol; 0 where none repeats.
    pub top: [u64; 3],
    /// Of 5 to 10.
    pub duplicate: [u64; 6],
}

#[derive(Default)]
pub struct Tables {
    hashes: Vec<u64>,
    sieve: Vec<u8>,
    met: Vec<u32>,
    slots: Vec<u32>,
    grams: Vec<Gram>,
}

/// An n-gram that may repeat.
#[derive(Debug, Clone, Copy)]
struct Gram {
    key: u64,
    /// Its first eojeol.
    at: u32,
    /// The first of its equals in the list, and there how many they are.
    first: u32,
    times: u32,
    visited: bool,
}

pub fn measure(text: &str, words: &[Word], tables: &mut Tables) -> NGrams {
    let Tables { hashes, sieve, met, slots, grams } = tables;
    hashes.clear();
    hashes.extend(words.iter().map(|word| hash(text.as_bytes(), word)));
    let mut found = NGrams::default();
    sift(hashes, sieve, met, grams);
    for n in 2..=10 {
        let (times, at) = number(grams, slots);
        if times < 2 {
            break;
        }
        if n < 5 {
            found.top[n - 2] = (chars(&words[at..at + n]) + n as u64 - 1) * u64::from(times);
        } else {
            found.duplicate[n - 5] = duplicates(words, grams, n);
        }
        lengthen(grams, hashes, n);
    }
    found
}

fn chars(words: &[Word]) -> u64 {
    words.iter().map(|word| u64::from(word.chars)).sum()
}

/// The bigrams whose byte of the sieve another one has met.
fn sift(hashes: &[u64], sieve: &mut Vec<u8>, met: &mut Vec<u32>, grams: &mut Vec<Gram>) {
    grams.clear();
    let size = (hashes.len() * 16).next_power_of_two().clamp(64, 1 << 24);
    let shift = 64 - size.trailing_zeros();
    sieve.clear();
    sieve.resize(size, 0);
    for pair in hashes.windows(2) {
        let byte = &mut sieve[(join(pair[0], pair[1]) >> shift) as usize];
        *byte = *byte << 1 | 1;
    }
    // Every place is written, and stays where it counts: which one does nobody can guess, not even the CPU.
    met.resize(met.len().max(hashes.len()), 0);
    let mut count = 0;
    for (at, pair) in hashes.windows(2).enumerate() {
        met[count] = at as u32;
        count += usize::from(sieve[(join(pair[0], pair[1]) >> shift) as usize] > 1);
    }
    let gram = |&at: &u32| {
        let key = join(hashes[at as usize], hashes[at as usize + 1]);
        Gram { key, at, first: 0, times: 0, visited: false }
    };
    grams.extend(met[..count].iter().map(gram));
}

/// Tells every n-gram its first equal and their number. The most frequent, of those the first: its number and place.
fn number(grams: &mut [Gram], slots: &mut Vec<u32>) -> (u32, usize) {
    let size = (grams.len() * 2).next_power_of_two().max(2);
    let shift = 64 - size.trailing_zeros();
    slots.clear();
    slots.resize(size, 0);
    for i in 0..grams.len() {
        let key = grams[i].key;
        let mut slot = (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize;
        let first = loop {
            match slots[slot] {
                0 => {
                    slots[slot] = i as u32 + 1;
                    break i;
                }
                other if grams[other as usize - 1].key == key => break other as usize - 1,
                _ => slot = (slot + 1) & (size - 1),
            }
        };
        grams[i].first = first as u32;
        grams[i].times = 0;
        grams[first].times += 1;
    }
    let mut top = (0, 0);
    for i in 0..grams.len() {
        grams[i].times = grams[grams[i].first as usize].times;
        if grams[i].times > top.0 {
            top = (grams[i].times, grams[i].at as usize);
        }
    }
    top
}

/// Characters of the n-grams that came before, none counted within another.
fn duplicates(words: &[Word], grams: &mut [Gram], n: usize) -> u64 {
    let (mut found, mut next) = (0, 0);
    for i in 0..grams.len() {
        let at = grams[i].at as usize;
        if at < next || grams[i].times < 2 {
            continue;
        }
        let first = grams[i].first as usize;
        if std::mem::replace(&mut grams[first].visited, true) {
            found += chars(&words[at..at + n]);
            next = at + n;
        }
    }
    found
}

/// From the n-grams that repeat to the longer ones that can.
fn lengthen(grams: &mut Vec<Gram>, hashes: &[u64], n: usize) {
    let mut kept = 0;
    for i in 1..grams.len() {
        let gram = grams[i - 1];
        if gram.times > 1 && grams[i].times > 1 && grams[i].at == gram.at + 1 {
            grams[kept] = Gram { key: join(gram.key, hashes[gram.at as usize + n]), visited: false, ..gram };
            kept += 1;
        }
    }
    grams.truncate(kept);
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

fn join(left: u64, right: u64) -> u64 {
    fold(left ^ 0x2D35_8DCC_AA6C_78A5, right.rotate_left(32) ^ 0x8BB8_4B93_962E_ACC9)
}

/// Sixteen bytes at a time: hardly an eojeol has more, and so there is no branch to guess.
#[inline(always)]
fn hash(text: &[u8], word: &Word) -> u64 {
    let (mut at, mut left) = (word.start as usize, word.bytes as usize);
    let mut hash = left as u64;
    loop {
        hash = join(hash ^ eight(text, at, left), eight(text, at + 8, left.saturating_sub(8)));
        if left <= 16 {
            return hash;
        }
        at += 16;
        left -= 16;
    }
}

/// The next eight bytes, or as many of them as are left of the word.
#[inline(always)]
fn eight(text: &[u8], at: usize, left: usize) -> u64 {
    let bytes = match text.get(at..).and_then(|bytes| bytes.first_chunk()) {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => text.get(at..).unwrap_or_default().iter().rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
    };
    if left < 8 { bytes & ((1 << (8 * left)) - 1) } else { bytes }
}

#[cfg(test)]
mod tests {
    use super::super::eojeol;
    use super::*;
    use proptest::prelude::*;
    use std::collections::{HashMap, HashSet};

    fn measure_slow(text: &str) -> NGrams {
        let words: Vec<&str> = text.split_whitespace().collect();
        let chars = |gram: &[&str]| gram.iter().map(|word| word.chars().count()).sum::<usize>();
        let mut found = NGrams::default();
        for n in 2..5 {
            let mut times: HashMap<&[&str], (usize, std::cmp::Reverse<usize>)> = HashMap::new();
            for (at, gram) in words.windows(n).enumerate() {
                times.entry(gram).or_insert((0, std::cmp::Reverse(at))).0 += 1;
            }
            if let Some((gram, (times, _))) = times.into_iter().max_by_key(|(_, order)| *order).filter(|(_, (times, _))| *times > 1) {
                found.top[n - 2] = ((chars(gram) + n - 1) * times) as u64;
            }
        }
        for n in 5..11 {
            let (mut seen, mut at) = (HashSet::new(), 0);
            while at + n <= words.len() {
                let gram = &words[at..at + n];
                if seen.insert(gram) {
                    at += 1;
                } else {
                    found.duplicate[n - 5] += chars(gram) as u64;
                    at += n;
                }
            }
        }
        found
    }

    fn measured(text: &str) -> NGrams {
        let mut words = Vec::new();
        eojeol::find(text, false, &mut words);
        measure(text, &words, &mut Tables::default())
    }

    proptest! {
        #[test]
        fn equals_nine_passes(words in prop::collection::vec("[가나]{1,2}|a{7,9}|가나다라마바사아자", 0..150), repeated in 0..40usize) {
            let mut text = words.join(" ");
            for word in words.iter().take(repeated) {
                text += " ";
                text += word;
            }
            prop_assert_eq!(measured(&text), measure_slow(&text));
        }
    }

    #[test]
    fn counts_a_sentence_said_twice() {
        let sentence = "하나 둘 셋 넷 다섯";
        let found = measured(&format!("{sentence} 여섯 {sentence}"));
        assert_eq!(found, NGrams { top: [8, 12, 16], duplicate: [7, 0, 0, 0, 0, 0] });
        assert_eq!(measured("하나 둘 셋"), NGrams::default());
    }

    #[test]
    fn equals_nine_passes_on_real_text() {
        for name in ["precedents", "web-docs"] {
            let Some(texts) = crate::clean::corpus::texts(name) else {
                return;
            };
            for text in texts.iter().step_by(7).filter(|text| text.len() < 100_000) {
                assert_eq!(measured(text), measure_slow(text));
            }
        }
    }
}
