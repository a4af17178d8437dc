//! Encoding with a loaded tokenizer: pretokens, a bounded cache of those seen, and the merge loop for the others.
//!
//! Special strings in a document are text like any other (HF with `encode_special_tokens=True`). The cache is two-way
//! and has a fixed size (32 MB a worker): the frequent pretokens stay, whatever the input. Short pretokens are merged
//! by scanning, long ones with a heap, so that a line of a megabyte takes n log n. Measured on 253 MB of Korean, one
//! thread, cold: 100 MB/s; the pretokens alone 500.

mod model;

use super::key::{AHEAD, INLINE, Key, Keyed, fill, prefetch};
use super::pairs::{PairMap, pair};
use super::pretoken::Pretokens;
use crate::error::{Error, Result};
use crate::io::{Io, hex};
use model::Model;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub struct Tokenizer {
    model: Model,
    digest: String,
    filter: Filter,
}

/// Says of most pairs that never merge that they do not, from 64 KB that stay in the nearest cache.
struct Filter {
    bits: Box<[u64; 1 << 13]>,
}

impl Filter {
    fn new(merges: &PairMap) -> Self {
        let mut filter = Filter { bits: Box::new([0; 1 << 13]) };
        for (pair, _) in merges.iter() {
            let (word, bit) = Filter::place(pair);
            filter.bits[word] |= bit;
        }
        filter
    }

    #[inline]
    fn may_hold(&self, pair: u64) -> bool {
        let (word, bit) = Filter::place(pair);
        self.bits[word] & bit != 0
    }

    #[inline]
    fn place(pair: u64) -> (usize, u64) {
        let hash = pair.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 45;
        ((hash >> 6) as usize, 1 << (hash & 63))
    }
}

impl Tokenizer {
    pub fn load(io: &Io, path: &Path) -> Result<Self> {
        Tokenizer::parse(&io.read(path)?, path)
    }

    /// `path` is what errors name.
    pub fn parse(json: &[u8], path: &Path) -> Result<Self> {
        let model = Model::parse(json, path)?;
        Ok(Tokenizer { filter: Filter::new(&model.merges), model, digest: hex(xxhash_rust::xxh3::xxh3_128(json)) })
    }

    /// One more than the largest id.
    pub fn vocabulary_size(&self) -> usize {
        self.model.tokens.keys().max().map_or(0, |&id| id as usize + 1)
    }

    /// xxh3-128 of the file.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    pub fn special(&self, text: &str) -> Option<u32> {
        self.model.specials.get(text).copied()
    }

    /// Those of some strings that are special tokens here; the others stay text.
    pub fn marks(&self, texts: &[String]) -> Vec<Mark> {
        let known = texts.iter().filter(|text| text.as_bytes().starts_with(MARK_BEGIN));
        known.filter_map(|text| Some(Mark { text: text.clone(), id: self.special(text)? })).collect()
    }

    /// The bytes behind ids: of whole documents UTF-8, of single tokens often parts of a character.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for id in ids {
            let token = self.model.tokens.get(id);
            bytes.extend_from_slice(token.ok_or_else(|| Error::invalid(format!("there is no token of id {id} in the vocabulary")))?);
        }
        Ok(bytes)
    }

    fn merge(&self, left: u32, right: u32) -> u64 {
        let pair = pair(left, right);
        if self.filter.may_hold(pair) { self.model.merges.get(pair).unwrap_or(NEVER) } else { NEVER }
    }
}

/// The rank and id of a pair that does not merge.
const NEVER: u64 = u64::MAX;
/// The encoders of all workers: one is taken for a batch and given back, so there are as many as batches at a time.
pub struct Encoders {
    tokenizer: Arc<Tokenizer>,
    idle: Mutex<Vec<Encoder>>,
}

impl Encoders {
    pub fn new(tokenizer: Tokenizer) -> Self {
        Encoders { tokenizer: Arc::new(tokenizer), idle: Mutex::default() }
    }

    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut Encoder) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let mut encoder = taken.unwrap_or_else(|| Encoder::new(self.tokenizer.clone()));
        let result = work(&mut encoder);
        idle().push(encoder);
        result
    }
}

/// A string that stands for a token where kopipe has written it: a mask. All begin with `<|`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub text: String,
    pub id: u32,
}

const MARK_BEGIN: &[u8] = b"<|";

/// From so many symbols on the heap is faster than scanning.
const LONG: usize = 64;

/// One worker's: a tokenizer and the memory of what it has encoded.
pub struct Encoder {
    tokenizer: Arc<Tokenizer>,
    cache: Vec<[Entry; 2]>,
    word: Vec<u32>,
    merges: Vec<u64>,
}

/// A pretoken of up to 16 bytes and its up to 10 tokens, in a line of 64 bytes.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Entry {
    key: Key,
    tokens: [u32; 10],
    /// Bytes of the pretoken; 0: nothing here.
    len: u8,
    count: u8,
    /// How often it was of use lately.
    hits: u8,
}

const NOTHING: Entry = Entry { key: Key { prefix: 0, rest: 0 }, tokens: [0; 10], len: 0, count: 0, hits: 0 };
const CACHE_LINES: usize = 1 << 18;

impl Encoder {
    pub fn new(tokenizer: Arc<Tokenizer>) -> Self {
        Encoder { tokenizer, cache: vec![[NOTHING; 2]; CACHE_LINES], word: Vec::new(), merges: Vec::new() }
    }

