//! The sections in which producers change the ring (`rseq.rs`, `bias.rs`), as instructions.
//!
//! Debuggers and tracers find the sections of a file in three places: `__rseq_cs` holds the descriptors,
//! `__rseq_cs_ptr_array` their addresses, and `__rseq_exit_point_array` where each is left in its middle. One that does
//! not look there and steps through a section instruction by instruction interrupts it at each of them.

use super::record::WORDS;
use super::words::Lane;
use std::sync::atomic::AtomicU64;

/// So often a call begins a section that is interrupted before it does without.
const TRIES: u32 = 4;

/// A word, and what it has to hold or what takes the place of what.
type Expected<'a> = (&'a AtomicU64, u64);
type Change = (u64, u64);
type Slot<'a> = &'a [AtomicU64; WORDS];

/// Outcomes of a section: it came to its end, or was interrupted; 0 if what it compared is not so.
const DONE: u64 = 1;
const INTERRUPTED: u64 = 2;

/// How a change is made.
#[derive(Clone, Copy)]
enum Way {
    Section,
    Around,
}

/// Makes a change in a section, or around it once that was interrupted time after time. One value owns what both ways use:
/// were it lent, it would have to be in memory, in the calls that are not interrupted too.
#[inline(always)]
fn tried(change: impl Fn(Way) -> u64) -> bool {
    match change(Way::Section) {
        DONE => true,
        INTERRUPTED => tried_again(change),
        _ => false,
    }
}

#[cold]
#[inline(never)]
fn tried_again(change: impl Fn(Way) -> u64) -> bool {
    let ended = (1..TRIES)
        .map(|_| change(Way::Section))
        .find(|ended| *ended != INTERRUPTED);
    ended.unwrap_or_else(|| change(Way::Around)) == DONE
}

/// If `owner` holds `expected` and `word` holds `from`: stores `to`, plainly.
///
/// # Safety
/// `area` is that of the process and not 0. While `owner` holds `expected`, no other thread changes `word`.
#[inline(always)]
pub(super) unsafe fn store_if(
    area: i32,
    owner: Expected<'_>,
    word: &AtomicU64,
    change: Change,
    around: impl Fn() -> bool,
) -> bool {
    tried(move |way| match way {
        // SAFETY: as the caller says.
        Way::Section => unsafe { x86_64::store_if(area, owner, word, change) },
        Way::Around => u64::from(around()),
    })
}

/// If `owner` holds `expected`: replaces `from` in `word` with `to`, if it is there, as a sequentially consistent
/// compare-and-swap does.
///
/// # Safety
/// `area` is that of the process and not 0.
#[inline(always)]
pub(super) unsafe fn swap_if(
    area: i32,
    owner: Expected<'_>,
    word: &AtomicU64,
    change: Change,
    around: impl Fn() -> bool,
) -> bool {
    tried(move |way| match way {
        // SAFETY: as the caller says.
        Way::Section => unsafe { x86_64::swap_if(area, owner, word, change) },
        Way::Around => u64::from(around()),
    })
}

/// If the owner of the tail is `me` and the tail is `position`: writes a slot, stores the tail behind it, plainly, and
/// publishes the slot. With the first word of the journal stands `me`.
///
/// # Safety
/// `area` is that of the process and not 0. While the owner is `me`, no other thread changes the tail. The slot at the
/// tail is free.
#[inline(always)]
pub(super) unsafe fn put_if(
    area: i32,
    header: Expected<'_>,
    position: u64,
    slot: Slot<'_>,
    words: [u64; WORDS],
    around: impl Fn() -> bool,
) -> bool {
    tried(move |way| match way {
        // SAFETY: as the caller says.
        Way::Section => unsafe { x86_64::put_if(area, header, position, slot, &words) },
        Way::Around => u64::from(around()),
    })
}

