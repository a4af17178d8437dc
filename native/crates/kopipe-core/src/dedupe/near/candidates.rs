//! One pass over a unit: of its documents that share a band with another, what they will be compared by is kept.

use super::candidate::{Candidate, Key};
use super::components::Components;
use super::runs::Runs;
use super::sketch::Sketch;
use crate::dedupe::Documents;
use crate::error::{Error, Result};
use crate::io::Io;
use crate::scratch::ScratchReader;
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

/// Writes the candidates of a unit.
pub fn collect(io: &Io, documents: &Documents, components: &Components, unit: usize, how: Collecting, path: &Path) -> Result<()> {
    let (unit, numbers) = documents.unit(unit);
    let mut signatures = unit.signatures(io)?;
    let mut texts = ScratchReader::open(io, &unit.blocks)?;
    let mut runs = Runs::create(io, path, how.partitions, how.memory)?;
    while let Some(block) = signatures.next_block()? {
        let ordinals = signatures.ordinals(&block)?;
        let found: Vec<(usize, u32)> =
            ordinals.iter().enumerate().filter_map(|(i, ordinal)| Some((i, components.of(numbers.start + ordinal)?))).collect();
        if found.is_empty() {
            // Signatures and texts of a batch stand in one block each.
            if how.sketch {
                texts.skip_block()?;
            }
            continue;
        }
        let ranks = documents.ranks(&signatures.sources(&block)?);
        let (sources, lengths) = (signatures.source_numbers(&block)?, signatures.lengths(&block)?);
        let bands = (0..block.bands).map(|band| signatures.band(&block, band)).collect::<Result<Vec<_>>>()?;
        let raw =
            if how.sketch { texts.next_block()?.ok_or_else(|| Error::Internal("fewer texts than signatures".into()))? } else { Vec::new() };
        let mut entries = if how.sketch { Some(texts.entries(&raw)?) } else { None };
        for (i, component) in found {
            let ordinal = ordinals[i];
            let sketch = match &mut entries {
                Some(entries) => Sketch::of(&entries.text_of(ordinal)?),
                None => Sketch::default(),
            };
            let key = Key::new(component, ranks[sources[i] as usize], lengths[i], numbers.start + ordinal);
            runs.push(&Candidate { key, bands: bands.iter().map(|band| band[i] as u32).collect(), sketch })?;
        }
    }
    runs.commit()
}
