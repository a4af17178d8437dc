//! Encoding with a loaded tokenizer: ids identical to HF tokenizers', for what is trained here and for imported
//! `tokenizer.json` files of the byte-level family.
//!
//! `model` reads the file, `added` finds the tokens that were added to the vocabulary, `worker` takes documents through
//! pretokens and the caches, `units` and `merges` encode what no cache has. Each worker has 48 MB of cache, whatever the
//! input.

mod added;
mod cache;
mod id;
mod merges;
mod model;
#[cfg(any(test, fuzzing))]
pub mod replay;
mod units;
mod worker;

pub use added::Added;
pub use worker::Output;

use crate::error::{Error, Result};
use crate::io::{Io, hex};
use id::Id;
use merges::Merges;
use model::Model;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use units::Units;
use worker::{Tables, Worker};

/// Vocabularies below this have ids of 16 bits: GPT-NeoX's rule for shards.
pub const NARROW: usize = 65_500;

/// Ids that there are tables of numbers for: 128 MB of 64 bits.
const LARGEST_TABLE: usize = 1 << 24;

pub struct Tokenizer {
    model: Model,
    digest: String,
    tables: AnyTables,
}

enum AnyTables {
    Narrow(Arc<Tables<u16>>),
    Wide(Arc<Tables<u32>>),
}

/// Which special tokens are read where their strings stand in a document; the others are text like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Specials<'a> {
    /// These, which kopipe has written itself: HF with `encode_special_tokens=True`, but for masks.
    Only(&'a [String]),
    /// All, as HF does unless told otherwise.
    All,
}

impl Tokenizer {
    pub fn load(io: &Io, path: &Path) -> Result<Self> {
        Tokenizer::parse(&io.read(path)?, path)
    }

    /// `path` is what errors name.
    pub fn parse(json: &[u8], path: &Path) -> Result<Self> {
        let model = Model::parse(json, path)?;
        let tables = if size_of_vocabulary(&model) < NARROW {
            AnyTables::Narrow(Arc::new(tables(&model)))
        } else {
            AnyTables::Wide(Arc::new(tables(&model)))
        };
        Ok(Tokenizer { model, digest: hex(xxhash_rust::xxh3::xxh3_128(json)), tables })
    }

    /// One more than the largest id.
    pub fn vocabulary_size(&self) -> usize {
        size_of_vocabulary(&self.model)
    }

    /// xxh3-128 of the file.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    pub fn special(&self, text: &str) -> Option<u32> {
        self.model.added.iter().find(|token| token.special && token.content == text).map(|token| token.id)
    }

    /// The added tokens as a document is to be searched for them. Those that are not special are always read.
    pub fn added(&self, specials: Specials) -> Result<Added> {
        let is_read = |token: &added::AddedToken| match specials {
            _ if !token.special => true,
            Specials::Only(masks) => masks.contains(&token.content),
            Specials::All => true,
        };
        Added::new(&self.model.added, self.model.normalizer, is_read).map_err(Error::invalid)
    }

    /// The bytes behind ids: of whole documents UTF-8, of single tokens often parts of a character.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for id in ids {
            let token = self.model.tokens.get(id).map(Vec::as_slice).or_else(|| self.model.texts.get(id).map(|text| text.as_bytes()));
            bytes.extend_from_slice(token.ok_or_else(|| Error::invalid(format!("there is no token of id {id} in the vocabulary")))?);
        }
        Ok(bytes)
    }

    /// How long a table by id is; refused where a file has ids so large that a few tokens would take gigabytes.
    pub fn table_size(&self) -> Result<usize> {
        let size = self.vocabulary_size();
        if size > LARGEST_TABLE {
            return Err(Error::invalid(format!("expected a vocabulary of ids below {LARGEST_TABLE}, got one up to {}", size - 1)));
        }
        Ok(size)
    }

    /// The bytes of all tokens by id, one after another, and where each ends; an id that there is not has none.
    pub fn table(&self) -> Result<(Vec<u8>, Vec<u32>)> {
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        for id in 0..self.table_size()? as u32 {
            bytes.extend_from_slice(&self.decode(&[id]).unwrap_or_default());
            ends.push(bytes.len() as u32);
        }
        Ok((bytes, ends))
    }

    /// Ids of the special tokens, ascending.
    pub fn specials(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.model.added.iter().filter(|token| token.special).map(|token| token.id).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Adds to each token how often it occurs in pretokens that come so many times each, special tokens being text.
    pub fn count<'p>(&self, pretokens: impl Iterator<Item = (&'p [u8], u64)>, occurrences: &mut [u64]) {
        match &self.tables {
            AnyTables::Narrow(tables) => tables.count(pretokens, occurrences),
            AnyTables::Wide(tables) => tables.count(pretokens, occurrences),
        }
    }
}

