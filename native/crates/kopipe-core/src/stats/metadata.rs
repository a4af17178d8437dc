//! What documents say of themselves beside their text: which keys, how many values differ and which are frequent; and, where a key
//! is known to hold it, licence, date and host.

use super::sketch::{Distinct, Frequent, StoredFrequent};
use crate::batch::Count;
use crate::error::Result;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64;

/// Keys and values beyond these are counted together.
const MAX_KEYS: usize = 64;
const MAX_NAMED: usize = 1000;
pub const OTHERS: &str = "(others)";

const REGISTERS: u8 = 11;
const PLACES: usize = 1 << 10;
const HOSTS: usize = 1 << 13;

/// Keys that name the licence of a document.
pub const LICENCES: [&str; 3] = ["licence", "license", "rights"];
const DATES: [&str; 11] =
    ["date", "created", "created_at", "published", "published_at", "pubDate", "timestamp", "time", "updated", "crawled", "year"];
const ADDRESSES: [&str; 6] = ["url", "link", "uri", "domain", "host", "site"];

#[derive(Debug, Clone)]
pub struct Key {
    pub docs: u64,
    pub distinct: Distinct,
    pub frequent: Frequent,
}

#[derive(Debug, Clone)]
pub struct Metadata {
    pub keys: BTreeMap<String, Key>,
    pub licences: BTreeMap<String, Count>,
    pub dates: BTreeMap<String, Count>,
    pub hosts: Key,
}

impl Key {
    fn new(places: usize) -> Self {
        Key { docs: 0, distinct: Distinct::new(REGISTERS), frequent: Frequent::new(places) }
    }

    fn add(&mut self, value: &str, weight: u64) {
        let hash = xxh3_64(value.as_bytes());
        self.docs += weight;
        self.distinct.add(hash);
        self.frequent.add(hash, weight, value);
    }

    fn merge(&mut self, more: &Key) {
        self.docs += more.docs;
        self.distinct.merge(&more.distinct);
        self.frequent.merge(&more.frequent);
    }
}

impl Default for Metadata {
    fn default() -> Self {
        Metadata { keys: BTreeMap::new(), licences: BTreeMap::new(), dates: BTreeMap::new(), hosts: Key::new(HOSTS) }
    }
}

impl Metadata {
    /// `metadata` is `,"key":value` of each key as it came; `bytes` those of the text.
    pub fn add(&mut self, metadata: &str, bytes: u64, weight: u64) {
        let (mut licence, mut date, mut host) = (None, None, None);
        for (key, value) in Pairs(metadata) {
            let name = if self.keys.contains_key(key) || self.keys.len() < MAX_KEYS { key } else { OTHERS };
            if !self.keys.contains_key(name) {
                self.keys.insert(name.to_owned(), Key::new(PLACES));
            }
            if let Some(of) = self.keys.get_mut(name) {
                of.add(value, weight);
            }
            licence = licence.or_else(|| LICENCES.contains(&key).then(|| string(value)).flatten());
            date = date.or_else(|| DATES.contains(&key).then(|| month(value)).flatten());
            host = host.or_else(|| ADDRESSES.contains(&key).then(|| string(value).and_then(host_of)).flatten());
        }
        count(&mut self.licences, licence.unwrap_or_default(), bytes, weight);
        count(&mut self.dates, date.as_deref().unwrap_or_default(), bytes, weight);
        if let Some(host) = host {
            self.hosts.add(&host, weight);
        }
    }

    pub fn merge(&mut self, more: &Metadata) {
        for (key, other) in &more.keys {
            let name = if self.keys.contains_key(key) || self.keys.len() < MAX_KEYS { key.as_str() } else { OTHERS };
            self.keys.entry(name.to_owned()).or_insert_with(|| Key::new(PLACES)).merge(other);
        }
        for (into, from) in [(&mut self.licences, &more.licences), (&mut self.dates, &more.dates)] {
            for (name, Count { docs, bytes }) in from {
                add_named(into, name, *docs, *bytes);
            }
        }
        self.hosts.merge(&more.hosts);
    }
}

