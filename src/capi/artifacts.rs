//! Artifacts: logging, listing, verifying, fetching.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, out};
use super::options::{Options, read};
use super::repo::aim_repo;
use super::run::aim_run;
use super::strings::{optional, owned, owned_json, path, required};
use crate::artifacts::{Mode, Reference};
use crate::error::{Error, Result};
use crate::point::STEP_AUTO;
use crate::repo::{Repo, RepoRef};
use crate::run::Run;
use crate::run::artifacts::NewArtifact;
use aim_value::Tree;
use std::ffi::c_char;

/// The file stays where it is: its path, size, time and checksum are recorded.
pub const AIM_ARTIFACT_REFERENCE: i32 = 0;
/// The file gets a second name in the repository, a hard link, which costs no space and outlives the first; where the
/// filesystem cannot do that, it is copied. Its bytes are the same as long as nobody writes to the file in place.
pub const AIM_ARTIFACT_LINK: i32 = 1;
/// The file is copied into the repository, by sharing blocks where the filesystem can; the same bytes are there once.
pub const AIM_ARTIFACT_COPY: i32 = 2;

/// A file or directory that a run logs. Initialise with `AIM_ARTIFACT_OPTIONS_INIT`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct aim_artifact_options {
    /// `sizeof(aim_artifact_options)`; set by the initialiser.
    pub struct_size: usize,
    /// A file, or a directory: one artifact with a list of its files.
    pub path: *const c_char,
    /// At most 512 bytes without a colon; may have parts, separated by '/'. NULL: the last part of `path`.
    pub name: *const c_char,
    /// "model", "checkpoint", "dataset", ... NULL: "file".
    pub kind: *const c_char,
    /// A JSON object of at most 64 KiB. NULL: none.
    pub metadata: *const c_char,
    /// More names for this version, separated by commas: "best,step-100". Each moves here from the version that has it.
    /// NULL: none. "latest" moves by itself.
    pub aliases: *const c_char,
    /// The step at which it was made; `AIM_STEP_AUTO`: none.
    pub step: i64,
    /// `AIM_ARTIFACT_REFERENCE`, `AIM_ARTIFACT_LINK` or `AIM_ARTIFACT_COPY`.
    pub mode: i32,
    /// 1: no checksum is made, size and time serve. The next version is another one then, whatever its bytes. 0: it is made.
    pub no_checksum: i32,
    /// 1: the call returns when the file is copied and summed, and says what kept it from that. 0: when that is queued.
    pub wait: i32,
}

// SAFETY: pointers, numbers and a size in front.
unsafe impl Options for aim_artifact_options {
    const NAME: &'static str = "aim_artifact_options";
}

/// The repository as it is now.
///
/// # Safety
/// As for `handle`.
unsafe fn present(repo: *const aim_repo) -> Result<RepoRef> {
    // SAFETY: promised by the caller.
    Repo::present(unsafe { handle(repo, "repo") }?.get()?)
}

/// # Safety
/// As for `strings::optional`.
unsafe fn reference(text: *const c_char) -> Result<Reference> {
    // SAFETY: promised by the caller.
    Reference::parse(unsafe { required(text, "reference") }?)
}

fn yes(value: i32, name: &str) -> Result<bool> {
    match value {
        0 | 1 => Ok(value == 1),
        other => Err(Error::invalid(format!("{name} is {other}; it is 0 or 1"))),
    }
}

