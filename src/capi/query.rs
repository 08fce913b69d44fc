//! Answers of queries: runs, metrics, their values.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, infallible, out};
use super::repo::{aim_repo, check_fork};
use super::strings::{optional, owned, owned_json, owned_json_as, required};
use crate::error::{Error, Result};
use crate::query::{Columns, Options, Query, QueryRow, Select, query, record_tree};
use aim_value::{NonFinite, Path, Tree};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::{CString, c_char};
use std::sync::Arc;

/// A query that selects runs.
pub const AIM_QUERY_RUNS: i32 = 1;
/// A query that selects metrics, with their runs.
pub const AIM_QUERY_METRICS: i32 = 2;

/// The answer to a query. It may be used from several threads at once.
pub struct aim_query {
    query: Query,
    rows: Vec<RowTexts>,
    warning: Option<CString>,
    json: NonFinite,
}

/// A row's texts for C; rows share equal ones.
struct RowTexts {
    hash: Arc<CString>,
    name: Option<Arc<CString>>,
    context: Option<Arc<CString>>,
}

impl aim_query {
    pub(super) fn json(&self) -> NonFinite {
        self.json
    }

    /// The answer, unless this process is a fork of the one that asked.
    pub(super) fn get(&self) -> Result<&Query> {
        check_fork(self.query.repo())?;
        Ok(&self.query)
    }

    pub(super) fn new(query: Query, json: NonFinite) -> Result<aim_query> {
        let mut known = HashMap::new();
        let mut text = |s: &str| -> Result<Arc<CString>> {
            if let Some(text) = known.get(s) {
                return Ok(Arc::clone(text));
            }
            let text = Arc::new(
                CString::new(s)
                    .map_err(|_| Error::corrupt(format!("the stored name {s:?} holds a NUL")))?,
            );
            known.insert(s.to_owned(), Arc::clone(&text));
            Ok(text)
        };
        let mut texts = |row: &QueryRow| -> Result<RowTexts> {
            let named = match (&row.metric, &row.sequence) {
                (Some(m), _) => Some((&m.name, &m.context)),
                (None, Some(s)) => Some((&s.name, &s.context)),
                (None, None) => None,
            };
            Ok(RowTexts {
                hash: text(&row.run.hash_text())?,
                name: named.map(|(name, _)| text(name)).transpose()?,
                context: named
                    .map(|(_, stored)| text(&context(stored, json)))
                    .transpose()?,
            })
        };
        let rows = query.rows().iter().map(&mut texts).collect::<Result<_>>()?;
        // The text may quote a file's name, which may be anything but NUL.
        let warning = query.warning().and_then(|text| CString::new(text).ok());
        Ok(aim_query {
            query,
            rows,
            warning,
            json,
        })
    }
}

/// A context as the answer shows it. Numbers that JSON does not have are as rare there as can be.
fn context(stored: &str, json: NonFinite) -> Cow<'_, str> {
    let plain =
        json == NonFinite::Words || !(stored.contains("NaN") || stored.contains("Infinity"));
    if plain {
        return stored.into();
    }
    Tree::from_json(stored).map_or(stored.into(), |tree| tree.to_json_as(json).into())
}

/// Points of a metric: columns of `len` numbers each, in step order.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_values {
    /// Number of points.
    pub len: usize,
    /// Steps, ascending.
    pub steps: *const i64,
    /// Values.
    pub values: *const f64,
    /// Epochs; `AIM_EPOCH_NONE` where there is none.
    pub epochs: *const i64,
    /// When each point was tracked: seconds since 1970-01-01 UTC.
    pub times: *const f64,
}

impl aim_values {
    pub(super) fn of(columns: &Columns) -> aim_values {
        aim_values {
            len: columns.steps.len(),
            steps: columns.steps.as_ptr(),
            values: columns.values.as_ptr(),
            epochs: columns.epochs.as_ptr(),
            times: columns.times.as_ptr(),
        }
    }
}

/// What is known of a metric without reading its points.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_metric_info {
    /// Number of points.
    pub count: u64,
    /// Least step.
    pub first_step: i64,
    /// Greatest step.
    pub last_step: i64,
    /// Value at the least step.
    pub first: f64,
    /// Value at the greatest step.
    pub last: f64,
    /// Least value. NaN values do not count; `min` and `max` are NaN where there are no others.
    pub min: f64,
    /// Greatest value, as `min`.
    pub max: f64,
}

