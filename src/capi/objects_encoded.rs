//! Tracking objects that are encoded already, and texts.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle};
use super::handed::{Handed, OBJECT, aim_release, bytes, each, track};
use super::options::Options;
use super::sequence::{aim_sequence, moment};
use super::strings::required;
use crate::error::{Error, Result, Status};
use crate::memory;
use crate::objects::{MAX_SIZE, ObjectKind, Raw};
use crate::run::objects::{NewObject, check_count};
use std::ffi::{c_char, c_void};

/// An object that is encoded already. Initialise with `AIM_OBJECT_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_object {
    /// `sizeof(aim_object)`; set by the initialiser.
    pub struct_size: usize,
    /// The encoded bytes, at most 1 GiB, of a text 16 MiB.
    pub data: *const c_void,
    /// How many bytes those are.
    pub size: usize,
    /// What they are. Images: "png", "jpeg", "gif", "webp", "bmp", "svg"; texts: "text", "markdown", "html"; audio: "wav",
    /// "flac", "mp3", "ogg"; figures: "plotly", "vega-lite", "html", "svg"; videos: "mp4", "webm", "gif"; tables: "arrow",
    /// "csv", "parquet"; arrays: "npy", "pcd", "ply", "vtk". NULL: told by the first bytes, where they do.
    pub format: *const c_char,
    /// What it shows, at most 4096 bytes. NULL: nothing is said.
    pub caption: *const c_char,
    /// A JSON object that is kept with it (boxes, masks, camera, units), at most 64 KiB. NULL: none.
    pub meta: *const c_char,
    /// NULL: the call does it all. Else it returns at once: a thread of the library encodes and stores the object, and calls
    /// this, with `release_userdata`, when it does not need `data` any more, once. Until then a death of the process loses
    /// the object; flush and close wait for it. Of a point all objects have it, or none. Where the call fails it is not
    /// called.
    pub release: aim_release,
    /// What `release` gets as `userdata`.
    pub release_userdata: *mut c_void,
}

// SAFETY: pointers, numbers, a callback and a size in front.
unsafe impl Options for aim_object {
    const NAME: &'static str = "aim_object";
}

/// Tracks a point of `n` objects, numbered from 0; none is a point too. It takes the place of the point that has its step.
/// `step` may be `AIM_STEP_AUTO`, `epoch` `AIM_EPOCH_NONE`; `time` is in seconds since 1970-01-01 UTC, 0 for now. The objects
/// lie behind each other, each as large as its `struct_size` says. The same bytes are stored once.
///
/// When the call returns `AIM_OK` the objects survive the death of the process. Up to 4 KiB travel in the journal; larger
/// ones are appended to a file of this process's own, which other processes never wait for.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (among others for a format that the kind does not have), `AIM_ERR_LIMIT` (size, caption,
/// meta, or above 65535 objects), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`, `AIM_ERR_IO`; of the point nothing is
/// tracked then. Thread-safe. Since 0.1.
///
/// # Safety
/// `sequence` is NULL or one that was not freed; `objects` holds `n` of them, whose data holds `size` bytes and whose strings
/// are NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sequence_track(
    sequence: *const aim_sequence,
    objects: *const aim_object,
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
            let moment = moment(step, epoch, time)?;
            let all = each(objects, n)?;
            if sequence.id.kind() == ObjectKind::Distribution && !all.is_empty() {
                return Err(Error::invalid(
                    "distributions are tracked by aim_sequence_track_distribution or aim_sequence_track_values",
                ));
            }
            let mut handed = Vec::with_capacity(all.len());
            for object in all {
                if object.size as u64 > MAX_SIZE {
                    return Err(Error::new(
                        Status::Limit,
                        format!("the object has {} bytes, more than {MAX_SIZE}", object.size),
                    ));
                }
                handed.push(Handed {
                    raw: Raw::Encoded(bytes(object.data, object.size)?),
                    format: object.format,
                    caption: object.caption,
                    meta: object.meta,
                    release: object.release,
                    release_userdata: object.release_userdata,
                });
            }
            track(sequence, moment, handed)
        })
    }
}

/// Tracks `n` texts as a point of a sequence of texts; else as `aim_sequence_track`.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold texts. Thread-safe. Since 0.1.
///
/// # Safety
/// `sequence` is NULL or one that was not freed; `texts` holds `n` NUL-terminated strings; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sequence_track_texts(
    sequence: *const aim_sequence,
    texts: *const *const c_char,
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
            sequence.check_kind(ObjectKind::Text)?;
            check_count(n)?;
            if n > 0 && texts.is_null() {
                return Err(Error::invalid(format!("texts is NULL for n = {n}")));
            }
            memory::afford(n * OBJECT, 1)?;
            let text = |i| {
                Ok(NewObject {
                    data: required(*texts.add(i), "text")?.as_bytes(),
                    format: None,
                    caption: "",
                    meta: "",
                })
            };
            let all: Vec<NewObject<'_>> = (0..n).map(text).collect::<Result<_>>()?;
            let moment = moment(step, epoch, time)?;
            sequence.run()?.track_objects(&sequence.id, moment, &all)
        })
    }
}
