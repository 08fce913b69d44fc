//! The journal file as memory: disk space taken and every page present before the first record, so that a store
//! into it neither waits for the disk to find room nor raises a signal.

use super::lane_word::LONGEST;
use super::record::{SLOT_BYTES, WORDS};
use super::ring::POSITION;
use super::words::{Lane, Memory};
use super::{bias, detour, layout, rseq, sections};
use crate::error::{Error, Result, Status};
use crate::{memory, random};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Relaxed, Release};

/// In a ring that holds fewer records, no metric takes several slots at a time.
const BUSY: u64 = 64;

pub(super) struct Mapping {
    view: View,
}

/// The memory of a mapping, for those who keep the mapping alive: the journal and all that hold on to it.
#[derive(Clone, Copy)]
pub(super) struct View {
    base: NonNull<u8>,
    /// Hides thread pointers from those who read the file.
    mask: u64,
    slots: u32,
    /// Where threads have what their sections need; 0 without sections.
    area: i32,
}

// SAFETY: the mapping is shared memory that is only accessed through atomics, or in slots that the ring has
// handed to one thread.
unsafe impl Send for View {}
// SAFETY: as above.
unsafe impl Sync for View {}

impl Mapping {
    /// Maps a file with room for `slots`, which need not exist yet.
    pub fn reserve(file: &File, slots: u32) -> io::Result<Self> {
        let bytes = layout::file_bytes(u64::from(slots)) as usize;
        // SAFETY: a new mapping at an address of the kernel's choice.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let base = NonNull::new(base.cast()).ok_or_else(|| io::Error::other("mapped at zero"))?;
        let mut mask = [0; 8];
        random::fill(&mut mask)?;
        let view = View {
            base,
            mask: u64::from_ne_bytes(mask),
            slots,
            area: rseq::area(),
        };
        let mapping = Self { view };
        // A forked child must not write to its parent's journal, not even by accident.
        mapping.advise(libc::MADV_DONTFORK)?;
        Ok(mapping)
    }

    /// Takes disk space for the whole mapping and brings its pages in, writable.
    pub fn populate(&self, file: &File) -> Result<()> {
        allocate(file, self.view.bytes() as u64)?;
        match self.advise(libc::MADV_POPULATE_WRITE) {
            Ok(()) => Ok(()),
            // What a store would have answered with SIGBUS: no room, in spite of the allocation.
            Err(e) if e.raw_os_error() == Some(libc::EFAULT) => Err(Error::new(
                Status::Full,
                format!(
                    "no room on the disk for a journal of {} bytes",
                    self.view.bytes()
                ),
            )),
            // Kernels before 5.14.
            Err(e) if e.raw_os_error() == Some(libc::EINVAL) => {
                write_zeros(file, self.view.bytes() as u64)?;
                for at in (0..self.view.bytes()).step_by(4096) {
                    // SAFETY: the byte is inside the mapping; no record is written yet, and the first byte of a
                    // page is none that the header changes.
                    unsafe {
                        let byte = self.view.base.as_ptr().add(at);
                        byte.write_volatile(byte.read_volatile());
                    }
                }
                Ok(())
            }
            Err(e) => Err(Error::io("bringing in the pages of a journal", &e)),
        }
    }

    fn advise(&self, advice: libc::c_int) -> io::Result<()> {
        self.advise_part(0..self.view.bytes(), advice)
    }

    /// For all pages that the part touches.
    fn advise_part(&self, part: Range<usize>, advice: libc::c_int) -> io::Result<()> {
        debug_assert!(part.end <= self.view.bytes());
        let part = whole_pages(part, memory::page_bytes());
        loop {
            // SAFETY: the range is inside this mapping; none of the advices used here discards contents.
            let start = unsafe { self.view.base.as_ptr().add(part.start) };
            // SAFETY: as above.
            if unsafe { libc::madvise(start.cast(), part.len(), advice) } == 0 {
                return Ok(());
            }
            let e = io::Error::last_os_error();
            if !matches!(e.raw_os_error(), Some(libc::EINTR | libc::EAGAIN)) {
                return Err(e);
            }
        }
    }