/// If the lane holds `word`, is held by `me`, and `position`, that of its next slot, was not given up: writes the slot, takes
/// it from the lane, plainly, and publishes it. With the position stands the first word of the journal.
///
/// # Safety
/// `area` is that of the process and not 0. While the lane is held by `me`, no other thread changes a word of it that has a
/// slot which was not given up. The slot is the lane's next one.
#[inline(always)]
pub(super) unsafe fn put_in_lane_if(
    area: i32,
    lane: (&Lane<AtomicU64>, u64, u64),
    position: Expected<'_>,
    slot: Slot<'_>,
    words: [u64; WORDS],
    around: impl Fn() -> bool,
) -> bool {
    tried(move |way| match way {
        // SAFETY: as the caller says.
        Way::Section => unsafe { x86_64::put_in_lane_if(area, lane, position, slot, &words) },
        Way::Around => u64::from(around()),
    })
}

/// If `given_up` is not above `position`: writes and publishes the slot of that position.
///
/// # Safety
/// `area` is that of the process and not 0. The slot was reserved by this thread.
#[inline(always)]
pub(super) unsafe fn publish_if(
    area: i32,
    given_up: &AtomicU64,
    position: u64,
    slot: Slot<'_>,
    words: [u64; WORDS],
    around: impl Fn() -> bool,
) -> bool {
    tried(move |way| match way {
        // SAFETY: as the caller says.
        Way::Section => unsafe { x86_64::publish_if(area, given_up, position, slot, &words) },
        Way::Around => u64::from(around()),
    })
}

