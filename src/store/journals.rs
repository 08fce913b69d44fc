//! What the database knows of each journal: how far it was applied, its local series ids, and the runs it writes.

use super::env::{Reading, WriteTxn};
use super::keys::{JournalId, RunId, SeriesKey, join, u32_at, u64_at};
use crate::error::Result;

const CURSOR: u8 = 0;
const SERIES: u8 = 1;
const RUN: u8 = 2;

fn key(journal: &JournalId, kind: u8, rest: &[u8]) -> Vec<u8> {
    let mut key = journal.to_vec();
    key.push(kind);
    key.extend_from_slice(rest);
    key
}

pub trait Journals: Reading {
    /// The position up to which a journal is applied; `None` for one that is unknown or done with.
    fn journal_cursor(&self, journal: &JournalId) -> Result<Option<u64>> {
        Ok(self
            .get(self.tables().journals, &key(journal, CURSOR, &[]))?
            .and_then(|v| u64_at(v, 0)))
    }

    /// Local id and key of every series that a journal defined.
    fn journal_series(&self, journal: &JournalId) -> Result<Vec<(u32, SeriesKey)>> {
        let prefix = key(journal, SERIES, &[]);
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables().journals)?;
        let mut row = scan.seek(&prefix)?;
        while let Some((key, value)) = row.filter(|(key, _)| key.starts_with(&prefix)) {
            found.extend(u32_at(key, prefix.len()).zip(SeriesKey::from_bytes(value)));
            row = scan.next_row()?;
        }
        Ok(found)
    }

    /// Runs that a journal writes.
    fn journal_runs(&self, journal: &JournalId) -> Result<Vec<RunId>> {
        let prefix = key(journal, RUN, &[]);
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables().journals)?;
        let mut row = scan.seek(&prefix)?;
        while let Some((key, _)) = row.filter(|(key, _)| key.starts_with(&prefix)) {
            found.extend(u64_at(key, prefix.len()));
            row = scan.next_row()?;
        }
        Ok(found)
    }

    /// Journals that have rows here.
    fn journal_ids(&self) -> Result<Vec<JournalId>> {
        let mut found: Vec<JournalId> = Vec::new();
        let mut scan = self.cursor(self.tables().journals)?;
        let mut row = scan.seek(&[0])?;
        while let Some((key, _)) = row {
            let Ok(id) = JournalId::try_from(&key[..key.len().min(16)]) else {
                break;
            };
            found.push(id);
            row = scan.seek(&key_after(&id))?;
        }
        Ok(found)
    }
}

/// A key after all of one journal's.
fn key_after(journal: &JournalId) -> Vec<u8> {
    join(journal, &[u8::MAX])
}

impl<T: Reading + ?Sized> Journals for T {}

impl WriteTxn<'_> {
    pub fn set_journal_cursor(&mut self, journal: &JournalId, position: u64) -> Result<()> {
        let journals = self.tables.journals;
        self.put(
            journals,
            &key(journal, CURSOR, &[]),
            &position.to_be_bytes(),
        )
    }

    pub fn add_journal_series(
        &mut self,
        journal: &JournalId,
        local: u32,
        series: SeriesKey,
    ) -> Result<()> {
        let journals = self.tables.journals;
        self.put(
            journals,
            &key(journal, SERIES, &local.to_be_bytes()),
            &series.to_bytes(),
        )
    }

    pub fn add_journal_run(&mut self, journal: &JournalId, run: RunId) -> Result<()> {
        let journals = self.tables.journals;
        self.put(journals, &key(journal, RUN, &run.to_be_bytes()), &[])
    }

    pub fn remove_journal_run(&mut self, journal: &JournalId, run: RunId) -> Result<()> {
        let journals = self.tables.journals;
        self.delete(journals, &key(journal, RUN, &run.to_be_bytes()))
            .map(|_| ())
    }

    /// Forgets a journal that is applied to its end.
    pub fn retire_journal(&mut self, journal: &JournalId) -> Result<()> {
        let journals = self.tables.journals;
        self.delete_prefix(journals, journal)
    }
}
