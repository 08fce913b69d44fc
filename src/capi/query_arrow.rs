use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::query::select;
use super::repo::aim_repo;
use super::strings::required;
use crate::query::arrow::stream;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use std::ffi::c_char;

/// Asks as `aim_repo_query` and fills the caller's `struct ArrowArrayStream` (Arrow's C Stream Interface), which
/// pyarrow, polars, DuckDB and others read without copying. `kind` is `AIM_QUERY_METRICS`: a row per point with the
/// columns run, name, context (dictionary-encoded text), step, value, epoch (null for none) and time; or
/// `AIM_QUERY_RUNS`: a row per run with its properties and a column `params/…` for each param, named by its JSON
/// Pointer, typed where all values have one type, else JSON text. On success the stream is the caller's to release,
/// before or after the repository.
///
/// Errors: as `aim_repo_query`. Errors while the stream is read come through the stream. Thread-safe; the stream is
/// for one thread at a time. Since 0.1.
///
/// # Safety
/// As for `aim_repo_query`; `stream` is NULL or writable and holds no live stream.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_query_arrow(
    repo: *const aim_repo,
    expression: *const c_char,
    kind: i32,
    stream: *mut FFI_ArrowArrayStream,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let result = out(stream, "stream")?;
            let reader = self::stream(repo, required(expression, "expression")?, select(kind)?)?;
            result.write(FFI_ArrowArrayStream::new(reader));
            Ok(())
        })
    }
}
