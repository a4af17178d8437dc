//! Counts over more values than can be held, in fixed memory and mergeable across parts: how many differ (HyperLogLog), which
//! occur often (frequent items, Misra-Gries with purges), how long things are (DDSketch).
//!
//! The sketches are Apache DataSketches' and DDSketch's; here is how they are used, and what bounds the numbers are told with. All are
//! deterministic: what comes in the same order gives the same bytes.

use crate::by_hash::ByHash;
use crate::error::{Error, Result};
use datasketches::common::NumStdDev;
use datasketches::frequencies::{ErrorType, FrequentItemsSketch};
use datasketches::hll::{HllSketch, HllType, HllUnion};
use serde::{Deserialize, Serialize};
use sketches_ddsketch::{Config, DDSketch};

/// Longest text that a list shows of a value, in bytes.
const SHOWN: usize = 160;

/// A number that a sketch gives: between the two with a probability of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    pub estimate: f64,
    pub low: f64,
    pub high: f64,
}

/// How many values differ: exact to some hundreds, then within two standard errors, 2.1 / √registers (1.6 % of 2^14).
#[derive(Debug, Clone)]
pub struct Distinct(HllSketch);

impl Distinct {
    /// `size`: the logarithm of the number of registers, each a byte.
    pub fn new(size: u8) -> Self {
        Distinct(HllSketch::new(size, HllType::Hll8).expect("4 to 21 registers' logarithm"))
    }

    pub fn add(&mut self, hash: u64) {
        self.0.update(hash);
    }

    pub fn merge(&mut self, more: &Distinct) {
        if more.0.is_empty() {
            return;
        }
        let mut union = HllUnion::new(self.0.lg_config_k()).expect("the size of a sketch");
        union.update(&self.0);
        union.update(&more.0);
        self.0 = union.to_sketch(HllType::Hll8);
    }

    pub fn estimate(&self) -> Estimate {
        let bound = NumStdDev::Two;
        Estimate { estimate: self.0.estimate().round(), low: self.0.lower_bound(bound).floor(), high: self.0.upper_bound(bound).ceil() }
    }

    pub fn store(&self) -> Vec<u8> {
        self.0.serialize()
    }

    pub fn read(bytes: &[u8]) -> Result<Self> {
        HllSketch::deserialize(bytes).map(Distinct).map_err(damaged)
    }
}

/// A value that occurs often: `count` is at most `error` too high.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FrequentItem {
    pub text: String,
    pub count: u64,
    pub error: u64,
}

/// Which values occur often. Values are known by hashes; a text is kept from its second occurrence on, so that what occurs once,
/// as most runs of eojeol do, costs no allocation.
#[derive(Debug, Clone)]
pub struct Frequent {
    sketch: FrequentItemsSketch<u64>,
    texts: ByHash<u64, Box<str>>,
}

#[derive(Serialize, Deserialize)]
pub struct StoredFrequent {
    sketch: Vec<u8>,
    texts: Vec<(u64, String)>,
}

impl Frequent {
    /// `size`: places of the table, a power of two. What is not listed has at most 3.5 / `size` of all occurrences.
    pub fn new(size: usize) -> Self {
        Frequent { sketch: FrequentItemsSketch::new(size).expect("a power of two"), texts: ByHash::default() }
    }

    pub fn add(&mut self, hash: u64, weight: u64, text: &str) {
        self.sketch.update_with_count(hash, weight);
        if !self.texts.contains_key(&hash) && self.sketch.lower_bound(&hash) > weight {
            self.keep(hash, shortened(text));
        }
    }

    fn keep(&mut self, hash: u64, text: Box<str>) {
        self.texts.insert(hash, text);
        if self.texts.len() > 2 * self.sketch.max_map_size() {
            self.texts.retain(|hash, _| self.sketch.lower_bound(hash) > 0);
        }
    }

    pub fn merge(&mut self, more: &Frequent) {
        self.sketch.merge(&more.sketch);
        for (&hash, text) in &more.texts {
            if !self.texts.contains_key(&hash) {
                self.keep(hash, text.clone());
            }
        }
    }

    /// The most frequent first, those of one count by their texts: what occurs more than once and is known to a half.
    pub fn list(&self, most: usize) -> Vec<FrequentItem> {
        let rows = self.sketch.frequent_items(ErrorType::NoFalseNegatives);
        let known = rows.iter().filter_map(|row| {
            let text = self.texts.get(row.item()).filter(|_| 2 * row.lower_bound() >= row.upper_bound())?.to_string();
            Some(FrequentItem { text, count: row.upper_bound(), error: row.upper_bound() - row.lower_bound() })
        });
        let mut list: Vec<FrequentItem> = known.collect();
        list.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
        list.truncate(most);
        list
    }

    pub fn store(&self) -> StoredFrequent {
        let known = self.texts.iter().filter(|(hash, _)| self.sketch.lower_bound(*hash) > 0);
        let mut texts: Vec<(u64, String)> = known.map(|(&hash, text)| (hash, text.to_string())).collect();
        texts.sort_unstable();
        StoredFrequent { sketch: self.sketch.serialize(), texts }
    }

