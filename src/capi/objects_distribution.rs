//! Tracking distributions, as counts or of values.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle};
use super::handed::bytes;
use super::options::{Options, read};
use super::sequence::{aim_sequence, moment};
use crate::error::Result;
use crate::objects::distribution::{DEFAULT_BINS, Distribution, check_bins};
use crate::objects::{Element, ObjectKind};
use crate::run::objects::{Moment, NewObject};
use std::ffi::c_void;

/// A histogram. Initialise with `AIM_DISTRIBUTION_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_distribution {
    /// `sizeof(aim_distribution)`; set by the initialiser.
    pub struct_size: usize,
    /// The weight of each bin, 0 or more.
    pub weights: *const f64,
    /// How many bins there are, 1 to 4096. Aim draws up to 512.
    pub bins: usize,
    /// `bins` + 1 ascending edges. NULL where tracked: even ones from `low` to `high`. Never NULL where read.
    pub edges: *const f64,
    /// The first edge.
    pub low: f64,
    /// The last edge.
    pub high: f64,
    /// Values that are NaN, beside those in the bins.
    pub nans: u64,
    /// Values that are infinite, beside those in the bins.
    pub infinities: u64,
    /// How many values were counted, those outside of the bins among them. NaN, here and below, where it is not known: where
    /// bins were handed over.
    pub count: f64,
    /// Their sum.
    pub sum: f64,
    /// The sum of their squares.
    pub sum_squares: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
}

// SAFETY: pointers, numbers and a size in front.
unsafe impl Options for aim_distribution {
    const NAME: &'static str = "aim_distribution";
}

/// Tracks a distribution that was counted or checked.
fn put(sequence: &aim_sequence, moment: Moment, distribution: &Distribution) -> Result<()> {
    let histogram = NewObject {
        data: &distribution.encode(),
        format: Some("histogram"),
        caption: "",
        meta: "",
    };
    sequence
        .run()?
        .track_objects(&sequence.id, moment, &[histogram])
}

/// Tracks a distribution whose bins the caller has counted, as a point of a sequence of distributions; else as
/// `aim_sequence_track`. Uneven edges are kept.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold distributions. Thread-safe. Since 0.1.
///
/// # Safety
/// `sequence` is NULL or one that was not freed; `distribution` is NULL or valid, its columns as long as they should be; `err`
/// is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sequence_track_distribution(
    sequence: *const aim_sequence,
    distribution: *const aim_distribution,
    step: i64,
    epoch: i64,
    time: f64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let sequence = handle(sequence, "sequence")?;
            sequence.check_kind(ObjectKind::Distribution)?;
            handle(distribution, "distribution")?;
            let given = read(distribution)?;
            check_bins(given.bins)?;
            handle(given.weights, "weights")?;
            let weights = std::slice::from_raw_parts(given.weights, given.bins);
            let edges = (!given.edges.is_null())
                .then(|| std::slice::from_raw_parts(given.edges, given.bins + 1));
            let mut found = Distribution::new(weights, edges, given.low, given.high)?;
            (found.nans, found.infinities) = (given.nans, given.infinities);
            let moment = moment(step, epoch, time)?;
            put(sequence, moment, &found)
        })
    }
}

/// Counts `n` values of type `dtype` into `bins` bins at even distances from `low` to `high`, and tracks them as a
/// distribution; else as `aim_sequence_track`. `bins` is 1 to 4096; 0: 64. `low` and `high` both 0: from the least finite
/// value to the greatest. NaN, infinities and values outside are counted apart, so is what all the finite ones are together.
///
/// Errors: as `aim_sequence_track_distribution`. Thread-safe. Since 0.1.
///
/// # Safety
/// `sequence` is NULL or one that was not freed; `values` holds `n` of them; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sequence_track_values(
    sequence: *const aim_sequence,
    values: *const c_void,
    n: usize,
    dtype: i32,
    bins: usize,
    low: f64,
    high: f64,
    step: i64,
    epoch: i64,
    time: f64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let sequence = handle(sequence, "sequence")?;
            sequence.check_kind(ObjectKind::Distribution)?;
            let element = Element::from_number(dtype)?;
            let bins = if bins == 0 { DEFAULT_BINS } else { bins };
            let values = bytes(values, n.saturating_mul(element.size()))?;
            let counted = Distribution::count(values, element, bins, (low, high))?;
            let moment = moment(step, epoch, time)?;
            put(sequence, moment, &counted)
        })
    }
}
