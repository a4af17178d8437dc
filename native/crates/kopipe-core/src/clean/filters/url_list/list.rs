//! A block list: plain, gzip or zstd, a line each. Domains and URLs (as UT1 has them), `0.0.0.0 domain` (a hosts file),
//! `||domain^` (adblock); what stands behind `#` or `!` is said to people, and other adblock rules are not for documents.
//!
//! A domain takes 8 bytes. 5 million of them, 164 MB of text, are read in 1.1 s and 44 MB of memory.

use super::super::file::FromFile;
use super::address::Address;
use crate::error::{Error, Result};
use crate::io::Io;
use crate::read::decoded::{Decoded, sniff};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;

#[derive(Debug, Default)]
pub struct List {
    domains: Vec<u64>,
    urls: Vec<u64>,
}

/// A longer line is no entry, and only so much of it is held.
const LONGEST: u64 = 1 << 16;

impl List {
    pub fn read(mut lines: impl BufRead) -> std::io::Result<List> {
        let (mut list, mut line) = (List::default(), Vec::new());
        loop {
            line.clear();
            if lines.by_ref().take(LONGEST).read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.len() as u64 == LONGEST {
                lines.skip_until(b'\n')?;
                continue;
            }
            if let Ok(line) = std::str::from_utf8(&line) {
                list.add_line(line);
            }
        }
        for hashes in [&mut list.domains, &mut list.urls] {
            hashes.sort_unstable();
            hashes.dedup();
            hashes.shrink_to_fit();
        }
        Ok(list)
    }

    fn add_line(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', '!', '[', '@']) && !line.starts_with("[::") {
            return;
        }
        if let Some(rule) = line.strip_prefix("||") {
            let rule = rule.split('$').next().unwrap_or_default();
            match rule.strip_suffix('^') {
                Some(entry) if !entry.contains(['*', '^', '|']) => self.add(entry),
                _ => {}
            }
            return;
        }
        let mut fields = line.split_whitespace().take_while(|field| !field.starts_with('#'));
        let Some(first) = fields.next() else { return };
        if line.contains(['*', '^', '|']) || line.contains("##") {
            return;
        }
        match first.parse::<std::net::IpAddr>() {
            Ok(_) if fields.clone().next().is_some() => fields.for_each(|name| self.add(name)),
            _ => self.add(first),
        }
    }

    /// Not names without a dot: `localhost`, `com`.
    fn add(&mut self, entry: &str) {
        // Most are plain domains: nothing is to be done to them.
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
        if entry.bytes().all(is_plain) && !entry.starts_with("www.") && !entry.ends_with('.') {
            if entry.contains('.') {
                self.domains.push(xxh3_64(entry.as_bytes()));
            }
            return;
        }
        match Address::of(entry) {
            Some(address) if !address.host().contains(['.', ':']) => {}
            Some(address) if address.has_path() => self.urls.push(xxh3_64(address.whole().as_bytes())),
            Some(address) => self.domains.push(xxh3_64(address.host().as_bytes())),
            None => {}
        }
    }

    pub fn has_domain(&self, domain: &str) -> bool {
        self.domains.binary_search(&xxh3_64(domain.as_bytes())).is_ok()
    }

    pub fn has_urls(&self) -> bool {
        !self.urls.is_empty()
    }

    pub fn has_url(&self, url: &str) -> bool {
        self.urls.binary_search(&xxh3_64(url.as_bytes())).is_ok()
    }

    pub fn len(&self) -> usize {
        self.domains.len() + self.urls.len()
    }
}

impl FromFile for List {
    fn from_file(path: &Path) -> Result<Self> {
        let io = Io::default();
        let lines = Decoded::open(&io, path, sniff(&io, path)?, 0, None)?;
        let list = List::read(BufReader::with_capacity(1 << 20, lines)).map_err(|e| Error::io("read", path, e))?;
        if list.len() == 0 {
            let path = path.display();
            return Err(Error::invalid(format!(
                "{path} lists nothing: expected a domain or URL a line, also as 0.0.0.0 domain or ||domain^"
            )));
        }
        Ok(list)
    }
}
