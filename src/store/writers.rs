//! Who writes which run: a row for each journal that does, in the table `meta`.

use super::env::{Reading, WriteTxn};
use super::keys::{JournalId, RunId, u64_at};
use super::runs::RunState;
use super::tables::WRITER;
use crate::error::Result;

const PREFIX: usize = 9;

/// The beginning of the keys of a run's writers.
fn prefix(run: RunId) -> [u8; PREFIX] {
    let mut key = [WRITER; PREFIX];
    key[1..].copy_from_slice(&run.to_be_bytes());
    key
}

fn key(run: RunId, journal: &JournalId) -> Vec<u8> {
    [&prefix(run)[..], journal].concat()
}

pub trait Writers: Reading {
    /// Journals that write the run.
    fn writers(&self, run: RunId) -> Result<Vec<JournalId>> {
        let prefix = prefix(run);
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables().meta)?;
        let mut row = scan.seek(&prefix)?;
        while let Some((key, _)) = row.filter(|(key, _)| key.starts_with(&prefix)) {
            found.extend(key[PREFIX..].try_into().ok().map(|id: JournalId| id));
            row = scan.next_row()?;
        }
        Ok(found)
    }

    /// Runs that have writers, oldest first, or `None` as soon as there are more than `most`.
    fn written_runs(&self, most: usize) -> Result<Option<Vec<RunId>>> {
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables().meta)?;
        let mut row = scan.seek(&[WRITER])?;
        while let Some((key, _)) = row.filter(|(key, _)| key[0] == WRITER) {
            if found.len() == most {
                return Ok(None);
            }
            found.extend(u64_at(key, 1));
            row = scan.next_row()?;
        }
        found.dedup();
        Ok(Some(found))
    }
}

impl<T: Reading + ?Sized> Writers for T {}

impl WriteTxn<'_> {
    pub fn add_writer(&mut self, run: RunId, journal: &JournalId) -> Result<()> {
        let meta = self.tables.meta;
        self.put(meta, &key(run, journal), &[])
    }

    /// Ends one writer's work on a run; the run's state changes with its last writer. Nothing happens to a run that
    /// the journal does not write.
    pub fn remove_writer(
        &mut self,
        run: RunId,
        journal: &JournalId,
        state: RunState,
        at: i64,
    ) -> Result<()> {
        let meta = self.tables.meta;
        if self.delete(meta, &key(run, journal))? && self.writers(run)?.is_empty() {
            self.update_run(run, |r| {
                r.state = state;
                r.finalized_at = Some(at.max(r.created_at));
            })?;
        }
        Ok(())
    }

    pub(super) fn delete_writers(&mut self, run: RunId) -> Result<()> {
        let meta = self.tables.meta;
        self.delete_prefix(meta, &prefix(run))
    }
}
