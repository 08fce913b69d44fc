//! Sequences: one record of aggregates each, and their points as blocks that are disjoint and ascending in step.

mod rewind;

use super::block::{self, BLOCK_POINTS, Header};
use super::checked;
use super::env::{Txn, WriteTxn};
use super::index::{Field, Indexed};
use super::keys::{RunId, SeriesKey, block_step};
use super::points::{Points, PointsSlice};
use super::scan::Row;
use super::strings::Kind;
use crate::error::{Error, Result};

/// What is known of a sequence without reading its points. First and last are by step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aggregates {
    pub count: u64,
    pub first_step: i64,
    pub first: f64,
    pub last_step: i64,
    pub last: f64,
    /// Of all values that are numbers; NaN if there is none.
    pub(super) min: f64,
    pub(super) max: f64,
    /// The first step that lies in a raw block, and how many points raw blocks hold.
    pub(super) raw_from: i64,
    pub(super) raw_points: u64,
}

const SIZE: usize = 72;
/// The only value type so far, f64; it stands in front of the record.
const DTYPE_FLOAT64: u8 = 0;

impl Aggregates {
    pub(super) const EMPTY: Aggregates = Aggregates {
        count: 0,
        first_step: 0,
        first: f64::NAN,
        last_step: 0,
        last: f64::NAN,
        min: f64::NAN,
        max: f64::NAN,
        raw_from: 0,
        raw_points: 0,
    };

    /// Of points that are all in sealed blocks.
    pub fn sealed(
        count: u64,
        (first_step, first): (i64, f64),
        (last_step, last): (i64, f64),
        (min, max): (f64, f64),
    ) -> Aggregates {
        Aggregates {
            count,
            first_step,
            first,
            last_step,
            last,
            min,
            max,
            ..Aggregates::EMPTY
        }
    }

    /// The least value. NaN does not count; it is the least where there is nothing else.
    pub fn min(&self) -> f64 {
        self.min
    }

    pub fn max(&self) -> f64 {
        self.max
    }

    fn encode(&self, key: &[u8]) -> Vec<u8> {
        let words = [
            self.count,
            self.first_step as u64,
            self.first.to_bits(),
            self.last_step as u64,
            self.last.to_bits(),
            self.min.to_bits(),
            self.max.to_bits(),
            self.raw_from as u64,
            self.raw_points,
        ];
        checked::seal(key, |out| {
            out.push(DTYPE_FLOAT64);
            words
                .iter()
                .for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
        })
    }

    fn decode(key: &[u8], bytes: &[u8]) -> Result<Aggregates> {
        let bytes = checked::open(key, bytes)
            .filter(|b| b.len() == 1 + SIZE && b[0] == DTYPE_FLOAT64)
            .ok_or_else(|| Error::corrupt("the record of a sequence is damaged"))?;
        let word = |i: usize| {
            let mut w = [0; 8];
            w.copy_from_slice(&bytes[1 + 8 * i..9 + 8 * i]);
            u64::from_le_bytes(w)
        };
        Ok(Aggregates {
            count: word(0),
            first_step: word(1) as i64,
            first: f64::from_bits(word(2)),
            last_step: word(3) as i64,
            last: f64::from_bits(word(4)),
            min: f64::from_bits(word(5)),
            max: f64::from_bits(word(6)),
            raw_from: word(7) as i64,
            raw_points: word(8),
        })
    }

    /// Widens the aggregates by a block that lies behind all before.
    pub(super) fn include_block(&mut self, points: &Points, sealed: bool) {
        let first = points.steps.first().copied().unwrap_or_default();
        self.include(points);
        if !sealed {
            if self.raw_points == 0 {
                self.raw_from = first;
            }
            self.raw_points += points.len() as u64;
        }
    }

    /// Widens the aggregates by ascending points that are new.
    pub(super) fn include(&mut self, points: &Points) {
        let (Some(first), Some(last)) = (points.steps.first(), points.steps.last()) else {
            return;
        };
        if self.count == 0 || *first <= self.first_step {
            (self.first_step, self.first) = (*first, points.values[0]);
        }
        if self.count == 0 || *last >= self.last_step {
            (self.last_step, self.last) = (*last, points.values[points.len() - 1]);
        }
        self.count += points.len() as u64;
        // f64::min and max pass over NaN.
        self.min = points.values.iter().copied().fold(self.min, f64::min);
        self.max = points.values.iter().copied().fold(self.max, f64::max);
    }
}

