//! Writes the index of a part: of the unit's documents those that stand in the result.

use super::sketches;
use crate::dedupe::lines::cutting::{Outcome as Trimmed, UnitCutting};
use crate::dedupe::near::sketch::Sketch;
use crate::dedupe::signatures::{Block, Blocks, Signed};
use crate::dedupe::{Texts, Unit};
use crate::error::{Error, Result};
use crate::io::{Io, NewFile, Sealed};
use crate::scratch::ScratchReader;
use std::path::Path;

/// What was kept of a unit.
#[derive(Debug, Clone)]
pub struct Kept {
    pub documents: u32,
    pub signatures: Sealed,
    /// Where documents are compared.
    pub sketches: Option<Sealed>,
}

/// Keeps the documents of a unit but those that are dropped, by ordinal, and those of which `lines` leaves too little.
/// `sketches` is where sketches go, where documents are compared.
pub fn keep(
    io: &Io,
    unit: &Unit,
    is_dropped: impl Fn(u32) -> bool,
    mut lines: Option<UnitCutting>,
    signatures: &Path,
    sketches: Option<&Path>,
) -> Result<Kept> {
    let Texts::Blocks(blocks) = &unit.texts else { return Err(Error::Internal("a unit without texts is kept".into())) };
    let mut texts = ScratchReader::open(io, blocks)?;
    let mut signed = unit.signatures(io)?;
    let mut signatures = io.create(signatures)?;
    let mut sketches = sketches.map(|path| io.create(path)).transpose()?;
    let mut documents = 0;
    while let Some(block) = signed.next_block()? {
        let ordinals = signed.ordinals(&block)?;
        let mut rows: Vec<usize> = (0..ordinals.len()).filter(|&row| !is_dropped(ordinals[row])).collect();
        if lines.is_some() || sketches.is_some() {
            let raw = texts.next_block()?.ok_or_else(|| Error::Internal("fewer texts than signatures".into()))?;
            let mut entries = texts.entries(&raw)?;
            let (mut left, mut sketched) = (Vec::new(), Vec::new());
            for row in rows {
                let text = entries.text_of(ordinals[row])?;
                let cut = lines.as_mut().map_or(Ok(None), |lines| lines.cut(ordinals[row], || Some((&*text).into())))?;
                if !matches!(cut, Some(Trimmed::Gone { .. })) {
                    left.push(row);
                    sketched.extend(sketches.is_some().then(|| Sketch::of(&text).coarse()));
                }
            }
            rows = left;
            sketches.as_mut().map_or(Ok(()), |file| file.write(&sketches::block(&sketched)))?;
        }
        documents += rows.len() as u32;
        signatures.write(&some(&mut signed, &block, &rows)?.block(&signed.sources(&block)?)?)?;
    }
    lines.map_or(Ok(()), |lines| lines.finish())?;
    // The sketches first: where the signatures are, the part is there whole.
    let sketches = sketches.map(NewFile::commit).transpose()?;
    Ok(Kept { documents, signatures: signatures.commit()?, sketches })
}

/// Some rows of a block.
fn some(signed: &mut Blocks, block: &Block, rows: &[usize]) -> Result<Signed> {
    fn of<T: Copy>(rows: &[usize], column: Vec<T>) -> Vec<T> {
        rows.iter().map(|&row| column[row]).collect()
    }
    let columns = (0..block.bands).map(|band| Ok(of(rows, signed.band(block, band)?))).collect::<Result<Vec<Vec<u64>>>>()?;
    Ok(Signed {
        ordinals: of(rows, signed.ordinals(block)?),
        sources: of(rows, signed.source_numbers(block)?),
        lengths: of(rows, signed.lengths(block)?),
        digests: of(rows, signed.digests(block)?),
        bands: (0..rows.len()).flat_map(|row| columns.iter().map(move |column| column[row])).collect(),
        bands_of_each: block.bands,
    })
}
