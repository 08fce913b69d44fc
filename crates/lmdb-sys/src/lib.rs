//! LMDB's functions as C declares them (`bindings.rs`), and what is told and asked beside them (`embed.c`).
#![allow(non_camel_case_types, non_upper_case_globals, non_snake_case)]
#![allow(clippy::all, clippy::undocumented_unsafe_blocks)]

pub type mdb_mode_t = libc::mode_t;
pub type mdb_filehandle_t = libc::c_int;

include!("bindings.rs");

unsafe extern "C" {
    fn embed_lmdb_choose_number(number: libc::c_int);
    fn embed_lmdb_files(env: *const MDB_env, files: *mut libc::c_int);
    fn embed_lmdb_set_files(env: *mut MDB_env, files: *const libc::c_int);
    fn embed_lmdb_lock_again(env: *mut MDB_env) -> libc::c_int;
    fn embed_lmdb_go_on(env: *mut MDB_env);
}

/// What LMDB takes for its process id in this thread; zero for the process id.
pub fn choose_number(number: libc::c_int) {
    // SAFETY: the call sets a variable of this thread.
    unsafe { embed_lmdb_choose_number(number) };
}

/// The descriptors of the data file, of the data file opened for the meta pages, and of the lock file; -1 for none.
///
/// # Safety
/// `env` is open.
pub unsafe fn files(env: *const MDB_env) -> [libc::c_int; 3] {
    let mut files = [-1; 3];
    // SAFETY: the call reads the environment and writes three numbers.
    unsafe { embed_lmdb_files(env, files.as_mut_ptr()) };
    files
}

/// Puts other descriptors in their place, of the same files. The environment does not close the ones before.
///
/// # Safety
/// `env` is open and not used by another thread.
pub unsafe fn set_files(env: *mut MDB_env, files: [libc::c_int; 3]) {
    // SAFETY: the call reads three numbers and changes the environment.
    unsafe { embed_lmdb_set_files(env, files.as_ptr()) };
}

/// Takes the record locks on the lock file again, which went with its descriptor; 0 or an error of the system.
///
/// # Safety
/// `env` is open and not used by another thread.
pub unsafe fn lock_again(env: *mut MDB_env) -> libc::c_int {
    // SAFETY: promised by the caller.
    unsafe { embed_lmdb_lock_again(env) }
}

/// Uses an environment again whose last commit failed for want of room, when a meta page was to be written: nothing of it was.
///
/// # Safety
/// `env` is open.
pub unsafe fn go_on(env: *mut MDB_env) {
    // SAFETY: the call changes a flag.
    unsafe { embed_lmdb_go_on(env) }
}
