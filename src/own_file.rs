//! Files that stay open for long, in a process whose host may close any descriptor: daemons close all they do not know.
//! The number may then belong to a file of the host. So before a number is used it is asked which file it stands for;
//! if it is another one, the file is opened anew by its name, and it must still be the same file.

use crate::error::{Error, Result, Status};
use crate::lock::Mutex;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{FromRawFd, IntoRawFd, RawFd};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};

/// Which file it is: device and inode.
pub type Identity = (u64, u64);

pub fn identity(file: &File) -> io::Result<Identity> {
    let about = file.metadata()?;
    Ok((about.dev(), about.ino()))
}

/// Whether a descriptor stands for a file.
pub fn stands_for(descriptor: RawFd, file: Identity) -> bool {
    descriptor >= 0 && identity(&borrow(descriptor)).is_ok_and(|found| found == file)
}

/// The file for which a descriptor stands, if it does for any.
pub fn behind(descriptor: RawFd) -> Option<Identity> {
    match descriptor < 0 {
        true => None,
        false => identity(&borrow(descriptor)).ok(),
    }
}

/// The file behind a descriptor, which is not closed with it.
fn borrow(descriptor: RawFd) -> ManuallyDrop<File> {
    // SAFETY: nothing is closed; a number that stands for nothing, or another file, is an error or seen by the caller.
    ManuallyDrop::new(unsafe { File::from_raw_fd(descriptor) })
}

/// Opens a file again that is known.
///
/// # Errors
/// `Io` if there is another file of that name, or none.
pub fn open_again(
    path: &Path,
    options: &OpenOptions,
    flags: libc::c_int,
    file: Identity,
) -> Result<File> {
    let opened = options
        .clone()
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | flags)
        .open(path)
        .map_err(|e| lost(path, &e))?;
    let found = identity(&opened).map_err(|e| lost(path, &e))?;
    match found == file {
        true => Ok(opened),
        false => Err(Error::new(
            Status::Io,
            format!(
                "{}: the program closed its descriptor, and another file has its name now",
                path.display()
            ),
        )),
    }
}

fn lost(path: &Path, e: &io::Error) -> Error {
    let what = format!("{}: the program closed its descriptor", path.display());
    Error::io(what, e)
}

/// A file of the library's own.
pub struct OwnFile {
    descriptor: AtomicI32,
    identity: Identity,
    options: OpenOptions,
    path: PathBuf,
    /// To close one of two descriptors would take the locks of the other away.
    one_opens_it: Mutex<()>,
}

impl OwnFile {
    /// Of an open file, and how to open it again.
    pub fn new(file: File, path: &Path, options: &OpenOptions) -> io::Result<OwnFile> {
        Ok(OwnFile {
            identity: identity(&file)?,
            descriptor: AtomicI32::new(file.into_raw_fd()),
            options: options.clone(),
            path: path.to_owned(),
            one_opens_it: Mutex::new(()),
        })
    }

    /// The file, as of the last `check`.
    pub fn file(&self) -> ManuallyDrop<File> {
        borrow(self.descriptor.load(SeqCst))
    }

    /// What is known of the file, if its number still stands for it.
    pub fn metadata(&self) -> io::Result<Metadata> {
        let about = self.file().metadata()?;
        match (about.dev(), about.ino()) == self.identity {
            true => Ok(about),
            false => Err(io::Error::from_raw_os_error(libc::EBADF)),
        }
    }

    /// Before the file is used; true if it had to be opened again, with which its record locks went.
    pub fn check(&self) -> Result<bool> {
        if self.is_open() {
            return Ok(false);
        }
        let _one_opens_it = self.one_opens_it.lock();
        if !self.is_open() {
            let opened = open_again(&self.path, &self.options, 0, self.identity)?;
            self.descriptor.store(opened.into_raw_fd(), SeqCst);
        }
        Ok(true)
    }

    /// After a check; with what that says.
    pub fn get(&self) -> Result<(ManuallyDrop<File>, bool)> {
        let reopened = self.check()?;
        Ok((self.file(), reopened))
    }

    fn is_open(&self) -> bool {
        stands_for(self.descriptor.load(SeqCst), self.identity)
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        if self.is_open() {
            let descriptor = *self.descriptor.get_mut();
            // SAFETY: the descriptor is this file's, which nobody uses any more.
            drop(unsafe { File::from_raw_fd(descriptor) });
        }
    }
}
