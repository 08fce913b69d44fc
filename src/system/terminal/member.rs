//! The lines on their way into one run.

use crate::error::Status;
use crate::log::{self, Level};
use crate::run::Run;
use crate::store::{LogAppend, Records};
use std::collections::VecDeque;
use std::sync::Arc;

/// Lines that may wait for room in the journal; of more the oldest are not kept.
const MOST_WAITING: usize = 8 << 20;

/// Sees the lines on their way into a run, with their times in microseconds since 1970.
pub type Watch = Box<dyn FnMut(i64, &str) + Send>;

/// A run that records the terminal.
pub struct Member {
    pub id: u64,
    run: Arc<Run>,
    /// Tells this capture's unfinished lines from another process's.
    author: u64,
    waiting: VecDeque<Arc<Records>>,
    waiting_bytes: usize,
    skipped: u64,
    /// The lines that may still change, and whether the run has them as they are.
    open: Records,
    open_is_new: bool,
    gone: bool,
    /// It joined since the last output: what is on the screen is none of its own.
    pub is_new: bool,
    /// Taken while it is called.
    pub watch: Option<Watch>,
}

impl Member {
    pub fn new(id: u64, run: Arc<Run>, author: u64, watch: Option<Watch>) -> Member {
        Member {
            id,
            run,
            author,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            skipped: 0,
            open: Records::default(),
            open_is_new: false,
            gone: false,
            is_new: true,
            watch,
        }
    }

    pub fn add(&mut self, lines: &Arc<Records>) {
        self.waiting.push_back(Arc::clone(lines));
        self.waiting_bytes += lines.bytes.len();
        while self.waiting_bytes > MOST_WAITING {
            let Some(oldest) = self.waiting.pop_front() else {
                break;
            };
            self.waiting_bytes -= oldest.bytes.len();
            self.skipped += u64::from(oldest.count);
        }
    }

    pub fn set_open(&mut self, open: Records) {
        self.open = open;
        self.open_is_new = true;
    }

    /// Whether everything is in the journal.
    pub fn is_done(&self) -> bool {
        self.gone || self.waiting.is_empty() && !self.open_is_new
    }

    /// Whether finished lines wait for room.
    pub fn waits(&self) -> bool {
        !self.gone && !self.waiting.is_empty()
    }

    /// Gives the journal what it takes now; unfinished lines too if `with_open`.
    pub fn push(&mut self, with_open: bool) {
        while !self.gone {
            let lines = self.waiting.front();
            let is_last = self.waiting.len() <= 1;
            if lines.is_none() && !(with_open && self.open_is_new) {
                return;
            }
            let mut append = LogAppend {
                author: self.author,
                skipped: self.skipped,
                ..LogAppend::default()
            };
            if let Some(lines) = lines {
                append.records = (**lines).clone();
            }
            if is_last {
                append.open = self.open.clone();
            }
            match self.run.try_add_lines(append) {
                Ok(true) => {}
                Ok(false) => return,
                Err(e) => {
                    if e.status != Status::Closed {
                        log::emit(Level::Warning, || {
                            format!("run {}: capture of the terminal ends: {e}", self.run.hash())
                        });
                    }
                    self.gone = true;
                    self.waiting.clear();
                    return;
                }
            }
            self.skipped = 0;
            if let Some(lines) = self.waiting.pop_front() {
                self.waiting_bytes -= lines.bytes.len();
            }
            self.open_is_new &= !is_last;
        }
    }
}
