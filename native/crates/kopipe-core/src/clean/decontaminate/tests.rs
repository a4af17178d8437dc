use super::index::{Buffers, Gram, next};
use super::remove::remove;
use super::replay::indexed;
use super::textbook::Textbook;
use super::*;
use crate::clean::corpus;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What the index says of a document, by the numbers of the texts given.
fn met(index: &Index, document: &str) -> BTreeMap<usize, (u32, u32)> {
    let mut found = BTreeMap::new();
    let Some(met) = index.met(document, &mut Buffers::default()) else { return found };
    for (text, grams) in met.texts {
        for item in &index.texts[text as usize].items {
            found.insert(index.items[*item as usize].offset as usize, (grams, index.texts[text as usize].grams));
        }
    }
    found
}

/// Equal texts are one item: the first.
fn firsts(unit: Unit, texts: &[&str]) -> Vec<bool> {
    let folded = |text: &&str| {
        let mut folded = String::new();
        words::each_slow(text, |start, end| {
            folded.push_str(&(text[start..end].to_ascii_lowercase() + if unit == Unit::Eojeol { " " } else { "" }))
        });
        folded
    };
    let seen = |text: &&str| (folded(text), texts_are_whole(unit, text).then(|| text.trim().to_owned()));
    texts.iter().enumerate().map(|(at, text)| !texts[..at].iter().any(|other| seen(other) == seen(text))).collect()
}

fn texts_are_whole(unit: Unit, text: &str) -> bool {
    let index = indexed(unit, 13, &[text]);
    !index.whole.is_empty()
}

