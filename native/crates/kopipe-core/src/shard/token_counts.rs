//! How often each token stands in the documents of each source: counted while a part is packed, so that `stats` of a
//! dataset has no token to read.
//!
//! A table of 8 bytes a token of the vocabulary for each source. Of many sources in a part only the first 64 have one, those
//! behind them share another.

use super::EncodedBatch;
use crate::bpe::Encoded;
use crate::error::{Error, Result};
use crate::own_file::OwnFile;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::ops::Range;

const FILE: OwnFile = OwnFile { magic: b"KOPTOKN\x01", what: "counts of tokens", largest: 512 << 20 };
/// Sources that are told apart.
const SOURCES: usize = 64;

/// By id.
type Table = Vec<u64>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenCounts {
    vocabulary: usize,
    /// In the order in which they came.
    sources: Vec<(String, Table)>,
    /// Of the sources that came when there were 64.
    others: Option<Table>,
}

impl TokenCounts {
    pub fn new(vocabulary: usize) -> Self {
        TokenCounts { vocabulary, sources: Vec::new(), others: None }
    }

    /// Counts documents of a batch. What came from a finished shard does not say whose it is, and is not counted.
    pub fn add(&mut self, batch: &EncodedBatch, documents: Range<usize>) -> Result<()> {
        let origins = &batch.origins;
        if documents.start > documents.end || documents.end > batch.len() {
            return Err(Error::Internal("documents that a batch does not have".into()));
        }
        if origins.sources.is_empty() {
            return Ok(());
        }
        let mut places = vec![None; origins.names.len()];
        let mut at = batch.lengths[..documents.start].iter().map(|&length| length as usize).sum::<usize>();
        let mut run = at..at;
        let mut place = None;
        for number in documents {
            let length = batch.lengths[number] as usize;
            if length == 0 {
                continue;
            }
            let source = origins.sources[number] as usize;
            let own = *places[source].get_or_insert_with(|| self.place_of(&origins.names[source]));
            if place != Some(own) {
                self.count(&batch.tokens, run, place)?;
                (run, place) = (at..at, Some(own));
            }
            at += length;
            run.end = at;
        }
        self.count(&batch.tokens, run, place)
    }

    /// The table of a source; none is that of the others.
    fn place_of(&mut self, name: &str) -> Option<usize> {
        if let Some(place) = self.sources.iter().position(|(known, _)| known == name) {
            return Some(place);
        }
        if self.sources.len() == SOURCES {
            return None;
        }
        self.sources.push((name.to_owned(), vec![0; self.vocabulary]));
        Some(self.sources.len() - 1)
    }

    fn table(&mut self, place: Option<usize>) -> &mut Table {
        match place {
            Some(source) => &mut self.sources[source].1,
            None => self.others.get_or_insert_with(|| vec![0; self.vocabulary]),
        }
    }

    fn count(&mut self, tokens: &Encoded, run: Range<usize>, place: Option<Option<usize>>) -> Result<()> {
        let Some(place) = place else { return Ok(()) };
        let table = self.table(place);
        let known = match tokens {
            Encoded::Narrow(output) => output.tokens[run].iter().all(|id| bump(table, usize::from(*id))),
            Encoded::Wide(output) => output.tokens[run].iter().all(|id| bump(table, *id as usize)),
        };
        if known { Ok(()) } else { Err(Error::Internal("a token beyond the vocabulary".into())) }
    }

    /// With what another part counted.
    pub fn merge(&mut self, more: TokenCounts) -> Result<()> {
        if more.vocabulary != self.vocabulary {
            return Err(Error::invalid(format!("tokens of a vocabulary of {}, expected {}", more.vocabulary, self.vocabulary)));
        }
        for (name, table) in more.sources {
            let place = self.place_of(&name);
            add(self.table(place), &table)?;
        }
        more.others.map_or(Ok(()), |table| add(self.others.get_or_insert_with(|| vec![0; table.len()]), &table))
    }

    /// Nothing where nothing was counted.
    pub fn store(&self) -> Result<Option<Vec<u8>>> {
        if self.sources.is_empty() { Ok(None) } else { FILE.store(self).map(Some) }
    }

    pub fn read(bytes: &[u8]) -> Result<Self> {
        let counts: TokenCounts = FILE.read(bytes)?;
        let mut tables = counts.sources.iter().map(|(_, table)| table).chain(&counts.others);
        let names: HashSet<&str> = counts.sources.iter().map(|(name, _)| &name[..]).collect();
        let fit = tables.all(|table| table.len() == counts.vocabulary);
        if !fit || names.len() != counts.sources.len() || names.len() > SOURCES {
            return Err(FILE.damaged("tables that do not fit the vocabulary or each other"));
        }
        Ok(counts)
    }

    /// By source, in the order in which they came.
    pub fn sources(&self) -> &[(String, Table)] {
        &self.sources
    }

    /// Of sources that are not told apart.
    pub fn others(&self) -> Option<&[u64]> {
        self.others.as_deref()
    }
}

