//! Params and properties as numbers, booleans and texts.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle};
use super::query::aim_query;
use super::run::aim_run;
use super::strings::required;
use super::typed::{Typed, put};
use crate::error::{Error, Status};
use crate::query::record_tree;
use aim_value::Path;
use std::ffi::c_char;

/// A param of an open run.
///
/// # Safety
/// `run` is NULL or live, `key` NULL or NUL-terminated, `value` and `err` NULL or writable.
unsafe fn run_param<T: Typed>(
    run: *const aim_run,
    key: *const c_char,
    value: *mut T,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let key = required(key, "key")?;
            put(value, &run.param(Some(key))?, &format!("the param {key:?}"))
        })
    }
}

/// A param of the run of a row.
///
/// # Safety
/// `query` is NULL or live, `key` NULL or NUL-terminated, `value` and `err` NULL or writable.
unsafe fn query_param<T: Typed>(
    query: *const aim_query,
    i: usize,
    key: *const c_char,
    value: *mut T,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?.get()?;
            let key = required(key, "key")?;
            let found = query.param(i, &Path::parse(key)?)?;
            put(value, &found, &format!("the param {key:?}"))
        })
    }
}

/// A property of the run of a row.
///
/// # Safety
/// `query` is NULL or live, `name` NULL or NUL-terminated, `value` and `err` NULL or writable.
unsafe fn query_property<T: Typed>(
    query: *const aim_query,
    i: usize,
    name: *const c_char,
    value: *mut T,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?.get()?;
            let name = required(name, "name")?;
            let all = record_tree(&query.record(i)?);
            match all.iter().find(|(key, _)| key == name) {
                Some((_, aim_value::Tree::Null)) => Err(Error::new(
                    Status::NotFound,
                    format!("the run has no {name}"),
                )),
                Some((_, found)) => put(value, found, &format!("the property {name:?}")),
                None => Err(unknown(name, &all)),
            }
        })
    }
}

fn unknown(name: &str, all: &[(String, aim_value::Tree)]) -> Error {
    let known: Vec<&str> = all.iter().map(|(key, _)| key.as_str()).collect();
    Error::invalid(format!(
        "{name:?} is no property of a run; there are {}",
        known.join(", ")
    ))
}

/// A param of the run that is a number, without JSON: into `*value`. `key` is as for `aim_run_set_param`. Flushes first.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_run_get_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `key` is NULL or NUL-terminated; `value` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_param_double(
    run: *const aim_run,
    key: *const c_char,
    value: *mut f64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { run_param(run, key, value, err) }
}

/// A param of the run of row `i` that is a number, without JSON: into `*value`. `key` is a top-level key or a JSON Pointer
/// with its leading '/'.
///
/// @code
/// aim_query *runs = NULL;
/// double lr;
/// if (aim_repo_query(repo, "", AIM_QUERY_RUNS, &runs, NULL) == AIM_OK)
///     for (size_t i = 0; i < aim_query_len(runs); i++)
///         if (aim_query_run_param_double(runs, i, "/hparams/lr", &lr, NULL) == AIM_OK)
///             printf("%s: %g\n", aim_query_run_hash(runs, i), lr);
/// aim_query_free(runs);
/// @endcode
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_query_run_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `key` is NULL or NUL-terminated; `value` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_param_double(
    query: *const aim_query,
    i: usize,
    key: *const c_char,
    value: *mut f64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { query_param(query, i, key, value, err) }
}

/// A property of the run of row `i` that is a number, without JSON: into `*value`. `name` is one of the keys of
/// `aim_query_run_properties`.
///
/// Errors: `AIM_ERR_TYPE` if it is something else, `AIM_ERR_NOT_FOUND` if it is null; else as `aim_query_run_properties`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `name` is NULL or NUL-terminated; `value` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_property_double(
    query: *const aim_query,
    i: usize,
    name: *const c_char,
    value: *mut f64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { query_property(query, i, name, value, err) }
}

/// A param of the run that is an integer, without JSON: into `*value`. `key` is as for `aim_run_set_param`. Flushes first.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_run_get_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `key` is NULL or NUL-terminated; `value` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_param_int64(
    run: *const aim_run,
    key: *const c_char,
    value: *mut i64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { run_param(run, key, value, err) }
}

/// A param of the run of row `i` that is an integer, without JSON: into `*value`. `key` is a top-level key or a JSON Pointer
/// with its leading '/'.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_query_run_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `key` is NULL or NUL-terminated; `value` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_param_int64(
    query: *const aim_query,
    i: usize,
    key: *const c_char,
    value: *mut i64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { query_param(query, i, key, value, err) }
}

/// A property of the run of row `i` that is an integer, without JSON: into `*value`. `name` is one of the keys of
/// `aim_query_run_properties`.
///
/// Errors: `AIM_ERR_TYPE` if it is something else, `AIM_ERR_NOT_FOUND` if it is null; else as `aim_query_run_properties`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `name` is NULL or NUL-terminated; `value` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_property_int64(
    query: *const aim_query,
    i: usize,
    name: *const c_char,
    value: *mut i64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { query_property(query, i, name, value, err) }
}

/// A param of the run that is true or false, without JSON: into `*value`. `key` is as for `aim_run_set_param`. Flushes first.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_run_get_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `key` is NULL or NUL-terminated; `value` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_param_bool(
    run: *const aim_run,
    key: *const c_char,
    value: *mut bool,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { run_param(run, key, value, err) }
}

/// A param of the run of row `i` that is true or false, without JSON: into `*value`. `key` is a top-level key or a JSON Pointer
/// with its leading '/'.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_query_run_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `key` is NULL or NUL-terminated; `value` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_param_bool(
    query: *const aim_query,
    i: usize,
    key: *const c_char,
    value: *mut bool,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { query_param(query, i, key, value, err) }
}

/// A property of the run of row `i` that is true or false, without JSON: into `*value`. `name` is one of the keys of
/// `aim_query_run_properties`.
///
/// Errors: `AIM_ERR_TYPE` if it is something else, `AIM_ERR_NOT_FOUND` if it is null; else as `aim_query_run_properties`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `name` is NULL or NUL-terminated; `value` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_property_bool(
    query: *const aim_query,
    i: usize,
    name: *const c_char,
    value: *mut bool,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { query_property(query, i, name, value, err) }
}

/// A param of the run that is a string, without JSON: into `*value`; the string is the caller's, to be given back with `aim_string_free`. `key` is as for `aim_run_set_param`. Flushes first.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_run_get_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `key` is NULL or NUL-terminated; `value` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_param_string(
    run: *const aim_run,
    key: *const c_char,
    value: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { run_param(run, key, value, err) }
}

/// A param of the run of row `i` that is a string, without JSON: into `*value`; the string is the caller's, to be given back with `aim_string_free`. `key` is a top-level key or a JSON Pointer
/// with its leading '/'.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_query_run_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `key` is NULL or NUL-terminated; `value` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_param_string(
    query: *const aim_query,
    i: usize,
    key: *const c_char,
    value: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { query_param(query, i, key, value, err) }
}

/// A property of the run of row `i` that is a string, without JSON: into `*value`; the string is the caller's, to be given back with `aim_string_free`. `name` is one of the keys of
/// `aim_query_run_properties`.
///
/// Errors: `AIM_ERR_TYPE` if it is something else, `AIM_ERR_NOT_FOUND` if it is null; else as `aim_query_run_properties`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `name` is NULL or NUL-terminated; `value` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_property_string(
    query: *const aim_query,
    i: usize,
    name: *const c_char,
    value: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { query_property(query, i, name, value, err) }
}
