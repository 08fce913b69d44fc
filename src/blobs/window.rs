//! Bytes of a file, read into memory that is not filled with zeros before.

use crate::error::Result;
use crate::memory;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// `size` bytes from a place on.
///
/// # Errors
/// `Limit` where there is no such memory. The inner one: the file ends before, or cannot be read.
pub fn read(file: &File, offset: u64, size: usize) -> Result<io::Result<Vec<u8>>> {
    let mut bytes = memory::room::<u8>(size)?;
    while bytes.len() < size {
        let place = match libc::off_t::try_from(offset + bytes.len() as u64) {
            Ok(place) => place,
            Err(e) => return Ok(Err(io::Error::other(e))),
        };
        let left = size - bytes.len();
        let room = &mut bytes.spare_capacity_mut()[..left];
        // SAFETY: the kernel writes no more than the room has.
        let read = unsafe {
            libc::pread(
                file.as_raw_fd(),
                room.as_mut_ptr().cast(),
                room.len(),
                place,
            )
        };
        match usize::try_from(read) {
            Ok(0) => return Ok(Err(io::ErrorKind::UnexpectedEof.into())),
            // SAFETY: so many bytes behind those that there were are written now.
            Ok(count) => unsafe { bytes.set_len(bytes.len() + count) },
            Err(_) => {
                let failed = io::Error::last_os_error();
                if failed.kind() != io::ErrorKind::Interrupted {
                    return Ok(Err(failed));
                }
            }
        }
    }
    Ok(Ok(bytes))
}
