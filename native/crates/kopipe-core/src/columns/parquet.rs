//! Parquet: a frame is a row group, zstd level 3. Texts are written plain, without dictionary or statistics, which
//! cost and tell nothing; the other columns have both.

use super::internal;
use super::shape::Shape;
use super::table::table;
use crate::error::{Error, Result};
use crate::io::{NewFile, Sealed};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use std::io::{self, Write};

/// The encoded columns of a row group.
pub struct RowGroup(Vec<ArrowColumnChunk>);

impl RowGroup {
    /// Encodes JSON lines; nothing where there are none.
    pub fn encode(lines: &[u8], shape: &Shape) -> Result<Self> {
        let schema = shape.schema();
        let rows = table(lines, &schema)?;
        if rows.num_rows() == 0 {
            return Ok(RowGroup(Vec::new()));
        }
        let writer = ArrowWriter::try_new(io::sink(), schema.clone(), Some(properties()?)).map_err(internal)?;
        let (_, factory) = writer.into_serialized_writer().map_err(internal)?;
        let mut writers = factory.create_column_writers(0).map_err(internal)?.into_iter();
        let mut chunks = Vec::new();
        for (field, column) in schema.fields().iter().zip(rows.columns()) {
            for leaf in compute_leaves(field, column).map_err(internal)? {
                let Some(mut writer) = writers.next() else { return Err(internal("a column without a writer")) };
                writer.write(&leaf).map_err(internal)?;
                chunks.push(writer.close().map_err(internal)?);
            }
        }
        Ok(RowGroup(chunks))
    }
}

fn properties() -> Result<WriterProperties> {
    let text = ColumnPath::from("text");
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(internal)?))
        .set_created_by(format!("kopipe {}", env!("CARGO_PKG_VERSION")))
        .set_column_dictionary_enabled(text.clone(), false)
        .set_column_statistics_enabled(text, EnabledStatistics::None)
        .build())
}

/// A file under construction as the library wants it; what the disk said is kept for whoever asks.
struct Out {
    file: Option<NewFile>,
    failure: Option<Error>,
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else { return Err(io::Error::other("written after it was committed")) };
        file.write(bytes).map(|()| bytes.len()).map_err(|error| {
            let said = io::Error::other(error.to_string());
            self.failure = Some(error);
            said
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub struct ParquetFile {
    writer: SerializedFileWriter<Out>,
}

impl ParquetFile {
    pub fn create(file: NewFile, shape: &Shape) -> Result<Self> {
        let schema: SchemaRef = shape.schema();
        let writer = ArrowWriter::try_new(Out { file: Some(file), failure: None }, schema, Some(properties()?)).map_err(internal)?;
        Ok(ParquetFile { writer: writer.into_serialized_writer().map_err(internal)?.0 })
    }

    pub fn append(&mut self, RowGroup(chunks): RowGroup) -> Result<()> {
        if chunks.is_empty() {
            return Ok(());
        }
        let written = (|| {
            let mut group = self.writer.next_row_group()?;
            for chunk in chunks {
                chunk.append_to_row_group(&mut group)?;
            }
            group.close().map(|_| ())
        })();
        written.map_err(|error| self.writer.inner_mut().failure.take().unwrap_or_else(|| internal(error)))
    }

    pub fn commit(mut self) -> Result<Sealed> {
        if let Err(error) = self.writer.finish() {
            return Err(self.writer.inner_mut().failure.take().unwrap_or_else(|| internal(error)));
        }
        let file = self.writer.inner_mut().file.take();
        file.ok_or_else(|| internal("committed twice"))?.commit()
    }
}