pub(super) use x86_64::thread_pointer;

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use super::{Change, Expected, Slot};
    use crate::journal::lane_word::TAKEN;
    use crate::journal::layout::{GIVEN_UP, OWNER, TAIL};
    use crate::journal::record::WORDS;
    use crate::journal::words::Lane;
    use std::arch::asm;
    use std::mem::offset_of;
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

    /// What goes before the first instruction of a section: its descriptor, and that the thread is about to enter it.
    /// The section is from 773 to 774, left for 776 in its middle. Linkers keep the tables, which no code refers to.
    macro_rules! enter {
        () => {
            r#"
            .pushsection __rseq_cs, "awR", @progbits
            .balign 32
            772: .long 0, 0
            .quad 773f, 774f - 773f, 775f
            .popsection
            .pushsection __rseq_cs_ptr_array, "awR", @progbits
            .quad 772b
            .popsection
            .pushsection __rseq_exit_point_array, "awR", @progbits
            .quad 773f, 776f
            .popsection
            lea {done}, [rip + 772b]
            mov fs:[{area} + 8], {done}
            "#
        };
    }

    /// What goes behind a section. The thread forgets the descriptor, which may be unloaded with the code. Who was
    /// interrupted in the section goes on at 775, where the kernel wants to see the signature.
    macro_rules! leave {
        () => {
            r#"
            777: mov qword ptr fs:[{area} + 8], 0
            .pushsection .text.unlikely, "ax", @progbits
            .byte 0x0f, 0xb9, 0x3d
            .long 0x53053053
            775: mov {done:e}, 2
            jmp 777b
            .popsection
            "#
        };
    }

    /// A section with `$commit` as its last instruction, reached if `owner` holds `expected`. `$finish` follows it.
    macro_rules! section {
        (
            ($area:ident, $owner:ident, $expected:ident, $word:ident, $to:ident),
            [$($check:literal),*], $commit:literal, [$($finish:literal),*], $($from:tt)*
        ) => {{
            let done: u64;
            asm!(
                enter!(),
                "xor {done:e}, {done:e}",
                "773: cmp [{owner}], {expected}",
                "jne 776f",
                $($check,)*
                $commit,
                "774:",
                $($finish,)*
                "inc {done:e}",
                "776:",
                leave!(),
                area = in(reg) i64::from($area),
                owner = in(reg) $owner,
                expected = in(reg) $expected,
                word = in(reg) $word,
                to = in(reg) $to,
                done = out(reg) done,
                $($from)*,
                options(nostack),
            );
            done
        }};
    }

    /// # Safety
    /// As for `super::store_if`.
    #[inline(always)]
    pub unsafe fn store_if(
        area: i32,
        (owner, expected): Expected<'_>,
        word: &AtomicU64,
        (from, to): Change,
    ) -> u64 {
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

    /// # Safety
    /// As for `super::swap_if`.
    #[inline(always)]
    pub unsafe fn swap_if(
        area: i32,
        (owner, expected): Expected<'_>,
        word: &AtomicU64,
        (from, to): Change,
    ) -> u64 {
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

    /// A section that ends with storing the first of a slot's words. `$check` and `$before` precede it; the others of the
    /// slot's words are stored between them.
    macro_rules! writing_section {
        ($area:ident, $slot:ident, $words:ident, [$($check:literal),*], [$($before:literal),*], $($from:tt)*) => {{
            let done: u64;
            asm!(
                enter!(),
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
                leave!(),
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
            done
        }};
    }

    /// # Safety
    /// As for `super::put_if`.
    #[inline(always)]
    pub unsafe fn put_if(
        area: i32,
        (header, me): Expected<'_>,
        position: u64,
        slot: Slot<'_>,
        words: &[u64; WORDS],
    ) -> u64 {
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

    /// # Safety
    /// As for `super::put_in_lane_if`.
    #[inline(always)]
    pub unsafe fn put_in_lane_if(
        area: i32,
        (lane, me, word): (&Lane<AtomicU64>, u64, u64),
        (header, position): Expected<'_>,
        slot: Slot<'_>,
        words: &[u64; WORDS],
    ) -> u64 {
        // SAFETY: as above; the lane is two words.
        unsafe {
            writing_section!(
                area, slot, words,
                [
                    "cmp [{lane} + {HOLDER}], {me}", "jne 776f",
                    "cmp [{lane} + {WORD}], {word}", "jne 776f",
                    "cmp [{header} + {GIVEN_UP}], {position}", "ja 776f"
                ],
                ["lea {done}, [{word} + {TAKEN}]", "mov [{lane} + {WORD}], {done}"],
                lane = in(reg) lane,
                me = in(reg) me,
                word = in(reg) word,
                header = in(reg) header,
                position = in(reg) position,
                WORD = const offset_of!(Lane<AtomicU64>, word),
                HOLDER = const offset_of!(Lane<AtomicU64>, holder),
                GIVEN_UP = const GIVEN_UP,
                TAKEN = const TAKEN
            )
        }
    }

    /// # Safety
    /// As for `super::publish_if`.
    #[inline(always)]
    pub unsafe fn publish_if(
        area: i32,
        given_up: &AtomicU64,
        position: u64,
        slot: Slot<'_>,
        words: &[u64; WORDS],
    ) -> u64 {
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
}

/// Without sections nobody calls these.
#[cfg(not(target_arch = "x86_64"))]
mod x86_64 {
    use super::{Change, Expected, INTERRUPTED, Slot};
    use crate::journal::record::WORDS;
    use crate::journal::words::Lane;
    use std::sync::atomic::AtomicU64;

    pub fn thread_pointer() -> u64 {
        0
    }

    pub unsafe fn store_if(_: i32, _: Expected<'_>, _: &AtomicU64, _: Change) -> u64 {
        INTERRUPTED
    }

    pub unsafe fn swap_if(_: i32, _: Expected<'_>, _: &AtomicU64, _: Change) -> u64 {
        INTERRUPTED
    }

    pub unsafe fn put_if(_: i32, _: Expected<'_>, _: u64, _: Slot<'_>, _: &[u64; WORDS]) -> u64 {
        INTERRUPTED
    }

    pub unsafe fn put_in_lane_if(
        _: i32,
        _: (&Lane<AtomicU64>, u64, u64),
        _: Expected<'_>,
        _: Slot<'_>,
        _: &[u64; WORDS],
    ) -> u64 {
        INTERRUPTED
    }

    pub unsafe fn publish_if(_: i32, _: &AtomicU64, _: u64, _: Slot<'_>, _: &[u64; WORDS]) -> u64 {
        INTERRUPTED
    }
}
