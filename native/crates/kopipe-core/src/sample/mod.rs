//! `sample`: a synthetic Korean corpus of any size, from a seed, with planted truth. It feeds the demo and every test
//! of scale: its vocabulary grows as real text's does (`words`), and what is in it is known (`truth`).
//!
//! Document i of file f is a function of (seed, f, i), so that duplicates reach across files without keeping any.
//! The whole command is in docs/benchmarks.md: 164 MB/s with two workers.

mod planted;
pub(crate) mod random;
mod text;
mod words;

use crate::batch::json;
use crate::error::{Error, Result};
use crate::io::{Io, Sealed};
use crate::scratch::{Format, compress};
use planted::{JUNK, LOOK_ALIKES, PII};
use random::Random;
use serde_json::json as object;
use std::path::Path;
use words::Words;

/// Bytes of JSON lines a file holds, the last one less.
pub const FILE_SIZE: u64 = 64_000_000;
/// Every full file has at least this many documents, so duplicates of other files point below it.
const SURE: u64 = 4000;

pub struct Sampler {
    seed: u64,
    words: Words,
}

/// What a file of the sample holds.
#[derive(Debug, Clone)]
pub struct SampleFile {
    pub documents: u64,
    pub bytes: u64,
    pub file: Sealed,
    pub truth: Sealed,
}

/// The kind of a document, decided by its place alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Exact,
    Near,
    Nfd,
    ZeroWidth,
    Pii,
    LookAlike,
    Spam,
    Junk,
    Broken,
}

impl Sampler {
    pub fn new(seed: u64) -> Self {
        Sampler { seed, words: Words::new() }
    }

    /// Writes file number `number` until it holds `size` bytes of JSON lines, and its truth beside it.
    pub fn write_file(&self, io: &Io, number: u64, size: u64, format: Format, path: &Path, truth_path: &Path) -> Result<SampleFile> {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let (mut file, mut truth_file) = (io.create(path)?, io.create(truth_path)?);
        let (mut lines, mut truth, mut bytes, mut documents) = (Vec::new(), Vec::new(), 0u64, 0u64);
        while bytes + (lines.len() as u64) < size {
            let offset = bytes + lines.len() as u64;
            self.write_record(number, documents, &name, offset, &mut lines, &mut truth);
            documents += 1;
            if lines.len() >= 4 << 20 {
                bytes += lines.len() as u64;
                flush(&mut lines, format, &mut file)?;
                truth_file.write(&truth)?;
                truth.clear();
            }
        }
        bytes += lines.len() as u64;
        flush(&mut lines, format, &mut file)?;
        truth_file.write(&truth)?;
        Ok(SampleFile { documents, bytes, file: file.commit()?, truth: truth_file.commit()? })
    }

    /// Writes a text file in EUC-KR, and gives its UTF-8 text's truth line.
    pub fn write_euc_kr(&self, io: &Io, number: u64, path: &Path) -> Result<Vec<u8>> {
        let mut text = String::new();
        text::write_document(&self.words, &mut Random::at(self.seed, u64::MAX, number), &mut text);
        let (encoded, _, lossy) = encoding_rs::EUC_KR.encode(&text);
        if lossy {
            return Err(Error::Internal("a sample text does not fit EUC-KR".into()));
        }
        io.commit(path, &encoded)?;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(line(&object!({"kind": "euc-kr", "file": format!("euc-kr/{name}"), "bytes": encoded.len(), "text": text})))
    }

    fn kind(&self, file: u64, document: u64) -> Kind {
        match Random::at(self.seed ^ 0x6B69_6E64, file, document).below(1000) {
            0..40 => Kind::Exact,
            40..80 => Kind::Near,
            80..90 => Kind::Nfd,
            90..100 => Kind::ZeroWidth,
            100..120 => Kind::Pii,
            120..130 => Kind::LookAlike,
            130..140 => Kind::Spam,
            140..160 => Kind::Junk,
            160..163 => Kind::Broken,
            _ => Kind::Plain,
        }
    }

    fn plain_text(&self, file: u64, document: u64) -> String {
        let mut text = String::with_capacity(4096);
        text::write_document(&self.words, &mut Random::at(self.seed, file, document), &mut text);
        text
    }

    /// The place of a plain document before this one: in this file, or among the sure ones of another.
    fn original(&self, file: u64, document: u64, random: &mut Random) -> Option<(u64, u64)> {
        for _ in 0..8 {
            let (from, below) = if file > 0 && random.below(2) == 0 { (random.below(file), SURE) } else { (file, document) };
            if below == 0 {
                continue;
            }
            let candidate = random.below(below);
            if self.kind(from, candidate) == Kind::Plain {
                return Some((from, candidate));
            }
        }
        None
    }

