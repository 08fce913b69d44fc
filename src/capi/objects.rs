use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, infallible, out};
use super::options::{Options, read};
use super::outcome::time;
use super::run::aim_run;
use super::strings::{optional, required};
use crate::error::{Error, Result, Status};
use crate::objects::distribution::{DEFAULT_BINS, Distribution, check_bins};
use crate::objects::{Element, MAX_SIZE, ObjectKind, array, audio, image};
use crate::run::Run;
use crate::run::objects::{MAX_OBJECTS, Moment, NewObject, SequenceId};
use std::ffi::{c_char, c_void};
use std::sync::{Arc, Weak};

/// Images; `images` in an expression.
pub const AIM_QUERY_IMAGES: i32 = 3;
/// Texts; `texts` in an expression.
pub const AIM_QUERY_TEXTS: i32 = 4;
/// Audio clips; `audios` in an expression.
pub const AIM_QUERY_AUDIOS: i32 = 5;
/// Distributions; `distributions` in an expression.
pub const AIM_QUERY_DISTRIBUTIONS: i32 = 6;
/// Figures; `figures` in an expression.
pub const AIM_QUERY_FIGURES: i32 = 7;
/// Videos; `videos` in an expression.
pub const AIM_QUERY_VIDEOS: i32 = 8;
/// Tables; `tables` in an expression.
pub const AIM_QUERY_TABLES: i32 = 9;
/// Arrays; `arrays` in an expression.
pub const AIM_QUERY_ARRAYS: i32 = 10;

/// Elements: unsigned, 8 bits.
pub const AIM_U8: i32 = 1;
/// Elements: unsigned, 16 bits.
pub const AIM_U16: i32 = 2;
/// Elements: signed, 8 bits.
pub const AIM_I8: i32 = 3;
/// Elements: signed, 16 bits.
pub const AIM_I16: i32 = 4;
/// Elements: signed, 32 bits.
pub const AIM_I32: i32 = 5;
/// Elements: signed, 64 bits.
pub const AIM_I64: i32 = 6;
/// Elements: IEEE 754 half.
pub const AIM_F16: i32 = 7;
/// Elements: bfloat16.
pub const AIM_BF16: i32 = 8;
/// Elements: `float`.
pub const AIM_F32: i32 = 9;
/// Elements: `double`.
pub const AIM_F64: i32 = 10;
/// Elements: unsigned, 32 bits.
pub const AIM_U32: i32 = 11;
/// Elements: unsigned, 64 bits.
pub const AIM_U64: i32 = 12;
/// Elements: bytes that are 0 or 1.
pub const AIM_BOOL: i32 = 13;

/// A sequence of objects of an open run: what it holds, name and context, resolved. It may be used from several threads at
/// once.
pub struct aim_sequence {
    /// `None` where tracking is off.
    run: Option<Weak<Run>>,
    id: SequenceId,
}

impl aim_sequence {
    fn run(&self) -> Result<Arc<Run>> {
        let run = self.run.as_ref().ok_or_else(Error::off)?;
        run.upgrade()
            .ok_or_else(|| Error::new(Status::Closed, "the sequence's run was freed"))
    }

    fn check_kind(&self, wanted: ObjectKind) -> Result<()> {
        match self.id.kind() == wanted {
            true => Ok(()),
            false => Err(Error::new(
                Status::Type,
                format!(
                    "the sequence holds {}, not {}",
                    self.id.kind().plural(),
                    wanted.plural()
                ),
            )),
        }
    }
}

