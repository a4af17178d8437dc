//! What stats.json says of documents: pipeline/report/measures.ts has the same, with what each means.

use super::Corpus;
use super::measures::Measures;
use super::metadata::Key;
use super::sampled::{BINS, Example, Tokens};
use super::sketch::{Estimate, FrequentItem, Quantiles};
use crate::batch::Count;
use serde::Serialize;
use std::collections::BTreeMap;

/// Lines of each list.
const LISTED: usize = 50;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    total: Measures,
    by_source: BTreeMap<String, Measures>,
    measured: Measured,
    by_licence: BTreeMap<String, Count>,
    by_date: BTreeMap<String, Count>,
    domains: Domains,
    metadata: Vec<MetadataKey>,
    lengths: Lengths,
    distinct: Texts,
    sampled: Sampled,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Measured {
    All,
    Sample,
}

#[derive(Serialize)]
struct Domains {
    distinct: Estimate,
    frequent: Vec<FrequentItem>,
    without: u64,
}

#[derive(Serialize)]
struct MetadataKey {
    key: String,
    docs: u64,
    distinct: Estimate,
    frequent: Vec<FrequentItem>,
}

#[derive(Serialize)]
struct Lengths {
    characters: Quantiles,
    eojeol: Quantiles,
    lines: Quantiles,
}

#[derive(Serialize)]
struct Texts {
    texts: Estimate,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sampled {
    one_in: u64,
    docs: u64,
    bytes: u64,
    ngrams: Vec<Ngrams>,
    lines: Counted,
    languages: BTreeMap<String, Count>,
    repetition: Repetition,
    personal: BTreeMap<String, Personal>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tokens: BTreeMap<String, Tokens>,
    examples: Vec<Example>,
}

#[derive(Serialize)]
struct Ngrams {
    order: usize,
    distinct: Estimate,
    frequent: Vec<FrequentItem>,
}

#[derive(Serialize)]
struct Counted {
    distinct: Estimate,
    frequent: Vec<FrequentItem>,
}

#[derive(Serialize)]
struct Repetition {
    lines: [u64; BINS],
    ngrams: [u64; BINS],
}

#[derive(Serialize)]
struct Personal {
    docs: u64,
    hits: u64,
    examples: Vec<String>,
}

impl Corpus {
    pub fn report(&self) -> Report {
        let by_source = self.by_source();
        let mut total = Measures::default();
        by_source.values().for_each(|measures| total.merge(measures));
        let metadata = &self.plain.metadata;
        let key = |name: &str, Key { docs, distinct, frequent }: &Key| MetadataKey {
            key: name.to_owned(),
            docs: *docs,
            distinct: distinct.estimate(),
            frequent: frequent.list(LISTED),
        };
        let [characters, eojeol, lines] = self.plain.lengths.each_ref().map(|lengths| lengths.quantiles());
        Report {
            measured: if self.rate.measures_all { Measured::All } else { Measured::Sample },
            by_licence: metadata.licences.clone(),
            by_date: metadata.dates.clone(),
            domains: Domains {
                distinct: metadata.hosts.distinct.estimate(),
                frequent: metadata.hosts.frequent.list(LISTED),
                without: total.docs.saturating_sub(metadata.hosts.docs),
            },
            metadata: metadata.keys.iter().map(|(name, of)| key(name, of)).collect(),
            lengths: Lengths { characters, eojeol, lines },
            distinct: Texts { texts: self.plain.texts.estimate() },
            sampled: self.sampled(),
            total,
            by_source,
        }
    }

    /// Where a part was measured, the whole is as that part; a source of which nothing was, as all others.
    fn by_source(&self) -> BTreeMap<String, Measures> {
        let mut every = Measures::default();
        self.plain.measured.values().for_each(|measures| every.merge(measures));
        let of = |(source, count): (&String, &Count)| {
            let like = self.plain.measured.get(source).unwrap_or(&every);
            (source.clone(), like.scaled(count.docs, count.bytes))
        };
        self.plain.all.iter().map(of).collect()
    }

    fn sampled(&self) -> Sampled {
        let sums = &self.sampled.sums;
        let counted = |(distinct, frequent): &(super::Distinct, super::sketch::Frequent)| Counted {
            distinct: distinct.estimate(),
            frequent: frequent.list(LISTED),
        };
        let ngrams = self.sampled.ngrams.iter().enumerate().map(|(i, of)| {
            let Counted { distinct, frequent } = counted(of);
            Ngrams { order: i + 1, distinct, frequent }
        });
        let personal = sums.personal.iter().map(|(kind, found)| {
            let examples = found.examples.iter().map(|(_, text)| text.clone()).collect();
            (kind.clone(), Personal { docs: found.docs, hits: found.hits, examples })
        });
        Sampled {
            one_in: self.rate.one_in,
            docs: sums.all.docs,
            bytes: sums.all.bytes,
            ngrams: ngrams.collect(),
            lines: counted(&self.sampled.lines),
            languages: sums.languages.clone(),
            repetition: Repetition { lines: sums.repeated_lines, ngrams: sums.repeated_ngrams },
            personal: personal.collect(),
            tokens: sums.tokens.clone(),
            examples: sums.examples.iter().cloned().collect(),
        }
    }
}