impl Txn<'_> {
    pub fn aggregates(&self, key: SeriesKey) -> Result<Option<Aggregates>> {
        let at = key.to_bytes();
        self.get(self.tables.series, &at)?
            .map(|record| Aggregates::decode(&at, record))
            .transpose()
            .map_err(|e| self.located(e, key))
    }

    /// The keys of a run's sequences, also of those whose records are damaged.
    pub fn run_series_keys(&self, run: RunId) -> Result<Vec<SeriesKey>> {
        let prefix = run.to_be_bytes();
        let mut found = Vec::new();
        let mut scan = self.series_scan()?;
        for row in scan.prefix(&prefix) {
            let (key, _) = row?;
            found.extend(SeriesKey::from_bytes(key));
        }
        Ok(found)
    }

    /// A cursor over the sequences, for `visit_series`.
    pub fn series_scan(&self) -> Result<super::scan::Scan<'_>> {
        self.cursor(self.tables.series)
    }

    /// The sequences of a run.
    pub fn run_series(&self, run: RunId) -> Result<Vec<(SeriesKey, Aggregates)>> {
        let mut scan = self.series_scan()?;
        let mut found = Vec::new();
        let prefix = run.to_be_bytes();
        visit_series(&mut scan, &prefix, |key, aggregates| {
            found.push((key, aggregates.map_err(|e| self.located(e, key))?));
            Ok(())
        })?;
        Ok(found)
    }

    /// Appends all points of a sequence to `out`, in step order. With an error, `out` holds a part of them.
    pub fn points(&self, key: SeriesKey, out: &mut Points) -> Result<()> {
        let before = out.len() as u64;
        self.blocks(key, i64::MIN, i64::MAX, |_, _, row| block::decode(row, out))
            .map_err(|e| self.located(e, key))?;
        let (found, said) = (
            out.len() as u64 - before,
            self.aggregates(key)?.map_or(0, |a| a.count),
        );
        if found != said {
            let wrong = Error::corrupt(format!("{found} of {said} points are there"));
            return Err(self.located(wrong, key));
        }
        Ok(())
    }

    /// Appends points of a sequence from step `from` on to `out`, until it holds `most` or a few more, or all are there.
    /// Gives the step to go on from, where there are more.
    pub fn some_points(
        &self,
        key: SeriesKey,
        from: i64,
        most: usize,
        out: &mut Points,
    ) -> Result<Option<i64>> {
        let prefix = key.to_bytes();
        let mut scan = self.cursor(self.tables.chunks)?;
        let mut row = first_block(&mut scan, key, from).map_err(|e| self.located(e, key))?;
        while let Some(block) = row.filter(|(k, _)| k.starts_with(&prefix)) {
            let first =
                block_step(block.0).ok_or_else(|| Error::corrupt("a block's key is damaged"))?;
            if out.len() >= most {
                return Ok(Some(first.max(from)));
            }
            let before = out.len();
            block::decode(block, out).map_err(|e| self.located(e, key))?;
            let earlier = out.steps[before..].partition_point(|step| *step < from);
            out.forget(before..before + earlier);
            row = scan.next_row()?;
        }
        Ok(None)
    }

    /// The latest time of a run's points, as far as the last block of each sequence tells; 0 if none does.
    pub fn latest_time(&self, run: RunId) -> Result<i64> {
        let mut latest = 0;
        for key in self.run_series_keys(run)? {
            let prefix = key.to_bytes();
            let mut scan = self.cursor(self.tables.chunks)?;
            let last = scan.seek_before(&key.block(i64::MAX))?;
            if let Some(row) = last.filter(|(k, _)| k.starts_with(&prefix)) {
                let mut points = Points::default();
                if block::decode(row, &mut points).is_ok() {
                    latest = points.times.iter().copied().fold(latest, i64::max);
                }
            }
        }
        Ok(latest)
    }

    /// Visits, in order, the blocks that may hold steps from `from` to `to`.
    pub fn blocks(
        &self,
        key: SeriesKey,
        from: i64,
        to: i64,
        mut visit: impl FnMut(i64, Header, Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let prefix = key.to_bytes();
        let mut scan = self.cursor(self.tables.chunks)?;
        let mut row = first_block(&mut scan, key, from)?;
        while let Some(block) = row.filter(|(k, _)| k.starts_with(&prefix)) {
            let first =
                block_step(block.0).ok_or_else(|| Error::corrupt("a block's key is damaged"))?;
            if first > to {
                break;
            }
            visit(first, Header::read(block.1)?, block)?;
            row = scan.next_row()?;
        }
        Ok(())
    }
}

