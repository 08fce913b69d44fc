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
    /// Each pack is in the first of them that has it.
    directories: Vec<PathBuf>,
    open: Option<(Pack, File, PathBuf)>,
}

impl Reader {
    pub fn new(directories: Vec<PathBuf>) -> Reader {
        Reader {
            directories,
            open: None,
        }
    }

    /// The bytes, whole and checked.
    ///
    /// # Errors
    /// `Corrupt` where they are not what was stored, or their pack is gone.
    pub fn read(&mut self, blob: &Blob) -> Result<Box<[u8]>> {
        let (file, path) = match self.open.take() {
            Some((pack, file, path)) if pack == blob.pack => (file, path),
            _ => self.find(blob.pack)?,
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
        self.open = Some((blob.pack, file, path));
        Ok(bytes.into())
    }

    fn find(&self, pack: Pack) -> Result<(File, PathBuf)> {
        let mut paths = Vec::new();
        for directory in &self.directories {
            let path = directory.join(pack.name());
            if let Some(file) = open(directory, pack)? {
                return Ok((file, path));
            }
            paths.push(path.display().to_string());
        }
        let paths = paths.join(", also ");
        Err(Error::corrupt(format!("the pack {paths} is missing")))
    }
}

/// A pack to read; `None` if it is gone.
pub fn open(directory: &Path, pack: Pack) -> Result<Option<File>> {
    match Folder::open(directory) {
        Ok(folder) => folder.existing(&pack.name(), Access::Read),
        Err(e) if e.status == Status::Io && !directory.exists() => Ok(None),
        Err(e) => Err(e),
    }
}