fn size_of_vocabulary(model: &Model) -> usize {
    model.tokens.keys().chain(model.texts.keys()).max().map_or(0, |&id| id as usize + 1)
}

fn tables<I: Id>(model: &Model) -> Tables<I> {
    let merges = Merges::new(model.merges.iter().copied());
    let mut tables = Tables {
        pattern: model.pattern,
        removed: model.removed.clone(),
        normalizer: model.normalizer,
        units: Units::new(&merges, model.byte_ids, &model.tokens),
        merges,
        whole: HashMap::new(),
    };
    if model.ignore_merges {
        let tokens = model.tokens.iter().filter(|(_, bytes)| !bytes.is_empty());
        tables.whole = tokens.filter(|&(&id, bytes)| tables.merged(bytes) != [id]).map(|(&id, bytes)| (bytes.clone(), id)).collect();
    }
    tables
}

/// Tokens of documents in the width of their vocabulary.
pub enum Encoded {
    Narrow(Output<u16>),
    Wide(Output<u32>),
}

impl Encoded {
    /// Tokens of each document, its end included; 0 for one without a token.
    pub fn lengths(&self) -> &[u32] {
        match self {
            Encoded::Narrow(output) => &output.lengths,
            Encoded::Wide(output) => &output.lengths,
        }
    }
}

/// One worker's: a tokenizer and the memory of what it has encoded.
pub enum Encoder {
    Narrow(Worker<u16>),
    Wide(Worker<u32>),
}

impl Encoder {
    pub fn new(tokenizer: &Tokenizer) -> Self {
        match &tokenizer.tables {
            AnyTables::Narrow(tables) => Encoder::Narrow(Worker::new(tables.clone())),
            AnyTables::Wide(tables) => Encoder::Wide(Worker::new(tables.clone())),
        }
    }

    /// Encodes documents, with the token `end` behind each that has any.
    pub fn encode<'t>(&mut self, texts: impl Iterator<Item = &'t str>, added: &Added, end: Option<u32>) -> Encoded {
        match self {
            Encoder::Narrow(worker) => Encoded::Narrow(worker.encode(texts, added, end)),
            Encoder::Wide(worker) => Encoded::Wide(worker.encode(texts, added, end)),
        }
    }

    /// The ids of one text.
    pub fn ids(&mut self, text: &str, added: &Added) -> Vec<u32> {
        match self.encode(std::iter::once(text), added, None) {
            Encoded::Narrow(output) => output.tokens.into_iter().map(u32::from).collect(),
            Encoded::Wide(output) => output.tokens,
        }
    }
}

/// The encoders of all workers: one is taken for a batch and given back, so there are as many as batches at a time.
pub struct Encoders {
    tokenizer: Tokenizer,
    idle: Mutex<Vec<Encoder>>,
}

impl Encoders {
    pub fn new(tokenizer: Tokenizer) -> Self {
        Encoders { tokenizer, idle: Mutex::default() }
    }

    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }

    pub fn with<T>(&self, work: impl FnOnce(&mut Encoder) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let mut encoder = taken.unwrap_or_else(|| Encoder::new(&self.tokenizer));
        let result = work(&mut encoder);
        idle().push(encoder);
        result
    }
}

#[cfg(test)]
mod tests;
