//! Tables as files of Arrow's IPC format, from columns as Arrow's C Data Interface has them: their buffers are the same in
//! both. Columns with a dictionary are stored as what it says, since of batches each may have a dictionary of its own, which a
//! file cannot have.

mod batch;
mod columns;
mod dictionary;
mod format;
mod message;

pub use batch::place;
pub use format::{Field, Index, Kind, Layout};

use super::MAX_SIZE;
use crate::error::{Error, Result, Status};
use batch::Batch;
use message::Place;

/// A column of a batch: what the buffers hold from `offset` on. Buffers are as long as offset and length ask for.
#[derive(Debug)]
pub struct Column<'b> {
    pub length: usize,
    pub offset: usize,
    /// Bits of the values that there are; `None`: all.
    pub validity: Option<&'b [u8]>,
    /// The others.
    pub buffers: Vec<&'b [u8]>,
    pub children: Vec<Column<'b>>,
    pub dictionary: Option<Box<Column<'b>>>,
}

/// A file that is being written, in memory.
pub struct Table {
    fields: Vec<Field>,
    metadata: Vec<(String, String)>,
    bytes: Vec<u8>,
    batches: Vec<Place>,
}

const MAGIC: &[u8] = b"ARROW1";

impl Table {
    pub fn new(fields: Vec<Field>, metadata: Vec<(String, String)>) -> Result<Table> {
        let mut table = Table {
            fields,
            metadata,
            bytes: Vec::new(),
            batches: Vec::new(),
        };
        append(&mut table.bytes, MAGIC)?;
        append(&mut table.bytes, &[0; 2])?;
        let schema = message::schema(&table.fields, &table.metadata);
        table.message(&schema, &[])?;
        Ok(table)
    }

    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Appends rows, which begin behind the first `offset` of the columns.
    pub fn add(&mut self, offset: usize, rows: usize, columns: &[Column<'_>]) -> Result<()> {
        let mut batch = Batch::default();
        for (field, column) in self.fields.iter().zip(columns) {
            if column.length.saturating_sub(offset) < rows {
                return Err(batch::inconsistent(field));
            }
            batch.put(field, column, column.offset + offset, rows)?;
        }
        let place = self.message(&message::batch(rows, &batch), &batch.body)?;
        self.batches.push(place);
        Ok(())
    }

    pub fn finish(mut self) -> Result<Vec<u8>> {
        let footer = message::footer(&self.fields, &self.metadata, &self.batches);
        // The end of the messages, as of a stream.
        append(&mut self.bytes, &u64::from(u32::MAX).to_le_bytes())?;
        append(&mut self.bytes, &footer)?;
        append(&mut self.bytes, &(footer.len() as u32).to_le_bytes())?;
        append(&mut self.bytes, MAGIC)?;
        Ok(self.bytes)
    }

    #[inline(never)]
    fn message(&mut self, head: &[u8], body: &[u8]) -> Result<Place> {
        let offset = self.bytes.len();
        let padded = head.len().next_multiple_of(8);
        append(&mut self.bytes, &u32::MAX.to_le_bytes())?;
        append(&mut self.bytes, &(padded as u32).to_le_bytes())?;
        append(&mut self.bytes, head)?;
        append(&mut self.bytes, &[0; 8][..padded - head.len()])?;
        append(&mut self.bytes, body)?;
        Ok(Place {
            offset: offset as i64,
            head: 8 + padded as i32,
            body: body.len() as i64,
        })
    }
}

/// Appends to a table, as long as it may.
#[inline(never)]
fn append(out: &mut Vec<u8>, bytes: &[u8]) -> Result<()> {
    let size = out.len() as u64 + bytes.len() as u64;
    if size > MAX_SIZE {
        return Err(Error::new(
            Status::Limit,
            format!("the table takes more than {MAX_SIZE} bytes"),
        ));
    }
    out.try_reserve(bytes.len())
        .map_err(|_| crate::memory::lacking(size))?;
    out.extend_from_slice(bytes);
    Ok(())
}
