//! Cutting a sequence's end off.

use super::Aggregates;
use crate::error::Result;
use crate::store::block;
use crate::store::env::WriteTxn;
use crate::store::keys::SeriesKey;
use crate::store::points::Points;

impl WriteTxn<'_> {
    /// Drops the points of a sequence from `step` on; returns how many. One that holds nothing else is deleted. Reads and
    /// writes the blocks that it drops and the one before; where the least or the greatest value was among them, the
    /// others are read too.
    pub fn truncate_series(&mut self, key: SeriesKey, step: i64) -> Result<u64> {
        let Some(mut aggregates) = self.aggregates(key)? else {
            return Ok(0);
        };
        if aggregates.count == 0 || aggregates.last_step < step {
            return Ok(0);
        }
        if aggregates.first_step >= step {
            self.delete_series(key)?;
            return Ok(aggregates.count);
        }
        let taken = self.take_blocks(key, &mut aggregates, step, i64::MAX)?;
        let kept = taken.steps.partition_point(|s| *s < step);
        if kept > 0 {
            self.put_raw(key, &mut aggregates, taken.slice(0..kept))?;
        }
        let dropped = taken.slice(kept..taken.len());
        let count = dropped.steps.len() as u64;
        let lost_extreme = dropped
            .values
            .iter()
            .any(|v| *v == aggregates.min || *v == aggregates.max);
        if lost_extreme {
            aggregates = self.count_again(key, &aggregates)?;
        } else {
            aggregates.count = aggregates.count.saturating_sub(count);
            (aggregates.last_step, aggregates.last) = self.last_point(key)?;
        }
        self.put_aggregates(key, &aggregates)?;
        Ok(count)
    }

    /// Step and value of the last point that blocks hold.
    fn last_point(&self, key: SeriesKey) -> Result<(i64, f64)> {
        let prefix = key.to_bytes();
        let mut points = Points::default();
        let mut scan = self.cursor(self.tables.chunks)?;
        let last = scan.seek_before(&key.block(i64::MAX))?;
        if let Some(row) = last.filter(|(k, _)| k.starts_with(&prefix)) {
            block::decode(row, &mut points)?;
        }
        let step = points.steps.last().copied();
        let value = points.values.last().copied();
        Ok((step.unwrap_or_default(), value.unwrap_or(f64::NAN)))
    }

    /// Aggregates of all that blocks hold.
    fn count_again(&self, key: SeriesKey, before: &Aggregates) -> Result<Aggregates> {
        let mut after = Aggregates {
            raw_from: before.raw_from,
            raw_points: before.raw_points,
            ..Aggregates::EMPTY
        };
        self.blocks(key, i64::MIN, i64::MAX, |_, _, row| {
            let mut points = Points::default();
            block::decode(row, &mut points)?;
            after.include(&points);
            Ok(())
        })?;
        Ok(after)
    }
}
