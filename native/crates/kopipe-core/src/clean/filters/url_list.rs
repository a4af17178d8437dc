//! The URL a document comes from: a listed domain, a listed URL, words of an address.
//!
//! A domain is listed with all below it, a URL with all paths under it. Lists are held as hashes of 64 bits, so that of
//! five million domains one address in 10^12 is taken for a listed one. A document without the key stays.

pub mod address;
mod list;
pub mod replay;

use super::Verdict;
use super::file::Shared;
use crate::clean::measures::Measures;
use address::Address;
use list::List;
use serde::Deserialize;
use sonic_rs::JsonValueTrait;
use std::collections::HashSet;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct UrlList {
    /// Of the metadata; `a.b` is the key `b` of the object `a`, where there is no key `a.b`.
    pub key: String,
    pub lists: Vec<Shared<List>>,
    /// Small letters.
    pub words: HashSet<String>,
    /// Two of them.
    pub soft_words: HashSet<String>,
}

/// So many different soft words are one word.
const SOFT: usize = 2;

impl UrlList {
    pub const REASONS: &[&str] = &["url-list-domain", "url-list-url", "url-list-word", "url-list-soft-words"];

    pub fn judge(&self, measures: &mut Measures) -> Option<Verdict> {
        let url = self.url_of(measures.metadata)?;
        let reason = self.reason(&url)?;
        Some(Verdict { reason, value: 1.0, threshold: 0.0 })
    }

    fn url_of(&self, metadata: &[u8]) -> Option<String> {
        // A key that is nowhere in the bytes is not looked for; one with escapes is not known by them.
        let last = self.key.rsplit('.').next().unwrap_or(&self.key);
        memchr::memmem::find(metadata, last.as_bytes())?;
        let object = [b"{", metadata.strip_prefix(b",").unwrap_or(metadata), b"}"].concat();
        let whole = sonic_rs::get_from_slice(&object, [self.key.as_str()]).ok();
        let found = whole.or_else(|| sonic_rs::get_from_slice(&object, self.key.split('.').collect::<Vec<_>>()).ok())?;
        found.as_str().map(str::to_owned)
    }

    fn reason(&self, url: &str) -> Option<&'static str> {
        let address = Address::of(url)?;
        if address.domains().any(|domain| self.lists.iter().any(|list| list.has_domain(domain))) {
            return Some(Self::REASONS[0]);
        }
        if self.lists.iter().any(|list| list.has_urls()) && address.prefixes().any(|prefix| self.lists.iter().any(|list| list.has_url(prefix))) {
            return Some(Self::REASONS[1]);
        }
        if self.words.is_empty() && self.soft_words.is_empty() {
            return None;
        }
        let words: HashSet<&str> = address.words().collect();
        if words.iter().any(|word| self.words.contains(*word)) {
            return Some(Self::REASONS[2]);
        }
        (words.iter().filter(|word| self.soft_words.contains(**word)).count() >= SOFT).then_some(Self::REASONS[3])
    }
}

#[cfg(test)]
mod tests;
