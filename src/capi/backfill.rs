//! What is past: points, log records and terminal lines with times of their own; rewinding.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::logs::location;
use super::metric::{aim_metric, columns};
use super::run::aim_run;
use super::strings::{required, texts};
use super::time::time;
use std::ffi::c_char;

/// Tracks as `aim_metric_track_many`, each point with its time in seconds since 1970-01-01 UTC, in the years 1 to 9999,
/// kept to a microsecond. `times` may be NULL: all get the present one. A time that is none keeps the call from tracking
/// anything. Made for bringing in millions of points: one call with thousands of them is fastest.
///
/// Errors: as `aim_metric_track_many`. Thread-safe. Since 0.1.
///
/// # Safety
/// `metric` is NULL or a metric that was not freed; `values` holds `n` values; `steps`, `epochs` and `times` are NULL or
/// hold as many; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_metric_track_many_at(
    metric: *const aim_metric,
    values: *const f64,
    steps: *const i64,
    epochs: *const i64,
    times: *const f64,
    n: usize,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let metric = handle(metric, "metric")?;
            let Some((values, steps, epochs)) = columns(values, steps, epochs, n)? else {
                return Ok(());
            };
            let times = (!times.is_null()).then(|| std::slice::from_raw_parts(times, n));
            metric.live()?.track_many_at(values, steps, epochs, times)
        })
    }
}

/// Logs as `aim_run_log`, with the time of the message in seconds since 1970-01-01 UTC; 0: now.
///
/// Errors: as `aim_run_log`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_run_log`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_log_at(
    run: *const aim_run,
    time: f64,
    level: i32,
    message: *const c_char,
    file: *const c_char,
    line: u32,
    function: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let message = required(message, "message")?;
            let location = location(file, line, function)?;
            run.run()?
                .log_at(self::time(time)?, level, message, location)
        })
    }
}

/// Adds a line, without its end, to the run's `AIM_LOGS_TERMINAL`, with its time in seconds since 1970-01-01 UTC; 0: now.
/// `descriptor` is 1 or 2. Of a run's lines the last 32 MiB are kept.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 1 MiB), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `text` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_add_terminal_line_at(
    run: *const aim_run,
    time: f64,
    descriptor: i32,
    text: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let text = required(text, "text")?;
            run.run()?.add_line_at(self::time(time)?, descriptor, text)
        })
    }
}

/// Drops the points of the run's metrics and sequences of objects from `step` on, in one transaction: of all of them, or, with
/// `n` above 0, of those that have one of the `n` names. What is known of a metric without reading its points is right at once. Other processes
/// that write the run are told by a warning, and what they tracked before from that step on is dropped, too. `*dropped`, if
/// it is not NULL, receives the number of points that were stored. Flushes first.
///
/// @code
/// uint64_t dropped = 0;
/// aim_run_rewind(run, 100, NULL, 0, &dropped, NULL); // goes on from the checkpoint of step 100
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, or what keeps the repository
/// from being written. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `names` holds `n` strings; `dropped` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_rewind(
    run: *const aim_run,
    step: i64,
    names: *const *const c_char,
    n: usize,
    dropped: *mut u64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let names = texts(names, n, "names")?;
            let count = run.run()?.rewind(step, &names)?;
            if !dropped.is_null() {
                out(dropped, "dropped")?.write(count);
            }
            Ok(())
        })
    }
}