    /// Brings the header in for writing, as the first store to a page after the kernel wrote it back does. False if the
    /// filesystem refuses, which would have ended in SIGBUS there.
    pub fn takes_header(&self) -> bool {
        self.is_writable(0..layout::HEADER_BYTES)
    }

    /// The same for slots from a physical one on, as far as the end of the ring.
    pub fn takes_slots(&self, first: u64, count: u64) -> bool {
        let end = layout::trial_page(u64::from(self.view.slots)) as usize;
        let page = |slot: u64| {
            let offset = layout::HEADER_BYTES + slot as usize * SLOT_BYTES;
            offset - offset % layout::PAGE_BYTES
        };
        count == 0
            || self.is_writable(page(first)..(page(first + count) + layout::PAGE_BYTES).min(end))
    }

    fn is_writable(&self, part: Range<usize>) -> bool {
        let populated = self.advise_part(part, libc::MADV_POPULATE_WRITE);
        // Kernels before 5.14 cannot tell.
        !populated.is_err_and(|e| e.raw_os_error() == Some(libc::EFAULT))
    }

    /// Whether the filesystem writes a page back and takes the next store to it.
    pub fn is_written_back(&self) -> bool {
        let start = layout::trial_page(u64::from(self.view.slots)) as usize;
        let part = start..start + layout::PAGE_BYTES;
        if !self.is_writable(part.clone()) {
            return false;
        }
        self.view.word(start).fetch_add(1, Relaxed);
        let pages = whole_pages(part.clone(), memory::page_bytes());
        // SAFETY: the pages are inside this mapping.
        let written = unsafe {
            let first = self.view.base.as_ptr().add(pages.start);
            libc::msync(first.cast(), pages.len(), libc::MS_SYNC)
        };
        written == 0 && self.is_writable(part)
    }

    /// Puts zeros in place of the file, at the same addresses.
    pub fn leave_file(&self) -> io::Result<()> {
        let start = self.view.base.as_ptr().cast();
        // SAFETY: the new mapping takes the place of this one, whose addresses stay valid throughout: nobody has a
        // reference to anything there but words that are only accessed as atomics, and payload that the caller reads.
        let mapped = unsafe {
            libc::mmap(
                start,
                self.view.bytes(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
                -1,
                0,
            )
        };
        match mapped == libc::MAP_FAILED {
            true => Err(io::Error::last_os_error()),
            false => self.advise(libc::MADV_DONTFORK),
        }
    }

    pub fn view(&self) -> View {
        self.view
    }
}

/// The part from the start of the page in which it begins: pages of the system may be larger than those of the file. The
/// system takes an end within a page for that of the page.
fn whole_pages(part: Range<usize>, page: usize) -> Range<usize> {
    part.start - part.start % page..part.end
}

impl View {
    fn bytes(&self) -> usize {
        layout::file_bytes(u64::from(self.slots)) as usize
    }

    /// The word at a byte offset of the file, a multiple of 8 inside the mapping.
    #[inline(always)]
    pub fn word(&self, offset: usize) -> &AtomicU64 {
        debug_assert!(offset.is_multiple_of(8) && offset + 8 <= self.bytes());
        // SAFETY: the offset is aligned and inside the mapping, which is alive.
        unsafe { AtomicU64::from_ptr(self.base.as_ptr().add(offset).cast()) }
    }

    /// Address of a physical slot, which is one of the ring's.
    #[inline(always)]
    pub fn address(&self, slot: u64) -> *mut u8 {
        let offset = layout::HEADER_BYTES + slot as usize * SLOT_BYTES;
        debug_assert!(offset + SLOT_BYTES <= self.bytes());
        // SAFETY: the offset is inside the mapping.
        unsafe { self.base.as_ptr().add(offset) }
    }

    /// The words of a physical slot.
    #[inline(always)]
    pub fn slot(&self, slot: u64) -> &[AtomicU64; WORDS] {
        // SAFETY: a slot is six aligned words inside the mapping, which is alive. Its words are
        // only accessed as atomics while anybody else may access them.
        unsafe { &*self.address(slot).cast() }
    }

