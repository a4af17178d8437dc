//! Conjoining jamo that are no part of a syllable, and their fillers.
//!
//! Phones and Macs write ᄏᄏ (U+110F) where ㅋㅋ (U+314B) is meant: outside a syllable, modern conjoining jamo become
//! compatibility jamo, and U+119E, typed as a middle dot, ㆍ. Sequences with an old letter are old Hangul and stay as
//! they are, and so do letters that a filler in the place of another keeps together; any other filler goes.
//! Judged alike on composed and decomposed text: a syllable is an initial, a medial and a final at most, as NFC takes
//! them; initials before the last and what is left behind are alone.

use super::Normalize;
use crate::clean::characters::is_conjoining;

const INITIAL_FILLER: char = '\u{115F}';
const MEDIAL_FILLER: char = '\u{1160}';

pub fn resolve(text: &str, how: &Normalize) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_conjoining) {
        let run = &rest[start..];
        let end = run.find(|c| !is_conjoining(c)).unwrap_or(run.len());
        out.push_str(&rest[..start]);
        let jamo: Vec<char> = run[..end].chars().collect();
        let mut at = 0;
        while at < jamo.len() {
            let block = Block::at(&jamo[at..]);
            at += block.initials.len() + block.medials.len() + block.finals.len();
            if block.jamo().all(is_filler) {
                out.extend(block.jamo().filter(|_| !how.fillers));
                continue;
            }
            let (initials, medials) = block.needed(&out);
            let block = Block { initials: &initials, medials: &medials, finals: block.finals };
            if how.lone_jamo { block.write(&mut out) } else { out.extend(block.jamo()) }
        }
        rest = &run[end..];
    }
    out.push_str(rest);
    (out != text).then_some(out)
}

/// Initials, medials and finals in this order, as many as there are.
struct Block<'a> {
    initials: &'a [char],
    medials: &'a [char],
    finals: &'a [char],
}

impl<'a> Block<'a> {
    fn at(jamo: &'a [char]) -> Self {
        let span = |jamo: &'a [char], is: fn(char) -> bool| jamo.split_at(jamo.iter().take_while(|&&c| is(c)).count());
        let (initials, rest) = span(jamo, is_initial);
        let (medials, rest) = span(rest, is_medial);
        let (finals, _) = span(rest, |c| !is_initial(c) && !is_medial(c));
        Block { initials, medials, finals }
    }

