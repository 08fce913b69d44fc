//! The thread between the program and its terminal: passes everything on and takes the lines down.

use super::descriptor;
use super::lines::Assembler;
use super::member::Member;
use crate::repo::now_micros;
use crate::store::{LogRecord, Records};
use crate::system::private::Private;
use parking_lot::{Condvar, Mutex};
use std::os::fd::RawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Lines that travel together, in bytes.
const CHUNK: usize = 10 << 10;
/// How long a line may stay unfinished before the run gets it as it is.
const OPEN_DELAY: Duration = Duration::from_millis(100);
/// How often lines that found no room are tried again.
const RETRY: Duration = Duration::from_millis(10);
/// Output has been read to its end if nothing follows for this long.
const QUIET: Duration = Duration::from_millis(20);
/// How long reading to the end may take: children may write without a pause.
const SETTLE: Duration = Duration::from_secs(2);

/// One output of the program.
pub struct Output {
    /// 1 or 2.
    pub number: RawFd,
    pub reader: Private,
    pub terminal: Private,
    pub assembler: Assembler,
    /// All who could write have closed it.
    pub ended: bool,
    /// The terminal is gone.
    pub deaf: bool,
}

/// What the thread and the others share.
pub struct Shared {
    pub state: Mutex<State>,
    pub changed: Condvar,
    pub event: Private,
}

#[derive(Default)]
pub struct State {
    pub members: Vec<Member>,
    /// Requests to read to the end, and how many are fulfilled.
    pub asked: u64,
    pub settled: u64,
    /// Nobody records any more.
    pub stop: bool,
    pub finished: bool,
}

impl Shared {
    pub fn wake(&self) {
        // A full counter wakes as well.
        let _ = descriptor::write_all(&self.event, &1u64.to_ne_bytes());
    }
}

pub struct Relay {
    shared: Arc<Shared>,
    outputs: Vec<Output>,
    buffer: Vec<u8>,
    /// The unfinished lines that the runs were told last.
    open: Vec<(RawFd, String)>,
    /// When unfinished lines go to the runs.
    open_due: Option<Instant>,
    /// Since when somebody waits for the end of the output, and when something came last.
    settling: Option<Instant>,
    last_output: Instant,
}

impl Relay {
    pub fn new(shared: Arc<Shared>, outputs: Vec<Output>) -> Relay {
        Relay {
            shared,
            outputs,
            buffer: vec![0; 64 << 10],
            open: Vec::new(),
            open_due: None,
            settling: None,
            last_output: Instant::now(),
        }
    }

    pub fn run(mut self) {
        while self.turn().is_ok() {
            let ended = self.outputs.iter().all(|o| o.ended);
            let state = self.shared.state.lock();
            if state.stop && ended && state.settled == state.asked {
                break;
            }
        }
        // Closed before anybody is told.
        let Relay {
            shared, outputs, ..
        } = self;
        drop(outputs);
        let mut state = shared.state.lock();
        state.finished = true;
        shared.changed.notify_all();
    }

    fn turn(&mut self) -> std::io::Result<()> {
        let ready = self.wait()?;
        let mut lines = Vec::new();
        let time = now_micros();
        for at in ready {
            self.read(at, time, &mut lines);
        }
        if !lines.is_empty() {
            self.last_output = Instant::now();
        }
        self.hand_over(lines, time);
        Ok(())
    }

    /// Waits for output; the places of the outputs that have some.
    fn wait(&self) -> std::io::Result<Vec<usize>> {
        let mut polled: Vec<_> = self.outputs.iter().enumerate().collect();
        polled.retain(|(_, o)| !o.ended);
        let mut descriptors = vec![(&*self.shared.event, libc::POLLIN, 0)];
        descriptors.extend(polled.iter().map(|(_, o)| (&*o.reader, libc::POLLIN, 0)));
        let waiting = self.shared.state.lock().members.iter().any(Member::waits);
        let now = Instant::now();
        let timeouts = [
            waiting.then_some(RETRY),
            self.settling.map(|_| QUIET),
            self.open_due
                .map(|at| at.saturating_duration_since(now) + Duration::from_millis(1)),
        ];
        descriptor::wait(&mut descriptors, timeouts.into_iter().flatten().min())?;
        if descriptors[0].2 != 0 {
            let _ = descriptor::read(&self.shared.event, &mut [0; 8]);
        }
        let happened = descriptors[1..].iter().map(|d| d.2 != 0);
        let ready = polled
            .iter()
            .zip(happened)
            .filter(|(_, happened)| *happened);
        Ok(ready.map(|((at, _), _)| *at).collect())
    }

