//! The stamp: what the data file looked like after its last change that is known to be sound.
//!
//! Checking every page costs time in proportion to the file, so it is done only where nobody vouches for the file. The
//! stamp, a small file beside it, holds the data file's device, inode, size and times, and a hash of its two roots (the
//! meta pages); who changes the data file through this library writes the stamp anew before anybody else may change it:
//!
//! - Every write transaction runs between two stamps, in a turn of its own (`turns`). At its begin the data file
//!   must look as stamped, or else is checked; after it the file is stamped, whether it was committed or not.
//! - Opening is free of the long check while the stamp matches. Otherwise it waits for a transaction that is being
//!   committed, looks again, and checks the file. The short check, of meta pages and roots, is always made.
//!
//! So the file is checked once after it was touched from outside, copied or moved, and after a process died between
//! its commit and its stamp, a few microseconds. What is written to it from outside while it is open is found before
//! the next write transaction; a file that got shorter also before the next read transaction. A stamp from elsewhere
//! speaks of another file. Who may write the directory can forge one, and is trusted.
//!
//! A stamp costs a few system calls and no sync: after a power loss it may be old or empty, which leads to a check.
//! Since the kernel's clock for file times ticks in milliseconds, stamping sets the data file's modification time to
//! the present nanosecond: a change within the same tick changes it too. Who does not own the file may not do that;
//! then, as on filesystems with coarse times, a change within the tick of the last commit is taken for a part of it.

use super::layout::Meta;
use super::place::Place;
use super::turns::{Held, Turn, Turns};
use crate::error::{Error, Result, Status};
use crate::files::{Access, Folder, Openers};
use crate::lock::{Mutex, MutexGuard};
use crate::log::{self, Level};
use crate::own_file::OwnFile;
use std::fs::{FileTimes, OpenOptions};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::time::SystemTime;
use xxhash_rust::xxh3::xxh3_64;

const NAME: &str = "data.stamp";

const WORDS: usize = 11;
const SIZE: usize = WORDS * 8;
const MAGIC: u64 = u64::from_le_bytes(*b"aimstamp");
const VERSION: u64 = 2;

/// The look of a file, as it stands in the stamp: the last word is a hash of the others.
pub type Look = [u8; SIZE];

/// The data file and its stamp.
pub struct Stamp {
    pub place: Place,
    /// None where there is no stamp and none can be made.
    stamp: Option<OwnFile>,
    /// None for who only reads.
    turns: Option<Turns>,
    /// Held by the thread that has the process's turn.
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// As this process last saw it sound; the stamp itself may be lost to a full disk.
    sound: Option<Look>,
    /// As it failed a check, with the error: a file is not checked again as long as nobody touches it.
    damaged: Option<(Look, Error)>,
}

impl Stamp {
    /// Who may write has turns.
    pub fn open(folder: &Folder, place: Place, turns: Option<Turns>) -> Stamp {
        let opened = match &turns {
            Some(_) => folder.made(NAME, Openers::Readers).map(Some),
            None => folder.existing(NAME, Access::Read),
        };
        let path = folder.path().join(NAME);
        let mut again = OpenOptions::new();
        again.read(true).write(turns.is_some());
        let own =
            |file| OwnFile::new(file, &path, &again).map_err(|e| Error::io(path.display(), &e));
        let stamp = opened.and_then(|file| file.map(own).transpose());
        let stamp = stamp.unwrap_or_else(|e| {
            log::emit(Level::Debug, || e.to_string());
            None
        });
        Stamp {
            place,
            stamp,
            turns,
            known: Mutex::default(),
        }
    }

    /// Makes sure that all files are open, though the host may have closed their descriptors. True if LMDB's lock file had
    /// to be opened again.
    pub fn check_files(&self) -> Result<bool> {
        if let Some(stamp) = &self.stamp {
            stamp.check()?;
        }
        if let Some(turns) = &self.turns {
            turns.check_file()?;
        }
        self.place.check_files()
    }

    pub fn turns(&self) -> Option<&Turns> {
        self.turns.as_ref()
    }

    /// Opening: `check` runs unless the file looks as stamped.
    pub fn admit(&self, check: impl FnOnce() -> Result<()>) -> Result<()> {
        let look = self.look()?;
        if self.stamped() == Some(look) {
            self.known.lock().sound = Some(look);
            return Ok(());
        }
        let Some(turns) = &self.turns else {
            return check();
        };
        match turns.take(Turn::Change) {
            Ok(turn) => self.session(Some(turn)).ensure_sound(check),
            // Whoever has it does not get on; a snapshot can be checked all the same.
            Err(_) => check(),
        }
    }