fn vocabulary() -> impl Strategy<Value = String> {
    // Few words, so that they meet; long ones, so that they count.
    let words = [
        "나는",
        "학교에",
        "갔다",
        "그리고",
        "a",
        "B",
        "의",
        "ㅋㅋㅋ",
        "1",
        "2019년",
        "정말재미있는영화였습니다여러분",
        "é",
        "Ｋ",
        "가나다라마바사아자",
        "好",
        "x😀y",
    ];
    let between = [" ", "  ", ". ", ", ", "\n", "…", "", "\" (", "·", " 😀 "];
    let word = (prop::sample::select(words.to_vec()), prop::sample::select(between.to_vec()));
    prop::collection::vec(word, 0..30).prop_map(|words| words.into_iter().flat_map(|(word, between)| [word, between]).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn words_equal_their_slow_twin(text in "(?s)([가-힣]{1,40}|[ -~\n]{1,40}|.{0,30}|[ㄱ-ㅣᄀ-ᇿ一-龥䷀-䷿]{1,9}|[ꀀ-ꓽ힣ퟋ–…·ㅋ가“😀\u{301}]{1,5}){0,12}", times in prop::sample::select(vec![1usize, 1, 1, 40])) {
        // Also more words than are read at a time.
        let text = text.repeat(times);
        let (mut slow, mut fast, mut portable) = (Vec::new(), Vec::new(), Vec::new());
        words::each_slow(&text, |start, end| slow.push((start, end)));
        words::each(&text, &mut words::Edges::default(), |start, end| fast.push((start, end)));
        words::each_portable(&text, |start, end| portable.push((start, end)));
        prop_assert_eq!(&fast, &slow);
        prop_assert_eq!(&portable, &slow);
        for two in slow.windows(2) {
            prop_assert_eq!(words::before(&text, two[1].0), Some(two[0]));
            prop_assert_eq!(words::from(&text, two[0].1), Some(two[1]));
        }
    }

    #[test]
    fn equals_the_textbook(texts in prop::collection::vec(vocabulary(), 1..8), documents in prop::collection::vec(vocabulary(), 1..4), short in 2usize..9, cut in 0usize..400) {
        let mut documents = documents;
        // Documents that hold a text, or a piece of it.
        documents.push(format!("{} {} {}", documents[0], texts[0], documents[0]));
        let piece = &texts[0][texts[0].floor_char_boundary(cut.min(texts[0].len() / 2))..];
        documents.push(format!("{piece} {}", documents[0]));
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for (unit, n) in [(Unit::Eojeol, 13), (Unit::Eojeol, short), (Unit::Characters, 13 + short), (Unit::Characters, 30)] {
            let (index, textbook) = (indexed(unit, n, &texts), Textbook::new(unit, n, &texts));
            let firsts = firsts(unit, &texts);
            for document in &documents {
                let mut expected = textbook.met(document);
                expected.retain(|number, _| firsts[*number]);
                prop_assert_eq!(met(&index, document), expected, "{:?} {} {:?} {:?}", unit, n, texts, document);
            }
        }
    }
}

#[test]
fn every_character_is_a_letter_or_not() {
    for c in (0..=0x10FFFFu32).filter_map(char::from_u32) {
        let (text, mut found) = (format!("a{c}b"), Vec::new());
        words::each(&text, &mut words::Edges::default(), |start, end| found.push(&text[start..end]));
        assert_eq!(found.len() == 1, words::is_letter(c), "U+{:04X}", c as u32);
        assert_eq!(words::is_letter(c), c.is_alphanumeric(), "U+{:04X}", c as u32);
    }
}

const EVALUATION: &str = "이 영화는 정말 오래 기다린 보람이 있었다, 배우들의 연기도 훌륭했고 음악도 아름다웠다. 다음 편도 기다려진다";

#[test]
fn a_hit_and_near_misses() {
    let index = indexed(Unit::Eojeol, 13, &[EVALUATION]);
    let share = |document: &str| met(&index, document).get(&0).copied();
    // 15 eojeol have three 13-grams.
    assert_eq!(share(EVALUATION), Some((3, 3)));
    assert_eq!(share(&format!("후기: \"{}\" 라고 한다", EVALUATION.replace(", ", "... "))), Some((3, 3)));
    let words: Vec<&str> = EVALUATION.split(' ').collect();
    assert_eq!(share(&words[..13].join("\n")), Some((1, 3)));
    assert_eq!(share(&words[..12].join(" ")), None);
    assert_eq!(share(&EVALUATION.replace("이 영화는", "이영화는")), Some((1, 3)), "13 are behind it");
    assert_eq!(share(&EVALUATION.replace("정말 오래", "정말오래")), None);
    let index = indexed(Unit::Characters, 30, &[EVALUATION]);
    let share = |document: &str| met(&index, document).get(&0).copied();
    assert_eq!(share(&EVALUATION.replace(' ', "")), share(EVALUATION));
    assert!(share(&EVALUATION.replace("배우들의 연기도", "배우들의연기도")).is_some());
    assert_eq!(share(&EVALUATION.chars().take(30).collect::<String>()), None, "24 letters");
}

#[test]
fn short_texts_match_whole_and_those_of_few_letters_are_the_document() {
    let texts = [
        "감독은 구지성을 왜 캐스팅했는지...",
        "재미없음........................",
        "ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ",
        "열아홉 자는 쓰지 않는다 정말로.",
    ];
    let index = indexed(Unit::Eojeol, 13, &texts);
    assert_eq!(index.files[0], FileCounts { file: "texts".into(), items: 4, used: 3, too_short: 1, unreadable: 0, met: 0 });
    let has = |document: &str| met(&index, document).into_keys().collect::<Vec<_>>();
    let none: [usize; 0] = [];
    assert_eq!(has("보았다. 감독은 구지성을 왜 캐스팅했는지? 까메오 수준"), [0]);
    assert_eq!(has("감독은 구지성을 왜 캐스팅했는지도 모른다"), none);
    assert_eq!(has("재미없음 재미없음"), none);
    assert_eq!(has(" 재미없음........................\n"), [1]);
    assert_eq!(has("근황이라고 기사화 시키냐 ㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋㅋ"), none);
    assert_eq!(has(texts[2]), [2]);
    assert_eq!(has(texts[3]), none);
}

#[test]
fn frames_of_many_items_count_for_none_of_them() {
    let frame = "다음 글을 읽고 물음에 알맞은 답을 보기 가운데 하나만 골라 그 번호를 적으시오";
    let name = |i: usize| format!("{}나라", char::from_u32(0xAC00 + 700 * i as u32).unwrap());
    let texts: Vec<String> = (0..11).map(|i| format!("{frame} {} 서울은 어디인가", name(i))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let index = indexed(Unit::Eojeol, 13, &texts);
    assert_eq!(met(&index, frame), BTreeMap::new());
    assert_eq!(met(&index, texts[3]).into_keys().collect::<Vec<_>>(), [3]);
    assert_eq!(met(&indexed(Unit::Eojeol, 13, &texts[..10]), frame).len(), 10);
}

#[test]
fn a_hash_that_two_n_grams_share_is_no_hit() {
    for (unit, n) in [(Unit::Eojeol, 13), (Unit::Characters, 30)] {
        let mut index = indexed(unit, n, &[EVALUATION]);
        let known = met(&index, EVALUATION);
        assert_eq!(known.len(), 1);
        // Another n-gram stands before each under its hash.
        let grams: Vec<_> = index.grams.iter().map(|(hash, gram)| (*hash, *gram)).collect();
        for (hash, gram) in grams {
            let behind = "영화는".len() as u32;
            index.grams.insert(hash, Gram { at: gram.at + behind, texts: gram.texts });
            index.grams.insert(next(hash), gram);
        }
        assert_eq!(met(&index, EVALUATION), known, "{unit:?}");
        // The document's n-grams have the hashes of those of a text that differs.
        index.folded = index.folded.replace("훌륭", "굉장");
        assert_eq!(met(&index, EVALUATION), BTreeMap::new(), "{unit:?}");
    }
}

#[test]
fn what_is_cut_leaves_text() {
    let cut = |text: &str, shared: &str| {
        let at = text.find(shared).unwrap();
        remove(text, std::slice::from_ref(&(at..at + shared.len())))
    };
    assert_eq!(cut("앞 문장. \"겹치는 글\". 뒤 문장.", "겹치는 글"), "앞 문장. 뒤 문장.");
    assert_eq!(cut("앞 문장.\n\n겹치는 글!\n뒤 문장.", "겹치는 글"), "앞 문장.\n\n뒤 문장.");
    assert_eq!(cut("겹치는 글... 뒤 문장.", "겹치는 글"), "뒤 문장.");
    assert_eq!(cut("앞 문장.겹치는 글(끝)", "겹치는 글"), "앞 문장. (끝)");
    assert_eq!(cut("앞 문장. 겹치는 글.\n", "겹치는 글"), "앞 문장.");
    assert_eq!(remove("가 나 다 라 마", &[4..7, 12..15]), "가 다 마");
    assert_eq!(remove("가 나 다", &[0..3, 4..7, 8..11]), "");
}

/// The numbers of the issue, verbatim text being what `--recipe none` compares.
#[test]
fn finds_what_stands_in_the_reviews() {
    let Some(documents) = corpus::texts("nsmc-reviews") else { return };
    let whole: std::collections::HashSet<&str> = documents.iter().map(|text| text.trim()).collect();
    for (name, expected) in [("eval-klue", 647), ("eval-nsmc", 5999)] {
        let texts = corpus::texts(name).unwrap();
        let verbatim = |text: &String| text.chars().count() >= SHORTEST && whole.contains(text.trim());
        assert_eq!(texts.iter().filter(|text| verbatim(text)).count(), expected);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        for (unit, n) in [(Unit::Eojeol, 13), (Unit::Characters, 30)] {
            let (index, mut buffers, mut found) = (indexed(unit, n, &texts), Buffers::default(), vec![false; texts.len()]);
            for document in &documents {
                for (text, _) in index.met(document, &mut buffers).into_iter().flat_map(|met| met.texts) {
                    found[text as usize] = true;
                }
            }
            let missed = texts.iter().filter(|text| text.chars().count() >= SHORTEST && whole.contains(text.trim())).filter(|text| {
                let met = index.met(text, &mut buffers).unwrap();
                met.texts.iter().all(|(text, _)| !found[*text as usize])
            });
            assert_eq!(missed.collect::<Vec<_>>(), Vec::<&&str>::new());
        }
    }
}