    /// Appends the ids of a text.
    pub fn encode(&mut self, text: &str, ids: &mut Vec<u32>) {
        let mut pretokens = Pretokens::new(self.tokenizer.model.pattern, text);
        let mut block = [Keyed::default(); AHEAD];
        loop {
            let filled = fill(&mut block, &mut pretokens, |hash| self.cache[line(hash)].iter().for_each(prefetch));
            if filled == 0 {
                return;
            }
            for keyed in &block[..filled] {
                match keyed.pretoken {
                    [byte] => ids.push(self.tokenizer.model.byte_ids[*byte as usize]),
                    pretoken if pretoken.len() <= INLINE => self.encode_short(keyed, ids),
                    pretoken => {
                        self.encode_word(pretoken);
                        ids.extend_from_slice(&self.word);
                    }
                }
            }
        }
    }

    /// Appends the ids of a text in which some strings are tokens; none of them begins another.
    pub fn encode_marked(&mut self, text: &str, marks: &[Mark], ids: &mut Vec<u32>) {
        let mut from = 0;
        if !marks.is_empty() {
            for at in memchr::memmem::find_iter(text.as_bytes(), MARK_BEGIN) {
                if let Some(mark) = marks.iter().find(|mark| text[at..].starts_with(&mark.text)) {
                    self.encode(&text[from..at], ids);
                    ids.push(mark.id);
                    from = at + mark.text.len();
                }
            }
        }
        self.encode(&text[from..], ids);
    }

    #[inline]
    fn encode_short(&mut self, &Keyed { pretoken, key, hash }: &Keyed, ids: &mut Vec<u32>) {
        for entry in &mut self.cache[line(hash)] {
            if entry.key == key && entry.len as usize == pretoken.len() {
                entry.hits = entry.hits.saturating_add(1);
                // All of them in one move of a known size; what is too much is cut off.
                let count = ids.len() + entry.count as usize;
                ids.extend_from_slice(&entry.tokens);
                ids.truncate(count);
                return;
            }
        }
        self.encode_word(pretoken);
        ids.extend_from_slice(&self.word);
        if self.word.len() <= NOTHING.tokens.len() {
            let [a, b] = &mut self.cache[line(hash)];
            let (weak, strong) = if a.hits < b.hits { (a, b) } else { (b, a) };
            // What is pushed against ages, so that yesterday's favourite leaves in the end.
            strong.hits /= 2;
            *weak = Entry { key, tokens: [0; 10], len: pretoken.len() as u8, count: self.word.len() as u8, hits: 0 };
            weak.tokens[..self.word.len()].copy_from_slice(&self.word);
        }
    }

    /// Leaves the ids of a pretoken in `word`.
    fn encode_word(&mut self, pretoken: &[u8]) {
        let byte_ids = &self.tokenizer.model.byte_ids;
        self.word.clear();
        self.word.extend(pretoken.iter().map(|&byte| byte_ids[byte as usize]));
        if pretoken.len() < LONG {
            self.merge_by_scanning();
        } else {
            merge_with_heap(&self.tokenizer, &mut self.word);
        }
    }

    /// The lowest rank first, the leftmost of equals: `merges[i]` is what symbols i and i + 1 merge to.
    fn merge_by_scanning(&mut self) {
        let (word, merges, tokenizer) = (&mut self.word, &mut self.merges, &self.tokenizer);
        merges.clear();
        merges.extend(word.windows(2).map(|two| tokenizer.merge(two[0], two[1])));
        while let Some((at, &merge)) = merges.iter().enumerate().min_by_key(|&(_, merge)| merge).filter(|&(_, &merge)| merge != NEVER) {
            word[at] = merge as u32;
            word.remove(at + 1);
            merges.remove(at);
            if at > 0 {
                merges[at - 1] = tokenizer.merge(word[at - 1], word[at]);
            }
            if at < merges.len() {
                merges[at] = tokenizer.merge(word[at], word[at + 1]);
            }
        }
    }
}

/// The same with a list of neighbours and a heap of (merge, place): for pretokens of any length.
fn merge_with_heap(tokenizer: &Tokenizer, word: &mut Vec<u32>) {
    const GONE: u32 = u32::MAX;
    let mut next: Vec<u32> = (1..=word.len() as u32).collect();
    let mut before: Vec<u32> = (0..word.len() as u32).map(|at| at.wrapping_sub(1)).collect();
    let mut heap = BinaryHeap::new();
    let offer = |heap: &mut BinaryHeap<_>, word: &[u32], left: u32, right: u32| {
        if let (Some(&a), Some(&b)) = (word.get(left as usize), word.get(right as usize)) {
            let merge = tokenizer.merge(a, b);
            if merge != NEVER {
                heap.push(Reverse((merge >> 32, left, a, b, merge as u32)));
            }
        }
    };
    for at in 1..word.len() as u32 {
        offer(&mut heap, word, at - 1, at);
    }
    while let Some(Reverse((_, at, a, b, merged))) = heap.pop() {
        let (left, right) = (at as usize, next[at as usize] as usize);
        // Offers of pairs that have changed since are void.
        if word[left] != a || word.get(right) != Some(&b) {
            continue;
        }
        word[left] = merged;
        word[right] = GONE;
        next[left] = next[right];
        if let Some(before) = before.get_mut(next[left] as usize) {
            *before = at;
        }
        offer(&mut heap, word, before[left], at);
        offer(&mut heap, word, at, next[left]);
    }
    word.retain(|&symbol| symbol != GONE);
}

/// The line of the cache that a hash leads to.
#[inline]
fn line(hash: u32) -> usize {
    hash as usize & (CACHE_LINES - 1)
}

#[cfg(test)]
mod tests;