    /// Before a write transaction: `check` runs unless the file looks as stamped.
    pub fn enter(&self, check: impl FnOnce() -> Result<()>) -> Result<Session<'_>> {
        let known = self.known.lock();
        let turn = match &self.turns {
            Some(turns) => Some(turns.take(Turn::Change)?),
            None => None,
        };
        let mut session = Session {
            stamp: self,
            known,
            _turn: turn,
        };
        session.ensure_sound(check)?;
        Ok(session)
    }

    fn session<'s>(&'s self, turn: Option<Held<'s>>) -> Session<'s> {
        Session {
            stamp: self,
            known: self.known.lock(),
            _turn: turn,
        }
    }

    /// Whether the file looks as stamped.
    pub fn vouches(&self) -> Result<bool> {
        Ok(self.stamped() == Some(self.look()?))
    }

    pub fn look(&self) -> Result<Look> {
        let meta = self.place.about_data()?;
        let words: [u64; WORDS - 1] = [
            MAGIC,
            VERSION,
            meta.dev(),
            meta.ino(),
            meta.len(),
            meta.mtime() as u64,
            meta.mtime_nsec() as u64,
            meta.ctime() as u64,
            meta.ctime_nsec() as u64,
            self.roots(),
        ];
        let mut look = [0; SIZE];
        for (slot, word) in look.chunks_exact_mut(8).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        let check = xxh3_64(&look[..SIZE - 8]);
        look[SIZE - 8..].copy_from_slice(&check.to_le_bytes());
        Ok(look)
    }

    /// A hash of the meta pages.
    fn roots(&self) -> u64 {
        let mut bytes = [0; 2 * Meta::SIZE];
        let data = self.place.data();
        let read = |at, bytes: &mut [u8]| data.read_exact_at(bytes, at).is_ok();
        let (first, second) = bytes.split_at_mut(Meta::SIZE);
        if !read(0, first) || !read(Meta::page_size_of(first), second) {
            return 0;
        }
        xxh3_64(&bytes)
    }

    fn stamped(&self) -> Option<Look> {
        let mut look = [0; SIZE];
        let (stamp, _) = self.stamp.as_ref()?.get().ok()?;
        stamp.read_exact_at(&mut look, 0).ok().map(|()| look)
    }
}

/// The right to change the data file. When it ends the file is stamped as it then is.
pub struct Session<'s> {
    stamp: &'s Stamp,
    /// Given back before the next thread may take it: fields drop in this order.
    _turn: Option<Held<'s>>,
    known: MutexGuard<'s, Known>,
}

impl Session<'_> {
    fn ensure_sound(&mut self, check: impl FnOnce() -> Result<()>) -> Result<()> {
        let look = self.stamp.look()?;
        if self.known.sound == Some(look) || self.stamp.stamped() == Some(look) {
            self.known.sound = Some(look);
            return Ok(());
        }
        self.known.sound = None;
        if let Some((damaged, error)) = &self.known.damaged
            && *damaged == look
        {
            return Err(error.clone());
        }
        match check() {
            Ok(()) => self.write(),
            Err(e) => {
                if e.status == Status::Corrupt {
                    self.known.damaged = Some((look, e.clone()));
                }
                return Err(e);
            }
        }
        Ok(())
    }

    /// Stamps the file as it is.
    fn write(&mut self) {
        let Stamp { place, stamp, .. } = self.stamp;
        let now = FileTimes::new().set_modified(SystemTime::now());
        // Fails for all but the owner; the stamp is of use all the same.
        let _ = place.data().set_times(now);
        let Ok(look) = self.stamp.look() else {
            self.known.sound = None;
            return;
        };
        self.known.sound = Some(look);
        if let Some(stamp) = stamp
            && let Err(e) = stamp.get().and_then(|(stamp, _)| {
                let written = stamp.write_all_at(&look, 0);
                written.map_err(|e| Error::io(NAME, &e))
            })
        {
            log::emit(Level::Debug, || {
                format!("{}: no stamp: {e}", place.path().display())
            });
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        // A file that was not sound at the begin was not written to.
        if let Some(before) = self.known.sound
            && self.stamp.look().is_ok_and(|now| now != before)
        {
            self.write();
        }
    }
}
