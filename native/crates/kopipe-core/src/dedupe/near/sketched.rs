//! Sketches of a unit's documents, block by block as they were signed: taken of their texts, or those that an earlier
//! artifact kept.

use super::sketch::Sketch;
use crate::dedupe::documents::Texts;
use crate::dedupe::index::Sketches;
use crate::error::{Error, Result};
use crate::io::Io;
use crate::scratch::ScratchReader;

pub enum Sketched {
    Texts(ScratchReader),
    Kept(Sketches),
}

impl Sketched {
    pub fn open(io: &Io, texts: &Texts) -> Result<Self> {
        Ok(match texts {
            Texts::Blocks(path) => Sketched::Texts(ScratchReader::open(io, path)?),
            Texts::Sketches(path) => Sketched::Kept(Sketches::open(io, path)?),
        })
    }

    pub fn skip_block(&mut self) -> Result<()> {
        match self {
            Sketched::Texts(texts) => texts.skip_block(),
            Sketched::Kept(sketches) => sketches.skip_block(),
        }
    }

    /// Gives the sketches of some documents of the next block, which are named by their positions among the signed ones
    /// and their ordinals, ascending.
    pub fn block(&mut self, wanted: impl Iterator<Item = (usize, u32)>, mut found: impl FnMut(Sketch) -> Result<()>) -> Result<()> {
        match self {
            Sketched::Texts(texts) => {
                let raw = texts.next_block()?.ok_or_else(|| Error::Internal("fewer texts than signatures".into()))?;
                let mut entries = texts.entries(&raw)?;
                for (_, ordinal) in wanted {
                    found(Sketch::of(&entries.text_of(ordinal)?))?;
                }
            }
            Sketched::Kept(sketches) => {
                let block = sketches.next_block()?;
                for (position, _) in wanted {
                    found(block.get(position)?)?;
                }
            }
        }
        Ok(())
    }
}
