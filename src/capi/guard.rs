//! The boundary: a call works apart from what is the host's in its thread, panics become statuses, errors become objects
//! of the caller.

use super::error::{AIM_OK, aim_error, aim_status};
use crate::error::{Error, Result, Status};
use crate::{log, panics, shield};

/// Runs a call's body. A panic ends it with `AIM_ERR_PANIC`: the library is broken, not the host.
///
/// # Safety
/// `err` is NULL or points to memory that may be written.
#[inline]
pub(super) unsafe fn guard(
    err: *mut *mut aim_error,
    body: impl FnOnce() -> Result<()>,
) -> aim_status {
    let mut body = Some(body);
    // SAFETY: promised by the caller.
    unsafe { guarded(err, &mut || body.take().map_or(Ok(()), |body| body())) }
}

/// `guard` once for all calls, which keeps the library small.
///
/// # Safety
/// As for `guard`.
#[inline(never)]
unsafe fn guarded(err: *mut *mut aim_error, body: &mut dyn FnMut() -> Result<()>) -> aim_status {
    shield::inside(|| {
        let outcome = panics::contain(body).unwrap_or_else(|panic| {
            Err(Error::new(
                Status::Panic,
                format!("a bug in libaim, please report it: {panic}"),
            ))
        });
        log::settle();
        match outcome {
            Ok(()) => AIM_OK,
            Err(error) if error.status == Status::Off => AIM_OK,
            Err(error) => {
                let status = error.status as aim_status;
                if !err.is_null() {
                    // SAFETY: not NULL, so the caller lets it be written.
                    unsafe { *err = Box::into_raw(Box::new(aim_error::new(error))) };
                }
                status
            }
        }
    })
}

/// Runs the body of a call that cannot fail; a panic gives `fallback`.
pub(super) fn infallible<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    shield::inside(|| {
        let result = panics::contain(body).unwrap_or(fallback);
        log::settle();
        result
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const INSIDE: &str = "AIM_TEST_PANIC";

    #[test]
    fn a_panic_becomes_a_status_and_prints_nothing() {
        if std::env::var_os(INSIDE).is_some() {
            let mut err = std::ptr::null_mut();
            // SAFETY: `err` is writable.
            let status = unsafe { guard(&raw mut err, || panic!("of {}", 7)) };
            assert_eq!(status, Status::Panic as aim_status);
            // SAFETY: the call stored an error.
            let message =
                unsafe { std::ffi::CStr::from_ptr(super::super::error::aim_error_message(err)) };
            let message = message.to_str().unwrap();
            assert!(
                message.contains("of 7") && message.contains("guard.rs"),
                "{message}"
            );
            assert_eq!(infallible(3, || panic!("again")), 3);
            let own = crate::thread::spawn("aim-test", || panic!("in a thread")).unwrap();
            assert!(own.join().is_err());
            return;
        }
        let test = "capi::guard::tests::a_panic_becomes_a_status_and_prints_nothing";
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(INSIDE, "1")
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&child.stderr);
        assert!(child.status.success() && errors.is_empty(), "{errors}");
    }
}
