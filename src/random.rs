//! Random numbers of the kernel.

use std::io;

pub fn fill(bytes: &mut [u8]) -> io::Result<()> {
    loop {
        // As a system call: glibc has the function since 2.25.
        // SAFETY: the call writes at most the given number of bytes into the buffer.
        let got = unsafe { libc::syscall(libc::SYS_getrandom, bytes.as_mut_ptr(), bytes.len(), 0) };
        if got == bytes.len() as libc::c_long {
            return Ok(());
        }
        let e = io::Error::last_os_error();
        if got < 0 && e.raw_os_error() != Some(libc::EINTR) {
            return Err(e);
        }
    }
}
