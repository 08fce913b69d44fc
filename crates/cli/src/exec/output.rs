//! The program's output on its way: to where it went before, and to the tracker.
//!
//! Nothing of it is lost where the tracker is slow: the pipe to it is full then, and the program waits in its next write,
//! as it does where its terminal is slow. Where it is gone, the output goes on without it.

use super::channel::Tracker;
use crate::child;
use aim::system::descriptor;
use nix::fcntl::{FcntlArg, fcntl};
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Write as _};
use std::os::fd::{OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

/// Output has been read to its end if nothing follows for this long.
const QUIET: Duration = Duration::from_millis(20);
/// How long reading to the end may take: children may write without a pause.
const SETTLE: Duration = Duration::from_secs(2);

/// What may be on its way to the tracker, in bytes.
const PIPE: i32 = 1 << 20;

// Of `poll`.
const READABLE: i16 = 1;
const ERROR: i16 = 8;
const HUNG_UP: i16 = 16;

/// Where the program's standard output and error go; one for both where they go to the same place, so that their order
/// stays.
struct Output {
    /// The side of its pseudo-terminal that is read; none once all who could write have closed it, or nobody reads what
    /// is written.
    pty: Option<Arc<OwnedFd>>,
    terminal: OwnedFd,
    tracker: Option<PipeWriter>,
}

/// The outputs of a program that is yet to be started.
pub struct Outputs {
    outputs: Vec<Output>,
    /// What the tracker reads, with the numbers of the descriptors.
    pub pipes: Vec<(RawFd, OwnedFd)>,
    /// What the program writes to: standard output and error.
    pub writers: [OwnedFd; 2],
}

impl Outputs {
    pub fn open() -> io::Result<Outputs> {
        let mut outputs = Vec::new();
        let mut pipes = Vec::new();
        let mut open = |number: RawFd| -> io::Result<OwnedFd> {
            let (pty, writer) = descriptor::open_pty(number)?;
            let (reader, tracker): (PipeReader, PipeWriter) = io::pipe()?;
            // Where the system allows less, the two wait for each other more often.
            let _ = fcntl(&tracker, FcntlArg::F_SETPIPE_SZ(PIPE));
            outputs.push(Output {
                pty: Some(Arc::new(pty)),
                terminal: descriptor::duplicate(number)?,
                tracker: Some(tracker),
            });
            pipes.push((number, reader.into()));
            Ok(writer)
        };
        let first = open(1)?;
        let second = match descriptor::identity(1)? == descriptor::identity(2)? {
            true => first.try_clone()?,
            false => open(2)?,
        };
        Ok(Outputs {
            outputs,
            pipes,
            writers: [first, second],
        })
    }

    /// Gives the pseudo-terminals the terminal's size, as long as they are read.
    pub fn resize(&self) -> impl Fn() + Send + 'static {
        let pty = |(output, (number, _)): (&Output, &(RawFd, _))| {
            let pty = output.pty.as_ref().map(Arc::downgrade);
            (pty.unwrap_or_default(), *number)
        };
        let ptys: Vec<(Weak<OwnedFd>, RawFd)> =
            self.outputs.iter().zip(&self.pipes).map(pty).collect();
        move || {
            for (pty, number) in &ptys {
                if let Some(pty) = pty.upgrade() {
                    descriptor::resize(&pty, *number);
                }
            }
        }
    }

    /// Passes the output on, in a thread.
    pub fn pass_on(self, tracker: Tracker, run: &str) -> io::Result<(Passing, [OwnedFd; 2])> {
        let end = Arc::new(End {
            comes: AtomicBool::new(false),
            event: descriptor::open_event()?,
        });
        let mut relay = Relay {
            outputs: self.outputs,
            tracker: Some(tracker),
            run: run.to_owned(),
            end: Arc::clone(&end),
        };
        let pass_on = move || {
            relay.pass_on();
            relay.tracker
        };
        let thread = Builder::new().name("output".into()).spawn(pass_on)?;
        Ok((Passing { end, thread }, self.writers))
    }
}

/// Tells the thread that the program has ended.
struct End {
    comes: AtomicBool,
    event: OwnedFd,
}

/// The output on its way.
pub struct Passing {
    end: Arc<End>,
    thread: JoinHandle<Option<Tracker>>,
}

