//! A batch of documents as tokens: what shards are written from, whatever the tokens come from.

use super::{Dtype, Shares};
use crate::batch::{Batch, State};
use crate::bpe::{Added, Encoded, Encoder};
use zerocopy::IntoBytes;

/// Tokens are written as they lie in memory.
const _: () = assert!(cfg!(target_endian = "little"), "shards are little-endian");

/// The documents of a batch as tokens.
pub struct EncodedBatch {
    pub(super) tokens: Encoded,
    /// Tokens of each document of the batch, `eod` included; 0 where nothing is written.
    pub(super) lengths: Vec<u32>,
    /// The split of each document; empty where they are not split.
    pub(super) splits: Vec<u8>,
    pub(super) origins: Origins,
}

/// Where documents come from; nothing is known of those of a finished shard.
#[derive(Default)]
pub(super) struct Origins {
    pub names: Vec<String>,
    /// The number of each document's source; empty where it is not known.
    pub sources: Vec<u32>,
    /// Bytes of each document's text; 0 where it stands there for another time.
    pub bytes: Vec<u64>,
}

impl EncodedBatch {
    /// Encodes the kept documents, with `eod` behind each. Those without a token are dropped as `empty`.
    pub fn encode(batch: &mut Batch, encoder: &mut Encoder, added: &Added, eod: u32) -> Self {
        let tokens = encoder.encode(batch.texts(), added, Some(eod));
        let mut kept = tokens.lengths().iter().copied();
        let lengths = batch.documents.iter_mut().map(|document| {
            let length = if document.state == State::Kept { kept.next().unwrap_or(0) } else { return 0 };
            if length == 0 {
                document.state = State::Dropped { reason: "empty", value: 0.0, threshold: 1.0 };
            }
            length
        });
        let lengths = lengths.collect();
        let origins = Origins {
            names: batch.sources.clone(),
            sources: batch.documents.iter().map(|document| u32::from(document.source)).collect(),
            bytes: batch.documents.iter().map(|document| document.bytes).collect(),
        };
        EncodedBatch::of(tokens, lengths, origins)
    }

    /// Documents that are tokens already; `lengths` as above.
    pub(super) fn of(tokens: Encoded, lengths: Vec<u32>, origins: Origins) -> Self {
        EncodedBatch { tokens, lengths, splits: Vec::new(), origins }
    }

    /// Decides the split of each document, by its tokens without the last.
    pub fn split(&mut self, shares: &Shares) {
        let (bytes, width) = (self.tokens(), self.dtype().width());
        let mut at = 0;
        let splits = self.lengths.iter().map(|&length| {
            let document = &bytes[at..at + length as usize * width];
            at += document.len();
            shares.of(&document[..document.len().saturating_sub(width)])
        });
        self.splits = splits.collect();
    }

    /// Documents of the batch, whether they became a sequence or not.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// Bytes that its tokens take.
    pub fn weight(&self) -> usize {
        self.tokens().len()
    }

    pub(super) fn dtype(&self) -> Dtype {
        match self.tokens {
            Encoded::Narrow(_) => Dtype::U16,
            Encoded::Wide(_) => Dtype::I32,
        }
    }

    /// All documents as they will stand in `.bin`.
    pub(super) fn tokens(&self) -> &[u8] {
        match &self.tokens {
            Encoded::Narrow(output) => output.tokens.as_bytes(),
            Encoded::Wide(output) => output.tokens.as_bytes(),
        }
    }
}
