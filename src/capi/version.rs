use super::strings::required;
use std::ffi::c_char;

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
    match unsafe { required(part, "part") } {
        Ok("arrow") => cfg!(feature = "arrow"),
        Ok("git") => cfg!(feature = "git"),
        Ok("gpu") => cfg!(feature = "gpu"),
        Ok("terminal") => cfg!(feature = "terminal"),
        _ => false,
    }
}
