//! Queries with options: order, limits, tables, explanations.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::json::non_finite;
use super::options::{Options as OptionsStruct, read};
use super::query::{aim_query, select};
use super::repo::aim_repo;
use super::strings::{optional, owned, owned_json_as, required, texts};
use crate::error::{Error, Result};
use crate::query::{Bounds, Options, OrderBy, explain, query, table};
use crate::shield;
use aim_value::NonFinite;
use std::ffi::{c_char, c_void};
use std::time::Duration;

/// Told how far a query is: runs looked at, and runs to look at in all. A result other than 0 cancels the query. It is
/// called by the thread that asks, at the first run and then every five milliseconds, also while one row is evaluated;
/// only a single operation on a very large value may take longer.
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
    /// Seconds that the query may take; INFINITY: as long as it takes. 0: 60. Longer is `AIM_ERR_LIMIT`, as for all
    /// bounds but those of a row.
    pub timeout: f64,
    /// Steps of all rows: loop iterations, calls, or 16 bytes handled, some 30 ns each. 0: 1,000,000,000.
    pub max_steps: u64,
    /// Steps of a row. A row that needs more is not selected and counts among the failures; one that reads a large value
    /// may take a step for each two bytes of it on top. 0: 1,000,000.
    pub max_row_steps: u64,
    /// Bytes of the values that a row makes, as `max_row_steps`; eight times the largest value it reads come on top.
    /// 0: 16 MiB.
    pub max_row_memory: u64,
    /// Rows of the answer. 0: 10,000,000.
    pub max_rows: u64,
    /// Bytes that the rows of the answer take in memory. 0: 1 GiB.
    pub max_memory: u64,
    /// How JSON of the answer writes NaN and infinities: `AIM_JSON_NULL`, `AIM_JSON_STRINGS` or `AIM_JSON_WORDS`.
    pub json: i32,
    /// What the rows are ordered by: an expression over a row, as in `run.created_at`, `run.hparams.lr`, `metric.last`,
    /// `run.metrics['loss', {}].last`, `(run.experiment, metric.min)`. Least first: numbers, times, texts; rows without a value come last,
    /// rows of one value as they do without this. NULL: newest run first, then by name, then by context.
    pub order_by: *const c_char,
    /// Greatest first. Rows without a value still come last.
    pub descending: bool,
    /// Of `aim_repo_query_arrow_with`: the names of the columns to be given, in this order. NULL: all.
    pub columns: *const *const c_char,
    /// How many those are.
    pub columns_len: usize,
}

impl aim_query_options {
    /// Tells the caller how far it is; false cancels.
    pub(super) fn tell(&self, done: u64, total: u64) -> bool {
        let Some(progress) = self.progress else {
            return true;
        };
        // SAFETY: a function of the caller's, called as it is declared.
        shield::outside(|| unsafe { progress(done, total, self.progress_userdata) }) == 0
    }

    fn bounds(&self) -> Result<Bounds> {
        let or = |given: u64, default: u64| if given == 0 { default } else { given };
        let default = Bounds::default();
        let time = match self.timeout {
            0.0 => default.time,
            f64::INFINITY => None,
            // Written so that NaN fails too.
            seconds if seconds > 0.0 => Duration::try_from_secs_f64(seconds).ok(),
            seconds => {
                return Err(Error::invalid(format!(
                    "timeout is {seconds}; it is a number of seconds, 0 for the default, or INFINITY"
                )));
            }
        };
        Ok(Bounds {
            row_steps: or(self.max_row_steps, default.row_steps),
            row_memory: or(self.max_row_memory, default.row_memory),
            steps: or(self.max_steps, default.steps),
            time,
            rows: or(self.max_rows, default.rows),
            memory: or(self.max_memory, default.memory),
        })
    }
}

/// What a call is asked: the struct's fields, checked and borrowed.
pub struct Asked<'a> {
    given: &'a aim_query_options,
    bounds: Bounds,
    order: Option<OrderBy<'a>>,
    pub columns: Option<Vec<&'a str>>,
    pub json: NonFinite,
}

impl<'a> Asked<'a> {
    /// # Safety
    /// The pointers in the options are NULL or valid for `'a`.
    pub unsafe fn new(given: &'a aim_query_options) -> Result<Asked<'a>> {
        // SAFETY: as promised by the caller.
        let (order, columns) = unsafe {
            let columns = (!given.columns.is_null())
                .then(|| texts(given.columns, given.columns_len, "columns"));
            (optional(given.order_by, "order_by")?, columns.transpose()?)
        };
        Ok(Asked {
            given,
            bounds: given.bounds()?,
            order: order.map(|expression| OrderBy {
                expression,
                descending: given.descending,
            }),
            columns,
            json: non_finite(given.json)?,
        })
    }

    /// Whoever cannot leave columns out says so.
    pub fn without_columns(self) -> Result<Asked<'a>> {
        match self.columns {
            None => Ok(self),
            Some(_) => Err(Error::invalid(
                "columns is set; only aim_repo_query_arrow_with gives columns",
            )),
        }
    }

    pub fn options(&self) -> Options<'a> {
        let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        Options {
            offset: size(self.given.offset),
            limit: (self.given.limit > 0).then(|| size(self.given.limit)),
            order: self.order,
            no_index: self.given.no_index,
            bounds: self.bounds,
            ..Options::default()
        }
    }
}

// SAFETY: numbers, an optional function, pointers, bools and a size in front.
unsafe impl OptionsStruct for aim_query_options {
    const NAME: &'static str = "aim_query_options";
}

/// As `aim_repo_query`, with options; NULL for the defaults.
///
/// @code
/// aim_query_options options = AIM_QUERY_OPTIONS_INIT;
/// aim_query *best = NULL;
/// options.order_by = "run.metrics['loss', {'subset': 'train'}].min";
/// options.limit = 10;
/// if (aim_repo_query_with(repo, "run.experiment == 'digits'", AIM_QUERY_RUNS, &options, &best, NULL) == AIM_OK)
///     printf("the best %zu\n", aim_query_len(best));
/// aim_query_free(best);
/// @endcode
///
/// Errors: as `aim_repo_query`, and `AIM_ERR_CANCELLED`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_repo_query`; `options` is NULL or valid.
#[unsafe(no_mangle)]
#[must_use]
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
            let asked = Asked::new(&given)?.without_columns()?;
            let expression = required(expression, "expression")?;
            let mut told = |done, total| given.tell(done, total);
            let options = Options {
                progress: Some(&mut told),
                ..asked.options()
            };
            let answer = self::query(repo, expression, select(kind)?, options)?;
            let json = asked.json;
            result.write(Box::into_raw(Box::new(aim_query::new(answer, json)?)));
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
/// last_step, min, max and count; NaN and infinities as the query's options say. On success `*json` is the caller's, to be given back with `aim_string_free`.
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
            result.write(owned_json_as(&table(query.get()?)?, query.json())?);
            Ok(())
        })
    }
}
