use super::counts::{BYLINE, Cut, FOOTER};
use super::*;
use crate::clean::mask::Kind;

const BOTH: Cutting = Cutting { bylines: true, footers: true };
const BODY: &str = "정부는 오늘 새로운 청년 지원 정책을 발표했다. 이번 정책은 주거 안정과 취업 지원을 핵심으로 한다. 전문가들은 재원이 \
                    넉넉하지 않다고 보았고, 현장에서는 절차가 번거롭다는 말이 나왔다. 장관은 \"내년까지 절차를 절반으로 줄이겠다\"고 말했다. \
                    관련 법안은 다음 달 국회에 오른다.";

#[test]
fn what_is_made_of_bylines_stays_and_costs_little() {
    let text = "홍길동 기자 = ".repeat(200_000) + &BODY.repeat(80_000);
    assert_eq!(cut(&text, BOTH), None);
}

/// What is left of the body between two ends.
fn left(ahead: &str, behind: &str) -> String {
    let text = format!("{ahead}{BODY}{behind}");
    cut(&text, BOTH).map_or(text, |trimmed| trimmed.text)
}

#[test]
fn bylines_at_the_beginning() {
    for ahead in [
        "[서울=뉴시스] 홍길동 기자 = ",
        "[서울=뉴시스]홍길동 기자 = ",
        "(서울=연합뉴스) 김철수 기자 = ",
        "(서울=연합뉴스) 김철수 이영희 박민수 기자 = ",
        "(도쿄 AP=연합뉴스) ",
        "(뉴욕=연합뉴스) 김철수 특파원 = ",
        "【서울=뉴시스】김철수 기자 = ",
        "(서울·세종=뉴스1) 김철수·이영희 기자 = ",
        "(서울=연합인포맥스) 김철수 이영희 기자 = ",
        "[이데일리 홍길동 기자] ",
        "[머니투데이 홍길동 기자]",
        "[헤럴드경제=홍길동 기자] ",
        "[OSEN=홍길동 기자] ",
        "[스포츠서울 | 홍길동기자] ",
        "(지디넷코리아=홍길동 기자)",
        "광주=김대우 기자\n",
        "홍길동 기자 = ",
        "홍길동 기자 hong@news.co.kr\n",
        "[사진=연합뉴스]\n",
    ] {
        assert_eq!(left(ahead, ""), BODY, "{ahead}");
        assert_eq!(left(&format!("새 정책이 나왔다\n{ahead}"), ""), format!("새 정책이 나왔다\n{BODY}"), "{ahead}");
    }
}

#[test]
fn bylines_at_the_end() {
    for behind in [
        "\n홍길동 기자",
        "\n홍길동 기자 hong@news.co.kr",
        " 홍길동 기자 hong@news.co.kr",
        "홍길동기자 hong@news.co.kr",
        "\n\n홍길동·김철수 기자",
        "\n이영희 기자 a@hani.co.kr, 정수진 기자 b@hani.co.kr",
        "\n[홍길동 기자 hong@mbn.co.kr]",
        "\n[ 홍길동 기자 / hong@mbn.co.kr ]",
        "\n글·사진=홍길동 기자",
        "\n도쿄/김소연 특파원",
        "[홍길동 스타투데이 기자]",
        "\n[피닉스(미국) =홍길동 MK스포츠 특파원]",
        "\n제주 강동삼 기자",
        "\n최윤정 온라인 뉴스 기자 hong1701@segye.com",
        " 동아닷컴 IT전문 윤서준 기자(tech@itdonga.com)",
        "\nhong@yna.co.kr",
        " hong@yna.co.kr (끝)",
        "\n/뉴스1",
        "\n[연합뉴스]",
        "\n(사진=연합뉴스)",
    ] {
        assert_eq!(left("", behind), BODY, "{behind}");
    }
}

#[test]
fn footers_at_the_end() {
    for behind in [
        "\n<저작권자(c) 연합뉴스, 무단 전재-재배포 금지>",
        "<저작권자(c) 연합뉴스, 무단 전재-재배포 금지>",
        "\n[ⓒ 매일경제 & mk.co.kr, 무단전재 및 재배포 금지]",
        " ⓒ중앙일보(https://www.joongang.co.kr), 무단 전재 및 재배포 금지",
        "\n저작권자 © 시사IN 무단전재 및 재배포 금지",
        "Copyright © 뉴스1. All rights reserved. 무단 전재 및 재배포 금지.",
        "\n<ⓒ투자가를 위한 경제콘텐츠 플랫폼, 아시아경제(www.asiae.co.kr) 무단전재 배포금지>",
        "\n- Copyrights ⓒ 디지털세정신문 & taxtimes.co.kr, 무단 전재 및 재배포 금지 -",
        "\n[조세금융신문(tfmedia.co.kr), 무단전재 및 재배포 금지]",
        "\n무단전재 및 재배포 금지",
        "\nCopyright ⓒ 동아일보 & donga.com",
        "\n© 2019-2024 The Authors",
        "\nⓒ 뉴스1",
        " ▶ 네이버에서 뉴시스 구독하기▶ K-Artprice, 유명 미술작품 가격 공개▶ 뉴시스 빅데이터 바로가기",
        "\n☞공감언론 뉴시스 hong@newsis.com",
        "\n◎공감언론 뉴시스 hong@newsis.com",
        "\n기사제보 및 보도자료 news@aitimes.com",
        "\n제보는 카카오톡 okjebo",
        "\n구독신청",
        "\n네이버 채널 구독하기",
        "\n2022/12/07 18:49 송고",
        "\n▶ 네이버에서 [뉴스1] 구독하기!\n▶ 뉴스1&BBC 한글 뉴스 ▶ 경제 뉴스\n\n▶ 새 소식 모음",
        "\n▶ 관련기사\n새 정책, 어디로 가나\n장관 \"절차 줄이겠다\"\n\n청년이 말하는 주거",
        "\n기사제보 및 보도자료 제공 tbs3@naver.com / copyrightⓒ tbs. 무단전재 & 재배포 금지",
        "\n홍길동 기자 hong@yna.co.kr\n제보는 카카오톡 okjebo\n<저작권자(c) 연합뉴스, 무단 전재-재배포 금지>\n2022/12/07 18:49 송고",
    ] {
        assert_eq!(left("", behind), BODY, "{behind}");
    }
}

