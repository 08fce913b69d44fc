//! Files that stay open for long, in a process whose host may close any descriptor: daemons close all they do not know.
//! The number may then belong to a file of the host. So before a number is used it is asked which file it stands for;
//! if it is another one, the file is opened anew by its name, and it must still be the same file.

use crate::error::{Error, Result, Status};
use std::fs::{File, OpenOptions};
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

/// The file behind a descriptor, which is not closed with it.
fn borrow(descriptor: RawFd) -> ManuallyDrop<File> {
    // SAFETY: nothing is closed; a number that stands for nothing, or another file, is an error or seen by the caller.
    ManuallyDrop::new(unsafe { File::from_raw_fd(descriptor) })
}

/// Opens a file again that is known.
///
/// # Errors
/// `Io` if there is another file of that name, or none.
pub fn open_again(path: &Path, options: &OpenOptions, file: Identity) -> Result<File> {
    let opened = options
        .clone()
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK)
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
}

impl OwnFile {
    /// Of an open file, and how to open it again.
    pub fn new(file: File, path: &Path, options: &OpenOptions) -> io::Result<OwnFile> {
        Ok(OwnFile {
            identity: identity(&file)?,
            descriptor: AtomicI32::new(file.into_raw_fd()),
            options: options.clone(),
            path: path.to_owned(),
        })
    }

    /// The file, and whether it had to be opened again, with which its record locks went.
    pub fn get(&self) -> Result<(ManuallyDrop<File>, bool)> {
        let descriptor = self.descriptor.load(SeqCst);
        if stands_for(descriptor, self.identity) {
            return Ok((borrow(descriptor), false));
        }
        let opened = open_again(&self.path, &self.options, self.identity)?.into_raw_fd();
        match self
            .descriptor
            .compare_exchange(descriptor, opened, SeqCst, SeqCst)
        {
            Ok(_) => Ok((borrow(opened), true)),
            Err(other) => {
                // Another thread was first.
                // SAFETY: opened above, and nobody else knows it.
                drop(unsafe { File::from_raw_fd(opened) });
                Ok((borrow(other), true))
            }
        }
    }
}

impl Drop for OwnFile {
    fn drop(&mut self) {
        let descriptor = *self.descriptor.get_mut();
        if stands_for(descriptor, self.identity) {
            // SAFETY: the descriptor is this file's, which nobody uses any more.
            drop(unsafe { File::from_raw_fd(descriptor) });
        }
    }
}
