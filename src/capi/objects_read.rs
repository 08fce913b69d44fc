//! Reading objects back.

use super::error::{AIM_OK, aim_error, aim_status};
use super::guard::{guard, handle, infallible, out};
use super::objects_distribution::aim_distribution;
use super::options::{Options, fill, read};
use super::query::aim_query;
use super::repo::check_fork;
use crate::error::{Error, Result, Status};
use crate::objects::distribution::Distribution;
use crate::query::{ObjectRange, ObjectRow, ObjectRows};
use std::ffi::{CString, c_char};
use std::sync::{Arc, OnceLock};

/// What is known of a sequence of objects without reading its points. Initialise with `AIM_SEQUENCE_INFO_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_sequence_info {
    /// `sizeof(aim_sequence_info)`; set by the initialiser.
    pub struct_size: usize,
    /// Number of points.
    pub count: u64,
    /// Least step.
    pub first_step: i64,
    /// Greatest step.
    pub last_step: i64,
    /// Objects of the longest list that a point had.
    pub longest: u32,
}

/// Which points of a sequence, and which objects of each. Initialise with `AIM_RANGE_INIT`: all.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_range {
    /// `sizeof(aim_range)`; set by the initialiser.
    pub struct_size: usize,
    /// The first step.
    pub first_step: i64,
    /// The step before which it ends; `INT64_MAX`: that one is among them, too.
    pub end_step: i64,
    /// At most so many points, at even distances, the first and the last among them; one alone is the last. 0: all.
    pub points: usize,
    /// The first index.
    pub first_index: u32,
    /// The index before which it ends.
    pub end_index: u32,
    /// At most so many objects of a point, chosen like points. 0: all.
    pub objects: usize,
}

/// What is known of an object. Initialise with `AIM_OBJECT_INFO_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_object_info {
    /// `sizeof(aim_object_info)`; set by the initialiser.
    pub struct_size: usize,
    /// The step of its point.
    pub step: i64,
    /// The epoch, or `AIM_EPOCH_NONE`.
    pub epoch: i64,
    /// When the point was tracked: seconds since 1970-01-01 UTC.
    pub time: f64,
    /// Its place among the objects of the point.
    pub index: u32,
    /// Of images whose format says it; else 0.
    pub width: u32,
    /// Of images whose format says it; else 0.
    pub height: u32,
    /// Bytes.
    pub size: u64,
    /// What the bytes are. This and the following are borrowed until the objects are freed.
    pub format: *const c_char,
    /// "" where there is none.
    pub caption: *const c_char,
    /// A JSON object; "{}" where there is none.
    pub meta: *const c_char,
}

// SAFETY: integers and a size in front.
unsafe impl Options for aim_sequence_info {
    const NAME: &'static str = "aim_sequence_info";
}
// SAFETY: integers and a size in front.
unsafe impl Options for aim_range {
    const NAME: &'static str = "aim_range";
}
// SAFETY: numbers, pointers and a size in front.
unsafe impl Options for aim_object_info {
    const NAME: &'static str = "aim_object_info";
}

/// Objects of a row of a query. They may be used from several threads at once.
pub struct aim_objects {
    rows: Arc<ObjectRows>,
    texts: Vec<OnceLock<Box<[CString; 3]>>>,
    distributions: Vec<OnceLock<Box<Distribution>>>,
}

impl aim_objects {
    fn new(rows: Arc<ObjectRows>) -> aim_objects {
        let count = rows.rows().len();
        aim_objects {
            texts: (0..count).map(|_| OnceLock::new()).collect(),
            distributions: (0..count).map(|_| OnceLock::new()).collect(),
            rows,
        }
    }

    /// Format, caption and meta of an object.
    fn texts(&self, k: usize, row: &ObjectRow) -> Result<&[CString; 3]> {
        if let Some(texts) = self.texts[k].get() {
            return Ok(texts);
        }
        let text = |text: &str| {
            CString::new(text)
                .map_err(|_| Error::corrupt(format!("the stored text {text:?} holds a NUL")))
        };
        let meta = match row.object.meta.as_str() {
            "" => "{}",
            meta => meta,
        };
        let texts = [
            text(&row.object.format)?,
            text(&row.object.caption)?,
            text(meta)?,
        ];
        Ok(self.texts[k].get_or_init(|| Box::new(texts)))
    }

    fn get(&self) -> Result<&ObjectRows> {
        check_fork(self.rows.repo())?;
        Ok(&self.rows)
    }
}

/// What is known of the sequence of objects of row `i`, as of the query; no points are read.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no such row, or not a query for objects). Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `info` is NULL or initialised; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_query_sequence_info(
    query: *const aim_query,
    i: usize,
    info: *mut aim_sequence_info,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?;
            out(info, "info")?;
            let known = query.get()?.sequence(i)?.sequence;
            fill(
                info,
                aim_sequence_info {
                    struct_size: 0,
                    count: known.points,
                    first_step: known.first_step,
                    last_step: known.last_step,
                    longest: known.longest,
                },
            )
        })
    }
}

