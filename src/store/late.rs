//! Points that come late: with steps that lie among those of the sequence, or before them.
//!
//! Each point belongs to the block that its step falls into, or to the one before the gap that it falls into. The blocks
//! that points belong to are written anew, once each, and no other: the cost follows the points and the blocks they
//! touch, however far apart their steps are.

use super::block::{self, BLOCK_POINTS, Header};
use super::env::WriteTxn;
use super::keys::{SeriesKey, block_step};
use super::points::{Points, PointsSlice};
use super::series::Aggregates;
use crate::error::{Error, Result};

/// Where a stored block lies.
struct Block {
    first: i64,
    last: i64,
    count: usize,
}

/// The blocks between which a step lies: the last that begins at it or before, and the first that begins behind.
struct Neighbours {
    before: Option<Block>,
    behind: Option<Block>,
}

impl WriteTxn<'_> {
    /// Adds ascending points of which the first is not behind all that is stored.
    pub(super) fn merge_points(
        &mut self,
        key: SeriesKey,
        aggregates: &mut Aggregates,
        points: &Points,
    ) -> Result<()> {
        let mut changes = Changes::new(*aggregates);
        // Raw blocks are few points at the end of the sequence. What is for them goes with what comes behind.
        let sealed_end = match aggregates.raw_points {
            0 => points.steps.partition_point(|s| *s <= aggregates.last_step),
            _ => points.steps.partition_point(|s| *s < aggregates.raw_from),
        };
        let mut at = 0;
        while at < sealed_end {
            let Neighbours { before, behind } = self.neighbours(key, points.steps[at])?;
            let end = match &behind {
                Some(behind) => {
                    let rest = &points.steps[at..sealed_end];
                    at + rest.partition_point(|s| *s < behind.first)
                }
                None => sealed_end,
            };
            let raw = (aggregates.raw_points > 0).then_some(aggregates.raw_from);
            let group = points.slice(at..end);
            match home(before, behind, raw, group) {
                Some(block) => self.merge_into(key, block.first, group, &mut changes)?,
                None => {
                    changes.note(&Points::default(), &group.to_points(), group);
                    self.put_sealed(key, &group.to_points())?;
                }
            }
            at = end;
        }
        let rest = points.slice(at..points.len());
        if !rest.steps.is_empty() {
            let old = self.take_raw(key, aggregates)?;
            let merged = Points::merge(&old, &rest.to_points());
            changes.note(&old, &merged, rest);
            self.append_points(key, aggregates, &merged)?;
        }
        self.settle(key, aggregates, changes)
    }

    fn merge_into(
        &mut self,
        key: SeriesKey,
        first: i64,
        group: PointsSlice<'_>,
        changes: &mut Changes,
    ) -> Result<()> {
        let chunks = self.tables.chunks;
        let mut old = Points::default();
        let at = key.block(first);
        let stored = self.get(chunks, &at)?;
        block::decode((&at, stored.ok_or_else(missing)?), &mut old)?;
        let merged = Points::merge(&old, &group.to_points());
        changes.note(&old, &merged, group);
        self.delete(chunks, &at)?;
        self.put_sealed(key, &merged)
    }

    fn neighbours(&self, key: SeriesKey, step: i64) -> Result<Neighbours> {
        let prefix = key.to_bytes();
        let read = |row: Option<(&[u8], &[u8])>| -> Result<Option<Block>> {
            let Some((k, bytes)) = row.filter(|(k, _)| k.starts_with(&prefix)) else {
                return Ok(None);
            };
            let header = Header::read(bytes)?;
            Ok(Some(Block {
                first: block_step(k).ok_or_else(missing)?,
                last: header.last_step,
                count: header.count,
            }))
        };
        let at = key.block(step);
        let mut scan = self.cursor(self.tables.chunks)?;
        let found = scan.seek(&at)?;
        let before = match found {
            Some((k, _)) if k == at => found,
            Some(_) => scan.prev()?,
            None => scan.last()?,
        };
        let before = read(before)?;
        let behind = match (&before, found) {
            (Some(_), _) => scan.next_row()?,
            (None, found) => found,
        };
        Ok(Neighbours {
            before,
            behind: read(behind)?,
        })
    }

    /// Brings the aggregates up to date. Only where a replaced value was the only extreme are all points read again.
    fn settle(&self, key: SeriesKey, now: &mut Aggregates, changes: Changes) -> Result<()> {
        let (raw_from, raw_points) = (now.raw_from, now.raw_points);
        *now = match changes.lost_extreme() {
            false => changes.after,
            true => {
                let mut all = Aggregates::EMPTY;
                self.blocks(key, i64::MIN, i64::MAX, |_, _, row| {
                    let mut points = Points::default();
                    block::decode(row, &mut points)?;
                    all.include(&points);
                    Ok(())
                })?;
                all
            }
        };
        (now.raw_from, now.raw_points) = (raw_from, raw_points);
        Ok(())
    }
}

fn missing() -> Error {
    Error::corrupt("a block of points is missing")
}

/// The block that a group of points between two blocks goes into; `None`: they become blocks of their own.
fn home(
    before: Option<Block>,
    behind: Option<Block>,
    raw: Option<i64>,
    group: PointsSlice<'_>,
) -> Option<Block> {
    let fits = |block: &Block| block.count + group.steps.len() <= BLOCK_POINTS;
    match (before, behind) {
        (Some(before), _) if group.steps[0] <= before.last || fits(&before) => Some(before),
        (Some(_), _) => None,
        // In front of all: raw blocks are not for these.
        (None, behind) => behind.filter(|b| raw.is_none_or(|from| b.first < from) && fits(b)),
    }
}

/// What a merge does to the aggregates.
struct Changes {
    before: Aggregates,
    after: Aggregates,
    lost_min: bool,
    lost_max: bool,
}

impl Changes {
    fn new(before: Aggregates) -> Changes {
        Changes {
            before,
            after: before,
            lost_min: false,
            lost_max: false,
        }
    }

    /// Points of a block were `old` and are `merged` now, with those of `group`.
    fn note(&mut self, old: &Points, merged: &Points, group: PointsSlice<'_>) {
        let replaced = || {
            let places = group.steps.iter().map(|step| old.steps.binary_search(step));
            places.flatten().map(|at| old.values[at])
        };
        let (min, max) = (self.before.min, self.before.max);
        // Behind what was there nothing is replaced.
        if group.steps.first() <= old.steps.last() {
            self.lost_min |= replaced().any(|v| v == min) && !merged.values.contains(&min);
            self.lost_max |= replaced().any(|v| v == max) && !merged.values.contains(&max);
        }
        let count = self.after.count.saturating_sub(old.len() as u64);
        self.after.include(merged);
        self.after.count = count + merged.len() as u64;
    }

    fn lost_extreme(&self) -> bool {
        // An extreme that is further out now does not miss the old one.
        let min = self.lost_min && self.after.min >= self.before.min;
        let max = self.lost_max && self.after.max <= self.before.max;
        min || max
    }
}
