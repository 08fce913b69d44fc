//! Checks before LMDB maps a file: what LMDB takes on trust would otherwise end the host with SIGBUS or SIGSEGV.

use super::layout::Meta;
use crate::error::{Error, Result};
use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes of LMDB's lock file: 64 a reader, behind a header that is smaller than a page.
const READER_SLOT: u64 = 64;
const LOCK_HEADER: u64 = 4096;

/// How often a look at the meta pages is taken: one may fall into another process's commit.
const LOOKS: u32 = 5;

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

/// Refuses a data file whose meta pages are damaged. LMDB reads them before anything else can be checked, and it needs
/// both.
pub fn check_meta_pages(path: &Path) -> Result<()> {
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
    if meta.len() == 0 {
        return Ok(());
    }
    let mut looks = 1;
    loop {
        match look_at_meta_pages(&file).map_err(failed)? {
            Err(_) if looks < LOOKS => std::thread::sleep(Duration::from_millis(1)),
            Err(rule) => {
                return Err(Error::corrupt(format!(
                    "{} is damaged: {rule}",
                    data.display()
                )));
            }
            Ok(()) => return Ok(()),
        }
        looks += 1;
    }
}

fn look_at_meta_pages(file: &File) -> std::io::Result<std::result::Result<(), String>> {
    let mut txns = [0; 2];
    let mut page_size = 0;
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
                txns[number as usize] = meta.txn;
            }
            Err(rule) => return Ok(Err(format!("meta page {number}: {rule}"))),
        }
    }
    if txns[0].abs_diff(txns[1]) > 1 {
        let [a, b] = txns;
        return Ok(Err(format!(
            "its meta pages are of transactions {a} and {b}"
        )));
    }
    Ok(Ok(()))
}

/// The turn of one process to open an environment; given back when dropped.
///
/// LMDB lets the first opener set up the lock file and the first pages while others wait, but those would go on with
/// what they find if it was killed half-way.
pub struct Turn(File);

impl Turn {
    /// `None` where directories cannot be locked, or if somebody takes unduly long: stopped, most likely.
    pub fn take(path: &Path) -> Option<Turn> {
        const PATIENCE: Duration = Duration::from_secs(10);
        let directory = File::open(path).ok()?;
        let deadline = Instant::now() + PATIENCE;
        let mut pause = Duration::from_micros(100);
        loop {
            // SAFETY: a call on an open descriptor.
            if unsafe { libc::flock(directory.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) } == 0 {
                return Some(Turn(directory));
            }
            let e = std::io::Error::last_os_error().raw_os_error();
            if !matches!(e, Some(libc::EWOULDBLOCK | libc::EINTR)) || Instant::now() > deadline {
                return None;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(5));
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Explicitly: a child forked meanwhile shares the descriptor, and closing it here would not unlock.
        // SAFETY: a call on an open descriptor.
        unsafe { libc::flock(self.0.as_raw_fd(), libc::LOCK_UN) };
    }
}
