//! What a writer does about stored values that are damaged: nothing else waits for them.

use crate::error::{Result, Status};
use crate::log::{self, Level};
use crate::store::WriteTxn;
use crate::store::keys::SeriesKey;

/// Does something with a sequence; if that meets damage, once more after setting the damage aside. What the first
/// try has changed does no harm: points with the same steps replace each other.
pub fn past_damage<T>(
    txn: &mut WriteTxn<'_>,
    key: SeriesKey,
    work: impl Fn(&mut WriteTxn<'_>) -> Result<T>,
) -> Result<T> {
    match work(txn) {
        Err(e) if e.status == Status::Corrupt => {
            let blocks = txn.repair_series(key)?;
            log::emit(Level::Error, || {
                format!("{key}: {blocks} damaged blocks are set aside: {e}")
            });
            work(txn)
        }
        outcome => outcome,
    }
}

/// Reports damage in one value, which nothing else depends on.
pub fn pass_over_damage(outcome: Result<()>) -> Result<()> {
    match outcome {
        Err(e) if e.status == Status::Corrupt => {
            log::emit(Level::Error, || format!("passed over: {e}"));
            Ok(())
        }
        outcome => outcome,
    }
}

/// Whether something was done; not if what was there is damaged.
pub fn unless_damaged(outcome: Result<()>) -> Result<bool> {
    match outcome {
        Err(e) if e.status == Status::Corrupt => Ok(false),
        outcome => outcome.map(|()| true),
    }
}