    fn write_record(&self, file: u64, document: u64, name: &str, offset: u64, lines: &mut Vec<u8>, truth: &mut Vec<u8>) {
        let random = &mut Random::at(self.seed ^ 0x706C_616E, file, document);
        let id = id(file, document);
        let place = |kind: &str| object!({"kind": kind, "id": id, "file": format!("documents/{name}"), "offset": offset});
        let original = match self.kind(file, document) {
            Kind::Exact | Kind::Near => self.original(file, document, random),
            _ => None,
        };
        let (text, said) = match (self.kind(file, document), original) {
            (Kind::Exact, Some((f, d))) => (self.plain_text(f, d), Some(with(place("exact-duplicate"), object!({"of": self::id(f, d)})))),
            (Kind::Near, Some((f, d))) => {
                let original = self.plain_text(f, d);
                let share = random.pick(&[&0.003, &0.01, &0.02, &0.05, &0.1, &0.25]);
                let edited = text::edited(&original, *share, &self.words, random);
                let jaccard = (text::jaccard(&original, &edited) * 1e4).round() / 1e4;
                (edited, Some(with(place("near-duplicate"), object!({"of": self::id(f, d), "jaccard": jaccard}))))
            }
            (Kind::Nfd, _) => {
                let nfd = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd();
                (nfd.normalize(&self.plain_text(file, document)).into_owned(), Some(place("nfd")))
            }
            (Kind::ZeroWidth, _) => {
                let spaced = self.plain_text(file, document).replace(' ', random.pick(&["\u{200B} ", "\u{FEFF} ", " \u{2060}"]));
                (spaced, Some(place("zero-width")))
            }
            (Kind::Pii, _) => {
                let kind = random.pick(PII);
                self.insert(file, document, planted::pii(kind, random), |value, at| {
                    with(place("pii"), object!({"pii": kind, "value": value, "at": at}))
                })
            }
            (Kind::LookAlike, _) => {
                let kind = random.pick(LOOK_ALIKES);
                let value = planted::look_alike(kind, random);
                self.insert(file, document, value, |value, at| with(place("look-alike"), object!({"like": kind, "value": value, "at": at})))
            }
            (Kind::Spam, _) => (planted::spam(random), Some(place("spam"))),
            (Kind::Junk, _) => {
                let kind = random.pick(JUNK);
                (planted::junk(kind, random), Some(with(place("junk"), object!({"junk": kind}))))
            }
            _ => (self.plain_text(file, document), None),
        };
        if self.kind(file, document) == Kind::Broken {
            let broken = random.pick(&[
                "{\"id\":",
                "{\"id\":\"x\",\"text\":",
                "not json at all",
                "{\"id\":\"x\",\"body\":\"no text\"}",
                "[\"a list\"]",
            ]);
            lines.extend_from_slice(broken.as_bytes());
            truth.extend_from_slice(&line(&with(place("broken"), object!({"bytes": broken.len() + 1}))));
        } else {
            lines.extend_from_slice(b"{\"id\":\"");
            lines.extend_from_slice(id.as_bytes());
            lines.extend_from_slice(b"\",\"text\":");
            lines.extend_from_slice(&json(&text));
            lines.extend_from_slice(format!(",\"source\":\"{}\"}}", SOURCES[(document % 3) as usize]).as_bytes());
        }
        lines.push(b'\n');
        if let Some(said) = said {
            truth.extend_from_slice(&line(&said));
        }
    }

    /// Plain text with `value` as an eojeol of its own somewhere in it; `say` is told where, in bytes.
    fn insert(
        &self,
        file: u64,
        document: u64,
        value: String,
        say: impl FnOnce(&str, usize) -> serde_json::Value,
    ) -> (String, Option<serde_json::Value>) {
        let mut text = self.plain_text(file, document);
        let middle = text.len() / 2;
        let at = text.as_bytes()[middle..].iter().position(|&b| b == b' ').map_or(text.len(), |at| middle + at);
        text.insert_str(at, &format!(" {value}"));
        let said = say(&value, at + 1);
        (text, Some(said))
    }
}

const SOURCES: [&str; 3] = ["web", "news", "forum"];

fn id(file: u64, document: u64) -> String {
    format!("s{file}-{document}")
}

fn with(mut place: serde_json::Value, more: serde_json::Value) -> serde_json::Value {
    if let (Some(place), serde_json::Value::Object(more)) = (place.as_object_mut(), more) {
        place.extend(more);
    }
    place
}

fn line(value: &serde_json::Value) -> Vec<u8> {
    let mut line = value.to_string().into_bytes();
    line.push(b'\n');
    line
}

fn flush(lines: &mut Vec<u8>, format: Format, file: &mut crate::io::NewFile) -> Result<()> {
    file.write(&compress(&std::mem::take(lines), format)?)
}

#[cfg(test)]
mod tests;
