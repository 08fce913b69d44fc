//! A file on the shared disk that grows at its end.

use crate::error::{Error, Result, Status};
use crate::files::{Folder, Openers, share};
use crate::own_file::OwnFile;
use std::fs::{Metadata, OpenOptions};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Bytes of one write: a process that is to end is not kept by more.
pub const MOST: usize = 1 << 20;
/// How often the name of a file is looked at.
const OFTEN: Duration = Duration::from_secs(60);
pub struct Target {
    path: PathBuf,
    file: Option<OwnFile>,
    /// When it was last looked whether its name still stands for it.
    looked: Instant,
}

impl Target {
    pub fn new(path: PathBuf) -> Target {
        Target {
            path,
            file: None,
            looked: Instant::now(),
        }
    }

    /// Writes to a place and syncs. What lies before it must be there.
    pub fn write(&mut self, bytes: &[u8], at: u64) -> Result<()> {
        let path = self.path.clone();
        let io = |e: std::io::Error| Error::io(path.display(), &e);
        let file = match self.file.take() {
            Some(file) => Some(file),
            None => open(&self.path, at == 0)?,
        };
        let Some(file) = file else {
            return Err(self.gone());
        };
        let (open, _) = file.get()?;
        let about = open.metadata().map_err(io)?;
        if about.nlink() == 0 || about.len() < at || self.is_lost(&about) {
            return Err(self.gone());
        }
        open.write_all_at(bytes, at).map_err(io)?;
        open.sync_data().map_err(io)?;
        self.file = Some(file);
        Ok(())
    }

    fn gone(&self) -> Error {
        Error::new(
            Status::NotFound,
            format!(
                "{} was removed or cut short while a process wrote it: what it held is in this host's copy of the spool",
                self.path.display()
            ),
        )
    }

    /// Where another host has removed the file, a file server takes what is written to it all the same, and who is asked of the
    /// open file says nothing of it. To open it by its name is two calls, so that is not done often.
    fn is_lost(&mut self, about: &Metadata) -> bool {
        if self.looked.elapsed() < OFTEN {
            return false;
        }
        self.looked = Instant::now();
        let mut options = OpenOptions::new();
        options
            .write(true)
            .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        match options.open(&self.path).and_then(|file| file.metadata()) {
            Ok(named) => (named.dev(), named.ino()) != (about.dev(), about.ino()),
            Err(e) => e.kind() == std::io::ErrorKind::NotFound,
        }
    }
}

/// `None`: it is not there, and not to be made.
fn open(path: &std::path::Path, make: bool) -> Result<Option<OwnFile>> {
    let io = |e| Error::io(path.display(), &e);
    let mut options = OpenOptions::new();
    // Not to read: a client would fetch pages from the server to complete them.
    options
        .write(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
    let made = make.then(|| options.clone().create_new(true).open(path));
    let is_there = |e: &std::io::Error| e.kind() == std::io::ErrorKind::AlreadyExists;
    let file = match made.filter(|made| !made.as_ref().is_err_and(is_there)) {
        None => match options.open(path) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(io)?,
        },
        Some(made) => {
            let made = made.map_err(io)?;
            if let Some(folder) = path.parent() {
                share(&made, &Folder::open(folder)?.about()?, Openers::Readers);
                // Some filesystems know no such call.
                let _ = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
            }
            made
        }
    };
    OwnFile::new(file, path, &options).map_err(io).map(Some)
}
