//! Lines or paragraphs that many documents have in common: menus, notices, what a site prints on every page.
//!
//! Cleaning leaves a hash of each line beside its unit (`hashes`), of the line folded to what is compared (`fold`).
//! `counting` finds, partition by partition of the hashes, in how many documents each line stands; a document that goes
//! as a duplicate counts no more: its lines would stand twice, and those of one that goes first would be lost. The last
//! pass cuts the lines that go from the documents that stay (`cutting`), and says of the most frequent what they were
//! (`frequent`). Lines are known by 128 bits of xxh3: CCNet's 64 would take ten of 20 billion different ones for another.

pub mod counting;
pub mod cutting;
mod fold;
pub mod frequent;
pub mod hashes;
mod pieces;

use serde::Deserialize;

/// The recipe's section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lines {
    pub unit: Unit,
    pub rule: Rule,
    /// `count`: a line stays in this many documents, the first in input order.
    pub most: u32,
    /// `pattern`: lines of at most so many documents are green, then yellow, then red.
    pub green: u32,
    pub yellow: u32,
    /// Lines of fewer letters are not looked at, and go with the line before them.
    pub min_letters: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    Line,
    /// Lines up to the next blank one.
    Paragraph,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// CCNet (Wenzek et al. 2020), but that the first documents keep the line.
    Count,
    /// Pattern-aware line deduplication (arXiv 2510.24139).
    Pattern,
}

#[cfg(test)]
mod measure;
#[cfg(test)]
mod tests;
