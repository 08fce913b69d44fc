//! Answers thinned for drawing.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, infallible, out};
use super::query::{aim_query, aim_values};
use crate::error::Error;
use crate::query::{Columns, Sampling};

/// Every n-th point, the first and the last among them.
pub const AIM_SAMPLE_STRIDE: i32 = 1;
/// The points with the least and the greatest value of equally many neighbours, the first and the last point: a plot
/// looks like one of all points.
pub const AIM_SAMPLE_MIN_MAX: i32 = 2;

/// A part of a metric's points.
pub struct aim_sample {
    columns: Columns,
}

/// Reads at most `points` points of the metric of row `i`, for plots; all, if it has no more. `method` is
/// `AIM_SAMPLE_STRIDE` or `AIM_SAMPLE_MIN_MAX`. Memory grows with the sample, not with the metric. On success
/// `*sample` is the caller's, to be given back with `aim_sample_free`.
///
/// @code
/// aim_query *query = NULL;
/// if (aim_repo_query(repo, "metric.name == 'loss'", AIM_QUERY_METRICS, &query, NULL) == AIM_OK) {
///     aim_sample *sample = NULL;
///     aim_values points;
///     if (aim_query_sample(query, 0, 500, AIM_SAMPLE_MIN_MAX, &sample, NULL) == AIM_OK &&
///         aim_sample_values(sample, &points, NULL) == AIM_OK)
///         printf("%zu points for a plot\n", points.len);
///     aim_sample_free(sample);
/// }
/// aim_query_free(query);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no such row, a query for runs, `points` below 4, unknown method),
/// `AIM_ERR_CORRUPT`, `AIM_ERR_IO`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `sample` and `err` are NULL or writable.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_query_sample(
    query: *const aim_query,
    i: usize,
    points: usize,
    method: i32,
    sample: *mut *mut aim_sample,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?;
            let result = out(sample, "sample")?;
            let how = match method {
                AIM_SAMPLE_STRIDE => Sampling::Stride,
                AIM_SAMPLE_MIN_MAX => Sampling::MinMax,
                _ => {
                    return Err(Error::invalid(format!(
                        "method is {method}; it is AIM_SAMPLE_STRIDE or AIM_SAMPLE_MIN_MAX"
                    )));
                }
            };
            let columns = query.get()?.sample(i, points, how)?;
            result.write(Box::into_raw(Box::new(aim_sample { columns })));
            Ok(())
        })
    }
}

/// The sample's columns, borrowed until the sample is freed.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `sample` is NULL or a sample that was not freed; `values` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sample_values(
    sample: *const aim_sample,
    values: *mut aim_values,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let sample = handle(sample, "sample")?;
            out(values, "values")?.write(aim_values::of(&sample.columns));
            Ok(())
        })
    }
}

/// Frees a sample. NULL is allowed. Since 0.1.
///
/// # Safety
/// `sample` is NULL or a sample that was not freed yet and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sample_free(sample: *mut aim_sample) {
    if !sample.is_null() {
        // SAFETY: samples come from `Box::into_raw`, and the caller frees each once.
        infallible((), || drop(unsafe { Box::from_raw(sample) }));
    }
}
