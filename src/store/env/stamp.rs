//! The stamp: what the data file looked like after its last change that is known to be sound.
//!
//! Checking every page costs time in proportion to the file, so it is done only where nobody vouches for the file. The
//! stamp, a small file beside it, holds the data file's inode, size and times; who changes the data file through this
//! library writes the stamp anew before anybody else may change it:
//!
//! - Every write transaction runs between two stamps, under a record lock on the stamp. At its begin the data file
//!   must look as stamped, or else is checked; after it the file is stamped, whether it was committed or not.
//! - Opening is free of checks while the stamp matches. Otherwise it waits for a transaction that is being committed,
//!   looks again, and checks the file.
//!
//! So the file is checked once after it was touched from outside, copied or moved, and after a process died between
//! its commit and its stamp, a few microseconds. What is written to it from outside while it is open is found before
//! the next write transaction; a file that got shorter also before the next read transaction.
//!
//! A stamp costs five system calls and no sync: after a power loss it may be old or empty, which leads to a check.
//! Since the kernel's clock for file times ticks in milliseconds, stamping sets the data file's modification time to
//! the present nanosecond: a change within the same tick changes it too. Who does not own the file may not do that;
//! then, as on filesystems with coarse times, a change within the tick of the last commit is taken for a part of it.

use crate::error::{Error, Result, Status};
use crate::log::{self, Level};
use parking_lot::{Mutex, MutexGuard};
use std::fs::{File, FileTimes, OpenOptions};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

const NAME: &str = "data.stamp";
/// How long an opening waits for others who commit or check the file. Then it checks by itself.
const PATIENCE: Duration = Duration::from_secs(30);

const WORDS: usize = 8;
const SIZE: usize = WORDS * 8;
const MAGIC: u64 = u64::from_le_bytes(*b"aimstamp");
const VERSION: u64 = 1;

/// The look of a file, as it stands in the stamp.
type Look = [u8; SIZE];

/// The data file and its stamp.
pub struct Stamp {
    data: File,
    path: PathBuf,
    /// None where there is no stamp and none can be made.
    stamp: Option<File>,
    may_write: bool,
    /// Held by the thread that holds the record lock: such locks know processes only.
    known: Mutex<Known>,
    /// The data file never gets shorter than this.
    least_size: AtomicU64,
}

#[derive(Default)]
struct Known {
    /// As this process last saw it sound; the stamp itself may be lost to a full disk.
    sound: Option<Look>,
    /// As it failed a check, with the error: a file is not checked again as long as nobody touches it.
    damaged: Option<(Look, Error)>,
}

impl Stamp {
    /// For the data file in `directory`, which exists.
    pub fn open(directory: &Path, read_only: bool) -> Result<Stamp> {
        let path = directory.join("data.mdb");
        let data = File::open(&path).map_err(|e| Error::io(path.display(), &e))?;
        let name = directory.join(NAME);
        let mut options = OpenOptions::new();
        options.read(true).write(!read_only).create(!read_only);
        let stamp = options
            .open(&name)
            .inspect_err(|e| {
                log::emit(Level::Debug, || format!("{}: {e}", name.display()));
            })
            .ok();
        let may_write = stamp.is_some() && !read_only;
        Ok(Stamp {
            data,
            path,
            stamp,
            may_write,
            known: Mutex::default(),
            least_size: AtomicU64::new(0),
        })
    }

    pub fn data(&self) -> &File {
        &self.data
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opening: `check` runs unless the file looks as stamped.
    pub fn admit(&self, check: impl FnOnce() -> Result<()>) -> Result<()> {
        let look = self.look()?;
        if self.stamped() == Some(look) {
            self.known.lock().sound = Some(look);
            return Ok(());
        }
        if !self.lock_within(PATIENCE) {
            return check();
        }
        let known = self.known.lock();
        Session { stamp: self, known }.ensure_sound(check)
    }

    /// Before a write transaction: `check` runs unless the file looks as stamped.
    pub fn enter(&self, check: impl FnOnce() -> Result<()>) -> Result<Session<'_>> {
        let known = self.known.lock();
        // Without the lock, on a filesystem that has none, writers check more often than they must.
        let _ = self.control(libc::F_SETLKW, true);
        let mut session = Session { stamp: self, known };
        session.ensure_sound(check)?;
        Ok(session)
    }

