//! The boundary: panics become statuses, errors become objects of the caller.

use super::error::{AIM_OK, aim_error, aim_status};
use crate::error::{Error, Result, Status};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a call's body. A panic ends it with `AIM_ERR_PANIC`: the library is broken, not the host.
///
/// # Safety
/// `err` is NULL or points to memory that may be written.
pub(super) unsafe fn guard(
    err: *mut *mut aim_error,
    body: impl FnOnce() -> Result<()>,
) -> aim_status {
    let outcome = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
        let text = text
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Error::new(
            Status::Panic,
            format!("a bug in libaim, please report it: {text}"),
        ))
    });
    match outcome {
        Ok(()) => AIM_OK,
        Err(error) => {
            let status = error.status as aim_status;
            if !err.is_null() {
                // SAFETY: not NULL, so the caller lets it be written.
                unsafe { *err = Box::into_raw(Box::new(aim_error::new(error))) };
            }
            status
        }
    }
}

/// Runs the body of a call that cannot fail; a panic gives `fallback`.
pub(super) fn infallible<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(fallback)
}

/// A handle that must not be NULL.
///
/// # Safety
/// `handle` is NULL or points to a live object.
pub(super) unsafe fn handle<'h, T>(handle: *const T, name: &str) -> Result<&'h T> {
    // SAFETY: promised by the caller.
    unsafe { handle.as_ref() }.ok_or_else(|| Error::invalid(format!("{name} is NULL")))
}

/// Somewhere to put a result; must not be NULL.
///
/// # Safety
/// `out` is NULL or points to memory that may be written.
pub(super) unsafe fn out<'o, T>(
    out: *mut T,
    name: &str,
) -> Result<&'o mut std::mem::MaybeUninit<T>> {
    // SAFETY: promised by the caller; MaybeUninit asks nothing of what is there.
    unsafe { out.cast::<std::mem::MaybeUninit<T>>().as_mut() }
        .ok_or_else(|| Error::invalid(format!("{name} is NULL")))
}
