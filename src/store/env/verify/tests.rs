//! The walk against files that LMDB itself wrote: it must accept every one of them.

use super::*;
use lmdb::{Cursor, DatabaseFlags, Environment, Transaction, WriteFlags};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Change {
    Put {
        key: u16,
        long_key: bool,
        size: usize,
    },
    Delete {
        from: u16,
        count: u16,
    },
}

fn transactions() -> impl Strategy<Value = Vec<(Vec<Change>, bool)>> {
    let size = prop_oneof![4 => 0usize..60, 2 => 0usize..3000, 1 => 3000usize..60_000];
    let change = prop_oneof![
        4 => (0u16..600, any::<bool>(), size)
            .prop_map(|(key, long_key, size)| Change::Put { key, long_key, size }),
        1 => (0u16..600, 1u16..300).prop_map(|(from, count)| Change::Delete { from, count }),
    ];
    let commits = prop::bool::weighted(0.9);
    prop::collection::vec((prop::collection::vec(change, 1..60), commits), 1..25)
}

/// Keys of all lengths up to the longest, so that branches split and merge often.
fn key(n: u16, long: bool) -> Vec<u8> {
    let mut key = format!("{n:05}").into_bytes();
    key.resize(if long { 511 - usize::from(n) % 200 } else { 5 }, b'.');
    key
}

struct Database {
    directory: tempfile::TempDir,
    env: Environment,
    tables: Vec<lmdb::Database>,
}

impl Database {
    fn new() -> Database {
        let directory = tempfile::tempdir().unwrap();
        let env = Environment::new()
            .set_max_dbs(3)
            .set_map_size(1 << 30)
            .set_flags(lmdb::EnvironmentFlags::NO_SYNC | lmdb::EnvironmentFlags::NO_TLS)
            .open(directory.path())
            .unwrap();
        let create = |name| env.create_db(Some(name), DatabaseFlags::empty()).unwrap();
        let tables = ["a", "b", "c"].map(create).to_vec();
        Database {
            directory,
            env,
            tables,
        }
    }

    fn path(&self) -> std::path::PathBuf {
        self.directory.path().join("data.mdb")
    }

    fn apply(&self, changes: &[Change], commits: bool) {
        let mut txn = self.env.begin_rw_txn().unwrap();
        for (i, change) in changes.iter().enumerate() {
            let table = self.tables[i % self.tables.len()];
            match *change {
                Change::Put {
                    key: n,
                    long_key,
                    size,
                } => {
                    let value = vec![i as u8; size];
                    txn.put(table, &key(n, long_key), &value, WriteFlags::empty())
                        .unwrap();
                }
                Change::Delete { from, count } => {
                    for n in from..from + count {
                        for long in [false, true] {
                            let _ = txn.del(table, &key(n, long), None);
                        }
                    }
                }
            }
        }
        if commits {
            txn.commit().unwrap();
        }
    }

    fn check(&self) -> Result<u64> {
        let txn = self.env.begin_ro_txn().unwrap();
        // SAFETY: the transaction lives through the call.
        let id = unsafe { lmdb_sys::mdb_txn_id(txn.txn()) } as u64;
        check_snapshot(&File::open(self.path()).unwrap(), &self.path(), id)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn what_lmdb_writes_is_sound(transactions in transactions(), pinned in any::<prop::sample::Index>()) {
        let database = Database::new();
        prop_assert!(database.check().is_ok());
        let pinned = pinned.index(transactions.len());
        let mut reader = None;
        for (i, (changes, commits)) in transactions.iter().enumerate() {
            // A reader keeps pages from being used again for a while.
            if i == pinned {
                reader = Some(database.env.begin_ro_txn().unwrap());
            }
            if i == pinned + 6 {
                reader = None;
            }
            database.apply(changes, *commits);
            let checked = database.check();
            prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
        }
        drop(reader);
    }
}

#[test]
fn a_file_may_lack_free_pages_at_its_end_and_no_others() {
    let database = Database::new();
    let put = |key: u16, size| Change::Put {
        key,
        long_key: false,
        size,
    };
    database.apply(&[put(1, 10), put(2, 10), put(3, 500_000)], true);
    let delete = Change::Delete { from: 3, count: 1 };
    database.apply(&[delete.clone(), delete.clone(), delete], true);
    // What follows moves to the beginning of the freed pages; those at the end stay free.
    for n in 0..8 {
        database.apply(&[put(n, 10), put(n, 10), put(n, 10)], true);
    }
    let checked = database.check();
    assert!(checked.is_ok(), "{checked:?}");
    let file = File::options().write(true).open(database.path()).unwrap();
    let whole = file.metadata().unwrap().len();
    let (mut size, mut least) = (whole, whole);
    loop {
        size -= 4096;
        file.set_len(size).unwrap();
        match database.check() {
            Ok(_) => least = size,
            Err(e) => {
                assert!(e.message.contains("cut short"), "{e}");
                assert!(e.message.contains("data.mdb"), "{e}");
                break;
            }
        }
    }
    assert!(least < whole / 2, "{least} of {whole} bytes");
    file.set_len(least).unwrap();
    // LMDB reads such a file.
    let txn = database.env.begin_ro_txn().unwrap();
    let mut cursor = txn.open_ro_cursor(database.tables[0]).unwrap();
    assert!(cursor.iter_start().count() > 0);
}
