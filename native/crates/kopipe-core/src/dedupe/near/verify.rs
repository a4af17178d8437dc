//! Comparison within components: documents come in the order in which survivors are chosen; each is held against those
//! that stay so far, the first one it is like takes it, and one that is like none stays. So a document goes only where
//! it was compared with the very document that stands for it, and a chain of resemblances makes no cluster.
//!
//! It is compared with the first `NEAREST` that stay of its component and with each further one it shares a band with:
//! templates that make a component of 100,000 different documents cost comparisons only where bands say so. Once the nearest
//! are known, documents come by the 256: side by side, on all workers, each is held against those that stay from before,
//! and then in turn against those of the 256 that stay. Nothing is left out: where the sketches of those that stay exceed
//! the memory, documents that none of them takes are put aside on disk and held against the next ones in a further round,
//! with the same result. What is known from an earlier artifact comes before all and stays, whatever it is like.

use super::alike::judge;
use super::candidate::Candidate;
use super::runs::{Merge, Runs};
use crate::dedupe::documents::KNOWN;
use crate::dedupe::records;
use crate::dedupe::rule::Rule;
use crate::error::Result;
use crate::io::Io;
use rayon::prelude::*;
use std::collections::HashMap;
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

/// What an entry of the table by band takes, by estimate.
const BYTES_BY_BAND: usize = 64;

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
    let mut component = Component::new(NEAREST);
    let mut rest = Rest { io, path: path.with_extension("rest"), round: 0, runs: None };
    let mut current = None;
    while let Some(candidate) = merge.next_candidate()? {
        if current.replace(candidate.key.component).is_some_and(|last| last != candidate.key.component) {
            rest.decide(&mut component, how, &mut verdicts)?;
        }
        component.take(candidate, how, &mut rest, &mut verdicts)?;
    }
    rest.decide(&mut component, how, &mut verdicts)?;
    // A document that was put aside has a verdict from each round: the one that takes it, or the most alike.
    verdicts.sort_by(|a: &Verdict, b: &Verdict| {
        let taken = |verdict: &Verdict| verdict.rule != Rule::Different as u32;
        a.number.cmp(&b.number).then(taken(b).cmp(&taken(a))).then(b.score.total_cmp(&a.score))
    });
    verdicts.dedup_by_key(|verdict| verdict.number);
    records::write(io, path, &verdicts)
}

/// The documents of a component that stay, so far.
struct Component {
    kept: Vec<Candidate>,
    weight: usize,
    /// How many of the first are compared with every document: none in a further round.
    nearest: usize,
    /// By band and hash, those behind the nearest.
    by_band: HashMap<(u32, u32), Vec<u32>>,
    /// Whether another document could not stay for want of memory: from then on all others are only held against these.
    full: bool,
    /// Documents that are to be held against those that stay side by side: one by one until the nearest are known.
    waiting: Vec<Candidate>,
}

/// So many wait at the most.
const AT_ONCE: usize = 256;

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
        Component { kept: Vec::new(), weight: 0, nearest, by_band: HashMap::new(), full: false, waiting: Vec::new() }
    }

    fn take(&mut self, candidate: Candidate, how: Verification, rest: &mut Rest, verdicts: &mut Vec<Verdict>) -> Result<()> {
        self.waiting.push(candidate);
        let weight = || self.waiting.iter().map(Candidate::weight).sum::<usize>();
        let is_due = self.kept.len() < self.nearest || self.waiting.len() == AT_ONCE || weight() > how.memory / 16;
        if is_due { self.decide_waiting(how, rest, verdicts) } else { Ok(()) }
    }

    fn decide_waiting(&mut self, how: Verification, rest: &mut Rest, verdicts: &mut Vec<Verdict>) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let judged: Vec<Option<Judged>> = waiting.par_iter().map(|candidate| self.judge_by_kept(candidate, how)).collect();
        let held = self.kept.len();
        let mut both = waiting.into_iter().zip(judged);
        both.try_for_each(|(candidate, judged)| self.decide(candidate, judged, held, how, rest, verdicts))
    }

    /// By all that stay so far and that the document is compared with.
    fn judge_by_kept(&self, candidate: &Candidate, how: Verification) -> Option<Judged> {
        match (candidate.key.rank, how.compare) {
            (KNOWN, _) => None,
            (_, true) => {
                let nearest = 0..self.nearest.min(self.kept.len());
                let further = std::iter::once_with(|| self.further(candidate, self.nearest)).flatten();
                self.judge(candidate, nearest.chain(further), None)
            }
            (_, false) => (!self.kept.is_empty()).then_some(Judged { by: 0, rule: Rule::Band, score: 1.0 }),
        }
    }

    /// By the first of some that stay which the document is like; otherwise by the most alike, where one has enough in common.
    fn judge(&self, candidate: &Candidate, among: impl Iterator<Item = usize>, mut most: Option<Judged>) -> Option<Judged> {
        for by in among {
            match judge(&self.kept[by].sketch, &candidate.sketch) {
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
        if how.compare && candidate.key.rank != KNOWN && !goes(judged) {
            judged = self.judge(&candidate, self.further(&candidate, held).into_iter(), judged);
        }
        if let Some(Judged { by, rule, score }) = judged {
            let of = self.kept[by].key.number;
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
        let bands = candidate.bands.iter().enumerate();
        let sharing = bands.filter_map(|(band, &hash)| self.by_band.get(&(band as u32, hash)));
        // The latest stand last.
        let mut further: Vec<usize> =
            sharing.flat_map(|places| places.iter().rev().map(|&at| at as usize).take_while(|&at| at >= from)).collect();
        further.sort_unstable();
        further.dedup();
        further
    }

    fn keep(&mut self, candidate: Candidate) {
        let further = self.kept.len() >= self.nearest;
        if further {
            for (band, &hash) in candidate.bands.iter().enumerate() {
                self.by_band.entry((band as u32, hash)).or_default().push(self.kept.len() as u32);
            }
        }
        self.weight += candidate.weight() + if further { BYTES_BY_BAND * candidate.bands.len() } else { 0 };
        self.kept.push(candidate);
    }
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

    /// Rounds over what was put aside, until nothing is; the component ends.
    fn decide(&mut self, component: &mut Component, how: Verification, verdicts: &mut Vec<Verdict>) -> Result<()> {
        component.decide_waiting(how, self, verdicts)?;
        *component = Component::new(0);
        while let Some((path, runs)) = self.runs.take() {
            runs.commit()?;
            let mut merge = Merge::open(self.io, std::slice::from_ref(&path), 0, 1, how.memory / 4)?;
            while let Some(candidate) = merge.next_candidate()? {
                component.take(candidate, how, self, verdicts)?;
            }
            component.decide_waiting(how, self, verdicts)?;
            self.io.remove(&path)?;
            *component = Component::new(0);
        }
        *component = Component::new(NEAREST);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