#[test]
fn what_is_about_it_stays() {
    for (ahead, behind) in [
        // dps cuts the text here.
        ("무단 전재 및 재배포 금지라는 문구를 기사마다 다는 까닭을 물었다. ", ""),
        ("저작권자 ⓒ 표시는 1952년 협약에서 왔다. ", ""),
        ("", " 저작권자의 허락 없는 무단 전재를 금지한다."),
        ("", " 사전 허락 없는 무단 복제를 금지했다"),
        ("", " 그를 취재한 사람은 홍길동 기자"),
        ("", "\n홍길동 기자가 전했다"),
        ("", "\n남상호 기자\n이재은 앵커"),
        ("", "\n소중히 여기자"),
        ("홍길동 기자는 올해의 기자로 뽑혔다. ", ""),
        ("기자 = 글을 쓰는 사람이다. ", ""),
        ("[기자] ", ""),
        ("[단독] ", ""),
        ("송(宋)=유송(劉宋) ", ""),
        ("(a=b) ", ""),
        ("[링크](https://a.kr?x=1) ", ""),
        ("2011년 5월 25일- (서울=연합뉴스) 추승호 기자 = ", ""),
        ("", "\n문의 hong@example.com"),
        ("", "\n▶ 관련기사\n새 정책이 나왔다.\n장관은 줄이겠다고 말했다."),
        ("", "\n관련 기사\n목록"),
        ("", "\n▶ 첫째 목표\n▶ 둘째 목표"),
        ("", "\n▶◀ 삼가 고인의 명복을 빕니다"),
    ] {
        assert_eq!(left(ahead, behind), format!("{ahead}{BODY}{behind}"));
    }
}

#[test]
fn the_middle_and_short_texts_stay() {
    let footer = "<저작권자(c) 연합뉴스, 무단 전재-재배포 금지>";
    let twice = format!("{BODY}\n{footer}\n{BODY}");
    assert_eq!(cut(&twice, BOTH), None);
    assert_eq!(cut(&format!("홍길동 기자 hong@news.co.kr\n{footer}"), BOTH), None);
    assert_eq!(cut(&format!("글이다.\n{footer}\n").repeat(9), BOTH).map(|trimmed| trimmed.cuts.0[FOOTER].hits), Some(1));
    let mostly = format!("{}\n{}", &BODY[..BODY.floor_char_boundary(200)], format!("{footer}\n").repeat(5));
    assert_eq!(cut(&mostly, BOTH), None);
}

#[test]
fn what_is_cut_is_counted() {
    let text = format!("(서울=연합뉴스) 김철수 기자 = {BODY}\nkim@yna.co.kr\n무단 전재 금지\n");
    let Trimmed { text: kept, cuts } = cut(&text, BOTH).unwrap();
    assert_eq!(kept, BODY);
    assert_eq!(cuts.0[BYLINE], Cut { docs: 1, hits: 2, bytes: 41 + 14 });
    assert_eq!(cuts.0[FOOTER], Cut { docs: 1, hits: 1, bytes: 1 + 20 + 1 });
    let only = |how| cut(&text, how).map(|trimmed| trimmed.cuts.found().map(|(kind, _)| kind).collect::<Vec<_>>());
    assert_eq!(only(Cutting { bylines: false, footers: true }), Some(vec![FOOTER]));
    assert_eq!(only(Cutting { bylines: true, footers: false }), Some(vec![BYLINE]));
    assert_eq!(only(Cutting { bylines: false, footers: false }), None);
}

#[test]
fn kinds_are_those_of_the_masks_and_three_more() {
    let masks: Vec<&str> =
        Kind::ALL.iter().map(|kind| serde_json::to_value(kind).unwrap().as_str().map(String::from).unwrap().leak() as &str).collect();
    assert_eq!(masks, counts::KINDS[counts::MASKS]);
    let cuts = [BYLINE, FOOTER, counts::EVALUATION, counts::LINE].map(|kind| counts::KINDS[kind]);
    assert_eq!((cuts, counts::KINDS.len()), (["byline", "footer", "evaluation", "line"], 14));
}
