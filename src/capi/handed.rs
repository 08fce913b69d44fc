//! Objects as callers hand them over: structs one behind the other, memory, words, and what is lent for longer than the call.

use super::options::{Options, read};
use super::sequence::aim_sequence;
use super::strings::optional;
use crate::error::{Error, Result};
use crate::memory;
use crate::objects::Raw;
use crate::run::objects::{Lent, Moment, NewObject, check_count};
use crate::shield;
use std::ffi::{c_char, c_void};

/// Called when the memory of an object is not needed any more, by a thread of the library. It may call the library.
pub type aim_release = Option<unsafe extern "C" fn(userdata: *mut c_void)>;

/// What an object of a point takes in memory, beside its bytes, until it is stored.
pub(super) const OBJECT: usize = 512;

/// Bytes that a caller has.
///
/// # Safety
/// `data` holds `size` bytes, if it is not NULL.
pub(super) unsafe fn bytes<'b>(data: *const c_void, size: usize) -> Result<&'b [u8]> {
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

/// Memory that a caller has around `data`: `size` bytes, of which some lie `before` it.
///
/// # Safety
/// It is there, if `data` is not NULL.
pub(super) unsafe fn around<'b>(
    data: *const c_void,
    before: usize,
    size: usize,
) -> Result<&'b [u8]> {
    let first = match data.is_null() {
        true => data,
        false => data.wrapping_byte_sub(before),
    };
    // SAFETY: promised by the caller.
    unsafe { bytes(first, size) }
}

/// Reads `n` structs, which lie at distances of the size that the first says it has.
///
/// # Safety
/// `all` is NULL or holds `n` structs as `read` wants them.
pub(super) unsafe fn each<T: Options>(all: *const T, n: usize) -> Result<Vec<T>> {
    if n == 0 {
        return Ok(Vec::new());
    }
    check_count(n)?;
    if all.is_null() {
        return Err(Error::invalid(format!("{} is NULL for n = {n}", T::NAME)));
    }
    memory::afford(n * OBJECT, 1)?;
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
pub(super) unsafe fn words<'s>(
    caption: *const c_char,
    meta: *const c_char,
) -> Result<(&'s str, &'s str)> {
    // SAFETY: promised by the caller.
    unsafe {
        let caption = optional(caption, "caption")?.unwrap_or_default();
        Ok((caption, optional(meta, "meta")?.unwrap_or_default()))
    }
}

/// One object of a point, its shape checked.
pub(super) struct Handed<'h> {
    pub raw: Raw<'h>,
    /// Of bytes that are encoded.
    pub format: *const c_char,
    pub caption: *const c_char,
    pub meta: *const c_char,
    pub release: aim_release,
    pub release_userdata: *mut c_void,
}

/// A callback with what it gets.
struct Release(unsafe extern "C" fn(*mut c_void), *mut c_void);

// SAFETY: the caller lets a thread of the library call it.
unsafe impl Send for Release {}

impl Release {
    fn call(self) {
        // SAFETY: the caller promises that it may be called, once.
        shield::outside(|| unsafe { self.0(self.1) });
    }
}

/// Tracks a point: now, or, where its objects are lent, behind the call.
///
/// # Safety
/// The strings are NULL or NUL-terminated; memory that is lent lives until it is released.
pub(super) unsafe fn track(
    sequence: &aim_sequence,
    moment: Moment,
    handed: Vec<Handed<'static>>,
) -> Result<()> {
    let run = sequence.run()?;
    let lent = handed.iter().filter(|h| h.release.is_some()).count();
    if lent == 0 {
        let mut encoded = Vec::with_capacity(handed.len());
        for one in &handed {
            // SAFETY: promised by the caller.
            let words = unsafe {
                (
                    words(one.caption, one.meta)?,
                    optional(one.format, "format")?,
                )
            };
            encoded.push((one.raw.encode()?, one.raw.format().or(words.1), words.0));
        }
        let objects = encoded
            .iter()
            .map(|(data, format, (caption, meta))| NewObject {
                data,
                format: *format,
                caption,
                meta,
            });
        return run.track_objects(&sequence.id, moment, &objects.collect::<Vec<_>>());
    }
    if lent < handed.len() {
        return Err(Error::invalid(format!(
            "{lent} of the {} objects of the point have a release callback: all have one, or none",
            handed.len()
        )));
    }
    let mut all = Vec::with_capacity(handed.len());
    for one in handed {
        // SAFETY: promised by the caller.
        let (words, format) = unsafe {
            (
                words(one.caption, one.meta)?,
                optional(one.format, "format")?,
            )
        };
        let release = one.release.map(|call| Release(call, one.release_userdata));
        all.push(Lent {
            raw: one.raw,
            format: format.map(str::to_owned),
            caption: words.0.to_owned(),
            meta: words.1.to_owned(),
            release: Box::new(move || release.into_iter().for_each(Release::call)),
        });
    }
    run.track_lent(&sequence.id, moment, all)
}
