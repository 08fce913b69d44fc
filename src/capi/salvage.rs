//! Salvage: the report, the call.

use super::error::{aim_error, aim_status};
use super::guard::guard;
use super::options::{Options, aim_repo_options, fill, repo_options};
use super::strings::path;
use crate::error::{Error, Result};
use crate::repo::{self, Location};
use std::ffi::c_char;
use std::path::Path;

/// What a salvage brought over, and what it could not. Initialise with `AIM_SALVAGE_REPORT_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct aim_salvage_report {
    /// `sizeof(aim_salvage_report)`; set by the initialiser.
    pub struct_size: usize,
    /// Runs in the new repository.
    pub runs: u64,
    /// Metrics in the new repository.
    pub metrics: u64,
    /// Points in the new repository.
    pub points: u64,
    /// Pages of the database that cannot be read.
    pub lost_pages: u64,
    /// Rows that do not pass their checks: blocks of points, params, records of runs, names.
    pub lost_rows: u64,
    /// 1 where more may be missing than is counted: a page that says where the newest state of the database begins cannot
    /// be read, so what is here may be the state before it, with what was found on other pages. Else 0.
    pub uncounted: u64,
}

// SAFETY: integers, the size in front.
unsafe impl Options for aim_salvage_report {
    const NAME: &'static str = "aim_salvage_report";
}

/// Copies what is intact in the repository at `repo_path`, whose database cannot be opened (`AIM_ERR_CORRUPT`), into a new
/// one at `into`, and leaves the damaged one as it is. Both are directories that hold `.aim`, or will. Every row must
/// pass its checksum; a run whose record was lost comes with what else is known of it, a lost name with a stand-in.
/// Where the list of free pages was damaged, values that had been replaced or deleted may come back.
/// `options` are those of the new repository and may be NULL, as
/// `report` may.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (`into` holds a repository), `AIM_ERR_NOT_FOUND`, `AIM_ERR_BUSY` (a process
/// writes to the damaged repository), `AIM_ERR_UNSUPPORTED_VERSION` (it has a newer format), `AIM_ERR_IO`,
/// `AIM_ERR_FULL`, `AIM_ERR_UNSUPPORTED_FS`. Thread-safe. Since 0.1.
///
/// # Safety
/// The paths are NULL or NUL-terminated; `options` is NULL or valid; `report` is NULL or initialised; `err` is NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_salvage(
    repo_path: *const c_char,
    into: *const c_char,
    options: *const aim_repo_options,
    report: *mut aim_salvage_report,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let required = |given: *const c_char, name: &str| -> Result<&Path> {
                path(given).ok_or_else(|| Error::invalid(format!("{name} is NULL")))
            };
            let from = Location::find(Some(required(repo_path, "repo_path")?))?;
            let into = Location::find(Some(required(into, "into")?))?;
            let options = repo_options(options)?;
            if !report.is_null() {
                // Before the work, so that a wrong size does not spoil it.
                fill(report, aim_salvage_report::default())?;
            }
            let salvaged = repo::salvage(&from, into, &options)?;
            if report.is_null() {
                return Ok(());
            }
            let filled = aim_salvage_report {
                struct_size: 0,
                runs: salvaged.runs,
                metrics: salvaged.series,
                points: salvaged.points,
                lost_pages: salvaged.lost_pages,
                lost_rows: salvaged.lost_rows,
                uncounted: u64::from(salvaged.uncounted),
            };
            fill(report, filled)
        })
    }
}