impl Passing {
    /// Waits until all that the program wrote has gone on. The tracker, if it is still there.
    pub fn end(self) -> Option<Tracker> {
        self.end.comes.store(true, Ordering::Release);
        // A full counter wakes as well.
        let _ = descriptor::write_all(&self.end.event, &1u64.to_ne_bytes());
        self.thread.join().ok()?
    }
}

struct Relay {
    outputs: Vec<Output>,
    tracker: Option<Tracker>,
    /// Which run it tracks.
    run: String,
    end: Arc<End>,
}

impl Relay {
    fn pass_on(&mut self) {
        let mut buffer = vec![0; 64 << 10];
        let mut ending = None;
        let mut last_output = Instant::now();
        loop {
            let Ok(came) = self.turn(&mut buffer, ending.is_some()) else {
                return;
            };
            let now = Instant::now();
            if came {
                last_output = now;
            }
            let Some(since) = ending else {
                if self.end.comes.load(Ordering::Acquire) {
                    let _ = descriptor::read(&self.end.event, &mut [0; 8]);
                    ending = Some(now);
                }
                continue;
            };
            let quiet = now.duration_since(last_output.max(since)) >= QUIET;
            let ended = self.outputs.iter().all(|output| output.pty.is_none());
            if quiet || ended || now.duration_since(since) >= SETTLE {
                return;
            }
        }
    }

    /// Waits for something to happen; whether there was output.
    fn turn(&mut self, buffer: &mut [u8], ending: bool) -> io::Result<bool> {
        let mut waited = vec![(&self.end.event, READABLE, 0)];
        for output in &self.outputs {
            if let Some(pty) = &output.pty {
                // Errors and ends are told unasked.
                waited.extend([(&**pty, READABLE, 0), (&output.terminal, 0, 0)]);
            }
        }
        waited.extend(self.tracker.iter().map(|tracker| (&tracker.lives, 0, 0)));
        descriptor::wait(&mut waited, ending.then_some(QUIET))?;
        let happened = waited.iter().skip(1).map(|(_, _, happened)| *happened);
        let mut happened: Vec<i16> = happened.collect();
        let lost =
            self.tracker.is_some() && happened.pop().is_some_and(|lives| lives & HUNG_UP != 0);
        let mut came = false;
        let read = self
            .outputs
            .iter_mut()
            .filter(|output| output.pty.is_some());
        for (output, happened) in read.zip(happened.chunks(2)) {
            let &[pty, terminal] = happened else { continue };
            if terminal & ERROR != 0 {
                output.hang_up();
            } else if pty != 0 {
                came |= output.pass_on(buffer);
            }
        }
        if lost {
            self.lose_tracker();
        }
        Ok(came)
    }

    fn lose_tracker(&mut self) {
        let Some(mut tracker) = self.tracker.take() else {
            return;
        };
        self.outputs
            .iter_mut()
            .for_each(|output| output.tracker = None);
        let status = child::wait(&mut tracker.process);
        let word = child::word(status);
        crate::said::line(format_args!(
            "libaim: the tracker of run {} {word}; the program goes on, and nothing more of it is recorded",
            self.run
        ));
    }
}

impl Output {
    /// Reads once and passes it on; whether there was something.
    fn pass_on(&mut self, buffer: &mut [u8]) -> bool {
        let Some(pty) = &self.pty else { return false };
        let got = match descriptor::read(pty, buffer) {
            Ok(got) if got > 0 => got,
            Err(e) if matches!(e.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {
                return false;
            }
            // EIO, once nobody can write to it any more.
            _ => {
                self.pty = None;
                self.tracker = None;
                return false;
            }
        };
        let Some(bytes) = buffer.get(..got) else {
            return false;
        };
        let written = descriptor::write_all(&self.terminal, bytes);
        if let Some(tracker) = &mut self.tracker
            && tracker.write_all(bytes).is_err()
        {
            // It is gone; the socket tells.
            self.tracker = None;
        }
        // Another error is that of this write alone.
        if written.is_err_and(|e| e.kind() == ErrorKind::BrokenPipe) {
            self.hang_up();
        }
        true
    }

    /// Nobody reads what the program writes: its next write fails.
    fn hang_up(&mut self) {
        self.pty = None;
        self.tracker = None;
    }
}
