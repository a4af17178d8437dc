//! URLs. What a URL leads to is public; what opens a door is not: a password before the host, or a parameter that is a
//! key, a token, a session or a signature. Style `polyglot` cuts only such URLs, style `dps` every one, as dps does.

use std::ops::Range;

/// Names of parameters whose value is a secret, in lower case and without `-` and `_`.
const SECRETS: [&str; 34] = [
    "token",
    "accesstoken",
    "idtoken",
    "refreshtoken",
    "authtoken",
    "auth",
    "authkey",
    "key",
    "apikey",
    "appkey",
    "servicekey",
    "crtfckey",
    "confmkey",
    "password",
    "passwd",
    "pwd",
    "pw",
    "secret",
    "clientsecret",
    "session",
    "sessionid",
    "sessid",
    "sid",
    "jsessionid",
    "phpsessid",
    "sig",
    "signature",
    "xamzsignature",
    "xgoogsignature",
    "xamzsecuritytoken",
    "awsaccesskeyid",
    "ticket",
    "otp",
    "code",
];

/// A secret has at least so many characters.
const SHORTEST: usize = 8;
/// Under a name that also means other things it looks drawn by chance.
const DRAWN: usize = 16;

pub struct Url {
    pub range: Range<usize>,
    pub secret: bool,
}

/// The URL that has `://` at a place, or begins with `www` there; `from` bounds it to the left.
pub fn judge(text: &str, at: usize, from: usize) -> Option<Url> {
    let bytes = text.as_bytes();
    let (start, host) = if bytes[at] == b':' {
        let is_scheme = |&&byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = bytes[from..at].iter().rev().take(16).take_while(is_scheme).count();
        let scheme = &text[at - length..at];
        let scheme = scheme.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        if scheme.len() < 2 {
            return None;
        }
        (at - scheme.len(), at + 3)
    } else {
        let opened = !text[from..at].ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '@' | '/'));
        if !opened || bytes.get(at + 3) != Some(&b'.') {
            return None;
        }
        (at, at)
    };
    let end = end_of(text, host);
    let rest = &text[host..end];
    if !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') || !rest.contains(['.', ':']) && !rest.contains("localhost") {
        return None;
    }
    Some(Url { range: start..end, secret: has_password(rest) || has_secret(rest) })
}

/// A URL ends before what is not ASCII (particles follow directly), and before the signs that close a sentence.
fn end_of(text: &str, from: usize) -> usize {
    let is_part = |&&byte: &&u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    let mut end = from + text.as_bytes()[from..].iter().take_while(is_part).count();
    while let Some(last) = text[from..end].chars().next_back() {
        let closing = match last {
            ')' => !text[from..end].contains('('),
            ']' => !text[from..end].contains('['),
            _ => matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_'),
        };
        if !closing {
            break;
        }
        end -= 1;
    }
    end
}

/// `user:password@` before the host.
fn has_password(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).is_some_and(|(_, password)| !is_placeholder(password))
}

fn has_secret(rest: &str) -> bool {
    let Some(at) = rest.find(['?', '#', ';']) else { return false };
    rest[at + 1..].split(['&', ';', '?', '#']).filter_map(|pair| pair.split_once('=')).any(|(name, value)| {
        let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
        if !SECRETS.contains(&name.as_str()) || value.len() < SHORTEST || is_placeholder(value) {
            return false;
        }
        let ambiguous = matches!(name.as_str(), "key" | "code" | "auth" | "sid" | "session" | "ticket" | "pw" | "sig");
        let mixed = value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_alphabetic());
        value.bytes().any(|b| b.is_ascii_digit()) && (!ambiguous || value.len() >= DRAWN && mixed)
    })
}

/// What documentation writes where a secret belongs: its words and nothing else, `YOUR_API_KEY` or `password1234`.
fn is_placeholder(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    let opens = value.is_empty() || value.starts_with(['<', '{', '$', '[', '%', '*', ':']);
    let hidden = ["...", "***", "xxx", "example"].iter().any(|sign| value.contains(sign));
    let mut rest: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    WORDS.iter().for_each(|word| rest = rest.replace(word, ""));
    opens || hidden || rest.is_empty() || "1234567890".starts_with(&rest)
}

/// The longer first.
const WORDS: [&str; 23] = [
    "signature",
    "password",
    "session",
    "passwd",
    "secret",
    "access",
    "client",
    "ticket",
    "value",
    "token",
    "pass",
    "your",
    "user",
    "auth",
    "code",
    "here",
    "pwd",
    "sig",
    "key",
    "api",
    "foo",
    "bar",
    "my",
];
