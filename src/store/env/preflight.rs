//! Checks before LMDB maps a file: what LMDB takes on trust would otherwise end the host with SIGBUS or SIGSEGV.

use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes of LMDB's lock file: 64 a reader, behind a header that is smaller than a page.
const READER_SLOT: u64 = 64;
const LOCK_HEADER: u64 = 4096;

/// LMDB's file layout (mdb.c, MDB_page and MDB_meta of data version 1).
const META_MAGIC: u32 = 0xBEEF_C0DE;
const PAGE_HEADER: usize = 16;
const META_LAST_PAGE: usize = 120;
const META_SIZE: usize = 136;
const DATA_VERSION: u32 = 1;

/// Whether this process may write the directory and the database in it.
pub fn is_writable(path: &Path) -> Result<bool> {
    let data = path.join("data.mdb");
    match OpenOptions::new().write(true).open(&data) {
        Ok(_) => Ok(true),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(true),
        Err(e) => match e.raw_os_error() {
            Some(libc::EROFS | libc::EACCES | libc::EPERM) => Ok(false),
            _ => Err(Error::io(data.display(), &e)),
        },
    }
}

/// Gives LMDB's lock file its disk space in advance: LMDB makes it sparse and maps it, and on a full disk the first
/// touch of a page would be a SIGBUS.
pub fn reserve_lock_file(path: &Path, readers: u32) -> Result<()> {
    let lock = path.join("lock.mdb");
    let failed = |e: std::io::Error| Error::io(format_args!("{}", lock.display()), &e);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&lock)
        .map_err(failed)?;
    let size = LOCK_HEADER + u64::from(readers) * READER_SLOT;
    if file.metadata().map_err(failed)?.len() >= size {
        return Ok(());
    }
    // SAFETY: the descriptor is open; the call takes no pointers.
    match unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, size as libc::off_t) } {
        0 => Ok(()),
        errno => Err(failed(std::io::Error::from_raw_os_error(errno))),
    }
}

/// The soft limit on this process's address space, if there is one.
pub fn address_space_limit() -> Option<usize> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the struct outlives the call, which fills it.
    let ok = unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) } == 0;
    (ok && limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur as usize)
}

/// Refuses a data file that is no LMDB file or that was cut short.
pub fn check_data_file(path: &Path) -> Result<()> {
    let data = path.join("data.mdb");
    let failed = |e: std::io::Error| Error::io(format_args!("{}", data.display()), &e);
    let file = match File::open(&data) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(failed(e)),
    };
    let meta = file.metadata().map_err(failed)?;
    if !meta.is_file() {
        return Err(Error::corrupt(format!("{} is not a file", data.display())));
    }
    let size = meta.len();
    if size == 0 {
        return Ok(());
    }
    let damaged = |what: String| Err(Error::corrupt(format!("{} {what}", data.display())));
    let mut newest = None;
    let mut page_size = 4096u64;
    for page in 0..2u64 {
        let mut bytes = [0u8; PAGE_HEADER + META_SIZE];
        if file.read_exact_at(&mut bytes, page * page_size).is_err() {
            return damaged(format!("is cut short: {size} bytes"));
        }
        let word = |at: usize| {
            let mut w = [0; 8];
            w.copy_from_slice(&bytes[PAGE_HEADER + at..PAGE_HEADER + at + 8]);
            u64::from_le_bytes(w)
        };
        if word(0) as u32 != META_MAGIC {
            return damaged("is no LMDB database: its meta page is overwritten".into());
        }
        if (word(0) >> 32) as u32 != DATA_VERSION {
            return damaged(format!("has LMDB data version {}", (word(0) >> 32) as u32));
        }
        // The page size stands where the first internal table would keep its padding.
        page_size = u64::from(word(24) as u32);
        if !page_size.is_power_of_two() || !(512..=65536).contains(&page_size) {
            return damaged(format!("gives a page size of {page_size}"));
        }
        let (last_page, txn_id) = (word(META_LAST_PAGE), word(META_LAST_PAGE + 8));
        if newest.is_none_or(|(id, _)| txn_id > id) {
            newest = Some((txn_id, last_page));
        }
    }
    let Some((_, last_page)) = newest else {
        return Ok(());
    };
    let needed = (last_page + 1).saturating_mul(page_size);
    if size < needed {
        return damaged(format!("is cut short: {size} of {needed} bytes"));
    }
    Ok(())
}
