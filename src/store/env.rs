//! The LMDB environment: opening it safely, transactions, and a map that adapts to what the host allows.

mod create;
mod filesystem;
pub(super) mod layout;
mod map;
mod number;
mod preflight;
mod stamp;
mod verify;

use super::tables::{FORMAT, Tables};
use crate::error::{Error, Result, Status};
use crate::log::{self, Level};
use crate::shield;
use lmdb::{Environment, EnvironmentFlags, RoTransaction, RwTransaction, Transaction};
use map::{Hold, Mapped};
use number::Number;
use stamp::Stamp;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;
pub(super) use verify::page;

/// Address space reserved for the database where nothing limits it. It costs no memory: the file grows as written.
const MAP_SIZE: usize = 1 << 40;
const LEAST_MAP_SIZE: usize = 16 << 20;
/// Concurrent read transactions over all processes.
const MAX_READERS: u32 = 2048;

/// How a store is opened.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenOptions {
    /// Bytes of address space to reserve at most; `None` for the default.
    pub map_size: Option<usize>,
    /// Opens on a network filesystem all the same.
    pub allow_network_fs: bool,
}

/// One open LMDB environment. LMDB wants at most one of them per process and file: `repo` sees to that.
pub struct Store {
    mapped: Mapped,
    pub(super) tables: Tables,
    path: PathBuf,
    read_only: bool,
    stamp: Stamp,
    /// Why the database is left alone from now on.
    given_up: OnceLock<Error>,
}

impl Store {
    /// Opens the database in the directory `path`; makes it where there is none. A database that this process may
    /// not write is opened for reading.
    ///
    /// # Errors
    /// `Corrupt`, naming file, page and rule, where following the data file could harm the process: see `verify` for
    /// what is checked and `stamp` for when. Damage in values is found when they are read.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Store> {
        filesystem::check(path, options.allow_network_fs)?;
        let read_only = !preflight::is_writable(path)?;
        let turn = preflight::Turn::take(path);
        if !read_only {
            create::database(path)?;
        }
        preflight::check_meta_pages(path)?;
        if !read_only {
            preflight::reserve_lock_file(path, MAX_READERS)?;
        }
        let (env, number) = open_environment(path, options, read_only, Number::draw)?;
        let mapped = Mapped::new(env, number, path);
        drop(turn);
        let stamp = Stamp::open(path, read_only)?;
        let check = || check_pages(&mapped, &stamp);
        stamp.admit(check)?;
        let tables = open_tables(&mapped, &stamp, read_only)
            .map_err(|e| e.context(format!("database {}", path.display())))?;
        let store = Store {
            mapped,
            tables,
            path: path.to_owned(),
            read_only,
            stamp,
            given_up: OnceLock::new(),
        };
        store.check_readers();
        Ok(store)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn is_read_only(&self) -> bool {
        self.read_only
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
        self.stamp.check_size()?;
        let (txn, hold) = self.mapped.begin(Environment::begin_ro_txn)?;
        Ok(ReadTxn {
            txn,
            tables: self.tables,
            path: self.stamp.path(),
            _map: hold,
        })
    }

