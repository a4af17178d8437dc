//! Linear text models in fastText's format: `.bin` and `.ftz` of a supervised model are read and judge a text exactly as
//! fastText's `predict` does, and `train` makes such a model.
//!
//! A text is a bag of rows: words, character n-grams, word n-grams (`features`). Their mean times the output matrix gives
//! the labels' probabilities (`loss`). fastText takes a line; here a document is one line, its newlines are spaces, as
//! datatrove does it. The file is mapped: only the dictionary's table (24 bytes a word) is held beside it. A document costs
//! what its tokens cost and allocates nothing: 8.5 ns a byte with word bigrams and 25 MB of model, a third of fastText's time;
//! character n-grams in 158 MB of model, 39 ns, most of it waiting for memory (docs/quality-model.md).

mod bytes;
pub mod documents;
mod features;
mod loss;
mod matrix;
#[cfg(any(test, fuzzing))]
pub mod replay;
mod table;
#[cfg(any(test, fuzzing))]
mod textbook;
pub mod train;
mod vocabulary;

use crate::Io;
use crate::error::Result;
use bytes::Cursor;
use features::{Features, Found};
use loss::Loss;
use matrix::Matrix;
use memmap2::Mmap;
use std::ops::Deref;
use std::path::Path;

const MAGIC: i32 = 793_712_314;
/// Kinds of models fastText writes: cbow, skip-gram and this one.
const SUPERVISED: i32 = 3;
/// What fastText adds to a probability before it takes the logarithm, and so to what it says.
const TINY: f64 = 1e-5;

/// A file that is mapped, or one that is still in memory.
pub enum Bytes {
    Mapped(Mmap),
    Held(Vec<u8>),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Mapped(map) => map,
            Bytes::Held(bytes) => bytes,
        }
    }
}

pub struct Model {
    bytes: Bytes,
    features: Features,
    input: Matrix,
    output: Matrix,
    loss: Loss,
    labels: Vec<String>,
}

/// What judging a text needs, used again for the next one.
#[derive(Default)]
pub struct Room {
    found: Found,
    hidden: Vec<f32>,
    scores: Vec<f32>,
}

/// The head of a model: what training was asked for, as far as predicting needs it.
struct Arguments {
    dim: usize,
    word_ngrams: usize,
    loss: i32,
    bucket: u32,
    chars: std::ops::RangeInclusive<usize>,
}

impl Model {
    pub fn open(io: &Io, path: &Path) -> Result<Model> {
        Model::parse(Bytes::Mapped(io.map(path)?), path)
    }

    /// Checks every length against the file before it is used.
    pub fn parse(bytes: Bytes, path: &Path) -> Result<Model> {
        let mut at = Cursor::new(&bytes, path);
        let arguments = Arguments::read(&mut at)?;
        let (features, counts, labels) = Features::read(&mut at, &arguments)?;
        let quantized = at.flag("whether the input is quantized")?;
        let input = Matrix::read(&mut at, quantized, arguments.dim)?;
        if features.is_pruned() && !quantized {
            return Err(at.wrong("its dictionary is pruned, its matrix is not quantized: a model of an old fastText"));
        }
        if input.rows() < features.rows_needed() {
            return Err(at.wrong(format!("its dictionary needs {} rows, its matrix has {}", features.rows_needed(), input.rows())));
        }
        let quantized = at.flag("whether the output is quantized")? && quantized;
        let output = Matrix::read(&mut at, quantized, arguments.dim)?;
        if output.rows() != labels.len() {
            return Err(at.wrong(format!("it has {} labels and {} rows for them", labels.len(), output.rows())));
        }
        at.end()?;
        let loss = Loss::new(arguments.loss, &counts).map_err(|what| at.wrong(what))?;
        Ok(Model { features, input, output, loss, labels, bytes })
    }

    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    pub fn label(&self, name: &str) -> Option<usize> {
        self.labels.iter().position(|label| label == name)
    }

    /// The probability of the likeliest of some labels, as fastText says it, which is up to 0.00001 too high; 0 where
    /// nothing of the text is known to the model.
    pub fn probability(&self, text: &str, labels: &[usize], room: &mut Room) -> f32 {
        let Room { found, hidden, scores } = room;
        self.features.rows(&self.bytes, text.as_bytes(), found);
        let rows = &found.rows;
        if rows.is_empty() {
            return 0.0;
        }
        hidden.clear();
        hidden.resize(self.input.columns(), 0.0);
        for &row in rows {
            self.input.add_row(&self.bytes, row as usize, hidden);
        }
        let share = (1.0 / rows.len() as f64) as f32;
        hidden.iter_mut().for_each(|x| *x *= share);
        self.loss.probability(&self.bytes, &self.output, hidden, labels, scores)
    }
}

impl Arguments {
    fn read(at: &mut Cursor) -> Result<Arguments> {
        if at.i32().ok() != Some(MAGIC) {
            return Err(at.wrong("it does not begin as a fastText model does; expected a `.bin` or `.ftz` file of a supervised model"));
        }
        let version = at.i32()?;
        if !matches!(version, 11 | 12) {
            return Err(at.wrong(format!("its version is {version}; kopipe reads 11 and 12")));
        }
        let [dim, _ws, _epoch, _min_count, _neg, word_ngrams, loss, kind, bucket, minn, maxn, _update] = at.i32s()?;
        at.take(8)?;
        if kind != SUPERVISED {
            return Err(at.wrong("it holds word vectors; expected a supervised model"));
        }
        // fastText 0.1 wrote a number here that its supervised models did not mean.
        let maxn = if version == 11 { 0 } else { maxn };
        // Far beyond what anyone trains with: they bound what a text can cost.
        let within = |name: &str, value: i32, most: i32| {
            let fits = (0..=most).contains(&value);
            if fits { Ok(value as usize) } else { Err(at.wrong(format!("its {name} is {value}; expected 0 to {most}"))) }
        };
        let chars = within("minn", minn, 64)?..=within("maxn", maxn, 64)?;
        let word_ngrams = within("wordNgrams", word_ngrams, 64)?;
        let bucket = within("bucket", bucket, i32::MAX)? as u32;
        let dim = within("dim", dim, i32::MAX)?;
        if dim == 0 || (bucket == 0 && (word_ngrams > 1 || *chars.end() > 0)) {
            return Err(at.wrong("it has n-grams and no buckets for them, or no dimensions"));
        }
        Ok(Arguments { dim, word_ngrams, loss, bucket, chars })
    }
}

#[cfg(test)]
mod tests;