pub(super) fn select(kind: i32) -> Result<Select> {
    match kind {
        AIM_QUERY_RUNS => Ok(Select::Runs),
        AIM_QUERY_METRICS => Ok(Select::Metrics),
        _ => super::objects::kind(kind).map(Select::Objects),
    }
}

/// Selects runs, metrics or sequences of objects by an AimQL expression, a Python expression over `run` and `metric`, as in
/// ``metric.name == 'loss' and run.hparams.lr > 1e-4``; an empty one selects all. `kind` is `AIM_QUERY_RUNS`,
/// `AIM_QUERY_METRICS`, or one of `AIM_QUERY_IMAGES`, ..., where the sequences are called `images`, ... in the expression. Rows come newest run first, then by name, then by context. The answer is a snapshot that holds
/// all that this process has tracked before, unless `aim_query_warning` says otherwise; a query that takes longer than a
/// second sees later changes of the runs that it has yet to look at. A thread with little stack is no trouble: the query
/// takes another one of 1 MiB meanwhile. On success `*query` is the caller's, to be given back with `aim_query_free`,
/// before or after the repository.
///
/// @code
/// aim_query *query = NULL;
/// if (aim_repo_query(repo, "metric.name == 'loss'", AIM_QUERY_METRICS, &query, NULL) == AIM_OK)
///     for (size_t i = 0; i < aim_query_len(query); i++) {
///         aim_values v;
///         if (aim_query_values(query, i, &v, NULL) == AIM_OK && v.len > 0)
///             printf("%s: the last of %zu is %g\n", aim_query_run_hash(query, i), v.len, v.values[v.len - 1]);
///     }
/// aim_query_free(query);
/// @endcode
///
/// Errors: `AIM_ERR_SYNTAX`, whose message shows line, column and text, also for an attribute of `metric` or of a builtin
/// that does not exist; `AIM_ERR_INVALID_ARGUMENT`; `AIM_ERR_LIMIT` (one of the bounds in `aim_query_options` was
/// reached); `AIM_ERR_FORKED`, `AIM_ERR_CORRUPT`, `AIM_ERR_IO`. Rows on which the expression fails are left out; see
/// `aim_query_failures`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `expression` is NULL or NUL-terminated; `query` and `err` are
/// NULL or writable.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_repo_query(
    repo: *const aim_repo,
    expression: *const c_char,
    kind: i32,
    query: *mut *mut aim_query,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let result = out(query, "query")?;
            let expression = required(expression, "expression")?;
            let answer = self::query(repo, expression, select(kind)?, Options::default())?;
            let answer = aim_query::new(answer, NonFinite::default())?;
            result.write(Box::into_raw(Box::new(answer)));
            Ok(())
        })
    }
}

/// Number of rows; 0 for NULL. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_len(query: *const aim_query) -> usize {
    // SAFETY: promised by the caller.
    unsafe { query.as_ref() }.map_or(0, |q| q.rows.len())
}

/// A text of a row, or NULL.
///
/// # Safety
/// `query` is NULL or a query that was not freed.
unsafe fn text(
    query: *const aim_query,
    i: usize,
    of: impl Fn(&RowTexts) -> Option<&Arc<CString>>,
) -> *const c_char {
    // SAFETY: promised by the caller.
    let row = unsafe { query.as_ref() }.and_then(|q| q.rows.get(i));
    row.and_then(of).map_or(std::ptr::null(), |t| t.as_ptr())
}

/// Hash of the run of row `i`. Borrowed until the query is freed; NULL if there is no such row. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_hash(query: *const aim_query, i: usize) -> *const c_char {
    // SAFETY: promised by the caller.
    unsafe { text(query, i, |row| Some(&row.hash)) }
}

/// Name of the metric, or the sequence of objects, of row `i`. Borrowed until the query is freed; NULL if there is no such row or the query is for
/// runs. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_metric_name(query: *const aim_query, i: usize) -> *const c_char {
    // SAFETY: promised by the caller.
    unsafe { text(query, i, |row| row.name.as_ref()) }
}

/// Context of the metric, or the sequence of objects, of row `i` as JSON with sorted keys, NaN and infinities as the query's options say. Borrowed until the query is freed; NULL if there is no
/// such row or the query is for runs. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_metric_context(
    query: *const aim_query,
    i: usize,
) -> *const c_char {
    // SAFETY: promised by the caller.
    unsafe { text(query, i, |row| row.context.as_ref()) }
}

