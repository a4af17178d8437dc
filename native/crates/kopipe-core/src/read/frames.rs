//! Where a zstd file can be entered: its frames are independent, and most say how long their content is.
//!
//! Walking the frames reads the headers of their blocks (3 bytes each 128 KiB of content), not what they hold.

use crate::error::Result;
use crate::io::Io;
use std::path::Path;
use zstd::zstd_safe::{find_frame_compressed_size, get_frame_content_size};

/// A frame begins at byte `file` of the file and at byte `decoded` of the decoded stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub file: u64,
    pub decoded: u64,
}

/// For each unit the last frame that begins before it: the byte in front of a unit tells whether a record begins
/// there. Nothing where a frame does not say its length, or where there is one frame only.
pub fn entries(io: &Io, path: &Path, unit_size: u64) -> Result<Option<Vec<Entry>>> {
    let file = io.map(path)?;
    let (mut at, mut decoded) = (0usize, 0u64);
    let mut last = Entry { file: 0, decoded: 0 };
    let mut before = last;
    let mut entries = vec![last];
    while at < file.len() {
        let rest = &file[at..];
        let Ok(compressed) = find_frame_compressed_size(rest) else { return Ok(None) };
        let content = match rest {
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => 0,
            _ => match get_frame_content_size(rest) {
                Ok(Some(content)) => content,
                _ => return Ok(None),
            },
        };
        if content > 0 {
            (before, last) = (last, Entry { file: at as u64, decoded });
        }
        decoded += content;
        while decoded > entries.len() as u64 * unit_size {
            let at_boundary = last.decoded == entries.len() as u64 * unit_size;
            entries.push(if at_boundary { before } else { last });
        }
        at += compressed;
    }
    Ok((last.file > 0).then_some(entries))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_before_each_unit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zst");
        let frames: Vec<Vec<u8>> = (0..6).map(|i| zstd::bulk::compress(&[b'a' + i; 100], 3).unwrap()).collect();
        std::fs::write(&path, frames.concat()).unwrap();
        let found = entries(&Io::default(), &path, 250).unwrap().unwrap();
        assert_eq!(found.iter().map(|e| e.decoded).collect::<Vec<_>>(), [0, 200, 400]);
        assert_eq!(found[1].file as usize, frames[0].len() + frames[1].len());
        let found = entries(&Io::default(), &path, 300).unwrap().unwrap();
        assert_eq!(found.iter().map(|e| e.decoded).collect::<Vec<_>>(), [0, 200], "not the frame that begins with the unit");
        std::fs::write(&path, &frames[0]).unwrap();
        assert_eq!(entries(&Io::default(), &path, 250).unwrap(), None, "one frame is read from its beginning");
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
        encoder.include_contentsize(false).unwrap();
        std::io::Write::write_all(&mut encoder, b"abc").unwrap();
        let unsized_frame = encoder.finish().unwrap();
        std::fs::write(&path, [frames[0].clone(), unsized_frame].concat()).unwrap();
        assert_eq!(entries(&Io::default(), &path, 250).unwrap(), None);
    }
}
