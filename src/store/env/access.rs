//! What this process may do with a database.

use super::preflight;
use super::turns::Turns;
use crate::error::{Error, Result, Status};
use crate::files::{self, Access, Folder};
use crate::store::lmdb_error::MAX_READERS;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The files that only those open who may write.
pub struct Writing {
    pub turns: Turns,
    pub lock: File,
}

/// What it takes to write, or why this process may not: then it may still read. A file without any permission to write
/// stays as it is even for those whom permissions do not bind.
pub fn to_write(folder: &Folder) -> Result<std::result::Result<Writing, Error>> {
    let data = folder.path().join("data.mdb");
    let opened = folder.existing("data.mdb", Access::Write).and_then(|file| {
        let Some(file) = file else { return Ok(()) };
        let about = file.metadata().map_err(|e| Error::io(data.display(), &e))?;
        match is_protected(&about) {
            true => Err(Error::new(
                Status::ReadOnly,
                format!("{} gives nobody the permission to write", data.display()),
            )),
            false => Ok(()),
        }
    });
    let writing = opened.and_then(|()| {
        Ok(Writing {
            turns: Turns::open(folder)?,
            lock: preflight::lock_file(folder, MAX_READERS)?,
        })
    });
    match writing {
        Ok(writing) => Ok(Ok(writing)),
        Err(e) if e.status == Status::ReadOnly => Ok(Err(Error::new(
            e.status,
            format!(
                "{}; user {} may read it only: its owner gives the permission to write, as with chmod -R g+w",
                e.message,
                files::effective_user()
            ),
        ))),
        Err(e) => Err(e),
    }
}

fn is_protected(about: &fs::Metadata) -> bool {
    about.mode() & 0o222 == 0
}

/// Whether nobody can write to the file, not even another user: only then is it safe to map without a lock.
pub fn nobody_writes(data: &File) -> bool {
    data.metadata().is_ok_and(|about| {
        is_protected(&about) || is_on_read_only_filesystem(about.dev()).unwrap_or(false)
    })
}

/// By the options of the filesystem itself: one that is mounted read-only here may be written elsewhere.
fn is_on_read_only_filesystem(device: u64) -> Option<bool> {
    let mounts = fs::read_to_string(Path::new("/proc/self/mountinfo")).ok()?;
    let number = format!("{}:{}", libc::major(device), libc::minor(device));
    let mount = mounts
        .lines()
        .find(|line| line.split(' ').nth(2) == Some(&number))?;
    let options = mount.rsplit(' ').next()?;
    Some(options.split(',').any(|option| option == "ro"))
}