    #[inline(always)]
    fn slot_of(&self, position: u64) -> &[AtomicU64; WORDS] {
        self.slot(position & (u64::from(self.slots) - 1))
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the range was mapped by `reserve`; whoever has a view of it keeps this mapping alive.
        unsafe { libc::munmap(self.view.base.as_ptr().cast(), self.view.bytes()) };
    }
}

impl Memory for View {
    type Word = AtomicU64;

    #[inline(always)]
    fn head(&self) -> &AtomicU64 {
        self.word(layout::HEAD)
    }

    #[inline(always)]
    fn tail(&self) -> &AtomicU64 {
        self.word(layout::TAIL)
    }

    #[inline(always)]
    fn wake_at(&self) -> &AtomicU64 {
        self.word(layout::WAKE_AT)
    }

    #[inline(always)]
    fn owner(&self) -> &AtomicU64 {
        self.word(layout::OWNER)
    }

    #[inline(always)]
    fn given_up(&self) -> &AtomicU64 {
        self.word(layout::GIVEN_UP)
    }

    #[inline(always)]
    fn detours(&self) -> &AtomicU64 {
        self.word(layout::DETOURS)
    }

    #[inline(always)]
    fn has_sections(&self) -> bool {
        self.area != 0
    }

    #[inline(always)]
    fn this_thread(&self) -> u64 {
        (sections::thread_pointer() ^ self.mask) | bias::THREAD
    }

    #[inline(always)]
    fn store_tail_if(&self, this_thread: u64, from: u64, to: u64) -> bool {
        let view = *self;
        // SAFETY: the owner is a thread only where there are sections, and then that thread alone moves the tail.
        unsafe {
            sections::store_if(
                self.area,
                (self.owner(), this_thread),
                self.tail(),
                (from, to),
                move || detour::move_tail(&view, this_thread, from, to),
            )
        }
    }

    #[inline(always)]
    fn swap_tail_if(&self, expected: u64, from: u64, to: u64) -> bool {
        let view = *self;
        // SAFETY: asked for only where there are sections.
        unsafe {
            sections::swap_if(
                self.area,
                (self.owner(), expected),
                self.tail(),
                (from, to),
                move || detour::move_tail(&view, expected, from, to),
            )
        }
    }

    #[inline(always)]
    fn put_if_owner(&self, this_thread: u64, position: u64, words: &[u64; WORDS]) -> bool {
        let (view, words) = (*self, *words);
        // SAFETY: as for `store_tail_if`; the slot at the tail is inside the mapping, and free.
        unsafe {
            sections::put_if(
                self.area,
                (self.word(0), this_thread),
                position,
                self.slot_of(position),
                words,
                move || detour::put(&view, this_thread, position, &words),
            )
        }
    }

    #[inline(always)]
    fn publish_if_kept(&self, position: u64, words: &[u64; WORDS]) -> bool {
        if self.has_sections() {
            let (view, words) = (*self, *words);
            // SAFETY: there are sections, and this thread has reserved the slot.
            return unsafe {
                sections::publish_if(
                    self.area,
                    self.given_up(),
                    position,
                    self.slot_of(position),
                    words,
                    move || detour::publish(&view, position, &words),
                )
            };
        }
        if self.given_up().load(Relaxed) > position {
            return false;
        }
        self.write(position, words);
        true
    }

    #[inline(always)]
    fn write(&self, position: u64, words: &[u64; WORDS]) {
        let slot = self.slot_of(position);
        for n in 1..WORDS {
            slot[n].store(words[n], Relaxed);
        }
        slot[0].store(words[0], Release);
    }

    #[inline(always)]
    fn longest_lane(&self) -> u64 {
        u64::from(self.slots / 256).clamp(1, LONGEST)
    }

    /// Until a ring's length later. What a metric takes and does not use is lost to a ring that nobody drains: a thread by
    /// itself uses all of it.
    fn is_contended(&self, this_thread: u64) -> bool {
        let tail = self.tail().load(Relaxed) & POSITION;
        let (latest, until) = (self.word(layout::LATEST), self.word(layout::CONTENDED));
        let before = latest.load(Relaxed);
        if before != this_thread {
            latest.store(this_thread, Relaxed);
            if before != 0 {
                until.store(tail + u64::from(self.slots), Relaxed);
            }
        }
        tail < until.load(Relaxed) && tail.saturating_sub(self.head().load(Relaxed)) >= BUSY
    }

