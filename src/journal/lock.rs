//! The record lock that a journal's owner holds for as long as it lives.
//!
//! POSIX record locks belong to a process: a forked child does not inherit them, and the kernel drops them when
//! the process ends, however it ends.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// Takes the lock on the whole file; false if another process holds it.
pub(super) fn try_lock(file: &File) -> io::Result<bool> {
    let mut request = whole_file();
    match control(file, libc::F_SETLK, &mut request) {
        Ok(()) => Ok(true),
        Err(e) if matches!(e.raw_os_error(), Some(libc::EAGAIN | libc::EACCES)) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Another process that has a lock on the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    /// The owner, or who recovers: by its id, or 0 if it has none here.
    Writer(u32),
    /// Somebody who has no part in it: for a lock like this it takes no more than to read the file.
    Reader(u32),
}

/// Who has a lock on the file.
pub(super) fn holder(file: &File) -> io::Result<Option<Holder>> {
    let mut request = whole_file();
    control(file, libc::F_GETLK, &mut request)?;
    let process = u32::try_from(request.l_pid).unwrap_or(0);
    Ok(match i32::from(request.l_type) {
        libc::F_UNLCK => None,
        libc::F_RDLCK => Some(Holder::Reader(process)),
        _ => Some(Holder::Writer(process)),
    })
}

fn whole_file() -> libc::flock {
    // SAFETY: `flock` is a plain C struct; zero is a valid value of each field.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = libc::F_WRLCK as _;
    request.l_whence = libc::SEEK_SET as _;
    request
}

fn control(file: &File, command: libc::c_int, request: &mut libc::flock) -> io::Result<()> {
    loop {
        // SAFETY: the descriptor is open and the pointer refers to a `flock`, as both commands demand.
        if unsafe { libc::fcntl(file.as_raw_fd(), command, std::ptr::from_mut(request)) } == 0 {
            return Ok(());
        }
        let e = io::Error::last_os_error();
        if e.raw_os_error() != Some(libc::EINTR) {
            return Err(e);
        }
    }
}
