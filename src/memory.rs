//! What the system is told about memory, and what callers are told where there is none.

use crate::error::{Error, Status};
use std::mem::MaybeUninit;

/// Room from which huge pages pay: with small ones, the page faults take longer than filling it with decoded points.
const LARGE: usize = 4 << 20;

/// Asks for huge pages behind room that is about to be filled.
pub fn prefer_huge_pages<T>(room: &mut [MaybeUninit<T>]) {
    let page = page_bytes();
    let bytes = std::mem::size_of_val(room);
    if bytes < LARGE {
        return;
    }
    let start = room.as_mut_ptr().cast::<u8>();
    let skip = start.align_offset(page);
    // SAFETY: whole pages within the room; the advice leaves their content alone, and a kernel that knows it not
    // refuses it.
    unsafe {
        libc::madvise(
            start.add(skip).cast(),
            (bytes - skip) & !(page - 1),
            libc::MADV_HUGEPAGE,
        )
    };
}

/// Bytes of a page of this system.
pub fn page_bytes() -> usize {
    // SAFETY: the call has no pointers.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(bytes).unwrap_or(1 << 16)
}

/// There is no memory for what a caller asked for, or a file speaks of.
pub fn lacking(bytes: u64) -> Error {
    Error::new(
        Status::Limit,
        format!("there is no memory for {bytes} bytes (ulimit -v, or the machine's)"),
    )
}
