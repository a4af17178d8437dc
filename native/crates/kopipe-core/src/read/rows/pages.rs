//! How large the pages of a Parquet column chunk say they are, before anything is unpacked: a page of a few kilobytes may
//! hold gigabytes, and the library takes what it is given.
//!
//! Page headers are Thrift structs in the compact protocol (parquet.thrift); only three of their numbers are read, all
//! else is passed over. Cost: one small read a page.

use std::io::{self, Read, Seek, SeekFrom};

/// Structs and lists within a header nest no deeper than this.
const MAX_DEPTH: u32 = 16;

/// The largest page within the bytes `start..end`, in bytes unpacked. What does not read as pages ends the walk: the
/// library will say why.
pub fn largest(file: &mut (impl Read + Seek), start: u64, end: u64) -> io::Result<u64> {
    let (mut at, mut largest) = (start, 0);
    while at < end {
        file.seek(SeekFrom::Start(at))?;
        let mut thrift = Compact { from: file, read: 0 };
        let Ok(header) = thrift.page() else { break };
        at += thrift.read + header.packed;
        largest = largest.max(header.unpacked).max(header.packed);
    }
    Ok(largest)
}

struct Page {
    unpacked: u64,
    packed: u64,
}

struct Compact<'a, R> {
    from: &'a mut R,
    read: u64,
}

const STOP: u8 = 0;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

impl<R: Read> Compact<'_, R> {
    /// `PageHeader`: 1 type, 2 uncompressed_page_size, 3 compressed_page_size, and what belongs to the type.
    fn page(&mut self) -> io::Result<Page> {
        let (mut id, mut page) = (0, Page { unpacked: 0, packed: 0 });
        while let Some((field, kind)) = self.field(&mut id)? {
            match (field, kind) {
                (2, 4..=6) => page.unpacked = self.integer()?.max(0) as u64,
                (3, 4..=6) => page.packed = self.integer()?.max(0) as u64,
                _ => self.pass(kind, 0)?,
            }
        }
        Ok(page)
    }

    /// Id and type of the next field; nothing at the end of the struct.
    fn field(&mut self, id: &mut i64) -> io::Result<Option<(i64, u8)>> {
        let byte = self.byte()?;
        if byte == STOP {
            return Ok(None);
        }
        *id = match byte >> 4 {
            0 => self.integer()?,
            delta => id.wrapping_add(i64::from(delta)),
        };
        Ok(Some((*id, byte & 15)))
    }

    fn pass(&mut self, kind: u8, depth: u32) -> io::Result<()> {
        if depth > MAX_DEPTH {
            return Err(io::ErrorKind::InvalidData.into());
        }
        match kind {
            // Booleans of a struct are in their type.
            1 | 2 => Ok(()),
            3 => self.skip(1),
            4..=6 => self.integer().map(drop),
            7 => self.skip(8),
            BINARY => {
                let length = self.varint()?;
                self.skip(length)
            }
            LIST | SET => {
                let byte = self.byte()?;
                let length = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
                (0..length).try_for_each(|_| self.pass_element(byte & 15, depth))
            }
            MAP => {
                let length = self.varint()?;
                let kinds = if length > 0 { self.byte()? } else { 0 };
                (0..length).try_for_each(|_| self.pass_element(kinds >> 4, depth).and_then(|()| self.pass_element(kinds & 15, depth)))
            }
            STRUCT => {
                let mut id = 0;
                while let Some((_, kind)) = self.field(&mut id)? {
                    self.pass(kind, depth + 1)?;
                }
                Ok(())
            }
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Booleans take a byte in a list; nothing takes none, so that no length runs for ever.
    fn pass_element(&mut self, kind: u8, depth: u32) -> io::Result<()> {
        if matches!(kind, 1 | 2) { self.skip(1) } else { self.pass(kind, depth + 1) }
    }

    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.from.read_exact(&mut byte)?;
        self.read += 1;
        Ok(byte[0])
    }

    fn varint(&mut self) -> io::Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    fn integer(&mut self) -> io::Result<i64> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let passed = io::copy(&mut self.from.take(bytes), &mut io::sink())?;
        self.read += passed;
        if passed == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}
