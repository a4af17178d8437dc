//! Arrow IPC: the file format is mapped, and columns that are not compressed are read where they lie; streams, and
//! files inside gzip or zstd, are read record batch by record batch.

use super::{Piece, Source, cut, size_of};
use crate::error::{Error, Result};
use crate::io::Io;
use crate::read::decoded::{Compression, Decoded};
use crate::read::{Container, ReadOptions};
use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::reader::{FileDecoder, StreamDecoder, read_footer_length};
use arrow_ipc::{Block, Message, convert, root_as_footer, root_as_message};
use arrow_schema::ArrowError;
use memmap2::{Mmap, UncheckedAdvice};
use std::io::{BufRead, BufReader, Read};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::ptr::NonNull;
use std::sync::Arc;

/// Bytes of a record batch that is held unpacked; more where documents may be larger.
const LARGEST_BATCH: u64 = 1 << 29;
/// What is mapped is let go after so many bytes: pages that were read count as memory until then.
const LET_GO: u64 = 1 << 26;
/// `ARROW1`; behind it and its padding the file format holds a stream.
const MAGIC: usize = 6;

struct File {
    map: Arc<Mmap>,
    decoder: FileDecoder,
    blocks: Vec<Block>,
}

impl File {
    fn open(io: &Io, path: &Path) -> Result<Self> {
        let map = Arc::new(io.map(path)?);
        let damaged = |what: String| Error::corrupt(path, map.len() as u64, what);
        let tail = map.last_chunk::<10>().ok_or_else(|| damaged("no Arrow footer".into()))?;
        let length = read_footer_length(*tail).map_err(|e| damaged(e.to_string()))?;
        let start = (map.len() - 10).checked_sub(length).ok_or_else(|| damaged("the Arrow footer is longer than the file".into()))?;
        let footer = root_as_footer(&map[start..map.len() - 10]).map_err(|e| damaged(format!("the Arrow footer: {e}")))?;
        let schema = footer.schema().ok_or_else(|| damaged("the Arrow footer has no schema".into()))?;
        let schema = Arc::new(convert::try_fb_to_schema(schema).map_err(|e| damaged(e.to_string()))?);
        let blocks = footer.recordBatches().map(|blocks| blocks.iter().copied().collect()).unwrap_or_default();
        let mut decoder = FileDecoder::new(schema, footer.version());
        for block in footer.dictionaries().iter().flatten() {
            let bytes = block_of(&map, block).map_err(damaged)?;
            let (head, body) = bytes.split_at_checked(block.metaDataLength() as usize).unwrap_or_default();
            message_of(head).and_then(|message| check_size(&message, body, LARGEST_BATCH)).map_err(damaged)?;
            decoder.read_dictionary(block, &bytes).map_err(|e| damaged(e.to_string()))?;
        }
        Ok(File { map: map.clone(), decoder, blocks })
    }

    /// Rows of a record batch, from its message alone.
    fn rows_of(&self, block: &Block) -> std::result::Result<u64, String> {
        let bytes = block_of(&self.map, block)?;
        let message = message_of(bytes.as_slice().get(..block.metaDataLength() as usize).unwrap_or_default())?;
        message.header_as_record_batch().map(|batch| batch.length().max(0) as u64).ok_or_else(|| "a block holds no record batch".into())
    }

    fn read(&self, block: &Block, largest: u64) -> std::result::Result<Option<RecordBatch>, String> {
        let bytes = block_of(&self.map, block)?;
        let (head, body) = bytes.split_at_checked(block.metaDataLength() as usize).unwrap_or_default();
        check_size(&message_of(head)?, body, largest)?;
        self.decoder.read_record_batch(block, &bytes).map_err(|e| e.to_string())
    }
}

/// The message of a head: its length stands in front, behind a marker since version 0.15.
fn message_of(head: &[u8]) -> std::result::Result<Message<'_>, String> {
    let message = head.strip_prefix(&[0xFF; 4]).unwrap_or(head).get(4..).unwrap_or_default();
    root_as_message(message).map_err(|e| e.to_string())
}

/// Refuses a batch whose compressed buffers say they hold more than is read; others are as long as they are.
fn check_size(message: &Message, body: &[u8], largest: u64) -> std::result::Result<(), String> {
    let batch = message.header_as_record_batch().or_else(|| message.header_as_dictionary_batch()?.data());
    let Some(batch) = batch.filter(|batch| batch.compression().is_some()) else { return Ok(()) };
    let mut unpacked = 0u64;
    for buffer in batch.buffers().iter().flatten() {
        let prefix = usize::try_from(buffer.offset()).ok().and_then(|at| body.get(at..)?.first_chunk::<8>());
        let stated = prefix.map_or(0, |prefix| i64::from_le_bytes(*prefix));
        // -1: this buffer is not compressed.
        unpacked = unpacked.saturating_add(if stated < 0 { buffer.length().max(0) } else { stated } as u64);
    }
    match unpacked > largest {
        true => Err(format!("a record batch of {unpacked} bytes unpacked, over the {largest} that are read")),
        false => Ok(()),
    }
}

