//! A point as it is told everywhere, from the C interface over the journal and the frames of a spool to the blocks in the
//! database: what it has not got is a number of its own, the same in each of them. `aim.h` has the two under names of its
//! own.

/// In place of a step: the one after the sequence's last, or 0.
pub const STEP_AUTO: i64 = i64::MIN;
/// In place of an epoch: none.
pub const EPOCH_NONE: i64 = i64::MIN;

/// One value of a sequence, as the tracking call gave it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// `STEP_AUTO`: whoever stores the point numbers it.
    pub step: i64,
    pub value: f64,
    /// `EPOCH_NONE` where there is none.
    pub epoch: i64,
}
