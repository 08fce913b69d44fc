//! How runs end: closing in the background, and as what.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle};
use super::options::{Options, read};
use super::run::aim_run;
use super::time::time;
use crate::error::{Error, Result};
use crate::run::{Outcome, RunState};
use std::time::Duration;

/// The run is being written.
pub const AIM_RUN_RUNNING: i32 = 0;
/// Its program ended well.
pub const AIM_RUN_FINISHED: i32 = 1;
/// Its process died without a word: a signal, `_exit`, a power loss.
pub const AIM_RUN_CRASHED: i32 = 2;
/// Its program ended with an error.
pub const AIM_RUN_FAILED: i32 = 3;
/// Somebody stopped it.
pub const AIM_RUN_INTERRUPTED: i32 = 4;

/// How a run ended. Initialise with `AIM_OUTCOME_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_outcome {
    /// `sizeof(aim_outcome)`; set by the initialiser.
    pub struct_size: usize,
    /// `AIM_RUN_FINISHED`, `AIM_RUN_FAILED`, `AIM_RUN_INTERRUPTED` or `AIM_RUN_CRASHED`.
    pub status: i32,
    /// Whether `exit_code` is known.
    pub has_exit_code: bool,
    /// The exit code of the program.
    pub exit_code: i32,
    /// The number of the signal that ended it; 0: none.
    pub signal: i32,
    /// When it ended, in seconds since 1970-01-01 UTC; 0: now.
    pub finalized_at: f64,
}

// SAFETY: integers, a bool, a float and a size in front.
unsafe impl Options for aim_outcome {
    const NAME: &'static str = "aim_outcome";
}

fn outcome(given: &aim_outcome) -> Result<Outcome> {
    let state = u8::try_from(given.status).ok();
    let state = state.and_then(RunState::from_number).ok_or_else(|| {
        Error::invalid(format!(
            "status is {}; it is one of AIM_RUN_FINISHED, AIM_RUN_FAILED, AIM_RUN_INTERRUPTED, AIM_RUN_CRASHED",
            given.status
        ))
    })?;
    Ok(Outcome {
        state,
        exit_code: given.has_exit_code.then_some(given.exit_code),
        signal: (given.signal != 0).then_some(given.signal),
    })
}

/// Closes without waiting: what is not stored yet is stored in the background, for which `aim_run_wait` waits. `outcome` is
/// as for `aim_run_close_as`, or NULL.
///
/// Errors: `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `outcome` is NULL or valid; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_start_closing(
    run: *const aim_run,
    outcome: *const aim_outcome,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let (outcome, at) = match outcome.is_null() {
                true => (None, None),
                false => {
                    let given = read(outcome)?;
                    (Some(self::outcome(&given)?), time(given.finalized_at)?)
                }
            };
            let live = run.live()?;
            live.system.stop();
            live.run.start_closing(outcome, at)
        })
    }
}

/// A number of seconds to wait at most.
fn patience(seconds: f64) -> Result<Duration> {
    // A year is as good as for ever.
    const MOST: f64 = 3.2e7;
    match seconds >= 0.0 {
        true => Ok(Duration::from_secs_f64(seconds.min(MOST))),
        false => Err(Error::invalid(format!(
            "seconds is {seconds}; it is 0 or more"
        ))),
    }
}

/// Waits until everything that this process tracked and set before is committed to disk, no longer than `seconds`; also
/// after the run was closed.
///
/// @code
/// aim_run_start_closing(run, NULL, NULL);
/// if (aim_run_wait(run, 60.0, NULL) == AIM_ERR_TIMEOUT)
///     fprintf(stderr, "the disk is slow\n");
/// @endcode
///
/// Errors: `AIM_ERR_TIMEOUT` if the time is over before: storing it goes on; else as `aim_run_flush`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_wait(
    run: *const aim_run,
    seconds: f64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { guard(err, || handle(run, "run")?.run()?.wait(patience(seconds)?)) }
}

/// Closes as `aim_run_close`, and says how the run ended, and when. Without this, a run ends as its process does: closed or
/// left open at a return from `main` or `exit(0)` it is finished, after `exit` with another code it failed, and after
/// anything else it crashed. Where several processes write a run, the first that does not end well says how the run ended.
///
/// @code
/// aim_outcome outcome = AIM_OUTCOME_INIT;
/// outcome.status = AIM_RUN_FAILED;
/// outcome.has_exit_code = true;
/// outcome.exit_code = 3;
/// aim_run_close_as(run, &outcome, NULL);
/// @endcode
///
/// Errors: as `aim_run_close`, and `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `outcome` is NULL or valid; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_close_as(
    run: *const aim_run,
    outcome: *const aim_outcome,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            handle(outcome, "outcome")?;
            let given = read(outcome)?;
            let (outcome, at) = (self::outcome(&given)?, time(given.finalized_at)?);
            let live = run.live()?;
            live.system.stop();
            live.run.close_as(outcome, at)
        })
    }
}
