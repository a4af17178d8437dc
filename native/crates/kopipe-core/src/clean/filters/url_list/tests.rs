use super::super::file::FromFile;
use super::*;
use crate::clean::measures::Buffers;
use crate::clean::scan::scan;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::io::Write;

/// A filter with one list and words.
fn filter(list: &str, words: [&[&str]; 2]) -> UrlList {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("list");
    std::fs::write(&path, list).unwrap();
    let lists = if list.is_empty() { json!([]) } else { json!([path]) };
    serde_json::from_value(json!({"key": "url", "lists": lists, "words": words[0], "soft-words": words[1]})).unwrap()
}

fn judged(filter: &UrlList, metadata: &str) -> Option<&'static str> {
    let mut buffers = Buffers::default();
    let mut measures = Measures::new("글", scan("글"), &mut buffers).with_metadata(metadata.as_bytes());
    filter.judge(&mut measures).map(|verdict| verdict.reason)
}

fn reason(filter: &UrlList, url: &str) -> Option<&'static str> {
    judged(filter, &format!(",\"n\":1,\"url\":{}", json!(url)))
}

#[test]
fn a_domain_is_listed_with_all_below_it() {
    let list = filter("# adult\nexample.com\n한글.kr\n10.0.0.1\nWWW.Upper.NET.\nhttp://scheme.org:8080/\n", [&[], &[]]);
    for url in [
        "https://example.com/a?b",
        "http://blog.example.com",
        "EXAMPLE.com.",
        "//user:pw@www.example.com:8080/",
        "https://ex%61mple.com",
        "https://한글.kr/a",
        "https://xn--bj0bj06e.kr/",
        "https://a.XN--BJ0BJ06E.kr/",
        "http://10.0.0.1/x",
        "upper.net",
        "https://scheme.org/a",
    ] {
        assert_eq!(reason(&list, url), Some("url-list-domain"), "{url}");
    }
    for url in ["https://notexample.com", "https://example.com.kr", "https://com/", "https://a.b/?u=example.com", "http://1.10.0.0.1", "ß%2Fexample.com", "", "///"] {
        assert_eq!(reason(&list, url), None, "{url}");
    }
}

#[test]
fn a_url_is_listed_with_all_paths_under_it() {
    let list = filter("example.com/bad/\nhttps://a.kr/%ea%b0%80?q=1\n", [&[], &[]]);
    for url in ["http://example.com/bad", "https://www.example.com/BAD/x/y#z", "https://example.com/bad?x=1", "https://a.kr/가?q=1&r=2"] {
        assert_eq!(reason(&list, url), Some("url-list-url"), "{url}");
    }
    for url in ["https://example.com/badly", "https://example.com/", "https://b.example.com/bad", "https://a.kr/가?q=12"] {
        assert_eq!(reason(&list, url), None, "{url}");
    }
}

#[test]
fn lists_come_in_several_forms() {
    let hosts = "127.0.0.1 localhost\n0.0.0.0 ads.kr ads2.kr # two\n::1 ip6.kr\n! adblock\n[Adblock Plus 2.0]\n||block.kr^\n||path.kr/x^$third-party\n||*.star.kr^\n@@||good.kr^\nsite.kr##.banner\n/banner/*\ncom\n";
    let list = filter(hosts, [&[], &[]]);
    let dropped = ["ads.kr", "ads2.kr", "ip6.kr", "block.kr", "path.kr/x/y"];
    assert!(dropped.iter().all(|url| reason(&list, url).is_some()), "{list:?}");
    let kept = ["localhost", "path.kr", "star.kr", "good.kr", "site.kr", "two", "a.com", "banner"];
    assert_eq!(kept.map(|url| reason(&list, url)), [None; 8]);
}

#[test]
fn lists_are_read_compressed_and_an_empty_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("domains.gz");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"a.kr\nb.kr\n").unwrap();
    for bytes in [gzip.finish().unwrap(), zstd::encode_all(&b"a.kr\nb.kr\n"[..], 1).unwrap(), b"a.kr\r\nb.kr".to_vec()] {
        std::fs::write(&path, bytes).unwrap();
        let list = List::from_file(&path).unwrap();
        assert!(list.has_domain("a.kr") && list.has_domain("b.kr") && list.len() == 2);
    }
    std::fs::write(&path, "# nothing\n").unwrap();
    assert!(List::from_file(&path).unwrap_err().to_string().contains("lists nothing"));
}

