//! What must hold for any list and any URL. The fuzz target `url_list` looks for bytes that break it; the test below
//! replays what it started from.

use super::address::Address;
use super::list::List;

/// The first line is a URL, the others are a list.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (url, lines) = text.split_once('\n').unwrap_or((&text, ""));
    let list = List::read(lines.as_bytes()).expect("memory can be read");
    assert!(list.len() <= lines.len());
    let Some(address) = Address::of(url) else { return };
    // What is plain stays plain, and its parts are parts of it.
    if !address.whole().contains(['%', '@', ':', '\\']) {
        let again = Address::of(address.whole()).expect("it has a host");
        assert!(again.host() == address.host() || address.host().starts_with("www."), "{url:?} {again:?}");
    }
    for domain in address.domains() {
        assert!(address.host().ends_with(domain));
        list.has_domain(domain);
    }
    for prefix in address.prefixes() {
        assert!(address.whole().starts_with(prefix));
        list.has_url(prefix);
    }
    assert!(address.words().all(|word| address.whole().contains(word)));
}

#[cfg(test)]
mod tests {
    #[test]
    fn holds_for_what_the_fuzzer_starts_from() {
        assert!(crate::seeds::replay("url_list", super::check) >= 4);
    }
}
