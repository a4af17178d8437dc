use super::*;
use crate::clean::corpus;
use encoding_rs::{EUC_KR, Encoding, WINDOWS_1252};

fn read_as(text: &str, written: &'static Encoding, read: &'static Encoding) -> String {
    let bytes = if written == encoding_rs::UTF_8 { text.as_bytes().to_vec() } else { written.encode(text).0.into_owned() };
    read.decode_without_bom_handling(&bytes).0.into_owned()
}

const UTF_8: &Encoding = encoding_rs::UTF_8;

/// UTF-8 as readers of CP949 see it that go on one byte behind what they cannot read, as Python does.
fn byte_by_byte(text: &str, lost: &str) -> String {
    let (bytes, mut read, mut at) = (text.as_bytes(), String::new(), 0);
    while at < bytes.len() {
        let length = if bytes[at].is_ascii() { 1 } else { 2 };
        let pair = &bytes[at..bytes.len().min(at + length)];
        let decoded = EUC_KR.decode_without_bom_handling_and_without_replacement(pair);
        read.push_str(decoded.as_deref().unwrap_or(lost));
        at += if decoded.is_some() { pair.len() } else { 1 };
    }
    read
}

#[test]
fn one_line_of_each_kind() {
    let text = "한국어 문서를 읽는다";
    for (written, read, kind) in [(UTF_8, WINDOWS_1252, "utf-8 read as windows-1252"), (EUC_KR, WINDOWS_1252, "cp949 read as windows-1252")]
    {
        let bad = format!("멀쩡한 줄\n{}\nplain", read_as(text, written, read));
        assert_eq!(mojibake(&bad), Mojibake::Repaired { text: format!("멀쩡한 줄\n{text}\nplain"), kind });
    }
    let exact = "媛쒕컻 媛쒕컻 媛쒕컻";
    assert_eq!(mojibake(exact), Mojibake::Repaired { text: "개발 개발 개발".into(), kind: "utf-8 read as cp949" });
    for lost in [read_as(text, UTF_8, EUC_KR), read_as(text, UTF_8, EUC_KR).replace('\u{FFFD}', "?")] {
        assert!(matches!(mojibake(&lost), Mojibake::Broken { share } if share == 1.0), "{lost}");
    }
    let between = "제목은 媛쒕컻 臾몄꽌 媛쒕컻 臾몄꽌 諛섎났 이다.";
    assert_eq!(mojibake(between), Mojibake::Repaired { text: "제목은 개발 문서 개발 문서 반복 이다.".into(), kind: "utf-8 read as cp949" });
    let beside_a_blank = "전송\u{A0}ì„œ 버, ì•ˆ\u{A0}ë…•";
    assert_eq!(
        mojibake(beside_a_blank),
        Mojibake::Repaired { text: "전송\u{A0}서 버, 안\u{A0}녕".into(), kind: "utf-8 read as windows-1252" }
    );
    for lost in ["?", "", "\u{FFFD}"] {
        assert!(matches!(mojibake(&byte_by_byte(text, lost)), Mojibake::Broken { .. }), "{lost}");
    }
    let twice = read_as(&read_as(text, UTF_8, WINDOWS_1252), UTF_8, WINDOWS_1252);
    assert_eq!(mojibake(&twice), Mojibake::Repaired { text: text.into(), kind: "read wrongly several times" });
    assert!(matches!(mojibake(&read_as(text, EUC_KR, UTF_8)), Mojibake::Broken { .. }));
}

#[test]
fn what_is_left_of_a_character_is_seen() {
    for (bad, good, kind) in [
        ("神\u{9d}´ 來臨한다", "神\u{FFFD} 來臨한다", "utf-8 of which bytes are lost"),
        ("‘크\u{8d}˜지’", "‘크\u{FFFD}지’", "utf-8 of which bytes are lost"),
        ("\u{93}따옴표\u{94}", "“따옴표”", "windows-1252 read as latin-1"),
    ] {
        assert_eq!(mojibake(bad), Mojibake::Repaired { text: good.into(), kind }, "{bad}");
    }
    assert_eq!(mojibake("줄\u{85}끝"), Mojibake::None);
}

#[test]
fn real_letters_are_left() {
    for text in
        ["Beyoncé와 Björk", "garçon, Ménière 병", "Đặng Văn Ngữ", "×÷±°·", "人永 漢字", "5°C ± 3 µm", "naïveté — “따옴표”", "à l'œuvre…"]
    {
        assert_eq!(mojibake(text), Mojibake::None, "{text}");
    }
}

const FILES: [&str; 15] = [
    "kowiki-2023",
    "kowiki-2020",
    "precedents",
    "nsmc-reviews",
    "news-comments",
    "news-titles",
    "chat",
    "ms-docs-2021",
    "ms-docs-2018",
    "web-docs",
    "colonial-magazines",
    "nfd",
    "eval-kobest",
    "eval-klue",
    "eval-nsmc",
];

