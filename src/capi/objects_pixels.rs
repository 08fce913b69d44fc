//! Tracking images as pixels.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle};
use super::handed::{Handed, aim_release, around, each, track};
use super::options::Options;
use super::sequence::{aim_sequence, moment};
use crate::error::{Error, Result};
use crate::objects::{Element, ObjectKind, Raw, image};
use std::ffi::{c_char, c_void};

/// Pixels of an image, which is stored as PNG. Initialise with `AIM_PIXELS_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_pixels {
    /// `sizeof(aim_pixels)`; set by the initialiser.
    pub struct_size: usize,
    /// The first pixel, top left.
    pub data: *const c_void,
    /// Pixels of a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    pub channels: u32,
    /// `AIM_U8`, `AIM_U16` (stored with 16 bits), `AIM_F16`, `AIM_BF16`, `AIM_F32` or `AIM_F64`.
    pub dtype: i32,
    /// 0: the channels of a pixel lie beside each other (height, width, channel). 1: each channel is a plane of its own
    /// (channel, height, width).
    pub planar: i32,
    /// Bytes from one row to the next. 0: packed. Less than 0: the rows lie bottom up, as OpenGL and BMP have them, and `data`
    /// is the beginning of the one that lies last. Planes lie behind each other, `height` rows each.
    pub row_stride: i64,
    /// Of floats: what becomes black. Both 0: 0 and 1.
    pub low: f64,
    /// Of floats: what becomes white. NaN becomes black.
    pub high: f64,
    /// As in `aim_object`.
    pub caption: *const c_char,
    /// As in `aim_object`.
    pub meta: *const c_char,
    /// As in `aim_object`.
    pub release: aim_release,
    /// As in `aim_object`.
    pub release_userdata: *mut c_void,
}

// SAFETY: pointers, numbers, a callback and a size in front.
unsafe impl Options for aim_pixels {
    const NAME: &'static str = "aim_pixels";
}

/// Tracks `n` images as a point of a sequence of images, each encoded as PNG; else as `aim_sequence_track`.
/// Integers are stored as they are, floats with 8 bits.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold images. Thread-safe. Since 0.1.
///
/// # Safety
/// `sequence` is NULL or one that was not freed; `images` holds `n` of them, with the memory that they speak of, and strings
/// that are NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sequence_track_pixels(
    sequence: *const aim_sequence,
    images: *const aim_pixels,
    n: usize,
    step: i64,
    epoch: i64,
    time: f64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let sequence = handle(sequence, "sequence")?;
            sequence.check_kind(ObjectKind::Image)?;
            let moment = moment(step, epoch, time)?;
            let mut handed = Vec::new();
            for given in each(images, n)? {
                handed.push(Handed {
                    raw: Raw::Pixels(pixels(&given)?),
                    format: std::ptr::null(),
                    caption: given.caption,
                    meta: given.meta,
                    release: given.release,
                    release_userdata: given.release_userdata,
                });
            }
            track(sequence, moment, handed)
        })
    }
}

/// Pixels as a caller describes them.
///
/// # Safety
/// The memory that they speak of is there.
unsafe fn pixels<'p>(given: &aim_pixels) -> Result<image::Pixels<'p>> {
    let element = Element::from_number(given.dtype)?;
    let planar = match given.planar {
        0 | 1 => given.planar == 1,
        other => return Err(Error::invalid(format!("planar is {other}; it is 0 or 1"))),
    };
    let range = match (given.low, given.high) {
        (0.0, 0.0) => (0.0, 1.0),
        range => range,
    };
    if !(range.0 < range.1 && (range.1 - range.0).is_finite()) {
        return Err(Error::invalid(format!(
            "the range is {} to {}; it is finite, and its end behind its beginning",
            range.0, range.1
        )));
    }
    let sides = (given.width, given.height, given.channels);
    let shape = image::shape(sides, element, planar, given.row_stride)?;
    Ok(image::Pixels {
        // SAFETY: promised by the caller.
        data: unsafe { around(given.data, shape.before, shape.extent)? },
        width: given.width,
        height: given.height,
        channels: given.channels,
        element,
        planar,
        shape,
        range,
    })
}
