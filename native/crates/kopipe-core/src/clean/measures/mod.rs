//! What a document measures: each walk over it is made once, and only where a filter asks.
//!
//! A text over 4 GiB is measured by its first 4 GiB.

pub mod english;
pub mod eojeol;
pub mod lines;
pub mod morphemes;
pub mod ngrams;
pub mod quantities;
pub mod scripts;
pub mod terms;

use super::flags::Flags;
use super::scan::Scan;
use crate::linear::Room;
use eojeol::{Eojeol, Word};
use lines::{Duplicates, Line, Lines};
use memchr::memmem::Finder;
use morphemes::Morphemes;
use ngrams::NGrams;
use scripts::Scripts;
use std::sync::LazyLock;
use terms::Terms;

/// Room that every document of a batch uses again.
#[derive(Default)]
pub struct Buffers {
    words: Vec<Word>,
    lines: Vec<Line>,
    table: Vec<u64>,
    ngrams: ngrams::Tables,
    linear: Room,
}

pub struct Measures<'t> {
    pub text: &'t str,
    /// `,"key":value` of what the record has beside its text.
    pub metadata: &'t [u8],
    pub scan: Scan,
    buffers: &'t mut Buffers,
    eojeol: Option<Eojeol>,
    lines: Option<Lines>,
    duplicate_lines: Option<Duplicates>,
    duplicate_paragraphs: Option<Duplicates>,
    ngrams: Option<NGrams>,
    terms: Option<Terms>,
    morphemes: Option<Morphemes>,
}

impl<'t> Measures<'t> {
    pub fn new(text: &'t str, scan: Scan, buffers: &'t mut Buffers) -> Self {
        let text = &text[..text.floor_char_boundary(u32::MAX as usize - 1)];
        Measures {
            text,
            metadata: &[],
            scan,
            buffers,
            eojeol: None,
            lines: None,
            duplicate_lines: None,
            duplicate_paragraphs: None,
            ngrams: None,
            terms: None,
            morphemes: None,
        }
    }

    /// What a linear model needs to judge the text.
    pub fn room(&mut self) -> &mut Room {
        &mut self.buffers.linear
    }

    pub fn with_metadata(self, metadata: &'t [u8]) -> Self {
        Measures { metadata, ..self }
    }

    pub fn eojeol(&mut self) -> Eojeol {
        let ascii = !self.scan.flags.has(Flags::SPACES | Flags::UNCLEAN);
        *self.eojeol.get_or_insert_with(|| eojeol::find(self.text, ascii, &mut self.buffers.words))
    }

    pub fn words(&mut self) -> &[Word] {
        self.eojeol();
        &self.buffers.words
    }

    /// Whether there are as many eojeol, which rules of web text ask first: without counting where white space is short.
    pub fn reaches(&mut self, min_words: u64) -> bool {
        self.scan.white_space + 1 >= min_words && self.eojeol().count >= min_words
    }

    pub fn lines(&mut self) -> Lines {
        *self.lines.get_or_insert_with(|| lines::find(self.text, &mut self.buffers.lines))
    }

    /// Lines of this many characters at the most.
    pub fn short_lines(&mut self, length: u64) -> u64 {
        self.lines();
        self.buffers.lines.iter().filter(|line| line.is_short(self.text, length)).count() as u64
    }

    pub fn duplicate_lines(&mut self) -> Duplicates {
        self.lines();
        let Buffers { lines, table, .. } = &mut *self.buffers;
        *self.duplicate_lines.get_or_insert_with(|| lines::duplicate_lines(self.text, lines, table))
    }

    pub fn duplicate_paragraphs(&mut self) -> Duplicates {
        *self.duplicate_paragraphs.get_or_insert_with(|| lines::duplicate_paragraphs(self.text, &mut self.buffers.table))
    }

    pub fn ngrams(&mut self) -> NGrams {
        self.eojeol();
        let Buffers { words, ngrams, .. } = &mut *self.buffers;
        *self.ngrams.get_or_insert_with(|| ngrams::measure(self.text, words, ngrams))
    }

    pub fn terms(&mut self) -> Terms {
        self.eojeol();
        *self.terms.get_or_insert_with(|| terms::count(self.text, &self.buffers.words))
    }

    pub fn morphemes(&mut self) -> Morphemes {
        *self.morphemes.get_or_insert_with(|| morphemes::estimate(self.text))
    }

    pub fn contacts(&mut self) -> u64 {
        let text = self.text;
        self.words().iter().filter(|word| terms::is_contact(word.of(text))).count() as u64
    }

    /// Of English.
    pub fn function_words(&mut self) -> u64 {
        let text = self.text;
        english::function_words(text, self.words())
    }

    pub fn scripts(&self) -> Scripts {
        Scripts::of(self.text)
    }

    /// Characters that are not white space.
    pub fn visible(&self) -> u64 {
        self.scan.chars - self.scan.white_space
    }

    /// `…` and `...`.
    pub fn ellipses(&self) -> u64 {
        static MARKS: LazyLock<[Finder; 2]> = LazyLock::new(|| ["…", "..."].map(Finder::new));
        MARKS.iter().map(|mark| mark.find_iter(self.text.as_bytes()).count() as u64).sum()
    }

    pub fn hashes(&self) -> u64 {
        memchr::memchr_iter(b'#', self.text.as_bytes()).count() as u64
    }
}

/// A share, 0 of nothing.
pub fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
