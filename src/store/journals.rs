//! What the database knows of each journal: how far it was applied, its local series ids, and the runs it writes. In
//! the table `meta`.

use super::env::{Reading, WriteTxn};
use super::keys::{JournalId, RunId, SeriesKey, u32_at, u64_at};
use super::tables::JOURNAL;
use crate::error::Result;

const CURSOR: u8 = 0;
const SERIES: u8 = 1;
const RUN: u8 = 2;
pub(super) const REWOUND: u8 = 3;

const PREFIX: usize = 17;

/// The beginning of a journal's keys.
fn prefix(journal: &JournalId) -> [u8; PREFIX] {
    let mut key = [JOURNAL; PREFIX];
    key[1..].copy_from_slice(journal);
    key
}

pub(super) fn key(journal: &JournalId, kind: u8, rest: &[u8]) -> Vec<u8> {
    [&prefix(journal)[..], &[kind], rest].concat()
}

pub trait Journals: Reading {
    /// The position up to which a journal is applied; `None` for one that is unknown or done with.
    fn journal_cursor(&self, journal: &JournalId) -> Result<Option<u64>> {
        Ok(self
            .get(self.tables().meta, &key(journal, CURSOR, &[]))?
            .and_then(|v| u64_at(v, 0)))
    }

    /// Local id and key of every series that a journal defined.
    fn journal_series(&self, journal: &JournalId) -> Result<Vec<(u32, SeriesKey)>> {
        let prefix = key(journal, SERIES, &[]);
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables().meta)?;
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
        let mut scan = self.cursor(self.tables().meta)?;
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
        let mut scan = self.cursor(self.tables().meta)?;
        let mut row = scan.seek(&[JOURNAL])?;
        while let Some((key, _)) = row.filter(|(key, _)| key[0] == JOURNAL) {
            let Some(id) = key[1..].first_chunk::<16>() else {
                break;
            };
            found.push(*id);
            row = scan.seek(&key_after(id))?;
        }
        Ok(found)
    }
}

/// A key after all of one journal's.
fn key_after(journal: &JournalId) -> Vec<u8> {
    [&prefix(journal)[..], &[u8::MAX]].concat()
}

impl<T: Reading + ?Sized> Journals for T {}

impl WriteTxn<'_> {
    pub fn set_journal_cursor(&mut self, journal: &JournalId, position: u64) -> Result<()> {
        let meta = self.tables.meta;
        self.put(meta, &key(journal, CURSOR, &[]), &position.to_be_bytes())
    }

    pub fn add_journal_series(
        &mut self,
        journal: &JournalId,
        local: u32,
        series: SeriesKey,
    ) -> Result<()> {
        let meta = self.tables.meta;
        self.put(
            meta,
            &key(journal, SERIES, &local.to_be_bytes()),
            &series.to_bytes(),
        )
    }

    pub fn add_journal_run(&mut self, journal: &JournalId, run: RunId) -> Result<()> {
        let meta = self.tables.meta;
        self.put(meta, &key(journal, RUN, &run.to_be_bytes()), &[])
    }

    pub fn remove_journal_run(&mut self, journal: &JournalId, run: RunId) -> Result<()> {
        let meta = self.tables.meta;
        self.delete(meta, &key(journal, RUN, &run.to_be_bytes()))
            .map(|_| ())
    }

    /// Forgets a journal that is applied to its end.
    pub fn retire_journal(&mut self, journal: &JournalId) -> Result<()> {
        let meta = self.tables.meta;
        self.delete_prefix(meta, &prefix(journal))
    }
}
