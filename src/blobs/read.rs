//! Reading packs. Bytes are read into memory of the reader's own and checked there: of a mapped file a page could change, or
//! be gone, after the check.

use super::{Blob, Pack};
use crate::error::{Error, Result, Status};
use crate::files::{Access, Folder};
use crate::memory;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// Reads objects, of which neighbours lie in one pack as a rule: it stays open until another one is asked for.
pub struct Reader {
    directory: PathBuf,
    open: Option<(Pack, File)>,
}

impl Reader {
    pub fn new(directory: PathBuf) -> Reader {
        Reader {
            directory,
            open: None,
        }
    }

    /// The bytes, whole and checked.
    ///
    /// # Errors
    /// `Corrupt` where they are not what was stored, or their pack is gone.
    pub fn read(&mut self, blob: &Blob) -> Result<Box<[u8]>> {
        let path = self.directory.join(blob.pack.name());
        let file = match self.open.take() {
            Some((pack, file)) if pack == blob.pack => file,
            _ => open(&self.directory, blob.pack)?
                .ok_or_else(|| Error::corrupt(format!("the pack {} is missing", path.display())))?,
        };
        let lacking = || memory::lacking(blob.size);
        let size = usize::try_from(blob.size).map_err(|_| lacking())?;
        let damaged = || {
            Error::corrupt(format!(
                "{}: the object of {size} bytes at {} is damaged",
                path.display(),
                blob.offset
            ))
        };
        // The size may be damage.
        let end = file.metadata().map_or(0, |about| about.len());
        if blob.offset.saturating_add(blob.size) > end {
            return Err(damaged());
        }
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(size).map_err(|_| lacking())?;
        bytes.resize(size, 0);
        file.read_exact_at(&mut bytes, blob.offset)
            .map_err(|e| Error::io(path.display(), &e))?;
        if xxh3_64(&bytes) != blob.check {
            return Err(damaged());
        }
        self.open = Some((blob.pack, file));
        Ok(bytes.into())
    }
}

/// A pack to read; `None` if it is gone.
fn open(directory: &Path, pack: Pack) -> Result<Option<File>> {
    match Folder::open(directory) {
        Ok(folder) => folder.existing(&pack.name(), Access::Read),
        Err(e) if e.status == Status::Io && !directory.exists() => Ok(None),
        Err(e) => Err(e),
    }
}