/// The kind of object that a number of `AIM_QUERY_...` stands for.
pub(super) fn kind(number: i32) -> Result<ObjectKind> {
    let kind = u8::try_from(number).ok().and_then(ObjectKind::from_number);
    kind.ok_or_else(|| {
        Error::invalid(format!(
            "kind is {number}; it is one of AIM_QUERY_RUNS, AIM_QUERY_METRICS, AIM_QUERY_IMAGES, ..."
        ))
    })
}

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
}

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
    /// Bytes from one row to the next; planes lie behind each other, `height` rows each. 0: packed.
    pub row_stride: i64,
    /// Of floats: what becomes black. Both 0: 0 and 1.
    pub low: f64,
    /// Of floats: what becomes white. NaN becomes black.
    pub high: f64,
    /// As in `aim_object`.
    pub caption: *const c_char,
    /// As in `aim_object`.
    pub meta: *const c_char,
}

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
}

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
    /// Bytes from one element to the next in each dimension, 0 or more. NULL: packed, the last dimension fastest.
    pub strides: *const i64,
    /// As in `aim_object`.
    pub caption: *const c_char,
    /// As in `aim_object`; the role of the array, say, as in {"role": "points"}.
    pub meta: *const c_char,
}

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
unsafe impl Options for aim_object {
    const NAME: &'static str = "aim_object";
}
// SAFETY: pointers, numbers and a size in front.
unsafe impl Options for aim_pixels {
    const NAME: &'static str = "aim_pixels";
}
// SAFETY: pointers, numbers and a size in front.
unsafe impl Options for aim_samples {
    const NAME: &'static str = "aim_samples";
}
// SAFETY: pointers, numbers and a size in front.
unsafe impl Options for aim_array {
    const NAME: &'static str = "aim_array";
}
// SAFETY: pointers, numbers and a size in front.
unsafe impl Options for aim_distribution {
    const NAME: &'static str = "aim_distribution";
}

/// Resolves a sequence of objects once, to track them. `kind` is one of `AIM_QUERY_IMAGES`, ...; `context` is a JSON object
/// or NULL for `{}`. Sequences of two kinds may have one name. On success `*sequence` is the caller's, to be given back
/// with `aim_sequence_free`, before or after the run.
///
/// @code
/// aim_sequence *samples = NULL;
/// uint8_t grey[28 * 28] = {0};
/// aim_pixels image = AIM_PIXELS_INIT;
/// image.data = grey;
/// image.width = image.height = 28;
/// image.channels = 1;
/// image.caption = "a digit";
/// if (aim_run_sequence(run, AIM_QUERY_IMAGES, "samples", NULL, &samples, NULL) == AIM_OK)
///     aim_sequence_track_pixels(samples, &image, 1, AIM_STEP_AUTO, AIM_EPOCH_NONE, 0.0, NULL);
/// aim_sequence_free(samples);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (name above 4096 bytes, context above 64 KiB). Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `name` and `context` are NULL or NUL-terminated; `sequence` and `err` are
/// NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_sequence(
    run: *const aim_run,
    kind: i32,
    name: *const c_char,
    context: *const c_char,
    sequence: *mut *mut aim_sequence,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let result = out(sequence, "sequence")?;
            let (name, context) = (required(name, "name")?, optional(context, "context")?);
            let id = SequenceId::new(self::kind(kind)?, name, context)?;
            let run = run.live.as_ref().map(|live| Arc::downgrade(&live.run));
            result.write(Box::into_raw(Box::new(aim_sequence { run, id })));
            Ok(())
        })
    }
}

/// When a point is, as a caller says it.
fn moment(step: i64, epoch: i64, time: f64) -> Result<Moment> {
    let time = self::time(time)?;
    Ok(Moment { step, epoch, time })
}

/// Bytes that a caller has.
///
/// # Safety
/// `data` holds `size` bytes, if it is not NULL.
unsafe fn bytes<'b>(data: *const c_void, size: usize) -> Result<&'b [u8]> {
    match (data.is_null(), size) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Error::invalid(format!("data is NULL for {size} bytes"))),
        (_, size) if size > isize::MAX as usize => Err(Error::invalid(format!(
            "size is {size}, more than memory can hold"
        ))),
        // SAFETY: promised by the caller.
        _ => Ok(unsafe { std::slice::from_raw_parts(data.cast(), size) }),
    }
}

/// Reads `n` structs, which lie at distances of the size that the first says it has.
///
/// # Safety
/// `all` is NULL or holds `n` structs as `read` wants them.
unsafe fn each<T: Options>(all: *const T, n: usize) -> Result<Vec<T>> {
    if n == 0 {
        return Ok(Vec::new());
    }
    if n > MAX_OBJECTS {
        return Err(Error::new(
            Status::Limit,
            format!("the point has {n} objects, more than {MAX_OBJECTS}"),
        ));
    }
    if all.is_null() {
        return Err(Error::invalid(format!("{} is NULL for n = {n}", T::NAME)));
    }
    // SAFETY: the struct starts with its size, by the trait; `read` looks at it before anything lies behind it.
    let stride = unsafe { all.cast::<usize>().read() };
    (0..n)
        // SAFETY: promised by the caller; the first is read, and its size checked, before the second is looked for.
        .map(|i| unsafe { read(all.cast::<u8>().add(i * stride).cast::<T>()) })
        .collect()
}