/// Objects of row `i`, as they are now, in the order of steps and indices; their bytes are read when they are asked for.
/// `range` may be NULL: all. On success `*objects` is the caller's, to be given back with `aim_objects_free`, before or after
/// the query.
///
/// @code
/// aim_query *query = NULL;
/// if (aim_repo_query(repo, "images.name == 'samples'", AIM_QUERY_IMAGES, &query, NULL) == AIM_OK)
///     for (size_t i = 0; i < aim_query_len(query); i++) {
///         aim_objects *images = NULL;
///         const uint8_t *bytes = NULL;
///         size_t size = 0;
///         if (aim_query_objects(query, i, NULL, &images, NULL) == AIM_OK &&
///             aim_objects_data(images, 0, &bytes, &size, NULL) == AIM_OK)
///             printf("%zu bytes of PNG\n", size);
///         aim_objects_free(images);
///     }
/// aim_query_free(query);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no such row, or not a query for objects), `AIM_ERR_NOT_FOUND` (the run was deleted),
/// `AIM_ERR_CORRUPT`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
///
/// # Safety
/// `query` is NULL or a query that was not freed; `range` is NULL or valid; `objects` and `err` are NULL or writable.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_query_objects(
    query: *const aim_query,
    i: usize,
    range: *const aim_range,
    objects: *mut *mut aim_objects,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let query = handle(query, "query")?;
            let result = out(objects, "objects")?;
            let range = match range.is_null() {
                true => ObjectRange::default(),
                false => {
                    let given = read(range)?;
                    ObjectRange {
                        steps: match given.end_step {
                            i64::MIN => (0, -1),
                            i64::MAX => (given.first_step, i64::MAX),
                            end => (given.first_step, end - 1),
                        },
                        points: given.points,
                        indices: (given.first_index, given.end_index),
                        objects: given.objects,
                    }
                }
            };
            let found = aim_objects::new(query.get()?.objects(i, &range)?);
            result.write(Box::into_raw(Box::new(found)));
            Ok(())
        })
    }
}

/// Number of objects; 0 for NULL. Since 0.1.
///
/// # Safety
/// `objects` is NULL or was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_objects_len(objects: *const aim_objects) -> usize {
    // SAFETY: promised by the caller.
    unsafe { objects.as_ref() }.map_or(0, |o| o.texts.len())
}

/// What is known of object `k`; its bytes are not read.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `objects` is NULL or was not freed; `info` is NULL or initialised; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_objects_info(
    objects: *const aim_objects,
    k: usize,
    info: *mut aim_object_info,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let objects = handle(objects, "objects")?;
            out(info, "info")?;
            let row = objects.rows.row(k)?;
            let [format, caption, meta] = objects.texts(k, row)?;
            fill(
                info,
                aim_object_info {
                    struct_size: 0,
                    step: row.step,
                    epoch: row.epoch,
                    time: row.time,
                    index: row.index,
                    width: row.object.width,
                    height: row.object.height,
                    size: row.object.size(),
                    format: format.as_ptr(),
                    caption: caption.as_ptr(),
                    meta: meta.as_ptr(),
                },
            )
        })
    }
}

/// The bytes of object `k`, checked: read once, then borrowed until the objects are freed. `*size` receives how many they are.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`; `AIM_ERR_CORRUPT` if they are not what was tracked; `AIM_ERR_NOT_FOUND` if they were
/// deleted meanwhile; `AIM_ERR_IO`, `AIM_ERR_LIMIT`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
///
/// # Safety
/// `objects` is NULL or was not freed; `data`, `size` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_objects_data(
    objects: *const aim_objects,
    k: usize,
    data: *mut *const u8,
    size: *mut usize,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        // What has been read is handed out without the guard, whose system calls would be most of that.
        if let Some(objects) = objects.as_ref()
            && !data.is_null()
            && !size.is_null()
            && !objects.rows.repo().forked()
            && let Some(bytes) = objects.rows.present(k)
        {
            data.write(bytes.as_ptr());
            size.write(bytes.len());
            return AIM_OK;
        }
        guard(err, || {
            let objects = handle(objects, "objects")?;
            let (data, size) = (out(data, "data")?, out(size, "size")?);
            let bytes = objects.get()?.data(k)?;
            data.write(bytes.as_ptr());
            size.write(bytes.len());
            Ok(())
        })
    }
}

/// Object `k` as a distribution; its columns are borrowed until the objects are freed.
///
/// Errors: as `aim_objects_data`; `AIM_ERR_TYPE` if it is none. Thread-safe. Since 0.1.
///
/// # Safety
/// `objects` is NULL or was not freed; `distribution` is NULL or initialised; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_objects_distribution(
    objects: *const aim_objects,
    k: usize,
    distribution: *mut aim_distribution,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let objects = handle(objects, "objects")?;
            out(distribution, "distribution")?;
            let rows = objects.get()?;
            if rows.row(k)?.object.format != "histogram" {
                return Err(Error::new(
                    Status::Type,
                    format!("object {k} is no distribution"),
                ));
            }
            let found = match objects.distributions[k].get() {
                Some(found) => found,
                None => {
                    let decoded = Distribution::decode(rows.data(k)?);
                    let damaged = || Error::corrupt(format!("the distribution {k} is damaged"));
                    let decoded = decoded.ok_or_else(damaged)?;
                    objects.distributions[k].get_or_init(|| Box::new(decoded))
                }
            };
            fill(
                distribution,
                aim_distribution {
                    struct_size: 0,
                    weights: found.weights.as_ptr(),
                    bins: found.weights.len(),
                    edges: found.edges.as_ptr(),
                    low: found.edges[0],
                    high: found.edges[found.weights.len()],
                    nans: found.nans,
                    infinities: found.infinities,
                    count: found.count,
                    sum: found.sum,
                    sum_squares: found.sum_squares,
                    min: found.min,
                    max: found.max,
                },
            )
        })
    }
}

/// Frees objects and all that was borrowed from them. NULL is allowed. Since 0.1.
///
/// # Safety
/// `objects` is NULL or was not freed yet, and no other thread uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_objects_free(objects: *mut aim_objects) {
    if !objects.is_null() {
        // SAFETY: they come from `Box::into_raw`, and the caller frees each once.
        infallible((), || drop(unsafe { Box::from_raw(objects) }));
    }
}
