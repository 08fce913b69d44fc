//! Waiting until everything is stored, no longer than a caller said.

use crate::error::{Error, Result, Status};
use std::time::{Duration, Instant};

/// How long there is until a deadline; `Timeout` if it has passed.
pub fn left(deadline: Option<Instant>) -> Result<Option<Duration>> {
    let Some(deadline) = deadline else {
        return Ok(None);
    };
    match deadline.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(Error::new(
            Status::Timeout,
            "the time is over before everything is stored; storing it goes on",
        )),
        left => Ok(Some(left)),
    }
}