/// What is said of an object in words.
///
/// # Safety
/// The strings are NULL or NUL-terminated and live as long as the result is used.
unsafe fn words<'s>(caption: *const c_char, meta: *const c_char) -> Result<(&'s str, &'s str)> {
    // SAFETY: promised by the caller.
    unsafe {
        let caption = optional(caption, "caption")?.unwrap_or_default();
        Ok((caption, optional(meta, "meta")?.unwrap_or_default()))
    }
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
            let mut all = Vec::new();
            for object in each(objects, n)? {
                let (caption, meta) = words(object.caption, object.meta)?;
                if object.size as u64 > MAX_SIZE {
                    return Err(Error::new(
                        Status::Limit,
                        format!("the object has {} bytes, more than {MAX_SIZE}", object.size),
                    ));
                }
                all.push(NewObject {
                    data: bytes(object.data, object.size)?,
                    format: optional(object.format, "format")?,
                    caption,
                    meta,
                });
            }
            if sequence.id.kind() == ObjectKind::Distribution && !all.is_empty() {
                return Err(Error::invalid(
                    "distributions are tracked by aim_sequence_track_distribution or aim_sequence_track_values",
                ));
            }
            let moment = moment(step, epoch, time)?;
            sequence.run()?.track_objects(&sequence.id, moment, &all)
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
            if n > MAX_OBJECTS || (n > 0 && texts.is_null()) {
                return Err(Error::invalid(format!(
                    "n is {n}; it is up to {MAX_OBJECTS}, and texts holds as many"
                )));
            }
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

/// Tracks objects that this call encoded.
fn track_encoded(
    sequence: &aim_sequence,
    moment: Moment,
    encoded: &[(Vec<u8>, &'static str, (&str, &str))],
) -> Result<()> {
    let all: Vec<NewObject<'_>> = encoded
        .iter()
        .map(|(data, format, (caption, meta))| NewObject {
            data,
            format: Some(format),
            caption,
            meta,
        })
        .collect();
    sequence.run()?.track_objects(&sequence.id, moment, &all)
}

/// Tracks `n` images as a point of a sequence of images, each encoded as PNG by this call; else as `aim_sequence_track`.
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
            let mut encoded = Vec::new();
            for given in each(images, n)? {
                let png = image::png(&pixels(&given)?)?;
                encoded.push((png, "png", words(given.caption, given.meta)?));
            }
            track_encoded(sequence, moment, &encoded)
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
        data: unsafe { bytes(given.data, shape.extent)? },
        width: given.width,
        height: given.height,
        channels: given.channels,
        element,
        planar,
        row_stride: shape.row_stride,
        range,
    })
}

/// Tracks `n` clips as a point of a sequence of audio, each encoded as WAV by this call; else as `aim_sequence_track`.
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
            let mut encoded = Vec::new();
            for given in each(clips, n)? {
                let element = Element::from_number(given.dtype)?;
                let size = audio::size(given.frames, given.channels, given.rate, element)?;
                let data = bytes(given.data, size)?;
                let wav = audio::wav(data, given.channels, given.rate, element)?;
                encoded.push((wav, "wav", words(given.caption, given.meta)?));
            }
            track_encoded(sequence, moment, &encoded)
        })
    }
}

/// Tracks an array as a point of a sequence of arrays, encoded as NPY by this call; else as `aim_sequence_track`.
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
            let data = bytes(given.data, shape.extent)?;
            let npy = array::npy(data, &shape, element)?;
            let words = words(given.caption, given.meta)?;
            track_encoded(sequence, moment(step, epoch, time)?, &[(npy, "npy", words)])
        })
    }
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
            track_encoded(sequence, moment, &[(found.encode(), "histogram", ("", ""))])
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
            track_encoded(
                sequence,
                moment,
                &[(counted.encode(), "histogram", ("", ""))],
            )
        })
    }
}

/// Frees a sequence. NULL is allowed. Since 0.1.
///
/// # Safety
/// `sequence` is NULL or one that was not freed yet and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sequence_free(sequence: *mut aim_sequence) {
    if !sequence.is_null() {
        // SAFETY: sequences come from `Box::into_raw`, and the caller frees each once.
        infallible((), || drop(unsafe { Box::from_raw(sequence) }));
    }
}
