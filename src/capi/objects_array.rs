//! Tracking arrays of any type and strides.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle};
use super::handed::{Handed, aim_release, around, track};
use super::options::{Options, read};
use super::sequence::{aim_sequence, moment};
use crate::error::Error;
use crate::objects::{Element, ObjectKind, Raw, array};
use std::ffi::{c_char, c_void};

/// An array, which is stored as NPY. Initialise with `AIM_ARRAY_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_array {
    /// `sizeof(aim_array)`; set by the initialiser.
    pub struct_size: usize,
    /// The first element.
    pub data: *const c_void,
    /// One of `AIM_U8`, ... What NPY does not have, `AIM_BF16`, is stored as `AIM_F32`.
    pub dtype: i32,
    /// Dimensions, at most 8.
    pub ndim: u32,
    /// The extent of each dimension.
    pub shape: *const u64,
    /// Bytes from one element to the next in each dimension; less than 0 where they go backwards from `data`. NULL: packed,
    /// the last dimension fastest.
    pub strides: *const i64,
    /// As in `aim_object`.
    pub caption: *const c_char,
    /// As in `aim_object`; the role of the array, say, as in {"role": "points"}.
    pub meta: *const c_char,
    /// As in `aim_object`.
    pub release: aim_release,
    /// As in `aim_object`.
    pub release_userdata: *mut c_void,
}

// SAFETY: pointers, numbers, a callback and a size in front.
unsafe impl Options for aim_array {
    const NAME: &'static str = "aim_array";
}

/// Tracks an array as a point of a sequence of arrays, encoded as NPY; else as `aim_sequence_track`.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold arrays. Thread-safe. Since 0.1.
///
/// # Safety
/// `sequence` is NULL or one that was not freed; `array` is NULL or valid, with the memory that it speaks of; `err` is NULL
/// or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sequence_track_array(
    sequence: *const aim_sequence,
    array: *const aim_array,
    step: i64,
    epoch: i64,
    time: f64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let sequence = handle(sequence, "sequence")?;
            sequence.check_kind(ObjectKind::Array)?;
            handle(array, "array")?;
            let given = read(array)?;
            let element = Element::from_number(given.dtype)?;
            let dimensions = given.ndim as usize;
            if dimensions > array::MAX_DIMENSIONS || (dimensions > 0 && given.shape.is_null()) {
                return Err(Error::invalid(format!(
                    "ndim is {dimensions}; it is up to {}, and shape holds as many",
                    array::MAX_DIMENSIONS
                )));
            }
            let sides = match dimensions {
                0 => &[],
                _ => std::slice::from_raw_parts(given.shape, dimensions),
            };
            let strides = (!given.strides.is_null() && dimensions > 0)
                .then(|| std::slice::from_raw_parts(given.strides, dimensions));
            let shape = array::shape(sides, strides, element)?;
            let data = around(given.data, shape.before, shape.extent)?;
            let handed = Handed {
                raw: Raw::Array {
                    data,
                    shape,
                    element,
                },
                format: std::ptr::null(),
                caption: given.caption,
                meta: given.meta,
                release: given.release,
                release_userdata: given.release_userdata,
            };
            track(sequence, moment(step, epoch, time)?, vec![handed])
        })
    }
}
