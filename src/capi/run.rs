//! Run handles: opening, tracking, closing.

use super::error::{AIM_ERR_PANIC, AIM_OK, aim_error, aim_status};
use super::guard::{guard, handle, infallible, out};
use super::metric::{aim_metric, told};
use super::options::{
    aim_run_options, disabled, read, repo_options, system_options, with_run_options,
};
use super::strings::{bytes, optional, path, required};
use crate::error::{Error, Result, Status};
use crate::repo::{Location, Repo, now_micros};
use crate::run::{DEFAULT_EXPERIMENT, Run, Which, off};
use crate::store::{RunRecord, parse_hash};
use crate::system::Attachment;
use aim_value::Tree;
use std::ffi::{CString, c_char};
use std::sync::Arc;

/// A run being written. It may be used from several threads at once.
pub struct aim_run {
    /// `None` where tracking is off.
    pub(super) live: Option<Live>,
    hash: CString,
}

/// A run, and what reads the system for it.
pub(super) struct Live {
    pub run: Arc<Run>,
    pub system: Attachment,
}

impl aim_run {
    /// What a call works on that has nothing to do, and succeeds, where tracking is off.
    pub(super) fn live(&self) -> Result<&Live> {
        self.live.as_ref().ok_or_else(Error::off)
    }

    pub(super) fn run(&self) -> Result<&Run> {
        self.live().map(|live| &*live.run)
    }

    /// A param, or all; where tracking is off there are none.
    pub(super) fn param(&self, key: Option<&str>) -> Result<Tree> {
        match (&self.live, key) {
            (Some(live), key) => live.run.param(key),
            (None, None) => Ok(Tree::Dict(Vec::new())),
            (None, Some(key)) => Err(Error::new(
                Status::NotFound,
                format!("there is no param {key:?}: tracking is off (mode, AIM_MODE)"),
            )),
        }
    }

    /// What is known of the run; where tracking is off, what it would be if nothing had been set.
    pub(super) fn record(&self) -> Result<RunRecord> {
        match &self.live {
            Some(live) => live.run.record(),
            None => {
                let hash = parse_hash(self.hash.to_str().unwrap_or_default())?;
                Ok(RunRecord::new(hash, DEFAULT_EXPERIMENT, now_micros()))
            }
        }
    }
}

/// Opens a run: a new one, or one that `run_hash` or `run_id` in the options names. `options` may be NULL for all defaults.
/// The run is visible to other processes at once. With `AIM_MODE_DISABLED` as `mode`, or the environment variable `AIM_MODE=disabled`, nothing is tracked:
/// calls with the run succeed and do nothing, and it reads as an empty one. On success `*run` is the caller's, to be given back with
/// `aim_run_free`.
///
/// @code
/// aim_run_options options = AIM_RUN_OPTIONS_INIT;
/// aim_run *run = NULL;
/// aim_error *err = NULL;
/// options.repo = "/scratch/me";
/// options.experiment = "digits";
/// if (aim_run_new(&options, &run, &err) != AIM_OK) {
///     fprintf(stderr, "%s\n", aim_error_message(err));
///     aim_error_free(err);
///     exit(1);
/// }
/// aim_run_set_param(run, "hparams", "{\"lr\": 1e-4}", NULL);
/// for (int step = 0; step < 100; step++)
///     aim_run_track(run, "loss", 1.0 / (step + 1), step, AIM_EPOCH_NONE, "{\"subset\": \"train\"}", NULL);
/// aim_run_close(run, NULL);
/// aim_run_free(run);
/// @endcode
///
/// Errors: `AIM_ERR_NOT_FOUND` for an unknown `run_hash` or, with `AIM_OPEN`, `run_id`; `AIM_ERR_EXISTS` for a `new_hash` or,
/// with `AIM_CREATE`, a `run_id` that there is; `AIM_ERR_INVALID_ARGUMENT`; `AIM_ERR_LIMIT`; `AIM_ERR_READ_ONLY`,
/// `AIM_ERR_BUSY` (another process that writes does not get on; the message names it), `AIM_ERR_FULL`, `AIM_ERR_IO`,
/// `AIM_ERR_UNSUPPORTED_FS`, `AIM_ERR_UNSUPPORTED_VERSION` or `AIM_ERR_CORRUPT` if the
/// repository cannot be used. Thread-safe. Since 0.1.
///
/// # Safety
/// `options` is NULL or points to valid options; `run` and `err` are NULL or writable.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn aim_run_new(
    options: *const aim_run_options,
    run: *mut *mut aim_run,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let result = out(run, "run")?;
            let options = read(options)?;
            let repo_options = repo_options(options.repo_options)?;
            let system_options = system_options(&options)?;
            if off::is_disabled(disabled(&options)?)? {
                let asked = with_run_options(&options, |options| off::hash(options.which));
                let hash = asked.or_else(|_| off::hash(Which::New))?;
                let hash = CString::new(hash).map_err(|_| Error::invalid("run_hash"))?;
                result.write(Box::into_raw(Box::new(aim_run { live: None, hash })));
                return Ok(());
            }
            let location = Location::find_of(path(options.repo), repo_options.any_owner)?;
            let repo = Repo::open(location, &repo_options, true)?;
            let run = with_run_options(&options, |options| Run::open(repo, options))?;
            let hash = CString::new(run.hash()).map_err(|_| Error::invalid("run_hash"))?;
            let run = Arc::new(run);
            let system = Attachment::start(&run, system_options);
            let live = Some(Live { run, system });
            result.write(Box::into_raw(Box::new(aim_run { live, hash })));
            Ok(())
        })
    }
}