/// Every document of the corpus in which mojibake is found.
#[test]
#[ignore = "a table for people"]
fn found_in_the_corpus() {
    for name in FILES {
        let Some(texts) = corpus::texts(name) else { return };
        let (mut bytes, start) = (0, std::time::Instant::now());
        let found: Vec<_> = texts
            .iter()
            .map(|text| (text, mojibake(text)))
            .filter(|(text, m)| {
                bytes += text.len();
                *m != Mojibake::None
            })
            .collect();
        println!("{name}: {} of {} documents, {:.3} ns a byte", found.len(), texts.len(), start.elapsed().as_nanos() as f64 / bytes as f64);
        for (text, mojibake) in found {
            match mojibake {
                Mojibake::Repaired { text: repaired, kind } => {
                    let differ = text.chars().zip(repaired.chars()).position(|(a, b)| a != b).unwrap_or(0).saturating_sub(10);
                    let around = |t: &str| t.chars().skip(differ).take(50).collect::<String>();
                    println!("  {kind}: {:?} → {:?}", around(text), around(&repaired));
                }
                Mojibake::Broken { share } => {
                    let is_bad = |line: &&str| {
                        let mut round = Round::default();
                        latin::look(line, &mut round);
                        unreadable::look(line, &mut round);
                        round.broken > 0
                    };
                    let bad = text.split('\n').find(is_bad);
                    println!("  broken {share:.3}: {:?}", bad.unwrap_or("").chars().take(80).collect::<String>());
                }
                Mojibake::None => {}
            }
        }
    }
}

/// Real lines, corrupted in each way: what share is repaired, called broken, or passed on.
#[test]
fn recall_on_real_lines() {
    let Some(texts) = corpus::texts("kowiki-2023") else { return };
    let lines: Vec<&str> = texts
        .iter()
        .step_by(20)
        .flat_map(|text| text.lines())
        .filter(|line| line.chars().filter(|c| ('가'..='힣').contains(c)).count() >= 20 && !EUC_KR.encode(line).2)
        .take(4000)
        .collect();
    type Corrupt = Box<dyn Fn(&str) -> String>;
    let ways: [(&str, Corrupt, f64, f64); 9] = [
        ("utf-8 as 1252", Box::new(|t| read_as(t, UTF_8, WINDOWS_1252)), 0.99, 0.99),
        ("utf-8 as 1252 twice", Box::new(|t| read_as(&read_as(t, UTF_8, WINDOWS_1252), UTF_8, WINDOWS_1252)), 0.99, 0.99),
        (
            "utf-8 as 1252, C1 lost",
            Box::new(|t| read_as(t, UTF_8, WINDOWS_1252).replace(|c| ('\u{80}'..='\u{9F}').contains(&c), "")),
            0.0,
            0.99,
        ),
        ("cp949 as 1252", Box::new(|t| read_as(t, EUC_KR, WINDOWS_1252)), 0.95, 0.99),
        ("utf-8 as cp949, U+FFFD", Box::new(|t| read_as(t, UTF_8, EUC_KR)), 0.0, 0.99),
        ("utf-8 as cp949, ?", Box::new(|t| read_as(t, UTF_8, EUC_KR).replace('\u{FFFD}', "?")), 0.0, 0.98),
        ("utf-8 as cp949 byte by byte, ?", Box::new(|t| byte_by_byte(t, "?")), 0.0, 0.99),
        ("utf-8 as cp949 byte by byte, nothing", Box::new(|t| byte_by_byte(t, "")), 0.0, 0.99),
        ("cp949 as utf-8", Box::new(|t| read_as(t, EUC_KR, UTF_8)), 0.0, 0.99),
    ];
    for (way, corrupt, least_exact, least_found) in ways {
        let (mut exact, mut wrong, mut broken, mut passed) = (0, 0, 0, Vec::new());
        for line in &lines {
            let bad = corrupt(line);
            match mojibake(&bad) {
                Mojibake::Repaired { text, .. } if text == **line => exact += 1,
                Mojibake::Repaired { .. } => wrong += 1,
                Mojibake::Broken { .. } => broken += 1,
                Mojibake::None => passed.push(bad),
            }
        }
        let share = |n| n as f64 / lines.len() as f64;
        println!(
            "{way}: exact {:.4}, repaired otherwise {:.4}, broken {:.4}, passed {:.4}",
            share(exact),
            share(wrong),
            share(broken),
            share(passed.len())
        );
        assert!(
            share(exact) >= least_exact && share(lines.len() - passed.len()) >= least_found,
            "{way}: {:?}",
            &passed[..passed.len().min(5)]
        );
    }
}