fn count(into: &mut BTreeMap<String, Count>, name: &str, bytes: u64, weight: u64) {
    add_named(into, name, weight, weight * bytes);
}

fn add_named(into: &mut BTreeMap<String, Count>, name: &str, docs: u64, bytes: u64) {
    let name = if into.contains_key(name) || into.len() < MAX_NAMED { name } else { OTHERS };
    match into.get_mut(name) {
        Some(sum) => {
            sum.docs += docs;
            sum.bytes += bytes;
        }
        None => drop(into.insert(name.to_owned(), Count { docs, bytes })),
    }
}

/// A JSON string without escapes; others say nothing that is looked for.
fn string(value: &str) -> Option<&str> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.is_empty() && inner.len() <= 200 && !inner.contains('\\')).then_some(inner)
}

/// `2023-05` of a date that begins as ISO 8601 has it, with any sign between; `2023` where it says no more.
fn month(value: &str) -> Option<String> {
    let digits = |text: &str, n: usize| text.get(..n).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let date = string(value).unwrap_or(value);
    let year = date.get(..4).filter(|_| digits(date, 4))?;
    if !("1000"..="2999").contains(&year) {
        return None;
    }
    let rest = date[4..].trim_start_matches(['-', '.', '/', ' ']);
    let month = rest.get(..2).filter(|_| digits(rest, 2) && !rest.starts_with("00") && &rest[..2] <= "12");
    // Of `1700000000`, seconds since 1970, nothing is a year.
    if value.len() > 8 && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(month.map_or(year.to_owned(), |month| format!("{year}-{month}")))
}

/// The host of an address, or of what is one itself, in small letters and without `www.`.
fn host_of(address: &str) -> Option<String> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (host.contains('.') && !host.contains(' ')).then(|| host.to_owned())
}

/// `,"key":value` one after the other. What stands there is JSON that was parsed when the record was.
struct Pairs<'a>(&'a str);

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.strip_prefix(',')?;
        let key = end_of_string(rest)?;
        let value = rest.get(key..)?.strip_prefix(':')?;
        let end = end_of_value(value);
        self.0 = &value[end..];
        Some((&rest[1..key - 1], &value[..end]))
    }
}

/// Behind the quotation mark that ends the string that begins here.
fn end_of_string(json: &str) -> Option<usize> {
    let bytes = json.strip_prefix('"')?.as_bytes();
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at + 2),
            _ => at += 2,
        }
    }
}

