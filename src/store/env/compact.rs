//! A smaller data file in place of one with pages to spare. LMDB never gives pages back to the filesystem, so all that is
//! in use is copied into a new file, whole on the disk before it takes the name of the old one: a kill or a power loss at
//! any instant leaves one of the two.
//!
//! Nobody else may have the database open, and nobody opens it meanwhile.

use super::turns::Turn;
use super::{Store, check_pages, create};
use crate::error::{Error, Result, Status};
use crate::files::{Openers, share};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;

/// Bytes of the data file and of what lies beside it before and after, and how many names, contexts and param paths went
/// with their runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compacted {
    pub bytes_before: u64,
    pub bytes_after: u64,
    pub strings: u64,
}

impl Store {
    /// `beside` does the same for files beside the database, and gives their bytes before and after.
    ///
    /// # Errors
    /// `Busy` while another process has the database open; then nothing was changed.
    pub fn compact(self, beside: impl FnOnce(&Store) -> Result<(u64, u64)>) -> Result<Compacted> {
        self.check_writable()?;
        self.alone(|store| {
            let (beside_before, beside_after) = beside(store)?;
            let strings = store.write(|txn| txn.delete_unused_strings())?;
            let bytes_before = beside_before + store.stamp.place.about_data()?.len();
            let bytes_after = beside_after + store.replace_data()?;
            Ok(Compacted {
                bytes_before,
                bytes_after,
                strings,
            })
        })
    }

    /// Does something while nobody else has the database open or can open it.
    ///
    /// # Errors
    /// `Busy` while another process has the database open; then nothing was done.
    pub fn alone<T>(self, work: impl FnOnce(&Store) -> Result<T>) -> Result<T> {
        let turn = self.take_turn(Turn::Open)?;
        if !self.stamp.place.exclude_others()? {
            return Err(Error::new(
                Status::Busy,
                format!(
                    "{}: another process has the database open: end it and try again",
                    self.path.display()
                ),
            ));
        }
        let done = work(&self)?;
        // Others open it when this environment is closed: closing the lock's file gives the turn back, after it.
        std::mem::forget(turn);
        Ok(done)
    }

    fn replace_data(&self) -> Result<u64> {
        let session = self
            .stamp
            .enter(|| check_pages(&self.mapped, &self.stamp))?;
        let failed =
            |e: std::io::Error| Error::io(format_args!("compacting {}", self.path.display()), &e);
        create::remove_unfinished(&self.path);
        let place = self
            .path
            .join(format!("{}{}", create::UNFINISHED, std::process::id()));
        let replaced = self
            .copy_pages(&place, lmdb_sys::MDB_CP_COMPACT)
            .and_then(|file| {
                let copy = File::open(&file).map_err(failed)?;
                let about = self.stamp.place.about_data()?;
                copy.set_permissions(about.permissions()).map_err(failed)?;
                // Where this is another user, the file becomes theirs, as with any program that writes a file anew.
                let _ = std::os::unix::fs::fchown(&copy, Some(about.uid()), Some(about.gid()));
                share(
                    &copy,
                    &fs::metadata(&self.path).map_err(failed)?,
                    Openers::Readers,
                );
                copy.sync_all().map_err(failed)?;
                fs::rename(&file, self.path.join("data.mdb")).map_err(failed)?;
                File::open(&self.path)
                    .and_then(|directory| directory.sync_all())
                    .map_err(failed)?;
                Ok(copy.metadata().map_err(failed)?.len())
            });
        let _ = fs::remove_dir_all(&place);
        drop(session);
        replaced
    }
}