#[inline]
fn bump(table: &mut [u64], id: usize) -> bool {
    table.get_mut(id).map(|count| *count += 1).is_some()
}

fn add(sum: &mut [u64], table: &[u64]) -> Result<()> {
    for (sum, more) in sum.iter_mut().zip(table) {
        *sum = sum.checked_add(*more).ok_or_else(|| Error::invalid("counts of tokens past 64 bits"))?;
    }
    Ok(())
}

/// For the fuzz target of this name: what can be read can be stored, and added to itself or refused.
pub mod replay {
    use super::TokenCounts;

    pub fn check(input: &[u8]) {
        if let Ok(mut counts) = TokenCounts::read(input) {
            assert!(counts.store().is_ok());
            let _ = counts.merge(counts.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::batch::Origins;
    use super::*;
    use crate::bpe::Output;
    use proptest::prelude::*;

    /// Documents of a source each.
    fn batch(documents: &[(usize, Vec<u16>)], wide: bool) -> EncodedBatch {
        let lengths: Vec<u32> = documents.iter().map(|(_, tokens)| tokens.len() as u32).collect();
        let tokens = documents.iter().flat_map(|(_, tokens)| tokens.iter().copied());
        let encoded = if wide {
            Encoded::Wide(Output { tokens: tokens.map(u32::from).collect(), lengths: lengths.clone() })
        } else {
            Encoded::Narrow(Output { tokens: tokens.collect(), lengths: lengths.clone() })
        };
        let origins = Origins {
            names: (0..100).map(|source| format!("s{source}")).collect(),
            sources: documents.iter().map(|(source, _)| *source as u32).collect(),
            bytes: vec![1; documents.len()],
        };
        EncodedBatch::of(encoded, lengths, origins)
    }

    /// Document by document, token by token.
    fn slow(documents: &[(usize, Vec<u16>)], vocabulary: usize) -> TokenCounts {
        let mut counts = TokenCounts::new(vocabulary);
        for (source, tokens) in documents.iter().filter(|(_, tokens)| !tokens.is_empty()) {
            let name = format!("s{source}");
            if counts.sources.iter().all(|(known, _)| *known != name) && counts.sources.len() < 64 {
                counts.sources.push((name.clone(), vec![0; vocabulary]));
            }
            let own = counts.sources.iter_mut().find(|(known, _)| *known == name).map(|(_, table)| table);
            let table = own.unwrap_or_else(|| counts.others.get_or_insert_with(|| vec![0; vocabulary]));
            tokens.iter().for_each(|id| table[usize::from(*id)] += 1);
        }
        counts
    }

    proptest! {
        #[test]
        fn however_batches_are_cut_the_counts_are_those_of_counting_one_by_one(
            documents in prop::collection::vec((prop_oneof![0usize..3, 0usize..100], prop::collection::vec(0u16..20, 0..8)), 0..200),
            cuts in prop::collection::vec(1usize..50, 1..9),
            wide: bool,
        ) {
            let mut counts = TokenCounts::new(20);
            let (mut from, mut cut) = (0, cuts.iter().cycle());
            while from < documents.len() {
                let to = documents.len().min(from + cut.next().unwrap());
                let batch = batch(&documents[from..to], wide);
                let middle = (to - from) / 2;
                counts.add(&batch, 0..middle).unwrap();
                counts.add(&batch, middle..to - from).unwrap();
                from = to;
            }
            prop_assert_eq!(&counts, &slow(&documents, 20));
            if let Some(stored) = counts.store().unwrap() {
                prop_assert_eq!(TokenCounts::read(&stored).unwrap(), counts.clone());
                let mut twice = counts.clone();
                twice.merge(counts.clone()).unwrap();
                let doubled: Vec<(String, Table)> =
                    counts.sources().iter().map(|(name, table)| (name.clone(), table.iter().map(|n| 2 * n).collect())).collect();
                prop_assert_eq!(twice.sources(), doubled);
            }
        }

        #[test]
        fn whatever_stands_in_a_table_nothing_panics(at in 0usize..1000, byte: u8) {
            let documents: Vec<(usize, Vec<u16>)> = (0..70).map(|source| (source, vec![source as u16 % 7, 3])).collect();
            replay::check(&FILE.changed(&slow(&documents, 7).store().unwrap().unwrap(), at, byte));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut counts = TokenCounts::new(3);
        assert!(counts.add(&batch(&[(0, vec![3])], false), 0..1).is_err());
        assert!(counts.add(&batch(&[(0, vec![1])], false), 0..2).is_err());
        assert!(counts.merge(TokenCounts::new(4)).is_err());
        assert!(TokenCounts::new(3).store().unwrap().is_none());
        assert!(TokenCounts::read(b"KOPTOKN\x02").is_err());
        let mut largest = TokenCounts { vocabulary: 1, sources: vec![("a".into(), vec![u64::MAX])], others: None };
        assert!(largest.merge(largest.clone()).is_err());
    }

    #[test]
    fn seeds_of_the_fuzz_target_are_read() {
        crate::seeds::replay("token_counts", replay::check);
    }
}
