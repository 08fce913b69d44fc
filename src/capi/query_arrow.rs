//! Answers as Arrow streams.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::options::read;
use super::query::select;
use super::query_options::{Asked, aim_query_options};
use super::repo::aim_repo;
use super::strings::required;
use crate::query::Options;
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
#[must_use]
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
            let expression = required(expression, "expression")?;
            let reader = self::stream(
                repo,
                expression,
                select(kind)?,
                Options::default(),
                None,
                None,
            )?;
            result.write(FFI_ArrowArrayStream::new(reader));
            Ok(())
        })
    }
}

/// As `aim_repo_query_arrow`, with options; NULL for the defaults. `offset`, `limit` and `order_by` are about metrics, all
/// of whose points are in the stream, or runs; `columns` leaves columns out. Batches are made as they are read, and metrics
/// are looked for as they are needed, so that a stream may hold more than memory does; bounds hold for some thousands of
/// them at a time. Of runs all are looked for at first. `progress` is told by this call; while the stream is read, whoever
/// reads it may release it.
///
/// Errors: as `aim_repo_query_with`. Thread-safe; the stream is for one thread at a time. Since 0.1.
///
/// # Safety
/// As for `aim_repo_query_arrow`; `options` is NULL or valid.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_repo_query_arrow_with(
    repo: *const aim_repo,
    expression: *const c_char,
    kind: i32,
    options: *const aim_query_options,
    stream: *mut FFI_ArrowArrayStream,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let result = out(stream, "stream")?;
            let given = read(options)?;
            let asked = Asked::new(&given)?;
            let expression = required(expression, "expression")?;
            let mut told = |done, total| given.tell(done, total);
            let options = Options {
                progress: Some(&mut told),
                ..asked.options()
            };
            let columns = asked.columns.as_deref();
            let reader = self::stream(repo, expression, select(kind)?, options, columns, None)?;
            result.write(FFI_ArrowArrayStream::new(reader));
            Ok(())
        })
    }
}
