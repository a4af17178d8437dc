//! What is planted into the sample and said in truth.jsonl: personal data of each kind beside look-alikes, spam, junk.
//! Every number is made up; resident, card and business numbers have right or deliberately absent checksums as real ones do.

use super::random::Random;

/// Kinds of personal data, named as the masks of the tokenizers are.
pub const PII: &[&str] = &["tel", "rrn", "crd", "acc", "email", "url", "ip", "brn", "pspt", "dln"];

/// What looks like personal data and is not.
pub const LOOK_ALIKES: &[&str] = &["date", "price", "version", "statute", "isbn", "count"];

pub fn pii(kind: &str, random: &mut Random) -> String {
    match kind {
        "tel" => match random.below(5) {
            0 => format!("02-{}-{}", random.digits(4), random.digits(4)),
            1 => format!("031-{}-{}", 200 + random.below(700), random.digits(4)),
            2 => format!("15{}-{}", random.between(44, 99), random.digits(4)),
            3 => format!("+82-10-{}-{}", 2000 + random.below(8000), random.digits(4)),
            _ => format!("010-{}-{}", 2000 + random.below(8000), random.digits(4)),
        },
        "rrn" => resident_number(random),
        "crd" => card_number(random),
        "acc" => match random.below(3) {
            0 => format!("110-{}-{}", random.digits(3), random.digits(6)),
            1 => format!("{}-{}-{}", random.digits(6), random.between(10, 99), random.digits(6)),
            _ => format!("1002-{}-{}", random.digits(3), random.digits(6)),
        },
        "email" => format!(
            "{}{}@{}",
            random.pick(&["minsu", "jiwoo.kim", "haneul_", "s2love"]),
            random.below(900),
            random.pick(&["naver.com", "example.co.kr", "hanmail.net"])
        ),
        "url" => format!(
            "https://{}/{}?token={:016x}",
            random.pick(&["blog.example.com", "cafe.example.kr", "shop.example.net"]),
            random.digits(6),
            random.next()
        ),
        "ip" => format!("{}.{}.{}.{}", random.between(11, 223), random.below(256), random.below(256), random.between(1, 254)),
        "brn" => business_number(random),
        "pspt" => format!("M{}", random.digits(8)),
        _ => format!("{}-{}-{}-{}", random.between(11, 28), random.between(80, 99), random.digits(6), random.digits(2)),
    }
}

pub fn look_alike(kind: &str, random: &mut Random) -> String {
    match kind {
        "date" => format!("{}-{:02}-{:02}", random.between(1950, 2025), random.between(1, 12), random.between(1, 28)),
        "price" => format!("{},{}원", random.between(1, 999), random.digits(3)),
        "version" => format!("v{}.{}.{}", random.below(20), random.below(20), random.below(100)),
        "statute" => format!("법률 제{}호", random.between(1000, 20000)),
        "isbn" => format!("978-89-{}-{}-{}", random.digits(4), random.digits(3), random.below(10)),
        _ => format!("{}명", random.between(10, 9_999_999)),
    }
}

/// Six digits of a birth date, a gender digit (5–8 for foreigners), six more; those issued before October 2020 end
/// in a checksum.
fn resident_number(random: &mut Random) -> String {
    let (year, month, day) = (random.below(100), random.between(1, 12), random.between(1, 28));
    let foreigner = if random.below(5) == 0 { 4 } else { 0 };
    let drawn = random.between(1, 4);
    // Whoever has a number was born: in the 2000s up to this year.
    let century = if drawn > 2 && year <= 26 { 2 } else { 0 };
    let gender = 1 + drawn % 2 + century + foreigner;
    let mut digits = format!("{year:02}{month:02}{day:02}{gender}{}", random.digits(6));
    if random.below(3) > 0 {
        let weights = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5];
        let sum: u32 = digits.bytes().zip(weights).map(|(d, w)| u32::from(d - b'0') * w).sum();
        let check = (11 - sum % 11 + if foreigner > 0 { 2 } else { 0 }) % 10;
        digits.replace_range(12.., &check.to_string());
    }
    digits.insert(6, '-');
    digits
}

