//! Reading packs. Bytes are read into memory of the reader's own and checked there: of a mapped file a page could change, or
//! be gone, after the check.

use super::window::{self, Shelf, Window};
use super::{BLOCK, Blob, HEADER, Pack};
use crate::error::{Error, Result, Status};
use crate::files::{Access, Folder};
use crate::memory;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// Reads objects, of which neighbours lie in one pack as a rule: it stays open until another one is asked for.
pub struct Reader {
    /// Each pack is in the first of them that has it.
    directories: Vec<PathBuf>,
    open: Option<Open>,
}

struct Open {
    pack: Pack,
    file: File,
    path: PathBuf,
    /// It was seen to be so long.
    size: u64,
}

/// The bytes of an object, whole and checked. Objects that were read together share memory.
pub struct Bytes {
    window: Arc<Window>,
    from: usize,
    to: usize,
}

impl Bytes {
    #[inline]
    pub fn all(&self) -> Option<&[u8]> {
        self.window.get(self.from..self.to)
    }
}

impl std::ops::Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.all().unwrap_or_default()
    }
}

impl Reader {
    pub fn new(directories: Vec<PathBuf>) -> Reader {
        Reader {
            directories,
            open: None,
        }
    }

    /// The bytes of an object.
    ///
    /// # Errors
    /// `Corrupt` where they are not what was stored, or their pack is gone.
    pub fn read(&mut self, blob: &Blob) -> Result<Bytes> {
        let mut read = None;
        self.read_together(&[blob], None, |_, bytes| read = Some(bytes))?;
        read.ok_or_else(|| self.damaged(blob))
    }

    /// Reads objects that lie `beside` each other at once, into memory of a shelf if there is one; what is not whole among
    /// them is not found.
    ///
    /// # Errors
    /// `Corrupt` where not all of them can be there, or their pack is gone.
    pub fn read_together(
        &mut self,
        blobs: &[&Blob],
        shelf: Option<&Arc<Shelf>>,
        mut found: impl FnMut(usize, Bytes),
    ) -> Result<()> {
        let (Some(first), Some(last)) = (blobs.first(), blobs.last()) else {
            return Ok(());
        };
        let open = match self.open.take() {
            Some(open) if open.pack == first.pack => open,
            _ => self.find(first.pack)?,
        };
        let open = self.open.insert(open);
        let (from, to) = (first.offset, last.offset.saturating_add(last.size));
        if to > open.size {
            open.size = open.file.metadata().map_or(0, |about| about.len());
        }
        // The size may be damage.
        if to > open.size {
            return Err(self.damaged(last));
        }
        let size = usize::try_from(to - from).map_err(|_| memory::lacking(to - from))?;
        let window = match window::read(&open.file, from, size, shelf)? {
            Ok(bytes) => Arc::new(bytes),
            Err(e) => return Err(Error::io(open.path.display(), &e)),
        };
        for (i, blob) in blobs.iter().enumerate() {
            let at = (blob.offset - from) as usize;
            let bytes = Bytes {
                window: Arc::clone(&window),
                from: at,
                to: at + blob.size as usize,
            };
            if xxh3_64(&bytes) == blob.check {
                found(i, bytes);
            }
        }
        Ok(())
    }

    /// What is told of an object that is not what was stored.
    pub fn damaged(&self, blob: &Blob) -> Error {
        let Blob { size, offset, .. } = blob;
        let what = format!("the object of {size} bytes at {offset} is damaged");
        Error::corrupt(match &self.open {
            Some(open) => format!("{}: {what}", open.path.display()),
            None => what,
        })
    }

    fn find(&self, pack: Pack) -> Result<Open> {
        let mut paths = Vec::new();
        for directory in &self.directories {
            let path = directory.join(pack.name());
            if let Some(file) = open(directory, pack)? {
                return Ok(Open {
                    pack,
                    file,
                    path,
                    size: 0,
                });
            }
            paths.push(path.display().to_string());
        }
        let paths = paths.join(", also ");
        Err(Error::corrupt(format!("the pack {paths} is missing")))
    }
}

/// Whether one is the other again, or follows it with nothing but a header and unused bytes between.
pub fn beside(before: &Blob, after: &Blob) -> bool {
    let end = before.offset.saturating_add(before.size);
    let between = after.offset.checked_sub(end);
    before == after
        || before.pack == after.pack && between.is_some_and(|b| b < BLOCK + HEADER as u64)
}

/// A pack to read; `None` if it is gone.
pub fn open(directory: &Path, pack: Pack) -> Result<Option<File>> {
    match Folder::open(directory) {
        Ok(folder) => folder.existing(&pack.name(), Access::Read),
        Err(e) if e.status == Status::Io && !directory.exists() => Ok(None),
        Err(e) => Err(e),
    }
}
