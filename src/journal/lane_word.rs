//! What the word of a lane says (`lane.rs`): the position of the next slot; above nine bits that say how many slots are left,
//! and four that say how many there were: two to that power.

const POSITION_SHIFT: u32 = 13;
const SIZE_SHIFT: u32 = 9;
const SIZE: u64 = (1 << (POSITION_SHIFT - SIZE_SHIFT)) - 1;
pub(super) const LEFT: u64 = (1 << SIZE_SHIFT) - 1;

/// What the word grows by when a slot is taken.
pub(super) const TAKEN: u64 = (1 << POSITION_SHIFT) - 1;
/// As many slots as a lane can take.
pub(super) const LONGEST: u64 = LEFT + 1;

pub(super) fn new(next: u64, size: u64, left: u64) -> u64 {
    next << POSITION_SHIFT | size << SIZE_SHIFT | left
}

#[inline(always)]
pub(super) fn position(word: u64) -> u64 {
    word >> POSITION_SHIFT
}

pub(super) fn size(word: u64) -> u64 {
    word >> SIZE_SHIFT & SIZE
}

/// Whether the next slot is there, and was not given up.
pub(super) fn has_next(word: u64, given_up: u64) -> bool {
    word & LEFT != 0 && position(word) >= given_up
}

/// Whether no slot is left that was not given up.
pub(super) fn is_empty(word: u64, given_up: u64) -> bool {
    word & LEFT == 0 || position(word) + (word & LEFT) <= given_up
}
