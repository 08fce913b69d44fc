//! Changes of runs that are there: edits, deletions, notes.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, infallible, out};
use super::repo::aim_repo;
use super::strings::{self, optional, owned_json, required};
use crate::error::Result;
use crate::lock::Mutex;
use crate::query;
use crate::repo::{Edit, Note, NoteEdit, Property, parse_path};
use crate::run::canonical_context;
use aim_value::Tree;
use std::ffi::c_char;

/// Changes of stored runs, collected to be made together.
pub struct aim_edit {
    edits: Mutex<Vec<Edit>>,
}

/// Adds to the changes.
///
/// # Safety
/// `edit` is NULL or live, `err` NULL or writable.
unsafe fn add(
    edit: *const aim_edit,
    err: *mut *mut aim_error,
    make: impl FnOnce() -> Result<Edit>,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let edit = handle(edit, "edit")?;
            let made = make()?;
            made.check()?;
            edit.edits.lock().push(made);
            Ok(())
        })
    }
}

/// Begins a list of changes to stored runs, which need not be opened for it: `aim_edit_...` add to it, and
/// `aim_repo_edit_run` or `aim_repo_edit_runs` make them. On success `*edit` is the caller's, to be given back with
/// `aim_edit_free`.
///
/// @code
/// aim_edit *edit = NULL;
/// uint64_t count = 0;
/// if (aim_edit_new(&edit, NULL) == AIM_OK) {
///     aim_edit_add_tag(edit, "baseline", NULL);
///     aim_edit_add_note(edit, "before the data was cleaned", NULL);
///     aim_repo_edit_runs(repo, "run.experiment == 'digits'", edit, &count, NULL);
/// }
/// aim_edit_free(edit);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` and `err` are NULL or writable.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_edit_new(
    edit: *mut *mut aim_edit,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let result = out(edit, "edit")?;
            let edits = Mutex::default();
            result.write(Box::into_raw(Box::new(aim_edit { edits })));
            Ok(())
        })
    }
}

/// Renames the runs.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes). Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `name` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_set_name(
    edit: *const aim_edit,
    name: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            Ok(Edit::Property(Property::Name(
                required(name, "name")?.to_owned(),
            )))
        })
    }
}

/// Describes the runs.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 64 KiB). Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `description` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_set_description(
    edit: *const aim_edit,
    description: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            Ok(Edit::Property(Property::Description(
                required(description, "description")?.to_owned(),
            )))
        })
    }
}

/// Moves the runs to another experiment.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes). Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `experiment` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_set_experiment(
    edit: *const aim_edit,
    experiment: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            Ok(Edit::Property(Property::Experiment(
                required(experiment, "experiment")?.to_owned(),
            )))
        })
    }
}

/// Adds a tag; nothing happens to runs that have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes). Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `tag` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_add_tag(
    edit: *const aim_edit,
    tag: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            Ok(Edit::Property(Property::AddTag(
                required(tag, "tag")?.to_owned(),
            )))
        })
    }
}

/// Removes a tag; nothing happens to runs that do not have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes). Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `tag` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_remove_tag(
    edit: *const aim_edit,
    tag: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            Ok(Edit::Property(Property::RemoveTag(
                required(tag, "tag")?.to_owned(),
            )))
        })
    }
}

/// Archives the runs or brings them back.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_set_archived(
    edit: *const aim_edit,
    archived: bool,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            Ok(Edit::Property(Property::Archived(archived)))
        })
    }
}

/// Sets a param: `key` is a top-level key or a JSON Pointer with its leading '/'; `json` its value.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `key` and `json` are NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_set_param(
    edit: *const aim_edit,
    key: *const c_char,
    json: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            let path = parse_path(required(key, "key")?)?;
            let value = strings::json(json)?;
            Ok(Edit::SetParam(path, value))
        })
    }
}

/// Deletes a param with all below it; nothing happens to runs that do not have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `key` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_delete_param(
    edit: *const aim_edit,
    key: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            Ok(Edit::DeleteParam(parse_path(required(key, "key")?)?))
        })
    }
}

/// Adds a note, with the present time.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 64 KiB). Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `text` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_add_note(
    edit: *const aim_edit,
    text: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            Ok(Edit::Note(NoteEdit::Add(
                required(text, "text")?.to_owned(),
            )))
        })
    }
}

/// Replaces the text of the note with this number; the one before stays in its history. A run without it makes the
/// whole edit fail with `AIM_ERR_NOT_FOUND`.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 64 KiB). Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `text` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_set_note(
    edit: *const aim_edit,
    number: i32,
    text: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            Ok(Edit::Note(NoteEdit::Replace(
                number,
                required(text, "text")?.to_owned(),
            )))
        })
    }
}

