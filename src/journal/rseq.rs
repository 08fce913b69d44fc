//! Sections of code that a thread leaves only by finishing them or by starting them anew: the restartable sequences of
//! Linux (`rseq(2)`), which glibc 2.35 and newer registers for every thread.
//!
//! A section reads and compares, and ends with one instruction that changes memory. The kernel sends a thread that is
//! preempted or gets a signal inside a section back to its start; [`restart_all`] does so with every other thread of the
//! process. After it no thread is on its way to a change that it decided on before.
//!
//! The sections themselves are in `sections.rs`. The layout of the thread's area and of a section's descriptor is that of
//! `linux/rseq.h`; the four bytes before the place where a cut section goes on are glibc's `RSEQ_SIG`.

use once_cell::race::{OnceBool, OnceBox};
use std::time::Duration;

/// Distance of the thread's area from the thread pointer; 0 where sections are not to be had.
pub(super) fn area() -> i32 {
    static AREA: OnceBox<i32> = OnceBox::new();
    *AREA.get_or_init(|| Box::new(registered_area().unwrap_or(0)))
}

#[cfg(target_arch = "x86_64")]
fn registered_area() -> Option<i32> {
    // SAFETY: the names are NUL-terminated.
    let (size, offset) = unsafe {
        (
            libc::dlsym(libc::RTLD_DEFAULT, c"__rseq_size".as_ptr()),
            libc::dlsym(libc::RTLD_DEFAULT, c"__rseq_offset".as_ptr()),
        )
    };
    if size.is_null() || offset.is_null() {
        return None;
    }
    // SAFETY: glibc defines `const unsigned int __rseq_size` and `const ptrdiff_t __rseq_offset`.
    let (size, offset) = unsafe { (*size.cast::<libc::c_uint>(), *offset.cast::<isize>()) };
    // Zero where the kernel has no sections, or the program's user turned them off.
    (size != 0).then(|| i32::try_from(offset).ok()).flatten()
}

#[cfg(not(target_arch = "x86_64"))]
fn registered_area() -> Option<i32> {
    None
}

/// Tells the kernel that [`restart_all`] will be used. With several threads this takes it some milliseconds, once.
pub(super) fn prepare_to_restart() -> bool {
    static READY: OnceBool = OnceBool::new();
    READY.get_or_init(|| {
        area() != 0 && membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)
    })
}

/// Restarts the sections that other threads are in. It is a full memory barrier on every thread, too.
pub(super) fn restart_all() {
    if !prepare_to_restart() || !membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ) {
        // Only a filter on system calls, set up since, can refuse. A section is a handful of instructions: a thread
        // that has not got to the end of one after this time was preempted, and the kernel has restarted it.
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn membarrier(command: libc::c_int) -> bool {
    // SAFETY: the call has no pointers.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}
