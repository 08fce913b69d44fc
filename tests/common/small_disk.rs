//! Filesystems that only one process and its children see. Mounting takes root.

use std::ffi::CString;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub fn mount(at: &Path, flags: libc::c_ulong, options: &str) {
    let at = CString::new(at.as_os_str().as_bytes()).unwrap();
    let options = CString::new(options).unwrap();
    let kind = c"tmpfs".as_ptr();
    // SAFETY: strings that live through the call.
    let rc = unsafe { libc::mount(kind, at.as_ptr(), kind, flags, options.as_ptr().cast()) };
    assert_eq!(
        rc,
        0,
        "mounting needs root: {}",
        std::io::Error::last_os_error()
    );
}

/// A small filesystem that only this process and its children see.
pub fn small_disk(at: &Path, size: &str) {
    // SAFETY: a call without pointers.
    let own = unsafe { libc::unshare(libc::CLONE_NEWNS) };
    assert_eq!(
        own,
        0,
        "a mount namespace needs root: {}",
        std::io::Error::last_os_error()
    );
    mount(Path::new("/"), libc::MS_REC | libc::MS_PRIVATE, "");
    mount(at, 0, &format!("size={size}"));
}

/// Takes all space but `spare` bytes.
pub fn ballast(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
}
