//! Properties of a run that is open: name, description, experiment, tags, archived.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::run::aim_run;
use super::strings::{owned, owned_json, required};
use crate::error::Result;
use crate::repo::Property;
use crate::store::RunRecord;
use aim_value::Tree;
use std::ffi::c_char;

/// Sets a property from a string.
///
/// # Safety
/// `run` is NULL or live, `text` NULL or NUL-terminated, `err` NULL or writable.
unsafe fn set_text(
    run: *const aim_run,
    text: *const c_char,
    name: &str,
    property: fn(String) -> Property,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            handle(run, "run")?
                .run()?
                .set(property(required(text, name)?.to_owned()))
        })
    }
}

/// Gives a string property to the caller.
///
/// # Safety
/// `run` is NULL or live, `text` and `err` are NULL or writable.
unsafe fn get_text(
    run: *const aim_run,
    text: *mut *mut c_char,
    name: &str,
    read: impl FnOnce(&RunRecord) -> Result<*mut c_char>,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let result = out(text, name)?;
            result.write(read(&run.record()?)?);
            Ok(())
        })
    }
}

/// Names the run for people. A run without a name is called "Run: " and its hash.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `name` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_name(
    run: *const aim_run,
    name: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { set_text(run, name, "name", Property::Name, err) }
}

/// Describes the run for people.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 64 KiB), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `description` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_description(
    run: *const aim_run,
    description: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { set_text(run, description, "description", Property::Description, err) }
}

/// Moves the run to another experiment.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `experiment` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_experiment(
    run: *const aim_run,
    experiment: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { set_text(run, experiment, "experiment", Property::Experiment, err) }
}

/// Adds a tag; nothing happens if the run has it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `tag` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_add_tag(
    run: *const aim_run,
    tag: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { set_text(run, tag, "tag", Property::AddTag, err) }
}

/// Removes a tag; nothing happens if the run does not have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `tag` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_remove_tag(
    run: *const aim_run,
    tag: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { set_text(run, tag, "tag", Property::RemoveTag, err) }
}

/// Archives the run or brings it back: queries leave archived runs out unless they mention `run.archived`.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_archived(
    run: *const aim_run,
    archived: bool,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            handle(run, "run")?.run()?.set(Property::Archived(archived))
        })
    }
}

/// The run's name. On success `*name` is the caller's, to be given back with `aim_string_free`.
/// Flushes first.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_NOT_FOUND` (the run was deleted),
/// or what keeps the repository from being used. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `name` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_name(
    run: *const aim_run,
    name: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        get_text(
            run,
            name,
            "name",
            |record| owned(&record.display_name()),
            err,
        )
    }
}

/// The run's description, "" until one is set. On success `*description` is the caller's, to be given back with `aim_string_free`.
/// Flushes first.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_NOT_FOUND` (the run was deleted),
/// or what keeps the repository from being used. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `description` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_description(
    run: *const aim_run,
    description: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        get_text(
            run,
            description,
            "description",
            |record| owned(&record.description),
            err,
        )
    }
}

/// The run's experiment. On success `*experiment` is the caller's, to be given back with `aim_string_free`.
/// Flushes first.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_NOT_FOUND` (the run was deleted),
/// or what keeps the repository from being used. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `experiment` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_experiment(
    run: *const aim_run,
    experiment: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        get_text(
            run,
            experiment,
            "experiment",
            |record| owned(&record.experiment),
            err,
        )
    }
}

/// The run's tags as a JSON array, in the order of adding. On success `*tags` is the caller's, to be given back with `aim_string_free`.
/// Flushes first.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_NOT_FOUND` (the run was deleted),
/// or what keeps the repository from being used. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `tags` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_tags(
    run: *const aim_run,
    tags: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        get_text(
            run,
            tags,
            "tags",
            |record| {
                let tags = record.tags.iter().cloned().map(Tree::Str).collect();
                owned_json(&Tree::List(tags))
            },
            err,
        )
    }
}

/// Whether the run is archived. Flushes first.
///
/// Errors: as `aim_run_get_name`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `archived` and `err` are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_get_archived(
    run: *const aim_run,
    archived: *mut bool,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let result = out(archived, "archived")?;
            result.write(run.record()?.archived);
            Ok(())
        })
    }
}
