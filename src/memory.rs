//! What the system is told about memory, and what callers are told where there is none.

use crate::error::{Error, Result, Status};
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

/// An empty vector with room for so much.
///
/// # Errors
/// `Limit` where there is no such memory.
pub fn room<T>(count: usize) -> Result<Vec<T>> {
    let mut room = Vec::new();
    match room.try_reserve_exact(count) {
        Ok(()) => Ok(room),
        Err(_) => Err(lacking(
            (count as u64).saturating_mul(size_of::<T>() as u64),
        )),
    }
}

/// So many zeros.
pub fn zeros<T: Copy + Default>(count: usize) -> Result<Vec<T>> {
    let mut zeros = room(count)?;
    zeros.resize(count, T::default());
    Ok(zeros)
}

/// Before work with something large that is copied on its way, and not by ways that can fail: whether there is room for
/// `copies` of it.
pub fn afford(bytes: usize, copies: usize) -> Result<()> {
    /// Less than this is had wherever a program can run at all.
    const SMALL: usize = 1 << 20;
    match bytes {
        0..SMALL => Ok(()),
        _ => room::<u8>(bytes.saturating_mul(copies)).map(|_| ()),
    }
}

/// There is no memory for what a caller asked for, or a file speaks of.
pub fn lacking(bytes: u64) -> Error {
    Error::new(
        Status::Limit,
        format!("there is no memory for {bytes} bytes (ulimit -v, or the machine's)"),
    )
}
