//! The LMDB environment: opening it safely, transactions, and a map that adapts to what the host allows.

mod access;
mod compact;
mod copy;
mod create;
mod filesystem;
pub(super) mod layout;
mod lease;
mod map;
mod number;
mod open;
mod place;
mod preflight;
mod snapshot;
mod stamp;
mod turns;
mod verify;

use super::keys::RunId;
use super::lmdb_error::error;
use super::scan::Scan;
use super::tables::Tables;
use crate::blobs::Blob;
use crate::error::{Error, Result, Status};
use crate::lock::Mutex;
use crate::log::{self, Level};
use crate::own_file::OwnFile;
use crate::shield;
pub use compact::Compacted;
pub use filesystem::network as network_filesystem;
use lmdb::{Environment, RoTransaction, RwTransaction, Transaction};
use map::{Hold, Mapped};
use rustc_hash::FxHashMap;
use stamp::Stamp;
use std::ffi::CString;
use std::ops::Deref;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
pub use turns::{Held, Turn};
pub(super) use verify::page;

/// Address space reserved for the database where nothing limits it. It costs no memory: the file grows as written.
const MAP_SIZE: usize = 1 << 40;
const LEAST_MAP_SIZE: usize = 16 << 20;
/// How a store is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenOptions {
    /// Bytes of address space to reserve at most; `None` for the default.
    pub map_size: Option<usize>,
    /// Opens on a network filesystem all the same.
    pub allow_network_fs: bool,
}

/// How the database is open.
enum Mode {
    /// For reading and writing, beside others.
    Shared,
    /// Where nobody can write: in place and without locks. The file as it then was, and why not to write.
    Protected(stamp::Look, Error),
    /// As a copy of its newest snapshot, since only its writers may lock.
    Copy(Copy),
}

struct Copy {
    /// Closed after the environment, which is mapped from it.
    _file: OwnFile,
    txn: u64,
    /// While what dead processes left is brought into it, before it is read.
    merging: AtomicBool,
    why: Error,
}

/// One open LMDB environment. LMDB wants at most one of them per process and file: `repo` sees to that.
pub struct Store {
    mapped: Mapped,
    pub(super) tables: Tables,
    path: PathBuf,
    mode: Mode,
    /// Closed after the environment, with LMDB's lock file and the turns.
    stamp: Stamp,
    /// Keeps the directory's inode, by which `repo` knows the database.
    _folder: OwnFile,
    /// Written to although it was removed.
    removed: AtomicBool,
    /// Why the database is left alone from now on.
    given_up: OnceLock<Error>,
    /// Contents of objects to which nothing refers any more since transactions of this process.
    freed: Mutex<Vec<Blob>>,
}

impl Drop for Store {
    fn drop(&mut self) {
        if self.stamp.place.is_lock_cut() {
            self.mapped.abandon();
        }
    }
}

impl Store {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// An error that says why this process may only read.
    pub fn check_writable(&self) -> Result<()> {
        match &self.mode {
            Mode::Shared => Ok(()),
            Mode::Protected(_, why) | Mode::Copy(Copy { why, .. }) => Err(why.clone()),
        }
    }

    pub fn is_read_only(&self) -> bool {
        self.check_writable().is_err()
    }

    /// Whether this is a copy that is still to get what dead processes left, in write transactions that only this process
    /// sees.
    pub fn is_merging(&self) -> bool {
        matches!(&self.mode, Mode::Copy(copy) if copy.merging.load(Ordering::Relaxed))
    }

    /// The copy is complete: from now on it is read.
    pub fn end_merging(&self) {
        if let Mode::Copy(copy) = &self.mode {
            copy.merging.store(false, Ordering::Relaxed);
        }
    }

    /// Whether the database has changed since this was opened to read it without locks.
    pub fn is_outdated(&self) -> bool {
        let place = &self.stamp.place;
        match &self.mode {
            Mode::Shared => false,
            Mode::Protected(look, _) => {
                self.stamp.look().is_ok_and(|now| now != *look)
                    || !access::nobody_writes(&place.data())
            }
            // A file that was compacted is another one.
            Mode::Copy(copy) => {
                place.is_removed().is_some()
                    || copy::newest(&place.data(), place.path()).is_ok_and(|txn| txn != copy.txn)
            }
        }
    }

