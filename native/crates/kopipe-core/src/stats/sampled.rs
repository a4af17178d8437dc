//! What costs more than reading, of some of the documents: runs of eojeol, lines that many documents have, language, repetition,
//! personal data, tokens. 20 ns a byte, so one document in sixteen costs what counting characters of all does.
//!
//! Workers observe batches side by side; observations go into the sketches in the order of the input. So what the sketches hold
//! depends on the documents alone, not on how they were cut into batches or by how many workers.

use super::sketch::{Distinct, Frequent};
use crate::batch::Count;
use crate::bpe::{Added, Encoders};
use crate::clean::mask::{Kind, Mask, Style, hits};
use crate::clean::measures::{Buffers, Measures as Walks};
use crate::clean::scan::{Scan, scan};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Of a longer document its beginning is looked at.
const HEAD: usize = 1 << 20;
const ORDERS: usize = 3;
const REGISTERS: u8 = 14;
const PLACES: usize = 1 << 15;
pub const BINS: usize = 20;
const EXAMPLES: usize = 12;
const EXAMPLE_BYTES: usize = 1500;
const EXAMPLES_A_KIND: usize = 3;
/// Characters beside personal data that an example shows.
const BESIDE: usize = 14;
/// Share of English function words among the eojeol from which Latin letters are English.
const ENGLISH: f64 = 0.1;

/// A tokenizer that documents are counted with.
pub struct Fertility {
    pub encoders: Arc<Encoders>,
    pub added: Added,
}

/// Tokens of documents, and what they are of.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    pub tokens: u64,
    pub chars: u64,
    pub eojeol: u64,
    pub bytes: u64,
}

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    pub docs: u64,
    pub hits: u64,
    /// By a hash, of which the least stay.
    pub examples: BTreeSet<(u64, String)>,
}

/// A document as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Example {
    hash: u64,
    /// As JSON.
    pub id: String,
    pub source: String,
    pub chars: u64,
    pub text: String,
}

/// Counts that add up, in whatever order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sums {
    pub all: Count,
    pub languages: BTreeMap<String, Count>,
    pub repeated_lines: [u64; BINS],
    pub repeated_ngrams: [u64; BINS],
    pub personal: BTreeMap<String, Personal>,
    pub tokens: BTreeMap<String, Tokens>,
    pub examples: BTreeSet<Example>,
}

impl Default for Sums {
    fn default() -> Self {
        Sums {
            all: Count::default(),
            languages: BTreeMap::new(),
            repeated_lines: [0; BINS],
            repeated_ngrams: [0; BINS],
            personal: BTreeMap::new(),
            tokens: BTreeMap::new(),
            examples: BTreeSet::new(),
        }
    }
}

impl Sums {
    /// As many documents as these stand for; `all`, tokens and examples are of these themselves.
    fn times(mut self, weight: u64) -> Self {
        for count in self.languages.values_mut() {
            *count = Count { docs: weight * count.docs, bytes: weight * count.bytes };
        }
        self.repeated_lines.iter_mut().chain(&mut self.repeated_ngrams).for_each(|docs| *docs *= weight);
        for personal in self.personal.values_mut() {
            (personal.docs, personal.hits) = (weight * personal.docs, weight * personal.hits);
        }
        self
    }

    pub fn merge(&mut self, more: Sums) {
        add(&mut self.all, more.all);
        for (language, count) in more.languages {
            add(self.languages.entry(language).or_default(), count);
        }
        for (into, from) in [(&mut self.repeated_lines, more.repeated_lines), (&mut self.repeated_ngrams, more.repeated_ngrams)] {
            into.iter_mut().zip(from).for_each(|(sum, count)| *sum += count);
        }
        for (kind, personal) in more.personal {
            let sum = self.personal.entry(kind).or_default();
            sum.docs += personal.docs;
            sum.hits += personal.hits;
            sum.examples.extend(personal.examples);
            least(&mut sum.examples, EXAMPLES_A_KIND);
        }
        for (source, tokens) in more.tokens {
            let sum = self.tokens.entry(source).or_default();
            sum.tokens += tokens.tokens;
            sum.chars += tokens.chars;
            sum.eojeol += tokens.eojeol;
            sum.bytes += tokens.bytes;
        }
        self.examples.extend(more.examples);
        least(&mut self.examples, EXAMPLES);
    }
}

fn add(into: &mut Count, more: Count) {
    into.docs += more.docs;
    into.bytes += more.bytes;
}

fn least<T: Ord>(set: &mut BTreeSet<T>, most: usize) {
    while set.len() > most {
        set.pop_last();
    }
}

/// Something that stood in a document: its hash, and where in the texts that were observed.
struct Seen {
    hash: u64,
    start: usize,
    bytes: u32,
}

/// What a worker found in documents, in their order.
#[derive(Default)]
pub struct Observed {
    text: String,
    ngrams: [Vec<Seen>; ORDERS],
    lines: Vec<Seen>,
    sums: Sums,
    buffers: Buffers,
}

