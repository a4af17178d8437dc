//! ByteLevel's alphabet: every byte has a printable character, so that a token can stand in JSON as text.

use std::sync::LazyLock;

/// The character of each byte: `!`–`~`, U+00A1–AC and U+00AE–FF are themselves, the other 68 are U+0100 and up.
pub static CHARACTERS: LazyLock<[char; 256]> = LazyLock::new(|| {
    let mut next = 0x100;
    std::array::from_fn(|byte| {
        if matches!(byte, 0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff) {
            char::from(byte as u8)
        } else {
            next += 1;
            char::from_u32(next - 1).expect("U+0100 to U+0143")
        }
    })
});

/// The bytes in the order of their characters: the order of their ids in a trained vocabulary.
pub fn by_character() -> [u8; 256] {
    let mut bytes: [u8; 256] = std::array::from_fn(|i| i as u8);
    bytes.sort_by_key(|&b| CHARACTERS[b as usize]);
    bytes
}

/// A token as `tokenizer.json` spells it.
pub fn spell(bytes: &[u8]) -> String {
    bytes.iter().map(|&b| CHARACTERS[b as usize]).collect()
}

/// The bytes behind a spelling; `None` where it has a character outside the alphabet, as an added token may.
pub fn unspell(spelling: &str) -> Option<Vec<u8>> {
    spelling.chars().map(byte).collect()
}

fn byte(c: char) -> Option<u8> {
    static BYTES: LazyLock<[Option<u8>; 0x144]> = LazyLock::new(|| {
        let mut bytes = [None; 0x144];
        for (byte, &c) in CHARACTERS.iter().enumerate() {
            bytes[c as usize] = Some(byte as u8);
        }
        bytes
    });
    BYTES.get(c as usize).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_a_character_of_its_own() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unspell(&spell(&all)), Some(all));
        assert_eq!(spell(" 가".as_bytes()), "Ġê°Ģ");
        assert_eq!(unspell("가"), None);
        assert_eq!(unspell(" "), None);
    }
}
