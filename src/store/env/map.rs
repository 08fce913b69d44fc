//! Giving the environment a larger map.
//!
//! LMDB unmaps before it maps anew, and where that fails it goes on with addresses that are no longer its own. So the
//! room is looked for first, and an environment that lost its map all the same is never touched again.

use super::{LEAST_MAP_SIZE, error, number::Number, preflight};
use crate::error::{Error, Result, Status};
use lmdb::Environment;
use parking_lot::{RecursiveRwLock, RecursiveRwLockReadGuard};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

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
    /// Recursive: a thread with a transaction does not wait for one that wants to resize.
    map: RecursiveRwLock<Map>,
}

/// Keeps the map as it is.
pub type Hold<'m> = RecursiveRwLockReadGuard<'m, Map>;

impl Mapped {
    pub fn new(env: Environment, number: Number, directory: &Path) -> Mapped {
        let (env, map) = (ManuallyDrop::new(env), RecursiveRwLock::default());
        Mapped {
            env,
            number,
            directory: directory.to_owned(),
            map,
        }
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
        loop {
            let hold = self.hold()?;
            match begin(&self.env) {
                Ok(txn) => return Ok((txn, hold)),
                Err(lmdb::Error::MapResized) => {
                    drop(hold);
                    self.adopt_size()?;
                }
                Err(e) => return Err(self.error(e)),
            }
        }
    }

    /// Another process made the database larger than this process's map.
    fn adopt_size(&self) -> Result<()> {
        let mut map = self.map.write();
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
        let mut map = self.map.write();
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