    /// Runs `f` in a write transaction and commits it. Where the map turns out too small it is enlarged and `f` runs
    /// again, on the unchanged database. Waits for the writers of other processes.
    pub fn write<T>(&self, mut f: impl FnMut(&mut WriteTxn<'_>) -> Result<T>) -> Result<T> {
        shield::prolong();
        if self.read_only {
            return Err(Error::new(
                Status::ReadOnly,
                format!("the database {} cannot be written", self.path.display()),
            ));
        }
        self.check_given_up()?;
        let _session = self
            .stamp
            .enter(|| check_pages(&self.mapped, &self.stamp))?;
        loop {
            let (txn, hold) = self.mapped.begin(Environment::begin_rw_txn)?;
            let mut txn = WriteTxn {
                txn,
                tables: self.tables,
                path: self.stamp.path(),
                map_full: false,
            };
            let outcome = f(&mut txn);
            let mut full = txn.map_full;
            let result = match outcome {
                Ok(value) => txn.txn.commit().map(|()| value).map_err(|e| {
                    full |= e == lmdb::Error::MapFull;
                    self.error(e)
                }),
                Err(e) => {
                    txn.txn.abort();
                    Err(e)
                }
            };
            drop(hold);
            match result {
                Err(e) if full => self.mapped.enlarge(e)?,
                other => return other,
            }
        }
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
        let data = self.path.join("data.mdb");
        let size = std::fs::metadata(&data)
            .map_err(|e| Error::io(format_args!("{}", data.display()), &e))?
            .len();
        Ok(((last + 1).saturating_sub(free) * page, size))
    }
}

/// The tables; a new database gets them.
fn open_tables(mapped: &Mapped, stamp: &Stamp, read_only: bool) -> Result<Tables> {
    match Tables::open(mapped.env())? {
        Some(mut tables) if tables.format < FORMAT && !read_only => {
            let _session = stamp.enter(|| check_pages(mapped, stamp))?;
            tables.renew(mapped.env()).map(|()| tables)
        }
        Some(tables) => Ok(tables),
        None if read_only => Err(Error::corrupt("is empty and cannot be written")),
        None => {
            let _session = stamp.enter(|| check_pages(mapped, stamp))?;
            Tables::create(mapped.env())
        }
    }
}

/// Checks every page of the newest snapshot, which a read transaction keeps meanwhile.
fn check_pages(mapped: &Mapped, stamp: &Stamp) -> Result<()> {
    /// A meta page is written anew by the next but one transaction: then its reading may have failed for that.
    const ATTEMPTS: usize = 8;
    let path = stamp.path();
    let begun = Instant::now();
    let mut attempt = 1;
    loop {
        let (txn, _hold) = mapped.begin(Environment::begin_ro_txn)?;
        // SAFETY: the transaction lives through the call.
        let id = unsafe { lmdb_sys::mdb_txn_id(txn.txn()) } as u64;
        match verify::check_snapshot(stamp.data(), path, id) {
            Ok(pages) => {
                log::emit(Level::Debug, || {
                    let took = begun.elapsed();
                    format!("{}: checked {pages} pages in {took:?}", path.display())
                });
                return Ok(());
            }
            Err(_) if attempt < ATTEMPTS && !verify::is_present(stamp.data(), path, id) => {
                attempt += 1;
            }
            Err(e) => return Err(e),
        }
    }
}

/// An LMDB error in words.
pub(super) fn error(e: lmdb::Error) -> Error {
    use lmdb::Error as E;
    match e {
        E::Other(errno) => Error::io("database", &std::io::Error::from_raw_os_error(errno)),
        E::MapFull => Error::new(Status::Full, "the reserved map is full"),
        E::ReadersFull => Error::new(
            Status::Limit,
            format!("more than {MAX_READERS} readers at once"),
        ),
        E::Corrupted | E::PageNotFound | E::Invalid | E::Panic | E::VersionMismatch => {
            Error::corrupt(format!("the data file is damaged ({e})"))
        }
        e => Error::new(Status::Io, e.to_string()),
    }
}

/// Opens the environment with one of the numbers from `draw` that no other process has.
fn open_environment(
    path: &Path,
    options: &OpenOptions,
    read_only: bool,
    mut draw: impl FnMut() -> Result<Number>,
) -> Result<(Environment, Number)> {
    /// The first is good but for one time in a million, beside as many readers as there may be.
    const NUMBERS: u32 = 8;
    let mut flags = EnvironmentFlags::NO_TLS | EnvironmentFlags::NO_READAHEAD;
    if read_only {
        flags |= EnvironmentFlags::READ_ONLY;
    }
    let mut size = options
        .map_size
        .unwrap_or_else(default_map_size)
        .max(LEAST_MAP_SIZE);
    let mut number = draw()?;
    let mut drawn = 1;
    loop {
        let mut builder = Environment::new();
        builder
            .set_flags(flags)
            .set_max_dbs(Tables::COUNT)
            .set_max_readers(MAX_READERS)
            .set_map_size(size & !0xffff);
        match number.during(|| builder.open(path).and_then(claim_number)) {
            Err(lmdb::Error::Other(libc::EAGAIN)) if drawn < NUMBERS => {
                number = draw()?;
                drawn += 1;
            }
            // EINVAL is what valgrind says to a mapping that is larger than it can follow.
            Err(lmdb::Error::Other(libc::ENOMEM | libc::EINVAL)) if size > LEAST_MAP_SIZE => {
                size /= 2;
            }
            // A signal while it waited for its lock.
            Err(lmdb::Error::Other(libc::EINTR)) => {}
            Ok(env) => return Ok((env, number)),
            Err(e) => return Err(error(e).context(format!("database {}", path.display()))),
        }
    }
}

/// An environment locks its number with its first read transaction.
fn claim_number(env: Environment) -> lmdb::Result<Environment> {
    const TAKEN: lmdb::Error = lmdb::Error::Other(libc::EAGAIN);
    let begun = env.begin_ro_txn().map(drop);
    match begun {
        Err(TAKEN) => Err(TAKEN),
        // Any other error is that of the transaction which needs it.
        _ => Ok(env),
    }
}

/// A quarter of what a limit on address space leaves: the rest belongs to the host.
fn default_map_size() -> usize {
    match preflight::address_space_limit() {
        Some(limit) => (limit / 4).min(MAP_SIZE),
        None => MAP_SIZE,
    }
}

/// A snapshot of the database.
pub struct ReadTxn<'s> {
    pub(super) txn: RoTransaction<'s>,
    pub(super) tables: Tables,
    path: &'s Path,
    _map: Hold<'s>,
}

