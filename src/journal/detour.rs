//! The way around sections (`bias.rs`), for a call whose sections are interrupted time after time: by a debugger that
//! stops at each instruction, or where threads preempt each other without an end.
//!
//! Such a call is counted, and while any is, the consumer does not do what a section would keep it from: it makes the tail
//! nobody's own, and voids no slot. Then a compare-and-swap moves the tail wherever a section would, and a slot that is not
//! void when the call looks does not become so. A call that never comes back, whose thread was taken out of it in its
//! middle, is given up with its slot (`Ring::give_up`).

use super::lane_word::TAKEN;
use super::record::WORDS;
use super::words::{Lane, Memory, Word};
use std::sync::atomic::Ordering::{Relaxed, SeqCst};

/// As [`Memory::store_tail_if`] and [`Memory::swap_tail_if`], of which `expected` is the owner.
#[cold]
#[inline(never)]
pub(super) fn move_tail<M: Memory>(memory: &M, expected: u64, from: u64, to: u64) -> bool {
    counted(memory, || swap_tail(memory, expected, from, to))
}

/// As [`Memory::put_if_owner`].
#[cold]
#[inline(never)]
pub(super) fn put<M: Memory>(
    memory: &M,
    this_thread: u64,
    position: u64,
    words: &[u64; WORDS],
) -> bool {
    counted(memory, || {
        swap_tail(memory, this_thread, position, position + 1) && write(memory, position, words)
    })
}

/// As [`Memory::put_if_holder`].
#[cold]
#[inline(never)]
pub(super) fn put_in_lane<M: Memory>(
    memory: &M,
    this_thread: u64,
    lane: &Lane<M::Word>,
    word: u64,
    position: u64,
    words: &[u64; WORDS],
) -> bool {
    counted(memory, || {
        is_kept(memory, position) && lane.holder.load(SeqCst) == this_thread && {
            let taken = lane.replace(word, word + TAKEN);
            if taken {
                memory.write(position, words);
            }
            taken
        }
    })
}

/// As [`Memory::publish_if_kept`].
#[cold]
#[inline(never)]
pub(super) fn publish<M: Memory>(memory: &M, position: u64, words: &[u64; WORDS]) -> bool {
    counted(memory, || write(memory, position, words))
}

/// Whether any call is on this way.
pub(super) fn is_used<M: Memory>(memory: &M) -> bool {
    memory.detours().load(SeqCst) != 0
}

/// Who is on this way now is waited for no longer.
pub(super) fn give_up<M: Memory>(memory: &M) {
    memory.detours().store(0, SeqCst);
}

/// Whoever moves the tail by plain stores is this thread itself, as long as it is counted.
fn swap_tail<M: Memory>(memory: &M, expected: u64, from: u64, to: u64) -> bool {
    memory.owner().load(SeqCst) == expected
        && memory
            .tail()
            .compare_exchange(from, to, SeqCst, Relaxed)
            .is_ok()
}

fn write<M: Memory>(memory: &M, position: u64, words: &[u64; WORDS]) -> bool {
    let kept = is_kept(memory, position);
    if kept {
        memory.write(position, words);
    }
    kept
}

fn is_kept<M: Memory>(memory: &M, position: u64) -> bool {
    memory.given_up().load(SeqCst) <= position
}

fn counted<M: Memory>(memory: &M, call: impl FnOnce() -> bool) -> bool {
    let detours = memory.detours();
    let change = |by: fn(u64) -> u64| {
        let mut now = detours.load(Relaxed);
        while let Err(other) = detours.compare_exchange(now, by(now), SeqCst, Relaxed) {
            now = other;
        }
    };
    change(|count| count + 1);
    M::Word::handshake();
    let done = call();
    change(|count| count.saturating_sub(1));
    done
}
