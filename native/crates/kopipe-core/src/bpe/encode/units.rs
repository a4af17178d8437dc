//! Start units: a Hangul syllable's three bytes, with a blank before it or without, as the tokens they merge to anyway.
//!
//! The merge loop from bytes spends most of its time on making syllables. A syllable may start as what its own bytes
//! merge to where nothing beside it can come in between, whatever stands there: while its bytes merge, no merge of a
//! rank that is as low takes its first symbol with what ends a character, or its last symbol with what begins one; nor what
//! they are at last before they would have become it, where a merge ranks before those that make its parts. Many
//! syllables are taken apart only before a single other character (니 before 다, whose token begins inside of 니):
//! these start merged before every other one. The rest starts from bytes.
//!
//! Of the tokenizer of 30,000 trained on 253 MB of Korean 618 syllables start from bytes (465 behind a blank), 973
//! (1,135) depend on the next character.

use super::id::Id;
use super::merges::{Merges, NEVER};
use std::collections::HashMap;

const FIRST: u32 = 0xac00;
const SYLLABLES: u32 = 11_172;

/// What a syllable starts as, where that is not simply one token.
struct Unit {
    /// Of the four bytes at most.
    tokens: [u32; 4],
    /// 0: from bytes.
    count: u8,
    /// The one character that must not follow, or NUL, which none is.
    unless: char,
}

/// In the place of a token: the other bits number a unit.
const UNIT: u32 = 1 << 31;

pub struct Units {
    /// By syllable, without a blank before it and with one: 89 KB, which stay in a near cache.
    starts: Box<[[u32; 2]]>,
    units: Vec<Unit>,
    byte_ids: [u32; 256],
}

impl Units {
    /// `tokens` are the bytes of each token.
    pub fn new<I: Id>(merges: &Merges<I>, byte_ids: [u32; 256], tokens: &HashMap<u32, Vec<u8>>) -> Self {
        let edges = Edges::new(merges, &byte_ids, tokens);
        let mut units = Vec::new();
        let mut start = |syllable: u32, blank: bool| {
            let unit = edges.unit(merges, &byte_ids, char::from_u32(FIRST + syllable).expect("a syllable"), blank);
            match (unit.count, unit.unless) {
                (1, '\0') => unit.tokens[0],
                _ => {
                    units.push(unit);
                    UNIT | (units.len() as u32 - 1)
                }
            }
        };
        let starts = (0..SYLLABLES).map(|syllable| [start(syllable, false), start(syllable, true)]).collect();
        Units { starts, units, byte_ids }
    }

    /// Writes what a pretoken starts from into `word`, at most a symbol a byte, and gives their number.
    #[inline(always)]
    pub fn start(&self, pretoken: &[u8], word: &mut [u32]) -> usize {
        let (mut at, mut filled) = (0, 0);
        let mut blank = usize::from(pretoken[0] == b' ' && syllable(&pretoken[1..]).is_some());
        at += blank;
        while at < pretoken.len() {
            if let Some(syllable) = syllable(&pretoken[at..]) {
                let start = self.starts[syllable as usize][blank];
                if start & UNIT == 0 {
                    word[filled] = start;
                    filled += 1;
                } else {
                    filled += self.start_unit(&self.units[(start ^ UNIT) as usize], &pretoken[at - blank..], &mut word[filled..]);
                }
                blank = 0;
                at += 3;
            } else {
                word[filled] = self.byte_ids[pretoken[at] as usize];
                filled += 1;
                at += 1;
            }
        }
        filled
    }

    #[inline(always)]
    fn start_unit(&self, unit: &Unit, rest: &[u8], word: &mut [u32]) -> usize {
        let bytes = if rest[0] == b' ' { 4 } else { 3 };
        if unit.count == 0 || unit.unless != '\0' && starts_with(&rest[bytes..], unit.unless) {
            for (symbol, &byte) in word.iter_mut().zip(&rest[..bytes]) {
                *symbol = self.byte_ids[byte as usize];
            }
            bytes
        } else {
            for (symbol, &token) in word.iter_mut().zip(&unit.tokens[..unit.count as usize]) {
                *symbol = token;
            }
            unit.count as usize
        }
    }
}

#[inline(never)]
fn starts_with(text: &[u8], c: char) -> bool {
    text.starts_with(c.encode_utf8(&mut [0; 4]).as_bytes())
}

