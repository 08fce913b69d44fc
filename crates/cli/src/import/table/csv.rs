//! CSV: a header, then rows. A comma, a tab or a semicolon between fields, whichever the header has most of.

use super::columns::Columns;
use super::{Cell, Names, Visitor};
use crate::failure::Failure;
use csv::{ByteRecord, ReaderBuilder};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

/// Longest header that is looked at for what stands between fields.
const HEADER: u64 = 1 << 20;
/// Longest row: a quotation mark that is never closed takes no more memory.
const ROW: usize = 1 << 26;

fn delimiter(path: &Path) -> std::io::Result<u8> {
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
        .from_path(path)
        .map_err(Failure::new)?;
    let mut columns = Columns::new(names);
    let mut record = ByteRecord::new();
    let failed = |e: csv::Error| Failure::new(e);
    if !reader.read_byte_record(&mut record).map_err(failed)? {
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
        if !reader.read_byte_record(&mut record).map_err(failed)? {
            visitor.bytes(reader.position().byte() - told);
            return Ok(());
        }
        let line = position.line();
        let here = reader.position().byte();
        if here - told > 1 << 18 {
            visitor.bytes(here - told);
            told = here;
        }
        if record.as_slice().len() > ROW {
            visitor.damage(
                line,
                "a row is longer than 64 MiB, as if a quotation mark were not closed",
            );
            continue;
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
