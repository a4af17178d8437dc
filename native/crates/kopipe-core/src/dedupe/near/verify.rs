//! Comparison within components: documents come in the order in which survivors are chosen; each is held against those
//! that stay so far, the first one it is like takes it, and one that is like none stays. So a document goes only where
//! it was compared with the very document that stands for it, and a chain of resemblances makes no cluster.
//!
//! It is compared with the first `NEAREST` that stay of its component and with each further one it shares a band with:
//! templates that make a component of 100,000 different documents cost comparisons only where bands say so. Documents
//! come by the 256: side by side, on all workers, each is held against those that stay from before, while the next ones
//! are read, and then in turn against those of the 256 that stay. Nothing is left out: where the sketches of those that
//! stay exceed the memory, documents that none of them takes are put aside on disk and held against the next ones in a
//! further round, with the same result. What is known from an earlier artifact comes before all and stays, whatever it is like.

use super::alike::judge;
use super::candidate::Candidate;
use super::runs::{Merge, Runs};
use super::sketch::Sketch;
use crate::by_hash::ByHash;
use crate::dedupe::documents::KNOWN;
use crate::dedupe::records;
use crate::dedupe::rule::Rule;
use crate::error::Result;
use crate::io::Io;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use zerocopy::{FromBytes, Immutable, IntoBytes};

/// A document's pair: the one that stays in its place, or the most alike of those it was compared with. By number.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, FromBytes, IntoBytes, Immutable)]
pub struct Verdict {
    pub number: u32,
    pub of: u32,
    /// `Rule` as a number.
    pub rule: u32,
    pub score: f32,
}

const NEAREST: usize = 64;

/// What an entry of the table by band takes at the most, while the table grows.
const BYTES_BY_BAND: usize = 60;

/// So many are decided on side by side at the most.
const AT_ONCE: usize = 256;

/// What a partition is decided by.
#[derive(Debug, Clone, Copy)]
pub struct Verification {
    /// Whether pairs are compared; otherwise whatever hangs together is one cluster.
    pub compare: bool,
    /// Bytes.
    pub memory: usize,
}

/// Decides over the candidates of a partition and writes their verdicts, sorted by number.
pub fn verify(io: &Io, candidates: &[PathBuf], partition: usize, partitions: usize, how: Verification, path: &Path) -> Result<()> {
    let mut merge = Merge::open(io, candidates, partition, partitions, how.memory / 4)?;
    let mut verdicts = Vec::new();
    let mut rest = Rest { io, path: path.with_extension("rest"), round: 0, runs: None };
    let mut some = next_of(&mut merge, how)?;
    while !some.is_empty() {
        some = Component::new(NEAREST).decide_all(some, &mut merge, how, &mut rest, &mut verdicts)?;
        rest.decide_all(how, &mut verdicts)?;
    }
    // A document that was put aside has a verdict from each round: the one that takes it, or the most alike.
    verdicts.sort_by(|a: &Verdict, b: &Verdict| {
        let taken = |verdict: &Verdict| verdict.rule != Rule::Different as u32;
        a.number.cmp(&b.number).then(taken(b).cmp(&taken(a))).then(b.score.total_cmp(&a.score))
    });
    verdicts.dedup_by_key(|verdict| verdict.number);
    records::write(io, path, &verdicts)
}

/// The next candidates of one component; none behind the last one.
fn next_of(merge: &mut Merge, how: Verification) -> Result<Vec<Candidate>> {
    merge.next_of_component(AT_ONCE, how.memory / 32)
}

/// The documents of a component that stay, so far.
struct Component {
    kept: Vec<Kept>,
    weight: usize,
    /// How many of the first are compared with every document: none in a further round.
    nearest: usize,
    /// By band and hash the place of the last one that has it, of those behind the nearest.
    last_of_band: ByHash<u64, u32>,
    /// Whether another document could not stay for want of memory: from then on all others are only held against these.
    full: bool,
}

struct Kept {
    number: u32,
    sketch: Sketch,
    /// For each band the place of the last one before it that has the same hash, its own where none has; of the nearest nothing
    /// that is looked at.
    before: Vec<u32>,
}

/// What a document is held to be: like one of those that stay, or not like it.
#[derive(Clone, Copy)]
struct Judged {
    /// The place of that one among those that stay.
    by: usize,
    rule: Rule,
    score: f32,
}

impl Component {
    fn new(nearest: usize) -> Self {
        Component { kept: Vec::new(), weight: 0, nearest, last_of_band: ByHash::default(), full: false }
    }

    /// Decides on all documents of the component, of which these are the first; gives the first of the next one.
    fn decide_all(
        mut self,
        mut some: Vec<Candidate>,
        merge: &mut Merge,
        how: Verification,
        rest: &mut Rest,
        verdicts: &mut Vec<Verdict>,
    ) -> Result<Vec<Candidate>> {
        let Some(component) = some.first().map(|first| first.key.component) else { return Ok(some) };
        while some.first().is_some_and(|first| first.key.component == component) {
            let judge = || some.par_iter().map(|candidate| self.judge_by_kept(candidate, how)).collect::<Vec<_>>();
            let (judged, next) = rayon::join(judge, || next_of(merge, how));
            let held = self.kept.len();
            for (candidate, judged) in some.into_iter().zip(judged) {
                self.decide(candidate, judged, held, how, rest, verdicts)?;
            }
            some = next?;
        }
        Ok(some)
    }