    /// Each change costs as much as some thousand records.
    fn patience(&self) -> u64 {
        1 << 24
    }

    #[inline(always)]
    fn put_if_holder(
        &self,
        this_thread: u64,
        lane: &Lane<AtomicU64>,
        word: u64,
        position: u64,
        words: &[u64; WORDS],
    ) -> bool {
        let (view, words) = (*self, *words);
        // SAFETY: a lane is a thread's only where there are sections, and then that thread alone hands its slots out; the
        // slot at `position` is inside the mapping, and reserved.
        unsafe {
            sections::put_in_lane_if(
                self.area,
                (lane, this_thread, word),
                (self.word(0), position),
                self.slot_of(position),
                words,
                move || detour::put_in_lane(&view, this_thread, lane, word, position, &words),
            )
        }
    }

    fn restart_sections(&self) {
        rseq::restart_all();
    }

    #[inline(always)]
    fn header(&self, slot: u64) -> &AtomicU64 {
        &self.slot(slot)[0]
    }
}

/// The size in bytes beyond which writing to a file would end the process (SIGXFSZ).
pub(super) fn size_limit() -> u64 {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the call writes one `rlimit` through the pointer.
    match unsafe { libc::getrlimit(libc::RLIMIT_FSIZE, &raw mut limit) } {
        0 => limit.rlim_cur,
        _ => u64::MAX,
    }
}

fn allocate(file: &File, bytes: u64) -> Result<()> {
    loop {
        // SAFETY: a call on an open descriptor.
        if unsafe { libc::fallocate(file.as_raw_fd(), 0, 0, bytes as libc::off_t) } == 0 {
            return Ok(());
        }
        let e = io::Error::last_os_error();
        match e.raw_os_error() {
            Some(libc::EINTR) => {}
            Some(libc::EOPNOTSUPP | libc::ENOSYS) => return write_zeros(file, bytes),
            _ => {
                return Err(Error::io(
                    format!("taking {bytes} bytes of disk for a journal"),
                    &e,
                ));
            }
        }
    }
}

/// Writes zeros after the header.
fn write_zeros(file: &File, bytes: u64) -> Result<()> {
    let zeros = vec![0_u8; 1 << 16];
    let mut at = layout::HEADER_BYTES as u64;
    while at < bytes {
        let part = (bytes - at).min(zeros.len() as u64);
        file.write_all_at(&zeros[..part as usize], at)
            .map_err(|e| Error::io(format!("writing a journal of {bytes} bytes"), &e))?;
        at += part;
    }
    Ok(())
}

/// On Btrfs, asks that blocks of this still empty file be rewritten in place. Copy-on-write would need new
/// blocks for each rewritten page, and a full disk would then show as SIGBUS.
pub(super) fn write_in_place(file: &File) {
    const FS_NOCOW_FL: libc::c_long = 0x0080_0000;
    // SAFETY: `statfs` is a plain C struct for which zero is valid; the call fills it in.
    let mut about: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: the descriptor is open and the pointer refers to a `statfs`.
    let known = unsafe { libc::fstatfs(file.as_raw_fd(), &raw mut about) } == 0;
    if !known || about.f_type as u64 & 0xffff_ffff != libc::BTRFS_SUPER_MAGIC as u64 & 0xffff_ffff {
        return;
    }
    let mut flags: libc::c_long = 0;
    // SAFETY: the request writes one long through the pointer.
    if unsafe { libc::ioctl(file.as_raw_fd(), libc::FS_IOC_GETFLAGS, &raw mut flags) } == 0 {
        flags |= FS_NOCOW_FL;
        // SAFETY: the request reads one long through the pointer.
        unsafe { libc::ioctl(file.as_raw_fd(), libc::FS_IOC_SETFLAGS, &raw const flags) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_is_asked_for_whole_pages() {
        let trial = layout::trial_page(8) as usize;
        let part = trial..trial + layout::PAGE_BYTES;
        assert_eq!(whole_pages(part.clone(), 4096), part);
        assert_eq!(whole_pages(part.clone(), 1 << 16), 0..part.end);
        assert_eq!(whole_pages(70_000..80_000, 1 << 16), 65_536..80_000);
    }
}
