//! UTF-8 read as CP949, and any encoding of which U+FFFD is left.
//!
//! A syllable in UTF-8 is a lead byte EA–ED and two of 80–BF. Read in pairs they give ideographs of four rows (lead,
//! continuation), syllables that end in a lead byte, and pairs of continuations; Korean has 3 % of the first two kinds,
//! such text 60 %. Readers that go on one byte behind what they cannot read (Python) leave nearly all pairs of continuations:
//! syllables that EUC-KR lacks, of which Korean uses one here and there (꺢, 뷁).

use super::Round;
use crate::encoding::is_common;
use crate::encoding::plausible::Syllables;
use std::sync::LazyLock;

/// Share of pairs with a lead byte from which a line is UTF-8 read as CP949, and of those where it comes second: names
/// and lists in Hanja have many of the first kind, and none of the second.
const PAIRS: f64 = 0.35;
const SECOND: f64 = 0.15;
/// Share of pairs that no such text has.
const OTHERS: f64 = 0.2;
/// A line of fewer characters outside ASCII is not judged.
const FEWEST: usize = 4;
/// So many different syllables that EUC-KR lacks, and this share of them, has no line of Korean: of a million real ones none.
const RARE_KINDS: u32 = 3;
const RARE: f64 = 0.25;
/// Characters at the beginning of a text that are looked at for them.
const BEGINNING: usize = 32;
/// Share of U+FFFD among a line's characters outside ASCII from which nothing of it can be trusted.
const LOST: f64 = 0.25;

pub fn look(text: &str, round: &mut Round) {
    if begins_unreadable(text) {
        let mut start = 0;
        for line in text.split('\n') {
            judge(line, start, round);
            start += line.len() + 1;
        }
        return;
    }
    let mut judged = 0;
    let mut judge_line_of = |hit: usize| {
        if hit >= judged {
            let start = text[..hit].rfind('\n').map_or(0, |at| at + 1);
            judged = memchr::memchr(b'\n', &text.as_bytes()[hit..]).map_or(text.len(), |length| hit + length);
            // A line that was judged ends before the hit.
            judge(&text[start..judged], start, round);
        }
    };
    let lost: Vec<usize> = memchr::memmem::find_iter(text.as_bytes(), "\u{FFFD}".as_bytes()).collect();
    let mut lost = lost.into_iter().peekable();
    suspects(text, |hit| {
        while let Some(before) = lost.next_if(|&place| place < hit) {
            judge_line_of(before);
        }
        judge_line_of(hit);
    });
    lost.for_each(&mut judge_line_of);
}

/// Whether a text begins with such as no ideograph gives away.
pub fn begins_unreadable(text: &str) -> bool {
    let mut rare = Rare::default();
    let foreign = text.chars().take(BEGINNING).filter(|c| !c.is_ascii()).inspect(|&c| rare.add(c)).count();
    rare.is_too_much_of(foreign)
}

/// Syllables that EUC-KR lacks.
#[derive(Default)]
struct Rare {
    count: usize,
    /// A bit for each, some together.
    kinds: u64,
}

impl Rare {
    #[inline(always)]
    fn add(&mut self, c: char) {
        let is_rare = RARE_ONES.has(c);
        self.count += usize::from(is_rare);
        self.kinds |= u64::from(is_rare) << (c as u32 % 61);
    }

    fn is_too_much_of(&self, foreign: usize) -> bool {
        self.kinds.count_ones() >= RARE_KINDS && self.count as f64 >= RARE * foreign as f64
    }
}

/// CP949 has them where EUC-KR has nothing, as a byte that goes on with one in UTF-8 and one that does or begins the next.
static RARE_ONES: LazyLock<Syllables> = LazyLock::new(|| {
    let mut bits = [0; 175];
    for (lead, trail) in (0x81..=0xBFu8).flat_map(|lead| (0x81..=0xBFu8).chain(0xEA..=0xED).map(move |trail| (lead, trail))) {
        let bytes = [lead, trail];
        let decoded = encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(&bytes);
        let syllable = decoded.and_then(|text| text.chars().next()).and_then(|c| (c as usize).checked_sub(0xAC00));
        if let Some(at) = syllable.filter(|&at| (lead < 0xA1 || trail < 0xA1) && at < 11_172) {
            bits[at / 64] |= 1 << (at % 64);
        }
    }
    Syllables(bits)
});