/// Aggregates of the metric of row `i`, as of the query; no points are read.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no such row, or a query for runs). Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `info` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_metric_info(
    query: *const aim_query,
    i: usize,
    info: *mut aim_metric_info,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?;
            let result = out(info, "info")?;
            let metric = query.query.metric(i)?;
            let known = &metric.aggregates;
            result.write(aim_metric_info {
                count: known.count,
                first_step: known.first_step,
                last_step: known.last_step,
                first: known.first,
                last: known.last,
                min: known.min(),
                max: known.max(),
            });
            Ok(())
        })
    }
}

/// Points of the metric of row `i`, as they are at the first such call for the row. The columns are borrowed until
/// the query is freed.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no such row, or a query for runs), `AIM_ERR_CORRUPT`, `AIM_ERR_IO`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `values` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_values(
    query: *const aim_query,
    i: usize,
    values: *mut aim_values,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?;
            let result = out(values, "values")?;
            let columns = query.get()?.columns(i)?;
            result.write(aim_values::of(columns));
            Ok(())
        })
    }
}

/// A param of the run of a row, or all of them without a key.
pub(super) fn param(query: &aim_query, i: usize, key: Option<&str>) -> Result<Tree> {
    let path = match key {
        Some(key) => Path::parse(key)?,
        None => Path::from_tokens::<String>([]),
    };
    query.get()?.param(i, &path)
}

/// A param of the run of row `i` as JSON, NaN and infinities as the query's options say (null by default): `key` is a top-level key, a JSON Pointer with its leading '/', or NULL for
/// all params. On success `*json` is the caller's, to be given back with `aim_string_free`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CORRUPT`, `AIM_ERR_IO`. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `key` is NULL or NUL-terminated; `json` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_param(
    query: *const aim_query,
    i: usize,
    key: *const c_char,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?;
            let result = out(json, "json")?;
            let value = param(query, i, optional(key, "key")?)?;
            result.write(owned_json_as(&value, query.json)?);
            Ok(())
        })
    }
}

/// Properties of the run of row `i` as a JSON object: hash, name, description, experiment, tags, archived, status
/// ("running", "finished", "failed", "interrupted" or "crashed"), created_at and finalized_at (seconds since 1970-01-01 UTC;
/// null while running), exit_code and signal (null where none is known), and run_id (null, or the text that its creator chose). On success `*json` is the caller's, to be given back with `aim_string_free`.
///
/// Errors: as `aim_query_run_param`. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `json` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_run_properties(
    query: *const aim_query,
    i: usize,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?;
            let result = out(json, "json")?;
            result.write(owned_json(&Tree::Dict(record_tree(
                &query.get()?.record(i)?,
            )))?);
            Ok(())
        })
    }
}

/// How many rows the expression failed on; they are not among the results. If there are any and `reason` is not NULL,
/// `*reason` says why the first one failed, and is the caller's, to be given back with `aim_string_free`; else it is
/// set to NULL.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `count`, `reason` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_failures(
    query: *const aim_query,
    count: *mut u64,
    reason: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let failures = handle(query, "query")?.query.failures();
            let count = out(count, "count")?;
            if !reason.is_null() {
                let first = failures
                    .first
                    .as_deref()
                    .map(|r| owned(&r.replace('\0', "\u{fffd}")));
                reason.write(first.transpose()?.unwrap_or(std::ptr::null_mut()));
            }
            count.write(failures.count);
            Ok(())
        })
    }
}

/// What is to be said of the answer: a text for people, a line for each thing, or NULL if there is nothing. It names
/// what the answer misses, since values that could not be committed (a full disk, say) wait in journals, which a query
/// does not read; and each param that the expression names and no run has, which is misspelt, as a rule. Borrowed until
/// the query is freed. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_warning(query: *const aim_query) -> *const c_char {
    // SAFETY: promised by the caller.
    let warning = unsafe { query.as_ref() }.and_then(|q| q.warning.as_deref());
    warning.map_or(std::ptr::null(), std::ffi::CStr::as_ptr)
}

/// Frees a query and all that was borrowed from it. NULL is allowed. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed yet and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_free(query: *mut aim_query) {
    if !query.is_null() {
        // SAFETY: queries come from `Box::into_raw`, and the caller frees each once.
        infallible((), || drop(unsafe { Box::from_raw(query) }));
    }
}
