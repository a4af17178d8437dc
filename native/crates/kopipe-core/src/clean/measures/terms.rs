//! Terms that tell what a text is for: how many eojeol begin with one, signs before it aside. A term inside an eojeol is
//! none (놀이터 in 어린이놀이터), so that the search costs one look at two syllables an eojeol, 0.4 ns a byte.
//!
//! `bad_words.txt` has what gambling, escort, loan and drug advertising says of itself; `calls.txt` what calls to buy,
//! join and get in touch.

use super::eojeol::Word;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub bad: u64,
    /// Different ones of them.
    pub distinct: u64,
    pub calls: u64,
    /// Terms of use, privacy, cookies, copyright.
    pub policy: u64,
    pub javascript: u64,
    /// Eojeol "lorem" before "ipsum".
    pub lorem_ipsum: u64,
}

pub const POLICY: [&str; 4] = ["이용약관", "개인정보", "쿠키", "저작권"];
pub const JAVASCRIPT: [&str; 2] = ["자바스크립트", "javascript"];

#[derive(Clone, Copy)]
enum Kind {
    /// With its number.
    Bad(u8),
    Call,
    Policy,
    Javascript,
}

/// Terms by their first two syllables, and a bit of 64 Ki for each two.
struct Lexicon {
    sieve: Vec<u64>,
    terms: HashMap<[u8; 6], Vec<(&'static [u8], Kind)>>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let listed = |list: &'static str| list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let bad = listed(include_str!("bad_words.txt")).enumerate().map(|(number, term)| (term, Kind::Bad(number as u8)));
    let calls = listed(include_str!("calls.txt")).map(|term| (term, Kind::Call));
    let others = POLICY.map(|term| (term, Kind::Policy)).into_iter().chain([(JAVASCRIPT[0], Kind::Javascript)]);
    let mut lexicon = Lexicon { sieve: vec![0; 1 << 10], terms: HashMap::new() };
    for (term, kind) in bad.chain(calls).chain(others) {
        let term = term.as_bytes();
        let Some(&begin) = term.first_chunk::<6>() else { continue };
        let bit = bit_of(begin);
        lexicon.sieve[bit >> 6] |= 1 << (bit & 63);
        lexicon.terms.entry(begin).or_default().push((term, kind));
    }
    // Of two that fit the longer is meant.
    lexicon.terms.values_mut().for_each(|terms| terms.sort_by_key(|(term, _)| std::cmp::Reverse(term.len())));
    lexicon
});

fn bit_of([a, b, c, d, e, f]: [u8; 6]) -> usize {
    let key = u64::from_le_bytes([a, b, c, d, e, f, 0, 0]);
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize
}

pub fn count(text: &str, words: &[Word]) -> Terms {
    let lexicon = &*LEXICON;
    let (mut found, mut seen) = (Terms::default(), 0u128);
    for (i, word) in words.iter().enumerate() {
        // Of a word shorter than two syllables the key is of what follows it too; no term begins there.
        let mut begin = text.as_bytes()[word.start as usize..].first_chunk::<6>().copied().unwrap_or_default();
        let mut bytes = word.of(text);
        if !is_hangul(begin[0]) {
            let signs = bytes.iter().take_while(|&&byte| !is_hangul(byte) && !byte.is_ascii_alphanumeric()).count();
            bytes = &bytes[signs..];
            let Some(&first) = bytes.first() else { continue };
            if first.is_ascii_alphanumeric() {
                found.javascript += u64::from(begins(bytes, JAVASCRIPT[1].as_bytes()));
                let is_ipsum = |next: &Word| begins(next.of(text), b"ipsum");
                found.lorem_ipsum += u64::from(begins(bytes, b"lorem") && words.get(i + 1).is_some_and(is_ipsum));
                continue;
            }
            begin = bytes.first_chunk::<6>().copied().unwrap_or_default();
        }
        let bit = bit_of(begin);
        if lexicon.sieve[bit >> 6] >> (bit & 63) & 1 == 0 {
            continue;
        }
        let terms = lexicon.terms.get(&begin).map_or(&[][..], Vec::as_slice);
        match terms.iter().find(|(term, _)| bytes.starts_with(term)) {
            Some((_, Kind::Bad(number))) => {
                found.bad += 1;
                seen |= 1 << (number & 127);
            }
            Some((_, Kind::Call)) => found.calls += 1,
            Some((_, Kind::Policy)) => found.policy += 1,
            Some((_, Kind::Javascript)) => found.javascript += 1,
            None => {}
        }
    }
    found.distinct = u64::from(seen.count_ones());
    found
}

/// The first byte of a syllable, nearly: what else begins so is in no list.
fn is_hangul(first: u8) -> bool {
    first.wrapping_sub(0xEA) <= 3
}

/// Whatever the case. The term is small letters.
fn begins(word: &[u8], term: &[u8]) -> bool {
    word[0] | 0x20 == term[0] && word.len() >= term.len() && word[..term.len()].eq_ignore_ascii_case(term)
}