    /// By all that stay so far and that the document is compared with.
    fn judge_by_kept(&self, candidate: &Candidate, how: Verification) -> Option<Judged> {
        let nearest = 0..self.nearest.min(self.kept.len());
        let further = std::iter::once_with(|| self.further(candidate, self.nearest)).flatten();
        self.judge(candidate, nearest.chain(further), None, how)
    }

    /// By the first of some that stay which the document is like; otherwise by the most alike, where one has enough in common.
    fn judge(
        &self,
        candidate: &Candidate,
        among: impl Iterator<Item = usize>,
        mut most: Option<Judged>,
        how: Verification,
    ) -> Option<Judged> {
        if candidate.key.rank == KNOWN {
            return None;
        }
        for by in among {
            let compare = || judge(&self.kept[by].sketch, &candidate.sketch);
            match if how.compare { compare() } else { Some((Rule::Band, 1.0)) } {
                Some((rule, score)) if rule.drops() => return Some(Judged { by, rule, score }),
                Some((rule, score)) if most.is_none_or(|most| score > most.score) => most = Some(Judged { by, rule, score }),
                _ => {}
            }
        }
        most
    }

    /// `judged` is what the first `held` of those that stay say.
    fn decide(
        &mut self,
        candidate: Candidate,
        mut judged: Option<Judged>,
        held: usize,
        how: Verification,
        rest: &mut Rest,
        verdicts: &mut Vec<Verdict>,
    ) -> Result<()> {
        let goes = |judged: Option<Judged>| judged.is_some_and(|judged| judged.rule.drops());
        if !goes(judged) {
            let nearest = held..self.nearest.min(self.kept.len());
            let further = self.further(&candidate, held.max(self.nearest));
            judged = self.judge(&candidate, nearest.chain(further), judged, how);
        }
        if let Some(Judged { by, rule, score }) = judged {
            let of = self.kept[by].number;
            verdicts.push(Verdict { number: candidate.key.number, of, rule: rule as u32, score });
        }
        if goes(judged) {
            return Ok(());
        }
        self.full |= self.weight + candidate.weight() > how.memory / 2 && self.kept.len() > self.nearest;
        if self.full {
            return rest.push(&candidate, how.memory / 8);
        }
        self.keep(candidate);
        Ok(())
    }

    /// Places, in order, of those behind the nearest that a document shares a band with, from one place on.
    fn further(&self, candidate: &Candidate, from: usize) -> Vec<usize> {
        if self.kept.len() <= from {
            return Vec::new();
        }
        let mut further = Vec::new();
        for (band, &hash) in candidate.bands.iter().enumerate() {
            let mut next = self.last_of_band.get(&spread(band, hash)).copied();
            while let Some(at) = next.filter(|&at| at as usize >= from) {
                further.push(at as usize);
                let before = self.kept[at as usize].before[band];
                next = (before < at).then_some(before);
            }
        }
        further.sort_unstable();
        further.dedup();
        further
    }

    fn keep(&mut self, candidate: Candidate) {
        self.weight += candidate.weight();
        let Candidate { key, bands: mut before, sketch } = candidate;
        if self.kept.len() >= self.nearest {
            self.weight += BYTES_BY_BAND * before.len();
            let place = self.kept.len() as u32;
            for (band, hash) in before.iter_mut().enumerate() {
                *hash = self.last_of_band.insert(spread(band, *hash), place).unwrap_or(place);
            }
        }
        self.kept.push(Kept { number: key.number, sketch, before });
    }
}

/// Band and hash as one number, another one for each, whose bits all depend on the hash.
fn spread(band: usize, hash: u32) -> u64 {
    ((band as u64) << 32 | u64::from(hash)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Documents of a component put aside for the next round.
struct Rest<'a> {
    io: &'a Io,
    path: PathBuf,
    round: usize,
    runs: Option<(PathBuf, Runs)>,
}

impl Rest<'_> {
    fn push(&mut self, candidate: &Candidate, most: usize) -> Result<()> {
        let runs = match &mut self.runs {
            Some((_, runs)) => runs,
            None => {
                self.round += 1;
                let path = self.path.with_extension(format!("rest-{}", self.round));
                let runs = Runs::create(self.io, &path, 1, most)?;
                &mut self.runs.insert((path, runs)).1
            }
        };
        runs.push(candidate)
    }

    /// Rounds over what was put aside, until nothing is.
    fn decide_all(&mut self, how: Verification, verdicts: &mut Vec<Verdict>) -> Result<()> {
        while let Some((path, runs)) = self.runs.take() {
            runs.commit()?;
            let mut merge = Merge::open(self.io, std::slice::from_ref(&path), 0, 1, how.memory / 4)?;
            let some = next_of(&mut merge, how)?;
            Component::new(0).decide_all(some, &mut merge, how, self, verdicts)?;
            self.io.remove(&path)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
