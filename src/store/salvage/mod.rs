//! Salvage: copies what is intact in a damaged data file into a new database.
//!
//! LMDB cannot open such a file, so its pages are read one by one. Rows come from three places, the surer first, and
//! a later place only adds keys that the earlier ones lack:
//!
//! 1. the trees of the newest snapshot, around the pages that are damaged;
//! 2. those of the snapshot before, whose pages the newest one has not written over;
//! 3. leaf pages that no tree leads to any more and that are not listed as free. Of several versions of a row the
//!    longest block and the latest end of a run are taken. Where the list of free pages is damaged too, what had been
//!    deleted or replaced may come back.
//!
//! Every row must pass its checksum. Index and aggregates are not read but made anew (`rebuild`).

mod pages;
mod rebuild;
mod rows;

use super::env::Store;
use crate::error::{Error, Result, Status};
use crate::files::{Access, Folder};
use crate::store::tables::{FORMAT, too_new};
use pages::{PageWalk, Place};
use rows::Table;
use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

/// What a salvage brought over and what it could not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Salvaged {
    pub runs: u64,
    pub series: u64,
    pub points: u64,
    /// Pages that belong to the database and cannot be read, and rows that do not pass their checks.
    pub lost_pages: u64,
    pub lost_rows: u64,
    /// The page that names the newest snapshot may be one of those that cannot be read: then what only that held is neither
    /// here nor counted.
    pub uncounted: bool,
}

/// Bytes of rows that go into one transaction.
const BATCH_BYTES: usize = 8 << 20;

/// The number of a format has no checksum. None will ever be as large as this: it is damaged.
const NO_FORMAT: u32 = 1 << 16;

fn open(data: &Path) -> Result<File> {
    let file = Folder::open(data.parent().unwrap_or(data))?.existing("data.mdb", Access::Read)?;
    let missing = || Error::new(Status::NotFound, format!("{} is missing", data.display()));
    file.ok_or_else(missing)
}

/// Whether the data file is one whose rows this version can tell sound ones from damaged ones.
///
/// # Errors
/// `UnsupportedVersion` if it has a newer format; `Io` if the file cannot be read.
pub fn check_format(data: &Path) -> Result<()> {
    match PageWalk::new(&open(data)?, data)?.format()? {
        Some(format) if format > FORMAT && format < NO_FORMAT => {
            Err(too_new(format).context(format_args!("database {}", data.display())))
        }
        _ => Ok(()),
    }
}

/// Copies from the data file into a new store.
///
/// # Errors
/// `Io` if the file cannot be read; whatever writing to the new store gives.
pub fn salvage(data: &Path, into: &Store) -> Result<Salvaged> {
    let file = open(data)?;
    let mut pages = PageWalk::new(&file, data)?;
    let mut copy = Copy {
        into,
        batch: Vec::new(),
        bytes: 0,
        lost_rows: 0,
        from_orphans: HashSet::new(),
    };
    pages.visit(|place, key, value| copy.row(place, key, value))?;
    copy.flush()?;
    let mut salvaged = Salvaged {
        lost_pages: pages.lost(),
        lost_rows: copy.lost_rows + pages.lost_values(),
        uncounted: pages.may_miss_the_newest(),
        ..Salvaged::default()
    };
    rebuild::rebuild(into, &file, data, &mut salvaged)?;
    Ok(salvaged)
}

struct Row {
    table: Table,
    key: Vec<u8>,
    value: Vec<u8>,
    orphan: bool,
}

/// Writes rows to the new store.
struct Copy<'s> {
    into: &'s Store,
    batch: Vec<Row>,
    bytes: usize,
    lost_rows: u64,
    /// Keys whose rows come from pages that no tree leads to: a better version may replace them.
    from_orphans: HashSet<(Table, Vec<u8>)>,
}

impl Copy<'_> {
    fn row(&mut self, place: Place<'_>, key: &[u8], value: &[u8]) -> Result<()> {
        let table = match place {
            Place::Tree(name) => Table::named(name),
            Place::Orphan => Table::recognised(key, value),
        };
        let Some(table) = table else { return Ok(()) };
        let Some(value) = table.sound(key, value) else {
            // What is left out of `meta` is made anew.
            self.lost_rows += u64::from(table != Table::Meta);
            return Ok(());
        };
        self.bytes += key.len() + value.len();
        self.batch.push(Row {
            table,
            key: key.to_vec(),
            value: value.into_owned(),
            orphan: matches!(place, Place::Orphan),
        });
        if self.bytes >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let known = &self.from_orphans;
        let added = self.into.write(|txn| {
            let mut added = HashSet::new();
            for row in &batch {
                let database = row.table.of(&txn.tables);
                let id = (row.table, row.key.clone());
                let put = match txn.get(database, &row.key)? {
                    None => true,
                    Some(there) if known.contains(&id) || added.contains(&id) => {
                        row.table.is_better(&row.key, &row.value, there)
                    }
                    Some(_) => false,
                };
                if put {
                    txn.put(database, &row.key, &row.value)?;
                    if row.orphan {
                        added.insert(id);
                    }
                }
            }
            Ok(added)
        })?;
        self.from_orphans.extend(added);
        Ok(())
    }
}