    /// The turn to bring in what dead processes left; none is needed where nobody shares the database.
    pub fn take_turn(&self, turn: Turn) -> Result<Option<Held<'_>>> {
        self.stamp.turns().map(|turns| turns.take(turn)).transpose()
    }

    /// An error if the database was removed: this process has what is left of it.
    pub fn removed(&self) -> Option<Error> {
        self.stamp.place.is_removed()
    }

    /// An error unless the database's files are where they should be, whole.
    pub fn check_there(&self) -> Result<()> {
        match self.mode {
            Mode::Shared => self.stamp.place.check(),
            _ => Ok(()),
        }
    }

    /// From now on writes go to the database even if it was removed, to be saved by `copy_to`.
    pub fn write_all_the_same(&self) {
        self.removed.store(true, Ordering::Relaxed);
    }

    /// Tells the data file from all others of its filesystem.
    pub fn number(&self) -> u64 {
        use std::os::unix::fs::MetadataExt;
        self.stamp
            .place
            .data()
            .metadata()
            .map_or(0, |about| about.ino())
    }

    /// Copies the newest snapshot into another directory, in place of a database that is there. Meanwhile nobody writes.
    pub fn copy_to(&self, directory: &Path) -> Result<()> {
        let failed = |e: std::io::Error| Error::io(directory.display(), &e);
        let _nobody_writes = self.stamp.enter(|| Ok(()))?;
        let place = directory.join(format!("{}{}", create::UNFINISHED, std::process::id()));
        let copied = self
            .copy_pages(&place, 0)
            .and_then(|file| std::fs::rename(file, directory.join("data.mdb")).map_err(failed));
        let _ = std::fs::remove_dir_all(&place);
        copied
    }

    /// Makes the directory `place` with a copy of the newest snapshot in it, whose path is the answer.
    fn copy_pages(&self, place: &Path, flags: u32) -> Result<PathBuf> {
        let name = CString::new(place.as_os_str().as_bytes())
            .map_err(|_| Error::invalid(format!("the path {place:?} holds a NUL byte")))?;
        std::fs::create_dir(place).map_err(|e| Error::io(place.display(), &e))?;
        // SAFETY: the environment is open, the name is NUL-terminated, and both live through the call.
        let copied =
            unsafe { lmdb_sys::mdb_env_copy2(self.mapped.env().env(), name.as_ptr(), flags) };
        match copied {
            0 => Ok(place.join("data.mdb")),
            e => Err(error(lmdb::Error::from_err_code(e)).context(place.display())),
        }
    }

    /// The filesystem has failed: the database is left alone from now on. LMDB writes to the memory of its lock file
    /// even to read, and where the filesystem refuses that, it is a signal that ends the process.
    pub fn give_up(&self, why: &Error) {
        if self.given_up.set(why.clone()).is_ok() {
            log::emit(Level::Error, || {
                format!(
                    "{}: not used any more by this process: {why}",
                    self.path.display()
                )
            });
        }
    }

    /// An error if the database was given up.
    pub fn check_given_up(&self) -> Result<()> {
        match self.given_up.get() {
            None => Ok(()),
            Some(why) => Err(why
                .clone()
                .context(format!("the database {}", self.path.display()))),
        }
    }

    /// Starts a snapshot. Keep it short: pages it sees cannot be reused meanwhile.
    pub fn read(&self) -> Result<ReadTxn<'_>> {
        shield::prolong();
        self.check_given_up()?;
        self.check_files()?;
        match &self.mode {
            Mode::Shared if !self.removed.load(Ordering::Relaxed) => self.stamp.place.check()?,
            Mode::Protected(look, _) if self.stamp.look()? != *look => {
                return Err(Error::new(
                    Status::Busy,
                    format!(
                        "{} was changed while it was read without locks: query it again",
                        self.stamp.place.path().display()
                    ),
                ));
            }
            _ => {}
        }
        self.snapshot()
    }

    /// Whether somebody who may only read asks for pages to stay as they are (`lease.rs`).
    pub fn is_lease_wanted(&self) -> bool {
        matches!(self.mode, Mode::Shared) && lease::is_asked_for(&self.stamp.place.data())
    }

    /// Lends the pages of the newest snapshot to who asks for them, until nobody does, `is_over`, or it was long enough.
    pub fn lend(&self, is_over: impl Fn() -> bool) -> Result<()> {
        let begun = Instant::now();
        let txn = self.read()?;
        let _grant = lease::Grant::new(&self.path, txn.commit_number())?;
        while self.is_lease_wanted()
            && begun.elapsed() < lease::MOST
            && !self.mapped.is_waited_for()
            && !is_over()
        {
            std::thread::sleep(lease::LOOK);
        }
        Ok(())
    }

    /// Before a transaction: the host may have closed descriptors and given their numbers to files of its own.
    fn check_files(&self) -> Result<()> {
        // To close one descriptor of the lock file ends all locks on it.
        let unlocked = self.stamp.check_files()?;
        self.mapped.check_files(unlocked)
    }

    fn seen(&self, txn: &impl Transaction) -> Txn<'_> {
        Txn {
            raw: Raw(txn.txn()),
            tables: self.tables,
            path: self.stamp.place.path(),
        }
    }

    fn snapshot(&self) -> Result<ReadTxn<'_>> {
        let (txn, hold) = self.mapped.begin(Environment::begin_ro_txn)?;
        Ok(ReadTxn {
            seen: self.seen(&txn),
            _txn: txn,
            _map: hold,
        })
    }

    /// Runs `f` in a write transaction and commits it. Where the map turns out too small it is enlarged and `f` runs
    /// again, on the unchanged database. Waits for the writers of other processes.
    ///
    /// # Errors
    /// `Busy` if another process does not get on, `NotFound` if the database was removed, `ReadOnly`, `Full`, ...
    pub fn write<T>(&self, mut f: impl FnMut(&mut WriteTxn<'_>) -> Result<T>) -> Result<T> {
        let mut value = None;
        self.write_any(&mut |txn| {
            value = Some(f(txn)?);
            Ok(())
        })?;
        match value {
            Some(value) => Ok(value),
            None => unreachable!("a transaction that succeeds has run"),
        }
    }

    /// Once for all closures: there are many.
    fn write_any(&self, f: &mut dyn FnMut(&mut WriteTxn<'_>) -> Result<()>) -> Result<()> {
        shield::prolong();
        self.check_given_up()?;
        if self.is_merging() {
            return self.transact(f);
        }
        self.check_writable()?;
        self.check_files()?;
        if !self.removed.load(Ordering::Relaxed) {
            self.stamp.place.check()?;
        }
        if let Some(to) = self.stamp.place.newly_moved() {
            log::emit(Level::Warning, || {
                format!(
                    "{}: was moved away while this process writes to it, and is written where it is now: {}",
                    self.path.display(),
                    to.display()
                )
            });
        }
        let _session = self
            .stamp
            .enter(|| check_pages(&self.mapped, &self.stamp))?;
        self.transact(f)
    }

    fn transact(&self, f: &mut dyn FnMut(&mut WriteTxn<'_>) -> Result<()>) -> Result<()> {
        loop {
            let (txn, hold) = self.mapped.begin(Environment::begin_rw_txn)?;
            let mut txn = WriteTxn {
                seen: self.seen(&txn),
                txn,
                map_full: false,
                ordinals: FxHashMap::default(),
                freed: Vec::new(),
            };
            let outcome = f(&mut txn);
            let mut full = txn.map_full;
            let freed = std::mem::take(&mut txn.freed);
            let result = match outcome {
                Ok(()) => txn.txn.commit().map_err(|e| {
                    full |= e == lmdb::Error::MapFull;
                    self.mapped.after_failed_commit(e)
                }),
                Err(e) => {
                    txn.txn.abort();
                    Err(e)
                }
            };
            drop(hold);
            match result {
                Err(e) if full => self.mapped.enlarge(e)?,
                other => {
                    if other.is_ok() && !freed.is_empty() {
                        self.freed.lock().extend(freed);
                    }
                    return other;
                }
            }
        }
    }

    /// Contents to which nothing refers any more, each told once.
    pub fn take_freed(&self) -> Vec<Blob> {
        std::mem::take(&mut *self.freed.lock())
    }

    /// Frees the slots of readers that died.
    fn check_readers(&self) {
        let mut dead = 0;
        // SAFETY: the environment is open, and `dead` outlives the call.
        let rc = unsafe { lmdb_sys::mdb_reader_check(self.mapped.env().env(), &mut dead) };
        if rc == 0 && dead > 0 {
            log::emit(Level::Info, || {
                format!(
                    "{}: freed the slots of {dead} dead readers",
                    self.path.display()
                )
            });
        }
    }

    fn error(&self, e: lmdb::Error) -> Error {
        self.mapped.error(e)
    }

    /// Bytes of the data file in use by pages that hold data, and its size.
    pub fn file_usage(&self) -> Result<(u64, u64)> {
        self.check_given_up()?;
        let _hold = self.mapped.hold()?;
        let env = self.mapped.env();
        let page = u64::from(env.stat().map_err(|e| self.error(e))?.page_size());
        let last = env.info().map_err(|e| self.error(e))?.last_pgno() as u64;
        let free = env.freelist().map_err(|e| self.error(e))? as u64;
        let size = self.stamp.place.about_data()?.len();
        Ok(((last + 1).saturating_sub(free) * page, size))
    }
}

/// Checks every page of the newest snapshot.
fn check_pages(mapped: &Mapped, stamp: &Stamp) -> Result<()> {
    let begun = Instant::now();
    let pages = snapshot::check(mapped, &stamp.place, verify::check_snapshot)?;
    log::emit(Level::Debug, || {
        let (path, took) = (stamp.place.path().display(), begun.elapsed());
        format!("{path}: checked {pages} pages in {took:?}")
    });
    Ok(())
}

/// A transaction, whether it also writes: what it sees of the database is read by this.
pub struct Txn<'s> {
    raw: Raw,
    pub(super) tables: Tables,
    /// The data file.
    pub(super) path: &'s Path,
}

/// LMDB's own transaction. It lives as long as this can be reached: who owns it keeps both, and only lends this.
struct Raw(*mut lmdb_sys::MDB_txn);

impl Transaction for Raw {
    fn txn(&self) -> *mut lmdb_sys::MDB_txn {
        self.0
    }
}

/// A snapshot of the database.
pub struct ReadTxn<'s> {
    seen: Txn<'s>,
    _txn: RoTransaction<'s>,
    _map: Hold<'s>,
}

