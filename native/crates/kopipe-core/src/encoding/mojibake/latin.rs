//! UTF-8 or CP949 read as Latin-1 or Windows-1252: runs of letters from À to ÿ and of signs, one a byte.

use super::Round;
use crate::encoding::is_common;
use std::ops::Range;

const UTF_8: &str = "utf-8 read as windows-1252";
const CP949: &str = "cp949 read as windows-1252";
/// From this many runs that are certain, a text is held for such as a whole, and its other runs are believed too.
const WHOLE: usize = 3;

pub fn look(text: &str, round: &mut Round) {
    let (mut korean_in, mut others) = (Vec::new(), Vec::new());
    // Every run that is UTF-8, and most that are CP949, have a letter from À to ÿ, whose first byte is C3.
    let mut end = 0;
    for hit in memchr::memchr_iter(0xC3, text.as_bytes()) {
        if hit < end {
            continue;
        }
        let run = run_around(text, hit, end);
        end = run.end;
        let bytes: Vec<u8> = text[run.clone()].chars().filter_map(byte_of).collect();
        if bytes.len() < 2 {
            continue;
        }
        if let Some(pieces) = pieces(text, &run) {
            pieces.into_iter().for_each(|(place, truth)| round.repair(place, truth, UTF_8));
            continue;
        }
        match std::str::from_utf8(&bytes) {
            // Two letters that are syllables in CP949 (`ÃµÃ¼`, õü or 천체) are syllables: accents seldom meet.
            Ok(truth) if truth.chars().all(is_letter) && is_korean(&bytes) => korean_in.push(run),
            Ok(truth) if truth.chars().all(is_likely) => round.repair(run, truth.to_owned(), UTF_8),
            Ok(truth) => others.push((run, truth.to_owned())),
            _ if is_korean(&bytes) => korean_in.push(run),
            // Hangul of which bytes are gone: two syllables at least begin as UTF-8 does.
            _ if bytes.windows(2).filter(|pair| matches!(pair, [0xEA..=0xED, 0x80..=0xBF])).count() >= 2 => {
                round.broken += text[run].chars().count();
            }
            _ => {}
        }
    }
    let certain = round.repairs.iter().filter(|(_, truth)| !truth.chars().all(is_letter)).count();
    if certain >= WHOLE && certain > korean_in.len() {
        others.into_iter().for_each(|(run, truth)| round.repair(run, truth, UTF_8));
    }
    round.repairs.sort_by_key(|(place, _)| place.start);
    let found = round.repairs.len();
    if korean_in.len() >= WHOLE {
        cp949(text, 0..text.len(), found, round);
    } else {
        let mut done = 0;
        for run in korean_in.into_iter() {
            let start = text[..run.start].rfind('\n').map_or(0, |at| at + 1);
            if start >= done {
                done = text[run.end..].find('\n').map_or(text.len(), |at| run.end + at);
                cp949(text, start..done, found, round);
            }
        }
    }
}

/// Hangul of UTF-8 in a run beside signs of their own: a no-break space, a soft hyphen, a degree.
fn pieces(text: &str, run: &Range<usize>) -> Option<Vec<(Range<usize>, String)>> {
    let of_run: Vec<(usize, u8)> = text[run.clone()].char_indices().filter_map(|(at, c)| Some((run.start + at, byte_of(c)?))).collect();
    let bytes: Vec<u8> = of_run.iter().map(|&(_, byte)| byte).collect();
    let place = |number: usize| of_run.get(number).map_or(run.end, |&(at, _)| at);
    let (mut pieces, mut at) = (Vec::new(), 0);
    for chunk in bytes.utf8_chunks() {
        let (valid, invalid) = (chunk.valid(), chunk.invalid());
        if !valid.is_empty() {
            let is_hangul = valid.chars().any(|c| matches!(c, '가'..='힣'));
            if !is_hangul || !valid.chars().all(is_likely) {
                return None;
            }
            pieces.push((place(at)..place(at + valid.len()), valid.to_owned()));
        }
        at += valid.len() + invalid.len();
        if !invalid.iter().all(|byte| (0xA0..=0xBF).contains(byte)) {
            return None;
        }
    }
    // A run that is UTF-8 whole has its own judgement.
    (pieces.len() > 1 || pieces.first().is_some_and(|(place, _)| *place != *run)).then_some(pieces)
}