    pub fn read(stored: StoredFrequent) -> Result<Self> {
        let sketch = FrequentItemsSketch::deserialize(&stored.sketch).map_err(damaged)?;
        Ok(Frequent { sketch, texts: stored.texts.into_iter().map(|(hash, text)| (hash, text.into())).collect() })
    }
}

fn shortened(text: &str) -> Box<str> {
    let end = text.floor_char_boundary(SHOWN);
    if end == text.len() { text.into() } else { format!("{}…", &text[..end]).into() }
}

/// How long things are: quantiles to 1 % of their value.
#[derive(Clone, Serialize, Deserialize)]
pub struct Lengths(DDSketch);

/// Of quantiles, in shares of their value.
pub const RELATIVE_ERROR: f64 = 0.01;
/// Enough for 1 to 2^32 at that error: ln(2^32) / ln(1.01 / 0.99) = 1109.
const BINS: u32 = 2048;
const SHARES: [f64; 11] = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999];

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quantiles {
    pub relative_error: f64,
    pub mean: f64,
    pub least: f64,
    pub most: f64,
    pub quantiles: Vec<Quantile>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Quantile {
    pub share: f64,
    pub value: f64,
}

impl Default for Lengths {
    fn default() -> Self {
        Lengths(DDSketch::new(Config::new(RELATIVE_ERROR, BINS, 1e-9)))
    }
}

impl Lengths {
    /// `weight`: how many have that length.
    pub fn add(&mut self, length: u64, weight: u64) {
        self.0.add_with_count(length as f64, weight);
    }

    pub fn merge(&mut self, more: &Lengths) -> Result<()> {
        self.0.merge(&more.0).map_err(damaged)
    }

    pub fn quantiles(&self) -> Quantiles {
        let count = self.0.count();
        let value = |share| self.0.quantile(share).ok().flatten().unwrap_or(0.0).round();
        Quantiles {
            relative_error: RELATIVE_ERROR,
            mean: if count == 0 { 0.0 } else { self.0.sum().unwrap_or(0.0) / count as f64 },
            least: self.0.min().unwrap_or(0.0),
            most: self.0.max().unwrap_or(0.0),
            quantiles: SHARES.iter().map(|&share| Quantile { share, value: value(share) }).collect(),
        }
    }
}

fn damaged(error: impl std::fmt::Display) -> Error {
    Error::invalid(format!("statistics that cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use xxhash_rust::xxh3::xxh3_64;

    /// Values by Zipf's law, some thousand times.
    fn values() -> Vec<String> {
        (1..=3000u64).flat_map(|rank| (0..6000 / rank).map(move |_| format!("값{rank}"))).collect()
    }

    #[test]
    fn counts_lie_within_the_bounds_that_are_told() {
        let (mut truth, mut frequent, mut distinct) = (BTreeMap::new(), Frequent::new(256), Distinct::new(12));
        // In an order in which the tail does not come last.
        let ranked = values();
        let values: Vec<_> = (0..ranked.len()).map(|i| &ranked[(i * 7919) % ranked.len()]).collect();
        for value in &values {
            let hash = xxh3_64(value.as_bytes());
            *truth.entry((*value).clone()).or_insert(0) += 1;
            frequent.add(hash, 1, value);
            distinct.add(hash);
        }
        let list = frequent.list(20);
        assert_eq!(list[0].text, "값1");
        for FrequentItem { text, count, error } in &list {
            let exact: u64 = truth[text];
            assert!(count - error <= exact && exact <= *count, "{text}: {exact} is not in {}..={count}", count - error);
        }
        let Estimate { estimate, low, high } = distinct.estimate();
        assert!(low <= estimate && estimate <= high && (estimate / truth.len() as f64 - 1.0).abs() < 0.07, "{estimate} of {}", truth.len());
    }

    #[test]
    fn merged_and_stored_they_say_the_same() {
        let all = values();
        let (mut parts, mut whole) = ([0, 1].map(|_| (Frequent::new(8192), Distinct::new(12), Lengths::default())), Lengths::default());
        for (i, value) in all.iter().enumerate() {
            let hash = xxh3_64(value.as_bytes());
            let (frequent, distinct, lengths) = &mut parts[i % 2];
            frequent.add(hash, 1, value);
            distinct.add(hash);
            lengths.add(i as u64 % 500, 1);
            whole.add(i as u64 % 500, 1);
        }
        let [(mut frequent, mut distinct, mut lengths), (more, others, rest)] = parts;
        frequent.merge(&Frequent::read(more.store()).unwrap());
        distinct.merge(&Distinct::read(&others.store()).unwrap());
        lengths.merge(&postcard::from_bytes(&postcard::to_stdvec(&rest).unwrap()).unwrap()).unwrap();
        let list = frequent.list(3);
        assert_eq!(list[0], FrequentItem { text: "값1".into(), count: 6000, error: 0 });
        assert_eq!(list[2].count, 2000);
        assert!((distinct.estimate().estimate / 3000.0 - 1.0).abs() < 0.04);
        assert_eq!(lengths.quantiles(), whole.quantiles());
        let median = lengths.quantiles().quantiles[4].value;
        assert!((median / 250.0 - 1.0).abs() < 0.02, "{median}");
    }
}
