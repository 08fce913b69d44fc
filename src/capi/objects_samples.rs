//! Tracking audio as samples.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle};
use super::handed::{Handed, aim_release, bytes, each, track};
use super::options::Options;
use super::sequence::{aim_sequence, moment};
use crate::objects::{Element, ObjectKind, Raw, audio};
use std::ffi::{c_char, c_void};

/// Samples of an audio clip, which is stored as WAV. Initialise with `AIM_SAMPLES_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_samples {
    /// `sizeof(aim_samples)`; set by the initialiser.
    pub struct_size: usize,
    /// Frames, each a sample of every channel.
    pub data: *const c_void,
    /// How many frames there are.
    pub frames: u64,
    /// Channels, 1 to 64.
    pub channels: u32,
    /// Frames a second.
    pub rate: u32,
    /// `AIM_I16`, `AIM_I32`, or `AIM_F32` from -1 to 1.
    pub dtype: i32,
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
unsafe impl Options for aim_samples {
    const NAME: &'static str = "aim_samples";
}

/// Tracks `n` clips as a point of a sequence of audio, each encoded as WAV; else as `aim_sequence_track`.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold audio. Thread-safe. Since 0.1.
///
/// # Safety
/// `sequence` is NULL or one that was not freed; `clips` holds `n` of them, with the memory that they speak of, and strings
/// that are NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sequence_track_samples(
    sequence: *const aim_sequence,
    clips: *const aim_samples,
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
            sequence.check_kind(ObjectKind::Audio)?;
            let moment = moment(step, epoch, time)?;
            let mut handed = Vec::new();
            for given in each(clips, n)? {
                let element = Element::from_number(given.dtype)?;
                let size = audio::size(given.frames, given.channels, given.rate, element)?;
                handed.push(Handed {
                    raw: Raw::Samples {
                        data: bytes(given.data, size)?,
                        channels: given.channels,
                        rate: given.rate,
                        element,
                    },
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
