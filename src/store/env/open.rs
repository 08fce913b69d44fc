//! Opening the environment: to write where this process may, else to read, in place or from a copy.

use super::number::Number;
use super::place::Place;
use super::stamp::Stamp;
use super::turns::Turn;
use super::{
    Copy, LEAST_MAP_SIZE, MAP_SIZE, Mapped, Mode, OpenOptions, Store, access, check_pages, copy,
    create, error, filesystem, preflight, snapshot, verify,
};
use crate::error::{Error, Result};
use crate::files::{Access, Folder, Openers, share};
use crate::log::{self, Level};
use crate::own_file::OwnFile;
use crate::store::lmdb_error::MAX_READERS;
use crate::store::tables::{FORMAT, Tables};
use lmdb::{Environment, EnvironmentFlags};
use std::fs::{self, File};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

impl Store {
    /// Opens the database in the directory `path`; makes it where there is none. A database that this process may not
    /// write is opened for reading: in place if nobody can write to it and `is_quiet` says that nobody does and nothing
    /// waits to be brought in, else as a copy.
    ///
    /// # Errors
    /// `Corrupt`, naming file, page and rule, where following the data file could harm the process: see `verify` for
    /// what is checked and `stamp` for when. Damage in values is found when they are read.
    pub fn open(
        path: &Path,
        options: &OpenOptions,
        is_quiet: impl FnOnce() -> bool,
    ) -> Result<Store> {
        filesystem::check(path, options.allow_network_fs)?;
        let folder = Folder::open(path)?;
        match access::to_write(&folder)? {
            Ok(writing) => open_to_write(folder, options, writing),
            Err(why) => open_to_read(folder, options, why, is_quiet),
        }
        .map_err(|e| match e.message.contains(&*path.to_string_lossy()) {
            true => e,
            false => e.context(format_args!("database {}", path.display())),
        })
    }
}

fn data_file(folder: &Folder, missing: &Error) -> Result<File> {
    let file = folder.existing("data.mdb", Access::Read)?;
    file.ok_or_else(|| missing.clone())
}

fn open_to_write(folder: Folder, options: &OpenOptions, files: access::Writing) -> Result<Store> {
    let path = folder.path().to_owned();
    let data_path = path.join("data.mdb");
    let gone = Error::new(
        crate::error::Status::NotFound,
        format!("{} was removed while it was opened", data_path.display()),
    );
    let access::Writing { turns, lock } = files;
    let (env, number, data) = {
        // Without it where somebody does not get on: then the turn only guards against a kill that is rarer still.
        let turn = turns.take(Turn::Open);
        if let Err(e) = &turn {
            log::emit(Level::Warning, || e.to_string());
        }
        create::database(&folder)?;
        let data = data_file(&folder, &gone)?;
        preflight::check_meta_pages(&data, &data_path)?;
        let (env, number) = environment(&path, options, EnvironmentFlags::empty(), Number::draw)?;
        (env, number, data)
    };
    share(&data, &folder.about()?, Openers::Readers);
    let mapped = Mapped::new(env, number, &path);
    let place = Place::new(data, &path, Some(lock))?;
    let stamp = Stamp::open(&folder, place, Some(turns));
    stamp.admit(|| check_pages(&mapped, &stamp))?;
    check_roots(&mapped, &stamp)?;
    let tables = match Tables::open(mapped.env())? {
        Some(mut tables) if tables.format < FORMAT => {
            let _session = stamp.enter(|| check_pages(&mapped, &stamp))?;
            tables.renew(mapped.env())?;
            tables
        }
        Some(tables) => tables,
        None => {
            let _session = stamp.enter(|| check_pages(&mapped, &stamp))?;
            Tables::create(mapped.env())?
        }
    };
    let store = Store {
        mapped,
        tables,
        path,
        mode: Mode::Shared,
        stamp,
        _folder: folder.keep()?,
        removed: AtomicBool::new(false),
        given_up: OnceLock::new(),
        freed: Default::default(),
    };
    store.check_readers();
    Ok(store)
}

