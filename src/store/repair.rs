//! How writers get past damage: what they cannot read is moved to the table `damaged`, as it is, and what remains is
//! brought in order. Nothing is thrown away, and nothing sound is touched. The same table keeps records of journals that
//! could not be applied.

use super::block::{self, Header};
use super::env::WriteTxn;
use super::keys::{JournalId, RunId, SeriesKey, StringId, u64_at};
use super::params;
use super::points::Points;
use super::scan::Row;
use super::series::Aggregates;
use crate::error::Result;

/// The table that a damaged row comes from, in front of its key.
const CHUNKS: u8 = 1;
const PARAMS: u8 = 2;
const LOGS: u8 = 3;
/// In place of a table: a journal's record. Journal, then a number; the value is its kind and payload.
const RECORDS: u8 = 4;

fn damaged_key(table: u8, key: &[u8]) -> Vec<u8> {
    [&[table], key].concat()
}

/// Points of a sound block behind a sequence's points so far.
fn read_block(row: Row<'_>, before: &Aggregates) -> Option<(Points, bool)> {
    let header = Header::read(row.1).ok()?;
    let mut points = Points::default();
    block::decode(row, &mut points).ok()?;
    let first = *points.steps.first()?;
    let sound = before.count == 0 || before.last_step < first;
    sound.then_some((points, header.sealed))
}

impl WriteTxn<'_> {
    /// Makes a damaged sequence writable: blocks that cannot be read are set aside, and its record is made anew from
    /// the others. Returns how many blocks that were.
    pub fn repair_series(&mut self, key: SeriesKey) -> Result<usize> {
        let prefix = key.to_bytes();
        let mut aggregates = Aggregates::EMPTY;
        let mut damaged = Vec::new();
        let mut scan = self.cursor(self.tables.chunks)?;
        for row in scan.prefix(&prefix) {
            let row = row?;
            match read_block(row, &aggregates) {
                Some((points, sealed)) => aggregates.include_block(&points, sealed),
                None => damaged.push((row.0.to_vec(), row.1.to_vec())),
            }
        }
        drop(scan);
        let (chunks, aside) = (self.tables.chunks, self.tables.damaged);
        for (k, bytes) in &damaged {
            self.put(aside, &damaged_key(CHUNKS, k), bytes)?;
            self.delete(chunks, k)?;
        }
        self.put_aggregates(key, &aggregates)?;
        Ok(damaged.len())
    }

    /// Sets a row of a log aside; its records are missing from the log.
    pub(super) fn set_log_aside(&mut self, key: &[u8]) -> Result<()> {
        let (logs, aside) = (self.tables.logs, self.tables.damaged);
        if let Some(row) = self.get(logs, key)?.map(<[u8]>::to_vec) {
            self.put(aside, &damaged_key(LOGS, key), &row)?;
        }
        self.delete(logs, key).map(|_| ())
    }

    /// Keeps a record of a journal that could not be applied.
    pub fn set_record_aside(
        &mut self,
        journal: &JournalId,
        kind: u8,
        payload: &[u8],
    ) -> Result<()> {
        let prefix = damaged_key(RECORDS, journal);
        let last = self
            .cursor(self.tables.damaged)?
            .seek_before(&[&prefix[..], &[u8::MAX; 8]].concat())?
            .filter(|(key, _)| key.starts_with(&prefix))
            .and_then(|(key, _)| u64_at(key, prefix.len()));
        let number = last.map_or(0, |last| last.saturating_add(1));
        let key = [&prefix[..], &number.to_be_bytes()].concat();
        let aside = self.tables.damaged;
        self.put(aside, &key, &[&[kind], payload].concat())
    }

    /// Deletes a run whose values do not tell its rows in the index: those are looked for among all.
    pub(super) fn delete_damaged_run(&mut self, run: RunId) -> Result<()> {
        self.delete_writers(run)?;
        self.delete_parts(run)?;
        let run = run.to_be_bytes();
        let tables = self.tables;
        let mut rows = Vec::new();
        let mut scan = self.cursor(tables.index)?;
        for row in scan.prefix(&[]) {
            let (key, _) = row?;
            if key.ends_with(&run) {
                rows.push(key.to_vec());
            }
        }
        drop(scan);
        for row in rows {
            self.delete(tables.index, &row)?;
        }
        let of_runs = [
            tables.params,
            tables.series,
            tables.chunks,
            tables.logs,
            tables.runs,
        ];
        of_runs
            .into_iter()
            .try_for_each(|table| self.delete_prefix(table, &run))
    }

    /// Sets a run's top-level param aside. The index may go on naming the run for it: it gives a superset.
    pub fn set_param_aside(&mut self, run: RunId, name: &str) -> Result<()> {
        match self.param_key(name)? {
            Some(id) => self.set_param_row_aside(run, id),
            None => Ok(()),
        }
    }

    pub(super) fn set_param_row_aside(&mut self, run: RunId, id: StringId) -> Result<()> {
        let key = params::key(run, id);
        let (params, aside) = (self.tables.params, self.tables.damaged);
        let Some(row) = self.get(params, &key)?.map(<[u8]>::to_vec) else {
            return Ok(());
        };
        self.put(aside, &damaged_key(PARAMS, &key), &row)?;
        self.delete(params, &key).map(|_| ())
    }
}