    /// Before a read transaction: a map beyond the end of its file is SIGBUS. LMDB never makes the file shorter.
    pub fn check_size(&self) -> Result<()> {
        let meta = self.data.metadata();
        let size = meta.map_err(|e| Error::io(self.path.display(), &e))?.len();
        let least = self.least_size.load(Ordering::Relaxed);
        if size < least {
            return Err(Error::corrupt(format!(
                "{} was cut short while it was open: {size} of {least} bytes",
                self.path.display()
            )));
        }
        Ok(())
    }

    fn look(&self) -> Result<Look> {
        let meta = self.data.metadata();
        let meta = meta.map_err(|e| Error::io(self.path.display(), &e))?;
        self.least_size.fetch_max(meta.len(), Ordering::Relaxed);
        let words: [u64; WORDS] = [
            MAGIC,
            VERSION,
            meta.ino(),
            meta.len(),
            meta.mtime() as u64,
            meta.mtime_nsec() as u64,
            meta.ctime() as u64,
            meta.ctime_nsec() as u64,
        ];
        let mut look = [0; SIZE];
        for (slot, word) in look.chunks_exact_mut(8).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        Ok(look)
    }

    fn stamped(&self) -> Option<Look> {
        let mut look = [0; SIZE];
        let stamp = self.stamp.as_ref()?;
        stamp.read_exact_at(&mut look, 0).ok().map(|()| look)
    }

    fn lock_within(&self, patience: Duration) -> bool {
        let begun = Instant::now();
        loop {
            match self.control(libc::F_SETLK, true) {
                Err(libc::EAGAIN | libc::EACCES) if begun.elapsed() < patience => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                outcome => return outcome.is_ok(),
            }
        }
    }

    /// Sets or clears the record lock on the stamp. It ends with the process; a forked child does not inherit it.
    fn control(&self, command: libc::c_int, lock: bool) -> std::result::Result<(), i32> {
        let Some(file) = &self.stamp else {
            return Ok(());
        };
        // SAFETY: `flock` is a plain C struct; zero is a valid value of each field.
        let mut request: libc::flock = unsafe { std::mem::zeroed() };
        request.l_type = match (lock, self.may_write) {
            (false, _) => libc::F_UNLCK,
            // Who only reads waits for those who write.
            (true, false) => libc::F_RDLCK,
            (true, true) => libc::F_WRLCK,
        } as _;
        request.l_whence = libc::SEEK_SET as _;
        loop {
            // SAFETY: the descriptor is open and the pointer refers to a `flock`, as these commands demand.
            if unsafe { libc::fcntl(file.as_raw_fd(), command, std::ptr::from_ref(&request)) } == 0
            {
                return Ok(());
            }
            match std::io::Error::last_os_error().raw_os_error() {
                Some(libc::EINTR) => {}
                // Threads of two processes that commit to two repositories look like a deadlock to the kernel.
                Some(libc::EDEADLK) => std::thread::sleep(Duration::from_millis(1)),
                errno => return Err(errno.unwrap_or(0)),
            }
        }
    }
}

/// The right to change the data file. When it ends the file is stamped as it then is.
pub struct Session<'s> {
    stamp: &'s Stamp,
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
        let Stamp {
            data, stamp, path, ..
        } = self.stamp;
        if self.stamp.may_write {
            let now = FileTimes::new().set_modified(SystemTime::now());
            // Fails for all but the owner; the stamp is of use all the same.
            let _ = data.set_times(now);
        }
        let Ok(look) = self.stamp.look() else {
            self.known.sound = None;
            return;
        };
        self.known.sound = Some(look);
        if let (Some(stamp), true) = (stamp, self.stamp.may_write)
            && let Err(e) = stamp.write_all_at(&look, 0)
        {
            log::emit(Level::Debug, || {
                format!("{}: no stamp: {e}", path.display())
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
        let _ = self.stamp.control(libc::F_SETLK, false);
    }
}
