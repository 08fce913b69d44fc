//! Strings in and out: checked as UTF-8, parsed, handed over.

use crate::error::{Error, Result};
use crate::memory;
use aim_value::{NonFinite, Tree};
use std::ffi::{CStr, CString, OsStr, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// How often an argument is in memory until it is stored; a text of JSON takes more as a tree.
pub(super) const COPIES: usize = 6;
const COPIES_OF_JSON: usize = 10;
/// How often an answer is in memory while its text is made.
const COPIES_OF_ANSWER: usize = 4;

/// Frees a string that a call gave to the caller. NULL is allowed. Since 0.1.
///
/// # Safety
/// `string` is NULL or was returned as owned by this library and not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_string_free(string: *mut c_char) {
    if !string.is_null() {
        // SAFETY: owned strings come from `CString::into_raw`, and the caller frees each once.
        drop(unsafe { CString::from_raw(string) });
    }
}

/// The bytes of an optional string.
///
/// # Safety
/// `string` is NULL or NUL-terminated and lives as long as the result is used.
pub(super) unsafe fn bytes<'s>(string: *const c_char) -> Option<&'s [u8]> {
    // SAFETY: not NULL, so NUL-terminated.
    (!string.is_null()).then(|| unsafe { CStr::from_ptr(string) }.to_bytes())
}

/// An optional string argument, for which there is memory.
///
/// # Safety
/// As for `bytes`.
pub(super) unsafe fn optional<'s>(string: *const c_char, name: &str) -> Result<Option<&'s str>> {
    // SAFETY: promised by the caller.
    let Some(bytes) = (unsafe { bytes(string) }) else {
        return Ok(None);
    };
    match std::str::from_utf8(bytes) {
        Ok(text) => memory::afford(text.len(), COPIES).map(|()| Some(text)),
        Err(e) => Err(Error::invalid(format!(
            "{name} is not UTF-8: byte {} of {:?}",
            e.valid_up_to(),
            String::from_utf8_lossy(&bytes[..bytes.len().min(60)])
        ))),
    }
}

/// A string argument that must not be NULL.
///
/// # Safety
/// As for `bytes`.
pub(super) unsafe fn required<'s>(string: *const c_char, name: &str) -> Result<&'s str> {
    // SAFETY: promised by the caller.
    unsafe { optional(string, name) }?.ok_or_else(|| Error::invalid(format!("{name} is NULL")))
}

/// A JSON argument.
///
/// # Safety
/// As for `bytes`.
pub(super) unsafe fn json(string: *const c_char) -> Result<Tree> {
    // SAFETY: promised by the caller.
    let text = unsafe { required(string, "json") }?;
    memory::afford(text.len(), COPIES_OF_JSON)?;
    Ok(Tree::from_json(text)?)
}

/// `n` strings, none of them NULL.
///
/// # Safety
/// `strings` is NULL or holds `n` strings, as for `bytes`.
pub(super) unsafe fn texts<'s>(
    strings: *const *const c_char,
    n: usize,
    name: &str,
) -> Result<Vec<&'s str>> {
    if n > 0 && strings.is_null() {
        return Err(Error::invalid(format!("{name} is NULL for {n} strings")));
    }
    // SAFETY: promised by the caller.
    let text = |i| unsafe { required(*strings.add(i), name) };
    (0..n).map(text).collect()
}

/// A path: any bytes but NUL.
///
/// # Safety
/// As for `bytes`.
pub(super) unsafe fn path<'s>(string: *const c_char) -> Option<&'s Path> {
    // SAFETY: promised by the caller.
    unsafe { bytes(string) }.map(|b| Path::new(OsStr::from_bytes(b)))
}

/// A string for the caller to own.
pub(super) fn owned(text: &str) -> Result<*mut c_char> {
    CString::new(text)
        .map(CString::into_raw)
        .map_err(|_| Error::invalid(format!("{text:?} holds a NUL and cannot be a C string")))
}

/// JSON text for the caller to own, with null for NaN and infinities. JSON escapes NUL, so every tree has one.
pub(super) fn owned_json(tree: &Tree) -> Result<*mut c_char> {
    owned_json_as(tree, NonFinite::Null)
}

pub(super) fn owned_json_as(tree: &Tree, non_finite: NonFinite) -> Result<*mut c_char> {
    memory::afford(json_bytes(tree), COPIES_OF_ANSWER)?;
    owned(&tree.to_json_as(non_finite))
}

/// About how long a tree is as JSON.
fn json_bytes(tree: &Tree) -> usize {
    const NUMBER: usize = 8;
    match tree {
        Tree::Str(text) => text.len() + 2,
        Tree::Bytes(bytes) => bytes.len() / 3 * 4,
        Tree::List(items) => items.iter().map(json_bytes).sum(),
        Tree::Dict(entries) => {
            let entry = |(key, value): &(String, Tree)| key.len() + NUMBER + json_bytes(value);
            entries.iter().map(entry).sum()
        }
        _ => NUMBER,
    }
}
