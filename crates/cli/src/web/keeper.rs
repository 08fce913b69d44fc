//! Keeps a server up. It works in a process of its own, and one that a fault of ours ended, or the system for want of
//! memory, is followed by another.
//!
//! The listening socket stays open meanwhile: the address is the same, and who connects waits. It comes to the server as
//! its standard input.

use crate::child::{Signals, code, wait};
use crate::failure::Failure;
use crate::format;
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::Signal;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _, parent_id};
use std::process::Command;
use std::time::{Duration, Instant};

/// To the server: the keeper's process, and how many servers there were before.
const KEPT: &str = "AIM_UP_KEPT";
/// To the server: the token it asks for.
const TOKEN: &str = "AIM_UP_TOKEN";

/// Ends that are nobody's wish.
const FAULTS: [Signal; 8] = [
    Signal::SIGABRT,
    Signal::SIGBUS,
    Signal::SIGFPE,
    Signal::SIGILL,
    Signal::SIGKILL,
    Signal::SIGSEGV,
    Signal::SIGSYS,
    Signal::SIGTRAP,
];
/// A server that lives shorter ended before it was asked much.
const SHORT: Duration = Duration::from_secs(1);
/// So many of these in a row are enough.
const TRIES: u32 = 5;

/// What a server has of its keeper.
pub struct Kept {
    pub listener: TcpListener,
    pub token: Option<String>,
    pub is_first: bool,
}

impl Kept {
    /// What this process has of a keeper, if it has one.
    pub fn find() -> io::Result<Option<Kept>> {
        let Ok(kept) = std::env::var(KEPT) else {
            return Ok(None);
        };
        set_pdeathsig(Signal::SIGTERM)?;
        let (keeper, before) = kept.split_once(' ').unwrap_or_default();
        if keeper != parent_id().to_string() {
            return Err(io::Error::other("who started it has ended"));
        }
        Ok(Some(Kept {
            listener: io::stdin().as_fd().try_clone_to_owned()?.into(),
            token: std::env::var(TOKEN).ok(),
            is_first: before == "0",
        }))
    }
}

/// Has this program serve what comes to `listener` until it ends as it was told to.
pub fn keep(listener: &TcpListener, token: Option<&str>) -> Result<(), Failure> {
    let failed = |e: io::Error| Failure::new("the server cannot be started").why(e);
    let signals =
        Signals::catch(|| ()).map_err(|e| Failure::new("signals cannot be caught").why(e))?;
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_default();
    let arguments: Vec<_> = arguments.collect();
    let mut short = 0;
    for before in 0_u64.. {
        let begun = Instant::now();
        // This very file, also where another has taken its name.
        let mut server = Command::new("/proc/self/exe")
            .arg0(&name)
            .args(&arguments)
            .env(KEPT, format!("{} {before}", std::process::id()))
            .envs(token.map(|token| (TOKEN, token)))
            .stdin(OwnedFd::from(listener.try_clone().map_err(failed)?))
            .spawn()
            .map_err(failed)?;
        signals.go_to(server.id());
        let status = wait(&mut server);
        signals.wait_for_next();
        let Some(number) = status.signal() else {
            return match status.code() {
                None | Some(0) => Ok(()),
                Some(code) => Err(Failure::silent(code as u8)),
            };
        };
        let signal = Signal::try_from(number).ok();
        let Some(signal) = signal.filter(|signal| FAULTS.contains(signal)) else {
            return Err(Failure::silent(code(status)));
        };
        let lived = begun.elapsed();
        short = if lived < SHORT { short + 1 } else { 0 };
        if short == TRIES {
            let why = format!("{signal} ended {TRIES} in a row, each within a second");
            return Err(Failure::new("the server does not stay up")
                .why(why)
                .advice("libaim doctor tells whether the repository is sound"));
        }
        let lived = format::duration(lived.as_secs_f64());
        say!("libaim: {signal} ended the server after {lived}; another takes its place");
    }
    Ok(())
}
