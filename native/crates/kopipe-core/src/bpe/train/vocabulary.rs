//! Ids and spellings, as HF numbers them: specials, the bytes in the order of their characters, then the merges.

use crate::bpe::alphabet;
use std::collections::HashMap;

pub struct Vocabulary {
    pub spellings: Vec<String>,
    ids: HashMap<String, u32>,
    /// Bytes of each token, which `max_token_length` is compared with; 1 for whatever is not merged.
    lengths: Vec<u32>,
    max_token_length: Option<usize>,
}

impl Vocabulary {
    pub fn new(specials: &[String], alphabet: &[u8], max_token_length: Option<usize>) -> Self {
        let mut vocabulary = Vocabulary { spellings: Vec::new(), ids: HashMap::new(), lengths: Vec::new(), max_token_length };
        let bytes = alphabet::by_character().into_iter().filter(|byte| alphabet.contains(byte)).map(|byte| alphabet::spell(&[byte]));
        for spelling in specials.iter().cloned().chain(bytes) {
            vocabulary.id(spelling, 1);
        }
        vocabulary
    }

    pub fn len(&self) -> usize {
        self.spellings.len()
    }

    /// The id of a spelling, and whether it is a new one.
    fn id(&mut self, spelling: String, length: u32) -> (u32, bool) {
        let next = self.spellings.len() as u32;
        let id = *self.ids.entry(spelling).or_insert_with_key(|spelling| {
            self.spellings.push(spelling.clone());
            self.lengths.push(length);
            next
        });
        (id, id == next)
    }

    /// The id of a merged pair, and whether it is a new one: a special token may be spelled like it.
    pub fn join(&mut self, (left, right): (u32, u32)) -> (u32, bool) {
        let length = self.lengths[left as usize] + self.lengths[right as usize];
        let (id, is_new) = self.id([self.spellings[left as usize].as_str(), &self.spellings[right as usize]].concat(), length);
        self.lengths[id as usize] = length;
        (id, is_new)
    }

    /// The id of a pair that was merged.
    pub fn spelled(&self, (left, right): (u32, u32)) -> u32 {
        self.ids[&[self.spellings[left as usize].as_str(), &self.spellings[right as usize]].concat()]
    }

    /// Whether a pair that a merge made may be merged: HF's rule, by which a pair of two bytes always may.
    #[inline]
    pub fn may_merge(&self, left: u32, right: u32) -> bool {
        let Some(bound) = self.max_token_length else { return true };
        let length = (self.lengths[left as usize] + self.lengths[right as usize]) as usize;
        length == 2 || length < bound
    }

    /// The id of each byte; `None` for one outside the alphabet.
    pub fn byte_ids(&self) -> [Option<u32>; 256] {
        std::array::from_fn(|byte| self.ids.get(&alphabet::spell(&[byte as u8])).copied())
    }
}
