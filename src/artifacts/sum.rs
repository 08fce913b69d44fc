//! SHA-256 of files, which tells when a file changed meanwhile.

use crate::error::{Error, Result, Status};
use sha2::{Digest, Sha256};
use std::fs::{File, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

pub type Sha = [u8; 32];

const BUFFER: usize = 256 << 10;

pub fn hex(sum: &Sha) -> String {
    use std::fmt::Write;
    sum.iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// By what a file is known to be as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub size: u64,
    /// Nanoseconds since 1970 (UTC).
    pub mtime: i64,
    inode: (u64, u64),
}

impl Stamp {
    pub fn new(about: &Metadata) -> Stamp {
        Stamp {
            size: about.size(),
            mtime: about
                .mtime()
                .saturating_mul(1_000_000_000)
                .saturating_add(about.mtime_nsec()),
            inode: (about.dev(), about.ino()),
        }
    }

    /// Of the file to which a path leads, which is a regular one.
    pub fn of(path: &Path) -> Result<Stamp> {
        let about = std::fs::metadata(path).map_err(|e| failed(path, &e))?;
        match about.is_file() {
            true => Ok(Stamp::new(&about)),
            false => Err(Error::invalid(format!(
                "{} is neither a file nor a directory",
                path.display()
            ))),
        }
    }
}

/// An error of the operating system with a file of the host's.
pub(super) fn failed(path: &Path, e: &std::io::Error) -> Error {
    match e.kind() {
        std::io::ErrorKind::NotFound => Error::new(
            Status::NotFound,
            format!("there is no file {}", path.display()),
        ),
        _ => Error::io(path.display(), e),
    }
}

fn changed(path: &Path, when: &str) -> Error {
    Error::new(
        Status::Busy,
        format!(
            "{} changed {when}: log it when it is written to no more, or under a name of its own",
            path.display()
        ),
    )
}

/// A file that is as it was, to be read once.
pub(super) struct Source<'p> {
    pub file: File,
    pub stamp: Stamp,
    path: &'p Path,
}

impl<'p> Source<'p> {
    /// # Errors
    /// `Busy` if the file is not as `known`.
    pub fn open(path: &'p Path, known: Option<&Stamp>) -> Result<Source<'p>> {
        // What has become a FIFO is not waited for.
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
            .open(path)
            .map_err(|e| failed(path, &e))?;
        let about = file.metadata().map_err(|e| failed(path, &e))?;
        let stamp = Stamp::new(&about);
        if !about.is_file() || known.is_some_and(|known| *known != stamp) {
            return Err(changed(path, "since it was logged"));
        }
        Ok(Source { file, stamp, path })
    }

    /// Whether it is still as it was when it was opened.
    pub fn check(&self) -> Result<()> {
        let about = self.file.metadata().map_err(|e| failed(self.path, &e))?;
        match Stamp::new(&about) == self.stamp {
            true => Ok(()),
            false => Err(changed(self.path, "while it was read")),
        }
    }
}

/// The sum of a file that does not change meanwhile.
pub fn sum(path: &Path, known: Option<&Stamp>) -> Result<(Stamp, Sha)> {
    let mut source = Source::open(path, known)?;
    let mut sum = Sha256::new();
    let mut buffer = vec![0; BUFFER];
    let mut left = source.stamp.size;
    loop {
        match source.file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                sum.update(&buffer[..n]);
                // A file that grows for ever is not followed.
                left = left
                    .checked_sub(n as u64)
                    .ok_or_else(|| changed(path, "while it was read"))?;
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(failed(path, &e)),
        }
    }
    source.check()?;
    if left > 0 {
        return Err(changed(path, "while it was read"));
    }
    Ok((source.stamp, sum.finalize().into()))
}
