//! Error objects and statuses as text.

use crate::error::{Error, Status};
use std::ffi::{CString, c_char};

/// Result of a call: `AIM_OK` or one of `AIM_ERR_…`. The numbers never change.
pub type aim_status = i32;

/// Success.
pub const AIM_OK: aim_status = 0;
/// An argument is NULL, malformed or out of range.
pub const AIM_ERR_INVALID_ARGUMENT: aim_status = 1;
/// The handle was closed.
pub const AIM_ERR_CLOSED: aim_status = 2;
/// No such repository, run, metric or param.
pub const AIM_ERR_NOT_FOUND: aim_status = 3;
/// The handle belongs to the parent of this forked process.
pub const AIM_ERR_FORKED: aim_status = 4;
/// A bug in the library; the program is unharmed.
pub const AIM_ERR_PANIC: aim_status = 5;
/// The operating system refused.
pub const AIM_ERR_IO: aim_status = 6;
/// The disk, the database's map or the journal is full.
pub const AIM_ERR_FULL: aim_status = 7;
/// The repository lies on a filesystem on which the database is unsafe.
pub const AIM_ERR_UNSUPPORTED_FS: aim_status = 8;
/// Stored data is damaged.
pub const AIM_ERR_CORRUPT: aim_status = 9;
/// A newer version of libaim wrote the repository.
pub const AIM_ERR_UNSUPPORTED_VERSION: aim_status = 10;
/// Somebody else is using what the call would change.
pub const AIM_ERR_BUSY: aim_status = 11;
/// A query does not parse.
pub const AIM_ERR_SYNTAX: aim_status = 12;
/// The caller cancelled.
pub const AIM_ERR_CANCELLED: aim_status = 13;
/// A bound on size, depth, work or memory was reached.
pub const AIM_ERR_LIMIT: aim_status = 14;
/// The stored value has another type.
pub const AIM_ERR_TYPE: aim_status = 15;
/// The repository cannot be written.
pub const AIM_ERR_READ_ONLY: aim_status = 16;
/// There is one already.
pub const AIM_ERR_EXISTS: aim_status = 17;
/// The time that the caller gave is over; what was asked for goes on.
pub const AIM_ERR_TIMEOUT: aim_status = 18;
/// The library was built without what the call needs; `aim_has` tells.
pub const AIM_ERR_UNSUPPORTED: aim_status = 19;

/// What a status means, in a few words: "no such run" and the like; "unknown status" for a number that is none. Static.
/// Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn aim_status_text(status: aim_status) -> *const c_char {
    let text = match status {
        AIM_OK => c"success",
        AIM_ERR_INVALID_ARGUMENT => c"invalid argument",
        AIM_ERR_CLOSED => c"the handle was closed",
        AIM_ERR_NOT_FOUND => c"not found",
        AIM_ERR_FORKED => c"the handle belongs to the parent of this process",
        AIM_ERR_PANIC => c"a bug in the library",
        AIM_ERR_IO => c"the operating system refused",
        AIM_ERR_FULL => c"disk, database or journal is full",
        AIM_ERR_UNSUPPORTED_FS => c"unsupported filesystem",
        AIM_ERR_CORRUPT => c"stored data is damaged",
        AIM_ERR_UNSUPPORTED_VERSION => c"written by a newer version",
        AIM_ERR_BUSY => c"in use",
        AIM_ERR_SYNTAX => c"syntax error in a query",
        AIM_ERR_CANCELLED => c"cancelled",
        AIM_ERR_LIMIT => c"a limit was reached",
        AIM_ERR_TYPE => c"the value has another type",
        AIM_ERR_READ_ONLY => c"the repository cannot be written",
        AIM_ERR_EXISTS => c"exists already",
        AIM_ERR_TIMEOUT => c"the time is over",
        AIM_ERR_UNSUPPORTED => c"not in this build of the library",
        _ => c"unknown status",
    };
    text.as_ptr()
}

/// What went wrong, in words. Made by a failing call for the caller, who frees it.
pub struct aim_error {
    status: Status,
    message: CString,
}

impl aim_error {
    pub(super) fn new(error: Error) -> aim_error {
        let message = error.message.replace('\0', "\u{fffd}");
        aim_error {
            status: error.status,
            message: CString::new(message).unwrap_or_default(),
        }
    }
}

/// The status that the failed call returned; `AIM_OK` for NULL. Since 0.1.
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_error_code(error: *const aim_error) -> aim_status {
    // SAFETY: the caller passes NULL or a live error.
    unsafe { error.as_ref() }.map_or(AIM_OK, |e| e.status as aim_status)
}

/// The message: what was wrong with which value, and the rule. Borrowed until the error is freed; "" for NULL.
/// Since 0.1.
///
/// # Safety
/// `error` is NULL or an error that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_error_message(error: *const aim_error) -> *const c_char {
    // SAFETY: the caller passes NULL or a live error.
    unsafe { error.as_ref() }.map_or(c"".as_ptr(), |e| e.message.as_ptr())
}

/// Frees an error. NULL is allowed. Since 0.1.
///
/// # Safety
/// `error` is NULL or an error that was not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_error_free(error: *mut aim_error) {
    if !error.is_null() {
        // SAFETY: errors come from `Box::into_raw`, and the caller frees each once.
        drop(unsafe { Box::from_raw(error) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_have_their_pinned_numbers() {
        let pinned = [
            (Status::InvalidArgument, AIM_ERR_INVALID_ARGUMENT),
            (Status::Closed, AIM_ERR_CLOSED),
            (Status::NotFound, AIM_ERR_NOT_FOUND),
            (Status::Forked, AIM_ERR_FORKED),
            (Status::Panic, AIM_ERR_PANIC),
            (Status::Io, AIM_ERR_IO),
            (Status::Full, AIM_ERR_FULL),
            (Status::UnsupportedFs, AIM_ERR_UNSUPPORTED_FS),
            (Status::Corrupt, AIM_ERR_CORRUPT),
            (Status::UnsupportedVersion, AIM_ERR_UNSUPPORTED_VERSION),
            (Status::Busy, AIM_ERR_BUSY),
            (Status::Syntax, AIM_ERR_SYNTAX),
            (Status::Cancelled, AIM_ERR_CANCELLED),
            (Status::Limit, AIM_ERR_LIMIT),
            (Status::Type, AIM_ERR_TYPE),
            (Status::ReadOnly, AIM_ERR_READ_ONLY),
            (Status::Exists, AIM_ERR_EXISTS),
            (Status::Timeout, AIM_ERR_TIMEOUT),
            (Status::Unsupported, AIM_ERR_UNSUPPORTED),
        ];
        for (status, number) in pinned {
            assert_eq!(status as aim_status, number);
            assert_ne!(aim_status_text(number), aim_status_text(-1));
        }
    }
}
