use super::*;
use crate::clean::cuts::counts::{Cut, said};

fn with(style: Style, text: &str) -> String {
    let how = Mask {
        style,
        kinds: Kind::ALL.to_vec(),
        reserved: [Style::Polyglot, Style::Dps].iter().flat_map(|s| s.tokens(Kind::ALL)).collect(),
    };
    mask(text, &how).map_or_else(|| text.to_owned(), |masked| masked.text)
}

fn masked(text: &str) -> String {
    with(Style::Polyglot, text)
}

#[test]
fn the_table() {
    for (text, expected) in [
        ("전화 010-1234-5678로 주세요", "전화 <|tel|>로 주세요"),
        ("01012345678입니다", "<|tel|>입니다"),
        ("010.1234.5678 010 1234 5678", "<|tel|> <|tel|>"),
        ("011-234-5678, 02)123-4567", "<|tel|>, <|tel|>"),
        ("(02) 2123-4567 (031)234-5678", "<|tel|> <|tel|>"),
        ("+82-10-1234-5678과 +82 2 123 4567", "<|tel|>과 <|tel|>"),
        ("+821012345678, 0082-10-1234-5678", "<|tel|>, <|tel|>"),
        ("+1 650-253-0000", "<|tel|>"),
        ("1588-1234, 1592-1598년, 1544-9999", "<|tel|>, 1592-1598년, <|tel|>"),
        ("1588-1234번으로, 1577-3082 개통 신청, 1644-5555 명동점", "<|tel|>번으로, <|tel|> 개통 신청, <|tel|> 명동점"),
        ("☎ 15881234, 고객센터 1588 1234, 전화: 16881234", "☎ <|tel|>, 고객센터 <|tel|>, 전화: <|tel|>"),
        ("☎ 234-5678", "☎ <|tel|>"),
        ("010–1234–5678 / 010 - 1234 - 5678", "<|tel|> / <|tel|>"),
        ("070-7777-8888, 0505-123-4567, 080-123-4567", "<|tel|>, <|tel|>, <|tel|>"),
        ("주민번호 900101-1234567.", "주민번호 <|rrn|>."),
        ("900101-1******, 900101-*******", "<|rrn|>, <|rrn|>"),
        ("외국인 900101-5234567은", "외국인 <|rrn|>은"),
        ("900230-1234567", "900230-1234567"),
        ("000229-3234567 920229-2234567 301231-4234567", "<|rrn|> <|rrn|> <|rrn|>"),
        ("주민등록번호 9001011234567", "주민등록번호 <|rrn|>"),
        ("4111-1111-1111-1111", "<|crd|>"),
        ("4111 1111 1111 1111로", "<|crd|>로"),
        ("4111-1111-1111-1112", "4111-1111-1111-1112"),
        ("카드 4111111111111111", "카드 <|crd|>"),
        ("110-123-456789", "<|acc|>"),
        ("국민은행 123456-01-123456 홍", "국민은행 <|acc|> 홍"),
        ("1002-123-456789, 3333-01-1234567", "<|acc|>, <|acc|>"),
        ("농협 12345678901234", "농협 <|acc|>"),
        ("계좌번호: 1234567890", "계좌번호: <|acc|>"),
        ("M12345678 여권, 여권번호 S12345678", "<|pspt|> 여권, 여권번호 <|pspt|>"),
        ("M123A4567", "<|pspt|>"),
        ("11-90-123456-01", "<|dln|>"),
        ("서울 90-123456-01", "서울 <|dln|>"),
        ("220-81-62517(네이버)", "<|brn|>(네이버)"),
        ("사업자등록번호 123-45-67890", "사업자등록번호 <|brn|>"),
        ("123-45-67890", "123-45-67890"),
        ("a.b@c.com입니다, 메일은a@b.kr", "<|email|>입니다, 메일은<|email|>"),
        ("name(at)host.co.kr name [at] host.com", "<|email|> <|email|>"),
        ("01012345678@naver.com", "<|email|>"),
        ("@interface, a@b, git@github.com:a/b.git", "@interface, a@b, git@github.com:a/b.git"),
        ("접속 8.8.4.4, 211.234.5.6에서", "접속 <|ip|>, <|ip|>에서"),
        (
            "192.168.0.1 127.0.0.1 v11.22.33.44 버전 16.0.5.1 1.2.3.4 011.22.33.44",
            "192.168.0.1 127.0.0.1 v11.22.33.44 버전 16.0.5.1 1.2.3.4 011.22.33.44",
        ),
        ("2404:6800:4004:801::200e 2001:db8::1 std::string ::1", "<|ip|> 2001:db8::1 std::string ::1"),
        ("https://a.kr/?token=0123456789abcdef입니다", "<|url|>입니다"),
        ("ftp://user:pw1x@host.com/a", "<|url|>"),
        ("https://admin:hunter2pass@db.a.kr/ https://a.kr/?access_token=ya29a0AfooBcDeF12", "<|url|> <|url|>"),
        ("https://a.kr/?password=MyPassw0rd2024", "<|url|>"),
        ("https://a.kr/b?key=value&id=7 https://a.kr/010-1234-5678", "https://a.kr/b?key=value&id=7 https://a.kr/010-1234-5678"),
        ("http://211.234.5.6:8080/a 10.1.2.0/24 211.234.5.0/24", "http://<|ip|>:8080/a 10.1.2.0/24 211.234.5.0/24"),
        ("02-2123-4567/010-1234-5678", "<|tel|>/<|tel|>"),
    ] {
        assert_eq!(masked(text), expected, "{text}");
        assert_eq!(masked(expected).replace("< |", "<|"), expected, "{expected}");
    }
}

