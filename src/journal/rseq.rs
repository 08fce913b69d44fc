//! Sections of code that a thread leaves only by finishing them or by starting them anew: the restartable sequences of
//! Linux (`rseq(2)`), which glibc 2.35 and newer registers for every thread.
//!
//! A section reads and compares, and ends with one instruction that changes memory. The kernel sends a thread that is
//! preempted or gets a signal inside a section back to its start; [`restart_all`] does so with every other thread of the
//! process. After it no thread is on its way to a change that it decided on before.
//!
//! The layout of the thread's area and of the section's descriptor is that of `linux/rseq.h`; the four bytes before the
//! place where a cut section goes on are glibc's `RSEQ_SIG`.

use std::sync::OnceLock;
use std::time::Duration;

/// Distance of the thread's area from the thread pointer; 0 where sections are not to be had.
pub(super) fn area() -> i32 {
    static AREA: OnceLock<i32> = OnceLock::new();
    *AREA.get_or_init(|| registered_area().unwrap_or(0))
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
    static READY: OnceLock<bool> = OnceLock::new();
    *READY.get_or_init(|| {
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

#[cfg(target_arch = "x86_64")]
mod sections {
    use crate::journal::layout::{OWNER, TAIL};
    use crate::journal::record::WORDS;
    use std::arch::asm;
    use std::sync::atomic::AtomicU64;

    /// Tells threads apart that live at the same time. A multiple of 8.
    #[inline(always)]
    pub fn thread_pointer() -> u64 {
        let pointer;
        // SAFETY: the ABI keeps the thread pointer there.
        unsafe {
            asm!("mov {}, fs:[0]", out(reg) pointer, options(nostack, pure, readonly, preserves_flags));
        }
        pointer
    }

    /// A section with `$commit` as its last instruction, reached if `owner` holds `expected`. `$finish` follows it.
    macro_rules! section {
        (
            ($area:ident, $owner:ident, $expected:ident, $word:ident, $to:ident),
            [$($check:literal),*], $commit:literal, [$($finish:literal),*], $($from:tt)*
        ) => {{
            let done: u64;
            asm!(
                ".pushsection .data.rel.ro.local, \"aw\", @progbits",
                ".balign 32",
                "772: .long 0, 0",
                ".quad 773f, 774f - 773f, 775f",
                ".popsection",
                "771: lea {done}, [rip + 772b]",
                "mov fs:[{area} + 8], {done}",
                "xor {done:e}, {done:e}",
                "773: cmp [{owner}], {expected}",
                "jne 776f",
                $($check,)*
                $commit,
                "774:",
                $($finish,)*
                "inc {done:e}",
                // The thread forgets the descriptor, which may be unloaded with the code.
                "776: mov qword ptr fs:[{area} + 8], 0",
                ".pushsection .text.unlikely, \"ax\", @progbits",
                ".byte 0x0f, 0xb9, 0x3d",
                ".long 0x53053053",
                "775: jmp 771b",
                ".popsection",
                area = in(reg) i64::from($area),
                owner = in(reg) $owner,
                expected = in(reg) $expected,
                word = in(reg) $word,
                to = in(reg) $to,
                done = out(reg) done,
                $($from)*,
                options(nostack),
            );
            done != 0
        }};
    }

    /// If `owner` holds `expected` and `word` holds `from`: stores `to`, plainly.
    ///
    /// # Safety
    /// `area` is that of the process and not 0. While `owner` holds `expected`, no other thread changes `word`.
    #[inline(always)]
    pub unsafe fn store_if(
        area: i32,
        (owner, expected): (&AtomicU64, u64),
        word: &AtomicU64,
        (from, to): (u64, u64),
    ) -> bool {
        // SAFETY: both words are valid; the area is the thread's own. The store is of one aligned word.
        unsafe {
            section!(
                (area, owner, expected, word, to),
                ["cmp [{word}], {from}", "jne 776f"],
                "mov [{word}], {to}",
                [],
                from = in(reg) from
            )
        }
    }

    /// A section that ends with storing the first of a slot's words. `$check` and `$before` precede it; the others of the
    /// slot's words are stored between them.
    macro_rules! writing_section {
        ($area:ident, $slot:ident, $words:ident, [$($check:literal),*], [$($before:literal),*], $($from:tt)*) => {{
            let done: u64;
            asm!(
                ".pushsection .data.rel.ro.local, \"aw\", @progbits",
                ".balign 32",
                "772: .long 0, 0",
                ".quad 773f, 774f - 773f, 775f",
                ".popsection",
                "771: lea {done}, [rip + 772b]",
                "mov fs:[{area} + 8], {done}",
                "773:",
                $($check,)*
                "movq [{slot} + 8], {word1}",
                "movq [{slot} + 16], {word2}",
                "movq [{slot} + 24], {word3}",
                "movq [{slot} + 32], {word4}",
                "movq [{slot} + 40], {word5}",
                $($before,)*
                "mov [{slot}], {word0}",
                "774: mov {done:e}, 1",
                "jmp 777f",
                "776: xor {done:e}, {done:e}",
                // The thread forgets the descriptor, which may be unloaded with the code.
                "777: mov qword ptr fs:[{area} + 8], 0",
                ".pushsection .text.unlikely, \"ax\", @progbits",
                ".byte 0x0f, 0xb9, 0x3d",
                ".long 0x53053053",
                "775: jmp 771b",
                ".popsection",
                area = in(reg) i64::from($area),
                slot = in(reg) $slot,
                word0 = in(reg) $words[0],
                word1 = in(xmm_reg) $words[1],
                word2 = in(xmm_reg) $words[2],
                word3 = in(xmm_reg) $words[3],
                word4 = in(xmm_reg) $words[4],
                word5 = in(xmm_reg) $words[5],
                done = out(reg) done,
                $($from)*,
                options(nostack),
            );
            done != 0
        }};
    }

    /// If the owner of the tail is `me` and the tail is `position`: writes a slot, stores the tail behind it, plainly,
    /// and publishes the slot. `header` is the first word of the journal.
    ///
    /// # Safety
    /// `area` is that of the process and not 0. While the owner is `me`, no other thread changes the tail. The slot at
    /// the tail is free.
    #[inline(always)]
    pub unsafe fn put_if(
        area: i32,
        (header, me): (&AtomicU64, u64),
        position: u64,
        slot: &[AtomicU64; WORDS],
        words: &[u64; WORDS],
    ) -> bool {
        // SAFETY: all that is stored to lies in the journal; the area is the thread's own. Stores are of aligned words,
        // and this processor makes them visible in their order.
        unsafe {
            writing_section!(
                area, slot, words,
                ["cmp [{header} + {OWNER}], {me}", "jne 776f", "cmp [{header} + {TAIL}], {position}", "jne 776f"],
                ["lea {done}, [{position} + 1]", "mov [{header} + {TAIL}], {done}"],
                header = in(reg) header,
                me = in(reg) me,
                position = in(reg) position,
                OWNER = const OWNER,
                TAIL = const TAIL
            )
        }
    }

    /// If `given_up` is not above `position`: writes and publishes the slot of that position.
    ///
    /// # Safety
    /// `area` is that of the process and not 0. The slot was reserved by this thread.
    #[inline(always)]
    pub unsafe fn publish_if(
        area: i32,
        given_up: &AtomicU64,
        position: u64,
        slot: &[AtomicU64; WORDS],
        words: &[u64; WORDS],
    ) -> bool {
        // SAFETY: as above.
        unsafe {
            writing_section!(
                area, slot, words,
                ["cmp [{given_up}], {position}", "ja 776f"],
                [],
                given_up = in(reg) given_up,
                position = in(reg) position
            )
        }
    }

    /// If `owner` holds `expected`: replaces `from` in `word` with `to`, if it is there, as a sequentially consistent
    /// compare-and-swap does.
    ///
    /// # Safety
    /// `area` is that of the process and not 0.
    #[inline(always)]
    pub unsafe fn swap_if(
        area: i32,
        (owner, expected): (&AtomicU64, u64),
        word: &AtomicU64,
        (from, to): (u64, u64),
    ) -> bool {
        // SAFETY: as above.
        unsafe {
            section!(
                (area, owner, expected, word, to),
                [],
                "lock cmpxchg [{word}], {to}",
                ["jne 776f"],
                inout("rax") from => _
            )
        }
    }
}

/// Without sections nobody calls these.
#[cfg(not(target_arch = "x86_64"))]
mod sections {
    use crate::journal::record::WORDS;
    use std::sync::atomic::AtomicU64;

    pub fn thread_pointer() -> u64 {
        0
    }

    pub unsafe fn store_if(_: i32, _: (&AtomicU64, u64), _: &AtomicU64, _: (u64, u64)) -> bool {
        false
    }

    pub unsafe fn swap_if(_: i32, _: (&AtomicU64, u64), _: &AtomicU64, _: (u64, u64)) -> bool {
        false
    }

    pub unsafe fn put_if(
        _: i32,
        _: (&AtomicU64, u64),
        _: u64,
        _: &[AtomicU64; WORDS],
        _: &[u64; WORDS],
    ) -> bool {
        false
    }

    pub unsafe fn publish_if(
        _: i32,
        _: &AtomicU64,
        _: u64,
        _: &[AtomicU64; WORDS],
        _: &[u64; WORDS],
    ) -> bool {
        false
    }
}

pub(super) use sections::{publish_if, put_if, store_if, swap_if, thread_pointer};