/// Logs a file or directory as an artifact of the run: what a checkpoint, a table of results or a data set is called, where
/// it is, and what its bytes are. It is the next version of the artifact of that name, counted from 0; if its bytes are
/// those of the version before, it is that version again, and only the aliases move.
///
/// The call notes the file (and links it, if that was asked for) and returns; a thread of low priority copies and sums it.
/// `aim_run_close` waits for that, and so does `aim_run_wait`. A file that changes before it is summed makes no version:
/// this is logged, and recorded as the reason. With `AIM_ARTIFACT_LINK` the file may be renamed or deleted as soon as the
/// call returns.
///
/// If the process is killed, what it logged stays recorded as queued, and what it linked is kept.
///
/// Errors: `AIM_ERR_NOT_FOUND` (no such file), `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT`, `AIM_ERR_CLOSED`,
/// `AIM_ERR_FORKED`, `AIM_ERR_FULL`, `AIM_ERR_IO`; with `wait` also `AIM_ERR_BUSY`: the file changed meanwhile.
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `options` is NULL or valid; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_log_artifact(
    run: *const aim_run,
    options: *const aim_artifact_options,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            handle(options, "options")?;
            let given = read(options)?;
            let path = path(given.path).ok_or_else(|| Error::invalid("path is NULL"))?;
            let mode = match given.mode {
                AIM_ARTIFACT_REFERENCE => Mode::Reference,
                AIM_ARTIFACT_LINK => Mode::Link,
                AIM_ARTIFACT_COPY => Mode::Copy,
                other => {
                    return Err(Error::invalid(format!(
                        "mode is {other}; it is AIM_ARTIFACT_REFERENCE, AIM_ARTIFACT_LINK or AIM_ARTIFACT_COPY"
                    )));
                }
            };
            let new = NewArtifact {
                path,
                name: optional(given.name, "name")?,
                kind: optional(given.kind, "kind")?,
                metadata: optional(given.metadata, "metadata")?,
                aliases: optional(given.aliases, "aliases")?,
                step: (given.step != STEP_AUTO).then_some(given.step),
                mode,
                checksum: !yes(given.no_checksum, "no_checksum")?,
                wait: yes(given.wait, "wait")?,
            };
            Run::log_artifact(&run.live()?.run, &new)
        })
    }
}

/// Notes where the run's artifacts belong, for whoever sends them there: the beginning of their addresses, as in
/// "s3://bucket/path" or "file:///path".
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`,
/// `AIM_ERR_FULL`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `uri` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_set_artifacts_uri(
    run: *const aim_run,
    uri: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            run.run()?.set_artifacts_uri(required(uri, "uri")?)
        })
    }
}

/// Notes that the run uses an artifact of a run of its repository: "RUN/NAME", "RUN/NAME:v3" or "RUN/NAME:ALIAS", where RUN is
/// the 24 digits of a hash; without version or alias it is the latest. The version that is meant now is noted.
/// `aim_repo_artifact_users` finds the run again.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_NOT_FOUND` (also for what is not summed yet), `AIM_ERR_CLOSED`,
/// `AIM_ERR_FORKED`, `AIM_ERR_FULL`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `reference` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_use_artifact(
    run: *const aim_run,
    reference: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            run.run()?.use_artifact(&self::reference(reference)?)
        })
    }
}

/// The artifacts of a run, as JSON: a list of objects, the versions of each name behind each other, then what is not summed
/// yet. Each has `name`, `version` (missing until it is summed), `type`, `path` (where it was logged), `size` in bytes, `mtime`
/// in nanoseconds since 1970-01-01 UTC, `checksum` (SHA-256 in hex, of a directory that of its list of files), `files` (how many
/// a directory has), `step`, `metadata`, `time` (when it was logged, microseconds), `aliases`, `mode` ("reference", "link",
/// "copy"), `uri` (to where it was sent), `content` (where its bytes are now), and `state`: "stored", "queued", or "failed: " and
/// why. What is not known is missing. On success `*json` is the caller's, to be given back with `aim_string_free`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CORRUPT`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `run_hash` is NULL or NUL-terminated; `json` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_artifacts(
    repo: *const aim_repo,
    run_hash: *const c_char,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = present(repo)?;
            let (hash, result) = (required(run_hash, "run_hash")?, out(json, "json")?);
            repo.flush()?;
            let all = repo.artifacts(hash)?.all();
            let keep = repo.keep(hash);
            let all = all.iter().map(|artifact| {
                let mut tree = artifact.to_tree(true);
                if let Tree::Dict(entries) = &mut tree {
                    let content = keep.content(artifact).to_string_lossy().into_owned();
                    entries.push(("content".to_owned(), Tree::Str(content)));
                }
                tree
            });
            result.write(owned_json(&Tree::List(all.collect()))?);
            Ok(())
        })
    }
}

