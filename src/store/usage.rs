//! How much of the repository belongs to a run.

use super::env::ReadTxn;
use super::keys::RunId;
use super::row_bytes::row_bytes;
use crate::error::Result;

/// Bytes of a run's rows, keys included; a value that needs pages of its own counts with these whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunBytes {
    pub series: u64,
    pub points: u64,
    /// Bytes of points, of params, and of logs and notes.
    pub metrics: u64,
    pub params: u64,
    pub logs: u64,
    /// Of objects, with what they have in packs; the same content counts once in a run, and in each run that has it.
    pub objects: u64,
    /// Of artifacts that are linked or copied into the repository.
    pub files: u64,
}

impl RunBytes {
    pub fn bytes(&self) -> u64 {
        self.metrics + self.params + self.logs + self.objects + self.files
    }
}

impl ReadTxn<'_> {
    /// What a run takes, but for its files. Its points are counted by the records of its sequences, damaged ones left out.
    pub fn run_bytes(&self, run: RunId) -> Result<RunBytes> {
        let tables = self.tables;
        let (rows, packed) = self.object_bytes(run)?;
        let mut found = RunBytes {
            metrics: self.prefix_bytes(tables.chunks, run)?
                + self.prefix_bytes(tables.series, run)?,
            params: self.prefix_bytes(tables.params, run)? + self.prefix_bytes(tables.runs, run)?,
            logs: self.prefix_bytes(tables.logs, run)? - rows,
            objects: rows + packed,
            ..RunBytes::default()
        };
        for key in self.run_series_keys(run)? {
            found.series += 1;
            if let Ok(Some(aggregates)) = self.aggregates(key) {
                found.points += aggregates.count;
            }
        }
        Ok(found)
    }

    fn prefix_bytes(&self, table: lmdb::Database, run: RunId) -> Result<u64> {
        let prefix = run.to_be_bytes();
        let mut bytes = 0;
        let mut scan = self.cursor(table)?;
        for next in scan.prefix(&prefix) {
            let (key, value) = next?;
            bytes += row_bytes(key, value);
        }
        Ok(bytes)
    }
}
