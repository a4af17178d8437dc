//! Reading a model's bytes front to back: what ends early is damage, with the place where it ended.

use crate::error::{Error, Result};
use std::ops::Range;
use std::path::Path;

pub struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
    path: &'b Path,
}

impl<'b> Cursor<'b> {
    pub fn new(bytes: &'b [u8], path: &'b Path) -> Self {
        Cursor { bytes, at: 0, path }
    }

    /// The file is not what it should be, as was seen just before.
    pub fn wrong(&self, what: impl Into<String>) -> Error {
        Error::corrupt(self.path, self.at as u64, what)
    }

    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Where the next bytes lie, all of them within the file.
    pub fn take(&mut self, length: usize) -> Result<Range<usize>> {
        if length > self.left() {
            return Err(self.wrong(format!("{length} bytes should follow, {} do", self.left())));
        }
        self.at += length;
        Ok(self.at - length..self.at)
    }

    /// The same of so many things of a size.
    pub fn take_all(&mut self, count: usize, size: usize) -> Result<Range<usize>> {
        let length = count.checked_mul(size).ok_or_else(|| self.wrong(format!("{count} times {size} bytes are more than a file")))?;
        self.take(length)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let range = self.take(N)?;
        Ok(self.bytes[range].try_into().expect("as long as asked for"))
    }

    pub fn u8(&mut self) -> Result<u8> {
        self.array().map(|[byte]| byte)
    }

    pub fn i32(&mut self) -> Result<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub fn i32s<const N: usize>(&mut self) -> Result<[i32; N]> {
        let mut all = [0; N];
        for value in &mut all {
            *value = self.i32()?;
        }
        Ok(all)
    }

    pub fn i64(&mut self) -> Result<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub fn flag(&mut self, what: &str) -> Result<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.wrong(format!("{what} is 0 or 1, not {other}"))),
        }
    }

    /// A count that is not negative.
    pub fn count(&mut self, what: &str) -> Result<usize> {
        let value = self.i64()?;
        usize::try_from(value).map_err(|_| self.wrong(format!("it has {value} {what}")))
    }

    /// A string up to its NUL, which is passed.
    pub fn string(&mut self) -> Result<Range<usize>> {
        let Some(length) = memchr::memchr(0, &self.bytes[self.at..]) else { return Err(self.wrong("a word does not end")) };
        let range = self.take(length)?;
        self.at += 1;
        Ok(range)
    }

    pub fn get(&self, range: Range<usize>) -> &'b [u8] {
        &self.bytes[range]
    }

    pub fn end(&self) -> Result<()> {
        if self.left() == 0 { Ok(()) } else { Err(self.wrong(format!("{} bytes stand behind the model", self.left()))) }
    }
}
