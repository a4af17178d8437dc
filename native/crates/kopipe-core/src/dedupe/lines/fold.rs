//! What of a line is compared: its letters in lower case, and a 0 for each digit. Blanks, punctuation and signs are left out.
//!
//! CCNet leaves out Unicode's punctuation but not ASCII's, and keeps blanks; Korean is spaced as one likes, and a menu is
//! printed with and without `|`. Accents stay, as in CCNet's program (its paper takes them away). From U+4000 to
//! U+D7FF (Hanja, Hangul) a character is taken as it is. Bytes go through one table; only those that begin a character that
//! may be a sign or have a case are decoded. Cost: docs/dedupe-lines.md. `fold_slow` is the obvious twin.

use xxhash_rust::xxh3::xxh3_64;

/// What a byte becomes; nothing, or a character to decode.
const NOTHING: u8 = 0;
const DECODE: u8 = 1;

const TABLE: [u8; 256] = {
    let mut table = [NOTHING; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = match b {
            b'0'..=b'9' => b'0',
            b'A'..=b'Z' => b.to_ascii_lowercase(),
            b'a'..=b'z' => b,
            0..=0x7F => NOTHING,
            // What stands behind the first byte of a character that is taken as it is, and those first bytes.
            0x80..=0xBF | 0xE4..=0xED => b,
            _ => DECODE,
        };
        byte += 1;
    }
    table
};

/// Folds lines and hashes them.
pub struct Folder {
    folded: Vec<u8>,
    min_letters: usize,
}

impl Folder {
    pub fn new(min_letters: u32) -> Self {
        Folder { folded: Vec::new(), min_letters: min_letters as usize }
    }

    /// The hash of a line; nothing where it has too few letters to be compared.
    pub fn hash(&mut self, line: &str) -> Option<u64> {
        // No line of ASCII or Hangul has a letter in less than a byte.
        if line.len() < self.min_letters {
            return None;
        }
        let length = self.fold(line);
        let folded = &self.folded[..length];
        let letters = folded.iter().filter(|&&byte| (byte as i8) >= -0x40 && byte != b'0').count();
        (letters > 0 && letters >= self.min_letters).then(|| xxh3_64(folded))
    }

    /// Fills `folded`, and gives how much of it.
    fn fold(&mut self, line: &str) -> usize {
        // Lower case takes three times as many bytes at the most (U+0390 and such: six for two).
        let room = 3 * line.len() + 8;
        if self.folded.len() < room {
            self.folded.resize(room, 0);
        }
        let (bytes, out) = (line.as_bytes(), &mut self.folded[..room]);
        let (mut at, mut length) = (0, 0);
        while at < bytes.len() {
            if let Some(eight) = bytes[at..].first_chunk::<8>() {
                let folded = eight.map(|byte| TABLE[byte as usize]);
                if !folded.contains(&DECODE) {
                    let (window, mut taken) = (&mut out[length..length + 8], 0);
                    for byte in folded {
                        window[taken & 7] = byte;
                        taken += usize::from(byte != NOTHING);
                    }
                    (at, length) = (at + 8, length + taken);
                    continue;
                }
            }
            let folded = TABLE[bytes[at] as usize];
            if folded == DECODE {
                let Some(c) = line[at..].chars().next() else { break };
                at += c.len_utf8();
                for c in fold_character(c) {
                    length += c.encode_utf8(&mut out[length..]).len();
                }
            } else {
                out[length] = folded;
                length += usize::from(folded != NOTHING);
                at += 1;
            }
        }
        length
    }
}

/// A character as it is compared.
fn fold_character(c: char) -> impl Iterator<Item = char> {
    let (taken, c) = match c {
        '\u{4000}'..='\u{D7FF}' => (true, c),
        c if c.is_numeric() => (true, '0'),
        c => (c.is_alphabetic(), c),
    };
    c.to_lowercase().filter(move |_| taken)
}

#[cfg(test)]
pub fn fold_slow(line: &str) -> String {
    let as_it_is = |c: &char| ('\u{4000}'..='\u{D7FF}').contains(c);
    let mut folded = String::new();
    for c in line.chars() {
        match c {
            c if as_it_is(&c) => folded.push(c),
            c if c.is_numeric() => folded.push('0'),
            c if c.is_alphabetic() => folded.extend(c.to_lowercase()),
            _ => {}
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(line: &str) -> String {
        let mut folder = Folder::new(1);
        let length = folder.fold(line);
        String::from_utf8(folder.folded[..length].to_vec()).unwrap()
    }

    proptest! {
        #[test]
        fn equals_its_slow_twin(line in r"(?s)\PC{0,40}|[가-힣ㄱ-ㅎ ａ-ｚＡ-Ｚ０-９A-Z0-9.,·…「」|é-ÿÀ-Þꙁ-ꙮ]{0,60}") {
            let slow = fold_slow(&line);
            prop_assert_eq!(&fold(&line), &slow);
            let letters = slow.chars().filter(|&c| c != '0').count();
            for least in [1, 5] {
                let expected = (letters >= least as usize).then(|| xxh3_64(slow.as_bytes()));
                prop_assert_eq!(Folder::new(least).hash(&line), expected);
            }
        }
    }

    #[test]
    fn every_character_equals_its_slow_twin() {
        for c in '\0'..=char::MAX {
            assert_eq!(fold(&c.to_string()), fold_slow(&c.to_string()), "{c:?}");
        }
    }

    #[test]
    fn lines_that_a_reader_takes_for_one_are_one() {
        for (a, b) in [("홈 | 로그인", "· 홈  로그인 ·"), ("2023년 5월 Login", "2024년 6월 LOGIN"), ("「그」 책", "그 책…")]
        {
            assert_eq!(fold(a), fold(b));
        }
        assert_ne!(fold("5월"), fold("12월"));
        assert_eq!(Folder::new(1).hash("2023. 5. 12."), None);
    }
}
