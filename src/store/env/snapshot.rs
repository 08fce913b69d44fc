//! Checks of the newest snapshot, which a read transaction keeps meanwhile.

use super::map::Mapped;
use super::place::Place;
use super::verify;
use crate::error::Result;
use lmdb::{Environment, Transaction};
use std::fs::File;
use std::path::Path;

/// Snapshots that are tried where others commit all the time.
const ATTEMPTS: usize = 64;

/// Checks a snapshot, by the number of its transaction. Its pages stay, but its meta page is written anew by the next but one
/// transaction: where it is not there any more, the check may have failed for that, and another snapshot is checked.
pub fn check<T>(
    mapped: &Mapped,
    place: &Place,
    check: impl Fn(&File, &Path, u64) -> Result<T>,
) -> Result<T> {
    let path = place.path();
    let data = place.data();
    let mut attempt = 1;
    loop {
        let (txn, _hold) = mapped.begin(Environment::begin_ro_txn)?;
        // SAFETY: the transaction lives through the call.
        let id = unsafe { lmdb_sys::mdb_txn_id(txn.txn()) } as u64;
        match check(&data, path, id) {
            Err(_) if attempt < ATTEMPTS && !verify::is_present(&data, path, id) => attempt += 1,
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Kind, OpenOptions, Store};
    use std::cell::Cell;

    #[test]
    fn a_snapshot_that_others_overtake_is_no_damage() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), &OpenOptions::default(), || true).unwrap();
        let commit = |name: &str| {
            store.write(|txn| txn.intern(Kind::Name, name)).unwrap();
        };
        let tried = Cell::new(Vec::new());
        // Two transactions come between the snapshot and its check, once, then ever again.
        for overtaken in [1, usize::MAX] {
            let checked = check(&store.mapped, &store.stamp.place, |file, path, txn| {
                let mut seen = tried.take();
                seen.push(txn);
                if seen.len() <= overtaken {
                    commit(&format!("{overtaken} a {}", seen.len()));
                    commit(&format!("{overtaken} b {}", seen.len()));
                }
                tried.set(seen);
                verify::check_roots(file, path, txn)
            });
            let seen = tried.take();
            match overtaken {
                1 => {
                    checked.unwrap();
                    assert_eq!(seen.len(), 2);
                    assert_eq!(seen[1], seen[0] + 2);
                }
                _ => {
                    checked.unwrap_err();
                    assert_eq!(seen.len(), ATTEMPTS);
                }
            }
        }
    }
}
