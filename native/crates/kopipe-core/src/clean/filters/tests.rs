use super::*;
use crate::clean::measures::Buffers;
use crate::clean::scan::scan;

/// What the filter of this JSON says of a text.
fn judged(filter: &str, text: &str) -> Option<Verdict> {
    let filter: Filter = serde_json::from_str(filter).unwrap_or_else(|e| panic!("{filter}: {e}"));
    filter.judge(&mut Measures::new(text, scan(text), &mut Buffers::default()))
}

fn reason(filter: &str, text: &str) -> Option<&'static str> {
    judged(filter, text).map(|verdict| verdict.reason)
}

#[test]
fn unknown_keys_and_filters_are_refused() {
    for wrong in [r#"{"id":"length","min":1,"max":2,"mean":3}"#, r#"{"id":"length","min":1}"#, r#"{"id":"size","min":1}"#] {
        assert!(serde_json::from_str::<Filter>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn reasons_begin_with_the_id_and_are_given_once() {
    let all: Vec<&str> = REASONS.iter().flat_map(|(_, reasons)| reasons.iter().copied()).collect();
    assert!(REASONS.iter().all(|(id, reasons)| reasons.iter().all(|reason| reason.starts_with(&format!("{id}-")))));
    assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), all.len());
}

#[test]
fn length_counts_characters() {
    let filter = r#"{"id":"length","min":3,"max":5}"#;
    assert_eq!(judged(filter, "가나"), Some(Verdict { reason: "length-short", value: 2.0, threshold: 3.0 }));
    assert_eq!((judged(filter, "가나다"), judged(filter, "가나다라마")), (None, None));
    assert_eq!(reason(filter, "가나다라마바"), Some("length-long"));
}

#[test]
fn words_are_eojeol() {
    let filter = r#"{"id":"words","min":2,"max":3,"unit":"eojeol"}"#;
    assert_eq!(judged(filter, "학교에는 "), Some(Verdict { reason: "words-few", value: 1.0, threshold: 2.0 }));
    assert_eq!(judged(filter, "학교에\u{3000}갔다"), None);
    assert_eq!(reason(filter, "학교에 갔다 집에 왔다"), Some("words-many"));
}

/// FineWeb-2's numbers mean morphemes: 25 eojeol are fifty of them.
#[test]
fn words_may_be_morphemes() {
    let text = "학교에서 아이들이 밥을 먹는다. ".repeat(6);
    let words = |unit: &str, min: u32| reason(&format!(r#"{{"id":"words","min":{min},"max":100000,"unit":"{unit}"}}"#), &text);
    assert_eq!((words("eojeol", 50), words("morpheme", 50), words("morpheme", 70)), (Some("words-few"), None, Some("words-few")));
    let length = |unit: &str| reason(&format!(r#"{{"id":"word-length","min":1,"max":3,"min-words":0,"unit":"{unit}"}}"#), &text);
    assert_eq!((length("eojeol"), length("morpheme")), (Some("word-length-long"), None));
}

/// dps passes Chinese as Korean.
#[test]
fn chinese_is_not_korean() {
    for filter in [r#"{"id":"hangul-ratio","min":0.05}"#, r#"{"id":"language","min":0.08,"labels":[],"least":1}"#] {
        assert!(judged(filter, "中文文字 全部 漢字").is_some());
        assert!(judged(filter, "").is_some());
        assert!(judged(filter, "漢字와 한글을 섞어 쓴 글").is_none());
    }
    assert!(judged(r#"{"id":"language","min":0.9,"labels":[],"least":1}"#, "三國時代의 遺物이 發掘되었다").is_none());
}

/// What is half code stays, what is half English prose goes.
#[test]
fn english_prose_is_not_code() {
    let filter = r#"{"id":"english","max":0.12,"min-words":0}"#;
    let prose = "This function returns the number of elements that are in the list. 목록의 크기를 돌려준다.";
    assert_eq!(reason(filter, prose), Some("english-prose"));
    assert_eq!(reason(filter, "for (let i = 0; i < list.length; i++) console.log(list[i]) // 목록을 찍는다"), None);
    let about = " 셰익스피어의 이 문장은 오늘날까지 널리 인용되며 여러 나라의 말로 옮겨져 많은 사람에게 읽히고 있다.";
    let quoted = format!("{prose}{about}{about}");
    assert_eq!(reason(filter, &quoted), None, "more than half is Hangul");
}

/// dps drops good Korean, whose eojeol are short.
#[test]
fn short_eojeol_are_good_korean() {
    let text = "나는 학교에 갔다 그리고 집에 왔다";
    assert!(judged(r#"{"id":"word-length","min":2,"max":20,"min-words":0,"unit":"eojeol"}"#, text).is_none());
    let published = judged(r#"{"id":"word-length","min":3,"max":10,"min-words":0,"unit":"eojeol"}"#, text).unwrap();
    assert_eq!((published.reason, (published.value * 100.0).round()), ("word-length-short", 233.0));
}

/// As whole eojeol FineWeb-2's stop words would reject this.
#[test]
fn stop_words_are_endings() {
    let text = "고양이가 마당에서 낮잠을 잔다.";
    assert!(text.split(' ').all(|word| !["의", "다", "이", "가", "에서", "을"].contains(&word)));
    assert_eq!(reason(r#"{"id":"stop-endings","min":4,"min-words":0}"#, text), None);
    let five = judged(r#"{"id":"stop-endings","min":5,"min-words":0}"#, text).unwrap();
    assert_eq!(five.value, 4.0);
    assert_eq!(reason(r#"{"id":"stop-endings","min":1,"min-words":0}"#, "서울 부산 대구"), Some("stop-endings-few"));
    let longest = judged(r#"{"id":"stop-endings","min":2,"min-words":0}"#, "학교에서, 집으로!").map(|verdict| verdict.value);
    assert_eq!(longest, None);
    assert_eq!(judged(r#"{"id":"stop-endings","min":2,"min-words":0}"#, "집으로").unwrap().value, 1.0);
}

#[test]
fn line_rules_wait_for_words_and_lines() {
    let menu = "홈\n뉴스\n스포츠\n로그인";
    let filter = |words: u32, lines: u32| {
        format!(
            r#"{{"id":"fineweb","ended-lines":0.1,"short-lines":1,"short-length":30,"duplicate-characters":1,"line-feeds":9,"min-words":{words},"min-lines":{lines}}}"#
        )
    };
    assert_eq!(reason(&filter(4, 4), menu), Some("fineweb-ended-lines"));
    assert_eq!((reason(&filter(5, 4), menu), reason(&filter(4, 5), menu)), (None, None));
    let ellipses = r#"{"id":"ellipsis","max":0.3,"min-words":0,"min-lines":2}"#;
    assert_eq!(reason(ellipses, "말을 잇지 못했다..."), None);
    assert_eq!(reason(ellipses, "말을...\n\n잇지 못했다…"), Some("ellipsis-many"));
}

#[test]
fn fineweb_judges_lines() {
    let filter = |key: &str, value: f64| {
        let mut all = serde_json::json!({"id": "fineweb", "ended-lines": 0, "short-lines": 1, "short-length": 3, "duplicate-characters": 1, "line-feeds": 9, "min-words": 0, "min-lines": 0});
        all[key] = value.into();
        all.to_string()
    };
    let text = "가나\n가나다\n가나다라.\n가나\n";
    let verdict = |key, value| judged(&filter(key, value), text).map(|v| (v.reason, v.value));
    assert_eq!(verdict("ended-lines", 0.3), Some(("fineweb-ended-lines", 0.25)));
    assert_eq!(verdict("short-lines", 0.7), Some(("fineweb-short-lines", 0.75)));
    assert_eq!(verdict("duplicate-characters", 0.1), Some(("fineweb-duplicate-characters", 2.0 / 12.0)));
    assert_eq!(verdict("line-feeds", 0.9), Some(("fineweb-line-feeds", 1.0)));
}

#[test]
fn symbols_letters_and_bullets() {
    let symbols = r#"{"id":"symbols","hashes":0.5,"ellipses":0.5,"min-words":0}"#;
    assert_eq!(reason(symbols, "#맛집 #여행 서울"), Some("symbols-hashes"));
    assert_eq!(reason(symbols, "글쎄… 음... 뭐"), Some("symbols-ellipses"));
    assert_eq!(reason(symbols, "글쎄.. 음.. 뭐.."), None);
    let letters = r#"{"id":"letters","min":0.6,"min-words":0}"#;
    assert_eq!(judged(letters, "1 2 3 ㅋㅋ"), Some(Verdict { reason: "letters-few", value: 0.25, threshold: 0.6 }));
    let bullets = r#"{"id":"bullets","max":0.5,"ended-lines":1,"min-words":0,"min-lines":0}"#;
    assert_eq!(judged(bullets, "차례\n - 하나\n\n■ 둘").map(|v| v.value), Some(2.0 / 3.0));
    let minutes = "- 다음 회의를 정했다.\n- 자료는 누리집에 있다.\n- 참석자: 셋";
    assert_eq!(reason(bullets, minutes), Some("bullets-many"));
    assert_eq!(reason(&bullets.replace(r#""ended-lines":1"#, r#""ended-lines":0.1"#), minutes), None);
    let replacement = r#"{"id":"replacement","max":0.1}"#;
    assert_eq!(judged(replacement, "깨\u{FFFD}진 글").map(|v| v.value), Some(0.25));
}

#[test]
fn c4_looks_for_placeholders_and_boilerplate() {
    let filter = |key: &str, value: serde_json::Value| {
        let mut all = serde_json::json!({"id": "c4", "lorem-ipsum": false, "curly-bracket": false, "javascript": 1, "policy": 1, "policy-terms": 1, "sentences": 0, "min-words": 0});
        all[key] = value;
        all.to_string()
    };
    assert_eq!(reason(&filter("lorem-ipsum", true.into()), "소개 (Lorem Ipsum dolor"), Some("c4-lorem-ipsum"));
    assert_eq!(reason(&filter("lorem-ipsum", true.into()), "lorem의 뜻, florem ipsum"), None);
    assert_eq!(reason(&filter("curly-bracket", true.into()), "a { b"), Some("c4-curly-bracket"));
    let page = "JavaScript를 켜세요. javascript 자바스크립트\n(이용약관) 개인정보처리방침\n본문이다.\n끝";
    assert_eq!(judged(&filter("javascript", 0.2.into()), page).map(|v| v.value), Some(0.25));
    assert_eq!(judged(&filter("policy", 0.2.into()), page).map(|v| v.value), Some(0.25));
    // Articles on copyright, or on biscuits, are no pages of terms.
    let terms = |least: u32, text: &str| {
        let all = filter("policy", 0.5.into()).replace(r#""policy-terms":1"#, &format!(r#""policy-terms":{least}"#));
        reason(&all, text)
    };
    let biscuits = "쿠키는 과자다.\n쿠키를 굽는다.\n밀가루로 만든다.";
    assert_eq!((terms(1, biscuits), terms(3, biscuits)), (Some("c4-policy"), None));
    assert_eq!(terms(3, "이용약관 안내\n개인정보처리방침\n쿠키 정책\n회사 소개"), Some("c4-policy"));
    assert_eq!(judged(&filter("sentences", 3.into()), "3.14는 수다. 맞나? \"그렇다.\"").map(|v| v.value), None);
    assert_eq!(judged(&filter("sentences", 4.into()), "3.14는 수다. 맞나? \"그렇다.\"").map(|v| v.value), Some(3.0));
}

/// One hit of dps's list drops a document.
#[test]
fn news_about_gambling_is_no_advertising() {
    let filter = r#"{"id":"bad-words","distinct":3,"density":0.2}"#;
    let news = "경찰은 불법 카지노 사이트를 운영하며 바카라와 룰렛 도박을 벌인 일당 열두 명을 붙잡았다. 이들은 지난해부터 회원을 모아 \
                카지노 영상을 내보내고 판돈을 받은 혐의를 받는다. 경찰은 먹튀 피해가 더 있는지 조사한다.";
    assert_eq!(reason(filter, news), None);
    assert_eq!(reason(filter, "★신규가입 첫충 30% 이벤트★ 먹튀없는 안전 놀이터 추천"), Some("bad-words-many"));
    let spam = r#"{"id":"spam","contacts":2,"density":0.2}"#;
    assert_eq!(reason(spam, "지금 바로 상담 문의 010-1234-5678 무료 신청 www.example.com"), Some("spam-dense"));
    assert_eq!(reason(spam, "지금 바로 상담 문의 010-1234-5678"), None);
}

/// Without a minimum every short text is over Gopher's thresholds.
#[test]
fn repetition_waits_for_words() {
    let filter = |min_words: u32| {
        format!(
            r#"{{"id":"repetition","lines":0.3,"line-characters":0.2,"paragraphs":0.3,"paragraph-characters":0.2,"top":[0.2,0.18,0.16],"duplicate":[0.15,0.14,0.13,0.12,0.11,0.1],"min-words":{min_words}}}"#
        )
    };
    let twice = "참 좋은 영화 참 좋은 배우";
    assert_eq!((reason(&filter(0), twice), reason(&filter(50), twice)), (Some("repetition-top-2-gram"), None));
    let menu = "로그인 회원가입 고객센터 ".repeat(20);
    assert_eq!(reason(&filter(50), &menu), Some("repetition-top-2-gram"));
    assert_eq!(reason(&filter(0), "가\n나\n가\n가\n나"), Some("repetition-lines"));
    assert_eq!(reason(&filter(0), "가 나\n\n다 라\n\n가 나"), Some("repetition-paragraphs"));
    let again = "하나 둘 셋 넷 다섯 여섯";
    assert_eq!(reason(&filter(0), &format!("{again} 일곱 여덟 아홉 열 열하나 열둘 {again}")), Some("repetition-top-3-gram"));
}

#[test]
fn models_judge_by_their_labels() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/golden/linear/softmax-subwords.bin");
    let quality = |label: &str| format!(r#"{{"id":"quality","model":"{path}","label":"{label}","least":0.5}}"#);
    let spam = judged(&quality("__label__good"), "지금 바로 클릭 무료 상담").unwrap();
    assert_eq!((spam.reason, spam.threshold), ("quality-low", 0.5));
    assert!(spam.value < 0.3, "{}", spam.value);
    assert_eq!(judged(&quality("__label__good"), "서울은 대한민국의 수도이다"), None);
    let refused = serde_json::from_str::<Filter>(&quality("good")).err().unwrap().to_string();
    assert!(refused.contains("has no label good; it has __label__"), "{refused}");
    let language = |labels: &str| format!(r#"{{"id":"language","min":0.08,"model":"{path}","labels":{labels},"least":0.6}}"#);
    let korean = r#"["__label__ko","__label__good"]"#;
    assert_eq!(reason(&language(korean), "지금 바로 클릭 무료 상담"), Some("language-model"));
    assert_eq!(reason(&language(korean), "서울은 대한민국의 수도이다"), None);
    assert_eq!(reason(&language(korean), "a page in English"), Some("language-other"));
    assert_eq!(reason(&language(r#"["__label__good","__label__bad"]"#), "지금 바로 클릭 무료 상담"), None);
}
