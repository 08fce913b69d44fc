//! What a repository holds: names of experiments, tags, params, metrics; continuing a run.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, infallible, out};
use super::query::{aim_query, select};
use super::repo::aim_repo;
use super::strings::{optional, required};
use crate::error::{Error, Result};
use crate::query::{Listed, list, open_run};
use aim_value::NonFinite;
use std::ffi::{CString, c_char};

/// The experiments of runs, and those that were described.
pub const AIM_LIST_EXPERIMENTS: i32 = 0;
/// The tags of runs, and those that were described.
pub const AIM_LIST_TAGS: i32 = 1;
/// The names of metrics.
pub const AIM_LIST_METRIC_NAMES: i32 = 2;
/// The contexts of metrics, JSON with sorted keys.
pub const AIM_LIST_CONTEXTS: i32 = 3;
/// The params that hold a value other than an object, as JSON Pointers.
pub const AIM_LIST_PARAM_KEYS: i32 = 4;

/// Names, in order. It may be used from several threads at once.
pub struct aim_list {
    rows: Vec<(CString, u64)>,
}

/// Lists what runs have: `what` is one of `AIM_LIST_...`. `expression` is an AimQL expression that selects the runs; NULL:
/// every run, archived ones too. On success `*list` is the caller's, to be given back with `aim_list_free`.
///
/// @code
/// aim_list *names = NULL;
/// if (aim_repo_list(repo, AIM_LIST_METRIC_NAMES, NULL, &names, NULL) == AIM_OK)
///     for (size_t i = 0; i < aim_list_len(names); i++)
///         printf("%s: %d runs\n", aim_list_name(names, i), (int)aim_list_count(names, i));
/// aim_list_free(names);
/// @endcode
///
/// Errors: as `aim_repo_query`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `expression` is NULL or NUL-terminated; `list` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_repo_list(
    repo: *const aim_repo,
    what: i32,
    expression: *const c_char,
    list: *mut *mut aim_list,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let result = out(list, "list")?;
            let what = listed(what)?;
            let found = self::list(repo, what, optional(expression, "expression")?)?;
            // No name holds a NUL: names come from C strings, pointers and JSON have it escaped.
            let rows = found.into_iter().map(|(name, count)| {
                let name = CString::new(name.replace('\0', "\u{fffd}")).unwrap_or_default();
                (name, count)
            });
            let rows = rows.collect();
            result.write(Box::into_raw(Box::new(aim_list { rows })));
            Ok(())
        })
    }
}

fn listed(what: i32) -> Result<Listed> {
    Ok(match what {
        AIM_LIST_EXPERIMENTS => Listed::Experiments,
        AIM_LIST_TAGS => Listed::Tags,
        AIM_LIST_METRIC_NAMES => Listed::MetricNames,
        AIM_LIST_CONTEXTS => Listed::Contexts,
        AIM_LIST_PARAM_KEYS => Listed::ParamKeys,
        _ => {
            return Err(Error::invalid(format!(
                "what is {what}; it is one of AIM_LIST_..."
            )));
        }
    })
}

/// Number of names; 0 for NULL. Since 0.1.
///
/// # Safety
/// `list` is NULL or a list that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_list_len(list: *const aim_list) -> usize {
    // SAFETY: promised by the caller.
    unsafe { list.as_ref() }.map_or(0, |list| list.rows.len())
}

/// Name `i`. Borrowed until the list is freed; NULL if there is no such name. Since 0.1.
///
/// # Safety
/// `list` is NULL or a list that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_list_name(list: *const aim_list, i: usize) -> *const c_char {
    // SAFETY: promised by the caller.
    let row = unsafe { list.as_ref() }.and_then(|list| list.rows.get(i));
    row.map_or(std::ptr::null(), |(name, _)| name.as_ptr())
}

/// How many runs have name `i`; 0 if there is no such name. Since 0.1.
///
/// # Safety
/// `list` is NULL or a list that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_list_count(list: *const aim_list, i: usize) -> u64 {
    // SAFETY: promised by the caller.
    let row = unsafe { list.as_ref() }.and_then(|list| list.rows.get(i));
    row.map_or(0, |(_, count)| *count)
}

/// Frees a list and the names borrowed from it. NULL is allowed. Since 0.1.
///
/// # Safety
/// `list` is NULL or a list that was not freed yet and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_list_free(list: *mut aim_list) {
    if !list.is_null() {
        // SAFETY: lists come from `Box::into_raw`, and the caller frees each once.
        infallible((), || drop(unsafe { Box::from_raw(list) }));
    }
}

/// Opens a run for reading, by its hash: as a query whose one row is the run (`kind` `AIM_QUERY_RUNS`), or whose rows are
/// its metrics, by name, then by context (`AIM_QUERY_METRICS`). What this process has tracked and what dead ones left is
/// in it. On success `*query` is the caller's, to be given back with `aim_query_free`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CORRUPT`, `AIM_ERR_IO`, `AIM_ERR_FORKED`. Thread-safe.
/// Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `run_hash` is NULL or NUL-terminated; `query` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_repo_open_run(
    repo: *const aim_repo,
    run_hash: *const c_char,
    kind: i32,
    query: *mut *mut aim_query,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let result = out(query, "query")?;
            let answer = open_run(repo, required(run_hash, "run_hash")?, select(kind)?)?;
            result.write(Box::into_raw(Box::new(aim_query::new(
                answer,
                NonFinite::default(),
            )?)));
            Ok(())
        })
    }
}
