//! Giving the environment a larger map.
//!
//! LMDB unmaps before it maps anew, and where that fails it goes on with addresses that are no longer its own. So the
//! room is looked for first, and an environment that lost its map all the same is never touched again.

use super::{LEAST_MAP_SIZE, error, number::Number, preflight};
use crate::error::{Error, Result, Status};
use crate::own_file::{self, Identity};
use lmdb::Environment;
use parking_lot::{RecursiveRwLock, RecursiveRwLockReadGuard};
use std::fs::OpenOptions;
use std::mem::ManuallyDrop;
use std::os::fd::{IntoRawFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// How long a transaction waits for those under way, if descriptors have to be exchanged.
const FILES_PATIENCE: Duration = Duration::from_secs(5);

/// How often an environment is tried whose last commit failed: it may be usable again in a moment.
const FAILED_LOOKS: u32 = 10;

/// The files behind LMDB's descriptors: the data file, the same again for its meta pages, and the lock file.
struct Files([Option<Identity>; 3]);

impl Files {
    fn of(env: &Environment) -> Files {
        // SAFETY: the environment is open.
        let descriptors = unsafe { lmdb_sys::files(env.env()) };
        Files(descriptors.map(own_file::behind))
    }

    fn are_behind(&self, descriptors: [RawFd; 3]) -> bool {
        self.only_own(descriptors) == descriptors
    }

    /// Without those that stand for something else now.
    fn only_own(&self, descriptors: [RawFd; 3]) -> [RawFd; 3] {
        let mut own = descriptors;
        for (descriptor, file) in own.iter_mut().zip(self.0) {
            if !file.is_some_and(|file| own_file::stands_for(*descriptor, file)) {
                *descriptor = -1;
            }
        }
        own
    }

    /// Opens those again that stand for something else now; true if the lock file is one of them.
    fn open_again(&self, descriptors: &mut [RawFd; 3], directory: &Path) -> Result<bool> {
        let writes = self.0[1].is_some();
        let mut options = [OpenOptions::new(), OpenOptions::new(), OpenOptions::new()];
        options[0].read(true).write(writes);
        options[1].write(true);
        options[2].read(true).write(true);
        let flags = [0, libc::O_DSYNC, 0];
        let names = ["data.mdb", "data.mdb", "lock.mdb"];
        let mut locked_again = false;
        for n in 0..3 {
            if let Some(file) = self.0[n]
                && !own_file::stands_for(descriptors[n], file)
            {
                let path = directory.join(names[n]);
                let opened = own_file::open_again(&path, &options[n], flags[n], file)?;
                descriptors[n] = opened.into_raw_fd();
                locked_again |= n == 2;
            }
        }
        Ok(locked_again)
    }
}

/// State of the map. Shared by every transaction while it lasts, exclusive while the map is resized.
#[derive(Default)]
pub struct Map {
    lost: bool,
}

/// An environment and its map.
pub struct Mapped {
    env: ManuallyDrop<Environment>,
    number: Number,
    directory: PathBuf,
    files: Files,
    /// Recursive: a thread with a transaction does not wait for one that wants to resize.
    map: RecursiveRwLock<Map>,
    /// Who waits for all transactions to end.
    waiting: AtomicUsize,
}

/// Keeps the map as it is.
pub type Hold<'m> = RecursiveRwLockReadGuard<'m, Map>;

impl Mapped {
    pub fn new(env: Environment, number: Number, directory: &Path) -> Mapped {
        let files = Files::of(&env);
        let (env, map) = (ManuallyDrop::new(env), RecursiveRwLock::default());
        Mapped {
            files,
            env,
            number,
            directory: directory.to_owned(),
            map,
            waiting: AtomicUsize::new(0),
        }
    }

    /// Whether somebody waits until no transaction is under way: a long one should end.
    pub fn is_waited_for(&self) -> bool {
        self.waiting.load(Relaxed) > 0
    }

    /// Waits until no transaction is under way.
    fn alone<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.waiting.fetch_add(1, Relaxed);
        let waited = wait();
        self.waiting.fetch_sub(1, Relaxed);
        waited
    }

    /// Never to be closed: what it would write to is gone.
    pub fn abandon(&mut self) {
        self.map.get_mut().lost = true;
    }

    pub fn env(&self) -> &Environment {
        &self.env
    }

    pub fn hold(&self) -> Result<Hold<'_>> {
        let map = self.map.read();
        match map.lost {
            false => Ok(map),
            true => Err(self.lost()),
        }
    }

    /// Begins a transaction; where another process made the database larger than the map, the map follows.
    pub fn begin<'m, T>(
        &'m self,
        begin: impl Fn(&'m Environment) -> lmdb::Result<T>,
    ) -> Result<(T, Hold<'m>)> {
        let mut looks = 0;
        loop {
            let hold = self.hold()?;
            match begin(&self.env) {
                Ok(txn) => return Ok((txn, hold)),
                Err(lmdb::Error::MapResized) => {
                    drop(hold);
                    self.adopt_size()?;
                }
                // A commit of another thread has failed a moment ago.
                Err(lmdb::Error::Panic) if looks < FAILED_LOOKS => {
                    drop(hold);
                    looks += 1;
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(e) => return Err(self.error(e)),
            }
        }
    }

    /// After a commit that failed for want of room the environment is used again.
    pub fn after_failed_commit(&self, e: lmdb::Error) -> Error {
        if let lmdb::Error::Other(libc::ENOSPC | libc::EDQUOT | libc::EFBIG) = e {
            // SAFETY: the environment is open.
            unsafe { lmdb_sys::go_on(self.env.env()) };
        }
        self.error(e)
    }

    /// Before a transaction: makes sure that LMDB's descriptors are those of its files. The host may have closed them;
    /// their numbers may be those of files of its own. `unlocked` says that the locks on the lock file have gone.
    pub fn check_files(&self, unlocked: bool) -> Result<()> {
        if !unlocked && self.files.are_behind(self.descriptors()) {
            return Ok(());
        }
        let Some(_alone) = self.alone(|| self.map.try_write_for(FILES_PATIENCE)) else {
            return Err(self.error_at(Error::new(
                Status::Busy,
                "the program closed its descriptors, and transactions are under way",
            )));
        };
        let mut descriptors = self.descriptors();
        let lock = self.files.open_again(&mut descriptors, &self.directory)? || unlocked;
        // SAFETY: the environment is open, and no transaction is.
        let locked = unsafe {
            lmdb_sys::set_files(self.env.env(), descriptors);
            match lock {
                true => lmdb_sys::lock_again(self.env.env()),
                false => 0,
            }
        };
        match locked {
            0 => Ok(()),
            errno => Err(self.error(lmdb::Error::Other(errno))),
        }
    }

    fn descriptors(&self) -> [RawFd; 3] {
        // SAFETY: the environment is open.
        unsafe { lmdb_sys::files(self.env.env()) }
    }

    /// Another process made the database larger than this process's map.
    fn adopt_size(&self) -> Result<()> {
        let mut map = self.alone(|| self.map.write());
        let page = self.env.stat().map_err(|e| self.error(e))?.page_size() as usize;
        let info = self.env.info().map_err(|e| self.error(e))?;
        let needed = (info.last_pgno() + 1) * page;
        let sizes = [needed * 2, needed + needed / 4, needed + LEAST_MAP_SIZE];
        if needed <= info.map_size() || self.resize(&mut map, &sizes)? {
            return Ok(());
        }
        Err(self.error_at(Error::new(
            Status::Full,
            format!("it has {needed} bytes, the address space (ulimit -v) has no room for them"),
        )))
    }

    /// The map is full: somewhere between twice its size and an eighth more there may be room under a limit on
    /// address space.
    pub fn enlarge(&self, full: Error) -> Result<()> {
        let mut map = self.alone(|| self.map.write());
        let size = self.env.info().map_err(|e| self.error(e))?.map_size();
        let limit = preflight::file_size_limit().unwrap_or(usize::MAX);
        let mut sizes = Vec::from([size, size / 2, size / 4, size / 8]);
        sizes
            .iter_mut()
            .for_each(|more| *more = size.saturating_add(*more).min(limit));
        sizes.retain(|larger| larger & !0xffff > size);
        match self.resize(&mut map, &sizes)? {
            true => Ok(()),
            false if sizes.is_empty() => Err(self.error_at(Error::new(
                Status::Full,
                format!("its file may not exceed {limit} bytes (ulimit -f)"),
            ))),
            false => Err(self.error_at(full)),
        }
    }

    /// Resizes to the first size that there is room for; false if there is for none.
    fn resize(&self, map: &mut Map, sizes: &[usize]) -> Result<bool> {
        if map.lost {
            return Err(self.lost());
        }
        let mut rounded = sizes.iter().map(|size| size & !0xffff);
        let Some(size) = rounded.find(|size| has_room(*size)) else {
            return Ok(false);
        };
        self.env.set_map_size(size).map_err(|e| {
            map.lost = true;
            self.error_at(error(e))
        })?;
        Ok(true)
    }

    /// An error of LMDB, with the database's name.
    pub fn error(&self, e: lmdb::Error) -> Error {
        self.error_at(error(e))
    }

    fn error_at(&self, e: Error) -> Error {
        e.context(format!("database {}", self.directory.display()))
    }

    fn lost(&self) -> Error {
        self.error_at(Error::new(
            Status::Full,
            "the address space had no room for its map any more",
        ))
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        let descriptors = self.files.only_own(self.descriptors());
        // SAFETY: the environment is not used again but to be closed, with its own files.
        unsafe { lmdb_sys::set_files(self.env.env(), descriptors) };
        if !self.map.get_mut().lost {
            let env = &mut self.env;
            // SAFETY: the environment is not used again.
            self.number.during(|| unsafe { ManuallyDrop::drop(env) });
        }
    }
}

/// Whether so many bytes in one piece are free beside the present map.
fn has_room(bytes: usize) -> bool {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new mapping at an address of the kernel's choice; nobody else knows it when it is unmapped.
    unsafe {
        let base = libc::mmap(std::ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0);
        base != libc::MAP_FAILED && libc::munmap(base, bytes) == 0
    }
}
