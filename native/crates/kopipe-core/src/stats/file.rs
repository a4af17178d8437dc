//! The statistics of a part as they lie on the disk.

use super::measures::{LENGTH_BINS, Measures};
use super::metadata::{self, Metadata};
use super::sampled::{Sampled, Sums};
use super::sketch::{Distinct, Frequent, Lengths, StoredFrequent};
use super::{Corpus, Plain, Rate};
use crate::batch::Count;
use crate::error::Result;
use crate::own_file::OwnFile;
use serde::{Deserialize, Serialize};

const FILE: OwnFile = OwnFile { magic: b"KOPSTAT\x01", what: "statistics", largest: 256 << 20 };

#[derive(Serialize, Deserialize)]
struct Stored {
    one_in: u64,
    measures_all: bool,
    all: Vec<(String, u64, u64)>,
    measured: Vec<(String, Measures)>,
    texts: Vec<u8>,
    lengths: [Lengths; 3],
    metadata: metadata::Stored,
    counted: Vec<(Vec<u8>, StoredFrequent)>,
    sums: Sums,
}

impl Corpus {
    pub fn store(&self) -> Result<Vec<u8>> {
        let Plain { all, measured, texts, lengths, metadata } = &self.plain;
        let Sampled { ngrams, lines, sums } = &self.sampled;
        let stored = Stored {
            one_in: self.rate.one_in,
            measures_all: self.rate.measures_all,
            all: all.iter().map(|(source, count)| (source.clone(), count.docs, count.bytes)).collect(),
            measured: measured.iter().map(|(source, measures)| (source.clone(), measures.clone())).collect(),
            texts: texts.store(),
            lengths: lengths.clone(),
            metadata: metadata.store(),
            counted: ngrams.iter().chain([lines]).map(|(distinct, frequent)| (distinct.store(), frequent.store())).collect(),
            sums: sums.clone(),
        };
        FILE.store(&stored)
    }

    pub fn read(bytes: &[u8]) -> Result<Self> {
        let stored: Stored = FILE.read(bytes)?;
        if !stored.one_in.is_power_of_two() || stored.measured.iter().any(|(_, measures)| measures.lengths.len() != LENGTH_BINS) {
            return Err(FILE.damaged("a number out of its range"));
        }
        let mut counted =
            stored.counted.into_iter().map(|(distinct, frequent)| Ok((Distinct::read(&distinct)?, Frequent::read(frequent)?)));
        let mut next = || counted.next().unwrap_or_else(|| Err(FILE.damaged("a list is missing")));
        let ngrams = [next()?, next()?, next()?];
        let lines = next()?;
        Ok(Corpus {
            rate: Rate { one_in: stored.one_in, measures_all: stored.measures_all },
            plain: Plain {
                all: stored.all.into_iter().map(|(source, docs, bytes)| (source, Count { docs, bytes })).collect(),
                measured: stored.measured.into_iter().collect(),
                texts: Distinct::read(&stored.texts)?,
                lengths: stored.lengths,
                metadata: Metadata::read(stored.metadata)?,
            },
            sampled: Sampled { ngrams, lines, sums: stored.sums },
        })
    }
}

/// For the fuzz target of this name: what can be read can be told and stored.
pub mod replay {
    use super::Corpus;

    pub fn check(input: &[u8]) {
        if let Ok(corpus) = Corpus::read(input) {
            corpus.report();
            assert!(corpus.store().is_ok());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Described, Gathered, Look};
    use proptest::prelude::*;
    use xxhash_rust::xxh3::xxh3_64;

    fn corpus() -> Corpus {
        let look = Look::default();
        let (mut corpus, mut gathered) = (Corpus::default(), Gathered::new(&look));
        for text in ["나는 학교에 갔다.\n나는 집에 갔다.", "전화 010-1234-5678", "나는 학교에 갔다.\nabc"] {
            let metadata = r#","url":"https://example.kr/a","date":"2023-05-01""#;
            gathered.add(&look, Described { text, source: "web", id: "\"1\"", metadata, hash: xxh3_64(text.as_bytes()) });
        }
        corpus.take(gathered);
        corpus
    }

    fn said(corpus: &Corpus) -> String {
        serde_json::to_string(&corpus.report()).unwrap()
    }

    #[test]
    fn what_is_stored_is_read() {
        let corpus = corpus();
        let stored = corpus.store().unwrap();
        let again = Corpus::read(&stored).unwrap();
        assert_eq!(said(&again), said(&corpus));
        assert_eq!(said(&Corpus::read(&again.store().unwrap()).unwrap()), said(&corpus));
        assert!(Corpus::read(b"KOPSTAT\x02").is_err() && Corpus::read(&stored[..stored.len() - 9]).is_err());
    }

    #[test]
    fn seeds_of_the_fuzz_target_are_read() {
        crate::seeds::replay("statistics", replay::check);
    }

    proptest! {
        #[test]
        fn whatever_stands_in_the_list_nothing_panics(at in 0usize..100_000, byte: u8) {
            replay::check(&FILE.changed(&corpus().store().unwrap(), at, byte));
        }
    }
}
