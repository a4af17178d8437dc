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
            Texts::Nothing => return Err(Error::Internal("documents without texts are compared".into())),
        })
    }

    pub fn skip_block(&mut self) -> Result<()> {
        match self {
            Sketched::Texts(texts) => texts.skip_block(),
            Sketched::Kept(sketches) => sketches.skip_block(),
        }
    }

    /// Gives the sketches of some documents of the next block, by their positions among the signed ones, ascending;
    /// `ordinals` are those of all signed ones.
    pub fn block(
        &mut self,
        ordinals: &[u32],
        wanted: impl Iterator<Item = usize>,
        mut found: impl FnMut(usize, Sketch) -> Result<()>,
    ) -> Result<()> {
        match self {
            Sketched::Texts(texts) => {
                let raw = texts.next_block()?.ok_or_else(|| Error::Internal("fewer texts than signatures".into()))?;
                let mut entries = texts.entries(&raw)?;
                for position in wanted {
                    found(position, Sketch::of(&entries.text_of(ordinals[position])?))?;
                }
            }
            Sketched::Kept(sketches) => {
                let block = sketches.next_block()?;
                for position in wanted {
                    found(position, block.get(position)?)?;
                }
            }
        }
        Ok(())
    }
}
