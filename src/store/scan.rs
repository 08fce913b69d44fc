//! A cursor over one table.

use super::lmdb_error::error;
use crate::error::{Error, Result};
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

    /// The first row at or after `key`. Whoever goes on with a key behind the row that was found comes to an end, in a
    /// damaged table too.
    pub fn seek(&mut self, key: &[u8]) -> Result<Option<Row<'t>>> {
        match self.row(Some(key), ffi::MDB_SET_RANGE)? {
            Some((found, _)) if found < key => Err(Error::corrupt(
                "the database is damaged: the rows of a table are not in the order of their keys",
            )),
            row => Ok(row),
        }
    }

    /// The first row behind all whose keys begin with `prefix`.
    pub fn seek_behind(&mut self, prefix: &[u8]) -> Result<Option<Row<'t>>> {
        match after_prefix(prefix.to_vec()) {
            after if after.is_empty() => Ok(None),
            after => self.seek(&after),
        }
    }

    /// The rows whose keys begin with `prefix`, in order; all if it is empty.
    pub fn prefix<'s>(&'s mut self, prefix: &'s [u8]) -> Prefix<'s, 't> {
        // No key is empty, and LMDB seeks none that is.
        self.prefix_from(prefix, if prefix.is_empty() { &[0] } else { prefix })
    }

    /// As `prefix`, without the rows before `first`.
    pub fn prefix_from<'s>(&'s mut self, prefix: &'s [u8], first: &'s [u8]) -> Prefix<'s, 't> {
        Prefix {
            scan: self,
            prefix,
            first: Some(first),
        }
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

/// The first key after all that begin with `key`; empty if there is none.
pub(super) fn after_prefix(mut key: Vec<u8>) -> Vec<u8> {
    while let Some(last) = key.pop() {
        if last < u8::MAX {
            key.push(last + 1);
            break;
        }
    }
    key
}

/// Rows of a table whose keys begin alike.
pub struct Prefix<'s, 't> {
    scan: &'s mut Scan<'t>,
    prefix: &'s [u8],
    /// Where to begin, until that is done.
    first: Option<&'s [u8]>,
}

impl<'t> Iterator for Prefix<'_, 't> {
    type Item = Result<Row<'t>>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = match self.first.take() {
            Some(first) => self.scan.seek(first),
            None => self.scan.next_row(),
        };
        row.map(|row| row.filter(|(key, _)| key.starts_with(self.prefix)))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lmdb::{Environment, Transaction as _, WriteFlags};

    #[test]
    fn behind_a_prefix_nothing_begins_with_it() {
        for (prefix, after) in [
            (&b"a"[..], &b"b"[..]),
            (b"a\xfe", b"a\xff"),
            (b"a\xff\xff", b"b"),
            (b"\xff", b""),
        ] {
            assert_eq!(after_prefix(prefix.to_vec()), after);
        }
    }

    /// Where a key is damaged, in a leaf or a branch: whoever goes from each row to the next one comes to an end.
    #[test]
    fn a_seek_never_goes_back() {
        const ROWS: usize = 200;
        let directory = tempfile::tempdir().unwrap();
        let environment = || Environment::new().open(directory.path()).unwrap();
        {
            let environment = environment();
            let table = environment.open_db(None).unwrap();
            let mut txn = environment.begin_rw_txn().unwrap();
            for n in 0..ROWS {
                let key = format!("key-{n:060}");
                txn.put(table, &key, &"x", WriteFlags::empty()).unwrap();
            }
            txn.commit().unwrap();
        }
        let path = directory.path().join("data.mdb");
        let whole = std::fs::read(&path).unwrap();
        let keys: Vec<usize> = (0..whole.len())
            .filter(|at| whole[*at..].starts_with(b"key-"))
            .collect();
        assert!(keys.len() > ROWS, "there are branches");
        let mut refused = 0;
        for at in keys {
            let mut bytes = whole.clone();
            bytes[at] = b'a';
            std::fs::write(&path, bytes).unwrap();
            let environment = environment();
            let table = environment.open_db(None).unwrap();
            let txn = environment.begin_ro_txn().unwrap();
            let mut scan = Scan::new(txn.open_ro_cursor(table).unwrap());
            let mut key = b"a".to_vec();
            for seen in 0.. {
                assert!(seen <= ROWS, "it goes round");
                match scan.seek(&key) {
                    Ok(Some((found, _))) => key = [found, b"\xff"].concat(),
                    Ok(None) => break,
                    Err(_) => {
                        refused += 1;
                        break;
                    }
                }
            }
        }
        assert!(refused > 0);
    }
}
