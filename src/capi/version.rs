use std::ffi::c_char;

/// The library's version as text, "MAJOR.MINOR.PATCH". The string is static. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn aim_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
