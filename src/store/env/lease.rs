//! A lease on pages, for who may read the database and not write its lock file: such a reader copies the data file
//! (`copy.rs`), and where others commit faster than that goes, no copy would be good.
//!
//! The reader asks by a shared lock on one byte of the data file, far behind its end. A process that writes sees that when
//! it has committed: it begins a read transaction, so that no process reuses the pages of its snapshot, and says which one
//! by an exclusive lock on another byte, whose place is the number of the snapshot. Such a lock can only be had by who may
//! write. Nobody waits: writers go on, and the file grows by what they commit meanwhile. A process lends pages for 20
//! seconds at most, and no more than half of its time, so that who asks for ever does no harm but that.
//!
//! The locks are those of open file descriptions: to close another descriptor of the file does not end them.

use crate::error::{Error, Result, Status};
use crate::files::{Access, Folder};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long pages are lent at most.
pub const MOST: Duration = Duration::from_secs(20);
/// How often both sides look whether the other one is done.
pub const LOOK: Duration = Duration::from_millis(5);
/// How long a reader waits for a grant before it tries without: longer than the usual time between commits.
const PATIENCE: Duration = Duration::from_millis(1500);

const WISH: i64 = 1 << 60;
const GRANTS: i64 = 1 << 61;

fn lock(file: &File, command: i32, kind: i32, start: i64, length: i64) -> io::Result<libc::flock> {
    // SAFETY: `flock` is a plain C struct; zero is a valid value of each field.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = kind as _;
    request.l_whence = libc::SEEK_SET as _;
    (request.l_start, request.l_len) = (start as _, length as _);
    // SAFETY: the descriptor is open and the pointer refers to a `flock`, as these commands demand.
    let rc = unsafe { libc::fcntl(file.as_raw_fd(), command, std::ptr::from_mut(&mut request)) };
    match rc {
        0 => Ok(request),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The lock of somebody else that one of this kind would meet.
fn met(file: &File, kind: i32, start: i64, length: i64) -> Option<libc::flock> {
    let found = lock(file, libc::F_OFD_GETLK, kind, start, length).ok()?;
    (i32::from(found.l_type) != libc::F_UNLCK).then_some(found)
}

/// A reader asks, until `file` is closed. Where that cannot be, it copies as if nobody heard it.
pub fn ask(file: &File) {
    let _ = lock(file, libc::F_OFD_SETLK, libc::F_RDLCK, WISH, 1);
}

pub fn is_asked_for(file: &File) -> bool {
    met(file, libc::F_WRLCK, WISH, 1).is_some()
}

/// The snapshot whose pages stay, as long as this is granted.
pub fn granted(file: &File) -> Option<u64> {
    let begun = Instant::now();
    loop {
        if let Some(found) = met(file, libc::F_RDLCK, GRANTS, GRANTS) {
            return u64::try_from(found.l_start - GRANTS).ok();
        }
        if begun.elapsed() > PATIENCE {
            return None;
        }
        std::thread::sleep(LOOK);
    }
}

pub fn is_granted(file: &File, snapshot: u64) -> bool {
    met(file, libc::F_RDLCK, place(snapshot), 1).is_some()
}

fn place(snapshot: u64) -> i64 {
    GRANTS.saturating_add_unsigned(snapshot)
}

/// Says that the pages of a snapshot stay, until it is dropped.
pub struct Grant {
    _file: File,
}

impl Grant {
    pub fn new(directory: &Path, snapshot: u64) -> Result<Grant> {
        let path = directory.join("data.mdb");
        let file = Folder::open(directory)?.existing("data.mdb", Access::Write)?;
        let missing = || Error::new(Status::NotFound, format!("{} is missing", path.display()));
        let file = file.ok_or_else(missing)?;
        match lock(&file, libc::F_OFD_SETLK, libc::F_WRLCK, place(snapshot), 1) {
            Ok(_) => Ok(Grant { _file: file }),
            Err(e) => Err(Error::io(path.display(), &e)),
        }
    }
}
