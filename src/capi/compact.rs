//! Compaction: the options, the report, the call.

use super::error::{aim_error, aim_status};
use super::guard::guard;
use super::options::{Options, aim_repo_options, fill, repo_options};
use super::strings::path;
use crate::repo::{self, Location};
use std::ffi::c_char;

/// What a compaction gave back. Initialise with `AIM_COMPACT_REPORT_INIT`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct aim_compact_report {
    /// `sizeof(aim_compact_report)`; set by the initialiser.
    pub struct_size: usize,
    /// Bytes of the data file and of packs before.
    pub bytes_before: u64,
    /// Bytes of the data file and of packs now.
    pub bytes_after: u64,
    /// Names of metrics, contexts and paths of params that no run has any more, and that were forgotten.
    pub forgotten: u64,
}

// SAFETY: integers, the size in front.
unsafe impl Options for aim_compact_report {
    const NAME: &'static str = "aim_compact_report";
}

/// Makes the data file of the repository at `repo_path` as small as what it holds: space that deleted runs and replaced
/// values left goes back to the filesystem, and that of packs to which no run refers. What dead processes left is brought in first. A new file is written beside
/// the old one and takes its place when it is whole on the disk. NULL for `repo_path`: as for `aim_repo_open`. `options`
/// and `report` may be NULL.
///
/// Errors: `AIM_ERR_BUSY` (a process has the repository open; this one too, by any handle), `AIM_ERR_NOT_FOUND`,
/// `AIM_ERR_READ_ONLY`, `AIM_ERR_FULL` (no room for the new file; the old one stays), `AIM_ERR_IO`, `AIM_ERR_CORRUPT`,
/// `AIM_ERR_UNSUPPORTED_FS`. Thread-safe. Since 0.1.
///
/// # Safety
/// `repo_path` is NULL or NUL-terminated; `options` is NULL or valid; `report` is NULL or initialised; `err` is NULL or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_repo_compact(
    repo_path: *const c_char,
    options: *const aim_repo_options,
    report: *mut aim_compact_report,
    err: *mut *mut aim_error,
) -> aim_status {
    // SAFETY: the pointers are as promised by the caller.
    unsafe {
        guard(err, || {
            let options = repo_options(options)?;
            let location = Location::find_of(path(repo_path), options.any_owner)?;
            if !report.is_null() {
                // Before the work, so that a wrong size does not spoil it.
                fill(report, aim_compact_report::default())?;
            }
            let compacted = repo::compact(&location, &options)?;
            if report.is_null() {
                return Ok(());
            }
            let filled = aim_compact_report {
                struct_size: 0,
                bytes_before: compacted.bytes_before,
                bytes_after: compacted.bytes_after,
                forgotten: compacted.strings,
            };
            fill(report, filled)
        })
    }
}