    fn jamo(&self) -> impl Iterator<Item = char> + '_ {
        [self.initials, self.medials, self.finals].into_iter().flatten().copied()
    }

    /// What stands before a middle dot, where the block ends in one: an araea that no initial and no old letter claims.
    fn before_dot(&self, written: &str) -> Option<Block<'a>> {
        let last = self.medials.iter().rposition(|&c| !is_filler(c))?;
        let (&'\u{119E}', medials) = self.medials[..=last].split_last()? else { return None };
        let before = Block { initials: self.initials, medials, finals: &[] };
        let claimed = !self.initials.is_empty() && medials.iter().all(|&c| is_filler(c));
        let is_dot = self.finals.is_empty() && !claimed && !before.jamo().any(is_old) && !self.goes_on_with_old(written);
        is_dot.then_some(before)
    }

    /// Whether it goes on with a composed syllable that follows an old initial.
    fn goes_on_with_old(&self, written: &str) -> bool {
        let mut before = written.chars().rev();
        let joins = self.initials.is_empty() && before.next().and_then(final_of).is_some_and(|last| last == 0 || self.medials.is_empty());
        joins && before.take_while(|&c| is_initial(c)).any(is_old)
    }

    /// Initials and medials less the fillers beside a letter of their kind, in the syllable before too.
    fn needed(&self, written: &str) -> (Vec<char>, Vec<char>) {
        let goes_on = self.initials.is_empty() && written.chars().next_back().and_then(final_of) == Some(0);
        let less = |jamo: &[char], has_letter: bool| {
            let letters: Vec<char> = jamo.iter().copied().filter(|&c| !is_filler(c)).collect();
            if letters.is_empty() && !has_letter { jamo.to_vec() } else { letters }
        };
        (less(self.initials, false), less(self.medials, goes_on))
    }

    /// Writes a block without needless fillers, in which some letter is.
    fn write(&self, out: &mut String) {
        if let Some(before) = self.before_dot(out) {
            before.write(out);
            return out.push('ㆍ');
        }
        let Block { initials, medials, finals } = *self;
        if self.jamo().any(is_old) || self.goes_on_with_old(out) {
            let alone = if initials.iter().all(|&c| is_modern(c)) { initials.len().saturating_sub(1) } else { 0 };
            out.extend(initials[..alone].iter().map(|&c| compatibility(c)));
            return out.extend(initials[alone..].iter().chain(medials).chain(finals));
        }
        let filled = self.jamo().any(is_filler);
        let (initials, medials) = if filled { (letters(initials), letters(medials)) } else { (initials, medials) };
        // Two letters that a filler keeps together are a syllable of old texts that lacks the third (由ᅟᅵᆫ뎌).
        let kinds = [initials, medials, finals].iter().filter(|jamo| !jamo.is_empty()).count();
        if filled && kinds == 2 {
            return out.extend(self.jamo());
        }
        // How many of each make the syllable, or go on with the one before.
        let before = out.chars().next_back().and_then(final_of);
        let (joined, last) = match (initials.is_empty(), medials.is_empty()) {
            (false, false) => (true, usize::from(medials.len() == 1)),
            (true, true) => (false, usize::from(before == Some(0) && !filled)),
            _ => (false, 0),
        };
        let (first, own) = initials.split_at(if joined { initials.len() - 1 } else { initials.len() });
        out.extend(first.iter().map(|&c| compatibility(c)));
        out.extend(own);
        let (own, left) = medials.split_at(usize::from(joined));
        out.extend(own);
        out.extend(left.iter().map(|&c| compatibility(c)));
        let (own, left) = finals.split_at(last.min(finals.len()));
        out.extend(own);
        out.extend(left.iter().map(|&c| compatibility(c)));
    }
}

fn is_old(c: char) -> bool {
    !is_modern(c) && !is_filler(c)
}

/// Nothing of a kind where fillers are all there is of it: `Block::needed` leaves no others.
fn letters(jamo: &[char]) -> &[char] {
    if jamo.iter().any(|&c| is_filler(c)) { &[] } else { jamo }
}

fn is_initial(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115F}' | '\u{A960}'..='\u{A97C}')
}

fn is_medial(c: char) -> bool {
    matches!(c, '\u{1160}'..='\u{11A7}' | '\u{D7B0}'..='\u{D7C6}')
}

fn is_filler(c: char) -> bool {
    matches!(c, INITIAL_FILLER | MEDIAL_FILLER)
}

fn is_modern(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{1112}' | '\u{1161}'..='\u{1175}' | '\u{11A8}'..='\u{11C2}')
}

/// The number of a syllable's final, 0 where it has none.
fn final_of(c: char) -> Option<u32> {
    matches!(c, '가'..='힣').then(|| (c as u32 - '가' as u32) % 28)
}

/// The compatibility jamo of a modern one.
fn compatibility(c: char) -> char {
    const INITIALS: [char; 19] =
        ['ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];
    const FINALS: [char; 27] = [
        'ㄱ', 'ㄲ', 'ㄳ', 'ㄴ', 'ㄵ', 'ㄶ', 'ㄷ', 'ㄹ', 'ㄺ', 'ㄻ', 'ㄼ', 'ㄽ', 'ㄾ', 'ㄿ', 'ㅀ', 'ㅁ', 'ㅂ', 'ㅄ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ',
        'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ',
    ];
    match c as usize {
        code @ 0x1100..=0x1112 => INITIALS[code - 0x1100],
        code @ 0x1161..=0x1175 => char::from_u32('ㅏ' as u32 + code as u32 - 0x1161).unwrap_or(c),
        code @ 0x11A8..=0x11C2 => FINALS[code - 0x11A8],
        _ => c,
    }
}
