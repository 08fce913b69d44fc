//! The thread between the program and its terminal: passes everything on and takes the lines down.

use super::descriptor::{self, Redirected};
use super::member::Member;
use super::screen::{HOLD, Line, Screen};
use crate::lock::{Condvar, Mutex};
use crate::repo::now_micros;
use crate::store::{LogRecord, Records};
use crate::system::private::Private;
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
    /// None once all who could write have closed it, or nobody reads what is written.
    pub reader: Option<Private>,
    /// Where it goes; None if another process passes it on.
    pub terminal: Option<Private>,
    pub screen: Screen,
}

/// What the thread and the others share.
pub struct Shared {
    pub state: Mutex<State>,
    pub changed: Condvar,
    /// The descriptors that stand for pseudo-terminals now.
    pub redirected: Mutex<Vec<Redirected>>,
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
    /// When lines that may still change go to the runs.
    open_due: Option<Instant>,
    /// Since when somebody waits for the end of the output, and when something came last.
    settling: Option<Instant>,
    last_output: Instant,
    /// Whether there was output when this turn looked. However late it is by then, there may be more.
    came: bool,
}

impl Relay {
    pub fn new(shared: Arc<Shared>, outputs: Vec<Output>) -> Relay {
        Relay {
            shared,
            outputs,
            buffer: vec![0; 64 << 10],
            open_due: None,
            settling: None,
            last_output: Instant::now(),
            came: false,
        }
    }

