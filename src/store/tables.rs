//! The named tables of the database and the version of their layout.

use super::env::error;
use crate::error::{Error, Result, Status};
use lmdb::{Database, DatabaseFlags, Environment, Transaction, WriteFlags};

/// Version of the layout that this code reads and writes.
pub const FORMAT: u32 = 1;
const FORMAT_KEY: &[u8] = b"format";

/// First bytes of keys in `meta`: rows of journals, and of the writers of runs. Both are few and change with every new
/// run; in one table they cost it one page.
pub const JOURNAL: u8 = b'j';
pub const WRITER: u8 = b'w';
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
}

impl Tables {
    pub const COUNT: u32 = 9;

    /// The tables of a database; `None` for a new one.
    pub fn open(env: &Environment) -> Result<Option<Tables>> {
        match stored_format(env)? {
            Some(FORMAT) => Tables::each(|name| env.open_db(Some(name))).map(Some),
            Some(newer) if newer > FORMAT => Err(Error::new(
                Status::UnsupportedVersion,
                format!("has format {newer}; this libaim reads up to format {FORMAT}"),
            )),
            Some(other) => Err(Error::corrupt(format!("has the unknown format {other}"))),
            None => Ok(None),
        }
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
        })
    }
}

/// The format that a database says it has; `None` for a new one.
fn stored_format(env: &Environment) -> Result<Option<u32>> {
    let meta = match env.open_db(Some("meta")) {
        Ok(meta) => meta,
        Err(lmdb::Error::NotFound) => return Ok(None),
        Err(e) => return Err(error(e)),
    };
    let txn = env.begin_ro_txn().map_err(error)?;
    match txn.get(meta, &FORMAT_KEY) {
        Ok(bytes) => match <[u8; 4]>::try_from(bytes) {
            Ok(bytes) => Ok(Some(u32::from_le_bytes(bytes))),
            Err(_) => Err(Error::corrupt("its format version is damaged")),
        },
        Err(lmdb::Error::NotFound) => Ok(None),
        Err(e) => Err(error(e)),
    }
}