/// A write transaction; see `Store::write`.
pub struct WriteTxn<'s> {
    txn: RwTransaction<'s>,
    pub(super) tables: Tables,
    path: &'s Path,
    map_full: bool,
}

/// What both kinds of transaction can do.
pub trait Reading {
    type Txn: Transaction;
    fn txn(&self) -> &Self::Txn;
    fn tables(&self) -> &Tables;
    /// The data file.
    fn path(&self) -> &Path;

    fn get(&self, table: lmdb::Database, key: &[u8]) -> Result<Option<&[u8]>> {
        match self.txn().get(table, &key) {
            Ok(value) => Ok(Some(value)),
            Err(lmdb::Error::NotFound) => Ok(None),
            Err(e) => Err(error(e)),
        }
    }

    /// An error met in what this transaction reads: with the file, and the place in words.
    fn located(&self, e: Error, place: impl std::fmt::Display) -> Error {
        e.context(format_args!("{}: {place}", self.path().display()))
    }

    fn cursor(&self, table: lmdb::Database) -> Result<super::scan::Scan<'_>> {
        self.txn()
            .open_ro_cursor(table)
            .map(super::scan::Scan::new)
            .map_err(error)
    }
}

impl<'s> Reading for ReadTxn<'s> {
    type Txn = RoTransaction<'s>;
    fn txn(&self) -> &Self::Txn {
        &self.txn
    }
    fn tables(&self) -> &Tables {
        &self.tables
    }
    fn path(&self) -> &Path {
        self.path
    }
}

impl<'s> Reading for WriteTxn<'s> {
    type Txn = RwTransaction<'s>;
    fn txn(&self) -> &Self::Txn {
        &self.txn
    }
    fn tables(&self) -> &Tables {
        &self.tables
    }
    fn path(&self) -> &Path {
        self.path
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
        let mut row = scan.seek(prefix)?;
        while let Some((key, _)) = row.filter(|(key, _)| key.starts_with(prefix)) {
            keys.push(key.to_vec());
            row = scan.next_row()?;
        }
        drop(scan);
        keys.iter()
            .try_for_each(|key| self.delete(table, key).map(|_| ()))
    }
}