/// The bytes of a block, which stay mapped as long as something points into them.
fn block_of(map: &Arc<Mmap>, block: &Block) -> std::result::Result<Buffer, String> {
    let outside = || "a block lies outside the file".to_owned();
    let start = usize::try_from(block.offset()).map_err(|_| outside())?;
    let head = usize::try_from(block.metaDataLength()).map_err(|_| outside())?;
    let body = usize::try_from(block.bodyLength()).map_err(|_| outside())?;
    let length = head.checked_add(body).ok_or_else(outside)?;
    let bytes = start.checked_add(length).and_then(|end| map.get(start..end)).ok_or_else(outside)?;
    let pointer = NonNull::from(bytes).cast::<u8>();
    // SAFETY: the pointer and the length are those of `bytes`, which live as long as the map that the buffer owns.
    Ok(unsafe { Buffer::from_custom_allocation(pointer, length, map.clone()) })
}

fn sizes(blocks: &[Block]) -> impl Iterator<Item = u64> {
    blocks.iter().map(|block| block.bodyLength().max(0) as u64)
}

pub fn units(io: &Io, path: &Path, unit_size: u64) -> Result<Vec<Range<usize>>> {
    Ok(cut(sizes(&File::open(io, path)?.blocks), unit_size))
}

pub struct FileSource {
    file: File,
    units: Vec<Range<usize>>,
    end_unit: u64,
    unit: u64,
    block: usize,
    row: u64,
    read: u64,
    let_go: u64,
    largest: u64,
}

impl FileSource {
    pub fn open(io: &Io, path: &Path, options: &ReadOptions) -> Result<Self> {
        let file = File::open(io, path)?;
        let units = cut(sizes(&file.blocks), options.unit_size);
        let end_unit = options.end_unit.unwrap_or(u64::MAX).min(units.len() as u64);
        let block = units.get(options.unit as usize).map_or(file.blocks.len(), |unit| unit.start);
        let rows: std::result::Result<Vec<u64>, String> = file.blocks[..block].iter().map(|block| file.rows_of(block)).collect();
        // A damaged block tells no number: rows are counted on from what is known, and its own unit tells the damage.
        let row = rows.unwrap_or_default().iter().sum();
        let read = sizes(&file.blocks[..block]).sum();
        Ok(FileSource { file, units, end_unit, unit: options.unit, block, row, read, let_go: read, largest: largest(options) })
    }
}

impl Source for FileSource {
    fn next(&mut self) -> Result<Option<Piece>> {
        while self.unit < self.end_unit {
            if self.block >= self.units[self.unit as usize].end {
                self.unit += 1;
                continue;
            }
            if self.read - self.let_go > LET_GO {
                self.let_go = self.read;
                // SAFETY: a shared map of a file reads the same bytes again.
                let _ = unsafe { self.file.map.unchecked_advise(UncheckedAdvice::DontNeed) };
            }
            let (block, first_row) = (self.file.blocks[self.block], self.row);
            self.block += 1;
            self.read += block.bodyLength().max(0) as u64;
            let read = catch_unwind(AssertUnwindSafe(|| self.file.read(&block, self.largest)));
            let rows = match read.unwrap_or_else(|_| Err("a record batch is not what it promises".into())) {
                Ok(None) => continue,
                Ok(Some(rows)) => {
                    self.row += rows.num_rows() as u64;
                    Ok(rows)
                }
                Err(what) => {
                    self.row += self.file.rows_of(&block).unwrap_or(0);
                    Err(what)
                }
            };
            return Ok(Some(Piece { unit: self.unit, first_row, rows }));
        }
        Ok(None)
    }

    fn file_bytes(&self) -> u64 {
        self.read
    }

    fn last_unit(&self) -> Option<u64> {
        Some(self.units.len().saturating_sub(1) as u64)
    }
}

fn largest(options: &ReadOptions) -> u64 {
    LARGEST_BATCH.max(2 * options.max_record as u64)
}

/// Messages one behind the other. Each is looked at before it is read: its length comes from a stranger.
pub struct StreamSource {
    path: PathBuf,
    stream: BufReader<Decoded>,
    decoder: StreamDecoder,
    unit_size: u64,
    first_unit: u64,
    end_unit: u64,
    /// Bytes of the record batches before.
    size: u64,
    row: u64,
    largest: u64,
    ended: bool,
}

