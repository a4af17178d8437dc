use super::super::characters::may_not_be_nfc;
use super::super::scan::scan;
use super::replay::{check_text, chosen, with};
use super::*;
use crate::clean::corpus;
use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::{CanonicalCombiningClassMapBorrowed, CanonicalDecompositionBorrowed, Decomposed};
use proptest::prelude::*;
use rayon::prelude::*;

const NOTHING: Normalize = Normalize {
    mojibake: OnMojibake::Keep,
    clean_up: false,
    spaces: Spaces::Keep,
    fillers: false,
    half_width: false,
    full_width: false,
    hanyang: false,
    private_use: PrivateUse::Keep,
    replacement: Replacement::Keep,
    lone_jamo: false,
    nfc: false,
    repeats: 0,
    compose_jamo: false,
};

fn normalized(text: &str) -> String {
    with(&KOREAN, text)
}

/// The rows of the specification: what `ko` makes of each.
#[test]
fn the_table() {
    for (row, input, output) in [
        ("NFC", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}", "한글"),
        ("NFC, mixed", "한\u{1100}\u{1173}\u{11AF}", "한글"),
        ("old Hangul stays", "ᄒᆞᆫ글 ᄯᅡ힝ᇰ", "ᄒᆞᆫ글 ᄯᅡ힝ᇰ"),
        ("old Hangul with a filler", "\u{115F}\u{119E}", "\u{115F}\u{119E}"),
        ("letters kept together", "由\u{115F}\u{1175}\u{11AB}뎌 ᄏ\u{1160}ᄏ\u{1160}", "由\u{115F}\u{1175}\u{11AB}뎌 ㅋㅋ"),
        ("compatibility jamo stay", "ㅎㅏㄴ ㄱㅅ ㅇㅋ", "ㅎㅏㄴ ㄱㅅ ㅇㅋ"),
        ("half-width jamo", "ﾾￂﾤ ﾡￚﾩ ﾻﾻ", "한 글 ㅋㅋ"),
        ("filler alone", "가\u{3164}나\u{115F}다\u{1160}\u{FFA0}라", "가 나다 라"),
        ("filler sequence of KS X 1001", "\u{3164}ㄸㅗㅁ\u{3164}ㄸㅗ\u{3164}", "똠또"),
        ("zero-width and BOM", "\u{FEFF}가\u{200B}나\u{200C}다\u{2060}", "가나다"),
        ("zero-width between jamo", "\u{1112}\u{200B}\u{1161}\u{11AB}", "한"),
        ("bidirectional", "\u{202E}가\u{2066}나\u{200F}", "가나"),
        ("controls", "가\u{7}나\u{1B}다", "가나다"),
        ("soft hyphen", "parlia\u{AD}ment 1973\u{AD}470호 ㄱ\u{AD}", "parliament 1973-470호 ㄱ-"),
        ("line ends", "가\r\n나\r다\u{2028}라\u{85}마\u{C}바", "가\n나\n다\n라\n마\n바"),
        ("NBSP", "가\u{A0}나\u{2007}다\u{202F}라\u{3000}마", "가 나 다 라 마"),
        ("indentation stays", "if x:\n    y  = 1\n\tz", "if x:\n    y  = 1\n\tz"),
        ("line ends' blanks", "가 \n나\t\n\n\n\n\n다  ", "가\n나\n\n\n다"),
        ("full-width", "Ｋｏｒｅａ　２０２４！（￦１，０００）", "Korea 2024!(₩1,000)"),
        ("full-width letter with its accent", "Ａ\u{301}", "Á"),
        ("Hanyang", "\u{EAAB} \u{F53A}글", "ᄯᅩ ᄒᆞᆫ글"),
        ("private use", "가\u{F8FF}나\u{F0854}다", "가나다"),
        ("U+FFFD", "가\u{FFFD}나", "가\u{FFFD}나"),
        ("lone jamo", "ᄏᄏᄏ 네ᅮ ᆫ", "ㅋㅋ 네ㅜ ㄴ"),
        ("initials before a syllable", "\u{110F}\u{110F}\u{1112}\u{1161}", "ㅋㅋ하"),
        ("araea as a dot", "서울ᆞ부산", "서울ㆍ부산"),
        ("araea of old Hangul", "ᄒᆞ다", "ᄒᆞ다"),
        ("repeated jamo", "안녕ㅋㅋㅋㅋㅋ 반가워ㅎㅎ", "안녕ㅋㅋ 반가워ㅎㅎ"),
        ("repeated pairs", "ㅋㅎㅋㅎㅋㅎㅋㅎ ㅠㅜㅠㅜㅠㅜ", "ㅋㅎㅋㅎ ㅠㅜㅠㅜ"),
        ("digits and syllables", "1000000원 하하하하하 aaaaaa", "1000000원 하하하하하 aaaaaa"),
        ("marks", "와!!!!!! 정말???? 네~~~~ ㅋㅋ^^^^ ?!?!?!?!", "와!! 정말?? 네~~ ㅋㅋ^^ ?!?!"),
        ("ellipsis", "글쎄...... 음…… 아··········", "글쎄... 음…… 아···"),
        ("emoji", "♥♥♥♥ 😂😂😂😂 ❤️❤️❤️❤️ 👍🏻👍🏻👍🏻 🇰🇷🇰🇷🇰🇷", "♥♥ 😂😂 ❤️❤️ 👍🏻👍🏻 🇰🇷🇰🇷"),
        ("pairs of three and four bytes", "♥😂♥😂♥😂♥😂 😂♡😂♡😂♡", "♥😂♥😂 😂♡😂♡"),
        ("emoji sequences", "👨\u{200D}👩\u{200D}👧 1️⃣ 🏳️\u{200D}🌈", "👨\u{200D}👩\u{200D}👧 1️⃣ 🏳️\u{200D}🌈"),
        (
            "rules and code",
            "-----\n=====\n****\n#### 제목\n| ---- |\n    ^^^^^ here\n~~~~\nfor (;;;)\n'????' 0????? 995년 ~ ????년",
            "-----\n=====\n****\n#### 제목\n| ---- |\n    ^^^^^ here\n~~~~\nfor (;;;)\n'????' 0????? 995년 ~ ????년",
        ),
        ("stars and names", "★★★★☆ 김○○○ ♤♤♤ ××× ㅡㅡ", "★★★★☆ 김○○○ ♤♤♤ ××× ㅡㅡ"),
    ] {
        assert_eq!(normalized(input), output, "{row}");
        assert_eq!(with(&NOTHING, input), input, "{row}");
    }
}

