//! What is recorded beside one run, from its opening to its close.

use super::params;
use super::sampler::Subscription;
use super::terminal::TerminalLog;
use crate::error::{Error, Result};
use crate::log::{self, Level};
use crate::run::Run;
use std::sync::Arc;
use std::time::Duration;

const SHORTEST_INTERVAL: f64 = 0.1;
const LONGEST_INTERVAL: f64 = 86400.0;

/// What to record.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Time between two readings of the host and its GPUs; `None` for no tracking.
    pub interval: Option<Duration>,
    /// Of the processes of this host that name the same group, one tracks.
    pub group: Option<String>,
    /// Read what the processes below this one use, too: this process, or its parent.
    pub children_of: Option<u32>,
    /// Record `__system_params`.
    pub params: bool,
    /// Patterns of names, beside the usual ones, whose values are masked in the params.
    pub masks: Vec<String>,
    /// Patterns of the variables of the environment to record; `None` for all.
    pub variables: Option<Vec<String>>,
    /// Record what the process writes to its terminal.
    pub terminal: bool,
}

impl Options {
    /// An interval in seconds, 0 for none.
    pub fn parse_interval(seconds: f64) -> Result<Option<Duration>> {
        if seconds == 0.0 {
            return Ok(None);
        }
        if !(SHORTEST_INTERVAL..=LONGEST_INTERVAL).contains(&seconds) {
            return Err(Error::invalid(format!(
                "system_tracking_interval is {seconds}; it is 0 or {SHORTEST_INTERVAL} to {LONGEST_INTERVAL} seconds"
            )));
        }
        Ok(Some(Duration::from_secs_f64(seconds)))
    }

    /// Whether the terminal is recorded, where this build can.
    pub fn parse_terminal(wanted: bool) -> Result<bool> {
        match wanted && !cfg!(feature = "terminal") {
            true => Err(Error::unsupported("capture_terminal_logs", "terminal")),
            false => Ok(wanted),
        }
    }
}

/// Records beside a run until it is stopped or dropped.
pub struct Attachment {
    tracking: Option<Subscription>,
    terminal: Option<TerminalLog>,
}

impl Attachment {
    /// Starts recording. What cannot be started is left out with one message: the run goes on.
    pub fn start(run: &Arc<Run>, options: Options) -> Attachment {
        let complain = |e: Error| {
            log::emit(Level::Warning, || format!("run {}: {e}", run.hash()));
        };
        if options.params
            && let Err(e) = params::record(run, &options.masks, options.variables.as_deref())
        {
            complain(e.context("system params"));
        }
        let tracking = options.interval.and_then(|interval| {
            Subscription::start(
                Arc::clone(run),
                interval,
                options.group,
                options.children_of,
            )
            .map_err(complain)
            .ok()
        });
        let terminal = options
            .terminal
            .then(|| TerminalLog::start(Arc::clone(run)).map_err(complain).ok())
            .flatten();
        Attachment { tracking, terminal }
    }

    /// Stops recording; comes before the run's close.
    pub fn stop(&self) {
        if let Some(tracking) = &self.tracking {
            tracking.stop();
        }
        if let Some(terminal) = &self.terminal {
            terminal.stop();
        }
    }
}