/// Tax office, kind of business, serial and the check digit that every real one has.
fn business_number(random: &mut Random) -> String {
    let mut digits = format!("{}{}{}", random.between(101, 699), random.between(10, 89), random.digits(4));
    let digit = |i: usize| u32::from(digits.as_bytes()[i] - b'0');
    let weights = [1, 3, 7, 1, 3, 7, 1, 3, 5];
    let sum: u32 = weights.iter().enumerate().map(|(i, weight)| digit(i) * weight).sum::<u32>() + digit(8) * 5 / 10;
    digits.push_str(&((10 - sum % 10) % 10).to_string());
    format!("{}-{}-{}", &digits[..3], &digits[3..5], &digits[5..])
}

/// Sixteen digits that pass Luhn's check.
fn card_number(random: &mut Random) -> String {
    let mut digits = format!("{}{}", random.pick(&["4", "51", "9410"]), random.digits(15));
    digits.truncate(15);
    let sum: u32 = digits.bytes().rev().enumerate().map(|(i, d)| luhn(u32::from(d - b'0'), i % 2 == 0)).sum();
    digits.push_str(&((10 - sum % 10) % 10).to_string());
    [0, 4, 8, 12].map(|at| &digits[at..at + 4]).join("-")
}

fn luhn(digit: u32, doubled: bool) -> u32 {
    let value = if doubled { 2 * digit } else { digit };
    if value > 9 { value - 9 } else { value }
}

pub fn spam(random: &mut Random) -> String {
    const LINES: &[&str] = &[
        "★신규가입 첫충 30% 이벤트★ 먹튀없는 안전 놀이터 추천 코드",
        "카지노 바카라 실시간 라이브 룰렛 24시간 상담 카톡 환영",
        "당일대출 무직자 가능 신용불량자 환영 최저금리 지금 바로 상담",
        "토토사이트 순위 매충 10% 페이백 파워볼 사다리 배당 최고",
        "출장안마 전지역 30분 이내 도착 후불제 와꾸 보장",
        "비아그라 정품 당일배송 1+1 이벤트 시알리스 할인",
    ];
    (0..random.between(3, 12)).map(|_| format!("{} {}", random.pick(LINES), pii("tel", random))).collect::<Vec<_>>().join("\n")
}

/// Kinds of junk and a text of each.
pub const JUNK: &[&str] = &["short", "chinese", "symbols", "mash", "repeated", "latin"];

pub fn junk(kind: &str, random: &mut Random) -> String {
    let many = random.between(20, 80) as usize;
    match kind {
        "short" => random.pick(&["굿", "ㅋㅋㅋ", "좋아요", "최고!", "별로", "1등"]).to_string(),
        "chinese" => (0..many).map(|_| char::from_u32(0x4E00 + random.below(3000) as u32).unwrap_or('中')).collect(),
        "symbols" => (0..many).map(|_| random.pick(&["■", "◆", "★", "=", "-", "…", "│", "♥"])).collect(),
        "mash" => (0..many).map(|_| char::from(b'a' + random.below(26) as u8)).collect(),
        "repeated" => format!("{} ", random.pick(&["로그인 회원가입 고객센터", "이전글 다음글 목록", "좋아요 공유하기"])).repeat(many),
        _ => (0..many)
            .map(|_| random.pick(&["click", "here", "free", "download", "subscribe", "now", "offer"]))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_pass_luhn_and_every_kind_is_made() {
        let mut random = Random::new(5);
        for _ in 0..200 {
            let digits: Vec<u32> = card_number(&mut random).chars().filter_map(|c| c.to_digit(10)).collect();
            assert_eq!(digits.len(), 16);
            let sum: u32 = digits.iter().rev().enumerate().map(|(i, &d)| luhn(d, i % 2 == 1)).sum();
            assert_eq!(sum % 10, 0);
            let rrn = resident_number(&mut random);
            assert!(rrn.len() == 14 && matches!(rrn.as_bytes()[7], b'1'..=b'8'), "{rrn}");
        }
        for kind in PII {
            assert!(pii(kind, &mut random).len() >= 8);
        }
    }
}