/// The ideographs that UTF-8 gives, where two of three in succession are such; at the beginning one suffices.
fn suspects(text: &str, mut found: impl FnMut(usize)) {
    let bytes = text.as_bytes();
    let mut history = 1u8;
    for (number, chunk) in bytes.chunks(CHUNK).enumerate() {
        if !super::any(chunk, is_ideograph_lead) {
            continue;
        }
        for at in (number * CHUNK..number * CHUNK + chunk.len()).filter(|&at| is_ideograph_lead(bytes[at])) {
            // A lead byte of three: the two others are there, the text is UTF-8.
            let code = (bytes[at] as usize & 15) << 12 | (bytes[at + 1] as usize & 63) << 6 | bytes[at + 2] as usize & 63;
            let suspect = PAIR_OF[code] == Pair::LeadFirst;
            history = (history << 1 | u8::from(suspect)) & 7;
            if suspect && history.count_ones() >= 2 {
                found(at);
            }
        }
    }
}

/// Ideographs stand in few stretches of this many bytes.
const CHUNK: usize = 64;

#[inline(always)]
fn is_ideograph_lead(byte: u8) -> bool {
    byte.wrapping_sub(0xE4) < 6
}

/// What the two bytes of a character in CP949 are in UTF-8.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Pair {
    /// The first byte begins a syllable, the second goes on with it.
    LeadFirst,
    LeadSecond,
    /// Both go on with one.
    Inner,
    Other,
}

/// By code point, over the first plane.
static PAIR_OF: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let mut pairs = vec![Pair::Other; 1 << 16];
    for lead in 0x81..=0xFE {
        for trail in 0x81..=0xFE {
            let bytes = [lead, trail];
            let decoded = encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(&bytes);
            let Some(c) = decoded.as_deref().and_then(|text| text.chars().next()) else { continue };
            pairs[c as usize] = match bytes {
                [0xEA..=0xED, 0x80..=0xBF] => Pair::LeadFirst,
                [0x80..=0xBF, 0xEA..=0xED] => Pair::LeadSecond,
                [0x80..=0xBF, 0x80..=0xBF] => Pair::Inner,
                _ => Pair::Other,
            };
        }
    }
    pairs
});

fn judge(line: &str, start: usize, round: &mut Round) {
    let (mut foreign, mut lost, mut first, mut second, mut others, mut common) = (0, 0, 0, 0, 0, 0);
    let mut rare = Rare::default();
    for c in line.chars().filter(|c| !c.is_ascii()) {
        foreign += 1;
        common += usize::from(is_common(c));
        rare.add(c);
        match PAIR_OF.get(c as usize) {
            _ if c == char::REPLACEMENT_CHARACTER => lost += 1,
            Some(Pair::LeadFirst) => first += 1,
            Some(Pair::LeadSecond) => second += 1,
            Some(Pair::Inner) => {}
            _ => others += 1,
        }
    }
    if foreign < FEWEST {
        return;
    }
    let share = |n: usize| n as f64 / (foreign - lost).max(1) as f64;
    // Short lines of real syllables (고대 그리스) can have these shares too, but no ideograph of the first kind.
    let strange = first + lost > 0 && share(common) <= 0.5;
    let pairs = strange && share(first + second) >= PAIRS && share(second) >= SECOND && share(others) <= OTHERS;
    if pairs || rare.is_too_much_of(foreign - lost) {
        match repaired(line) {
            Some(repairs) => {
                for (place, truth) in repairs {
                    round.repair(start + place.start..start + place.end, truth, "utf-8 read as cp949");
                }
            }
            None => round.broken += line.chars().count(),
        }
    } else if lost >= FEWEST && lost as f64 >= LOST * foreign as f64 {
        round.broken += line.chars().count();
    }
}

type Repairs = Vec<(std::ops::Range<usize>, String)>;

/// Every run of the line encoded again, where each is exact and Korean; runs of Korean as it is stay.
fn repaired(line: &str) -> Option<Repairs> {
    let mut repairs = Vec::new();
    let (mut syllables, mut common) = (0, 0);
    let mut at = 0;
    while at < line.len() {
        let run: usize = line[at..].chars().take_while(|c| !c.is_ascii()).map(char::len_utf8).sum();
        if run == 0 {
            let ascii = line[at..].bytes().take_while(u8::is_ascii).count();
            // A question mark between two runs may stand for a byte.
            let lost = at > 0 && line.as_bytes()[at] == b'?' && line.as_bytes().get(at + 1).is_some_and(|next| !next.is_ascii());
            if lost {
                return None;
            }
            at += ascii;
            continue;
        }
        if line[at..at + run].chars().all(|c| is_common(c) || matches!(c, '\u{2000}'..='\u{2BFF}' | '\u{3000}'..='\u{303F}')) {
            at += run;
            continue;
        }
        let (bytes, _, failed) = encoding_rs::EUC_KR.encode(&line[at..at + run]);
        if failed {
            return None;
        }
        let truth = String::from_utf8(bytes.into_owned()).ok()?;
        syllables += truth.chars().filter(|c| matches!(c, '가'..='힣')).count();
        common += truth.chars().filter(|&c| is_common(c)).count();
        repairs.push((at..at + run, truth));
        at += run;
    }
    (common * 10 >= syllables * 6 && common > 0).then_some(repairs)
}
