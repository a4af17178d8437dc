//! Ids and spellings, as HF numbers them: specials, the bytes in the order of their characters, then the merges.

use super::units::{Form, JAMO, JAMO_LEAD, Units};
use crate::bpe::alphabet;
use std::collections::HashMap;

pub struct Vocabulary {
    pub spellings: Vec<String>,
    ids: HashMap<String, u32>,
    /// Bytes of each token, which `max_token_length` is compared with; 1 for whatever is not merged.
    lengths: Vec<u32>,
    max_token_length: Option<usize>,
    /// How each token lies in characters; empty where it may lie anyhow.
    forms: Vec<Form>,
    units: Units,
}

impl Vocabulary {
    pub fn new(specials: &[String], alphabet: &[u8], max_token_length: Option<usize>, units: Units) -> Self {
        let (spellings, ids, lengths, forms) = Default::default();
        let mut vocabulary = Vocabulary { spellings, ids, lengths, max_token_length, forms, units };
        let bytes: Vec<u8> = alphabet::by_character().into_iter().filter(|byte| alphabet.contains(byte)).collect();
        for spelling in specials.iter().cloned().chain(bytes.iter().map(|&byte| alphabet::spell(&[byte]))) {
            vocabulary.id(spelling, 1);
        }
        if units == Units::Syllables {
            // No merge begins or ends with a special token but where it is spelled like a byte.
            vocabulary.forms = vec![Form::Cut; vocabulary.len()];
            for byte in bytes {
                let id = vocabulary.ids[&alphabet::spell(&[byte])];
                vocabulary.forms[id as usize] = Form::of_byte(byte);
            }
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
        if self.units == Units::Syllables {
            let form = self.forms[left as usize].joined(self.forms[right as usize]);
            self.forms.resize(self.spellings.len(), form);
            self.forms[id as usize] = form;
        }
        (id, is_new)
    }

    /// The id of a pair that was merged.
    pub fn spelled(&self, (left, right): (u32, u32)) -> u32 {
        self.ids[&[self.spellings[left as usize].as_str(), &self.spellings[right as usize]].concat()]
    }

    /// Whether a pair may be merged: it cuts no character that must stay whole, and is short enough by HF's rule, which
    /// a pair of two bytes always is.
    #[inline]
    pub fn may_merge(&self, left: u32, right: u32) -> bool {
        if self.units == Units::Syllables && self.forms[left as usize].joined(self.forms[right as usize]) == Form::Cut {
            return false;
        }
        let Some(bound) = self.max_token_length else { return true };
        let length = (self.lengths[left as usize] + self.lengths[right as usize]) as usize;
        length == 2 || length < bound
    }

    /// The merges that make the units to begin with, in their order.
    pub fn first_merges(&mut self) -> Vec<(u32, u32)> {
        let Units::Jamo = self.units else { return Vec::new() };
        let jamo = || JAMO.iter().flat_map(|&(first, last)| first..=last).map(utf8);
        let mut merges: Vec<(u32, u32)> = Vec::new();
        let mut merge = |vocabulary: &mut Vocabulary, bytes: &[u8]| {
            let (last, before) = bytes.split_last().expect("two bytes or three");
            let pair = (vocabulary.ids[&alphabet::spell(before)], vocabulary.ids[&alphabet::spell(&[*last])]);
            if !merges.contains(&pair) {
                vocabulary.join(pair);
                merges.push(pair);
            }
        };
        jamo().for_each(|jamo| merge(self, &jamo[..2]));
        jamo().for_each(|jamo| merge(self, &jamo));
        merges
    }

    /// What pretokens are before the first merge that is counted for.
    pub fn start(&self) -> Start {
        let id = |bytes: &[u8]| self.ids.get(&alphabet::spell(bytes)).copied();
        let by_second = |second: u8| (self.units == Units::Jamo).then(|| id(&[JAMO_LEAD, second])).flatten();
        let heads: Vec<(u8, u32)> = (0x80..0xc0).filter_map(|second| Some((second, by_second(second)?))).collect();
        let jamo = heads.iter().flat_map(|&(second, _)| (0x80..0xc0).map(move |third| [JAMO_LEAD, second, third]));
        Start {
            bytes: std::array::from_fn(|byte| id(&[byte as u8])),
            jamo: jamo.filter_map(|bytes| Some(([bytes[1], bytes[2]], id(&bytes)?))).collect(),
            heads: heads.into_iter().collect(),
        }
    }
}

fn utf8(code: u32) -> [u8; 3] {
    let mut bytes = [0; 3];
    char::from_u32(code).expect("a jamo").encode_utf8(&mut bytes);
    bytes
}

/// The first symbols of a pretoken: its bytes, or its jamo.
pub struct Start {
    /// `None` for a byte outside the alphabet.
    bytes: [Option<u32>; 256],
    /// By the second and third byte.
    jamo: HashMap<[u8; 2], u32>,
    /// The first two bytes of jamo, by the second.
    heads: HashMap<u8, u32>,
}

impl Start {
    pub fn symbols<'s>(&'s self, pretoken: &'s [u8]) -> impl Iterator<Item = u32> + 's {
        let mut at = 0;
        std::iter::from_fn(move || {
            while at < pretoken.len() {
                let rest = &pretoken[at..];
                let (symbol, len) = self.first(rest);
                at += len;
                if symbol.is_some() {
                    return symbol;
                }
            }
            None
        })
    }

    /// The first symbol of some bytes, and how many it takes.
    #[inline]
    fn first(&self, bytes: &[u8]) -> (Option<u32>, usize) {
        if bytes[0] == JAMO_LEAD && !self.heads.is_empty() && bytes.len() > 2 {
            if let Some(&jamo) = self.jamo.get(&[bytes[1], bytes[2]]) {
                return (Some(jamo), 3);
            }
            if let Some(&head) = self.heads.get(&bytes[1]) {
                return (Some(head), 2);
            }
        }
        (self.bytes[bytes[0] as usize], 1)
    }
}
