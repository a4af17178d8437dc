//! URLs that name the same page as one string: without scheme, `www.`, user, port and fragment, in small letters,
//! percent-encoding undone, the host in ASCII (한글.kr is xn--bj0bj06e.kr) and without the last dot.

use std::borrow::Cow;

#[derive(Debug, PartialEq, Eq)]
pub struct Address {
    /// Host and what follows it, from a `/` or `?` on; without `/` at the end.
    whole: String,
    host: usize,
}

/// Longer addresses are looked at so far.
const LONGEST: usize = 4096;

impl Address {
    /// Nothing where no host stands.
    pub fn of(url: &str) -> Option<Address> {
        let url = url.trim();
        let url = &url[..url.floor_char_boundary(LONGEST)];
        let rest = without_scheme(url);
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = match host.rsplit_once(':') {
            Some((before, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => before,
            _ => host,
        };
        let host = ascii(&decoded(host))?;
        let host = host.trim_end_matches('.');
        let host = host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host);
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let is_number = |host: &str| host.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte));
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).is_some_and(is_number);
        if host.is_empty() || !bracketed && !host.bytes().all(is_name) {
            return None;
        }
        let path = decoded(path.split('#').next().unwrap_or_default()).to_lowercase();
        Some(Address { whole: format!("{host}{}", path.trim_end_matches('/')), host: host.len() })
    }

    pub fn host(&self) -> &str {
        &self.whole[..self.host]
    }

    /// Whether anything stands behind the host.
    pub fn has_path(&self) -> bool {
        self.whole.len() > self.host
    }

    /// The host and all above it.
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        let host = self.host();
        let is_number = host.starts_with('[') || host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let above = host.match_indices('.').map(|(at, _)| &host[at + 1..]).filter(move |_| !is_number);
        std::iter::once(host).chain(above)
    }

    /// The whole, and what stands before each sign that parts a path.
    pub fn prefixes(&self) -> impl Iterator<Item = &str> {
        let parted = self.whole[self.host..].match_indices(['/', '?', '&']).map(|(at, _)| self.host + at).filter(|&at| at > self.host);
        parted.chain(std::iter::once(self.whole.len())).map(|end| self.whole[..end].trim_end_matches('/'))
    }

    /// What stands between signs.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.whole.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
    }

    pub fn whole(&self) -> &str {
        &self.whole
    }
}

fn without_scheme(url: &str) -> &str {
    let is_scheme = |scheme: &str| scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    match url.split_once("//") {
        Some((scheme, rest)) if scheme.strip_suffix(':').map_or(scheme.is_empty(), is_scheme) => rest,
        _ => url,
    }
}

/// `%EA%B0%80` as 가; what is no UTF-8 then stays as it was.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let (bytes, mut plain, mut at) = (text.as_bytes(), Vec::with_capacity(text.len()), 0);
    let digit = |at: usize| bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                plain.push((16 * high + low) as u8);
                at += 3;
            }
            _ => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(plain).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The host in small letters, and in ASCII where it has a form there.
fn ascii(host: &str) -> Option<String> {
    if host.is_ascii() {
        return Some(host.to_ascii_lowercase());
    }
    idna::domain_to_ascii(host).ok()
}
