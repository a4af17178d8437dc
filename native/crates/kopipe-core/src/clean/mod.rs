//! The stages of `clean` on a batch, in the order of the flow: normalize, cut, filter, decontaminate, mask, sign.

pub mod characters;
#[cfg(test)]
pub mod corpus;
pub mod cuts;
pub mod decontaminate;
pub mod explain;
pub mod filters;
pub mod flags;
pub mod mask;
#[cfg(test)]
mod measure;
pub mod measures;
pub mod normalize;
pub mod scan;
pub mod user;

use crate::batch::{Batch, State};
use crate::encoding::mojibake::{Mojibake, begins_unreadable, judge};
use cuts::counts::{Cuts, said};
use cuts::{Cutting, Trimmed};
use filters::{Filter, Verdict};
use flags::Flags;
use mask::{Mask, Masked};
use measures::{Buffers, Measures};
use normalize::{Normalize, OnMojibake};
use scan::{Scan, scan};
use std::time::{Duration, Instant};

/// One document of so many is timed filter by filter.
const TIMED: usize = 64;

impl Batch {
    /// Replaces the texts that change; the others stay where they are. Mojibake is judged first: a repaired document says
    /// so under `"repaired"`, one that cannot be repaired is dropped.
    pub fn normalize(&mut self, how: &Normalize) {
        if how.changes_nothing() {
            return;
        }
        self.each_kept(|batch, document| {
            let Normalized { text, kind, scan } = match normalized(&batch.texts[document.text.clone()], how) {
                Ok(normalized) => normalized,
                Err(share) => {
                    document.state = State::Dropped { reason: "mojibake", value: share, threshold: 0.0 };
                    return;
                }
            };
            if let Some(kind) = kind {
                let start = batch.metadata.len();
                batch.metadata.extend_from_within(document.additions.clone());
                let comma = if document.additions.is_empty() { "" } else { "," };
                batch.metadata.extend_from_slice(format!("{comma}\"repaired\":\"{kind}\"").as_bytes());
                document.additions = start..batch.metadata.len();
            }
            if let Some(text) = text {
                let start = batch.texts.len();
                batch.texts.push_str(&text);
                document.text = start..batch.texts.len();
            }
            document.scan = Some(scan);
        });
    }

    /// The first filter that trips decides. Gives the time of each filter in every 64th document: the clock costs as
    /// much as a filter. What several filters measure counts for the first that asks.
    pub fn filter(&mut self, filters: &[Filter]) -> Vec<Duration> {
        let (mut buffers, mut times) = (Buffers::default(), vec![Duration::ZERO; filters.len()]);
        if filters.is_empty() {
            return times;
        }
        let mut number = 0;
        self.each_kept(|batch, document| {
            let text = &batch.texts[document.text.clone()];
            let measures = Measures::new(text, document.scan.take().unwrap_or_else(|| scan(text)), &mut buffers);
            let mut measures = measures.with_metadata(&batch.metadata[document.metadata.clone()]);
            let verdict = match number % TIMED {
                0 => filters.iter().zip(&mut times).find_map(|(filter, time)| {
                    let started = Instant::now();
                    let verdict = filter.judge(&mut measures);
                    *time += started.elapsed();
                    verdict
                }),
                _ => filters.iter().find_map(|filter| filter.judge(&mut measures)),
            };
            if let Some(Verdict { reason, value, threshold }) = verdict {
                document.state = State::Dropped { reason, value, threshold };
            }
            number += 1;
        });
        times
    }

    /// Cuts bylines and footers; how often it did a document says under `"cut"`.
    pub fn cut(&mut self, how: Cutting) {
        self.replace("cut", |text| cuts::cut(text, how).map(|Trimmed { text, cuts }| (text, cuts)));
    }

    /// Cuts personal data; how often it did of each kind a document says under `"masked"`.
    pub fn mask(&mut self, how: &Mask) {
        if how.changes_nothing() {
            return;
        }
        self.replace("masked", |text| mask::mask(text, how).map(|Masked { text, cuts }| (text, cuts)));
    }

    /// Texts that change, with what was cut from them, which is said under a key and counted.
    fn replace(&mut self, key: &str, change: impl Fn(&str) -> Option<(String, Cuts)>) {
        self.each_kept(|batch, document| {
            let Some((text, cuts)) = change(&batch.texts[document.text.clone()]) else { return };
            let start = batch.texts.len();
            batch.texts.push_str(&text);
            (document.text, document.scan) = (start..batch.texts.len(), None);
            if cuts.found().next().is_some() {
                let additions = said(&batch.metadata[document.additions.clone()], key, &cuts);
                let start = batch.metadata.len();
                batch.metadata.extend_from_slice(&additions);
                document.additions = start..batch.metadata.len();
                document.cuts.get_or_insert_default().join(cuts);
            }
        });
    }
}

struct Normalized {
    /// Nothing where it is as it was.
    text: Option<String>,
    /// What was wrong with it, where it was repaired.
    kind: Option<&'static str>,
    /// Of the text as it is now.
    scan: Scan,
}

/// Mojibake is judged before all else, and again where something changed: what was taken out may have hidden it. The share of
/// what cannot be read, where the document goes for it.
fn normalized(text: &str, how: &Normalize) -> Result<Normalized, f64> {
    let mut normalized = Normalized { text: None, kind: None, scan: scan(text) };
    let mut repaired = legible(text, &normalized.scan, how.mojibake)?;
    loop {
        if let Some((text, kind)) = repaired {
            normalized = Normalized { scan: scan(&text), text: Some(text), kind: Some(kind) };
        }
        let now = normalized.text.as_deref().unwrap_or(text);
        let Some(changed) = normalize::normalize(now, &normalized.scan, how) else { return Ok(normalized) };
        normalized = Normalized { scan: scan(&changed), text: Some(changed), ..normalized };
        repaired = legible(normalized.text.as_deref().unwrap_or_default(), &normalized.scan, how.mojibake)?;
        if repaired.is_none() {
            return Ok(normalized);
        }
    }
}

/// A repaired text and what was wrong with it, nothing where it was right; the share of what is wrong where it goes.
fn legible(text: &str, found: &Scan, how: OnMojibake) -> Result<Option<(String, &'static str)>, f64> {
    if how == OnMojibake::Keep || !found.flags.has(Flags::SUSPICIOUS) && !begins_unreadable(text) {
        return Ok(None);
    }
    match (judge(text), how) {
        (Mojibake::None, _) => Ok(None),
        (Mojibake::Repaired { text, kind }, OnMojibake::Repair) => Ok(Some((text, kind))),
        (Mojibake::Repaired { text: repaired, .. }, _) => {
            let chars = |text: &str| text.chars().count() as f64;
            let wrong: f64 = text.split('\n').zip(repaired.split('\n')).filter(|(a, b)| a != b).map(|(line, _)| chars(line)).sum();
            Err(wrong / chars(text))
        }
        (Mojibake::Broken { share }, _) => Err(share),
    }
}
