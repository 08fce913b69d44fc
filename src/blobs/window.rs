//! Bytes of a file, read into memory that is not filled with zeros before. Where much is read, what is dear is memory that the
//! process has not had yet, since the kernel brings it page by page: so it is asked for in large pages, and kept for what is
//! read next.

use crate::error::Result;
use crate::lock::Mutex;
use crate::memory;
use std::fs::File;
use std::io;
use std::ops::Deref;
use std::os::fd::AsRawFd;
use std::sync::Arc;

/// What memory of a shelf is had in.
const SIZES: [usize; 3] = [256 << 10, 1 << 20, 4 << 20];

/// Memory for what is read, of which one piece of each size is kept for the next.
#[derive(Default)]
pub struct Shelf {
    kept: Mutex<[Vec<u8>; SIZES.len()]>,
}

impl Shelf {
    /// Empty, with room for so many bytes. Nobody waits here: a fork may have left the lock held.
    fn take(&self, size: usize) -> Result<Vec<u8>> {
        let Some(i) = SIZES.iter().position(|most| size <= *most) else {
            return memory::room(size);
        };
        let kept = self.kept.try_lock();
        let kept = kept.map(|mut kept| std::mem::take(&mut kept[i]));
        match kept.filter(|bytes| bytes.capacity() > 0) {
            Some(mut bytes) => {
                bytes.clear();
                Ok(bytes)
            }
            None => memory::room(SIZES[i]),
        }
    }

    fn put(&self, bytes: Vec<u8>) {
        let i = SIZES.iter().position(|size| *size == bytes.capacity());
        if let (Some(i), Some(mut kept)) = (i, self.kept.try_lock()) {
            kept[i] = bytes;
        }
    }
}

/// Bytes that were read. Their memory goes back to the shelf that it is from.
pub struct Window {
    bytes: Vec<u8>,
    shelf: Option<Arc<Shelf>>,
}

impl Deref for Window {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if let Some(shelf) = &self.shelf {
            shelf.put(std::mem::take(&mut self.bytes));
        }
    }
}

/// `size` bytes from a place on, into memory of a shelf or of their own.
///
/// # Errors
/// `Limit` where there is no such memory. The inner one: the file ends before, or cannot be read.
pub fn read(
    file: &File,
    offset: u64,
    size: usize,
    shelf: Option<&Arc<Shelf>>,
) -> Result<io::Result<Window>> {
    let bytes = shelf.map_or_else(|| memory::room(size), |shelf| shelf.take(size))?;
    let mut window = Window {
        bytes,
        shelf: shelf.map(Arc::clone),
    };
    let bytes = &mut window.bytes;
    memory::prefer_huge_pages(bytes.spare_capacity_mut());
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
    Ok(Ok(window))
}