/// The recipes are those of the command; here they are read as far as their section needs.
fn recipe(name: &str) -> Normalize {
    let path = format!("{}/../../../pipeline/recipes/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let yaml = std::fs::read_to_string(path).unwrap();
    let section = yaml.lines().skip_while(|line| line.trim() != "normalize:").skip(1).take_while(|line| line.starts_with("    "));
    let fields = section.filter(|line| !line.trim().starts_with('#')).map(|line| {
        let (key, value) = line.trim().split_once(": ").unwrap();
        let value = serde_json::from_str(value).unwrap_or_else(|_| serde_json::Value::from(value));
        (key.to_owned(), value)
    });
    serde_json::from_value(serde_json::Value::Object(fields.collect())).unwrap()
}

#[test]
fn the_recipes_say_what_is_tested_here() {
    assert_eq!(recipe("ko"), KOREAN);
    assert_eq!(recipe("none"), NOTHING);
}

#[test]
fn on_request() {
    let composing = Normalize { compose_jamo: true, ..KOREAN };
    assert_eq!(with(&composing, "ㅎㅏㄴㄱㅡㄹ ㅋㅋㅏ ㄱㅅ ㅇㅏㄶㅏ"), "한글 ㅋㅋㅏ ㄱㅅ ㅇㅏㄶㅏ");
    assert_eq!(with(&composing, "ㄷㅏㄺㅇㅣ ㄱㅏㅂㅏㅇ"), "닭이 가방");
    assert_eq!(with(&Normalize { replacement: Replacement::Remove, ..KOREAN }, "가\u{FFFD}나"), "가나");
    assert_eq!(with(&Normalize { private_use: PrivateUse::Replace, ..KOREAN }, "가\u{F8FF}"), "가\u{FFFD}");
    assert_eq!(with(&Normalize { spaces: Spaces::Collapse, ..KOREAN }, "가  나 \t 다\t라"), "가 나 다\t라");
}

/// A character is safe if it is NFC alone, starts, and is never the second half of a composition.
#[test]
fn safe_characters_are_safe() {
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let decompositions = CanonicalDecompositionBorrowed::new();
    for c in '\0'..=char::MAX {
        if !may_not_be_nfc(c) {
            assert!(nfc.is_normalized(c.encode_utf8(&mut [0; 4])), "U+{:04X}", c as u32);
            assert_eq!(classes.get_u8(c), 0, "U+{:04X}", c as u32);
        }
        if let Decomposed::Expansion(_, second) = decompositions.decompose(c) {
            assert!(may_not_be_nfc(second), "U+{:04X} ends U+{:04X}", second as u32, c as u32);
        }
    }
}

/// Each combination of options is met by some seed.
fn any_how() -> impl Strategy<Value = Normalize> {
    any::<(u16, u8, u8)>().prop_map(|(bits, spaces, repeats)| chosen(bits, spaces, repeats))
}

/// Text of what the judgements look for, tightly packed.
const AGGRESSIVE: &str = "(?s)([가-힣ㄱ-ㅣ]{1,9}|[ㅋㅎㅏㅠㅜ]{1,9}|[\u{1100}\u{110F}\u{1112}\u{115F}\u{1160}\u{1161}\u{1175}\u{119E}\u{11A2}\u{11A8}\u{11AB}\u{11F0}\u{A960}\u{D7B0}\u{D7CD}가각하]{1,7}|[\u{1100}-\u{11FF}\u{200B}-\u{200F}\r\n]{1,9}|[\u{3164}\u{FFA0}-\u{FFDC}ㄱㅏㄴ]{1,6}|[ \t\n\r\u{A0}\u{3000}]{1,9}|[!?~^;.,·…♥❤\u{FE0F}😂🇰🇷👍🏻\u{200D}]{1,9}|[！-～￠-￦]{1,5}|[\u{E0BC}-\u{E0CF}\u{F784}-\u{F8FF}\u{FFFD}]{1,4}|.{0,9}|[👨👩\u{200D}\u{FE0F}\u{300}-\u{30F}a-e]{1,6}){0,12}";

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn idempotent_with_any_options(text in AGGRESSIVE, how in any_how()) {
        check_text(&text, &how);
    }

    /// The flags of the scan are no opinion: with all of them up, the result is the same.
    #[test]
    fn flags_miss_nothing(text in AGGRESSIVE, how in any_how()) {
        prop_assert_eq!(with(&how, &text), without_flags(&text, &how), "{:?} {:?}", text, how);
    }
}