#[test]
fn words_stand_between_signs() {
    let words = filter("", [&["casino", "카지노"], &["live", "bet", "bonus"]]);
    assert_eq!(reason(&words, "https://a.kr/Casino-1"), Some("url-list-word"));
    assert_eq!(reason(&words, "https://a.kr/%EC%B9%B4%EC%A7%80%EB%85%B8"), Some("url-list-word"));
    assert_eq!(reason(&words, "https://casino.kr"), Some("url-list-word"));
    assert_eq!(reason(&words, "https://live.kr/bonus"), Some("url-list-soft-words"));
    assert_eq!(reason(&words, "https://live.kr/live?casinos"), None);
}

#[test]
fn the_key_may_be_nested_and_a_document_without_it_stays() {
    let mut list = filter("example.com\n", [&[], &[]]);
    for metadata in ["", ",\"uri\":\"example.com\"", ",\"url\":7", ",\"url\":null", ",\"a\":{\"url\":\"example.com\"}"] {
        assert_eq!(judged(&list, metadata), None, "{metadata}");
    }
    list.key = "meta.url".into();
    for metadata in [",\"meta\":{\"url\":\"http:\\/\\/example.com\"}", ",\"n\":1,\"meta.url\":\"example.com\""] {
        assert_eq!(judged(&list, metadata), Some("url-list-domain"), "{metadata}");
    }
}

/// Domains and URLs in lists, and no hashes: what the filter says of addresses made of a few labels.
fn slowly(list: &[String], url: &str) -> Option<&'static str> {
    let plain = |text: &str| text.trim_start_matches("https://").trim_end_matches('/').to_owned();
    let url = plain(url);
    let host = url.split(['/', '?']).next().unwrap().to_owned();
    let entries = || list.iter().map(|entry| plain(entry));
    if entries().any(|entry| !entry.contains('/') && (host == entry || host.ends_with(&format!(".{entry}")))) {
        return Some("url-list-domain");
    }
    let under = |entry: String| entry.contains('/') && (url == entry || ["/", "?", "&"].iter().any(|sign| url.starts_with(&format!("{entry}{sign}"))));
    entries().any(under).then_some("url-list-url")
}

proptest! {
    #[test]
    fn equals_its_twin(entries in prop::collection::vec("[ab]{1,2}(\\.[ab]){1,2}(/[ab]{1,2}){0,2}", 1..6), url in "https://[ab]{1,2}(\\.[ab]){1,3}(/[ab]{1,2}){0,3}(\\?[ab])?/?") {
        prop_assert_eq!(reason(&filter(&entries.join("\n"), [&[], &[]]), &url), slowly(&entries, &url), "{:?} {}", entries, url);
    }
}

/// test/golden/url_list.json has what datatrove's URLFilter says of the same lists; `differs` names why it says otherwise.
#[test]
fn verdicts_equal_datatroves() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../test/golden/url_list.json");
    let golden: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let strings = |key: &str| golden[key].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect::<Vec<_>>();
    let list = [strings("domains"), strings("urls")].concat().join("\n");
    let filter = filter(&list, [&strings("words"), &strings("soft-words")]);
    let cases = golden["cases"].as_array().unwrap();
    for case in cases {
        let url = case["url"].as_str().unwrap();
        let expected = match case["theirs"].as_str() {
            Some("domain" | "subdomain") => Some("url-list-domain"),
            Some("url") => Some("url-list-url"),
            Some("hard_blacklisted") => Some("url-list-word"),
            Some("soft_blacklisted") => Some("url-list-soft-words"),
            _ => None,
        };
        assert_eq!(reason(&filter, url) == expected, case["differs"].is_null(), "{url}: {:?}, theirs {expected:?}", reason(&filter, url));
    }
    assert!(cases.len() >= 60 && cases.iter().filter(|case| case["differs"].is_null()).count() >= 40);
}

#[test]
#[ignore = "a table for people"]
fn measure_five_million_domains() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut lines = std::io::BufWriter::new(&file);
    (0..5_000_000u64).for_each(|n| writeln!(lines, "{:x}.example{}.com", n.wrapping_mul(0x9E37_79B9_7F4A_7C15), n % 9973).unwrap());
    lines.flush().unwrap();
    let started = std::time::Instant::now();
    let list = List::from_file(file.path()).unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    println!("{} entries, {} bytes of text, {:?}, {peak}", list.len(), file.as_file().metadata().unwrap().len(), started.elapsed());
}
