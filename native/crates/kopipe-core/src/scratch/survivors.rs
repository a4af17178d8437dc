//! The last pass of `clean`: a unit's scratch file becomes its part of the result. Survivors are copied into
//! frames of 4 MiB of document bytes, everything else into rejects, with the reason and the place it came from.
//!
//! Frames are cut by document bytes alone, so the bytes of a file depend on nothing else; each compresses on its
//! own worker.

use super::block::{Entries, Entry, Fate};
use super::cutter::Cutter;
use super::part::{Format, Frame, Output};
use super::placed::Placed;
use super::reader::ScratchReader;
use crate::batch::{Count, Origin, add_cuts, push_addition, push_kept, push_reject};
use crate::clean::cuts::counts::{Cut, Cuts, said};
use crate::dedupe::lines::cutting::{Outcome as Trimmed, UnitCutting};
use crate::dedupe::lines::frequent::Told;
use crate::dedupe::outcome::Outcome;
use crate::error::{Error, Result};
use crate::io::Io;
use crate::stats::Look;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::sync::Arc;

/// As the discriminants number them.
const OUTPUTS: [Output; 4] = [Output::Documents, Output::Rejects, Output::Duplicates, Output::Contamination];

/// Why a document goes of which too little is left without the lines that many have.
const REPEATED: &str = "lines-repeated";

/// Where a unit stands: `unit` is the number of its part in the artifact.
#[derive(Debug, Clone)]
pub struct Place {
    pub file: String,
    pub unit: u32,
}

/// What was decided in this pass.
#[derive(Debug, Default, Clone)]
pub struct Written {
    /// Documents written, with the bytes of their JSON lines.
    pub documents: Count,
    /// Documents that go, duplicates and those of repeated lines, by reason and source, with the bytes of their input text.
    pub duplicates: BTreeMap<&'static str, BTreeMap<String, Count>>,
    /// What had been cut from them, by source and kind.
    pub cut: BTreeMap<String, BTreeMap<&'static str, Cut>>,
    /// Numbers of the evaluation items that documents of the unit met.
    pub met: BTreeSet<u32>,
    /// What was cut in this pass from documents that stay.
    pub cut_now: BTreeMap<String, BTreeMap<&'static str, Cut>>,
    /// What the unit tells of the most frequent lines, by their places among them.
    pub lines: BTreeMap<usize, Told>,
}

pub struct Survivors {
    /// Closed behind the last block: a file that is removed while it is open keeps its place on the disk.
    blocks: Option<ScratchReader>,
    place: Place,
    /// This unit's documents that have a duplicate or were compared with another, by ordinal.
    outcomes: VecDeque<Outcome>,
    /// Lines that go from those that stay, where they were counted.
    lines: Option<UnitCutting>,
    /// Of each output; of the documents none where the first pass has written them.
    open: [Cutter; OUTPUTS.len()],
    has_documents: bool,
    ready: VecDeque<Frame>,
    pub written: Written,
    /// What is looked at of the documents, by whoever encodes their frame.
    look: Arc<Look>,
    /// Those of the frame that is open.
    placed: Placed,
}

impl Survivors {
    /// `format` is that of the documents, nothing where they are written already.
    pub fn open(
        io: &Io,
        blocks: &Path,
        place: Place,
        format: Option<Format>,
        outcomes: Vec<Outcome>,
        lines: Option<UnitCutting>,
        look: Look,
    ) -> Result<Self> {
        let (has_documents, format) = (format.is_some(), format.unwrap_or(Format::Jsonl));
        Ok(Survivors {
            blocks: Some(ScratchReader::open_last(io, blocks)?),
            place,
            outcomes: outcomes.into(),
            lines,
            open: OUTPUTS.map(|output| Cutter::new(output, format)),
            has_documents,
            ready: VecDeque::new(),
            written: Written::default(),
            look: Arc::new(look),
            placed: Placed::default(),
        })
    }

    pub fn next_frame(&mut self) -> Result<Option<Frame>> {
        while self.ready.is_empty()
            && let Some(blocks) = &mut self.blocks
        {
            match blocks.next_block()? {
                Some(raw) => {
                    let entries = blocks.entries(&raw)?;
                    self.take_block(entries)?;
                }
                None => self.finish()?,
            }
        }
        Ok(self.ready.pop_front())
    }

    fn take_block(&mut self, mut entries: Entries) -> Result<()> {
        while let Some(entry) = entries.next_entry()? {
            self.met(&entry)?;
            let told = self.outcomes.front().is_some_and(|outcome| outcome.ordinal == entry.ordinal);
            let outcome = if told { self.outcomes.pop_front() } else { None };
            let source = entries.sources.get(entry.source as usize).copied().unwrap_or_default();
            match &outcome {
                Some(outcome @ Outcome { pair: Some(pair), .. }) if pair.rule.drops() => {
                    self.drop(&entry, source, pair.rule.reason(), &pair.why());
                    self.tell(&entry, outcome);
                }
                None if entry.fate == Fate::Rejected => self.reject(&entry, ""),
                None if entry.fate == Fate::Written => {}
                Some(outcome) => {
                    self.keep(&entry, source, outcome.size)?;
                    self.tell(&entry, outcome);
                }
                None => self.keep(&entry, source, 1)?,
            }
        }
        Ok(())
    }

