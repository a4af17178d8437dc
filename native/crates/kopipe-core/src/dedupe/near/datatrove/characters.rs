//! What becomes of each character, from the table that the peer itself has filled (characters.txt).
//!
//! Two-stage look-up: 8,704 numbers of blocks, about 200 blocks of 128 codes; made on first use, in about 5 ms.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The table; by test/golden/minhash_characters.py.
pub const TABLE: &str = include_str!("characters.txt");

pub static CHARACTERS: LazyLock<Characters> = LazyLock::new(Characters::read);

/// What a code tells; codes from `MAPPED` on are numbers of texts that stand in a character's place.
pub const KEPT: u16 = 0;
pub const SPACE: u16 = 1;
pub const DIGIT: u16 = 2;
/// Kept or a space where it does not part the digits of a number.
pub const SEPARATOR: u16 = 3;
pub const SEPARATING_SPACE: u16 = 4;
/// A mark that is dropped; a starter (of combining class 0) also ends a run of marks.
pub const DROPPED: u16 = 5;
pub const DROPPED_STARTER: u16 = 6;
/// A mark that is kept, in its place among its neighbours.
pub const MARK: u16 = 7;
/// Σ, which becomes σ or ς.
pub const SIGMA: u16 = 8;
pub const HANGUL: u16 = 9;
pub const MAPPED: u16 = 10;

const BLOCK: usize = 128;
/// The longest text in a character's place.
pub const MOST_BYTES: usize = 12;

pub struct Characters {
    /// What an ASCII character becomes: a space, `0` for every digit, or itself in lower case.
    pub ascii: [u8; 128],
    blocks: Vec<[u16; BLOCK]>,
    block_of: Box<[u16]>,
    mapped: Vec<Mapped>,
    /// Marks that are kept, and their combining classes.
    marks: Vec<(char, u8)>,
    ignorable: Vec<(u32, u32)>,
    cased: Vec<(u32, u32)>,
}

/// A text in a character's place.
pub struct Mapped {
    pub bytes: [u8; MOST_BYTES],
    pub length: usize,
    /// Where the marks begin that it ends with.
    pub marks_from: usize,
}

impl Characters {
    fn read() -> Self {
        let mut codes = vec![KEPT; 0x11_0000];
        let mut fill = |name: &str, code: u16| {
            for (from, to) in ranges(name) {
                codes[from as usize..=to as usize].fill(code);
            }
        };
        fill("spaces", SPACE);
        fill("digits", DIGIT);
        fill("dropped", DROPPED);
        fill("dropped starters", DROPPED_STARTER);
        let mut marks = Vec::new();
        for class in [6, 9, 216, 224, 226] {
            let name = format!("marks {class}");
            fill(&name, MARK);
            marks.extend(ranges(&name).flat_map(|(from, to)| from..=to).filter_map(char::from_u32).map(|mark| (mark, class)));
        }
        marks.sort_unstable();
        codes[0xAC00..=0xD7A3].fill(HANGUL);
        for (from, to) in ranges("separators") {
            for code in &mut codes[from as usize..=to as usize] {
                *code = if *code == SPACE { SEPARATING_SPACE } else { SEPARATOR };
            }
        }
        let mut mapped = Vec::new();
        for (from, text) in maps() {
            codes[from as usize] = MAPPED + mapped.len() as u16;
            let marks = text.chars().rev().take_while(|c| marks.iter().any(|(mark, _)| mark == c)).map(char::len_utf8).sum::<usize>();
            let mut bytes = [0; MOST_BYTES];
            bytes[..text.len()].copy_from_slice(text.as_bytes());
            mapped.push(Mapped { bytes, length: text.len(), marks_from: text.len() - marks });
        }
        codes['Σ' as usize] = SIGMA;
        let ascii = std::array::from_fn(|c| match codes[c] {
            SPACE | SEPARATING_SPACE => b' ',
            DIGIT => b'0',
            code if code >= MAPPED => mapped[usize::from(code - MAPPED)].bytes[0],
            _ => c as u8,
        });
        let (mut blocks, mut numbers) = (Vec::new(), HashMap::new());
        let mut number = |block: &[u16; BLOCK]| {
            *numbers.entry(*block).or_insert_with(|| {
                blocks.push(*block);
                blocks.len() as u16 - 1
            })
        };
        let block_of = codes.as_chunks().0.iter().map(&mut number).collect();
        Characters {
            ascii,
            blocks,
            block_of,
            mapped,
            marks,
            ignorable: ranges("case-ignorable").collect(),
            cased: ranges("cased").collect(),
        }
    }

    #[inline]
    pub fn code(&self, c: char) -> u16 {
        let c = c as usize;
        self.blocks[usize::from(self.block_of[c / BLOCK])][c % BLOCK]
    }

    /// The text that a code from `MAPPED` on stands for.
    #[inline]
    pub fn mapped(&self, code: u16) -> &Mapped {
        &self.mapped[usize::from(code - MAPPED)]
    }

    /// The combining class of a mark that is kept; 0 for any other character.
    pub fn combining_class(&self, c: char) -> u8 {
        self.marks.binary_search_by_key(&c, |&(mark, _)| mark).map_or(0, |at| self.marks[at].1)
    }

    /// Whether a sigma between these is lower-cased to ς: behind a letter and not before one. As Python, it sees through
    /// what is case-ignorable.
    pub fn is_final_sigma(&self, before: &str, after: &str) -> bool {
        let is_letter = |c: char| contains(&self.cased, c);
        let is_seen = |c: &char| !contains(&self.ignorable, *c);
        before.chars().rev().find(is_seen).is_some_and(is_letter) && !after.chars().find(is_seen).is_some_and(is_letter)
    }
}

fn contains(ranges: &[(u32, u32)], c: char) -> bool {
    let at = ranges.partition_point(|&(_, to)| to < c as u32);
    ranges.get(at).is_some_and(|&(from, _)| from <= c as u32)
}

/// The code points of a line of the table.
pub fn ranges(name: &str) -> impl Iterator<Item = (u32, u32)> {
    let named = TABLE.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    named.expect("the table has the line").split(' ').map(|range| {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        (hexadecimal(from), hexadecimal(to))
    })
}

/// The code points that are not kept, and the texts in their places.
fn maps() -> impl Iterator<Item = (u32, String)> {
    TABLE.lines().skip_while(|line| *line != "maps:").skip(1).map(|line| {
        let mut codes = line.split(' ').map(hexadecimal);
        let from = codes.next().expect("a line has a code point");
        (from, codes.filter_map(char::from_u32).collect())
    })
}

fn hexadecimal(code: &str) -> u32 {
    u32::from_str_radix(code, 16).expect("the table has code points")
}
