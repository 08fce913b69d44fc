use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::options::{Options as OptionsStruct, read};
use super::query::{aim_query, select};
use super::repo::aim_repo;
use super::strings::{owned, owned_json, required};
use crate::query::{Options, explain, query, table};
use crate::shield;
use std::ffi::{c_char, c_void};

/// Told how far a query is: runs looked at, and runs to look at in all. A result other than 0 cancels the query. It is
/// called by the thread that asks, every few milliseconds at most.
pub type aim_query_progress =
    Option<unsafe extern "C" fn(done: u64, total: u64, userdata: *mut c_void) -> i32>;

/// How a query is asked. Initialise with `AIM_QUERY_OPTIONS_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_query_options {
    /// `sizeof(aim_query_options)`; set by the initialiser.
    pub struct_size: usize,
    /// Rows to leave out at the beginning.
    pub offset: u64,
    /// Rows to return at most; 0: all.
    pub limit: u64,
    /// Called with `progress_userdata`; NULL for none.
    pub progress: aim_query_progress,
    /// What `progress` gets as `userdata`.
    pub progress_userdata: *mut c_void,
    /// Evaluate the expression on every run instead of asking the indexes first. The answer is the same.
    pub no_index: bool,
}

// SAFETY: integers, an optional function, a pointer, a bool and a size in front.
unsafe impl OptionsStruct for aim_query_options {
    const NAME: &'static str = "aim_query_options";
}

/// As `aim_repo_query`, with options; NULL for the defaults.
///
/// Errors: as `aim_repo_query`, and `AIM_ERR_CANCELLED`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_repo_query`; `options` is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_query_with(
    repo: *const aim_repo,
    expression: *const c_char,
    kind: i32,
    options: *const aim_query_options,
    query: *mut *mut aim_query,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let result = out(query, "query")?;
            let given = read(options)?;
            let expression = required(expression, "expression")?;
            let mut told = |done, total| match given.progress {
                Some(progress) => {
                    shield::outside(|| progress(done, total, given.progress_userdata)) == 0
                }
                None => true,
            };
            let options = Options {
                offset: usize::try_from(given.offset).unwrap_or(usize::MAX),
                limit: match given.limit {
                    0 => None,
                    limit => Some(usize::try_from(limit).unwrap_or(usize::MAX)),
                },
                progress: Some(&mut told),
                no_index: given.no_index,
                ..Options::default()
            };
            let answer = self::query(repo, expression, select(kind)?, options)?;
            result.write(Box::into_raw(Box::new(aim_query::new(answer)?)));
            Ok(())
        })
    }
}

/// Explains how a query would be answered: which conditions the indexes answer and with how many runs, and how many
/// runs the expression is evaluated on. The query itself is not run. On success `*plan` is text for people, the
/// caller's, to be given back with `aim_string_free`.
///
/// Errors: as `aim_repo_query`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_repo_query`; `plan` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_explain(
    repo: *const aim_repo,
    expression: *const c_char,
    plan: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let result = out(plan, "plan")?;
            let text = explain(repo, required(expression, "expression")?)?;
            result.write(owned(&text)?);
            Ok(())
        })
    }
}

/// A table of the query's runs as a JSON array, newest first, one object each: the properties of
/// `aim_query_run_properties`, `params` by JSON Pointer, and `metrics`, an array of objects with name, context, last,
/// last_step, min, max and count. On success `*json` is the caller's, to be given back with `aim_string_free`.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CORRUPT`, `AIM_ERR_IO`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `json` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_table(
    query: *const aim_query,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?;
            let result = out(json, "json")?;
            result.write(owned_json(&table(query.get()?)?)?);
            Ok(())
        })
    }
}