/// The run's hash, 24 hex digits. Borrowed until the run is freed; NULL for NULL. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_hash(run: *const aim_run) -> *const c_char {
    // SAFETY: promised by the caller.
    unsafe { run.as_ref() }.map_or(std::ptr::null(), |run| run.hash.as_ptr())
}

/// Tracks one value of the metric `name` with `context`, a JSON object or NULL for `{}`; contexts are equal if their
/// values are, whatever the order of their keys. `step` may be `AIM_STEP_AUTO`: the step after the sequence's last,
/// or 0. `epoch` may be `AIM_EPOCH_NONE`. A step tracked again replaces its point. NaN and infinities are values. The
/// point gets the present time.
///
/// When the call returns `AIM_OK` the point survives the death of the process. Name and context are resolved
/// once; from then on a call takes tens of nanoseconds, without locks, allocation or system calls. (The first call of
/// another thread, after one thread has tracked thousands of values alone, makes one system call of some microseconds.)
/// With the journal full it waits for the commit thread.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (name above 4096 bytes, context above 64 KiB),
/// `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL` (the journal is full, and the repository takes nothing or has not
/// answered for ten seconds), `AIM_ERR_IO` or `AIM_ERR_READ_ONLY` (the filesystem has failed: this process can write to the
/// repository no more).
/// Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `name` and `context` are NULL or NUL-terminated; `err` is NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_track(
    run: *const aim_run,
    name: *const c_char,
    value: f64,
    step: i64,
    epoch: i64,
    context: *const c_char,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        if let Some(run) = run.as_ref()
            && !name.is_null()
        {
            // Where tracking is off, not even the length of the name is looked at.
            let tracked = run.live.as_ref().is_none_or(|live| {
                bytes(name).is_some_and(|name| {
                    live.run.try_track(name, bytes(context), value, step, epoch)
                })
            });
            if tracked {
                return AIM_OK;
            }
            if err.is_null()
                && let Some(status) = track_quietly(run, name, value, step, epoch, context)
            {
                return status;
            }
        }
        guard(err, || {
            let run = handle(run, "run")?;
            let name = bytes(name).ok_or_else(|| Error::invalid("name is NULL"))?;
            run.run()?.track(name, bytes(context), value, step, epoch)
        })
    }
}

/// As `aim_run_track`, for a metric that the run has seen: without allocation or lock, so that a signal handler gets an
/// answer where there is no room. `None` for any other.
///
/// # Safety
/// `name` is NUL-terminated, `context` NULL or NUL-terminated.
#[cold]
#[inline(never)]
unsafe fn track_quietly(
    run: &aim_run,
    name: *const c_char,
    value: f64,
    step: i64,
    epoch: i64,
    context: *const c_char,
) -> Option<aim_status> {
    infallible(Some(AIM_ERR_PANIC), || {
        let live = run.live.as_ref()?;
        // SAFETY: promised by the caller.
        let (name, context) = unsafe { (bytes(name)?, bytes(context)) };
        let tracked = live.run.track_quietly(name, context, value, step, epoch);
        tracked.map(told)
    })
}

/// Resolves a metric once, to track with `aim_metric_track`. `context` is a JSON object or NULL for `{}`. On success
/// `*metric` is the caller's, to be given back with `aim_metric_free`, before or after the run.
///
/// @code
/// aim_metric *loss = NULL;
/// if (aim_run_metric(run, "loss", "{\"subset\": \"train\"}", &loss, NULL) == AIM_OK)
///     for (int step = 0; step < 1000; step++)
///         aim_metric_track(loss, 1.0 / (step + 1), step, AIM_EPOCH_NONE);
/// aim_metric_free(loss);
/// @endcode
///
/// Errors: as `aim_run_track`. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `name` and `context` are NULL or NUL-terminated; `metric` and `err` are
/// NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_metric(
    run: *const aim_run,
    name: *const c_char,
    context: *const c_char,
    metric: *mut *mut aim_metric,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let result = out(metric, "metric")?;
            let (name, context) = (required(name, "name")?, optional(context, "context")?);
            let live = run.live.as_ref();
            let metric = live
                .map(|live| live.run.metric(name, context))
                .transpose()?;
            result.write(Box::into_raw(Box::new(aim_metric { metric })));
            Ok(())
        })
    }
}

/// Waits until everything that this process tracked and set before is committed to disk.
///
/// Errors: what keeps the repository from being written; nothing is lost, the library goes on trying.
/// `AIM_ERR_BUSY`: another process does not get on. `AIM_ERR_NOT_FOUND`: the repository was removed, and the message says
/// where its data is saved. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_flush(
    run: *const aim_run,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe { guard(err, || handle(run, "run")?.run()?.flush()) }
}

/// Commits everything and ends the run: its status becomes finished, unless other processes are still writing it.
/// The handle stays until `aim_run_free`; further calls answer `AIM_ERR_CLOSED`.
///
/// Errors: `AIM_ERR_CLOSED` if it is closed already; else what keeps the repository from being written: the run is
/// closed all the same, and the library goes on trying to store it. Thread-safe. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_close(
    run: *const aim_run,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let run = handle(run, "run")?;
            let live = run.live()?;
            live.system.stop();
            live.run.close()
        })
    }
}

/// Frees a run. One that was not closed is closed in the background, without waiting. Never fails. NULL is
/// allowed. Since 0.1.
///
/// # Safety
/// `run` is NULL or a run that was not freed yet and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_run_free(run: *mut aim_run) {
    if !run.is_null() {
        // SAFETY: runs come from `Box::into_raw`, and the caller frees each once.
        infallible((), || drop(unsafe { Box::from_raw(run) }));
    }
}