/// A write transaction; see `Store::write`.
pub struct WriteTxn<'s> {
    seen: Txn<'s>,
    txn: RwTransaction<'s>,
    map_full: bool,
    /// The place of the next param that is new to a run, of runs that got one.
    pub(super) ordinals: FxHashMap<RunId, u32>,
    /// Contents of objects to which nothing refers any more once this is committed.
    pub(super) freed: Vec<Blob>,
}

impl<'s> Deref for ReadTxn<'s> {
    type Target = Txn<'s>;

    fn deref(&self) -> &Txn<'s> {
        &self.seen
    }
}

impl<'s> Deref for WriteTxn<'s> {
    type Target = Txn<'s>;

    fn deref(&self) -> &Txn<'s> {
        &self.seen
    }
}

impl ReadTxn<'_> {
    /// The number of the commit that this transaction sees.
    pub fn commit_number(&self) -> u64 {
        // SAFETY: the transaction lives through the call.
        unsafe { lmdb_sys::mdb_txn_id(self.seen.raw.0) as u64 }
    }
}

impl Txn<'_> {
    pub(super) fn get(&self, table: lmdb::Database, key: &[u8]) -> Result<Option<&[u8]>> {
        match self.raw.get(table, &key) {
            Ok(value) => Ok(Some(value)),
            Err(lmdb::Error::NotFound) => Ok(None),
            Err(e) => Err(error(e)),
        }
    }

    /// An error met in what this transaction reads: with the file, and the place in words.
    pub fn located(&self, e: Error, place: impl std::fmt::Display) -> Error {
        e.context(format_args!("{}: {place}", self.path.display()))
    }

    pub(super) fn cursor(&self, table: lmdb::Database) -> Result<Scan<'_>> {
        self.raw.open_ro_cursor(table).map(Scan::new).map_err(error)
    }

    /// How many rows a table has.
    pub(super) fn rows(&self, table: lmdb::Database) -> Result<u64> {
        Ok(self.raw.stat(table).map_err(error)?.entries() as u64)
    }
}

