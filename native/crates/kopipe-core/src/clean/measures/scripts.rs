//! Letters by script. Asked only where Hangul alone does not settle the matter, so the characters are walked plainly.

use super::super::characters::is_hangul;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Scripts {
    pub hangul: u64,
    pub han: u64,
    pub kana: u64,
    pub latin: u64,
    pub cyrillic: u64,
    pub other: u64,
}

impl Scripts {
    pub fn of(text: &str) -> Scripts {
        let mut found = Scripts::default();
        for c in text.chars() {
            let of = match c {
                c if is_hangul(c) => &mut found.hangul,
                '\u{2E80}'..='\u{2FDF}'
                | '\u{3005}'..='\u{3007}'
                | '\u{3400}'..='\u{4DBF}'
                | '\u{4E00}'..='\u{9FFF}'
                | '\u{F900}'..='\u{FAFF}'
                | '\u{20000}'..='\u{3FFFF}' => &mut found.han,
                '\u{3041}'..='\u{309F}'
                | '\u{30A1}'..='\u{30FA}'
                | '\u{30FC}'..='\u{30FF}'
                | '\u{31F0}'..='\u{31FF}'
                | '\u{FF66}'..='\u{FF9F}' => &mut found.kana,
                c if !c.is_alphabetic() => continue,
                '\0'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | '\u{FF21}'..='\u{FF5A}' => &mut found.latin,
                '\u{400}'..='\u{52F}' => &mut found.cyrillic,
                _ => &mut found.other,
            };
            *of += 1;
        }
        found
    }

    /// Share of Korean among the letters: Hangul, and of Han as much as mixed script has, twice the Hangul; none beside
    /// kana, where it is Japanese. 0 without letters.
    pub fn korean(&self) -> f64 {
        let Scripts { hangul, han, kana, latin, cyrillic, other } = *self;
        let hanja = if kana > hangul { 0 } else { han.min(2 * hangul) };
        let letters = hangul + han + kana + latin + cyrillic + other;
        if letters == 0 { 0.0 } else { (hangul + hanja) as f64 / letters as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_korean_from_its_neighbours() {
        let korean = |text| Scripts::of(text).korean();
        assert_eq!(korean("國漢文 混用은 朝鮮의 글이라"), 1.0);
        assert_eq!(korean("中文文字 全部 漢字"), 0.0);
        assert!(korean("日本語の文章はカナと漢字でできている") < 0.01);
        assert_eq!(korean("한글 text"), 2.0 / 6.0);
        assert_eq!(korean("Слово и дело"), 0.0);
        assert_eq!(korean("3.14 — 42"), 0.0);
    }
}
