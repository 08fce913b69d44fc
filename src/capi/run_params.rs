//! Params of a run that is open.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::run::aim_run;
use super::strings::{self, COPIES, optional, owned_json, required};
use crate::error::{Error, Result, Status};
use crate::memory;
use aim_value::Tree;
use std::ffi::c_char;

/// Sets a param of a run.
///
/// # Safety
/// `run` is NULL or live, `key` NULL or NUL-terminated, `err` NULL or writable.
unsafe fn set(
    run: *const aim_run,
    key: *const c_char,
    err: *mut *mut aim_error,
    value: impl FnOnce() -> Result<Tree>,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            handle(run, "run")?
                .run()?
                .set_param(required(key, "key")?, value()?)
        })
    }
}

/// Sets a param to a JSON value. `key` is a top-level key, whatever dots or slashes it holds inside, or, with a
/// leading '/', a JSON Pointer (RFC 6901) into the tree: missing objects on the way are made, an array takes an index
/// or '-' to append. `NaN`, `Infinity` and `-Infinity` are numbers, integers have any size, and
/// `{"__bytes__": "<base64>"}` is bytes. A value that is there is replaced with all below it.
///
/// @code
/// aim_run_set_param(run, "hparams", "{\"lr\": 1e-4, \"layers\": [64, 10]}", NULL);
/// aim_run_set_param(run, "/hparams/layers/-", "20", NULL);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no JSON, no such array index), `AIM_ERR_LIMIT` (nested deeper than 128 levels,
/// key above 4096 bytes, a value for which there is no memory), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `key` and `json` are NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_param(
    run: *const aim_run,
    key: *const c_char,
    json: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { set(run, key, err, || strings::json(json)) }
}

/// Sets a param to an integer; otherwise as `aim_run_set_param`. Since 0.1.
///
/// # Safety
/// As for `aim_run_set_param`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_param_int64(
    run: *const aim_run,
    key: *const c_char,
    value: i64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { set(run, key, err, || Ok(Tree::Int(value))) }
}

/// Sets a param to a floating-point number; otherwise as `aim_run_set_param`. Since 0.1.
///
/// # Safety
/// As for `aim_run_set_param`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_param_double(
    run: *const aim_run,
    key: *const c_char,
    value: f64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { set(run, key, err, || Ok(Tree::Float(value))) }
}

/// Sets a param to true or false; otherwise as `aim_run_set_param`. Since 0.1.
///
/// # Safety
/// As for `aim_run_set_param`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_param_bool(
    run: *const aim_run,
    key: *const c_char,
    value: bool,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { set(run, key, err, || Ok(Tree::Bool(value))) }
}

/// Sets a param to a string, not parsed as JSON; otherwise as `aim_run_set_param`. Since 0.1.
///
/// # Safety
/// As for `aim_run_set_param`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_param_string(
    run: *const aim_run,
    key: *const c_char,
    value: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        set(run, key, err, || {
            Ok(Tree::Str(required(value, "value")?.to_owned()))
        })
    }
}

/// Sets a param to `size` bytes, which are copied; otherwise as `aim_run_set_param`. `data` may be NULL if `size` is
/// 0. Since 0.1.
///
/// # Safety
/// As for `aim_run_set_param`, and `data` holds `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_param_bytes(
    run: *const aim_run,
    key: *const c_char,
    data: *const u8,
    size: usize,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        set(run, key, err, || match (data.is_null(), size) {
            (_, 0) => Ok(Tree::Bytes(Vec::new())),
            (true, _) => Err(Error::invalid(format!("data is NULL for size = {size}"))),
            (_, size) if size > isize::MAX as usize => Err(Error::invalid(format!(
                "size is {size}, more than memory can hold"
            ))),
            (false, size) => {
                memory::afford(size, COPIES)?;
                Ok(Tree::Bytes(std::slice::from_raw_parts(data, size).to_vec()))
            }
        })
    }
}

/// Sets a param to null; otherwise as `aim_run_set_param`. Since 0.1.
///
/// # Safety
/// As for `aim_run_set_param`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_param_null(
    run: *const aim_run,
    key: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { set(run, key, err, || Ok(Tree::Null)) }
}

/// Deletes a param with all below it. `key` is as for `aim_run_set_param`.
///
/// Errors: `AIM_ERR_NOT_FOUND` if there is none; else as `aim_run_set_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_run_set_param`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_delete_param(
    run: *const aim_run,
    key: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            handle(run, "run")?
                .run()?
                .delete_param(required(key, "key")?)
        })
    }
}

/// Reads a param back as JSON, types intact but for NaN and infinities, which are null (`aim_run_get_param_json` has
/// them); `key` is as for `aim_run_set_param`, and NULL reads all params as one
/// object. On success `*json` is the caller's, to be given back with `aim_string_free`. Flushes first.
///
/// Errors: `AIM_ERR_NOT_FOUND` if there is none, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, or what keeps the repository
/// from being used. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_run_set_param`, and `json` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_param(
    run: *const aim_run,
    key: *const c_char,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let result = out(json, "json")?;
            result.write(owned_json(&run.param(optional(key, "key")?)?)?);
            Ok(())
        })
    }
}

/// Reads a bytes param back. On success `*data` holds `*size` bytes and is the caller's, to be given back with
/// `aim_bytes_free`. `key` is as for `aim_run_set_param`. Flushes first.
///
/// Errors: `AIM_ERR_TYPE` if the param is something else; else as `aim_run_get_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_run_set_param`, and `data` and `size` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_param_bytes(
    run: *const aim_run,
    key: *const c_char,
    data: *mut *mut u8,
    size: *mut usize,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let (data, size) = (out(data, "data")?, out(size, "size")?);
            let key = required(key, "key")?;
            match run.param(Some(key))? {
                Tree::Bytes(bytes) => {
                    size.write(bytes.len());
                    data.write(Box::into_raw(bytes.into_boxed_slice()).cast::<u8>());
                    Ok(())
                }
                other => Err(Error::new(
                    Status::Type,
                    format!("param {key:?} is {}, not bytes", other.type_name()),
                )),
            }
        })
    }
}

/// Frees bytes from `aim_run_get_param_bytes`; `size` is what it gave. NULL is allowed. Since 0.1.
///
/// # Safety
/// `data` is NULL or was not freed yet, and `size` is the size that came with it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_bytes_free(data: *mut u8, size: usize) {
    if !data.is_null() {
        // SAFETY: the pair comes from a boxed slice, and the caller frees each once.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(data, size)) });
    }
}
