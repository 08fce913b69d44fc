//! The process that the user started: runs the program, and outlives what tracks it.

use super::channel::{Tracker, tell_ended, tell_not_started, tell_started};
use super::output::Outputs;
use crate::child::{Signals, code, wait, word};
use crate::failure::Failure;
use nix::sys::signal::Signal;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus};

/// What shells answer where a program is not found or cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_RUN: u8 = 126;

/// Ends that are the user's wish.
pub const INTERRUPTS: [i32; 3] = [
    Signal::SIGINT as i32,
    Signal::SIGTERM as i32,
    Signal::SIGHUP as i32,
];

/// Runs the program and gives its exit code. The tracker says what there is to be said of its run.
pub fn run(program: &[OsString]) -> Result<u8, Failure> {
    let untracked = || Failure::new("the program cannot be tracked");
    let outputs = Outputs::open().map_err(|e| untracked().why(e))?;
    let signals = Signals::catch(outputs.resize())
        .map_err(|e| Failure::new("signals cannot be caught").why(e))?;
    let mut tracker = Tracker::start(&outputs.pipes).map_err(|e| untracked().why(e))?;
    let Some(ready) = tracker.ready() else {
        return Err(not_ready(wait(&mut tracker.process)));
    };
    let to_tracker = tracker.socket.try_clone();
    let to_tracker = to_tracker.map_err(|e| untracked().why(e))?;
    let short: String = ready.hash.chars().take(8).collect();
    let passing = outputs.pass_on(tracker, &short);
    let (passing, [out, err]) = passing.map_err(|e| untracked().why(e))?;
    let (name, arguments) = program
        .split_first()
        .ok_or_else(|| Failure::usage("there is no program"))?;
    // With the command goes our side of what it writes to: where it has closed its own, the output ends.
    let started = Command::new(name)
        .args(arguments)
        .env("AIM_REPO", &ready.repo)
        .env("AIM_RUN_HASH", &ready.hash)
        .stdout(out)
        .stderr(err)
        .spawn();
    let status = match started {
        Ok(mut program) => {
            tell_started(&to_tracker);
            signals.go_to(program.id());
            let status = wait(&mut program);
            signals.go_nowhere();
            Ok(status)
        }
        Err(e) => Err(e),
    };
    let tracker = passing.end();
    match &status {
        Ok(status) => tell_ended(&to_tracker, *status),
        Err(_) => tell_not_started(&to_tracker),
    }
    let tracked = tracker.map(|mut tracker| wait(&mut tracker.process));
    let status = status.map_err(|e| {
        let name = name.to_string_lossy();
        let failure = Failure::new(format_args!("{name} cannot be run")).why(&e);
        failure.code(match e.kind() {
            ErrorKind::NotFound => NOT_FOUND,
            _ => NOT_RUN,
        })
    })?;
    match tracked {
        // It has said why.
        Some(tracked) if tracked.code().is_some_and(|code| code != 0) => {
            Err(Failure::silent(code(tracked)))
        }
        Some(tracked) if tracked.signal().is_some() => {
            say!("libaim: the tracker of run {short} {}", word(tracked));
            Ok(code(status))
        }
        _ => Ok(code(status)),
    }
}

/// Why there is no run.
fn not_ready(status: ExitStatus) -> Failure {
    match status.signal() {
        Some(signal) if !INTERRUPTS.contains(&signal) => {
            Failure::new("the program cannot be tracked")
                .why(format_args!("the tracker {}", word(status)))
        }
        // It has said why.
        _ => Failure::silent(code(status).max(1)),
    }
}
