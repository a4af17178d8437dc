//! E-mail addresses: local part, `@` or `(at)`, a host with a top-level domain. Hangul may stand on either side.

use std::ops::Range;

/// Longest local part (RFC 5321).
const LOCAL: usize = 64;
const HOST: usize = 255;

/// The address around an `@` or the bracket of `(at)`; `from` bounds it to the left.
pub fn judge(text: &str, at: usize, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let (mut before, mut after) = (at, at + 1);
    if bytes[at] != b'@' {
        if !matches!(bytes.get(at + 3), Some(b')' | b']')) {
            return None;
        }
        after = at + 4;
        before -= bytes[from..before].iter().rev().take_while(|&&b| b == b' ').count().min(1);
        after += bytes[after..].iter().take_while(|&&b| b == b' ').count().min(1);
    }
    let is_local = |&&byte: &&u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte);
    let length = bytes[from..before].iter().rev().take(LOCAL + 1).take_while(is_local).count();
    let local = text[before - length..before].trim_start_matches(['.', '-', '%', '+']);
    if local.is_empty() || length > LOCAL || local.ends_with('.') || local.contains("..") {
        return None;
    }
    let is_host = |&&byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let length = bytes[after..].iter().take(HOST).take_while(is_host).count();
    let host = text[after..after + length].trim_end_matches(['.', '-']);
    let host = with_domain(host)?;
    let range = before - local.len()..after + host.len();
    // git@host:path names a repository.
    let is_remote = text[range.end..].starts_with(':') && local == "git";
    (!is_remote).then_some(range)
}

/// The host up to a top-level domain of letters, where it has one.
fn with_domain(host: &str) -> Option<&str> {
    let mut end = host.len();
    loop {
        let (before, last) = host[..end].rsplit_once('.')?;
        if before.split('.').any(|label| label.is_empty() || label.starts_with('-') || label.ends_with('-')) {
            return None;
        }
        if (2..=18).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_alphabetic()) {
            return Some(&host[..end]);
        }
        end = before.len();
    }
}
