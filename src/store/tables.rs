//! The named tables of the database and the version of their layout.

use super::env::error;
use crate::error::{Error, Result, Status};
use lmdb::{Database, DatabaseFlags, Environment, Transaction, WriteFlags};

/// Version of the layout that this code reads and writes.
pub const FORMAT: u32 = 1;
const FORMAT_KEY: &[u8] = b"format";

#[derive(Clone, Copy)]
pub struct Tables {
    pub meta: Database,
    pub strings: Database,
    pub runs: Database,
    pub params: Database,
    pub series: Database,
    pub chunks: Database,
    pub index: Database,
    pub journals: Database,
    pub writers: Database,
    pub logs: Database,
}

impl Tables {
    pub const COUNT: u32 = 10;

    pub fn open(env: &Environment, read_only: bool) -> Result<Tables> {
        let format = stored_format(env)?;
        match format {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => {
                return Err(Error::new(
                    Status::UnsupportedVersion,
                    format!("has format {newer}; this libaim reads up to format {FORMAT}"),
                ));
            }
            Some(other) => return Err(Error::corrupt(format!("has the unknown format {other}"))),
            None if read_only => return Err(Error::corrupt("is empty and cannot be written")),
            None => {}
        }
        if format.is_none() {
            create(env).map_err(error)?;
        }
        // Without a write transaction: one of a process that was stopped must not keep others from reading.
        let table = |name| {
            env.open_db(Some(name))
                .map_err(|e| error(e).context(format!("table {name}")))
        };
        Ok(Tables {
            meta: table("meta")?,
            strings: table("strings")?,
            runs: table("runs")?,
            params: table("params")?,
            series: table("series")?,
            chunks: table("chunks")?,
            index: table("index")?,
            journals: table("journals")?,
            writers: table("writers")?,
            logs: table("logs")?,
        })
    }
}

const NAMES: [&str; Tables::COUNT as usize] = [
    "meta", "strings", "runs", "params", "series", "chunks", "index", "journals", "writers", "logs",
];

/// Makes the tables of a new database, all or none.
fn create(env: &Environment) -> lmdb::Result<()> {
    let mut txn = env.begin_rw_txn()?;
    for name in NAMES {
        // SAFETY: no other transaction of this process is open: the environment was just opened.
        let table = unsafe { txn.create_db(Some(name), DatabaseFlags::empty()) }?;
        if name == NAMES[0] {
            let format = FORMAT.to_le_bytes();
            txn.put(table, &FORMAT_KEY, &format, WriteFlags::empty())?;
        }
    }
    txn.commit()
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