#[test]
fn look_alikes_stay() {
    for text in [
        "2022-10-05",
        "2022.10.05 12:30:45",
        "1,000,000원",
        "10:30-11:00",
        "v1.2.3",
        "버전 1.22.333.4",
        "법률 제12345호",
        "2019다123456",
        "2019가합123456 판결",
        "978-89-374-6012-7",
        "89-374-6012-1",
        "ISBN 9788937460127",
        "p. 1588-1600",
        "1588-4600 명이",
        "1588-1234원",
        "산 1588-1234번지",
        "15881234",
        "990229-1234567",
        "000229-1234567",
        "991231-3123456",
        "최신 버전은 23.21.13.15이다",
        "릴리스 22.33.44.55, 22.33.44.55 버전",
        "제12.34.56.78절",
        "https://a.kr/?token=YOUR_API_TOKEN_123",
        "https://a.kr/?password=password1234",
        "37.566535, 126.977969",
        "1588년",
        "1234567명",
        "1234-5678",
        "2019-2020-2021",
        "123-45-6789",
        "A-110-123-456789",
        "제1588-1234호",
        "1999 2000 2001 2002",
        "S12345678",
        "$010-1234-5678",
        "3.141592653589793",
        "2020.1.1.1",
        "010101",
        "550e8400-e29b-41d4-a716-446655440000",
    ] {
        assert_eq!(masked(text), text);
    }
}

#[test]
fn dps_has_pairs_and_cuts_every_url() {
    let text = "010-1234-5678 https://a.kr/b를 8.8.4.4 220-81-62517 M12345678";
    let expected = "<|tel_start|><|tel_end|> <|url_start|><|url_end|>를 8.8.4.4 220-81-62517 M12345678";
    assert_eq!(with(Style::Dps, text), expected);
}

#[test]
fn reserved_strings_are_broken_once() {
    let all = "<|tel|> <<|ip|>> <|tel_start|> <|endoftext|>";
    assert_eq!(masked(all), "< |tel|> << |ip|>> < |tel_start|> <|endoftext|>");
    assert_eq!(masked(&masked(all)), masked(all));
    let own = Mask { style: Style::Polyglot, kinds: Kind::ALL.to_vec(), reserved: vec!["<|tel_start|>".into()] };
    assert_eq!(mask("<|tel|> 그리고", &own), None);
    let off = Mask { style: Style::Off, ..own };
    assert_eq!(mask("010-1234-5678 <|tel_start|>", &off).unwrap().text, "010-1234-5678 < |tel_start|>");
}

#[test]
fn what_is_cut_is_counted() {
    let how = Mask { style: Style::Polyglot, kinds: vec![Kind::Tel], reserved: vec![] };
    let masked = mask("010-1234-5678 010-1234-5678 a@b.kr", &how).unwrap();
    assert_eq!(masked.text, "<|tel|> <|tel|> a@b.kr");
    assert_eq!(masked.cuts.0[Kind::Tel as usize], Cut { docs: 1, hits: 2, bytes: 26 });
    assert_eq!(masked.cuts.0[Kind::Email as usize], Cut::default());
}

#[test]
fn the_recipe_asks_for_every_kind() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../pipeline/recipes/ko.yaml");
    let yaml = std::fs::read_to_string(path).unwrap();
    let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert!(yaml.contains(&format!("    kinds: [{}]\n", names.join(", "))) && yaml.contains("    style: polyglot\n"));
    let how: Mask = serde_json::from_str(&format!(r#"{{"style":"dps","kinds":{:?},"reserved":[]}}"#, names)).unwrap();
    assert_eq!((how.kinds.as_slice(), how.style), (Kind::ALL, Style::Dps));
}

#[test]
fn what_an_earlier_run_cut_is_added_to() {
    let cuts = mask("010-1234-5678", &Mask { style: Style::Dps, kinds: vec![Kind::Tel], reserved: vec![] }).unwrap().cuts;
    let said = |additions: &str| String::from_utf8(said(additions.as_bytes(), "masked", &cuts)).unwrap();
    assert_eq!(said(""), r#""masked":{"tel":1}"#);
    assert_eq!(said(r#""encoding":"euc-kr""#), r#""encoding":"euc-kr","masked":{"tel":1}"#);
    assert_eq!(said(r#""masked":{"ip":2,"tel":3},"n":1"#), r#""n":1,"masked":{"ip":2,"tel":4}"#);
    assert_eq!(said(r#""masked":3"#), r#""masked":{"tel":1}"#);
}
