//! What the two processes say to each other, over a socket that is the tracker's standard input.
//!
//! The tracker tells of its run, once it is ready. The relay says that the program has been started or could not be, and
//! how it ended. The end of the socket is the end of the other process. The output comes by pipes of its own.

use crate::failure::Failure;
use aim::system::RELAY;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _, parent_id};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

const STARTED: &str = "started\n";
const NOT_STARTED: &str = "not started\n";
const ENDED: &str = "ended ";

/// The tracker, as the relay has it.
pub struct Tracker {
    pub process: Child,
    pub socket: UnixStream,
    /// The socket once more, to wait for its end.
    pub lives: OwnedFd,
}

/// What a program is told of its run.
pub struct Ready {
    pub hash: String,
    pub repo: OsString,
}

impl Tracker {
    /// Starts it: this program again, with the same arguments. It reads from the pipes what the program writes to the
    /// descriptors of these numbers.
    pub fn start(pipes: &[(RawFd, OwnedFd)]) -> io::Result<Tracker> {
        let (socket, its_own) = UnixStream::pair()?;
        // Copies that it inherits.
        let copies = pipes.iter().map(|(_, pipe)| nix::unistd::dup(pipe));
        let copies = copies.collect::<nix::Result<Vec<_>>>()?;
        let mut relay = std::process::id().to_string();
        for ((number, _), copy) in pipes.iter().zip(&copies) {
            relay += &format!(" {number}:{}", copy.as_raw_fd());
        }
        let mut arguments = std::env::args_os();
        // This very file, also where another has taken its name.
        let process = Command::new("/proc/self/exe")
            .arg0(arguments.next().unwrap_or_default())
            .args(arguments)
            .env(RELAY, relay)
            .stdin(OwnedFd::from(its_own))
            .stdout(Stdio::null())
            .spawn()?;
        let lives = socket.as_fd().try_clone_to_owned()?;
        Ok(Tracker {
            process,
            socket,
            lives,
        })
    }

    /// Waits until it has a run; `None` if it ended before.
    pub fn ready(&self) -> Option<Ready> {
        let mut said = Vec::new();
        BufReader::new(&self.socket).read_until(0, &mut said).ok()?;
        said.pop_if(|last| *last == 0)?;
        let end = said.iter().position(|byte| *byte == b' ')?;
        Some(Ready {
            hash: String::from_utf8(said[..end].to_vec()).ok()?,
            repo: OsString::from_vec(said.split_off(end + 1)),
        })
    }
}

// That it is gone is found out elsewhere: what is said to it is said in vain.

pub fn tell_started(mut tracker: &UnixStream) {
    let _ = tracker.write_all(STARTED.as_bytes());
}

pub fn tell_not_started(mut tracker: &UnixStream) {
    let _ = tracker.write_all(NOT_STARTED.as_bytes());
}

pub fn tell_ended(mut tracker: &UnixStream, status: ExitStatus) {
    let _ = tracker.write_all(format!("{ENDED}{}\n", status.into_raw()).as_bytes());
}

/// What became of a program.
pub enum Fate {
    NotStarted,
    Ended(ExitStatus),
    /// Who ran it has been killed.
    Unknown,
}

/// What the tracker has of its relay.
pub struct Relayed {
    socket: BufReader<UnixStream>,
    /// What the program writes, with the numbers of its descriptors.
    pub pipes: Vec<(RawFd, OwnedFd)>,
}

impl Relayed {
    /// What this process has of a relay, if it has one.
    pub fn find() -> Result<Option<Relayed>, Failure> {
        let Ok(relay) = std::env::var(RELAY) else {
            return Ok(None);
        };
        let failed = |e: io::Error| Failure::new("the program cannot be tracked").why(e);
        let mut words = relay.split(' ');
        if words.next() != Some(&parent_id().to_string()) {
            return Err(failed(io::Error::other("who started this has ended")));
        }
        let pipe = |word: &str| -> io::Result<(RawFd, OwnedFd)> {
            let (number, pipe) = word.split_once(':').unwrap_or_default();
            let number = number.parse().map_err(io::Error::other)?;
            // Opened anew, for this process alone.
            Ok((number, File::open(format!("/proc/self/fd/{pipe}"))?.into()))
        };
        let socket = io::stdin().as_fd().try_clone_to_owned().map_err(failed)?;
        Ok(Some(Relayed {
            socket: BufReader::new(socket.into()),
            pipes: words.map(pipe).collect::<Result<_, _>>().map_err(failed)?,
        }))
    }

    pub fn tell_ready(&self, hash: &str, repo: &Path) -> io::Result<()> {
        let repo: &OsStr = repo.as_os_str();
        let said = [hash.as_bytes(), b" ", repo.as_bytes(), b"\0"].concat();
        self.socket.get_ref().write_all(&said)
    }

    /// Waits for the program's beginning; whether there is one.
    pub fn begins(&mut self) -> Result<(), Fate> {
        match self.line().as_deref() {
            Some(STARTED) => Ok(()),
            Some(NOT_STARTED) => Err(Fate::NotStarted),
            _ => Err(Fate::Unknown),
        }
    }

    /// Waits for the program's end. All of its output is in the pipes then.
    pub fn ends(&mut self) -> Fate {
        let line = self.line();
        let status = line.as_deref().and_then(|line| line.strip_prefix(ENDED));
        match status.and_then(|status| status.trim_end().parse().ok()) {
            Some(status) => Fate::Ended(ExitStatus::from_raw(status)),
            None => Fate::Unknown,
        }
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.socket.read_line(&mut line).ok()?;
        Some(line)
    }
}