fn open_to_read(
    folder: Folder,
    options: &OpenOptions,
    why: Error,
    is_quiet: impl FnOnce() -> bool,
) -> Result<Store> {
    let path = folder.path().to_owned();
    let data_path = path.join("data.mdb");
    let data = data_file(&folder, &why)?;
    if data.metadata().is_ok_and(|about| about.len() == 0) {
        return Err(why.context(format_args!("{} is empty", data_path.display())));
    }
    preflight::check_meta_pages(&data, &data_path)?;
    let protected = access::nobody_writes(&data) && is_quiet();
    let place = Place::new(data, &path, None)?;
    let stamp = Stamp::open(&folder, place, None);
    let (mapped, mode) = match protected {
        true => in_place(&path, options, &stamp, why)?,
        false => as_copy(&folder, options, &stamp, why)?,
    };
    let mut tables = Tables::open(mapped.env())?
        .ok_or_else(|| Error::corrupt("has no tables and cannot be written"))?;
    if tables.format < FORMAT && matches!(mode, Mode::Copy(_)) {
        tables.renew(mapped.env())?;
    }
    Ok(Store {
        mapped,
        tables,
        path,
        mode,
        stamp,
        _folder: folder.keep()?,
        removed: AtomicBool::new(false),
        given_up: OnceLock::new(),
        freed: Default::default(),
    })
}

fn in_place(
    path: &Path,
    options: &OpenOptions,
    stamp: &Stamp,
    why: Error,
) -> Result<(Mapped, Mode)> {
    let look = stamp.look()?;
    let flags = EnvironmentFlags::READ_ONLY | EnvironmentFlags::NO_LOCK;
    let (env, number) = environment(path, options, flags, Number::draw)?;
    let mapped = Mapped::new(env, number, path);
    stamp.admit(|| check_pages(&mapped, stamp))?;
    check_roots(&mapped, stamp)?;
    Ok((mapped, Mode::Protected(look, why)))
}

fn as_copy(
    folder: &Folder,
    options: &OpenOptions,
    stamp: &Stamp,
    why: Error,
) -> Result<(Mapped, Mode)> {
    let data_path = stamp.place.path();
    // Another description of the file, whose position is its own.
    let from = data_file(folder, &why)?;
    let vouched = stamp.vouches()?;
    let copied = copy::snapshot(&from, data_path)?;
    let vouched = vouched && stamp.vouches()?;
    match vouched {
        true => verify::check_roots(&copied.file, data_path, copied.txn)?,
        false => verify::check_snapshot(&copied.file, data_path, copied.txn).map(drop)?,
    }
    let flags =
        EnvironmentFlags::NO_LOCK | EnvironmentFlags::NO_SYNC | EnvironmentFlags::NO_SUB_DIR;
    let name = copy::name(&copied.file);
    let (env, number) = environment(Path::new(&name), options, flags, Number::draw)?;
    let mapped = Mapped::new(env, number, folder.path());
    let file = OwnFile::new(copied.file, Path::new(&name), &fs::OpenOptions::new());
    let mode = Mode::Copy(Copy {
        _file: file.map_err(|e| Error::io(data_path.display(), &e))?,
        txn: copied.txn,
        merging: AtomicBool::new(true),
        why,
    });
    Ok((mapped, mode))
}

/// Checks what costs the same whatever the size of the file.
fn check_roots(mapped: &Mapped, stamp: &Stamp) -> Result<()> {
    snapshot::check(mapped, &stamp.place, verify::check_roots)
}

/// Opens the environment with one of the numbers from `draw` that no other process has.
pub(super) fn environment(
    path: &Path,
    options: &OpenOptions,
    flags: EnvironmentFlags,
    mut draw: impl FnMut() -> Result<Number>,
) -> Result<(Environment, Number)> {
    /// The first is good but for one time in a million, beside as many readers as there may be.
    const NUMBERS: u32 = 8;
    let flags = flags | EnvironmentFlags::NO_TLS | EnvironmentFlags::NO_READAHEAD;
    let mut size = options
        .map_size
        .unwrap_or_else(default_map_size)
        .max(LEAST_MAP_SIZE)
        .min(preflight::file_size_limit().unwrap_or(usize::MAX));
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
