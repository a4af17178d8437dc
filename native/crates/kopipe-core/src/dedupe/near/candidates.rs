//! One pass over a unit: of its documents that share a band with another, what they will be compared by is kept: sketches
//! of their texts, or those that an earlier artifact kept.

use super::candidate::{Candidate, Key};
use super::components::Components;
use super::runs::Runs;
use super::sketch::Sketch;
use super::sketched::Sketched;
use crate::dedupe::Documents;
use crate::error::{Error, Result};
use crate::io::Io;
use std::path::Path;

/// What is made of a unit's candidates.
#[derive(Debug, Clone, Copy)]
pub struct Collecting {
    /// Whether their texts are read, for a comparison.
    pub sketch: bool,
    pub partitions: usize,
    /// Bytes held before they are written.
    pub memory: usize,
}

/// Some blocks of a unit: each `step`-th from the `first` on.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    pub unit: usize,
    pub first: usize,
    pub step: usize,
}

/// Writes the candidates of a piece of a unit.
pub fn collect(io: &Io, documents: &Documents, components: &Components, piece: Piece, how: Collecting, path: &Path) -> Result<()> {
    let (unit, numbers) = documents.unit(piece.unit);
    let mut signatures = unit.signatures(io)?;
    let mut texts = how.sketch.then(|| Sketched::open(io, &unit.texts)).transpose()?;
    let mut runs = Runs::create(io, path, how.partitions, how.memory)?;
    let mut number = 0;
    while let Some(block) = signatures.next_block()? {
        let is_of_piece = number % piece.step == piece.first;
        number += 1;
        let ordinals = if is_of_piece { signatures.ordinals(&block)? } else { Vec::new() };
        let component = |i: usize| components.of(numbers.start + ordinals[i]);
        let mut found = (0..ordinals.len()).filter(|&i| component(i).is_some()).peekable();
        if found.peek().is_none() {
            // Signatures and texts of a batch stand in one block each.
            texts.as_mut().map_or(Ok(()), Sketched::skip_block)?;
            continue;
        }
        let ranks = documents.ranks(&numbers, &signatures.sources(&block)?);
        let (sources, lengths) = (signatures.source_numbers(&block)?, signatures.lengths(&block)?);
        let bands = (0..block.bands).map(|band| signatures.band(&block, band)).collect::<Result<Vec<_>>>()?;
        let mut push = |i: usize, sketch| {
            let Some(component) = component(i) else { return Err(Error::Internal("a candidate without a component".into())) };
            let key = Key::new(component, ranks[sources[i] as usize], lengths[i], numbers.start + ordinals[i]);
            runs.push(&Candidate { key, bands: bands.iter().map(|band| band[i] as u32).collect(), sketch })
        };
        match &mut texts {
            Some(texts) => texts.block(&ordinals, found, push)?,
            None => found.try_for_each(|i| push(i, Sketch::default()))?,
        }
    }
    runs.commit()
}
