//! Turns among the processes that may write: record locks on a file that only those can open, so that nobody else can
//! hold one. Every wait has an end, and its error names who has the turn.
//!
//! A record lock belongs to a process, whichever of its threads took it, and ends with it; a forked child does not
//! inherit it. It also ends when the process closes the file, so a process has it open once, as long as the database.

use crate::error::{Error, Result, Status};
use crate::files::{Folder, Openers};
use crate::own_file::OwnFile;
use crate::shield;
use std::fs::{self, OpenOptions};
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::time::{Duration, Instant};

const NAME: &str = "writers.lock";

/// How long others wait for a process that is stopped: it may stay so for days.
const STOPPED_PATIENCE: Duration = Duration::from_secs(1);
/// How long for one that runs, or of which nothing can be seen: checking a large file takes its time.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often a waiting process tries again, at least, and how often it looks at the holder.
const PAUSE: Duration = Duration::from_micros(500);
const LOOK: Duration = Duration::from_millis(100);

/// What turns are taken for; each is a byte of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// To open the environment: who sets up the lock file and is killed half-way leaves it to the next.
    Open = 0,
    /// To change the data file or to check it.
    Change = 1,
    /// To bring in what dead processes left.
    Recover = 2,
}

pub struct Turns {
    file: OwnFile,
    path: PathBuf,
    /// The process that was stopped for too long when last a turn was waited for: while it is, nobody waits again.
    stopped: AtomicI32,
}

/// A turn that is taken; given back when dropped. Without one where the filesystem knows no record locks.
pub struct Held<'t> {
    turns: &'t Turns,
    turn: Turn,
}

impl Turns {
    pub fn open(folder: &Folder) -> Result<Turns> {
        let path = folder.path().join(NAME);
        let file = folder.made(NAME, Openers::Writers)?;
        let mut again = OpenOptions::new();
        again.read(true).write(true);
        Ok(Turns {
            file: OwnFile::new(file, &path, &again).map_err(|e| Error::io(path.display(), &e))?,
            path,
            stopped: AtomicI32::new(0),
        })
    }

    /// Makes sure that the file is open, though the host may have closed its descriptor; no turn is taken.
    pub fn check_file(&self) -> Result<()> {
        self.file.check().map(|_| ())
    }

    /// Waits for the turn.
    ///
    /// # Errors
    /// `Busy`, naming the holder, if it is stopped or does not end.
    pub fn take(&self, turn: Turn) -> Result<Held<'_>> {
        shield::prolong();
        let held = Held { turns: self, turn };
        let begun = Instant::now();
        let mut pause = PAUSE / 8;
        let mut looked = None;
        let mut stopped = None;
        loop {
            match self.control(libc::F_SETLK, turn, libc::F_WRLCK) {
                Err(libc::EAGAIN | libc::EACCES) => {}
                // Such filesystems cannot be helped: writers check more often than they must.
                _ => return Ok(held),
            }
            if looked.is_none_or(|at: Instant| at.elapsed() >= LOOK) {
                let now = Instant::now();
                looked = Some(now);
                let holder = self.holder(turn);
                let is_stopped = holder.as_ref().filter(|holder| holder.is_stopped());
                let known = is_stopped.is_some_and(|h| h.0 == self.stopped.load(Relaxed));
                stopped = is_stopped.map(|_| stopped.unwrap_or(now));
                let long = stopped.is_some_and(|since| since.elapsed() >= STOPPED_PATIENCE);
                if known || long || begun.elapsed() > PATIENCE {
                    self.stopped.store(is_stopped.map_or(0, |h| h.0), Relaxed);
                    // Nothing was taken that could be given back.
                    std::mem::forget(held);
                    return Err(self.busy(turn, holder, begun.elapsed()));
                }
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(PAUSE);
        }
    }

    fn busy(&self, turn: Turn, holder: Option<Holder>, waited: Duration) -> Error {
        let path = self.path.display();
        let what = match turn {
            Turn::Open => "opens the database",
            Turn::Change => "writes to the database",
            Turn::Recover => "brings in what dead processes left",
        };
        let who = holder.map_or_else(|| "another process".to_owned(), |h| h.to_string());
        let seconds = waited.as_secs();
        let waited = match seconds {
            0 => String::new(),
            _ => format!(", and did not finish in {seconds} s"),
        };
        Error::new(
            Status::Busy,
            format!("{path}: {who} {what}{waited}: let it go on or end it"),
        )
    }

    fn holder(&self, turn: Turn) -> Option<Holder> {
        let mut request = request(turn, libc::F_WRLCK);
        let (file, _) = self.file.get().ok()?;
        // SAFETY: the descriptor is open and the pointer refers to a `flock`, as this command demands.
        let rc = unsafe {
            libc::fcntl(
                file.as_raw_fd(),
                libc::F_GETLK,
                std::ptr::from_mut(&mut request),
            )
        };
        let held = rc == 0 && i32::from(request.l_type) != libc::F_UNLCK;
        held.then_some(Holder(request.l_pid))
    }

    fn control(
        &self,
        command: libc::c_int,
        turn: Turn,
        kind: libc::c_int,
    ) -> std::result::Result<(), i32> {
        let request = request(turn, kind);
        let (file, _) = self.file.get().map_err(|_| libc::EBADF)?;
        loop {
            // SAFETY: as in `holder`.
            let rc =
                unsafe { libc::fcntl(file.as_raw_fd(), command, std::ptr::from_ref(&request)) };
            if rc == 0 {
                return Ok(());
            }
            match std::io::Error::last_os_error().raw_os_error() {
                Some(libc::EINTR) => {}
                errno => return Err(errno.unwrap_or(0)),
            }
        }
    }
}

fn request(turn: Turn, kind: libc::c_int) -> libc::flock {
    // SAFETY: `flock` is a plain C struct; zero is a valid value of each field.
    let mut request: libc::flock = unsafe { std::mem::zeroed() };
    request.l_type = kind as _;
    request.l_whence = libc::SEEK_SET as _;
    request.l_start = turn as libc::off_t;
    request.l_len = 1;
    request
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let _ = self.turns.control(libc::F_SETLK, self.turn, libc::F_UNLCK);
    }
}

/// The process that holds a lock; none has a number here if it is of another container.
struct Holder(libc::pid_t);

impl Holder {
    fn is_stopped(&self) -> bool {
        matches!(self.state(), Some('T' | 't'))
    }

    /// As in `/proc/PID/stat`, behind the command in parentheses.
    fn state(&self) -> Option<char> {
        let stat = fs::read(format!("/proc/{}/stat", self.0)).ok()?;
        let end = stat.iter().rposition(|byte| *byte == b')')?;
        stat.get(end + 2).map(|state| char::from(*state))
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 <= 0 {
            return f.write_str("a process of another container");
        }
        write!(f, "process {}", self.0)?;
        if let Ok(name) = fs::read_to_string(format!("/proc/{}/comm", self.0)) {
            write!(f, " ({})", name.trim_end())?;
        }
        match self.is_stopped() {
            true => f.write_str(", which is stopped,"),
            false => Ok(()),
        }
    }
}
