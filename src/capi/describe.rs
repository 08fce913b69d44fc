//! Experiments and tags of a repository: descriptions, colours, other names.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::repo::aim_repo;
use super::strings::{optional, required};
use crate::error::{Error, Result};
use crate::repo::{About, Subject};
use std::ffi::c_char;

/// Experiments; as a param of `aim_repo_describe` and others.
pub const AIM_EXPERIMENTS: i32 = 0;
/// Tags.
pub const AIM_TAGS: i32 = 1;

fn subject(number: i32) -> Result<Subject> {
    match number {
        AIM_EXPERIMENTS => Ok(Subject::Experiment),
        AIM_TAGS => Ok(Subject::Tag),
        _ => Err(Error::invalid(format!(
            "what is {number}; it is AIM_EXPERIMENTS or AIM_TAGS"
        ))),
    }
}

/// Describes an experiment or a tag; `what` is `AIM_EXPERIMENTS` or `AIM_TAGS`. `description` and `colour`, "#" and six
/// hexadecimal digits, may be NULL or empty for none. Takes the place of what was said of it before; runs need not have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (name above 4096 bytes, description above 64 KiB),
/// `AIM_ERR_READ_ONLY`, `AIM_ERR_IO`, `AIM_ERR_FULL`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; the strings are NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_describe(
    repo: *const aim_repo,
    what: i32,
    name: *const c_char,
    description: *const c_char,
    colour: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let about = About {
                description: optional(description, "description")?
                    .unwrap_or_default()
                    .to_owned(),
                colour: optional(colour, "colour")?.unwrap_or_default().to_owned(),
            };
            repo.describe(subject(what)?, required(name, "name")?, &about)
        })
    }
}

/// Renames an experiment or a tag in all runs that have it, with what is said of it, in one transaction; `what` is
/// `AIM_EXPERIMENTS` or `AIM_TAGS`. If there is one of the new name, the two become one. `*count`, if it is not NULL,
/// receives the number of runs that had it.
///
/// Errors: as `aim_repo_describe`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; the strings are NULL or NUL-terminated; `count` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_rename(
    repo: *const aim_repo,
    what: i32,
    from: *const c_char,
    to: *const c_char,
    count: *mut u64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let changed =
                repo.rename(subject(what)?, required(from, "from")?, required(to, "to")?)?;
            if !count.is_null() {
                out(count, "count")?.write(changed);
            }
            Ok(())
        })
    }
}

/// Takes a tag from all runs that have it, and forgets what is said of it. `*count`, if it is not NULL, receives the number
/// of these runs.
///
/// Errors: as `aim_repo_describe`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_repo_rename`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_delete_tag(
    repo: *const aim_repo,
    tag: *const c_char,
    count: *mut u64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let changed = repo.delete_tag(required(tag, "tag")?)?;
            if !count.is_null() {
                out(count, "count")?.write(changed);
            }
            Ok(())
        })
    }
}