    /// Writes a document that is no duplicate, without the lines that many have; where too little is left of it it goes.
    fn keep(&mut self, entry: &Entry, source: &str, cluster_size: u32) -> Result<()> {
        let cut = match &mut self.lines {
            Some(lines) => lines.cut(entry.ordinal, || entry.text())?,
            None => None,
        };
        match cut {
            None => self.write(entry, source, cluster_size),
            Some(Trimmed::Cut { text, cuts }) => {
                add_cuts(self.written.cut_now.entry(source.to_owned()).or_default(), Some(&cuts));
                let end = entry.text_end().unwrap_or(entry.body.len());
                let string = sonic_rs::to_vec(&text).map_err(|e| Error::Internal(e.to_string()))?;
                let body = [&entry.body[..entry.text], &string, &entry.body[end..]].concat();
                let additions = said(entry.additions, "cut", &cuts);
                self.write(&Entry { body: &body, additions: &additions, cuts: Cuts::default(), ..*entry }, source, cluster_size);
            }
            Some(Trimmed::Gone { left, shortest }) => {
                let why = format!("\"reason\":\"{REPEATED}\",\"value\":{left},\"threshold\":{shortest}");
                self.drop(entry, source, REPEATED, &why);
            }
        }
        Ok(())
    }

    /// What the first pass kept goes: what had been cut from it counts no more.
    fn drop(&mut self, entry: &Entry, source: &str, reason: &'static str, why: &str) {
        let of_reason = self.written.duplicates.entry(reason).or_default();
        of_reason.entry(source.to_owned()).or_default().add(entry.bytes);
        add_cuts(self.written.cut.entry(source.to_owned()).or_default(), Some(&entry.cuts));
        self.reject(entry, why);
    }

    fn write(&mut self, entry: &Entry, source: &str, cluster_size: u32) {
        let placed = &mut self.placed;
        let (bytes, frame) = self.open[Output::Documents as usize].line(|out| {
            placed.add(source, out.len(), entry.body.len(), entry.text);
            out.extend_from_slice(entry.body);
            push_kept(out, &with_cluster_size(entry.additions, cluster_size));
        });
        self.written.documents.add(bytes as u64);
        let frame = frame.map(|frame| self.documents(frame));
        self.ready.extend(frame);
    }

    /// The frame, with what is looked at of its documents.
    fn documents(&mut self, frame: Frame) -> Frame {
        frame.with(std::mem::take(&mut self.placed), self.look.clone())
    }

    fn reject(&mut self, entry: &Entry, why: &str) {
        let Place { file, unit } = &self.place;
        let origin = Origin { file, unit: *unit, ordinal: entry.ordinal, offset: entry.offset, bytes: entry.bytes };
        let line = |out: &mut Vec<u8>| push_reject(out, entry.body, &[entry.additions, why.as_bytes()], &origin);
        self.ready.extend(self.open[Output::Rejects as usize].line(line).1);
    }

    /// The line of the duplicates.
    fn tell(&mut self, entry: &Entry, outcome: &Outcome) {
        let line = outcome.line(self.place.unit, entry.bytes);
        self.ready.extend(self.open[Output::Duplicates as usize].line(|out| out.extend_from_slice(line.as_bytes())).1);
    }

    /// A line for each evaluation item that a document met, whatever became of it.
    fn met(&mut self, entry: &Entry) -> Result<()> {
        let mut rest = entry.evidence;
        while !rest.is_empty() {
            let pair = rest.split_first_chunk::<4>().and_then(|(item, rest)| Some((*item, rest.split_first_chunk::<4>()?)));
            let pair = pair.and_then(|(item, (length, rest))| Some((item, rest.split_at_checked(u32::from_le_bytes(*length) as usize)?)));
            let Some((item, (fields, behind))) = pair else { return Err(Error::Internal("evidence ends too early".into())) };
            self.written.met.insert(u32::from_le_bytes(item));
            let place = format!("{{\"unit\":{},\"ordinal\":{},", self.place.unit, entry.ordinal);
            let line = |out: &mut Vec<u8>| [place.as_bytes(), fields, b"}\n"].into_iter().for_each(|part| out.extend_from_slice(part));
            self.ready.extend(self.open[Output::Contamination as usize].line(line).1);
            rest = behind;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        if let Some(Outcome { ordinal, .. }) = self.outcomes.front() {
            return Err(Error::Internal(format!("duplicate {ordinal} of part {} is not in the scratch file", self.place.unit)));
        }
        if let Some(lines) = &self.lines {
            lines.finish()?;
            self.written.lines = lines.told().clone();
        }
        // The documents' file exists even where nothing survived; an empty frame makes it valid.
        let none = self.has_documents && self.written.documents.docs == 0;
        for output in OUTPUTS {
            let open = &mut self.open[output as usize];
            let is_documents = output == Output::Documents;
            if !open.is_empty() || (none && is_documents) {
                let rest = open.rest();
                let rest = if is_documents { self.documents(rest) } else { rest };
                self.ready.push_back(rest);
            }
        }
        self.blocks = None;
        Ok(())
    }
}

/// What stands under "kopipe" of a document that stands for a cluster; one that did so before, in the run that wrote
/// it, stands for those documents too.
fn with_cluster_size(additions: &[u8], size: u32) -> Cow<'_, [u8]> {
    if size == 1 {
        return Cow::Borrowed(additions);
    }
    let object = [b"{", additions, b"}"].concat();
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&object).unwrap_or_default();
    let before = fields.remove("cluster_size").and_then(|size| size.as_u64()).unwrap_or(1);
    let mut all = serde_json::to_vec(&fields).unwrap_or_default();
    all.pop();
    all.remove(0);
    push_addition(&mut all, "cluster_size", &(before - 1 + u64::from(size)).to_string());
    Cow::Owned(all)
}
