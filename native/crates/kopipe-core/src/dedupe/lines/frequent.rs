//! The lines of most documents, so that a user sees what goes: each job of the count leaves its own, the last pass finds out
//! what they were and counts the documents they were cut from. Bounded: `MOST` lines of `LONGEST` characters.

use super::Unit;
use super::fold::{Folder, Hash};
use super::pieces::pieces;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, VecDeque};
use std::ops::Range;
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// So many lines are told.
pub const MOST: usize = 100;
/// Characters of a line that are told.
pub const LONGEST: usize = 500;

/// A line that is repeated too often.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable)]
pub struct Frequent {
    pub hash: Hash,
    /// It stands in.
    pub documents: u32,
    /// The number of the first of them.
    pub first: u32,
}

impl Frequent {
    fn order(&self) -> (Reverse<u32>, u32, Hash) {
        (Reverse(self.documents), self.first, self.hash)
    }
}

impl PartialOrd for Frequent {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Those of more documents before, of equals the one that stands first.
impl Ord for Frequent {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

/// The lines of most documents, in their order.
pub fn most(lines: impl IntoIterator<Item = Frequent>) -> Vec<Frequent> {
    let mut most = BinaryHeap::new();
    for line in lines {
        if most.len() < MOST {
            most.push(line);
        } else if let Some(mut last) = most.peek_mut()
            && line < *last
        {
            *last = line;
        }
    }
    most.into_sorted_vec()
}

/// What a unit knows of one.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Documents it was cut from, those included of which nothing stayed.
    pub cut: u32,
    /// As the first document has it, where that is of this unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// What the documents of a unit tell of the most frequent lines.
pub struct Tally {
    numbers: HashMap<Hash, usize>,
    /// The first documents that are of this unit, by ordinal, with their line.
    firsts: VecDeque<(u32, Hash)>,
    /// By the line's place among the most frequent.
    told: BTreeMap<usize, Told>,
    /// The document that each was cut from last.
    last: HashMap<usize, u32>,
}

impl Tally {
    /// `numbers` are those of the unit's documents.
    pub fn new(frequent: &[Frequent], numbers: Range<u32>) -> Self {
        let here = frequent.iter().filter(|line| numbers.contains(&line.first));
        let mut firsts: Vec<_> = here.map(|line| (line.first - numbers.start, line.hash)).collect();
        firsts.sort_unstable();
        let numbers = frequent.iter().enumerate().map(|(number, line)| (line.hash, number)).collect();
        Tally { numbers, firsts: firsts.into(), told: BTreeMap::new(), last: HashMap::new() }
    }

    /// Whether the document is the first with one of the lines.
    pub fn wants(&self, ordinal: u32) -> bool {
        self.firsts.front().is_some_and(|(first, _)| *first == ordinal)
    }

    /// Takes the lines it wants from the document.
    pub fn read(&mut self, ordinal: u32, text: &str, unit: Unit, folder: &mut Folder) {
        let mut pieces = pieces(text, unit).map(|range| &text[range]);
        let mut wanted: Vec<Hash> = Vec::new();
        while self.wants(ordinal) {
            wanted.extend(self.firsts.pop_front().map(|(_, hash)| hash));
        }
        while !wanted.is_empty()
            && let Some(piece) = pieces.next()
        {
            let hash = folder.hash(piece);
            if let Some(at) = wanted.iter().position(|wanted| Some(*wanted) == hash) {
                let number = self.numbers[&wanted.swap_remove(at)];
                self.told.entry(number).or_default().text = Some(piece.trim().chars().take(LONGEST).collect());
            }
        }
    }

    /// The line is cut from the document.
    pub fn cut(&mut self, ordinal: u32, line: Hash) {
        let Some(&number) = self.numbers.get(&line) else { return };
        if self.last.insert(number, ordinal) != Some(ordinal) {
            self.told.entry(number).or_default().cut += 1;
        }
    }

    pub fn told(&self) -> &BTreeMap<usize, Told> {
        &self.told
    }
}
