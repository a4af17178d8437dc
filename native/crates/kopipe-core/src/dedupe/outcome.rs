//! What became of the documents of a unit: gone for another, standing for a cluster, or merely compared. Clusters come
//! of what was found in all partitions: copies follow their original, near-duplicates the document that stays.
//!
//! Memory: 4 bytes a record, for a unit at a time what was found of it.

use super::documents::{Documents, Place};
use super::exact::Copied;
use super::near::verify::Verdict;
use super::records::Records;
use super::rule::Rule;
use crate::error::{Error, Result};
use crate::io::Io;
use std::path::PathBuf;
use std::sync::Arc;

/// A document's pair: the one that stays in its place, or the most alike of those it was compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    pub of: Place,
    pub rule: Rule,
    pub score: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub ordinal: u32,
    pub pair: Option<Pair>,
    /// The document that stands for the cluster, itself where it stays.
    pub cluster: Place,
    /// Documents in the cluster: 1 for one that stands alone.
    pub size: u32,
}

impl Place {
    fn json(&self) -> String {
        let artifact = self.artifact.as_ref().map(|artifact| format!("\"artifact\":{},", serde_json::Value::from(&**artifact)));
        format!("{{{}\"unit\":{},\"ordinal\":{}}}", artifact.unwrap_or_default(), self.unit, self.ordinal)
    }
}

impl Pair {
    /// Fields that tell a reject why.
    pub fn why(&self) -> String {
        let numbers = self.rule.threshold().map(|threshold| format!("\"value\":{},\"threshold\":{threshold},", self.score));
        format!("\"reason\":\"{}\",{}\"of\":{}", self.rule.reason(), numbers.unwrap_or_default(), self.of.json())
    }
}

impl Outcome {
    /// A line of the duplicates; `bytes` are those of the text as it came.
    pub fn line(&self, unit: u32, bytes: u64) -> String {
        let pair = self.pair.as_ref().map_or("\"rule\":\"kept\"".to_owned(), |Pair { of, rule, score }| {
            let score = if rule.threshold().is_some() { format!(",\"score\":{score}") } else { String::new() };
            format!("\"of\":{},\"rule\":\"{}\"{score}", of.json(), rule.name())
        });
        let (cluster, size) = (self.cluster.json(), self.size);
        format!("{{\"unit\":{unit},\"ordinal\":{},{pair},\"cluster\":{cluster},\"size\":{size},\"bytes\":{bytes}}}\n", self.ordinal)
    }
}

pub struct Outcomes {
    documents: Arc<Documents>,
    fates: Fates,
    copies: Vec<Records<Copied>>,
    verdicts: Vec<Records<Verdict>>,
}

impl Outcomes {
    /// From the files that the partitions left.
    pub fn open(io: &Io, documents: Arc<Documents>, copies: &[PathBuf], verdicts: &[PathBuf]) -> Result<Self> {
        let mut fates = Fates::new(documents.places.records());
        let mut open_copies = copies.iter().map(|path| Records::open(io, path)).collect::<Result<Vec<_>>>()?;
        let mut open_verdicts = verdicts.iter().map(|path| Records::open(io, path)).collect::<Result<Vec<_>>>()?;
        for copies in &mut open_copies {
            copies.all()?.iter().for_each(|copy: &Copied| fates.follow(copy.number, copy.of));
        }
        for verdicts in &mut open_verdicts {
            let all: Vec<Verdict> = verdicts.all()?;
            let taken = all.iter().filter(|verdict| verdict.rule != Rule::Different as u32);
            taken.for_each(|verdict| fates.follow(verdict.number, verdict.of));
        }
        fates.count();
        Ok(Outcomes { documents, fates, copies: open_copies, verdicts: open_verdicts })
    }

    /// The document that stands for a record, where that goes.
    pub fn stands_for(&self, number: u32) -> Option<u32> {
        let root = self.fates.root(number);
        (root != number).then_some(root)
    }

    /// Whether a record goes for another; counted from the first that is not known.
    pub fn is_dropped(&self, record: u32) -> bool {
        self.stands_for(self.documents.own(record)).is_some()
    }

    /// Whether a record of a unit goes, by its ordinal.
    pub fn is_dropped_in(&self, unit: u32) -> impl Fn(u32) -> bool + '_ {
        let numbers = self.documents.of_own_unit(unit as usize);
        move |ordinal| self.stands_for(numbers.start + ordinal).is_some()
    }

    /// What is to be told of a unit's documents, by ordinal.
    pub fn of_unit(&mut self, unit: u32) -> Result<Vec<Outcome>> {
        let numbers = self.documents.of_own_unit(unit as usize);
        let mut found = Vec::new();
        for copies in &mut self.copies {
            let copies = copies.sorted_range(numbers.clone(), |copy| copy.number)?;
            found.extend(copies.into_iter().map(|Copied { number, of }| Verdict { number, of, rule: Rule::Exact as u32, score: 1.0 }));
        }
        for verdicts in &mut self.verdicts {
            found.extend(verdicts.sorted_range(numbers.clone(), |verdict| verdict.number)?);
        }
        found.sort_unstable_by_key(|verdict| verdict.number);
        let mut outcomes = Vec::new();
        let mut found = found.into_iter().peekable();
        for number in numbers.clone() {
            let found = found.next_if(|verdict| verdict.number == number);
            let root = self.fates.root(number);
            let size = self.fates.size(root);
            if found.is_none() && size == 1 {
                continue;
            }
            let pair = found.map(|Verdict { of, rule, score, .. }| {
                let rule = Rule::of_number(rule).ok_or_else(|| Error::Internal(format!("no rule {rule}")))?;
                Ok(Pair { of: self.documents.place(of), rule, score })
            });
            outcomes.push(Outcome { ordinal: number - numbers.start, pair: pair.transpose()?, cluster: self.documents.place(root), size });
        }
        Ok(outcomes)
    }
}

/// For each record the one it follows; for one that follows none, the size of its cluster, marked by the highest bit.
struct Fates(Vec<u32>);

const SIZE: u32 = 1 << 31;

impl Fates {
    fn new(records: usize) -> Self {
        Fates(vec![SIZE | 1; records])
    }

    fn follow(&mut self, number: u32, of: u32) {
        self.0[number as usize] = of;
    }

    /// A copy follows its original, and that perhaps a near-duplicate: two steps at the most.
    fn root(&self, mut number: u32) -> u32 {
        while self.0[number as usize] & SIZE == 0 {
            number = self.0[number as usize];
        }
        number
    }

    /// The size of each cluster, once all is known.
    fn count(&mut self) {
        for number in 0..self.0.len() as u32 {
            let root = self.root(number);
            if root != number {
                self.0[root as usize] += 1;
            }
        }
    }

    fn size(&self, root: u32) -> u32 {
        self.0[root as usize] & !SIZE
    }
}
