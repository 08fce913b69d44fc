//! In the place of `terminal` in a build without it: what a program writes to its terminal cannot be recorded.

use crate::error::{Error, Result};
use crate::run::Run;
use std::sync::Arc;

pub struct TerminalLog;

impl TerminalLog {
    pub fn start(_run: Arc<Run>) -> Result<TerminalLog> {
        Err(Error::unsupported("capture_terminal_logs", "terminal"))
    }

    pub fn stop(&self) {}
}