/// Deletes the note with this number. A run without it makes the whole edit fail with `AIM_ERR_NOT_FOUND`.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_delete_note(
    edit: *const aim_edit,
    number: i32,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { add(edit, err, || Ok(Edit::Note(NoteEdit::Delete(number)))) }
}

/// Deletes a metric with all its points. `context` is a JSON object; NULL: in every context. Nothing happens to runs that
/// do not have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT`. Thread-safe. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed; `name` and `context` are NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_drop_metric(
    edit: *const aim_edit,
    name: *const c_char,
    context: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        add(edit, err, || {
            let name = required(name, "name")?.to_owned();
            let context = match optional(context, "context")? {
                Some(context) => Some(canonical_context(Some(context))?),
                None => None,
            };
            Ok(Edit::DropMetric { name, context })
        })
    }
}

/// Frees a list of changes. NULL is allowed. Since 0.1.
///
/// # Safety
/// `edit` is NULL or one that was not freed yet and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_edit_free(edit: *mut aim_edit) {
    if !edit.is_null() {
        // SAFETY: they come from `Box::into_raw`, and the caller frees each once.
        infallible((), || drop(unsafe { Box::from_raw(edit) }));
    }
}

/// Makes the changes to one stored run, all or none. Its status and its times stay as they are. The changes may be used
/// again.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_READ_ONLY`, `AIM_ERR_IO`, `AIM_ERR_FULL`,
/// `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `run_hash` is NULL or NUL-terminated; `edit` is NULL or one that was
/// not freed; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_edit_run(
    repo: *const aim_repo,
    run_hash: *const c_char,
    edit: *const aim_edit,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let edits = handle(edit, "edit")?.edits.lock().clone();
            repo.edit_run(required(run_hash, "run_hash")?, &edits)
        })
    }
}

/// Makes the changes to every run that the AimQL expression selects, in one transaction: to all of them or to none; readers
/// see all or none of it. `*count`, if it is not NULL, receives the number of runs.
///
/// Errors: as `aim_repo_edit_run` and `aim_repo_query`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_repo_edit_run`; `expression` is NULL or NUL-terminated; `count` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_edit_runs(
    repo: *const aim_repo,
    expression: *const c_char,
    edit: *const aim_edit,
    count: *mut u64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let edits = handle(edit, "edit")?.edits.lock().clone();
            let changed = query::edit(repo, required(expression, "expression")?, &edits)?;
            if !count.is_null() {
                out(count, "count")?.write(changed);
            }
            Ok(())
        })
    }
}

/// Deletes every run that the AimQL expression selects, except those that are being written. Each run is deleted whole or
/// not at all. `*count` and `*busy`, if they are not NULL, receive how many are gone and how many are being written.
///
/// Errors: as `aim_repo_delete_run` and `aim_repo_query`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `expression` is NULL or NUL-terminated; `count`, `busy` and `err`
/// are NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_delete_runs(
    repo: *const aim_repo,
    expression: *const c_char,
    count: *mut u64,
    busy: *mut u64,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let deleted = query::delete(repo, required(expression, "expression")?)?;
            if !count.is_null() {
                out(count, "count")?.write(deleted.runs);
            }
            if !busy.is_null() {
                out(busy, "busy")?.write(deleted.busy.len() as u64);
            }
            Ok(())
        })
    }
}

/// The notes of a run as a JSON array, oldest first: objects with `number`, `text`, `created_at`, `updated_at` (seconds since
/// 1970) and `history`, an array of objects with the `time` and the `text` of each earlier text. On success `*json` is the
/// caller's, to be given back with `aim_string_free`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CORRUPT`, `AIM_ERR_IO`, `AIM_ERR_FORKED`. Thread-safe.
/// Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `run_hash` is NULL or NUL-terminated; `json` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_get_notes(
    repo: *const aim_repo,
    run_hash: *const c_char,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            let result = out(json, "json")?;
            let notes = repo.notes(required(run_hash, "run_hash")?)?;
            let notes = notes.into_iter().map(tree).collect();
            result.write(owned_json(&Tree::List(notes))?);
            Ok(())
        })
    }
}

fn tree(note: Note) -> Tree {
    let dict = |entries: Vec<(&str, Tree)>| {
        let entries = entries.into_iter().map(|(k, v)| (k.to_owned(), v));
        Tree::Dict(entries.collect())
    };
    let time = |micros: i64| Tree::Float(micros as f64 / 1e6);
    let history = note.history.into_iter();
    let history =
        history.map(|(at, text)| dict(vec![("time", time(at)), ("text", Tree::Str(text))]));
    dict(vec![
        ("number", Tree::Int(i64::from(note.id))),
        ("text", Tree::Str(note.text)),
        ("created_at", time(note.created_at)),
        ("updated_at", time(note.updated_at)),
        ("history", Tree::List(history.collect())),
    ])
}
