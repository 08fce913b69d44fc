//! Sequence handles of objects.

use super::error::{aim_error, aim_status};
use super::guard::{guard, handle, infallible, out};
use super::objects::kind;
use super::run::aim_run;
use super::strings::{optional, required};
use super::time::time;
use crate::error::{Error, Result, Status};
use crate::objects::ObjectKind;
use crate::run::Run;
use crate::run::objects::{Keep, Moment, SequenceId};
use std::ffi::c_char;
use std::sync::{Arc, Weak};

/// A sequence of objects of an open run: what it holds, name and context, resolved. It may be used from several threads at
/// once.
pub struct aim_sequence {
    /// `None` where tracking is off.
    run: Option<Weak<Run>>,
    pub(super) id: SequenceId,
}

impl aim_sequence {
    pub(super) fn run(&self) -> Result<Arc<Run>> {
        let run = self.run.as_ref().ok_or_else(Error::off)?;
        run.upgrade()
            .ok_or_else(|| Error::new(Status::Closed, "the sequence's run was freed"))
    }

    pub(super) fn check_kind(&self, wanted: ObjectKind) -> Result<()> {
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
pub(super) fn moment(step: i64, epoch: i64, time: f64) -> Result<Moment> {
    let time = self::time(time)?;
    Ok(Moment { step, epoch, time })
}

/// Says which points of a sequence stay, from this call on and for this handle: the `last` ones, and those whose step is a
/// multiple of `every` (0: none). Each point that is added lets go of the others, whose space `aim_repo_compact` gives back.
/// `last` 0 and `every` 0: all stay.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (`every` without `last`). Thread-safe. Since 0.1.
///
/// # Safety
/// `sequence` is NULL or one that was not freed; `err` is NULL or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_sequence_keep(
    sequence: *const aim_sequence,
    last: u32,
    every: u32,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let keep = ((last, every) != (0, 0)).then_some(Keep { last, every });
            handle(sequence, "sequence")?.id.set_keep(keep)
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
