//! A cursor over one table.

use super::env::error;
use crate::error::Result;
use lmdb::{Cursor as _, RoCursor};
use lmdb_sys as ffi;

pub type Row<'t> = (&'t [u8], &'t [u8]);

/// Walks the rows of a table in key order. Seeking near the present row is cheap: LMDB looks on the same page first.
pub struct Scan<'t> {
    cursor: RoCursor<'t>,
}

impl<'t> Scan<'t> {
    pub(super) fn new(cursor: RoCursor<'t>) -> Self {
        Self { cursor }
    }

    fn row(&self, key: Option<&[u8]>, op: u32) -> Result<Option<Row<'t>>> {
        match self.cursor.get(key, None, op) {
            Ok((Some(key), value)) => Ok(Some((key, value))),
            // LMDB returns the key it was given only for exact lookups, which are not made here.
            Ok((None, _)) | Err(lmdb::Error::NotFound) => Ok(None),
            // Past the last row a cursor that was never placed has no current row.
            Err(lmdb::Error::Other(libc::EINVAL)) => Ok(None),
            Err(e) => Err(error(e)),
        }
    }

    /// The first row at or after `key`.
    pub fn seek(&mut self, key: &[u8]) -> Result<Option<Row<'t>>> {
        self.row(Some(key), ffi::MDB_SET_RANGE)
    }

    /// The row with exactly this key.
    pub fn exact(&mut self, key: &[u8]) -> Result<Option<&'t [u8]>> {
        Ok(self
            .seek(key)?
            .filter(|(k, _)| *k == key)
            .map(|(_, value)| value))
    }

    /// The last row before `key`.
    pub fn seek_before(&mut self, key: &[u8]) -> Result<Option<Row<'t>>> {
        match self.seek(key)? {
            Some(_) => self.prev(),
            None => self.last(),
        }
    }

    pub fn next_row(&mut self) -> Result<Option<Row<'t>>> {
        self.row(None, ffi::MDB_NEXT)
    }

    pub fn prev(&mut self) -> Result<Option<Row<'t>>> {
        self.row(None, ffi::MDB_PREV)
    }

    pub fn last(&mut self) -> Result<Option<Row<'t>>> {
        self.row(None, ffi::MDB_LAST)
    }
}
