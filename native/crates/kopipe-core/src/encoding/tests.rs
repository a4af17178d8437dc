use super::*;
use crate::clean::corpus;
use proptest::prelude::*;
use serde_json::Value;

fn golden() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/golden/encodings.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn crc(bytes: impl IntoIterator<Item = Vec<u8>>) -> u64 {
    let mut crc = flate2::Crc::new();
    bytes.into_iter().for_each(|bytes| crc.update(&bytes));
    crc.sum().into()
}

/// Rows of which the CRC differs from Python's.
fn rows_unlike_python(codec: &str, character: impl Fn(u8, u8) -> Option<char>) -> Vec<u8> {
    let golden = golden();
    let row = |lead| crc((0..=255).map(|trail| character(lead, trail).unwrap_or('\u{FFFD}').to_string().into_bytes()));
    (0x80..=0xFF).filter(|&lead| golden[codec][usize::from(lead) - 0x80].as_u64() != Some(row(lead))).collect()
}

#[test]
fn johab_is_pythons_for_every_pair_of_bytes() {
    assert_eq!(rows_unlike_python("johab", johab::character), [0u8; 0]);
}

#[test]
fn cp949_is_pythons_for_every_pair_of_bytes() {
    let character = |lead, trail| {
        let pair = [lead, trail];
        let text = encoding_rs::EUC_KR.decode_without_bom_handling_and_without_replacement(&pair)?;
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    assert_eq!(rows_unlike_python("cp949", character), [0u8; 0]);
}

#[test]
fn every_korean_encoding_is_told_without_a_label() {
    let text = "한글 문서는 여러 부호로 온다. 漢字도 있고 ㅋㅋㅋ, 똠방각하도 있다!\nABC 123\n";
    let utf16 =
        |big: bool| -> Vec<u8> { text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect() };
    let cp949 = encoding_rs::EUC_KR.encode(text).0.into_owned();
    for (bytes, name) in [
        (text.as_bytes().to_vec(), "utf-8"),
        (["\u{FEFF}", text].concat().into_bytes(), "utf-8"),
        (utf16(false), "utf-16le"),
        (utf16(true), "utf-16be"),
        ([&[0xFF, 0xFE][..], &utf16(false)].concat(), "utf-16le"),
        (cp949, "cp949"),
        (to_johab(text), "johab"),
    ] {
        for label in [None, Some("euc-kr"), Some("utf-8"), Some("ISO-8859-1"), Some("shift_jis"), Some("johab"), Some("?")] {
            let decoded = decode(&bytes, label).unwrap();
            assert_eq!((decoded.encoding.name(), decoded.text.as_ref(), decoded.replaced), (name, text, 0), "{label:?}");
        }
    }
}

/// By search through the decoder: slow, and independent of its formulas' inverse.
fn to_johab(text: &str) -> Vec<u8> {
    let mut pairs = std::collections::HashMap::new();
    for code in 0x8000..=0xFFFFu16 {
        let [lead, trail] = code.to_be_bytes();
        if let Some(c) = johab::character(lead, trail) {
            pairs.entry(c).or_insert([lead, trail]);
        }
    }
    text.chars().flat_map(|c| if c.is_ascii() { vec![c as u8] } else { pairs[&c].to_vec() }).collect()
}

#[test]
fn utf_16_of_ascii_is_not_utf_8_with_nuls() {
    assert_eq!(decode(b"h\0e\0l\0l\0o\0", None).unwrap().text, "hello");
    assert_eq!(decode(b"a\0b, as it came", None).unwrap().text, "a\0b, as it came");
    assert_eq!(decode(b"", None).unwrap().text, "");
}

#[test]
fn damage_is_replaced_and_counted() {
    let text = "아침에 학교에 가서 친구를 만났다. ".repeat(200);
    let cp949 = encoding_rs::EUC_KR.encode(&text).0.into_owned();
    let truncated = decode(&cp949[..cp949.len() - 3], None).unwrap();
    assert_eq!((truncated.replaced, truncated.text.ends_with('\u{FFFD}')), (1, true));
    let mut stray = cp949.clone();
    stray.insert(cp949.len() / 2, 0xFF);
    let decoded = decode(&stray, None).unwrap();
    assert!(decoded.replaced >= 1 && decoded.text.ends_with("친구를 만났다. "), "{}", decoded.replaced);
    let mut stray = text.clone().into_bytes();
    stray.insert(1000, 0xFF);
    stray.pop();
    stray.extend_from_slice("가".as_bytes().split_last().unwrap().1);
    let decoded = decode(&stray, Some("euc-kr")).unwrap();
    assert_eq!((decoded.encoding, decoded.replaced), (Encoding::Utf8, 2));
}

#[test]
fn what_is_no_text_is_refused() {
    let why = decode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\xff\xfe\x80\x81\0", Some("euc-kr")).unwrap_err();
    assert!(why.contains("declared \"euc-kr\"") && why.contains("cp949"), "{why}");
    let mut state = 1u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    })
    .take(10_000)
    .collect();
    for label in [None, Some("euc-kr"), Some("johab"), Some("iso-8859-1")] {
        assert!(decode(&noise, label).is_err(), "{label:?}");
    }
    // GB 2312 and Shift_JIS are valid CP949 by their bytes alone.
    let chinese = encoding_rs::GBK.encode("我们在北京大学学习中文，今天天气很好，大家都很高兴。").0.into_owned();
    assert!(decode(&chinese, None).is_err());
    assert_eq!(decode(&chinese, Some("gb2312")).unwrap().encoding.name(), "GBK");
    assert_eq!(decode(b"caf\xe9 na\xefve", Some("latin1")).unwrap().text, "café naïve");
    assert!(decode(b"caf\xe9 na\xefve", None).is_err());
}

