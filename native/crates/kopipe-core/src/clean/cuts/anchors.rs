//! Whether a text can have anything to cut at its ends, told without reading it: every form at the beginning has one of
//! three bytes, and what ends like a sentence ends with no form.

use super::HEAD;
use memchr::memchr3;

pub fn head(text: &str) -> bool {
    // A form that begins at the limit has its bytes behind it.
    memchr3(b'=', b']', b'@', &text.as_bytes()[..text.len().min(2 * HEAD)]).is_some()
}

pub fn tail(text: &str) -> bool {
    const ENDS: [&str; 6] = ["다.", "요.", "다.\"", "다.”", "까?", "죠."];
    let text = text.trim_end();
    !ENDS.iter().any(|end| text.ends_with(end))
}