    pub fn run(mut self) {
        while self.turn().is_ok() {
            let ended = self.outputs.iter().all(|o| o.reader.is_none());
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
        self.came = !ready.is_empty();
        self.admit();
        let time = now_micros();
        for at in ready {
            self.read(at, time);
        }
        let lines = self.take_done(time);
        self.hand_over(lines);
        Ok(())
    }

    /// Waits for output; the places of the outputs that have some.
    fn wait(&mut self) -> std::io::Result<Vec<usize>> {
        let mut places = Vec::new();
        let mut descriptors = vec![(&*self.shared.event, libc::POLLIN, 0)];
        for (at, output) in self.outputs.iter().enumerate() {
            if let Some(reader) = &output.reader {
                places.push(at);
                let terminal = output.terminal.as_ref().unwrap_or(&self.shared.event);
                // An error is told unasked.
                descriptors.extend([(&**reader, libc::POLLIN, 0), (&**terminal, 0, 0)]);
            }
        }
        let waiting = self.shared.state.lock().members.iter().any(Member::waits);
        let now = Instant::now();
        let release = self.outputs.iter().filter_map(|o| o.screen.next_release());
        let until = |at: i64| Duration::from_micros(u64::try_from(at - now_micros()).unwrap_or(0));
        let timeouts = [
            waiting.then_some(RETRY),
            self.settling.map(|_| QUIET),
            release.min().map(|at| until(at) + Duration::from_millis(1)),
            self.open_due
                .map(|at| at.saturating_duration_since(now) + Duration::from_millis(1)),
        ];
        descriptor::wait(&mut descriptors, timeouts.into_iter().flatten().min())?;
        if descriptors[0].2 != 0 {
            let _ = descriptor::read(&self.shared.event, &mut [0; 8]);
        }
        let events: Vec<i16> = descriptors[1..].iter().map(|d| d.2).collect();
        let mut ready = Vec::new();
        for (at, events) in places.into_iter().zip(events.chunks(2)) {
            if events[1] & libc::POLLERR != 0 {
                self.hang_up(at);
            } else if events[0] != 0 {
                ready.push(at);
            }
        }
        Ok(ready)
    }

    /// Nobody reads what the program writes: its descriptors become what they were, so that its next write meets the
    /// broken pipe, and children's fail.
    fn hang_up(&mut self, at: usize) {
        // Before it ends of that: the run has what it wrote.
        self.outputs[at].screen.release_all();
        let lines = self.take_done(now_micros());
        self.hand_over(lines);
        let output = &mut self.outputs[at];
        let number = output.number;
        let mut redirected = self.shared.redirected.lock();
        let gone: Vec<_> = redirected.extract_if(.., |r| r.output == number).collect();
        drop(redirected);
        gone.into_iter().for_each(Redirected::restore);
        output.reader = None;
    }

    fn read(&mut self, at: usize, time: i64) {
        let output = &mut self.outputs[at];
        let Some(reader) = &output.reader else { return };
        let got = match descriptor::read(reader, &mut self.buffer) {
            Ok(got) if got > 0 => got,
            Err(e) if matches!(e.raw_os_error(), Some(libc::EINTR | libc::EAGAIN)) => return,
            // A pseudo-terminal says EIO once nobody can write to it any more, a pipe ends.
            _ => {
                output.reader = None;
                return;
            }
        };
        let bytes = &self.buffer[..got];
        self.last_output = Instant::now();
        output.screen.feed(bytes, time);
        let Some(terminal) = &output.terminal else {
            return;
        };
        let written = descriptor::write_all(terminal, bytes);
        // Another error is that of this write alone.
        if written.is_err_and(|e| e.raw_os_error() == Some(libc::EPIPE)) {
            self.hang_up(at);
        }
    }

    /// What is on the screens when a run joins belongs to those before it.
    fn admit(&mut self) {
        let is_new = |state: &State| state.members.iter().any(|m| m.is_new);
        if !is_new(&self.shared.state.lock()) {
            return;
        }
        for output in &mut self.outputs {
            output.screen.release_all();
        }
        let lines = self.take_done(now_micros()).into_iter().map(Arc::new);
        let lines: Vec<_> = lines.collect();
        let mut state = self.shared.state.lock();
        for member in state.members.iter_mut() {
            if !std::mem::take(&mut member.is_new) {
                lines.iter().for_each(|l| member.add(l));
            }
        }
    }

    /// The lines that nothing can change any more, in the order of their times.
    fn take_done(&mut self, now: i64) -> Vec<Records> {
        let mut lines: Vec<(RawFd, Line)> = Vec::new();
        for output in &mut self.outputs {
            output.screen.release(now - HOLD);
            let done = output.screen.take_done().into_iter();
            lines.extend(done.map(|line| (output.number, line)));
        }
        // What ended before one of them on the other output goes with it.
        if self.outputs.len() > 1
            && let Some(last) = lines.iter().map(|(_, l)| l.time).max()
        {
            for output in &mut self.outputs {
                output.screen.release(last);
                let done = output.screen.take_done().into_iter();
                lines.extend(done.map(|line| (output.number, line)));
            }
            lines.sort_by_key(|(_, line)| line.time);
        }
        self.show(&lines);
        let mut chunks: Vec<Records> = Vec::new();
        for (number, line) in lines {
            let fits = |l: &Records| l.bytes.len() + line.text.len() <= CHUNK;
            if !chunks.last().is_some_and(fits) {
                chunks.push(Records::default());
            }
            if let Some(chunk) = chunks.last_mut() {
                chunk.push(&record(number, line));
            }
        }
        chunks
    }

    /// Lets those who watch see lines, with no lock held.
    fn show(&self, lines: &[(RawFd, Line)]) {
        if lines.is_empty() {
            return;
        }
        let mut state = self.shared.state.lock();
        let members = state.members.iter_mut().filter(|m| !m.is_new);
        let watching = members.filter_map(|m| Some((m.id, m.watch.take()?)));
        let mut watching: Vec<_> = watching.collect();
        drop(state);
        for (_, watch) in &mut watching {
            lines
                .iter()
                .for_each(|(_, line)| watch(line.time, &line.text));
        }
        let mut state = self.shared.state.lock();
        for (id, watch) in watching {
            if let Some(member) = state.members.iter_mut().find(|m| m.id == id) {
                member.watch = Some(watch);
            }
        }
    }

    fn hand_over(&mut self, lines: Vec<Records>) {
        let now = Instant::now();
        let open = self.new_open_lines();
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
        let mut gone = self.settle(&mut state, settling, now);
        drop(state);
        // What is on the screens stays as it is.
        for watch in gone.iter_mut().filter_map(|m| m.watch.as_mut()) {
            let left = self.open_lines();
            left.iter()
                .for_each(|(_, line)| watch(line.time, &line.text));
        }
        // Outside the lock: one may be its run's last reference.
        drop(gone);
    }

    /// The lines that may still change, if they did.
    fn new_open_lines(&mut self) -> Option<Records> {
        let changed = self.outputs.iter_mut().map(|o| o.screen.take_changed());
        // Of all outputs, whether or not one has.
        if !changed.fold(false, |any, changed| any | changed) {
            return None;
        }
        let lines = self.open_lines();
        let mut open = Records::default();
        for (number, line) in lines {
            open.push(&record(number, line));
        }
        Some(open)
    }

    /// The lines that are on the screens, in the order of their times.
    fn open_lines(&self) -> Vec<(RawFd, Line)> {
        let of = |output: &Output| {
            let number = output.number;
            let lines: Vec<_> = output.screen.open_lines().collect();
            lines.into_iter().map(move |line| (number, line))
        };
        let mut lines: Vec<_> = self.outputs.iter().flat_map(of).collect();
        lines.sort_by_key(|(_, line)| line.time);
        lines
    }

    /// Tells those who wait, once the output has been read to its end and is in the runs' journals.
    /// With the capture at its end the runs are let go.
    fn settle(&mut self, state: &mut State, settling: bool, now: Instant) -> Vec<Member> {
        if !settling {
            self.settling = None;
            return Vec::new();
        }
        let since = *self.settling.get_or_insert(now);
        let silence = now.duration_since(self.last_output.max(since));
        let quiet =
            !self.came && silence >= QUIET || self.outputs.iter().all(|o| o.reader.is_none());
        let read = quiet && state.members.iter().all(Member::is_done);
        // What another process passes on has an end, and all of it is on its way.
        let endless = self.outputs.iter().any(|o| o.terminal.is_some());
        if read || endless && now.duration_since(since) >= SETTLE {
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

fn record(number: RawFd, line: Line) -> LogRecord {
    LogRecord {
        time: line.time,
        level: number,
        text: line.text,
        location: None,
    }
}
