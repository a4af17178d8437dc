//! Which lines of a document go, and the text without them.
//!
//! A line that is not looked at (blank, or too short) goes with the one before it, at the beginning with the first that is.
//! The rule `pattern`: of the classes of a document's lines as a string, g green, y yellow, r red, stays what matches
//! `g{2,}(y+g{1,})+g` or `g{2,}`. That is, between two red lines, all from the first pair of green ones to the last. A document
//! without a repeated line stays as it is, also where it is one line alone, which the expressions do not match.

use super::counting::{Counting, Repeated};
use super::fold::{Folder, Hash};
use super::frequent::{Frequent, Tally, Told};
use super::pieces::pieces;
use super::{Lines, Rule};
use crate::clean::cuts::counts::{Cuts, LINE};
use crate::dedupe::places::Places;
use crate::dedupe::records::Records;
use crate::error::{Error, Result};
use crate::io::Io;
use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

/// What was found in all partitions.
pub struct RepeatedLines {
    places: Places,
    partitions: Vec<Records<Repeated>>,
    frequent: Vec<Frequent>,
    how: Lines,
    /// Documents of fewer characters go.
    shortest: u64,
}

impl RepeatedLines {
    /// Once every job of the count is done.
    pub fn open(io: &Io, counting: &Counting, shortest: u64) -> Result<Self> {
        let partitions = counting.files().iter().map(|path| Records::open(io, path)).collect::<Result<_>>()?;
        let (places, how, frequent) = (counting.places().clone(), *counting.how(), counting.frequent()?);
        Ok(RepeatedLines { places, partitions, frequent, how, shortest: shortest.max(1) })
    }

    /// The lines of most documents, those first.
    pub fn frequent(&self) -> &[Frequent] {
        &self.frequent
    }

    /// Those of a unit.
    pub fn of_unit(&mut self, unit: usize) -> Result<UnitCutting> {
        let numbers = self.places.of_unit(unit);
        let mut repeated = Vec::new();
        for partition in &mut self.partitions {
            repeated.extend(partition.sorted_range(numbers.clone(), |line| line.number)?);
        }
        repeated.iter_mut().for_each(|line| line.number -= numbers.start);
        repeated.sort_unstable();
        let (tally, folder) = (Tally::new(&self.frequent, numbers), Folder::new(self.how.min_letters));
        Ok(UnitCutting { repeated: repeated.into(), tally, how: self.how, folder, shortest: self.shortest })
    }
}

/// Cuts the documents of a unit, which come in their order.
pub struct UnitCutting {
    /// By ordinal.
    repeated: VecDeque<Repeated>,
    tally: Tally,
    how: Lines,
    folder: Folder,
    shortest: u64,
}

/// What becomes of a document.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Without some of its lines.
    Cut { text: String, cuts: Box<Cuts> },
    /// Too few characters are left.
    Gone { left: u64, shortest: u64 },
}

impl UnitCutting {
    /// Nothing where the document stays as it is; `text` is asked for where it has repeated lines, or is the first with one
    /// of the most frequent.
    pub fn cut<'a>(&mut self, ordinal: u32, text: impl FnOnce() -> Option<Cow<'a, str>>) -> Result<Option<Outcome>> {
        let lines = self.repeated.iter().take_while(|line| line.number == ordinal).count();
        let repeated: Vec<Repeated> = self.repeated.drain(..lines).collect();
        if repeated.is_empty() && !self.tally.wants(ordinal) {
            return Ok(None);
        }
        let text = text().ok_or_else(|| Error::Internal(format!("document {ordinal} has no text")))?;
        self.tally.read(ordinal, &text, self.how.unit, &mut self.folder);
        let cut = |line| self.tally.cut(ordinal, line);
        let Some((left, lines)) = without(&text, &repeated, &self.how, &mut self.folder, cut)? else { return Ok(None) };
        let characters = if left.trim().is_empty() { 0 } else { left.chars().count() as u64 };
        if characters < self.shortest {
            return Ok(Some(Outcome::Gone { left: characters, shortest: self.shortest }));
        }
        let mut cuts = Box::<Cuts>::default();
        (0..lines).for_each(|_| cuts.hit(LINE, 0));
        cuts.0[LINE].bytes = (text.len() - left.len()) as u64;
        Ok(Some(Outcome::Cut { text: left, cuts }))
    }

    /// What the documents tell of the most frequent lines, by their places among them.
    pub fn told(&self) -> &BTreeMap<usize, Told> {
        self.tally.told()
    }

    /// Fails where a document with repeated lines did not come.
    pub fn finish(&self) -> Result<()> {
        match self.repeated.front() {
            Some(line) => Err(Error::Internal(format!("document {} with repeated lines is not in the scratch file", line.number))),
            None => Ok(()),
        }
    }
}

/// The text without the lines that go, and how many those are; nothing where none does. `repeated` are its lines by piece;
/// `cut` is told each that goes.
pub fn without(
    text: &str,
    repeated: &[Repeated],
    how: &Lines,
    folder: &mut Folder,
    mut cut: impl FnMut(Hash),
) -> Result<Option<(String, usize)>> {
    if repeated.is_empty() {
        return Ok(None);
    }
    let mut repeated = repeated.iter().peekable();
    let mut all = Vec::new();
    // Of each line that is looked at, its documents where they are too many.
    let mut documents = Vec::new();
    for (i, range) in pieces(text, how.unit).enumerate() {
        let hash = folder.hash(&text[range.clone()]);
        all.push((range, hash));
        if hash.is_some() {
            documents.push(repeated.next_if(|line| line.piece as usize == i).map_or(0, |line| line.documents));
        }
    }
    if repeated.next().is_some() {
        return Err(Error::Internal("a repeated line is not where it was counted".into()));
    }
    let go = gone(&documents, how);
    let lines = go.iter().filter(|&&gone| gone).count();
    if lines == 0 {
        return Ok(None);
    }
    let mut fates = go.iter().copied();
    let mut goes = go[0];
    let mut left = String::with_capacity(text.len());
    for (range, hash) in all {
        if let Some(hash) = hash {
            goes = fates.next().unwrap_or_default();
            if goes {
                cut(hash);
            }
        }
        if !goes {
            left.push_str(&text[range]);
        }
    }
    if goes {
        // Nothing stands behind what ends the text now.
        left.truncate(left.trim_end_matches('\n').len());
    }
    Ok(Some((left, lines)))
}

/// Which lines go; `documents` is 0 for one that is not repeated.
pub fn gone(documents: &[u32], how: &Lines) -> Vec<bool> {
    if how.rule == Rule::Count {
        return documents.iter().map(|&documents| documents > 0).collect();
    }
    let mut gone = vec![false; documents.len()];
    if documents.iter().all(|&documents| documents <= how.green) {
        return gone;
    }
    let mut start = 0;
    for between in documents.split(|&documents| documents > how.yellow) {
        let pair = |pair: &[u32]| pair.iter().all(|&documents| documents <= how.green);
        let first = between.windows(2).position(pair);
        let last = between.windows(2).rposition(pair);
        for i in 0..between.len() {
            gone[start + i] = !first.zip(last).is_some_and(|(first, last)| (first..=last + 1).contains(&i));
        }
        if let Some(red) = gone.get_mut(start + between.len()) {
            *red = true;
        }
        start += between.len() + 1;
    }
    gone
}
