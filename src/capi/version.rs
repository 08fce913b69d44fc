use std::ffi::c_char;

/// Version of this header. `aim_version` gives that of the library; a program may use an older header than the
/// library it runs with, of the same major version.
pub const AIM_VERSION_MAJOR: i32 = 0;
pub const AIM_VERSION_MINOR: i32 = 1;
pub const AIM_VERSION_PATCH: i32 = 0;

/// The library's version as text, "MAJOR.MINOR.PATCH". The string is static. Since 0.1.
#[unsafe(no_mangle)]
pub extern "C" fn aim_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constants_are_the_package_version() {
        let constants = format!("{AIM_VERSION_MAJOR}.{AIM_VERSION_MINOR}.{AIM_VERSION_PATCH}");
        assert_eq!(constants, env!("CARGO_PKG_VERSION"));
    }
}