/// The first block that may hold a step from `from` on, whose sequence it may not be any more.
fn first_block<'t>(
    scan: &mut super::scan::Scan<'t>,
    key: SeriesKey,
    from: i64,
) -> Result<Option<(&'t [u8], &'t [u8])>> {
    let prefix = key.to_bytes();
    // The block before may reach into the range.
    let before = scan
        .seek_before(&key.block(from))?
        .filter(|(k, _)| k.starts_with(&prefix));
    match before {
        Some((_, bytes)) if Header::read(bytes)?.last_step >= from => Ok(before),
        _ => scan.seek(&key.block(from)),
    }
}

/// Visits the sequences whose key starts with `prefix`: a run, or a run and a name. One whose record is damaged does not
/// keep the others from being visited.
pub fn visit_series(
    scan: &mut super::scan::Scan<'_>,
    prefix: &[u8],
    mut visit: impl FnMut(SeriesKey, Result<Aggregates>) -> Result<()>,
) -> Result<()> {
    for row in scan.prefix(prefix) {
        let (key, value) = row?;
        if let Some(series) = SeriesKey::from_bytes(key) {
            visit(series, Aggregates::decode(key, value))?;
        }
    }
    Ok(())
}

impl WriteTxn<'_> {
    /// Registers a sequence: interned name and context of a run.
    pub fn define_series(&mut self, run: RunId, name: &str, context: &str) -> Result<SeriesKey> {
        let name = self.intern(Kind::Name, name)?;
        let context = self.intern(Kind::Context, context)?;
        Ok(SeriesKey { run, name, context })
    }

    /// Adds ascending points to a sequence; points with steps that it has already replace those.
    pub fn add_points(&mut self, key: SeriesKey, points: &Points) -> Result<()> {
        let Some(&first) = points.steps.first() else {
            return Ok(());
        };
        let mut aggregates = match self.aggregates(key)? {
            Some(aggregates) => aggregates,
            None => {
                self.index_series(key)?;
                Aggregates::EMPTY
            }
        };
        if aggregates.count == 0 || first > aggregates.last_step {
            aggregates.include(points);
            self.append_points(key, &mut aggregates, points)?;
        } else {
            self.merge_points(key, &mut aggregates, points)?;
        }
        self.put_aggregates(key, &aggregates)
    }

    pub(super) fn index_series(&mut self, key: SeriesKey) -> Result<()> {
        self.index_add(Field::SeriesName(key.name), &Indexed::Other, key.run)?;
        self.index_add(Field::SeriesContext(key.context), &Indexed::Other, key.run)
    }

    pub(super) fn put_aggregates(&mut self, key: SeriesKey, aggregates: &Aggregates) -> Result<()> {
        let series = self.tables.series;
        let key = key.to_bytes();
        self.put(series, &key, &aggregates.encode(&key))
    }

    pub(super) fn append_points(
        &mut self,
        key: SeriesKey,
        aggregates: &mut Aggregates,
        points: &Points,
    ) -> Result<()> {
        if aggregates.raw_points.saturating_add(points.len() as u64) < BLOCK_POINTS as u64 {
            return self.put_raw(key, aggregates, points.as_slices());
        }
        let mut begun = self.take_raw(key, aggregates)?;
        let mut at = 0;
        if !begun.is_empty() {
            // What is stored may be a full block by itself, if a sealed one was opened.
            at = BLOCK_POINTS.saturating_sub(begun.len()).min(points.len());
            begun.append(points.slice(0..at));
            self.put_block(key, begun.as_slices(), true)?;
        }
        while at + BLOCK_POINTS <= points.len() {
            self.put_block(key, points.slice(at..at + BLOCK_POINTS), true)?;
            at += BLOCK_POINTS;
        }
        if at < points.len() {
            self.put_raw(key, aggregates, points.slice(at..points.len()))?;
        }
        Ok(())
    }

    pub(super) fn put_raw(
        &mut self,
        key: SeriesKey,
        aggregates: &mut Aggregates,
        points: PointsSlice<'_>,
    ) -> Result<()> {
        let first = points.steps[0];
        aggregates.raw_from = if aggregates.raw_points == 0 {
            first
        } else {
            aggregates.raw_from.min(first)
        };
        aggregates.raw_points += points.steps.len() as u64;
        self.put_block(key, points, false)
    }

    pub(super) fn put_block(
        &mut self,
        key: SeriesKey,
        points: PointsSlice<'_>,
        sealed: bool,
    ) -> Result<()> {
        let chunks = self.tables.chunks;
        let at = key.block(points.steps[0]);
        self.put(chunks, &at, &block::encode(&at, points, sealed)?)
    }

    /// Takes the blocks that touch `from..=to` out of the store.
    fn take_blocks(
        &mut self,
        key: SeriesKey,
        aggregates: &mut Aggregates,
        from: i64,
        to: i64,
    ) -> Result<Points> {
        let mut points = Points::default();
        let mut firsts = Vec::new();
        let mut raw = 0;
        self.blocks(key, from, to, |first, header, row| {
            firsts.push(first);
            raw += if header.sealed {
                0
            } else {
                header.count as u64
            };
            block::decode(row, &mut points)
        })?;
        let chunks = self.tables.chunks;
        for first in firsts {
            self.delete(chunks, &key.block(first))?;
        }
        aggregates.raw_points = aggregates.raw_points.saturating_sub(raw);
        Ok(points)
    }

    pub(super) fn take_raw(
        &mut self,
        key: SeriesKey,
        aggregates: &mut Aggregates,
    ) -> Result<Points> {
        if aggregates.raw_points == 0 {
            return Ok(Points::default());
        }
        self.take_blocks(key, aggregates, aggregates.raw_from, i64::MAX)
    }

    /// Writes points as sealed blocks of nearly equal size.
    pub(super) fn put_sealed(&mut self, key: SeriesKey, points: &Points) -> Result<()> {
        let blocks = points.len().div_ceil(BLOCK_POINTS);
        for i in 0..blocks {
            let range = points.len() * i / blocks..points.len() * (i + 1) / blocks;
            self.put_block(key, points.slice(range), true)?;
        }
        Ok(())
    }

    /// Compresses what raw blocks of a sequence hold, together with a short sealed block before them.
    pub fn seal_series(&mut self, key: SeriesKey) -> Result<()> {
        let Some(mut aggregates) = self.aggregates(key)? else {
            return Ok(());
        };
        if aggregates.raw_points == 0 {
            return Ok(());
        }
        let from = match self.short_block_before(key, &aggregates)? {
            Some(first) => first,
            None => aggregates.raw_from,
        };
        let points = self.take_blocks(key, &mut aggregates, from, i64::MAX)?;
        self.put_sealed(key, &points)?;
        self.put_aggregates(key, &aggregates)
    }

    /// Continuing a run often would leave many short blocks: the one before the raw points joins them if both fit one.
    fn short_block_before(&self, key: SeriesKey, aggregates: &Aggregates) -> Result<Option<i64>> {
        let mut scan = self.cursor(self.tables.chunks)?;
        let row = scan.seek_before(&key.block(aggregates.raw_from))?;
        let Some((k, bytes)) = row.filter(|(k, _)| k.starts_with(&key.to_bytes())) else {
            return Ok(None);
        };
        let fits = Header::read(bytes)?.count + aggregates.raw_points as usize <= BLOCK_POINTS;
        Ok(block_step(k).filter(|_| fits))
    }

    /// Deletes a sequence with its points.
    pub fn delete_series(&mut self, key: SeriesKey) -> Result<()> {
        let (series, chunks) = (self.tables.series, self.tables.chunks);
        let at = key.to_bytes();
        self.delete_prefix(chunks, &at)?;
        self.delete(series, &at)?;
        // Others of the run may have the name, or the context.
        let rest = self.run_series_keys(key.run)?;
        if !rest.iter().any(|other| other.name == key.name) {
            self.index_remove(Field::SeriesName(key.name), &Indexed::Other, key.run)?;
        }
        if !rest.iter().any(|other| other.context == key.context) {
            self.index_remove(Field::SeriesContext(key.context), &Indexed::Other, key.run)?;
        }
        Ok(())
    }

    pub(super) fn delete_all_series(&mut self, run: RunId) -> Result<()> {
        for key in self.run_series_keys(run)? {
            self.index_remove(Field::SeriesName(key.name), &Indexed::Other, run)?;
            self.index_remove(Field::SeriesContext(key.context), &Indexed::Other, run)?;
        }
        let (series, chunks) = (self.tables.series, self.tables.chunks);
        self.delete_prefix(chunks, &run.to_be_bytes())?;
        self.delete_prefix(series, &run.to_be_bytes())
    }
}
