//! Messages of the library: they go to one callback of the host, or nowhere.
//!
//! A message arises wherever something is found, under whatever lock. So it is not delivered there, but by a thread that
//! lives as long as there are messages: the callback may use the library and take the host's own locks, even one that
//! the host holds while it calls the library, for no call waits for the callback. (It waits a moment, so that usually
//! the messages of a call are delivered when it returns.)

use crate::lock::{Condvar, Mutex};
use crate::process::{Inherited, PerProcess};
use crate::{shield, thread};
use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How serious a message is. The numbers are part of the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i32)]
pub enum Level {
    Debug = 10,
    Info = 20,
    Warning = 30,
    Error = 40,
}

type Sink = Arc<dyn Fn(Level, &str) + Send + Sync>;

/// How long a call that gave a message waits for its delivery.
const PATIENCE: Duration = Duration::from_millis(100);
/// How many messages wait for a callback that does not return; more are counted.
const MOST_WAITING: usize = 1000;

static SINK: Inherited<(Level, Sink)> = Inherited::new();
static MAIL: PerProcess<Mail> = PerProcess::new();

thread_local! {
    /// Whether this thread has given a message since it last waited for delivery.
    static GAVE: Cell<bool> = const { Cell::new(false) };
    static DELIVERS: Cell<bool> = const { Cell::new(false) };
}

#[derive(Default)]
struct Mail {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<(Level, String)>,
    left_out: usize,
    /// Whether the thread is there, which is so until nothing waits.
    delivering: bool,
}

/// Sends messages of `level` and above to `sink`; `None` silences the library.
pub fn set_sink(level: Level, sink: Option<Sink>) {
    SINK.set(sink.map(|sink| (level, sink)));
}

fn sink(level: Level) -> Option<Sink> {
    let (least, sink) = SINK.get()?;
    (level >= least).then_some(sink)
}

/// Sends one message: through the thread, from within a call or a thread of the library; at once from elsewhere.
pub fn emit(level: Level, message: impl FnOnce() -> String) {
    let Some(sink) = sink(level) else { return };
    let message = message();
    if !shield::is_inside() {
        return sink(level, &message);
    }
    let mail = MAIL.get();
    let mut state = mail.state.lock();
    if state.waiting.len() >= MOST_WAITING {
        state.left_out += 1;
        return;
    }
    state.waiting.push_back((level, message));
    GAVE.set(true);
    if !state.delivering {
        // Without a thread the messages wait for the next one.
        state.delivering = thread::spawn("aim-log", || deliver(mail)).is_ok();
    }
}

fn deliver(mail: &Mail) {
    DELIVERS.set(true);
    loop {
        let mut state = mail.state.lock();
        let next = state.waiting.pop_front().or_else(|| {
            let left_out = std::mem::take(&mut state.left_out);
            let told = || format!("{left_out} messages were left out: the callback took too long");
            (left_out > 0).then(|| (Level::Warning, told()))
        });
        let Some((level, message)) = next else {
            state.delivering = false;
            mail.changed.notify_all();
            return;
        };
        drop(state);
        if let Some(sink) = sink(level) {
            sink(level, &message);
        }
    }
}

/// At the end of a call: waits a moment for the delivery of what it gave.
pub fn settle() {
    if GAVE.replace(false) {
        wait_for_delivery();
    }
}

/// At the exit of the process: what waits is delivered, within reason, and nothing after it.
pub fn end() {
    wait_for_delivery();
    set_sink(Level::Error, None);
}

fn wait_for_delivery() {
    let Some(mail) = MAIL.present() else { return };
    if DELIVERS.get() {
        return;
    }
    let deadline = Instant::now() + PATIENCE;
    let mut state = mail.state.lock();
    let mut late = false;
    while state.delivering && !late {
        (state, late) = mail.changed.wait_until(state, deadline);
    }
}