/// Few characters of one to four bytes that take turns and repeat, as the judgement of repeats looks for them.
fn turns() -> impl Strategy<Value = String> {
    let alphabet = prop::sample::subsequence(vec!['ㅋ', 'ㅎ', '!', '?', '~', '·', '…', '♥', '😂', '👍', '¡', 'ㅏ', '한', 'a', ' '], 1..4);
    alphabet.prop_flat_map(|of| prop::collection::vec(prop::sample::select(of), 0..24)).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    /// What is cut stood before: no other character, and none in another order; nothing is left to cut.
    #[test]
    fn repeats_are_cut(parts in prop::collection::vec(turns(), 1..4), limit in 2..4u32) {
        let (text, how) = (parts.concat(), Normalize { repeats: limit, ..NOTHING });
        let once = with(&how, &text);
        let mut rest = text.chars();
        prop_assert!(once.chars().all(|c| rest.any(|before| before == c)), "{:?} {:?}", text, once);
        check_text(&text, &how);
        prop_assert_eq!(without_flags(&text, &how), once, "{:?}", text);
    }
}

proptest! {
    /// NFD in, NFC out: nothing is lost.
    #[test]
    fn decomposed_text_comes_back(text in "[가-힣a-z ]{0,60}[가-힣]") {
        let nfd = DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into_owned();
        prop_assert_eq!(normalized(&nfd), text);
    }

    /// What is equal by canon is equal when normalized.
    #[test]
    fn composed_or_not_is_the_same(text in AGGRESSIVE) {
        let nfd = DecomposingNormalizerBorrowed::new_nfd().normalize(&text).into_owned();
        let nfc = ComposingNormalizerBorrowed::new_nfc().normalize(&text).into_owned();
        prop_assert_eq!(normalized(&nfd), normalized(&nfc));
    }
}

