//! Bytes of a file, in memory that is not filled with zeros before.

use crate::error::Result;
use crate::memory::{self, HUGE_PAGE};
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;

/// A part of a file that was read at once. From the size of a huge page on it begins where one does: what takes the kernel a
/// fault for each small page takes it longer than reading.
pub struct Window {
    room: Vec<u8>,
    start: usize,
    size: usize,
}

impl Window {
    /// # Errors
    /// `Limit` where there is no such memory. The inner one: the file ends before, or cannot be read.
    pub fn read(file: &File, offset: u64, size: usize) -> Result<io::Result<Window>> {
        let spare = if size < HUGE_PAGE { 0 } else { HUGE_PAGE };
        let lacking = || memory::lacking(size as u64);
        let mut room = memory::room::<u8>(size.checked_add(spare).ok_or_else(lacking)?)?;
        let whole = room.spare_capacity_mut();
        let start = match spare {
            0 => 0,
            _ => whole.as_ptr().align_offset(HUGE_PAGE).min(spare),
        };
        let part = &mut whole[start..start + size];
        memory::prefer_huge_pages(part);
        let read = fill(file, offset, part);
        Ok(read.map(|()| Window { room, start, size }))
    }

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: so many bytes from there on lie within the room, and were filled when it was made.
        unsafe { std::slice::from_raw_parts(self.room.as_ptr().add(self.start), self.size) }
    }
}

/// Fills all of it with what the file has from there on.
fn fill(file: &File, offset: u64, mut room: &mut [MaybeUninit<u8>]) -> io::Result<()> {
    let mut at = offset;
    while !room.is_empty() {
        let place = libc::off_t::try_from(at).map_err(io::Error::other)?;
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
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                room = &mut room[count..];
                at += count as u64;
            }
            Err(_) => {
                let failed = io::Error::last_os_error();
                if failed.kind() != io::ErrorKind::Interrupted {
                    return Err(failed);
                }
            }
        }
    }
    Ok(())
}
