//! The named tables of the database and the version of their layout.

use super::checked;
use super::lmdb_error::error;
use crate::error::{Error, Result, Status};
use lmdb::{Database, DatabaseFlags, Environment, Transaction, WriteFlags};

/// Version of the layout that this code writes; it reads all from 1 on. CHANGELOG.md and docs/formats.md say what
/// changed with each.
pub const FORMAT: u32 = 3;
pub const FORMAT_KEY: &[u8] = b"format";
/// In a database that was made with an older format than it has now: that one. Rows of it may be left.
const OLDEST_KEY: &[u8] = b"oldest";

/// First bytes of keys in `meta`: rows of journals, and of the writers of runs. Both are few and change with every new
/// run; in one table they cost it one page.
pub const JOURNAL: u8 = b'j';
pub const WRITER: u8 = b'w';
/// The row that holds the number of the next run.
pub const NEXT_RUN: &[u8] = b"next_run";
/// Of segments of a spool how far they are, and the frames on their way there.
pub const SEGMENT: u8 = b's';
pub const OUTGOING: u8 = b'o';
/// Which segments tell of a run.
pub const PART: u8 = b'p';
/// Documents of programs, few too and rarely changed.
pub const DOCUMENT: u8 = b'd';
/// What is said of experiments and tags: few rows as well.
pub const ABOUT: u8 = b'a';

#[derive(Clone, Copy)]
pub struct Tables {
    pub meta: Database,
    pub strings: Database,
    pub runs: Database,
    pub params: Database,
    pub series: Database,
    pub chunks: Database,
    pub index: Database,
    pub logs: Database,
    pub damaged: Database,
    /// The format that the database has, and the oldest that its rows may have.
    pub format: u32,
    pub oldest: u32,
}

impl Tables {
    pub const COUNT: u32 = 9;

    /// The tables of a database; `None` for a new one.
    pub fn open(env: &Environment) -> Result<Option<Tables>> {
        match stored_formats(env)? {
            Some((format @ 1..=FORMAT, oldest)) => {
                let mut tables = Tables::each(|name| env.open_db(Some(name)))?;
                (tables.format, tables.oldest) = (format, oldest);
                Ok(Some(tables))
            }
            Some((newer, _)) if newer > FORMAT => Err(too_new(newer)),
            Some((other, _)) => Err(Error::corrupt(format!("has the unknown format {other}"))),
            None => Ok(None),
        }
    }

    /// Makes a database of an older format one of this: from now on it has rows that an older version cannot read.
    pub fn renew(&mut self, env: &Environment) -> Result<()> {
        let mut txn = env.begin_rw_txn().map_err(error)?;
        let oldest = self.oldest.to_le_bytes();
        let oldest = checked::seal(OLDEST_KEY, |row| row.extend_from_slice(&oldest));
        for (key, value) in [
            (OLDEST_KEY, oldest),
            (FORMAT_KEY, FORMAT.to_le_bytes().into()),
        ] {
            txn.put(self.meta, &key, &value, WriteFlags::empty())
                .map_err(error)?;
        }
        txn.commit().map_err(error)?;
        self.format = FORMAT;
        Ok(())
    }

    /// Makes the tables of a new database, all or none.
    pub fn create(env: &Environment) -> Result<Tables> {
        let mut txn = env.begin_rw_txn().map_err(error)?;
        // SAFETY: no other transaction of this process is open: the environment was just opened.
        let make = |name: &str| unsafe { txn.create_db(Some(name), DatabaseFlags::empty()) };
        let tables = Tables::each(make)?;
        let format = FORMAT.to_le_bytes();
        txn.put(tables.meta, &FORMAT_KEY, &format, WriteFlags::empty())
            .map_err(error)?;
        txn.commit().map_err(error)?;
        Tables::each(|name| env.open_db(Some(name)))
    }

    fn each(mut get: impl FnMut(&str) -> lmdb::Result<Database>) -> Result<Tables> {
        let mut table = |name| {
            get(name).map_err(|e| match e {
                lmdb::Error::NotFound => Error::corrupt(format!("the table {name} is missing")),
                e => error(e).context(format!("table {name}")),
            })
        };
        Ok(Tables {
            meta: table("meta")?,
            strings: table("strings")?,
            runs: table("runs")?,
            params: table("params")?,
            series: table("series")?,
            chunks: table("chunks")?,
            index: table("index")?,
            logs: table("logs")?,
            damaged: table("damaged")?,
            format: FORMAT,
            oldest: FORMAT,
        })
    }
}

/// Whether this is one of the rows of `meta` that belong to no journal and to no run.
pub fn is_own_row(key: &[u8], value: &[u8], oldest: u32) -> bool {
    match key {
        FORMAT_KEY => value.len() == 4,
        OLDEST_KEY => checked::open(key, value).is_some(),
        NEXT_RUN => checked::open_old(key, value, oldest, 8).is_some(),
        [DOCUMENT | ABOUT | SEGMENT | OUTGOING | PART, ..] => checked::open(key, value).is_some(),
        _ => false,
    }
}

/// Why a database of this format is not read.
pub fn too_new(format: u32) -> Error {
    Error::new(
        Status::UnsupportedVersion,
        format!("has format {format}; this libaim reads up to format {FORMAT}"),
    )
}

/// The format that a database says it has, and the oldest of its rows; `None` for a new one.
fn stored_formats(env: &Environment) -> Result<Option<(u32, u32)>> {
    let meta = match env.open_db(Some("meta")) {
        Ok(meta) => meta,
        Err(lmdb::Error::NotFound) => return Ok(None),
        Err(e) => return Err(error(e)),
    };
    let txn = env.begin_ro_txn().map_err(error)?;
    let damaged = || Error::corrupt("its format version is damaged");
    let number = |bytes: &[u8]| match <[u8; 4]>::try_from(bytes) {
        Ok(bytes) => Ok(u32::from_le_bytes(bytes)),
        Err(_) => Err(damaged()),
    };
    let format = match txn.get(meta, &FORMAT_KEY) {
        Ok(bytes) => number(bytes)?,
        Err(lmdb::Error::NotFound) => return Ok(None),
        Err(e) => return Err(error(e)),
    };
    match txn.get(meta, &OLDEST_KEY) {
        Ok(bytes) => number(checked::open(OLDEST_KEY, bytes).ok_or_else(damaged)?)
            .map(|oldest| Some((format, oldest))),
        Err(lmdb::Error::NotFound) => Ok(Some((format, format))),
        Err(e) => Err(error(e)),
    }
}
