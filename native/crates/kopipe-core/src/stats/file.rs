//! The statistics of a part as they lie on the disk: `KOPSTAT` and the version, then zstd of what postcard makes of them. A
//! file says what it is and is read within bounds: it may be damaged, or not ours.

use super::measures::{LENGTH_BINS, Measures};
use super::metadata::{self, Metadata};
use super::sampled::{Sampled, Sums};
use super::sketch::{Distinct, Frequent, Lengths, StoredFrequent};
use super::{Corpus, Plain, Rate};
use crate::batch::Count;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use std::io::Read;

const MAGIC: &[u8; 8] = b"KOPSTAT\x01";
/// More than a file is whose every list is full.
const LARGEST: u64 = 256 << 20;

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
        let plain = postcard::to_stdvec(&stored).map_err(|e| Error::Internal(e.to_string()))?;
        let packed = zstd::encode_all(&plain[..], 3).map_err(|e| Error::Internal(e.to_string()))?;
        Ok([&MAGIC[..], &packed].concat())
    }

    pub fn read(bytes: &[u8]) -> Result<Self> {
        let packed = bytes.strip_prefix(MAGIC).ok_or_else(|| Error::invalid("these are no statistics of kopipe, or of another version"))?;
        let damaged = |error: &dyn std::fmt::Display| Error::invalid(format!("statistics that cannot be read: {error}"));
        let mut plain = Vec::new();
        let decoder = zstd::Decoder::new(packed).map_err(|e| damaged(&e))?;
        decoder.take(LARGEST).read_to_end(&mut plain).map_err(|e| damaged(&e))?;
        let stored: Stored = postcard::from_bytes(&plain).map_err(|e| damaged(&e))?;
        if !stored.one_in.is_power_of_two() || stored.measured.iter().any(|(_, measures)| measures.lengths.len() != LENGTH_BINS) {
            return Err(damaged(&"a number out of its range"));
        }
        let mut counted =
            stored.counted.into_iter().map(|(distinct, frequent)| Ok((Distinct::read(&distinct)?, Frequent::read(frequent)?)));
        let mut next = || counted.next().unwrap_or_else(|| Err(damaged(&"a list is missing")));
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
            let packed = corpus().store().unwrap();
            let mut plain = zstd::decode_all(&packed[MAGIC.len()..]).unwrap();
            let at = at % plain.len();
            plain[at] = byte;
            replay::check(&[&MAGIC[..], &zstd::encode_all(&plain[..], 1).unwrap()].concat());
        }
    }
}
