//! Character references (`&amp;`, `&#44032;`, `&hellip` without its semicolon) as the HTML standard decodes them in text.

/// The reference that `text` starts with, decoded into `into`; returns how many bytes of `text` it took, 0 where
/// none stands there. Looks at no more than 48 bytes.
pub fn decode(text: &str, into: &mut String) -> usize {
    let bytes = text.as_bytes();
    debug_assert_eq!(bytes.first(), Some(&b'&'));
    for (name, character) in [("&nbsp;", '\u{a0}'), ("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')] {
        if text.starts_with(name) {
            into.push(character);
            return name.len();
        }
    }
    match bytes.get(1) {
        Some(b'#') => number(bytes, into),
        Some(b'a'..=b'z' | b'A'..=b'Z') => {
            // The longest name has 32 letters; what follows the letters decides whether a semicolon may be missing.
            let name = bytes.iter().skip(1).take(40).take_while(|b| b.is_ascii_alphanumeric()).count();
            let semicolon = usize::from(bytes.get(1 + name) == Some(&b';'));
            let written = &text[..1 + name + semicolon];
            let decoded = htmlize::unescape(written);
            if decoded == written {
                return 0;
            }
            into.push_str(&decoded);
            written.len()
        }
        _ => 0,
    }
}

/// What Windows-1252 has where Unicode has C1 controls: pages mean the former.
const WINDOWS_1252: [u16; 32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018,
    0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
];

fn number(bytes: &[u8], into: &mut String) -> usize {
    let hexadecimal = matches!(bytes.get(2), Some(b'x' | b'X'));
    let (from, radix) = if hexadecimal { (3, 16) } else { (2, 10) };
    let (mut at, mut value) = (from, 0u32);
    while let Some(digit) = bytes.get(at).and_then(|&b| char::from(b).to_digit(radix)) {
        value = value.saturating_mul(radix).saturating_add(digit);
        at += 1;
    }
    if at == from {
        return 0;
    }
    if let Some(&mapped) = value.checked_sub(0x80).and_then(|i| WINDOWS_1252.get(i as usize)) {
        value = u32::from(mapped);
    }
    into.push(if value == 0 { '\u{fffd}' } else { char::from_u32(value).unwrap_or('\u{fffd}') });
    at + usize::from(bytes.get(at) == Some(&b';'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(text: &str) -> (String, usize) {
        let mut into = String::new();
        let taken = decode(text, &mut into);
        (into, taken)
    }

    #[test]
    fn as_the_standard_says() {
        for (written, expected, taken) in [
            ("&amp;lt;", "&", 5),
            ("&amp", "&", 4),
            ("&ampx", "&x", 5),
            ("&notit;", "¬it;", 7),
            ("&hellip;", "…", 8),
            ("&hellip", "", 0),
            ("&copy 2024", "©", 5),
            ("&#44032;", "가", 8),
            ("&#xAC00 ", "가", 7),
            ("&#x;", "", 0),
            ("&#;", "", 0),
            ("&#0;", "\u{fffd}", 4),
            ("&#xD800;", "\u{fffd}", 8),
            ("&#99999999999;", "\u{fffd}", 14),
            ("&#150;", "–", 6),
            ("& x", "", 0),
            ("&", "", 0),
            ("&가", "", 0),
            ("&nGt;", "\u{226b}\u{20d2}", 5),
        ] {
            assert_eq!(decoded(written), (expected.to_owned(), taken), "{written}");
        }
    }

    proptest! {
        #[test]
        fn equals_the_crate_for_whole_texts(text in "&[#]?[xX]?[a-zA-Z0-9]{0,8};?[ 가a=;]{0,3}") {
            let (into, taken) = decoded(&text);
            prop_assert_eq!(into + &text[taken..], htmlize::unescape(&*text));
        }
    }
}