fn end_of_value(json: &str) -> usize {
    let (bytes, mut at, mut depth) = (json.as_bytes(), 0, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at += end_of_string(&json[at..]).unwrap_or(json.len() - at) - 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// As it lies in the file of a part.
#[derive(Serialize, Deserialize)]
pub struct Stored {
    keys: Vec<(String, StoredKey)>,
    licences: Vec<(String, u64, u64)>,
    dates: Vec<(String, u64, u64)>,
    hosts: StoredKey,
}

#[derive(Serialize, Deserialize)]
struct StoredKey {
    docs: u64,
    distinct: Vec<u8>,
    frequent: StoredFrequent,
}

impl Metadata {
    pub fn store(&self) -> Stored {
        let named = |counts: &BTreeMap<String, Count>| counts.iter().map(|(name, count)| (name.clone(), count.docs, count.bytes)).collect();
        Stored {
            keys: self.keys.iter().map(|(name, key)| (name.clone(), key.store())).collect(),
            licences: named(&self.licences),
            dates: named(&self.dates),
            hosts: self.hosts.store(),
        }
    }

    pub fn read(stored: Stored) -> Result<Self> {
        let named = |counts: Vec<(String, u64, u64)>| counts.into_iter().map(|(name, docs, bytes)| (name, Count { docs, bytes })).collect();
        Ok(Metadata {
            keys: stored.keys.into_iter().map(|(name, key)| Ok((name, Key::read(key)?))).collect::<Result<_>>()?,
            licences: named(stored.licences),
            dates: named(stored.dates),
            hosts: Key::read(stored.hosts)?,
        })
    }
}

impl Key {
    fn store(&self) -> StoredKey {
        StoredKey { docs: self.docs, distinct: self.distinct.store(), frequent: self.frequent.store() }
    }

    fn read(stored: StoredKey) -> Result<Self> {
        Ok(Key { docs: stored.docs, distinct: Distinct::read(&stored.distinct)?, frequent: Frequent::read(stored.frequent)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_those_of_the_object() {
        let metadata = r#","a":"x,\"y","b":[1,{"c":"]}"}],"d":null,"e\"f":{"g":2},"h":1.5"#;
        let found: Vec<_> = Pairs(metadata).collect();
        let expected = [("a", r#""x,\"y""#), ("b", r#"[1,{"c":"]}"}]"#), ("d", "null"), (r#"e\"f"#, r#"{"g":2}"#), ("h", "1.5")];
        assert_eq!(found, expected);
        for broken in ["", "x", ",", ",\"a", ",\"a\"", ",\"a\":", ",\"a\":\"", ",\"a\":\"\\", ",\"a\":["] {
            assert!(Pairs(broken).count() <= 1);
        }
    }

    #[test]
    fn dates_hosts_and_licences_are_read_from_their_keys() {
        let mut metadata = Metadata::default();
        metadata.add(r#","license":"CC BY-SA 4.0","date":"2023-05-01T10:00","url":"https://user@WWW.Example.co.kr:80/a?b""#, 10, 1);
        metadata.add(r#","date":"2023.05.07.","domain":"example.co.kr","year":2021"#, 5, 1);
        metadata.add(r#","timestamp":1700000000,"url":"not an address""#, 1, 1);
        metadata.add("", 1, 1);
        let named = |counts: &BTreeMap<String, Count>| counts.iter().map(|(k, v)| (k.clone(), v.docs, v.bytes)).collect::<Vec<_>>();
        assert_eq!(named(&metadata.licences), [("".into(), 3, 7), ("CC BY-SA 4.0".into(), 1, 10)]);
        assert_eq!(named(&metadata.dates), [("".into(), 2, 2), ("2023-05".into(), 2, 15)]);
        assert_eq!((metadata.hosts.docs, metadata.hosts.frequent.list(5)[0].text.as_str()), (2, "example.co.kr"));
        assert_eq!(metadata.keys["url"].docs, 2);
        assert_eq!(
            ["\"20230501\"", "\"2023년\"", "202", "20240102", "\"9999-01\"", "\"2023-13\""].map(month),
            [Some("2023-05".into()), Some("2023".into()), None, Some("2024-01".into()), None, Some("2023".into())]
        );
    }

    #[test]
    fn no_number_of_keys_or_values_makes_it_grow() {
        let mut metadata = Metadata::default();
        for i in 0..3000 {
            metadata.add(&format!(r#","key{i}":{i},"license":"l{i}""#), 1, 1);
        }
        assert!(metadata.keys.len() <= MAX_KEYS + 1 && metadata.licences.len() <= MAX_NAMED + 1);
        assert_eq!(metadata.licences.values().map(|count| count.docs).sum::<u64>(), 3000);
        let again = Metadata::read(postcard::from_bytes(&postcard::to_stdvec(&metadata.store()).unwrap()).unwrap()).unwrap();
        assert_eq!(again.keys["key7"].docs, 1);
        let mut twice = metadata.clone();
        twice.merge(&again);
        assert_eq!(twice.licences[OTHERS].docs, 2 * metadata.licences[OTHERS].docs);
    }
}
