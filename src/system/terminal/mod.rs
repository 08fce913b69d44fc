//! Capture of the terminal: what the process and its children write to file descriptors 1 and 2 goes into the runs that
//! ask for it, and on to where it went before.
//!
//! Both descriptors are replaced by a pseudo-terminal, which a thread reads. A pipe would be simpler and is not safe:
//! when the process is killed, children that go on writing to a pipe without a reader die of SIGPIPE. A write to a
//! pseudo-terminal without a reader fails with EIO, and kills and blocks nobody; forked children close their copy of the
//! reading side, so that it really is gone. It also keeps the C library and
//! Fortran's sending whole lines at once. The price: `isatty` says yes, also where the output is redirected to a file.

pub mod descriptor;
mod member;
mod relay;
mod row;
mod screen;
mod style;

use super::private::Private;
use crate::error::{Error, Result};
use crate::journal::JournalId;
use crate::lock::{Condvar, Mutex};
use crate::log::{self, Level};
use crate::process::{PerProcess, SetUp};
use crate::run::Run;
use crate::thread::is_current;
use descriptor::{Identity, Redirected};
use member::Member;
use relay::{Output, Relay, Shared, State};
use std::os::fd::{OwnedFd, RawFd};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

static TERMINAL: PerProcess<Mutex<Option<Capture>>> = PerProcess::new();

/// How long the end of a capture waits for a terminal that takes nothing.
const PATIENCE: Duration = Duration::from_secs(3);

/// The process's capture, while a run wants it.
struct Capture {
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
    next_id: u64,
}

pub use member::Watch;

/// Keeps a run recording the terminal until it is dropped.
pub struct TerminalLog {
    id: u64,
    terminal: &'static Mutex<Option<Capture>>,
}

impl TerminalLog {
    pub fn start(run: Arc<Run>) -> Result<TerminalLog> {
        TerminalLog::of(run, None, Capture::start)
    }

    /// Records what another process reads of a program, and passes on into these pipes: each with the descriptor, 1 or
    /// 2, to which the program wrote it. The capture's thread also gives each line that nothing can change any more to
    /// `watch`, with its time; at the end of the capture those on the screen, too.
    pub fn start_beside(
        run: Arc<Run>,
        watch: Watch,
        pipes: Vec<(RawFd, OwnedFd)>,
    ) -> Result<TerminalLog> {
        TerminalLog::of(run, Some(watch), || Capture::beside(pipes))
    }

    fn of(
        run: Arc<Run>,
        watch: Option<Watch>,
        start: impl FnOnce() -> Result<Capture>,
    ) -> Result<TerminalLog> {
        let terminal = TERMINAL.get();
        let author = JournalId::random()?.0;
        let author = author
            .iter()
            .fold(1, |a: u64, b| a.rotate_left(9) ^ u64::from(*b))
            | 1;
        let mut slot = terminal.lock();
        let capture = match &mut *slot {
            Some(capture) => capture,
            empty => empty.insert(start()?),
        };
        let id = capture.next_id;
        capture.next_id += 1;
        let member = Member::new(id, run, author, watch);
        capture.shared.state.lock().members.push(member);
        Ok(TerminalLog { id, terminal })
    }

    /// Ends the recording, with all that was written before. With the last run the descriptors are as they were.
    pub fn stop(&self) {
        self.leave(true);
    }

    fn leave(&self, wait: bool) {
        if !TERMINAL
            .present()
            .is_some_and(|t| std::ptr::eq(t, self.terminal))
        {
            // This is a forked child: the thread and the locks are the parent's.
            return;
        }
        let mut slot = self.terminal.lock();
        let Some(capture) = &mut *slot else { return };
        let last = {
            let state = capture.shared.state.lock();
            if !state.members.iter().any(|m| m.id == self.id) {
                return;
            }
            state.members.len() == 1
        };
        descriptor::flush_stdio();
        if last {
            capture.restore();
            if let Some(capture) = slot.take() {
                drop(slot);
                capture.end(wait);
            }
            return;
        }
        if wait {
            capture.settle(false);
        }
        let mut state = capture.shared.state.lock();
        let gone: Vec<_> = state.members.extract_if(.., |m| m.id == self.id).collect();
        drop(state);
        // Outside the lock: it may be the run's last reference.
        drop(gone);
    }
}

impl Drop for TerminalLog {
    fn drop(&mut self) {
        self.leave(false);
    }
}

