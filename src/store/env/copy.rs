//! A copy of the newest snapshot, for who may read the database but not write its lock file.
//!
//! LMDB keeps the pages of a snapshot for readers that it knows of, by its lock file. From one it does not know, the
//! writer takes them for the next but two transactions, while LMDB would follow what it finds there: such a reader could
//! end its process at any time. So the file is copied, and the copy good if no more than one transaction was committed
//! meanwhile: transaction n + 3 is the first to write to pages of snapshot n, and begins when n + 2 is committed. Where
//! others commit faster, a process that writes is asked to keep the pages (`lease.rs`).
//!
//! The copy has no name, goes with the process, and belongs to it alone: what dead processes left in journals, which
//! this process may not bring in, is brought into the copy.

use super::layout::Meta;
use super::lease;
use super::preflight::newest_meta_pages;
use crate::error::{Error, Result, Status};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::{AsRawFd, FromRawFd, RawFd};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a copy is tried while others commit all the time.
const PATIENCE: Duration = Duration::from_secs(20);

/// A copy and the number of the transaction that it shows.
pub struct Copied {
    pub file: File,
    pub txn: u64,
}

/// Copies the data file `from`, whose position moves.
pub fn snapshot(from: &File, path: &Path) -> Result<Copied> {
    let begun = Instant::now();
    let mut lease = None;
    loop {
        let roots = Roots::read(from, path)?;
        let to = nameless()?;
        copy(from, &to, &roots).map_err(|e| {
            Error::io(
                format_args!(
                    "copying {} to {}, to read it",
                    path.display(),
                    temporary().display()
                ),
                &e,
            )
        })?;
        let now = newest_meta_pages(from, path)?[0].txn;
        let lent = lease
            .is_some_and(|from_txn| roots.txn >= from_txn && lease::is_granted(from, from_txn));
        if lent || now <= roots.txn + 1 {
            return Ok(Copied {
                file: to,
                txn: roots.txn,
            });
        }
        if begun.elapsed() > PATIENCE {
            return Err(Error::new(
                Status::Busy,
                format!(
                    "{} changes faster than it can be copied, and without the permission to write {} it can be read \
                     in no other way: ask its owner for that permission",
                    path.display(),
                    path.with_file_name("lock.mdb").display()
                ),
            ));
        }
        lease::ask(from);
        lease = lease::granted(from);
    }
}

/// The newest transaction.
pub fn newest(data: &File, path: &Path) -> Result<u64> {
    Ok(newest_meta_pages(data, path)?[0].txn)
}

/// The meta pages as they were before the copy.
struct Roots {
    txn: u64,
    bytes: u64,
    page_size: u64,
    /// Pages 0 and 1.
    pages: Vec<u8>,
}

impl Roots {
    fn read(from: &File, path: &Path) -> Result<Roots> {
        loop {
            let metas = newest_meta_pages(from, path)?;
            let page_size = metas[0].page_size;
            let mut pages = vec![0; 2 * page_size as usize];
            from.read_exact_at(&mut pages, 0)
                .map_err(|e| Error::io(path.display(), &e))?;
            // Unless a commit came between.
            let whole = metas.iter().all(|meta| {
                let number = meta.txn % 2;
                let at = (number * page_size) as usize;
                let page: Option<&[u8; Meta::SIZE]> = pages[at..].first_chunk();
                page.is_some_and(|page| Meta::parse(page, number).as_ref() == Ok(meta))
            });
            if whole || metas[0].txn == 0 {
                return Ok(Roots {
                    txn: metas[0].txn,
                    bytes: (metas[0].last_page + 1) * page_size,
                    page_size,
                    pages,
                });
            }
        }
    }
}

fn copy(from: &File, to: &File, roots: &Roots) -> io::Result<()> {
    let (mut from, mut to) = (from, to);
    let skip = 2 * roots.page_size;
    from.seek(SeekFrom::Start(skip))?;
    to.seek(SeekFrom::Start(skip))?;
    io::copy(&mut from.take(roots.bytes.saturating_sub(skip)), &mut to)?;
    to.write_all_at(&roots.pages, 0)
}

fn temporary() -> std::path::PathBuf {
    std::env::temp_dir()
}

/// A file without a name in the directory for temporary ones; in memory where that has none.
fn nameless() -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    match options.custom_flags(libc::O_TMPFILE).open(temporary()) {
        Ok(file) => Ok(file),
        Err(_) => {
            let name = c"aim-copy".as_ptr();
            // As a system call: glibc has the function since 2.27.
            // SAFETY: a NUL-terminated name that lives through the call.
            let made = unsafe { libc::syscall(libc::SYS_memfd_create, name, libc::MFD_CLOEXEC) };
            if made < 0 {
                let e = io::Error::last_os_error();
                return Err(Error::io("making a copy of the database in memory", &e));
            }
            // SAFETY: a descriptor that was just opened and that nobody else knows.
            Ok(unsafe { File::from_raw_fd(made as RawFd) })
        }
    }
}

/// A name by which this process can open the file again.
pub fn name(file: &File) -> String {
    format!("/proc/self/fd/{}", file.as_raw_fd())
}