#[test]
fn a_declared_encoding_is_believed_where_nothing_speaks_against_it() {
    for text in ["뷁", "漢字漢字", "ㅋㅋㅋ", "쀍뜷퀡쮯"] {
        let cp949 = encoding_rs::EUC_KR.encode(text).0.into_owned();
        assert_eq!(decode(&cp949, Some("ks_c_5601-1987")).unwrap().text, text);
        assert_eq!(decode(&to_johab(text), Some("ms1361")).unwrap().text, text);
    }
}

/// The documents of the corpus that are not UTF-8 are CP949, with and without a label, as Python decodes them.
#[test]
fn real_documents_come_out_as_from_python() {
    let Some((files, pages)) = corpus::file("httpd-euckr-files.tar.zst").zip(corpus::file("ko-html.warc.gz")) else { return };
    let files = corpus::tar(&zstd::decode_all(&files[..]).unwrap());
    let mut raw = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&pages[..]), &mut raw).unwrap();
    for (name, documents) in [("httpd-euckr-files.tar.zst", files), ("ko-html.warc.gz", corpus::warc(&raw))] {
        let golden = &golden()["documents"][name];
        for label in [None, Some("euc-kr"), Some("utf-8"), Some("iso-8859-1"), Some("johab")] {
            let decoded: Vec<_> = documents.iter().map(|bytes| decode(bytes, label).unwrap()).collect();
            let korean: Vec<_> = decoded.iter().filter(|d| d.encoding != Encoding::Utf8).collect();
            assert!(korean.iter().all(|d| d.encoding == Encoding::Cp949 && d.replaced == 0), "{name} {label:?}");
            assert_eq!(korean.len() as u64, golden["count"].as_u64().unwrap(), "{name} {label:?}");
            assert_eq!(crc(korean.iter().map(|d| d.text.as_bytes().to_vec())), golden["crc32"].as_u64().unwrap(), "{name} {label:?}");
        }
    }
}

/// Texts of every kind, encoded: told without a label; and how far the wrong readings are.
#[test]
fn readings_are_far_apart() {
    let mut least = f64::MAX;
    let (mut most, mut fails) = (0.0f64, f64::MAX);
    for name in ["kowiki-2023", "nsmc-reviews", "precedents", "colonial-magazines", "ms-docs-2021", "chat"] {
        let Some(texts) = corpus::texts(name) else { return };
        for chunk in texts.iter().step_by(texts.len() / 1000 + 1).collect::<Vec<_>>().chunks(20) {
            let text: String =
                chunk.iter().flat_map(|text| text.chars().take(400)).filter(|c| c.is_ascii() || ('가'..='힣').contains(c)).collect();
            let cp949 = encoding_rs::EUC_KR.encode(&text).0.into_owned();
            let bytes = to_johab(&text);
            least = least.min(Evidence::of(&text).share());
            let wrong = [Evidence::of(&johab::decode(&cp949).text), Evidence::of(&super::cp949(&bytes).text)];
            fails = fails.min(wrong[0].replaced as f64 / wrong[0].foreign as f64).min(wrong[1].replaced as f64 / wrong[1].foreign as f64);
            most = most.max(wrong[0].share()).max(wrong[1].share());
            assert_eq!(decode(&cp949, None).unwrap().text, text);
            assert_eq!(decode(&bytes, None).unwrap().text, text);
        }
    }
    println!("everyday syllables: {least:.3} at least in the right reading, {most:.3} at most in the wrong one, of which {fails:.3} fails");
    assert!(least > 0.85 && most < 0.25 && fails > 2.0 * DAMAGE, "{least} {most} {fails}");
}

/// How short a text may be and still be told without a label.
#[test]
#[ignore = "a table for people"]
fn short_texts() {
    let Some(texts) = corpus::texts("nsmc-reviews") else { return };
    for length in [2, 4, 8, 16, 32] {
        let (mut all, mut right, mut wrong) = (0, [0, 0], [0, 0]);
        for text in texts.iter().step_by(40) {
            let text: String = text.chars().take(length).filter(|c| c.is_ascii() || ('가'..='힣').contains(c)).collect();
            if text.is_ascii() {
                continue;
            }
            all += 1;
            for (kind, bytes) in [encoding_rs::EUC_KR.encode(&text).0.into_owned(), to_johab(&text)].into_iter().enumerate() {
                match decode(&bytes, None) {
                    Ok(decoded) if decoded.text == text => right[kind] += 1,
                    Ok(_) => wrong[kind] += 1,
                    Err(_) => {}
                }
            }
        }
        println!("{length} characters: of {all} right {right:?} wrong {wrong:?} [cp949, johab]");
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        replay::check(&bytes);
    }

    #[test]
    fn utf_8_is_borrowed(text in "(?s)[^\0]{0,60}") {
        let decoded = decode(text.as_bytes(), Some("euc-kr")).unwrap();
        prop_assert_eq!(decoded.text.as_ref(), text.strip_prefix('\u{FEFF}').unwrap_or(&text));
        let borrowed = matches!(decoded.text, Cow::Borrowed(_)) || text.starts_with('\u{FEFF}');
        prop_assert!(borrowed);
    }
}
