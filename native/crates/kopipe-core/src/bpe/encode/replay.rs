//! What must hold for any merges and any text: the encoder does what the textbook's merge loop does. The fuzz target
//! `encode` looks for some that break it; the tests draw and replay some.

use super::{Added, Encoder, Tokenizer};
use crate::bpe::alphabet;
use crate::bpe::normalizer::Normalizer;
use crate::bpe::pretoken::{Pattern, Pretokens};
use crate::bpe::textbook;
use crate::bpe::train::Trained;
use std::collections::HashMap;
use std::path::Path;

/// The bytes that merges begin with.
const LETTERS: &str = "ab니다디나 (\u{300}";

/// A tokenizer of merges drawn at random: each joins two tokens that are there already, to a new one or to one that is. They
/// rank as they come, or in an order drawn by a seed, where a whole may come before its parts.
pub fn tokenizer(merges: &[(usize, usize)], order: Option<u64>) -> Tokenizer {
    let mut spellings: Vec<String> = alphabet::by_character().iter().map(|&b| alphabet::spell(&[b])).collect();
    let letters: Vec<u32> = LETTERS.bytes().map(|b| spellings.iter().position(|s| *s == alphabet::spell(&[b])).unwrap() as u32).collect();
    let (mut pool, mut pairs) = (letters, Vec::new());
    for &(left, right) in merges {
        let (left, right) = (pool[left % pool.len()], pool[right % pool.len()]);
        let joined = [spellings[left as usize].as_str(), &spellings[right as usize]].concat();
        if joined.len() < 40 {
            if !spellings.contains(&joined) {
                spellings.push(joined);
                pool.push(spellings.len() as u32 - 1);
            }
            pairs.push((left, right));
        }
    }
    if let Some(seed) = order {
        let mut place = 0;
        pairs.sort_by_cached_key(|_| {
            place += 1;
            xxhash_rust::xxh3::xxh3_64_with_seed(&u64::to_le_bytes(place), seed)
        });
    }
    let json = Trained { specials: vec![], normalizer: Normalizer::None, spellings, merges: pairs }.to_json(Pattern::Gpt2);
    Tokenizer::parse(json.as_bytes(), Path::new("tokenizer.json")).unwrap()
}

pub fn nothing_added() -> Added {
    Added::new(&[], Normalizer::None, |_| true).unwrap()
}

pub fn expected(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    let model = &tokenizer.model;
    let ranks: HashMap<(u32, u32), (u32, u32)> =
        model.merges.iter().enumerate().map(|(rank, &(left, right, id))| ((left, right), (rank as u32, id))).collect();
    let words = Pretokens::new(model.pattern, text).map(|p| p.iter().map(|&b| model.byte_ids[b as usize]).collect());
    words.flat_map(|word| textbook::encode(word, |pair| ranks.get(&pair).copied())).collect()
}

/// The first byte is the number of merges, each of two bytes, and whether they keep their order; what follows is text.
pub fn check(input: &[u8]) {
    let Some((&first, rest)) = input.split_first() else { return };
    let (count, order) = (first & 127, (first > 127).then_some(u64::from(first)));
    let (merges, text) = rest.split_at(rest.len().min(2 * usize::from(count)));
    let merges: Vec<(usize, usize)> = merges.as_chunks::<2>().0.iter().map(|&[left, right]| (left.into(), right.into())).collect();
    let (tokenizer, text) = (tokenizer(&merges, order), String::from_utf8_lossy(text));
    let mut encoder = Encoder::new(&tokenizer);
    let expected = expected(&tokenizer, &text);
    // Merged, then from the cache.
    for _ in 0..2 {
        assert_eq!(encoder.ids(&text, &nothing_added()), expected);
    }
    assert_eq!(tokenizer.decode(&expected).unwrap(), text.as_bytes());
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("encode", super::check) >= 3);
    }
}
