//! Repository handles.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, infallible, out};
use super::options::{Options, aim_repo_options, fill, repo_options};
use super::strings::{path, required};
use crate::error::{Error, Result, Status};
use crate::repo::{Location, Repo, RepoRef};
use std::ffi::c_char;

/// An open repository, for queries and administration. It may be used from several threads at once.
pub struct aim_repo {
    pub(super) repo: RepoRef,
}

impl aim_repo {
    pub(super) fn get(&self) -> Result<&RepoRef> {
        check_fork(&self.repo)?;
        Ok(&self.repo)
    }
}

/// Refuses a handle that belongs to the parent of this process.
pub(super) fn check_fork(repo: &RepoRef) -> Result<()> {
    if repo.forked() {
        return Err(Error::new(
            Status::Forked,
            "the handle belongs to the parent of this process; open the repository here",
        ));
    }
    Ok(())
}

/// Opens a repository that exists. `repo_path` is the directory that holds `.aim`; NULL: the nearest one upwards from
/// the working directory. `options` may be NULL. What processes left that died is brought in first. On success `*repo`
/// is the caller's, to be given back with `aim_repo_free`. A repository that may not be written is opened for reading:
/// in place where nobody may write it, else from a copy of its newest state, made in the directory for temporary files
/// (`TMPDIR`), anew for each query if it has changed.
///
/// @code
/// aim_repo *repo = NULL;
/// aim_error *err = NULL;
/// if (aim_repo_open("/scratch/me", NULL, &repo, &err) != AIM_OK)
///     fprintf(stderr, "%s\n", aim_error_message(err));
/// aim_error_free(err);
/// aim_repo_free(repo);
/// @endcode
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_IO`, `AIM_ERR_CORRUPT`, `AIM_ERR_UNSUPPORTED_FS`,
/// `AIM_ERR_UNSUPPORTED_VERSION`, `AIM_ERR_FULL`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo_path` is NULL or NUL-terminated; `options` is NULL or valid; `repo` and `err` are NULL or writable.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_repo_open(
    repo_path: *const c_char,
    options: *const aim_repo_options,
    repo: *mut *mut aim_repo,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let result = out(repo, "repo")?;
            let options = repo_options(options)?;
            let repo = Repo::open(
                Location::find_of(path(repo_path), options.any_owner)?,
                &options,
                false,
            )?;
            result.write(Box::into_raw(Box::new(aim_repo { repo })));
            Ok(())
        })
    }
}

/// Deletes a run with its params and points. The space is used again by what is stored later; the file does not
/// shrink.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_BUSY` (it is being written), `AIM_ERR_READ_ONLY`, `AIM_ERR_IO`,
/// `AIM_ERR_FULL`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `run_hash` is NULL or NUL-terminated; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_delete_run(
    repo: *const aim_repo,
    run_hash: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            handle(repo, "repo")?
                .get()?
                .delete_run(required(run_hash, "run_hash")?)
        })
    }
}

/// Figures of a repository and of this process's writing to it. Initialise with `AIM_REPO_STATS_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct aim_repo_stats {
    /// `sizeof(aim_repo_stats)`; set by the initialiser.
    pub struct_size: usize,
    /// Runs in the repository.
    pub runs: u64,
    /// Bytes of the data file.
    pub file_bytes: u64,
    /// Bytes of the pages in it that hold data.
    pub used_bytes: u64,
    /// Slots of 48 bytes in this process's journal; 0 while it writes no run.
    pub journal_slots: u64,
    /// Slots that hold what is not committed yet; 0 while this process writes no run.
    pub journal_used: u64,
    /// Slots handed out since this process last opened its first run.
    pub journal_records: u64,
    /// Commits since then.
    pub commits: u64,
    /// Commits since then that failed and were tried again.
    pub commit_failures: u64,
    /// Back-pressure: calls that waited because the journal was full.
    pub waits: u64,
    /// Nanoseconds that these calls waited together.
    pub wait_nanoseconds: u64,
    /// Records since then that could not be applied (a change of a param that another process had made impossible, say).
    /// They are kept in the database and told to the log callback; nothing else waits for them. Since 0.1.
    pub set_aside: u64,
    /// Points whose objects, lent with a release callback, are not encoded yet.
    pub encoding: u64,
    /// Back-pressure there: calls that waited because too many were.
    pub encode_waits: u64,
    /// Nanoseconds that these calls waited together.
    pub encode_wait_nanoseconds: u64,
    /// Points that could not be stored behind the call that lent them; the log callback was told why.
    pub encode_failures: u64,
}

// SAFETY: integers, the size in front.
unsafe impl Options for aim_repo_stats {
    const NAME: &'static str = "aim_repo_stats";
}

/// Fills `*stats`, as much of it as the caller's version has.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_FORKED`, `AIM_ERR_IO`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed; `stats` is NULL or initialised; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_get_stats(
    repo: *const aim_repo,
    stats: *mut aim_repo_stats,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let repo = handle(repo, "repo")?.get()?;
            handle(stats, "stats")?;
            let (used_bytes, file_bytes) = repo.store.file_usage()?;
            let writer = repo.writer_stats().unwrap_or_default();
            let filled = aim_repo_stats {
                struct_size: 0,
                runs: repo.store.read()?.run_count()?,
                file_bytes,
                used_bytes,
                journal_slots: writer.journal_slots,
                journal_used: writer.journal_used,
                journal_records: writer.records,
                commits: writer.commits,
                commit_failures: writer.failures,
                waits: writer.waits,
                wait_nanoseconds: writer.wait_nanos,
                set_aside: writer.set_aside,
                encoding: writer.background.waiting,
                encode_waits: writer.background.waits,
                encode_wait_nanoseconds: writer.background.wait_nanos,
                encode_failures: writer.background.failures,
            };
            fill(stats, filled)
        })
    }
}

/// Frees a repository handle; its queries stay valid. NULL is allowed. Since 0.1.
///
/// # Safety
/// `repo` is NULL or a repository that was not freed yet and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_free(repo: *mut aim_repo) {
    if !repo.is_null() {
        // SAFETY: repositories come from `Box::into_raw`, and the caller frees each once.
        infallible((), || drop(unsafe { Box::from_raw(repo) }));
    }
}
