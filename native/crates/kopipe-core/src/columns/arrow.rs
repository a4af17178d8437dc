//! The Arrow IPC file format: a frame is a record batch whose buffers are compressed with zstd. Messages are encoded on
//! any worker and written behind each other; the footer says where they are.

use super::internal;
use super::shape::Shape;
use super::table::table;
use crate::error::Result;
use crate::io::{NewFile, Sealed};
use arrow_ipc::convert::IpcSchemaEncoder;
use arrow_ipc::writer::{DictionaryTracker, IpcDataGenerator, IpcWriteContext, IpcWriteOptions, write_message};
use arrow_ipc::{Block, CompressionType, FooterBuilder, MetadataVersion};
use arrow_schema::SchemaRef;
use flatbuffers::FlatBufferBuilder;

/// The magic at both ends of the format, and the zeros that align what follows the first.
const MAGIC: &[u8; 6] = b"ARROW1";
const ALIGNMENT: usize = 64;
/// The end of the stream within the file: a marker, and a message of no bytes.
const END: [u8; 8] = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];

fn options() -> Result<IpcWriteOptions> {
    let options = IpcWriteOptions::try_new(ALIGNMENT, false, MetadataVersion::V5).map_err(internal)?;
    options.try_with_compression(Some(CompressionType::ZSTD)).map_err(internal)
}

/// A record batch as the bytes that go into the file.
pub struct Message {
    bytes: Vec<u8>,
    head: usize,
}

impl Message {
    /// Encodes JSON lines; nothing where there are none.
    pub fn encode(lines: &[u8], shape: &Shape) -> Result<Self> {
        let rows = table(lines, &shape.schema())?;
        let mut message = Message { bytes: Vec::new(), head: 0 };
        if rows.num_rows() > 0 {
            let options = options()?;
            let (_, encoded) = IpcDataGenerator::default()
                .encode(&rows, &mut DictionaryTracker::new(true), &options, &mut IpcWriteContext::default())
                .map_err(internal)?;
            message.head = write_message(&mut message.bytes, encoded, &options).map_err(internal)?.0;
        }
        Ok(message)
    }
}

pub struct ArrowFile {
    file: NewFile,
    schema: SchemaRef,
    blocks: Vec<Block>,
}

impl ArrowFile {
    pub fn create(mut file: NewFile, shape: &Shape) -> Result<Self> {
        let schema = shape.schema();
        let mut head = MAGIC.to_vec();
        head.resize(ALIGNMENT, 0);
        let options = options()?;
        let encoded =
            IpcDataGenerator::default().schema_to_bytes_with_dictionary_tracker(&schema, &mut DictionaryTracker::new(true), &options);
        write_message(&mut head, encoded, &options).map_err(internal)?;
        file.write(&head)?;
        Ok(ArrowFile { file, schema, blocks: Vec::new() })
    }

    pub fn append(&mut self, message: Message) -> Result<()> {
        if message.bytes.is_empty() {
            return Ok(());
        }
        let body = message.bytes.len() - message.head;
        self.blocks.push(Block::new(self.file.bytes() as i64, message.head as i32, body as i64));
        self.file.write(&message.bytes)
    }

    pub fn commit(mut self) -> Result<Sealed> {
        let mut builder = FlatBufferBuilder::new();
        let dictionaries = builder.create_vector::<Block>(&[]);
        let blocks = builder.create_vector(&self.blocks);
        let schema = IpcSchemaEncoder::new().schema_to_fb_offset(&mut builder, &self.schema);
        let mut footer = FooterBuilder::new(&mut builder);
        footer.add_version(MetadataVersion::V5);
        footer.add_schema(schema);
        footer.add_dictionaries(dictionaries);
        footer.add_recordBatches(blocks);
        let footer = footer.finish();
        builder.finish(footer, None);
        let footer = builder.finished_data();
        let length = (footer.len() as i32).to_le_bytes();
        self.file.write(&[&END[..], footer, &length, MAGIC].concat())?;
        self.file.commit()
    }
}
