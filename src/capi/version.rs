//! Version and features of the library.

use super::strings::required;
use std::ffi::c_char;

const PARTS: [(&str, bool); 4] = [
    ("arrow", cfg!(feature = "arrow")),
    ("git", cfg!(feature = "git")),
    ("gpu", cfg!(feature = "gpu")),
    ("terminal", cfg!(feature = "terminal")),
];

/// The library's version as text, "MAJOR.MINOR.PATCH". The string is static. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn aim_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// Whether the library was built with a part that a build may be without: "arrow" (`aim_repo_query_arrow` and its kin), "git"
/// (the state of the git repository in `__system_params`), "gpu" (the use of GPUs, and what they are) or "terminal"
/// (`capture_terminal_logs`). false for every other text, and for NULL. Builds have all of them unless somebody turned
/// them off; a call that needs one that is not there answers `AIM_ERR_UNSUPPORTED`. Thread-safe. Since 0.1.
///
/// # Safety
/// `part` is NULL or NUL-terminated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn aim_has(part: *const c_char) -> bool {
    // SAFETY: promised by the caller.
    let part = unsafe { required(part, "part") };
    part.is_ok_and(|part| PARTS.contains(&(part, true)))
}