/// A telephone number or an address of the web.
pub fn is_contact(word: &[u8]) -> bool {
    let digits = word.iter().filter(|byte| byte.is_ascii_digit()).count();
    let first: Vec<u8> = word.iter().copied().filter(u8::is_ascii_digit).take(2).collect();
    let telephone = match first[..] {
        [b'0', _] => (9..=11).contains(&digits),
        [b'1', b'5' | b'6' | b'8'] => digits == 8,
        _ => false,
    };
    telephone
        || [&b"http://"[..], b"https://", b"www.", b".com", b".kr", b".net", b"t.me/", b"bit.ly/"]
            .iter()
            .any(|mark| memchr::memmem::find(word, mark).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::eojeol;
    use super::*;
    use proptest::prelude::*;

    fn counted(text: &str) -> Terms {
        let mut words = Vec::new();
        eojeol::find(text, false, &mut words);
        count(text, &words)
    }

    #[test]
    fn a_term_counts_where_an_eojeol_begins_with_it() {
        assert_eq!(counted("★먹튀없는 \"꽁머니 (먹튀) 10꽁머니"), Terms { bad: 3, distinct: 2, ..Terms::default() });
        assert_eq!(counted("어린이놀이터에서 놀다가 온라인도박의 폐해를 보도했다"), Terms::default());
        assert_eq!(counted("한 ☎ a 漢字"), Terms::default());
        let page = counted("JavaScript 자바스크립트를 개인정보의 Lorem ipsum 지금");
        assert_eq!(page, Terms { calls: 1, policy: 1, javascript: 2, lorem_ipsum: 1, ..Terms::default() });
    }

    #[test]
    fn terms_are_two_syllables_at_least_and_listed_once() {
        let lists = concat!(include_str!("bad_words.txt"), include_str!("calls.txt"));
        let terms: Vec<&str> = lists.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        assert!(terms.iter().all(|term| { term.chars().take(2).filter(|&c| ('가'..='힣').contains(&c)).count() == 2 }));
        assert_eq!(terms.iter().collect::<std::collections::HashSet<_>>().len(), terms.len());
        assert!(include_str!("bad_words.txt").lines().count() <= 128);
    }

    fn count_slow(text: &str) -> Terms {
        let words: Vec<&str> = text.split_whitespace().collect();
        let lines = |list: &'static str| list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect::<Vec<_>>();
        let (bad, calls) = (lines(include_str!("bad_words.txt")), lines(include_str!("calls.txt")));
        let is_sign = |c: char| !(0xA000..0xE000).contains(&u32::from(c)) && !c.is_ascii_alphanumeric();
        let (mut found, mut seen) = (Terms::default(), std::collections::HashSet::new());
        for (i, word) in words.iter().enumerate() {
            let word = word.trim_start_matches(is_sign).to_ascii_lowercase();
            found.javascript += u64::from(word.starts_with(JAVASCRIPT[1]));
            let next = words.get(i + 1).map(|next| next.to_ascii_lowercase());
            found.lorem_ipsum += u64::from(word.starts_with("lorem") && next.is_some_and(|next| next.starts_with("ipsum")));
            let all = bad.iter().chain(&calls).chain(&POLICY).chain(&JAVASCRIPT[..1]);
            let Some(&longest) = all.filter(|term| word.starts_with(**term)).max_by_key(|term| term.len()) else { continue };
            found.bad += u64::from(bad.contains(&longest));
            found.calls += u64::from(calls.contains(&longest));
            found.policy += u64::from(POLICY.contains(&longest));
            found.javascript += u64::from(JAVASCRIPT[0] == longest);
            if bad.contains(&longest) {
                seen.insert(longest);
            }
        }
        found.distinct = seen.len() as u64;
        found
    }

    fn equals_its_slow_twin(text: &str) {
        let mut words = Vec::new();
        eojeol::find(text, false, &mut words);
        assert_eq!(count(text, &words), count_slow(text), "{text:?}");
    }

    proptest! {
        #[test]
        fn random_text_counts_as_in_the_slow_twin(text in "(카지노|바카라|토토|먹튀|문의|가입|상담|쿠키|저작권|개인정보|자바스크립트|JavaScript|lorem ipsum|Lorem|Ipsum|[★☎▶(\\[]{1,3}|[가-힣]{1,3}|[a-z0-9]{1,3}|[ \n]{1,2}|漢|ꀀ|é){0,24}") {
            equals_its_slow_twin(&text);
        }
    }

    #[test]
    fn real_text_counts_as_in_the_slow_twin() {
        for name in ["web-docs", "nsmc-reviews"] {
            let Some(texts) = crate::clean::corpus::texts(name) else { return };
            texts.iter().step_by(7).take(2000).for_each(|text| equals_its_slow_twin(text));
        }
    }

    #[test]
    fn contacts_are_telephones_and_addresses() {
        for contact in ["010-1234-5678", "☎02)123-4567로", "1588-1234", "www.a.kr", "https://t.me/x"] {
            assert!(is_contact(contact.as_bytes()), "{contact}");
        }
        for other in ["2022-10-05", "0.5", "123,456,789원", "comic", "07-08"] {
            assert!(!is_contact(other.as_bytes()), "{other}");
        }
    }
}
