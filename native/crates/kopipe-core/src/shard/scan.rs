//! What a tokenizer promises of a shard's tokens: ids below the vocabulary, every document ended by the end-of-document
//! token, which stands nowhere else.
//!
//! Tokens come in pieces, cut anywhere. A piece is first measured as a whole (its largest id, how often the end stands in
//! it) and looked at document by document only where the measures do not fit: 9 GB/s a core where all is well.

use super::Dtype;
use super::index::Index;

/// What the tokens of a shard are held against.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Ids are below it.
    pub vocabulary: u32,
    /// Ends every document.
    pub end: u32,
    /// Whether the end may stand inside documents, too: special strings were read as tokens.
    pub ends_inside: bool,
}

/// What is wrong with tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Stray,
    NoEnd,
    EndInside,
    Empty,
}

/// How often something is wrong, and where first.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    pub wrong: Wrong,
    pub count: u64,
    /// Byte of `.bin`.
    pub offset: u64,
    pub what: String,
}

pub(super) struct Scan {
    rules: Rules,
    dtype: Dtype,
    /// The token that comes next.
    at: u64,
    /// The document that it belongs to.
    document: usize,
    wrong: Vec<Tally>,
}

impl Scan {
    pub fn new(rules: Rules, dtype: Dtype) -> Self {
        Scan::from(rules, dtype, 0, 0)
    }

    /// Begins at a document, which begins at a token.
    pub fn from(rules: Rules, dtype: Dtype, document: usize, at: u64) -> Self {
        Scan { rules, dtype, at, document, wrong: Vec::new() }
    }

    /// In the order in which they were met.
    pub fn wrong(&self) -> &[Tally] {
        &self.wrong
    }

    /// Looks at whole tokens, as they lie in `.bin`. Without an index, at their ids alone.
    pub fn piece(&mut self, index: Option<&Index>, bytes: &[u8]) {
        match self.dtype {
            Dtype::U16 => self.tokens(index, bytes.as_chunks::<2>().0, |token| u32::from(u16::from_le_bytes(token)), measure_narrow),
            Dtype::I32 => self.tokens(index, bytes.as_chunks::<4>().0, u32::from_le_bytes, measure_wide),
        }
    }

    fn tokens<const W: usize>(
        &mut self,
        index: Option<&Index>,
        tokens: &[[u8; W]],
        id: impl Fn([u8; W]) -> u32,
        measure: impl Fn(&[[u8; W]], u32) -> (u32, usize),
    ) {
        let (start, stop) = (self.at, self.at + tokens.len() as u64);
        let (largest, ends) = measure(tokens, self.rules.end);
        let first = self.document;
        let (mut ending, mut ended) = (0, 0);
        if let Some(index) = index {
            let mut from = index.start(first);
            while self.document < index.layout().documents {
                let end = index.start(self.document + 1);
                if end > stop {
                    break;
                }
                if end > from {
                    ending += 1;
                    ended += usize::from(id(tokens[(end - 1 - start) as usize]) == self.rules.end);
                } else {
                    let document = self.document;
                    self.tell(Wrong::Empty, end, || format!("document {document} has no token"));
                }
                self.document += 1;
                from = end;
            }
        }
        let ends_fit = index.is_none() || (ended == ending && (ends == ended || self.rules.ends_inside));
        if largest >= self.rules.vocabulary || !ends_fit {
            self.locate(index, first, tokens.iter().map(|token| id(*token)));
        }
        self.at = stop;
    }

    /// Looks at every token of a piece in which something is wrong.
    fn locate(&mut self, index: Option<&Index>, first: usize, tokens: impl Iterator<Item = u32>) {
        let Rules { vocabulary, end: end_id, ends_inside } = self.rules;
        let mut document = first;
        for (at, id) in (self.at..).zip(tokens) {
            if id >= vocabulary {
                self.tell(Wrong::Stray, at, || format!("token {id}, where ids are below the vocabulary of {vocabulary}"));
            }
            let Some(index) = index else { continue };
            while document < index.layout().documents && index.start(document + 1) <= at {
                document += 1;
            }
            if document == index.layout().documents {
                continue;
            }
            let is_last = index.start(document + 1) == at + 1;
            if is_last && id != end_id {
                self.tell(Wrong::NoEnd, at, || format!("document {document} ends in token {id}, not in {end_id}, which ends documents"));
            } else if !is_last && id == end_id && !ends_inside {
                self.tell(Wrong::EndInside, at, || format!("document {document} has token {end_id}, which ends documents, inside"));
            }
        }
    }

    fn tell(&mut self, wrong: Wrong, token: u64, what: impl FnOnce() -> String) {
        match self.wrong.iter_mut().find(|tally| tally.wrong == wrong) {
            Some(tally) => tally.count += 1,
            None => self.wrong.push(Tally { wrong, count: 1, offset: token * self.dtype.width() as u64, what: what() }),
        }
    }
}

/// Tokens whose counts fit the narrow sums that make these loops vector code.
const BLOCK: usize = 1 << 15;

/// The largest id, and how often one of them stands there.
fn measure_narrow(tokens: &[[u8; 2]], wanted: u32) -> (u32, usize) {
    let Ok(wanted) = u16::try_from(wanted) else { return (measure_narrow(tokens, 0).0, 0) };
    let (mut largest, mut found) = (0u16, 0usize);
    for block in tokens.chunks(BLOCK) {
        let mut here = 0u16;
        for token in block {
            let id = u16::from_le_bytes(*token);
            largest = largest.max(id);
            here += u16::from(id == wanted);
        }
        found += here as usize;
    }
    (largest.into(), found)
}

fn measure_wide(tokens: &[[u8; 4]], wanted: u32) -> (u32, usize) {
    let (mut largest, mut found) = (0u32, 0usize);
    for block in tokens.chunks(BLOCK) {
        let mut here = 0u32;
        for token in block {
            // A negative id is a large one here, and no vocabulary reaches it.
            let id = u32::from_le_bytes(*token);
            largest = largest.max(id);
            here += u32::from(id == wanted);
        }
        found += here as usize;
    }
    (largest, found)
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
