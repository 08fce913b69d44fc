//! The shared library loaded at run time, as interpreters do it.

use crate::common::{child, stored};
use aim::store::RunState;
use std::ffi::{CStr, CString, OsString, c_char, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// `aim_run_options`, as `include/aim.h` has it.
#[repr(C)]
struct RunOptions {
    struct_size: usize,
    repo: *const c_char,
    rest: [usize; 8],
}

type RunNew = unsafe extern "C" fn(*const RunOptions, *mut *mut c_void, *mut *mut c_void) -> i32;
type Track = unsafe extern "C" fn(
    *mut c_void,
    *const c_char,
    f64,
    i64,
    i64,
    *const c_char,
    *mut *mut c_void,
) -> i32;
type Hash = unsafe extern "C" fn(*const c_void) -> *const c_char;

/// The library that cargo built for this program, in the same folder.
fn library() -> PathBuf {
    std::env::current_exe().unwrap().with_file_name("libaim.so")
}

/// Loads the library, opens a run, tracks and unloads it again, several times; closes nothing.
pub fn role(args: &[OsString]) {
    let path = CString::new(library().as_os_str().as_bytes()).unwrap();
    let repo = CString::new(args[0].as_bytes()).unwrap();
    for _ in 0..3 {
        // SAFETY: the types are those of `include/aim.h`.
        unsafe {
            let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
            assert!(!library.is_null(), "{:?}", CStr::from_ptr(libc::dlerror()));
            let symbol = |name: &CStr| {
                let found = libc::dlsym(library, name.as_ptr());
                assert!(!found.is_null(), "{name:?}");
                found
            };
            let run_new: RunNew = std::mem::transmute(symbol(c"aim_run_new"));
            let track: Track = std::mem::transmute(symbol(c"aim_run_track"));
            let hash: Hash = std::mem::transmute(symbol(c"aim_run_hash"));
            let options = RunOptions {
                struct_size: 2 * size_of::<usize>(),
                repo: repo.as_ptr(),
                rest: [0; 8],
            };
            let (mut run, null) = (std::ptr::null_mut(), std::ptr::null_mut());
            assert_eq!(run_new(&raw const options, &raw mut run, null), 0);
            for i in 0..1000 {
                let (name, none) = (c"loss".as_ptr(), std::ptr::null());
                assert_eq!(
                    track(run, name, f64::from(i), i64::MIN, i64::MIN, none, null),
                    0
                );
            }
            child::print(CStr::from_ptr(hash(run)).to_str().unwrap());
            assert_eq!(libc::dlclose(library), 0);
        }
    }
}

#[test]
fn unloading_with_open_runs_harms_nothing_and_exit_finishes_them() {
    let directory = tempfile::tempdir().unwrap();
    let hashes = child::run("dlopen", &[&directory.path()]);
    assert_eq!(hashes.lines().count(), 3);
    let repo = stored::open(Path::new(directory.path()));
    for hash in hashes.lines() {
        let expected: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_eq!(stored::points(&repo, hash, "loss", "{}").values, expected);
        assert_eq!(stored::state(&repo, hash), RunState::Finished);
    }
}
