//! Runs from one store into another, row by row: blocks of points and of logs go over as they are, without being decoded.
//! Only what refers to a store's own numbers is written anew: keys, and the index.
//!
//! | operation | cost |
//! |---|---|
//! | copy a run | its own rows |
//! | compare a run | its record, params, aggregates, and the keys of its logs |

use super::block;
use super::checked;
use super::env::{ReadTxn, Txn, WriteTxn};
use super::keys::{RunId, SeriesKey, block_step};
use super::logs::Stream;
use super::objects::Places;
use super::params;
use super::runs::RunRecord;
use super::series::{Aggregates, visit_series};
use super::strings::Kind;
use crate::error::{Error, Result};
use aim_value::{Path, Tree};
use std::collections::BTreeMap;

/// What was copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CopiedRows {
    pub series: u64,
    pub points: u64,
    /// Bytes of all values.
    pub bytes: u64,
}

/// What two runs of one hash are compared by. Points and log lines are not read: counts, ends and extremes tell.
#[derive(Debug, PartialEq)]
pub struct Digest {
    pub(super) record: RunRecord,
    pub(super) params: Vec<u8>,
    pub(super) series: BTreeMap<(String, String), [u64; 7]>,
    pub(super) logs: [(u64, u64); 3],
    pub(super) objects: BTreeMap<(String, String), [u64; 7]>,
}

impl Digest {
    /// The first thing in which two runs differ, in words.
    pub fn difference(&self, other: &Digest) -> Option<&'static str> {
        let differing = [
            ("metrics", self.series != other.series),
            ("params", self.params != other.params),
            ("objects", self.objects != other.objects),
            ("logs or notes", self.logs != other.logs),
            ("properties", self.record != other.record),
        ];
        differing
            .into_iter()
            .find(|(_, differ)| *differ)
            .map(|(what, _)| what)
    }
}

/// The digest of a run, whose record is given with its state as it really is.
pub fn digest(txn: &Txn<'_>, run: RunId, record: RunRecord) -> Result<Digest> {
    let mut series = BTreeMap::new();
    for (key, aggregates) in txn.run_series(run)? {
        let name = txn.string(Kind::Name, key.name)?.to_owned();
        let context = txn.string(Kind::Context, key.context)?.to_owned();
        series.insert((name, context), words(&aggregates));
    }
    let mut logs = [(0, 0); 3];
    let streams = [Stream::Records, Stream::Terminal, Stream::Notes];
    for (range, stream) in logs.iter_mut().zip(streams) {
        *range = txn.log_range(run, stream)?;
    }
    let mut objects = BTreeMap::new();
    for (key, sequence) in txn.run_sequences(run)? {
        let name = txn.string(Kind::Name, key.name)?.to_owned();
        let context = txn.string(Kind::Context, key.context)?.to_owned();
        let name = format!("{} {name}", key.kind.plural());
        let known = sequence?;
        let (first, last) = (known.first_step as u64, known.last_step as u64);
        let words = [known.points, first, last, known.longest.into(), 0, 0, 0];
        objects.insert((name, context), words);
    }
    let mut params = Vec::new();
    txn.params(run)?.encode(&mut params);
    Ok(Digest {
        record,
        params,
        series,
        logs,
        objects,
    })
}

/// Aggregates by their bits: NaN is what NaN is.
pub(super) fn words(a: &Aggregates) -> [u64; 7] {
    [
        a.count,
        a.first_step as u64,
        a.first.to_bits(),
        a.last_step as u64,
        a.last.to_bits(),
        a.min().to_bits(),
        a.max().to_bits(),
    ]
}