fn without_flags(text: &str, how: &Normalize) -> String {
    let up = (0..16).fold(Flags::NONE, |flags, bit| flags | Flags::bit(bit));
    normalize(text, &Scan { flags: up, ..scan(text) }, how).unwrap_or_else(|| text.to_owned())
}

const FILES: [&str; 12] = [
    "kowiki-2023",
    "precedents",
    "nsmc-reviews",
    "news-comments",
    "news-titles",
    "chat",
    "ms-docs-2021",
    "web-docs",
    "colonial-magazines",
    "nfd",
    "eval-kobest",
    "eval-klue",
];

/// Each judgement alone, by the key in the recipe.
fn judgements() -> Vec<(&'static str, Normalize)> {
    vec![
        ("clean-up", Normalize { clean_up: true, ..NOTHING }),
        ("spaces", Normalize { spaces: Spaces::Plain, ..NOTHING }),
        ("fillers", Normalize { fillers: true, ..NOTHING }),
        ("half-width", Normalize { half_width: true, ..NOTHING }),
        ("full-width", Normalize { full_width: true, ..NOTHING }),
        ("hanyang", Normalize { hanyang: true, ..NOTHING }),
        ("private-use", Normalize { hanyang: true, private_use: PrivateUse::Remove, ..NOTHING }),
        ("replacement", Normalize { replacement: Replacement::Remove, ..NOTHING }),
        ("lone-jamo", Normalize { lone_jamo: true, ..NOTHING }),
        ("nfc", Normalize { nfc: true, ..NOTHING }),
        ("repeats", Normalize { repeats: 2, ..NOTHING }),
        ("compose-jamo", Normalize { compose_jamo: true, ..NOTHING }),
        ("ko", KOREAN),
    ]
}

#[test]
fn real_text_is_normalized_once_and_for_all() {
    for name in FILES {
        let Some(texts) = corpus::texts(name) else { return };
        texts.par_iter().step_by(1 + texts.len() / 4000).for_each(|text| {
            let found = scan(text);
            for (_, how) in judgements() {
                if let Some(once) = normalize(text, &found, &how) {
                    assert_eq!(with(&how, &once), once);
                }
            }
            assert_eq!(without_flags(text, &KOREAN), normalized(text));
        });
    }
}

/// How many documents of each file each judgement changes; KOPIPE_SHOW=repeats,spaces prints 50 of their changes a file.
#[test]
#[ignore = "a table for people"]
fn changes_by_judgement() {
    let shown = std::env::var("KOPIPE_SHOW").unwrap_or_default();
    println!("{:>20} documents {}", "", judgements().iter().map(|(key, _)| format!("{key:>13}")).collect::<String>());
    for name in FILES {
        let Some(texts) = corpus::texts(name) else { return };
        let mut row = String::new();
        for (key, how) in judgements() {
            let changed: Vec<_> = texts.iter().filter_map(|text| normalize(text, &scan(text), &how).map(|now| (text, now))).collect();
            row.push_str(&format!("{:>13}", changed.len()));
            if shown.split(',').any(|shown| shown == key) {
                println!("{key}, {name}");
                changed.iter().step_by(1 + changed.len() / 50).for_each(|(before, now)| show(before, now));
            }
        }
        println!("{name:>20} {:>9} {row}", texts.len());
    }
}

/// The first difference, in its context.
fn show(before: &str, now: &str) {
    let at = before.chars().zip(now.chars()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| text.chars().skip(at.saturating_sub(12)).take(36).collect::<String>();
    println!("    {:?} → {:?}", part(before), part(now));
}