impl Observed {
    pub fn add(&mut self, text: &str, source: &str, id: &str, hash: u64, fertility: Option<&Fertility>) {
        let text = &text[..text.floor_char_boundary(HEAD)];
        let scan = scan(text);
        let base = self.text.len();
        self.text.push_str(text);
        let mut walks = Walks::new(text, scan, &mut self.buffers);
        let count = Count { docs: 1, bytes: text.len() as u64 };
        add(&mut self.sums.all, count);
        add(self.sums.languages.entry(language(&mut walks, &scan).to_owned()).or_default(), count);
        let bin = |chars: u64| ((BINS as u64 * chars / scan.chars.max(1)) as usize).min(BINS - 1);
        self.sums.repeated_lines[bin(walks.duplicate_lines().chars)] += 1;
        self.sums.repeated_ngrams[bin(walks.ngrams().duplicate[5])] += 1;
        let eojeol = walks.eojeol().count;
        let mut before = [0u64; ORDERS];
        let mut starts = [0usize; ORDERS];
        for (i, word) in walks.words().iter().enumerate() {
            before.rotate_right(1);
            starts.rotate_right(1);
            before[0] = xxh3_64(word.of(text));
            starts[0] = word.start as usize;
            let mut hash = 0;
            for order in 0..ORDERS.min(i + 1) {
                hash = before[order].wrapping_add(hash).rotate_left(23).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                let bytes = word.start + word.bytes - starts[order] as u32;
                self.ngrams[order].push(Seen { hash, start: base + starts[order], bytes });
            }
        }
        self.lines(base, text);
        self.personal(text, hash);
        if let Some(Fertility { encoders, added }) = fertility {
            let tokens = encoders.with(|encoder| encoder.ids(text, added)).len() as u64;
            let of = self.sums.tokens.entry(source.to_owned()).or_default();
            *of = Tokens {
                tokens: of.tokens + tokens,
                chars: of.chars + scan.chars,
                eojeol: of.eojeol + eojeol,
                bytes: of.bytes + count.bytes,
            };
        }
        self.example(text, source, id, hash, scan.chars);
    }

    /// Each line of a document once.
    fn lines(&mut self, base: usize, text: &str) {
        let first = self.lines.len();
        for line in text.split('\n').map(str::trim).filter(|line| !line.is_empty()) {
            let start = base + (line.as_ptr() as usize - text.as_ptr() as usize);
            self.lines.push(Seen { hash: xxh3_64(line.as_bytes()), start, bytes: line.len() as u32 });
        }
        self.lines[first..].sort_unstable_by_key(|line| (line.hash, line.start));
        let mut last = None;
        let mut end = first;
        for i in first..self.lines.len() {
            if last.replace(self.lines[i].hash) != Some(self.lines[i].hash) {
                self.lines.swap(end, i);
                end += 1;
            }
        }
        self.lines.truncate(end);
    }

    fn personal(&mut self, text: &str, hash: u64) {
        let how = Mask { style: Style::Polyglot, kinds: Kind::ALL.to_vec(), reserved: Vec::new() };
        let mut met = BTreeSet::new();
        for hit in hits(text, &how) {
            let Some(kind) = hit.what else { continue };
            let personal = self.sums.personal.entry(kind.name().to_owned()).or_default();
            personal.hits += 1;
            if !met.insert(kind.name()) {
                continue;
            }
            personal.docs += 1;
            personal.examples.insert((hash, hidden(text, &hit.range)));
            least(&mut personal.examples, EXAMPLES_A_KIND);
        }
    }

    fn example(&mut self, text: &str, source: &str, id: &str, hash: u64, chars: u64) {
        if self.sums.examples.len() == EXAMPLES && self.sums.examples.last().is_some_and(|last| last.hash <= hash) {
            return;
        }
        let text = text[..text.floor_char_boundary(EXAMPLE_BYTES)].to_owned();
        self.sums.examples.insert(Example { hash, id: id.to_owned(), source: source.to_owned(), chars, text });
        least(&mut self.sums.examples, EXAMPLES);
    }
}

/// The language by its letters: Korean where a half and more are, and English by its function words; others by script.
fn language(walks: &mut Walks, scan: &Scan) -> &'static str {
    // More than half of what is no blank settles it without a look at each letter.
    if 2 * scan.hangul > scan.chars - scan.white_space {
        return "ko";
    }
    let scripts = walks.scripts();
    let letters = scripts.hangul + scripts.han + scripts.kana + scripts.latin + scripts.cyrillic + scripts.other;
    if letters == 0 {
        return "none";
    }
    if scripts.korean() >= 0.5 {
        return "ko";
    }
    let east_asian = scripts.han + scripts.kana;
    match [scripts.hangul, east_asian, scripts.latin, scripts.cyrillic, scripts.other].into_iter().max() {
        Some(most) if most == scripts.hangul => "ko",
        Some(most) if most == east_asian => {
            if scripts.kana > 0 {
                "ja"
            } else {
                "zh"
            }
        }
        Some(most) if most == scripts.latin => {
            let words = walks.eojeol().count.max(1);
            if walks.function_words() as f64 >= ENGLISH * words as f64 { "en" } else { "latin" }
        }
        Some(most) if most == scripts.cyrillic => "cyrillic",
        _ => "other",
    }
}