impl WriteTxn<'_> {
    pub(super) fn put(&mut self, table: lmdb::Database, key: &[u8], value: &[u8]) -> Result<()> {
        self.txn
            .put(table, &key, &value, lmdb::WriteFlags::empty())
            .map_err(|e| {
                self.map_full |= e == lmdb::Error::MapFull;
                error(e)
            })
    }

    /// Puts a row of so many bytes, which are for the caller to write.
    pub(super) fn reserve(
        &mut self,
        table: lmdb::Database,
        key: &[u8],
        length: usize,
    ) -> Result<&mut [u8]> {
        let flags = lmdb::WriteFlags::empty();
        match self.txn.reserve(table, &key, length, flags) {
            Ok(row) => Ok(row),
            Err(e) => {
                self.map_full |= e == lmdb::Error::MapFull;
                Err(error(e))
            }
        }
    }

    /// Deletes a row and tells whether there was one.
    pub(super) fn delete(&mut self, table: lmdb::Database, key: &[u8]) -> Result<bool> {
        match self.txn.del(table, &key, None) {
            Ok(()) => Ok(true),
            Err(lmdb::Error::NotFound) => Ok(false),
            Err(e) => {
                self.map_full |= e == lmdb::Error::MapFull;
                Err(error(e))
            }
        }
    }

    /// Deletes all rows whose key starts with `prefix`.
    pub(super) fn delete_prefix(&mut self, table: lmdb::Database, prefix: &[u8]) -> Result<()> {
        let mut keys = Vec::new();
        let mut scan = self.cursor(table)?;
        for row in scan.prefix(prefix) {
            let (key, _) = row?;
            keys.push(key.to_vec());
        }
        drop(scan);
        keys.iter()
            .try_for_each(|key| self.delete(table, key).map(|_| ()))
    }
}
