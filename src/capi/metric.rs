//! Metric handles: tracking a point, many points.

use super::error::{AIM_ERR_INVALID_ARGUMENT, AIM_ERR_PANIC, AIM_OK, aim_error, aim_status};
use super::guard::{guard, handle, infallible};
use crate::error::{Error, Result, Status};
use crate::point::{EPOCH_NONE, STEP_AUTO};
use crate::run::Metric;

/// In place of a step: the one after the sequence's last, or 0.
pub const AIM_STEP_AUTO: i64 = i64::MIN;
/// In place of an epoch: none.
pub const AIM_EPOCH_NONE: i64 = i64::MIN;

// The header has numbers, not names of ours.
const _: () = assert!(AIM_STEP_AUTO == STEP_AUTO && AIM_EPOCH_NONE == EPOCH_NONE);

/// A metric of an open run: name and context, resolved. It may be used from several threads at once.
pub struct aim_metric {
    /// `None` where tracking is off.
    pub(super) metric: Option<Metric>,
}

impl aim_metric {
    /// As `aim_run::live`.
    pub(super) fn live(&self) -> Result<&Metric> {
        self.metric.as_ref().ok_or_else(Error::off)
    }
}

/// Tracks one value; as `aim_run_track`, without looking the metric up. This is the fastest way: no lock, no
/// allocation, no system call. Returns `AIM_OK` or the status of the error. Thread-safe. Since 0.1.
///
/// # Safety
/// `metric` is NULL or a metric that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_metric_track(
    metric: *const aim_metric,
    value: f64,
    step: i64,
    epoch: i64,
) -> aim_status {
    // SAFETY: promised by the caller.
    let Some(handle) = (unsafe { metric.as_ref() }) else {
        return AIM_ERR_INVALID_ARGUMENT;
    };
    match &handle.metric {
        Some(metric) if !metric.try_track(value, step, epoch) => {
            track_slowly(metric, value, step, epoch)
        }
        _ => AIM_OK,
    }
}

/// Apart, so that the fast way needs no stack.
#[cold]
#[inline(never)]
fn track_slowly(metric: &Metric, value: f64, step: i64, epoch: i64) -> aim_status {
    infallible(AIM_ERR_PANIC, || {
        told(metric.track_quietly(value, step, epoch))
    })
}

/// What a call that gives no error in words returns.
pub(super) fn told(outcome: std::result::Result<(), Status>) -> aim_status {
    outcome.map_or_else(|status| status as aim_status, |()| AIM_OK)
}

/// Tracks `n` values at once, all stamped with the present time. `steps` and `epochs` hold `n` numbers each, or are
/// NULL for `AIM_STEP_AUTO` and `AIM_EPOCH_NONE` throughout. On an error, values before the failing one are tracked.
///
/// Errors: as `aim_run_track`. Thread-safe. Since 0.1.
///
/// # Safety
/// `metric` is NULL or a metric that was not freed; `values` holds `n` values; `steps` and `epochs` are NULL or hold
/// as many; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_metric_track_many(
    metric: *const aim_metric,
    values: *const f64,
    steps: *const i64,
    epochs: *const i64,
    n: usize,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let metric = handle(metric, "metric")?;
            match columns(values, steps, epochs, n)? {
                Some((values, steps, epochs)) => metric.live()?.track_many(values, steps, epochs),
                None => Ok(()),
            }
        })
    }
}

/// Values, steps and epochs of many points; `None` for none at all.
pub(super) type Columns<'c> = Option<(&'c [f64], Option<&'c [i64]>, Option<&'c [i64]>)>;

/// The columns that a caller gave.
///
/// # Safety
/// `values` holds `n` values; `steps` and `epochs` are NULL or hold as many; they live as long as the result is used.
pub(super) unsafe fn columns<'c>(
    values: *const f64,
    steps: *const i64,
    epochs: *const i64,
    n: usize,
) -> Result<Columns<'c>> {
    if n == 0 {
        return Ok(None);
    }
    if n > isize::MAX as usize / 8 {
        return Err(Error::invalid(format!(
            "n is {n}, more than memory can hold"
        )));
    }
    if values.is_null() {
        return Err(Error::invalid(format!("values is NULL for n = {n}")));
    }
    // SAFETY: promised by the caller.
    let column =
        |p: *const i64| (!p.is_null()).then(|| unsafe { std::slice::from_raw_parts(p, n) });
    // SAFETY: promised by the caller.
    let values = unsafe { std::slice::from_raw_parts(values, n) };
    Ok(Some((values, column(steps), column(epochs))))
}

/// Frees a metric handle. NULL is allowed. Since 0.1.
///
/// # Safety
/// `metric` is NULL or a metric that was not freed yet and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_metric_free(metric: *mut aim_metric) {
    if !metric.is_null() {
        // SAFETY: metrics come from `Box::into_raw`, and the caller frees each once.
        infallible((), || drop(unsafe { Box::from_raw(metric) }));
    }
}