/// Personal data with a little of the text beside it, every letter and digit of it hidden, and every digit beside it.
fn hidden(text: &str, range: &std::ops::Range<usize>) -> String {
    let before = text[..range.start].char_indices().rev().nth(BESIDE - 1).map_or(0, |(at, _)| at);
    let after = text[range.end..].char_indices().nth(BESIDE).map_or(text.len(), |(at, _)| range.end + at);
    let beside = |part: &str| part.replace(char::is_numeric, "•");
    let inside = text[range.clone()].replace(char::is_alphanumeric, "•");
    [beside(&text[before..range.start]), inside, beside(&text[range.end..after])].concat()
}

/// Everything that has been observed.
#[derive(Debug, Clone)]
pub struct Sampled {
    pub ngrams: [(Distinct, Frequent); ORDERS],
    pub lines: (Distinct, Frequent),
    pub sums: Sums,
}

impl Default for Sampled {
    fn default() -> Self {
        let counted = || (Distinct::new(REGISTERS), Frequent::new(PLACES));
        Sampled { ngrams: [counted(), counted(), counted()], lines: counted(), sums: Sums::default() }
    }
}

impl Sampled {
    pub fn take(&mut self, observed: Observed, weight: u64) {
        let Observed { text, ngrams, lines, sums, .. } = observed;
        let feed = |(distinct, frequent): &mut (Distinct, Frequent), seen: &[Seen]| {
            for Seen { hash, start, bytes } in seen {
                distinct.add(*hash);
                frequent.add(*hash, weight, &text[*start..start + *bytes as usize]);
            }
        };
        for (order, into) in self.ngrams.iter_mut().enumerate() {
            feed(into, &ngrams[order]);
        }
        feed(&mut self.lines, &lines);
        self.sums.merge(sums.times(weight));
    }

    pub fn merge(&mut self, more: Sampled) {
        for ((distinct, frequent), (others, items)) in self.ngrams.iter_mut().zip(&more.ngrams) {
            distinct.merge(others);
            frequent.merge(items);
        }
        self.lines.0.merge(&more.lines.0);
        self.lines.1.merge(&more.lines.1);
        self.sums.merge(more.sums);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(texts: &[&str]) -> Observed {
        let mut observed = Observed::default();
        for text in texts {
            observed.add(text, "web", "1", xxh3_64(text.as_bytes()), None);
        }
        observed
    }

    const TEXTS: [&str; 5] = [
        "나는 학교에 갔다.\n나는 집에 갔다.\n나는 학교에 갔다.",
        "나는 학교에 갔다.\n전화 010-1234-5678 로 연락 주세요",
        "The cat and the dog are of the house",
        "中文文字全部漢字",
        "",
    ];

    #[test]
    fn runs_and_lines_are_counted() {
        let mut sampled = Sampled::default();
        sampled.take(observed(&TEXTS), 4);
        let list = |frequent: &Frequent| frequent.list(3).into_iter().map(|item| (item.text, item.count)).collect::<Vec<_>>();
        assert_eq!(list(&sampled.ngrams[0].1)[..2], [("갔다.".into(), 16), ("나는".into(), 16)]);
        assert_eq!(list(&sampled.ngrams[1].1)[..2], [("나는 학교에".into(), 12), ("학교에 갔다.".into(), 12)]);
        assert_eq!(list(&sampled.ngrams[2].1)[0], ("나는 학교에 갔다.".into(), 12));
        assert_eq!(list(&sampled.lines.1), [("나는 학교에 갔다.".into(), 8)], "once a document");
        assert_eq!(sampled.lines.0.estimate().estimate, 5.0);
    }

    #[test]
    fn documents_are_judged() {
        let mut sampled = Sampled::default();
        sampled.take(observed(&TEXTS), 1);
        let Sums { all, languages, repeated_lines, personal, examples, .. } = &sampled.sums;
        let languages: Vec<_> = languages.iter().map(|(name, count)| (name.as_str(), count.docs)).collect();
        assert_eq!((all.docs, languages), (5, vec![("en", 1), ("ko", 2), ("none", 1), ("zh", 1)]));
        assert_eq!((repeated_lines[0], repeated_lines.iter().sum::<u64>()), (4, 5));
        let Personal { docs, hits, examples: shown } = &personal["tel"];
        assert_eq!((docs, hits), (&1, &1));
        assert_eq!(shown.first().unwrap().1, "나는 학교에 갔다.\n전화 •••-••••-•••• 로 연락 주세요");
        assert_eq!(examples.len(), 5);
    }

    #[test]
    fn how_documents_come_together_leaves_no_trace() {
        let (mut one, mut each) = (Sampled::default(), Sampled::default());
        one.take(observed(&TEXTS), 1);
        TEXTS.iter().for_each(|text| each.take(observed(&[text]), 1));
        assert_eq!(
            one.ngrams.each_ref().map(|(_, frequent)| frequent.list(99)),
            each.ngrams.each_ref().map(|(_, frequent)| frequent.list(99))
        );
        assert_eq!(postcard::to_stdvec(&one.sums), postcard::to_stdvec(&each.sums));
    }
}
