//! CSV: a header, then rows. A comma, a tab or a semicolon between fields, whichever the header has most of.

use super::columns::Columns;
use super::{Cell, Names, Visitor};
use crate::failure::Failure;
use csv::{ByteRecord, Reader, ReaderBuilder};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, ErrorKind, Read};
use std::path::Path;

/// Longest header that is looked at for what stands between fields.
const HEADER: u64 = 1 << 20;
/// Longest row: a quotation mark that is never closed takes no more memory.
const ROW: u64 = 1 << 26;
const TOO_LONG: &str = "a row is longer than 64 MiB, as if a quotation mark were not closed; it and what follows is left";

/// The file, no further than a row may reach.
struct Rows {
    file: File,
    read: u64,
    /// Where the row begins that is read now.
    row: u64,
}

impl Read for Rows {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read - self.row > ROW {
            return Err(io::Error::new(ErrorKind::FileTooLarge, TOO_LONG));
        }
        let count = self.file.read(into)?;
        self.read += count as u64;
        Ok(count)
    }
}

/// The next row; false at the end, and where a row has none.
fn next(
    reader: &mut Reader<Rows>,
    record: &mut ByteRecord,
    visitor: &mut dyn Visitor,
) -> Result<bool, Failure> {
    let begin = reader.position().clone();
    reader.get_mut().row = begin.byte();
    match reader.read_byte_record(record).map_err(io::Error::from) {
        Err(e) if e.kind() == ErrorKind::FileTooLarge => {
            visitor.damage(begin.line(), TOO_LONG);
            Ok(false)
        }
        read => read.map_err(Failure::new),
    }
}

fn delimiter(path: &Path) -> io::Result<u8> {
    let mut header = Vec::new();
    let file = BufReader::new(File::open(path)?);
    file.take(HEADER).read_until(b'\n', &mut header)?;
    let count = |of: u8| header.iter().filter(|byte| **byte == of).count();
    // Of equals the last one counts.
    let most = [b';', b'\t', b','].into_iter().max_by_key(|of| count(*of));
    Ok(most.unwrap_or(b','))
}

pub fn visit(path: &Path, names: &Names, visitor: &mut dyn Visitor) -> Result<(), Failure> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(path).map_err(Failure::new)?)
        .flexible(true)
        .has_headers(false)
        .from_reader(Rows {
            file: File::open(path).map_err(Failure::new)?,
            read: 0,
            row: 0,
        });
    let mut columns = Columns::new(names);
    let mut record = ByteRecord::new();
    if !next(&mut reader, &mut record, visitor)? {
        return Ok(());
    }
    let header: Vec<usize> = record
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let name = name.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(name);
            let name = String::from_utf8_lossy(name).trim().to_owned();
            // Data frames write their index without a name.
            columns.number(&if name.is_empty() {
                format!("column {i}")
            } else {
                name
            })
        })
        .collect();
    let mut cells = Vec::new();
    let mut told = 0;
    loop {
        let position = reader.position().clone();
        if !next(&mut reader, &mut record, visitor)? {
            visitor.bytes(reader.position().byte() - told);
            return Ok(());
        }
        let line = position.line();
        let here = reader.position().byte();
        if here - told > 1 << 18 {
            visitor.bytes(here - told);
            told = here;
        }
        if record.len() > header.len() {
            visitor.damage(line, "a row has more fields than the header");
            continue;
        }
        let Ok(texts) = record
            .iter()
            .map(std::str::from_utf8)
            .collect::<Result<Vec<_>, _>>()
        else {
            visitor.damage(line, "a row is not UTF-8");
            continue;
        };
        cells.clear();
        let given = header
            .iter()
            .zip(texts)
            .filter(|(_, text)| !text.trim().is_empty());
        cells.extend(given.map(|(column, text)| (*column, Cell::Text(text.to_owned()))));
        if !cells.is_empty() {
            visitor.row(&columns, &cells)?;
        }
    }
}
