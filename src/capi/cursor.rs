//! Answers in parts, for those larger than memory.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, infallible, out};
use super::options::read;
use super::query::{aim_query, select};
use super::query_options::{Asked, aim_query_options};
use super::repo::aim_repo;
use super::strings::required;
use crate::error::{Error, Status};
use crate::query::Cursor;
use aim_value::NonFinite;
use std::ffi::c_char;
use std::sync::{Mutex, TryLockError};

/// An answer that comes in parts. It may be used from several threads at once.
pub struct aim_cursor {
    cursor: Mutex<Cursor>,
    /// Its texts are the caller's: only the progress is asked for again.
    options: aim_query_options,
    json: NonFinite,
}

/// Begins a query whose answer comes in parts, for answers that are larger than memory: `aim_cursor_next` gives one part
/// after the other. `kind` is as for `aim_repo_query`; `options` may be NULL, and their bounds hold for each part. What
/// `progress_userdata` points to must stay until the cursor is freed. On success `*cursor` is the caller's, to be given back
/// with `aim_cursor_free`, before or after the repository.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_FORKED`; what is wrong with the expression `aim_cursor_next` tells.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_repo_query_with`; the userdata of the options lives as long as the cursor; `cursor` is NULL or writable.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_cursor_open(
    repo: *const aim_repo,
    expression: *const c_char,
    kind: i32,
    options: *const aim_query_options,
    cursor: *mut *mut aim_cursor,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let result = out(cursor, "cursor")?;
            let given = read(options)?;
            let asked = Asked::new(&given)?.without_columns()?;
            let expression = required(expression, "expression")?;
            let begun = Cursor::new(repo, expression, select(kind)?, &asked.options());
            let json = asked.json;
            result.write(Box::into_raw(Box::new(aim_cursor {
                cursor: Mutex::new(begun),
                options: given,
                json,
            })));
            Ok(())
        })
    }
}

/// Looks for the next rows, some thousands of them, as they are now; all rows of one run are in one part, unless
/// `order_by` parts them. `*query` receives them, the caller's as after `aim_repo_query`, or NULL after the last ones. The
/// first part may be empty. Runs that are newer than those that were read are not in the answer. With `order_by` the first
/// call looks for all rows.
///
/// @code
/// aim_cursor *cursor = NULL;
/// aim_query *part = NULL;
/// if (aim_cursor_open(repo, "metric.name == 'loss'", AIM_QUERY_METRICS, NULL, &cursor, NULL) == AIM_OK)
///     while (aim_cursor_next(cursor, &part, NULL) == AIM_OK && part != NULL) {
///         printf("%zu metrics\n", aim_query_len(part));
///         aim_query_free(part);
///     }
/// aim_cursor_free(cursor);
/// @endcode
///
/// Errors: as `aim_repo_query`, `AIM_ERR_CANCELLED`, and `AIM_ERR_BUSY` while another thread waits for this cursor; there is nothing more then. Thread-safe. Since 0.1.
///
/// # Safety
/// `cursor` is NULL or a cursor that was not freed; `query` and `err` are NULL or writable.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_cursor_next(
    cursor: *const aim_cursor,
    query: *mut *mut aim_query,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let cursor = handle(cursor, "cursor")?;
            let result = out(query, "query")?;
            let mut begun = match cursor.cursor.try_lock() {
                Ok(begun) => begun,
                Err(TryLockError::Poisoned(broken)) => broken.into_inner(),
                Err(TryLockError::WouldBlock) => {
                    let message = "another call with this cursor has not returned yet";
                    return Err(Error::new(Status::Busy, message));
                }
            };
            let mut told = |done, total| cursor.options.tell(done, total);
            let page = begun.next(Some(&mut told))?;
            let page = page
                .map(|page| aim_query::new(page, cursor.json))
                .transpose()?;
            result.write(page.map_or(std::ptr::null_mut(), |page| Box::into_raw(Box::new(page))));
            Ok(())
        })
    }
}

/// Frees a cursor; the parts that it gave stay valid. NULL is allowed. Since 0.1.
///
/// # Safety
/// `cursor` is NULL or a cursor that was not freed and is not in use.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_cursor_free(cursor: *mut aim_cursor) {
    infallible((), || {
        if !cursor.is_null() {
            // SAFETY: promised by the caller.
            drop(unsafe { Box::from_raw(cursor) });
        }
    });
}