/// Reads the bytes of all artifacts of a run and compares them with what was recorded. `*json` is a list of objects with `name`,
/// `version`, `found` ("intact", "changed", "missing", or "unknown" for what was never summed) and, unless it is intact,
/// `detail`. On success it is the caller's, to be given back with `aim_string_free`.
///
/// Errors: as `aim_repo_artifacts`, and `AIM_ERR_IO`. Thread-safe. Since 0.1.
///
/// # Safety
/// As for `aim_repo_artifacts`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_verify_artifacts(
    repo: *const aim_repo,
    run_hash: *const c_char,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            crate::shield::prolong();
            let repo = present(repo)?;
            let (hash, result) = (required(run_hash, "run_hash")?, out(json, "json")?);
            repo.flush()?;
            let all = repo.verify_artifacts(hash)?;
            let all = all.into_iter().map(|(artifact, checked)| {
                let text = |key: &str, text: &str| (key.to_owned(), Tree::Str(text.to_owned()));
                let mut entries = vec![text("name", &artifact.name)];
                let version = artifact.version.map(Tree::Int);
                entries.extend(version.map(|version| ("version".to_owned(), version)));
                entries.push(text("found", checked.word()));
                if !checked.detail().is_empty() {
                    entries.push(text("detail", checked.detail()));
                }
                Tree::Dict(entries)
            });
            result.write(owned_json(&Tree::List(all.collect()))?);
            Ok(())
        })
    }
}

/// Copies an artifact into the directory `into`, which is made if it is missing, under the name that its file had. A file of
/// that name is replaced once the bytes of the new one are checked. `reference` is as for `aim_run_use_artifact`. `*path`, if
/// not NULL, is where it is then, the caller's, to be given back with `aim_string_free`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_CORRUPT` (it is not what was logged: nothing is replaced), `AIM_ERR_BUSY` (it changes
/// while it is read), `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_FULL`, `AIM_ERR_IO`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `reference` and `into` are NULL or NUL-terminated; `path` and `err` are
/// NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_fetch_artifact(
    repo: *const aim_repo,
    reference: *const c_char,
    into: *const c_char,
    path: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            crate::shield::prolong();
            let repo = present(repo)?;
            let into = super::strings::path(into).ok_or_else(|| Error::invalid("into is NULL"))?;
            repo.flush()?;
            let fetched = repo.fetch_artifact(&self::reference(reference)?, into)?;
            if !path.is_null() {
                path.write(owned(&fetched.to_string_lossy())?);
            }
            Ok(())
        })
    }
}

/// Gives a stored version one more name, "best" say, which it takes from the version that has it. `reference` is as for
/// `aim_run_use_artifact`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_READ_ONLY`, `AIM_ERR_FULL`, `AIM_ERR_FORKED`. Thread-safe.
/// Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `reference` and `alias` are NULL or NUL-terminated; `err` is NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_alias_artifact(
    repo: *const aim_repo,
    reference: *const c_char,
    alias: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = present(repo)?;
            repo.alias_artifact(&self::reference(reference)?, required(alias, "alias")?)
        })
    }
}

/// Deletes a stored version, and what the repository keeps of it; a file that it only refers to stays. Its number is not used
/// again. `reference` is as for `aim_run_use_artifact`.
///
/// Errors: as `aim_repo_alias_artifact`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `reference` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_delete_artifact(
    repo: *const aim_repo,
    reference: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = present(repo)?;
            repo.delete_artifact(&self::reference(reference)?)
        })
    }
}

/// The runs of the repository that use an artifact, in any version, or the bytes of this one under another name; as JSON, a list
/// of objects with `run` (its hash), `version` (missing for another name) and `time` (when it said so, in microseconds since
/// 1970-01-01 UTC). `reference` is as for `aim_run_use_artifact`. On success `*json` is the caller's, to be given back with
/// `aim_string_free`. All runs are looked through.
///
/// Errors: as `aim_repo_artifacts`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `reference` is NULL or NUL-terminated; `json` and `err` are NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_artifact_users(
    repo: *const aim_repo,
    reference: *const c_char,
    json: *mut *mut c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = present(repo)?;
            let result = out(json, "json")?;
            repo.flush()?;
            let users = repo.artifact_users(&self::reference(reference)?)?;
            let users = users.into_iter().map(|user| {
                let mut entries = vec![("run".to_owned(), Tree::Str(user.run))];
                let version = user.version.map(Tree::Int);
                entries.extend(version.map(|version| ("version".to_owned(), version)));
                entries.push(("time".to_owned(), Tree::Int(user.time)));
                Tree::Dict(entries)
            });
            result.write(owned_json(&Tree::List(users.collect()))?);
            Ok(())
        })
    }
}
