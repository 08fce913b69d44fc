//! What the database knows of each journal: how far it was applied, its local series ids, and the runs it writes. In
//! the table `meta`.
//!
//! The cursor is there twice: without it nobody knows what of a journal is stored already. When a journal is finished, a
//! row says so until its file is gone for good: a power loss may bring the file back.

use super::checked;
use super::env::{Txn, WriteTxn};
use super::keys::{JournalId, RunId, SeriesKey, u32_at, u64_at};
use super::tables::JOURNAL;
use crate::error::{Error, Result};

const CURSOR: u8 = 0;
const SERIES: u8 = 1;
const RUN: u8 = 2;
pub(super) const REWOUND: u8 = 3;
const CURSOR_COPY: u8 = 4;
const DONE: u8 = 5;

const PREFIX: usize = 17;

/// How long it is kept in mind that a journal is finished, in microseconds: a file that a power loss brings back was
/// removed less than that before.
const DONE_FOR: u64 = 600_000_000;

/// How far a journal is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Its records before this position are stored.
    At(u64),
    /// All of it is stored.
    Done,
    /// The database has never heard of it, or not for a long time.
    Unknown,
}

/// The beginning of a journal's keys.
fn prefix(journal: &JournalId) -> [u8; PREFIX] {
    let mut key = [JOURNAL; PREFIX];
    key[1..].copy_from_slice(journal);
    key
}

pub(super) fn key(journal: &JournalId, kind: u8, rest: &[u8]) -> Vec<u8> {
    [&prefix(journal)[..], &[kind], rest].concat()
}

/// What a journal's row says; `None` if it is damaged.
pub(super) fn content<'v>(key: &[u8], value: &'v [u8], oldest: u32) -> Option<&'v [u8]> {
    let old = match *key.get(PREFIX)? {
        CURSOR => 8,
        SERIES => SeriesKey::SIZE,
        RUN => 0,
        _ => return checked::open(key, value),
    };
    checked::open_old(key, value, oldest, old)
}

impl Txn<'_> {
    /// How far a journal is applied.
    ///
    /// # Errors
    /// `Corrupt` where that was known and is damaged.
    pub fn journal_progress(&self, journal: &JournalId) -> Result<Progress> {
        let mut was_known = false;
        for (kind, progress) in [
            (DONE, (|_| Progress::Done) as fn(u64) -> Progress),
            (CURSOR, Progress::At),
            (CURSOR_COPY, Progress::At),
        ] {
            let key = key(journal, kind, &[]);
            let Some(row) = self.get(self.tables.meta, &key)? else {
                continue;
            };
            match content(&key, row, self.tables.oldest).and_then(|row| u64_at(row, 0)) {
                Some(number) => return Ok(progress(number)),
                None => was_known = true,
            }
        }
        if was_known {
            let id = u128::from_be_bytes(*journal);
            let damage = Error::corrupt("how far it was applied is damaged");
            return Err(self.located(damage, format_args!("journal {id:032x}")));
        }
        Ok(Progress::Unknown)
    }

    /// Local id and key of every series that a journal defined; of those whose rows are damaged nothing.
    pub fn journal_series(&self, journal: &JournalId) -> Result<Vec<(u32, SeriesKey)>> {
        let prefix = key(journal, SERIES, &[]);
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.meta)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            let series = content(key, value, self.tables.oldest).and_then(SeriesKey::from_bytes);
            found.extend(u32_at(key, prefix.len()).zip(series));
        }
        Ok(found)
    }

    /// Runs that a journal writes.
    pub fn journal_runs(&self, journal: &JournalId) -> Result<Vec<RunId>> {
        let prefix = key(journal, RUN, &[]);
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.meta)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            if content(key, value, self.tables.oldest).is_some() {
                found.extend(u64_at(key, prefix.len()));
            }
        }
        // The same by the other list: neither row alone decides.
        found.extend(self.runs_of_writer(journal)?);
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Journals that are not done with.
    pub fn journal_ids(&self) -> Result<Vec<JournalId>> {
        let mut found: Vec<JournalId> = Vec::new();
        let mut scan = self.cursor(self.tables.meta)?;
        let mut row = scan.seek(&[JOURNAL])?;
        while let Some((key, _)) = row.filter(|(key, _)| key[0] == JOURNAL) {
            let Some(id) = key[1..].first_chunk::<16>() else {
                break;
            };
            if key.get(PREFIX) != Some(&DONE) {
                found.push(*id);
            }
            row = scan.seek_behind(&prefix(id))?;
        }
        Ok(found)
    }

    /// Journals that were finished so long ago that this may be forgotten.
    pub fn forgettable_journals(&self, now: i64) -> Result<Vec<JournalId>> {
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.meta)?;
        let mut row = scan.seek(&[JOURNAL])?;
        while let Some((key, value)) = row.filter(|(key, _)| key[0] == JOURNAL) {
            let Some(id) = key[1..].first_chunk::<16>() else {
                break;
            };
            if key.get(PREFIX) == Some(&DONE) {
                let at = content(key, value, self.tables.oldest).and_then(|row| u64_at(row, 0));
                if at.is_none_or(|at| now.abs_diff(at as i64) > DONE_FOR) {
                    found.push(*id);
                }
            }
            row = scan.seek_behind(&prefix(id))?;
        }
        Ok(found)
    }
}

impl WriteTxn<'_> {
    fn put_journal_row(
        &mut self,
        journal: &JournalId,
        kind: u8,
        rest: &[u8],
        content: &[u8],
    ) -> Result<()> {
        let meta = self.tables.meta;
        let key = key(journal, kind, rest);
        let row = checked::seal(&key, |row| row.extend_from_slice(content));
        self.put(meta, &key, &row)
    }

    pub fn set_journal_cursor(&mut self, journal: &JournalId, position: u64) -> Result<()> {
        let position = position.to_be_bytes();
        self.put_journal_row(journal, CURSOR, &[], &position)?;
        self.put_journal_row(journal, CURSOR_COPY, &[], &position)
    }

    pub fn add_journal_series(
        &mut self,
        journal: &JournalId,
        local: u32,
        series: SeriesKey,
    ) -> Result<()> {
        self.put_journal_row(journal, SERIES, &local.to_be_bytes(), &series.to_bytes())
    }

    pub fn add_journal_run(&mut self, journal: &JournalId, run: RunId) -> Result<()> {
        self.put_journal_row(journal, RUN, &run.to_be_bytes(), &[])
    }

    pub fn remove_journal_run(&mut self, journal: &JournalId, run: RunId) -> Result<()> {
        let meta = self.tables.meta;
        self.delete(meta, &key(journal, RUN, &run.to_be_bytes()))
            .map(|_| ())
    }

    /// A journal is applied to its end, at this time (microseconds since 1970); its file may go.
    pub fn retire_journal(&mut self, journal: &JournalId, at: i64) -> Result<()> {
        self.forget_journal(journal)?;
        self.put_journal_row(journal, DONE, &[], &at.to_be_bytes())
    }

    /// Forgets a journal whose file is gone for good.
    pub fn forget_journal(&mut self, journal: &JournalId) -> Result<()> {
        let meta = self.tables.meta;
        self.delete_prefix(meta, &prefix(journal))
    }
}