    fn read(&mut self, at: usize, time: i64, lines: &mut Vec<Records>) {
        let output = &mut self.outputs[at];
        let got = match descriptor::read(&output.reader, &mut self.buffer) {
            Ok(got) if got > 0 => got,
            Err(e) if matches!(e.raw_os_error(), Some(libc::EINTR | libc::EAGAIN)) => return,
            // A pseudo-terminal says EIO once nobody can write to it any more.
            _ => {
                output.ended = true;
                return;
            }
        };
        let bytes = &self.buffer[..got];
        if !output.deaf {
            output.deaf = descriptor::write_all(&output.terminal, bytes).is_err();
        }
        self.last_output = Instant::now();
        let number = output.number;
        output.assembler.feed(bytes, |line| {
            if lines
                .last()
                .is_none_or(|l: &Records| l.bytes.len() + line.len() > CHUNK)
            {
                lines.push(Records::default());
            }
            if let Some(chunk) = lines.last_mut() {
                chunk.push(&record(time, number, line));
            }
        });
    }

    fn hand_over(&mut self, lines: Vec<Records>, time: i64) {
        let open = self.new_open_lines(time);
        let now = Instant::now();
        let shared = Arc::clone(&self.shared);
        let mut state = shared.state.lock();
        let settling = state.asked > state.settled;
        let due = settling || self.open_due.is_some_and(|at| at <= now);
        let lines: Vec<_> = lines.into_iter().map(Arc::new).collect();
        for member in &mut state.members {
            lines.iter().for_each(|l| member.add(l));
            open.iter().for_each(|o| member.set_open(o.clone()));
            member.push(due);
        }
        if state.members.iter().all(Member::is_done) {
            self.open_due = None;
        } else if due || self.open_due.is_none() {
            self.open_due = Some(now + OPEN_DELAY);
        }
        let gone = self.settle(&mut state, settling, now);
        drop(state);
        // Outside the lock: one may be its run's last reference.
        drop(gone);
    }

    /// The lines that are not finished, if they changed.
    fn new_open_lines(&mut self, time: i64) -> Option<Records> {
        let lines = self.outputs.iter().filter_map(|output| {
            let line = output.assembler.open_line()?;
            Some((output.number, line))
        });
        let lines: Vec<_> = lines.collect();
        if lines == self.open {
            return None;
        }
        let mut open = Records::default();
        for (number, line) in &lines {
            open.push(&record(time, *number, line));
        }
        self.open = lines;
        Some(open)
    }

    /// Tells those who wait, once the output has been read to its end and is in the runs' journals.
    /// With the capture at its end the runs are let go.
    fn settle(&mut self, state: &mut State, settling: bool, now: Instant) -> Vec<Member> {
        if !settling {
            self.settling = None;
            return Vec::new();
        }
        let since = *self.settling.get_or_insert(now);
        let quiet = now.duration_since(self.last_output.max(since)) >= QUIET
            || self.outputs.iter().all(|o| o.ended);
        let read = quiet && state.members.iter().all(Member::is_done);
        if read || now.duration_since(since) >= SETTLE {
            state.settled = state.asked;
            self.settling = None;
            self.shared.changed.notify_all();
            if state.stop {
                return std::mem::take(&mut state.members);
            }
        }
        Vec::new()
    }
}

fn record(time: i64, number: RawFd, line: &str) -> LogRecord {
    LogRecord {
        time,
        level: number,
        text: line.to_owned(),
        location: None,
    }
}
