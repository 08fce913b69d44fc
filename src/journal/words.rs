//! The words that the ring consists of, and what is asked of the memory that they lie in.

use super::record::WORDS;
use std::sync::atomic::Ordering::{self, Relaxed, SeqCst};

/// The operations on a 64-bit atomic that the ring needs.
pub(super) trait Word {
    fn load(&self, order: Ordering) -> u64;
    fn store(&self, value: u64, order: Ordering);
    fn swap(&self, value: u64, order: Ordering) -> u64;
    fn fetch_or(&self, bits: u64, order: Ordering) -> u64;
    fn compare_exchange(
        &self,
        current: u64,
        new: u64,
        success: Ordering,
        failure: Ordering,
    ) -> Result<u64, u64>;
    /// A fence of the same memory model.
    fn fence(order: Ordering);
    /// Orders a sequentially consistent write before a sequentially consistent read of another word. The
    /// language guarantees that without help; a model that weakens such accesses needs a fence here.
    fn handshake();
}

/// The words of a lane.
#[repr(C, align(64))]
pub(super) struct Lane<W> {
    /// What it says is in `lane_word.rs`.
    pub word: W,
    /// See `holder.rs`.
    pub holder: W,
}

impl<W: Word> Lane<W> {
    /// Of two words that hold 0.
    pub fn new(word: W, holder: W) -> Self {
        Self { word, holder }
    }

    pub fn replace(&self, current: u64, new: u64) -> bool {
        let word = &self.word;
        let replaced = word.compare_exchange(current, new, SeqCst, Relaxed).is_ok();
        W::handshake();
        replaced
    }
}

/// Where the words live, and the sections in which threads change the tail (`bias.rs`).
pub(super) trait Memory {
    type Word: Word;
    fn head(&self) -> &Self::Word;
    fn tail(&self) -> &Self::Word;
    fn wake_at(&self) -> &Self::Word;
    fn owner(&self) -> &Self::Word;
    fn given_up(&self) -> &Self::Word;
    /// How many calls are on the way around sections (`detour.rs`).
    fn detours(&self) -> &Self::Word;
    fn has_sections(&self) -> bool;
    /// What `owner` holds if the tail is this thread's.
    fn this_thread(&self) -> u64;
    /// In one section: if the tail is this thread's and at `from`, stores `to`.
    fn store_tail_if(&self, this_thread: u64, from: u64, to: u64) -> bool;
    /// In one section: if `owner` holds `expected`, swaps `from` for `to` in the tail if that holds `from`.
    fn swap_tail_if(&self, expected: u64, from: u64, to: u64) -> bool;
    /// In one section: if the tail is this thread's and at `position`, writes and publishes a record of one slot there
    /// and moves the tail on.
    fn put_if_owner(&self, this_thread: u64, position: u64, words: &[u64; WORDS]) -> bool;
    /// How many slots a metric may take at a time (`lane.rs`): a power of two that the lane's word has room for.
    fn longest_lane(&self) -> u64;
    /// Told that this thread is at the shared tail. Whether metrics take more slots each time: where another thread was there
    /// not long ago, and the ring holds some.
    fn is_contended(&self, this_thread: u64) -> bool;
    /// A lane that several threads have used at once stays shared until the tail has moved on so far (`holder.rs`).
    fn patience(&self) -> u64;
    /// In one section: if the lane is this thread's and holds `word`, whose next slot is at `position` and was not given up,
    /// writes a record of one slot there, takes the slot from the lane and publishes the record.
    fn put_if_holder(
        &self,
        this_thread: u64,
        lane: &Lane<Self::Word>,
        word: u64,
        position: u64,
        words: &[u64; WORDS],
    ) -> bool;
    /// In one section, where there are any: unless it was given up, writes and publishes a record of one slot.
    fn publish_if_kept(&self, position: u64, words: &[u64; WORDS]) -> bool;
    /// Writes a record of one slot and publishes it.
    fn write(&self, position: u64, words: &[u64; WORDS]);
    /// Restarts the sections that other threads are in; orders memory for all of them.
    fn restart_sections(&self);
    /// Header word of a physical slot below the slot count.
    fn header(&self, slot: u64) -> &Self::Word;
}