/// The number of the Hangul syllable that a text begins with.
#[inline(always)]
fn syllable(text: &[u8]) -> Option<u32> {
    let &[lead @ 0xea..=0xed, second, third, ..] = text else { return None };
    let c = u32::from(lead & 15) << 12 | u32::from(second & 63) << 6 | u32::from(third & 63);
    let number = c.wrapping_sub(FIRST);
    (number < SYLLABLES).then_some(number)
}

/// What may merge across the edges of a character.
struct Edges<'t> {
    /// By right token: the lowest rank of its merges with a left token that can end where a character ends.
    left: HashMap<u32, u32>,
    /// By left token: the merges with a right token that begins as a character does: rank, and that token's bytes.
    right: HashMap<u32, Vec<(u32, &'t [u8])>>,
}

impl<'t> Edges<'t> {
    fn new<I: Id>(merges: &Merges<I>, byte_ids: &[u32; 256], tokens: &'t HashMap<u32, Vec<u8>>) -> Self {
        let mut edges = Edges { left: HashMap::new(), right: HashMap::new() };
        let blank = byte_ids[usize::from(b' ')];
        for (left, right, rank) in merges.iter() {
            // What no bytes become merges with nothing.
            let (Some(left_bytes), Some(right_bytes)) = (tokens.get(&left), tokens.get(&right)) else { continue };
            // A blank directly before a syllable begins its pretoken and belongs to its unit.
            if left != blank && may_end_a_character(left_bytes) {
                let lowest = edges.left.entry(right).or_insert(NEVER);
                *lowest = rank.min(*lowest);
            }
            if right_bytes.first().is_some_and(|&byte| !is_continuation(byte)) {
                edges.right.entry(left).or_default().push((rank, right_bytes));
            }
        }
        edges
    }

    /// Merges a syllable's bytes alone and watches what could have come in between.
    fn unit<I: Id>(&self, merges: &Merges<I>, byte_ids: &[u32; 256], c: char, blank: bool) -> Unit {
        const FROM_BYTES: Unit = Unit { tokens: [0; 4], count: 0, unless: '\0' };
        let mut bytes = if blank { vec![b' '] } else { vec![] };
        bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        let mut word: Vec<u32> = bytes.iter().map(|&byte| byte_ids[byte as usize]).collect();
        let mut unless = '\0';
        // Of the merges so far: what they make is there from then on.
        let mut highest = None;
        loop {
            let ranks = word.windows(2).map(|two| merges.rank(two[0], two[1])).enumerate();
            let next = ranks.min_by_key(|&(at, rank)| (rank, at)).filter(|&(_, rank)| rank != NEVER);
            let Some(rank) = next.map(|(_, rank)| rank).or(highest) else { break };
            // With a blank before it the unit begins the pretoken.
            if !blank && self.left.get(&word[0]).is_some_and(|&lowest| lowest <= rank) {
                return FROM_BYTES;
            }
            let last = word[word.len() - 1];
            for (_, right) in self.right.get(&last).into_iter().flatten().filter(|&&(across, _)| across <= rank) {
                match first_character(right) {
                    Some(next) if unless == '\0' || unless == next => unless = next,
                    _ => return FROM_BYTES,
                }
            }
            let Some((at, _)) = next else { break };
            word[at] = merges.result(rank);
            word.remove(at + 1);
            highest = highest.max(Some(rank));
        }
        let mut unit = Unit { count: word.len() as u8, unless, ..FROM_BYTES };
        unit.tokens[..word.len()].copy_from_slice(&word);
        unit
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Whether some text that ends with a whole character ends with these bytes.
fn may_end_a_character(bytes: &[u8]) -> bool {
    let behind = bytes.iter().rev().take_while(|&&byte| is_continuation(byte)).count();
    match bytes.len().checked_sub(behind + 1).map(|lead| bytes[lead]) {
        None => behind <= 3,
        Some(lead) => behind == [0, 1, 2, 3][usize::from(lead >= 0xc0) + usize::from(lead >= 0xe0) + usize::from(lead >= 0xf0)],
    }
}

/// The whole character that a token begins with; NUL is no answer, since it stands for none.
fn first_character(bytes: &[u8]) -> Option<char> {
    let len = 1 + bytes[1..].iter().take_while(|&&byte| is_continuation(byte)).count();
    std::str::from_utf8(&bytes[..len]).ok()?.chars().next().filter(|&c| c != '\0')
}