impl WriteTxn<'_> {
    /// Copies a run that this store does not have, with everything that belongs to it, under the record given. `place`
    /// brings the bytes of its objects into this repository and says where they are.
    pub fn copy_run(
        &mut self,
        from: &ReadTxn<'_>,
        run: RunId,
        record: &RunRecord,
        place: &mut Places<'_>,
    ) -> Result<CopiedRows> {
        let new = self.create_run(record)?;
        let mut copied = CopiedRows::default();
        self.copy_params(from, run, new, &mut copied)?;
        let mut scan = from.series_scan()?;
        let mut all = Vec::new();
        visit_series(&mut scan, &run.to_be_bytes(), |key, aggregates| {
            all.push((key, aggregates.map_err(|e| from.located(e, key))?));
            Ok(())
        })?;
        for (key, aggregates) in all {
            self.copy_series(from, key, &aggregates, new, &mut copied)?;
        }
        self.copy_logs(from, run, new, &mut copied)?;
        copied.points += self.copy_objects(from, run, new, &mut |blob| {
            copied.bytes += blob.size;
            place(blob)
        })?;
        Ok(copied)
    }

    fn copy_params(
        &mut self,
        from: &ReadTxn<'_>,
        run: RunId,
        new: RunId,
        copied: &mut CopiedRows,
    ) -> Result<()> {
        let table = self.tables.params;
        for (id, ordinal, bytes) in from.param_rows(run)? {
            let pointer = from.string(Kind::Path, id)?;
            Path::parse(pointer)?;
            let tree = Tree::decode(bytes).map_err(|e| {
                from.located(e.into(), format_args!("run {run}, param {pointer:?}"))
            })?;
            let at = params::key(new, self.intern(Kind::Path, pointer)?);
            let row = checked::seal(&at, |row| {
                row.extend_from_slice(&ordinal.to_be_bytes());
                row.extend_from_slice(bytes);
            });
            self.put(table, &at, &row)?;
            self.index_param(new, pointer, &tree)?;
            copied.bytes += row.len() as u64;
        }
        Ok(())
    }

    fn copy_series(
        &mut self,
        from: &ReadTxn<'_>,
        key: SeriesKey,
        aggregates: &Aggregates,
        new: RunId,
        copied: &mut CopiedRows,
    ) -> Result<()> {
        let name = from.string(Kind::Name, key.name)?;
        let context = from.string(Kind::Context, key.context)?;
        let to = self.define_series(new, name, context)?;
        self.index_series(to)?;
        self.put_aggregates(to, aggregates)?;
        let (table, prefix) = (self.tables.chunks, key.to_bytes());
        let mut scan = from.cursor(from.tables.chunks)?;
        let mut points = 0;
        for row in scan.prefix(&prefix) {
            let (at, block) = row?;
            let damaged = || from.located(Error::corrupt("a block of points is damaged"), key);
            let first = block_step(at).ok_or_else(damaged)?;
            let header = block::check((at, block)).map_err(|e| from.located(e, key))?;
            points += header.count as u64;
            let to = to.block(first);
            self.put(table, &to, &block::moved(block, &to))?;
            copied.bytes += block.len() as u64;
        }
        if points != aggregates.count {
            let wrong = format!("{points} of {} points are there", aggregates.count);
            return Err(from.located(Error::corrupt(wrong), key));
        }
        copied.series += 1;
        copied.points += points;
        Ok(())
    }

    fn copy_logs(
        &mut self,
        from: &ReadTxn<'_>,
        run: RunId,
        new: RunId,
        copied: &mut CopiedRows,
    ) -> Result<()> {
        let (table, prefix) = (self.tables.logs, run.to_be_bytes());
        let mut scan = from.cursor(from.tables.logs)?;
        for row in scan.prefix(&prefix) {
            let (at, block) = row?;
            if super::objects::is_key(at) {
                continue;
            }
            let mut to = at.to_vec();
            to[..prefix.len()].copy_from_slice(&new.to_be_bytes());
            let Some(block) = super::logs::moved(at, block, &to) else {
                let damaged = Error::corrupt("a stored log is damaged");
                return Err(from.located(damaged, format_args!("run {run}")));
            };
            self.put(table, &to, &block)?;
            copied.bytes += block.len() as u64;
        }
        Ok(())
    }
}