/// The run of characters that are bytes of Windows-1252 outside ASCII around a place.
pub(super) fn run_around(text: &str, place: usize, from: usize) -> Range<usize> {
    let before: usize = text[from..place].chars().rev().take_while(|&c| byte_of(c).is_some()).map(char::len_utf8).sum();
    let behind: usize = text[place..].chars().take_while(|&c| byte_of(c).is_some()).map(char::len_utf8).sum();
    place - before..place + behind
}

/// Every run of a part that is known to be CP949; what does not decode has lost bytes. The first `found` repairs are in
/// the order of the text.
fn cp949(text: &str, part: Range<usize>, found: usize, round: &mut Round) {
    round.kind = CP949;
    let mut at = part.start;
    while let Some(first) = text[at..part.end].find(|c| byte_of(c).is_some()) {
        let run = run_around(text, at + first, at + first);
        at = run.end;
        let known = round.repairs[..found].binary_search_by_key(&run.start, |(place, _)| place.start).ok();
        if known.is_some_and(|known| !round.repairs[known].1.chars().all(is_letter)) {
            continue;
        }
        let bytes: Vec<u8> = text[run.clone()].chars().filter_map(byte_of).collect();
        match encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(&bytes) {
            Some(truth) => match known {
                Some(known) => round.repairs[known].1 = truth.into_owned(),
                None => round.repair(run, truth.into_owned(), CP949),
            },
            // A sign of its own, as in `5°`.
            None if bytes.len() < 3 => {}
            None => round.broken += text[run].chars().count(),
        }
    }
}

/// Two everyday syllables in CP949 at least, and hardly a character that Korean text rarely has.
fn is_korean(bytes: &[u8]) -> bool {
    let Some(truth) = encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(bytes) else { return false };
    let common = truth.chars().filter(|&c| is_common(c)).count();
    common >= 2 && common * 10 >= truth.chars().count() * 7
}

fn is_letter(c: char) -> bool {
    matches!(c, '\u{A0}'..='\u{FF}')
}

/// What stands behind such a run in truth: Korean, its signs, a Latin letter, or the same mojibake once more. Other
/// scripts are not: `É»` ends a French quotation, and is no ɻ.
fn is_likely(c: char) -> bool {
    matches!(c,
        '\u{A0}'..='\u{FF}' | '\u{2000}'..='\u{2BFF}' | '\u{3000}'..='\u{9FFF}' | '가'..='힣' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF00}'..='\u{FFEF}' | '\u{1F000}'..='\u{1FAFF}')
        || byte_of(c).is_some()
}

/// The byte of Windows-1252 (the C1 controls stand for the five it has not, and for Latin-1).
pub(super) fn byte_of(c: char) -> Option<u8> {
    match c {
        '\u{80}'..='\u{FF}' => Some(c as u8),
        '€' => Some(0x80),
        '‚' => Some(0x82),
        'ƒ' => Some(0x83),
        '„' => Some(0x84),
        '…' => Some(0x85),
        '†' => Some(0x86),
        '‡' => Some(0x87),
        'ˆ' => Some(0x88),
        '‰' => Some(0x89),
        'Š' => Some(0x8A),
        '‹' => Some(0x8B),
        'Œ' => Some(0x8C),
        'Ž' => Some(0x8E),
        '‘' => Some(0x91),
        '’' => Some(0x92),
        '“' => Some(0x93),
        '”' => Some(0x94),
        '•' => Some(0x95),
        '–' => Some(0x96),
        '—' => Some(0x97),
        '˜' => Some(0x98),
        '™' => Some(0x99),
        'š' => Some(0x9A),
        '›' => Some(0x9B),
        'œ' => Some(0x9C),
        'ž' => Some(0x9E),
        'Ÿ' => Some(0x9F),
        _ => None,
    }
}