impl Capture {
    fn start() -> Result<Capture> {
        let failed = |e: std::io::Error| Error::io("capturing the terminal", &e);
        let mut outputs = Vec::new();
        let mut planned: Vec<(RawFd, RawFd, OwnedFd, Identity)> = Vec::new();
        let (first, second) = (descriptor::identity(1), descriptor::identity(2));
        for (number, target) in [(1, &first), (2, &second)] {
            let Ok(target) = target else {
                // The process has closed it.
                continue;
            };
            let shared = planned
                .first()
                .filter(|_| first.as_ref().is_ok_and(|f| f == target));
            // Where both go to the same place they share one, so that their order stays.
            let output = shared.map_or(number, |(_, output, ..)| *output);
            let writer = match shared {
                Some((_, _, writer, _)) => writer.try_clone().map_err(failed)?,
                None => {
                    let (reader, writer) = descriptor::open_pty(number).map_err(failed)?;
                    outputs.push(Output {
                        number,
                        reader: Some(Private::new(reader)),
                        terminal: Some(Private::new(
                            descriptor::duplicate(number).map_err(failed)?,
                        )),
                        screen: Default::default(),
                    });
                    writer
                }
            };
            let identity = descriptor::identity(std::os::fd::AsRawFd::as_raw_fd(&writer));
            planned.push((number, output, writer, identity.map_err(failed)?));
        }
        let capture = Capture::reading(outputs)?;
        descriptor::flush_stdio();
        for (number, output, writer, replacement) in planned {
            let redirected = descriptor::duplicate(number).map(|original| Redirected {
                number,
                output,
                original: Private::new(original),
                replacement,
            });
            match redirected.and_then(|r| descriptor::replace(number, &writer).map(|()| r)) {
                Ok(redirected) => capture.shared.redirected.lock().push(redirected),
                Err(e) => {
                    capture.restore();
                    capture.shared.state.lock().stop = true;
                    capture.shared.wake();
                    return Err(failed(e));
                }
            }
        }
        stop_at_exit();
        Ok(capture)
    }

    /// Reads what another process passes on.
    fn beside(pipes: Vec<(RawFd, OwnedFd)>) -> Result<Capture> {
        let output = |(number, reader)| Output {
            number,
            reader: Some(Private::new(reader)),
            terminal: None,
            screen: Default::default(),
        };
        Capture::reading(pipes.into_iter().map(output).collect())
    }

    /// Starts the thread that reads.
    fn reading(outputs: Vec<Output>) -> Result<Capture> {
        let event = descriptor::open_event();
        let event = event.map_err(|e| Error::io("capturing the terminal", &e))?;
        let shared = Arc::new(Shared {
            state: Mutex::new(State::default()),
            changed: Condvar::default(),
            redirected: Mutex::new(Vec::new()),
            event: Private::new(event),
        });
        let relay = Relay::new(Arc::clone(&shared), outputs);
        let thread = crate::thread::spawn("aim-terminal", move || relay.run())?;
        Ok(Capture {
            shared,
            thread,
            next_id: 0,
        })
    }

    /// Makes the descriptors what they were.
    fn restore(&self) {
        let redirected = std::mem::take(&mut *self.shared.redirected.lock());
        redirected.into_iter().for_each(Redirected::restore);
    }

    /// Waits until the runs have what was written so far. `end`: the thread lets the runs go then.
    fn settle(&self, end: bool) {
        let asked = self.ask(end);
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.shared.state.lock();
        while state.settled < asked && !state.finished {
            let late;
            (state, late) = self.shared.changed.wait_until(state, deadline);
            if late {
                log::emit(Level::Warning, || {
                    "the terminal takes no output; its last lines are not recorded".to_owned()
                });
                return;
            }
        }
    }

    /// Asks the thread to read to the end of what was written; the number of the request.
    fn ask(&self, end: bool) -> u64 {
        let mut state = self.shared.state.lock();
        state.asked += 1;
        state.stop |= end;
        self.shared.wake();
        state.asked
    }

    /// Ends the thread, or leaves it to the children that still write.
    fn end(self, wait: bool) {
        if !wait {
            self.ask(true);
            return;
        }
        self.settle(true);
        let deadline = Instant::now() + Duration::from_millis(200);
        let mut state = self.shared.state.lock();
        while !state.finished {
            let late;
            (state, late) = self.shared.changed.wait_until(state, deadline);
            if late {
                log::emit(Level::Info, || {
                    "child processes hold the captured terminal; their output is passed on while they do".to_owned()
                });
                return;
            }
        }
        drop(state);
        if !is_current(self.thread.thread()) {
            let _ = self.thread.join();
        }
    }
}

/// The exit of the process ends the capture like a close: what was written reaches the terminal and the runs.
fn stop_at_exit() {
    static REGISTER: SetUp = SetUp::new();
    // SAFETY: the handler is a plain function of this library, which is never unloaded (-z nodelete).
    REGISTER.ensure(|| unsafe {
        libc::atexit(at_exit);
    });
}

extern "C" fn at_exit() {
    let stop = || {
        let capture = TERMINAL
            .present()
            .and_then(|t| t.try_lock_for(PATIENCE))
            .and_then(|mut slot| slot.take());
        if let Some(capture) = capture {
            descriptor::flush_stdio();
            capture.restore();
            capture.settle(false);
        }
    };
    // A panic must not cross into the C library.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(stop));
}