impl StreamSource {
    pub fn open(io: &Io, path: &Path, container: Container, compression: Compression, options: &ReadOptions) -> Result<Self> {
        let mut stream = BufReader::new(Decoded::open(io, path, compression, 0, None)?);
        if container == Container::Arrow {
            let damaged = |e: std::io::Error| Error::corrupt(path, 0, e.to_string());
            stream.read_exact(&mut [0; MAGIC]).map_err(damaged)?;
            // Writers pad the magic to their own alignment.
            while stream.fill_buf().map_err(damaged)?.first() == Some(&0) {
                stream.consume(1);
            }
        }
        Ok(StreamSource {
            path: path.into(),
            stream,
            decoder: StreamDecoder::new(),
            unit_size: options.unit_size,
            first_unit: options.unit,
            end_unit: options.end_unit.unwrap_or(u64::MAX),
            size: 0,
            row: 0,
            largest: largest(options),
            ended: false,
        })
    }

    /// The next record batch; nothing at the end.
    fn read(&mut self) -> std::result::Result<Option<RecordBatch>, ArrowError> {
        loop {
            let Some(head) = self.head()? else { return Ok(None) };
            let message = message_of(&head).map_err(ArrowError::IpcError)?;
            let length = message.bodyLength().max(0) as u64;
            if length > self.largest {
                return Err(ArrowError::IpcError(format!("a record batch of {length} bytes, over the {} that are read", self.largest)));
            }
            let mut body = Vec::new();
            (&mut self.stream).take(length).read_to_end(&mut body)?;
            if (body.len() as u64) < length {
                return Err(ArrowError::IpcError(format!("ends after {} of {length} bytes of a message", body.len())));
            }
            check_size(&message, &body, self.largest).map_err(ArrowError::IpcError)?;
            let mut rows = None;
            for part in [head, body] {
                let mut bytes = Buffer::from_vec(part);
                while !bytes.is_empty() {
                    rows = self.decoder.decode(&mut bytes)?.or(rows);
                }
            }
            // A message without a body is complete when the decoder is asked once more.
            if let Some(rows) = rows.or(self.decoder.decode(&mut Buffer::from_vec(Vec::<u8>::new()))?) {
                return Ok(Some(rows));
            }
        }
    }

    /// A message with its length in front; nothing at the marker of the end, or where nothing follows.
    fn head(&mut self) -> std::result::Result<Option<Vec<u8>>, ArrowError> {
        let mut head = Vec::new();
        (&mut self.stream).take(4).read_to_end(&mut head)?;
        if head == [0xFF; 4] {
            (&mut self.stream).take(4).read_to_end(&mut head)?;
        }
        let Some(length) = head.last_chunk::<4>().map(|bytes| u32::from_le_bytes(*bytes)) else { return Ok(None) };
        if length == 0 {
            return Ok(None);
        }
        if u64::from(length) > self.largest {
            return Err(ArrowError::IpcError(format!("a message of {length} bytes, over the {} that are read", self.largest)));
        }
        (&mut self.stream).take(u64::from(length)).read_to_end(&mut head)?;
        Ok(Some(head))
    }
}

impl Source for StreamSource {
    fn next(&mut self) -> Result<Option<Piece>> {
        while !self.ended {
            let (unit, first_row) = (self.size / self.unit_size, self.row);
            let read = catch_unwind(AssertUnwindSafe(|| self.read()));
            let rows = match read {
                Ok(Ok(None)) => break,
                Ok(Ok(Some(rows))) => {
                    self.row += rows.num_rows() as u64;
                    self.size = self.size.saturating_add(size_of(&rows) as u64);
                    Ok(rows)
                }
                Ok(Err(ArrowError::IoError(_, error))) if error.raw_os_error().is_some() => {
                    return Err(Error::io("read", &self.path, error));
                }
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err("a record batch is not what it promises".into()),
            };
            self.ended = rows.is_err();
            if unit >= self.end_unit {
                break;
            }
            if unit >= self.first_unit {
                return Ok(Some(Piece { unit, first_row, rows }));
            }
        }
        self.ended = true;
        Ok(None)
    }

    fn file_bytes(&self) -> u64 {
        self.stream.get_ref().file_bytes()
    }

    fn last_unit(&self) -> Option<u64> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, StringArray};
    use arrow_ipc::CompressionType;
    use arrow_ipc::writer::{FileWriter, IpcWriteOptions};

    #[test]
    fn what_unpacks_to_more_than_is_read_is_refused() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec!["가".repeat(100_000)]));
        let rows = RecordBatch::try_from_iter([("text", texts)]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.arrow");
        let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::ZSTD)).unwrap();
        let mut writer = FileWriter::try_new_with_options(std::fs::File::create(&path).unwrap(), &rows.schema(), options).unwrap();
        writer.write(&rows).unwrap();
        writer.finish().unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < 10_000);
        let file = File::open(&Io::default(), &path).unwrap();
        assert_eq!(file.read(&file.blocks[0], 400_000).unwrap().unwrap(), rows);
        assert!(file.read(&file.blocks[0], 200_000).unwrap_err().contains("bytes unpacked, over the 200000"));
    }
}
