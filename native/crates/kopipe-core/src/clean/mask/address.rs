//! IP addresses of hosts on the public network.
//!
//! Left in the text, because they name nobody: private, loopback, link-local and multicast ranges, those reserved for
//! documentation and protocols (RFC 1918, 3849, 4193, 5737, 6890), networks (10.1.0.0, …/16), and what only looks like an address: versions,
//! numbers of chapters and
//! standards (short ones, which need a label), parts of longer numbers.

use super::labels::{Labels, before};
use super::numbers::{Join, Numbers, closes, opens};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

const LABELS: Labels = Labels { far: &["ip", "아이피", "서버", "접속", "dns", "host"], near: &["주소"], behind: &[] };
/// What stands before a version, with a particle or without, and behind one.
const VERSIONS: [&str; 20] = [
    "버전",
    "version",
    "v",
    "ver",
    "ver.",
    "rev",
    "release",
    "판",
    "빌드",
    "릴리스",
    "릴리즈",
    "펌웨어",
    "firmware",
    "커널",
    "kernel",
    "드라이버",
    "ios",
    "android",
    "안드로이드",
    "build",
];
const PARTICLES: [&str; 12] = ["은", "는", "이", "가", "을", "를", "의", "인", "도", "에서", "으로", "로"];
const BEHIND: [&str; 4] = ["버전", "빌드", "릴리스", "릴리즈"];

/// Seven digits and three dots: what is shorter is mostly a version or a chapter.
const SHORT: usize = 10;

pub fn judge(numbers: &Numbers, first: usize) -> Option<usize> {
    let groups = first..first + 4;
    let dotted = (1..4).all(|i| numbers.join(first + i) == Some(Join::Dot)) && groups.end <= numbers.groups.len();
    let range = dotted.then(|| numbers.range(groups.clone()))?;
    if !numbers.are_whole(groups) || !opens(numbers.text, range.start) || !ends(numbers.text, range.end) {
        return None;
    }
    // No leading zeros: parsing refuses them.
    let address: Ipv4Addr = numbers.text[range.clone()].parse().ok()?;
    let short = address.octets()[0] < 10 || range.len() < SHORT;
    let said = before(numbers.text, range.start, 16);
    let said = said.trim_end_matches([' ', '=', ':', '"', '(', '-', '\'']);
    let named = |said: &str| VERSIONS.iter().any(|version| said.ends_with(version));
    let behind = numbers.text[range.end..].trim_start_matches(' ');
    let version = named(said)
        || PARTICLES.iter().any(|particle| said.strip_suffix(particle).is_some_and(named))
        || BEHIND.iter().any(|word| behind.starts_with(word))
        || said.ends_with('제');
    let labelled = || LABELS.stand_by(numbers.text, range.start, range.end);
    let certain = is_of_a_host(address) && !version;
    (certain && (!short || labelled())).then_some(range.end)
}

/// A port or a path may follow, the length of a network's prefix not.
fn ends(text: &str, end: usize) -> bool {
    let rest = &text[end..];
    match rest.bytes().next() {
        Some(b'/') => !rest[1..].starts_with(|c: char| c.is_ascii_digit()),
        Some(b':') => true,
        _ => closes(text, end),
    }
}

fn is_of_a_host(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let network = c == 0 && d == 0;
    let special = a == 100 && (64..128).contains(&b) || a == 198 && matches!(b, 18 | 19) || a == 192 && b == 0 && c == 0;
    let beyond = a == 0 || a >= 224 || special;
    !(network || beyond || address.is_private() || address.is_loopback() || address.is_link_local() || address.is_documentation())
}

/// The address of version 6 around a colon; `from` bounds it to the left.
pub fn judge_v6(text: &str, at: usize, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let is_part = |&&byte: &&u8| byte.is_ascii_hexdigit() || byte == b':';
    let start = at - bytes[from..at].iter().rev().take(40).take_while(is_part).count();
    let end = at + bytes[at..].iter().take(40).take_while(is_part).count();
    let end = start + text[start..end].trim_end_matches(':').len();
    let address: Ipv6Addr = text.get(start..end)?.parse().ok()?;
    let [first, second, ..] = address.segments();
    let special = first == 0x2001 && (second < 0x200 || second == 0xDB8);
    let global = first & 0xE000 == 0x2000 && !special;
    (global && opens(text, start) && closes(text, end)).then_some(start..end)
}
