//! Checks before LMDB maps a file: what LMDB takes on trust would otherwise end the host with SIGBUS or SIGSEGV.

use super::layout::Meta;
use crate::error::{Error, Result, Status};
use crate::files::{Folder, Openers};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::Duration;

/// Bytes of LMDB's lock file: 64 a reader, behind a header that is smaller than a page.
const READER_SLOT: u64 = 64;
const LOCK_HEADER: u64 = 4096;

/// How often a look at the meta pages is taken: one may fall into another process's commit.
const LOOKS: u32 = 5;

/// LMDB's lock file, with its disk space taken in advance: LMDB makes it sparse and maps it, and on a full disk the
/// first touch of a page would be a SIGBUS. To be closed after the environment: closing it ends LMDB's locks.
pub fn lock_file(folder: &Folder, readers: u32) -> Result<File> {
    let file = folder.made("lock.mdb", Openers::Writers)?;
    let path = folder.path().join("lock.mdb");
    let failed = |e: std::io::Error| Error::io(path.display(), &e);
    let size = LOCK_HEADER + u64::from(readers) * READER_SLOT;
    if file.metadata().map_err(failed)?.len() >= size {
        return Ok(file);
    }
    check_size_limit(&path, size as usize)?;
    // SAFETY: the descriptor is open; the call takes no pointers.
    match unsafe { libc::posix_fallocate(file.as_raw_fd(), 0, size as libc::off_t) } {
        0 => Ok(file),
        errno => Err(failed(std::io::Error::from_raw_os_error(errno))),
    }
}

/// The soft limit on this process's address space, if there is one.
pub fn address_space_limit() -> Option<usize> {
    limit(libc::RLIMIT_AS)
}

/// The soft limit on the size of files that this process writes, if there is one. Writing beyond it is a signal, so the
/// map, and with it the file, stays below.
pub fn file_size_limit() -> Option<usize> {
    limit(libc::RLIMIT_FSIZE)
}

/// `Full` where a file may not have so many bytes: to try would be a signal.
pub fn check_size_limit(path: &Path, bytes: usize) -> Result<()> {
    match file_size_limit() {
        Some(limit) if limit < bytes => Err(Error::new(
            Status::Full,
            format!(
                "{}: files may not exceed {limit} bytes (ulimit -f), and it needs {bytes}: raise the limit",
                path.display()
            ),
        )),
        _ => Ok(()),
    }
}

fn limit(resource: libc::__rlimit_resource_t) -> Option<usize> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the struct outlives the call, which fills it.
    let ok = unsafe { libc::getrlimit(resource, &mut limit) } == 0;
    (ok && limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur as usize)
}

/// Refuses a data file whose meta pages are damaged. LMDB reads them before anything else can be checked, and it needs
/// both.
pub fn check_meta_pages(file: &File, data: &Path) -> Result<()> {
    let failed = |e: std::io::Error| Error::io(format_args!("{}", data.display()), &e);
    if file.metadata().map_err(failed)?.len() == 0 {
        return Ok(());
    }
    newest_meta_pages(file, data).map(drop)
}

/// The two meta pages, the newest first.
pub fn newest_meta_pages(file: &File, data: &Path) -> Result<[Meta; 2]> {
    let failed = |e: std::io::Error| Error::io(format_args!("{}", data.display()), &e);
    let mut looks = 1;
    loop {
        match look_at_meta_pages(file).map_err(failed)? {
            Err(_) if looks < LOOKS => std::thread::sleep(Duration::from_millis(1)),
            Err(rule) => {
                return Err(Error::corrupt(format!(
                    "{} is damaged: {rule}",
                    data.display()
                )));
            }
            Ok(metas) => return Ok(metas),
        }
        looks += 1;
    }
}

fn look_at_meta_pages(file: &File) -> std::io::Result<std::result::Result<[Meta; 2], String>> {
    let mut page_size = 0;
    let mut metas = Vec::with_capacity(2);
    for number in 0..2 {
        match Meta::read(file, number, page_size)? {
            Ok(meta) if number == 1 && meta.page_size != page_size => {
                return Ok(Err(format!(
                    "its meta pages give page sizes of {page_size} and {}",
                    meta.page_size
                )));
            }
            Ok(meta) => {
                page_size = meta.page_size;
                metas.push(meta);
            }
            Err(rule) => return Ok(Err(format!("meta page {number}: {rule}"))),
        }
    }
    let [a, b] = [metas[0], metas[1]];
    if a.txn.abs_diff(b.txn) > 1 {
        return Ok(Err(format!(
            "its meta pages are of transactions {} and {}",
            a.txn, b.txn
        )));
    }
    Ok(Ok(if b.txn > a.txn { [b, a] } else { [a, b] }))
}
