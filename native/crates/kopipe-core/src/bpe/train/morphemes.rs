//! Morpheme boundaries, marked for training alone: a counted pretoken is cut where an analyser says, and its parts are
//! counted as often as it was, so that no merge learnt from it crosses a boundary. What is written beside tokenizer.json
//! says nothing of them: text is encoded without an analyser. So were Polyglot-Ko's tokens learnt, from MeCab's marks.
//!
//! An analyser is slow and types are few, so it sees each distinct pretoken once, and only those that occur often enough
//! (`minimum`); the rest stays whole. It sees them one by one, without what stood around them, as a pretoken has one
//! count only.

use super::count::PretokenCounts;
use super::run::{Piece, RunReader, Sorted};
use crate::bpe::pages;
use crate::error::{Error, Result};
use crate::io::Io;
use std::path::Path;

/// Pretokens that are not asked about and are counted at a time.
const WHOLE: usize = 1 << 12;

/// Goes through sealed counts, and counts anew what becomes of them.
pub struct Marking {
    run: RunReader,
    at_end: bool,
    minimum: u64,
}

/// Pretokens that an analyser is asked about, without a blank before them, one a line.
#[derive(Default)]
pub struct Asked {
    pub text: String,
    pretokens: Piece,
}

impl Asked {
    pub fn len(&self) -> usize {
        self.pretokens.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Marking {
    /// `minimum`: how often a pretoken occurs at the least to be asked about.
    pub fn open(io: &Io, counts: &Path, minimum: u64) -> Result<Self> {
        // What counting took: analysers need it.
        pages::give_back();
        Ok(Marking { run: RunReader::open(io, counts)?, at_end: false, minimum })
    }

    /// Bytes of the counts that were gone through.
    pub fn position(&self) -> u64 {
        self.run.position()
    }

    /// The next pretokens to ask about, of at least so many bytes, but at the end, where there may be none. Those that
    /// are not asked about are counted into `into` as they are.
    pub fn next(&mut self, bytes: usize, into: &PretokenCounts) -> Result<Asked> {
        let mut asked = Asked::default();
        let mut whole = Piece::default();
        while asked.text.len() < bytes && !self.at_end {
            if !self.run.advance()? {
                self.at_end = true;
                break;
            }
            let (pretoken, count) = (self.run.pretoken(), self.run.count());
            match word(pretoken).filter(|_| count >= self.minimum) {
                Some(word) => {
                    asked.text.push_str(word);
                    asked.text.push('\n');
                    asked.pretokens.push(pretoken, count);
                }
                None => whole.push(pretoken, count),
            }
            if whole.len() == WHOLE {
                into.add_counted(whole.iter())?;
                whole.clear();
            }
        }
        into.add_counted(whole.iter())?;
        Ok(asked)
    }
}

/// Counts the parts of what was asked about, and gives how many pretokens were cut. `cuts` has for each its number of
/// boundaries, then those, as bytes of the line, rising, within it and between characters.
pub fn count_parts(asked: &Asked, cuts: &[u32], into: &PretokenCounts) -> Result<u64> {
    let mut parts: Vec<(&[u8], u64)> = Vec::new();
    let (mut cut, mut rest) = (0, cuts);
    for (pretoken, count) in asked.pretokens.iter() {
        let wrong = |what: &str| Error::invalid(format!("boundaries of {:?}: {what}", String::from_utf8_lossy(pretoken)));
        let (&number, after) = rest.split_first().ok_or_else(|| wrong("there are none"))?;
        let (these, after) = after.split_at_checked(number as usize).ok_or_else(|| wrong("there are too few"))?;
        rest = after;
        cut += u64::from(number > 0);
        let (text, blank) = (std::str::from_utf8(pretoken).unwrap_or_default(), usize::from(pretoken.starts_with(b" ")));
        let mut start = 0;
        for at in these.iter().map(|&at| at as usize + blank) {
            if at <= start.max(blank) || at >= pretoken.len() || !text.is_char_boundary(at) {
                return Err(wrong(&format!("byte {at} is none")));
            }
            parts.push((&pretoken[start..at], count));
            start = at;
        }
        parts.push((&pretoken[start..], count));
    }
    if !rest.is_empty() {
        return Err(Error::invalid(format!("{} numbers too many in the boundaries of {} pretokens", rest.len(), asked.len())));
    }
    into.add_counted(parts.into_iter())?;
    Ok(cut)
}

/// What an analyser sees of a pretoken: nothing where no two syllables, letters or signs stand beside each other.
fn word(pretoken: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(pretoken).ok()?;
    let word = text.strip_prefix(' ').unwrap_or(text);
    let has_syllable = word.chars().any(|c| ('가'..='힣').contains(&c));
    (has_syllable && word.chars().nth(1).is_some() && !word.contains('\n')).then_some(word)
}

#[cfg(test)]
mod tests {
    use super::super::run::RunWriter;
    use super::*;
    use crate::bpe::{Normalizer, Pattern};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// Cuts each word where `is_cut` says for a position of its characters, as an analyser would.
    fn marked(
        words: &BTreeMap<String, u64>,
        minimum: u64,
        chunk: usize,
        memory: u64,
        is_cut: impl Fn(usize) -> bool,
    ) -> (BTreeMap<Vec<u8>, u64>, u64) {
        let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
        let path = dir.path().join("counts");
        let mut run = RunWriter::create(&io, &path).unwrap();
        words.iter().for_each(|(word, &count)| run.push(word.as_bytes(), count).unwrap());
        run.finish().unwrap();
        let into = PretokenCounts::new(io.clone(), Normalizer::None, Pattern::Gpt2, dir.path(), memory, 1).unwrap();
        let (mut marking, mut cut) = (Marking::open(&io, &path, minimum).unwrap(), 0);
        loop {
            let asked = marking.next(chunk, &into).unwrap();
            if asked.is_empty() {
                break;
            }
            let mut cuts = Vec::new();
            for line in asked.text.lines() {
                let these: Vec<u32> =
                    line.char_indices().enumerate().filter(|&(i, (at, _))| at > 0 && is_cut(i)).map(|(_, (at, _))| at as u32).collect();
                cuts.push(these.len() as u32);
                cuts.extend(these);
            }
            cut += count_parts(&asked, &cuts, &into).unwrap();
        }
        let sealed = dir.path().join("marked");
        into.seal(&sealed).unwrap();
        let (mut found, mut run) = (BTreeMap::new(), RunReader::open(&io, &sealed).unwrap());
        while run.advance().unwrap() {
            found.insert(run.pretoken().to_vec(), run.count());
        }
        (found, cut)
    }

    proptest! {
        #[test]
        fn parts_are_counted_as_often_as_their_pretokens(
            words in prop::collection::btree_map(" ?[가-갛a(]{1,7}|[a-c]{1,3}| |\n", prop_oneof![1u64..9, 1u64 << 33..1 << 40], 1..40),
            every in 1usize..5,
            chunk in 1usize..40,
            memory in prop_oneof![Just(0u64), Just(1 << 30)],
        ) {
            let mut twin: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
            let mut cut = 0;
            for (pretoken, &count) in &words {
                let (blank, word) = if let Some(word) = pretoken.strip_prefix(' ') { (" ", word) } else { ("", pretoken.as_str()) };
                let chars: Vec<char> = word.chars().collect();
                let is_asked = count >= 5 && chars.len() > 1 && chars.iter().any(|c| *c >= '가');
                let mut parts: Vec<String> = if is_asked { chars.chunks(every).map(|part| part.iter().collect()).collect() } else { vec![word.into()] };
                parts[0].insert_str(0, blank);
                cut += u64::from(parts.len() > 1);
                for part in parts {
                    *twin.entry(part.into_bytes()).or_insert(0) += count;
                }
            }
            prop_assert_eq!(marked(&words, 5, chunk, memory, |i| i % every == 0), (twin, cut));
        }
    }

    #[test]
    fn boundaries_that_are_none_are_refused() {
        let (io, dir) = (Io::default(), tempfile::tempdir().unwrap());
        let into = PretokenCounts::new(io, Normalizer::None, Pattern::Gpt2, dir.path(), 1 << 30, 1).unwrap();
        let asked = || {
            let mut asked = Asked { text: "학교에서\n".into(), ..Asked::default() };
            asked.pretokens.push(" 학교에서".as_bytes(), 7);
            asked
        };
        assert_eq!(count_parts(&asked(), &[1, 6], &into).unwrap(), 1);
        for (cuts, what) in [
            (&[][..], "there are none"),
            (&[2, 3], "there are too few"),
            (&[1, 0], "byte 1 is none"),
            (&[1, 4], "byte 5 is none"),
            (&[2, 6, 6], "byte 7 is none"),
            (&[1, 12], "byte 13 is none"),
            (&[0, 1], "1 numbers too many"),
        ] {
            let error = count_parts(&asked(), cuts, &into).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
