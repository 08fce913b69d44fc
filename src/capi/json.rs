//! Params as JSON, with a choice of how NaN and infinities are written.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::query::{aim_query, param};
use super::run::aim_run;
use super::strings::{optional, owned_json_as};
use crate::error::{Error, Result};
use aim_value::NonFinite;
use std::ffi::c_char;

/// NaN and infinities are null in JSON: the text is JSON that every parser reads. The rule wherever a call returns JSON,
/// unless its options or arguments say otherwise; the typed calls return numbers as they are.
pub const AIM_JSON_NULL: i32 = 0;
/// NaN and infinities are the strings "NaN", "Infinity" and "-Infinity" in JSON.
pub const AIM_JSON_STRINGS: i32 = 1;
/// NaN and infinities are the words NaN, Infinity and -Infinity, as Python's `json` and JSON5 have them, and as
/// `aim_run_set_param` reads them: nothing is lost, but strict parsers refuse the text.
pub const AIM_JSON_WORDS: i32 = 2;

pub(super) fn non_finite(json: i32) -> Result<NonFinite> {
    match json {
        AIM_JSON_NULL => Ok(NonFinite::Null),
        AIM_JSON_STRINGS => Ok(NonFinite::Strings),
        AIM_JSON_WORDS => Ok(NonFinite::Words),
        _ => Err(Error::invalid(format!(
            "json is {json}; it is AIM_JSON_NULL, AIM_JSON_STRINGS or AIM_JSON_WORDS"
        ))),
    }
}

/// As `aim_run_get_param`, with a choice of how NaN and infinities are written: `json_numbers` is `AIM_JSON_NULL`,
/// `AIM_JSON_STRINGS` or `AIM_JSON_WORDS`.
///
/// Errors: as `aim_run_get_param`, and `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_run_get_param`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_param_json(
    run: *const aim_run,
    key: *const c_char,
    json_numbers: i32,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let result = out(json, "json")?;
            let non_finite = non_finite(json_numbers)?;
            let value = run.param(optional(key, "key")?)?;
            result.write(owned_json_as(&value, non_finite)?);
            Ok(())
        })
    }
}

/// As `aim_query_run_param`, with a choice of how NaN and infinities are written, whatever the query's options say.
///
/// Errors: as `aim_query_run_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_query_run_param`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_param_json(
    query: *const aim_query,
    i: usize,
    key: *const c_char,
    json_numbers: i32,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?;
            let result = out(json, "json")?;
            let non_finite = non_finite(json_numbers)?;
            let value = param(query, i, optional(key, "key")?)?;
            result.write(owned_json_as(&value, non_finite)?);
            Ok(())
        })
    }
}
