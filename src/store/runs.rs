//! The table of runs, and its index.

mod record;

pub use record::{Outcome, RunRecord, RunState, RunView, default_name, hash_text, parse_hash};

use super::checked;
use super::env::{Txn, WriteTxn};
use super::index::{Field, Indexed, Range};
use super::keys::{RunId, u64_at};
use super::tables::NEXT_RUN;
use crate::error::{Error, Result, Status};
use std::collections::HashSet;

impl Txn<'_> {
    pub fn run(&self, id: RunId) -> Result<Option<RunRecord>> {
        self.get(self.tables.runs, &id.to_be_bytes())?
            .map(|record| RunRecord::decode(id, record))
            .transpose()
            .map_err(|e| self.located(e, format_args!("run {id}")))
    }

    /// Whether there is such a run, though its record may be damaged.
    pub fn has_run(&self, id: RunId) -> Result<bool> {
        let record = self.get(self.tables.runs, &id.to_be_bytes())?;
        Ok(record.is_some())
    }

    pub fn find_run(&self, hash: &[u8; 12]) -> Result<Option<RunId>> {
        let text = hash_text(hash);
        let range = Range::equals(Field::Hash, &Indexed::Text(&text));
        match self.indexed_runs(&range, usize::MAX)? {
            Some(runs) => Ok(runs.first().copied()),
            None => self.search_run(hash),
        }
    }

    /// Looks for a run among all.
    fn search_run(&self, hash: &[u8; 12]) -> Result<Option<RunId>> {
        let mut scan = self.runs_scan()?;
        let mut row = scan.last()?;
        while let Some((key, record)) = row {
            if let Some(id) = u64_at(key, 0)
                && RunView::new(id, record).is_ok_and(|view| view.hash() == hash)
            {
                return Ok(Some(id));
            }
            row = scan.prev()?;
        }
        Ok(None)
    }

    /// A cursor over the run records.
    pub fn runs_scan(&self) -> Result<super::scan::Scan<'_>> {
        self.cursor(self.tables.runs)
    }

    /// All runs, also those whose records are damaged.
    pub fn run_ids(&self) -> Result<Vec<RunId>> {
        let mut scan = self.runs_scan()?;
        let mut found = Vec::new();
        for row in scan.prefix(&[]) {
            found.extend(u64_at(row?.0, 0));
        }
        Ok(found)
    }

    pub fn run_count(&self) -> Result<u64> {
        self.rows(self.tables.runs)
    }
}

impl WriteTxn<'_> {
    pub fn create_run(&mut self, record: &RunRecord) -> Result<RunId> {
        if self.find_run(&record.hash)?.is_some() {
            return Err(Error::new(
                Status::Exists,
                format!("a run {} exists already", record.hash_text()),
            ));
        }
        let (meta, runs) = (self.tables.meta, self.tables.runs);
        let next = self.get(meta, NEXT_RUN)?;
        let next = next.and_then(|v| checked::open_old(NEXT_RUN, v, self.tables.oldest, 8));
        let next = next.and_then(|v| u64_at(v, 0));
        let newest = self.cursor(runs)?.last()?.and_then(|(k, _)| u64_at(k, 0));
        // A counter that was damaged must not make a new run take an old one's place.
        let id = next.max(newest.map(|id| id.saturating_add(1))).unwrap_or(0);
        let after = id
            .checked_add(1)
            .ok_or_else(|| Error::corrupt("the count of runs is damaged"))?;
        let after = checked::seal(NEXT_RUN, |row| row.extend_from_slice(&after.to_be_bytes()));
        self.put(meta, NEXT_RUN, &after)?;
        self.index_new_run(id, record)?;
        self.put_run(id, record)?;
        Ok(id)
    }

    /// A run in a place of its own; the nearest free one after it, if another has it.
    pub(super) fn create_run_at(&mut self, place: RunId, record: &RunRecord) -> Result<RunId> {
        let mut id = place;
        while self.has_run(id)? {
            id = id
                .checked_add(1)
                .ok_or_else(|| Error::corrupt("there is no place left for a run"))?;
        }
        self.index_new_run(id, record)?;
        self.put_run(id, record)?;
        Ok(id)
    }

    pub(super) fn index_new_run(&mut self, id: RunId, record: &RunRecord) -> Result<()> {
        let hash = record.hash_text();
        self.index_add(Field::Hash, &Indexed::Text(&hash), id)?;
        self.index_add(
            Field::CreatedAt,
            &Indexed::Number(record.created_at as f64 / 1e6),
            id,
        )?;
        self.index_record(None, record, id)
    }

    pub(super) fn put_run(&mut self, id: RunId, record: &RunRecord) -> Result<()> {
        let runs = self.tables.runs;
        self.put(runs, &id.to_be_bytes(), &record.encode(id))
    }

    /// Changes a run's record; nothing happens to a run that is gone.
    pub fn update_run(&mut self, id: RunId, change: impl FnOnce(&mut RunRecord)) -> Result<()> {
        let Some(before) = self.run(id)? else {
            return Ok(());
        };
        let mut after = before.clone();
        change(&mut after);
        if after != before {
            self.index_record(Some(&before), &after, id)?;
            self.put_run(id, &after)?;
        }
        Ok(())
    }

    /// Brings the index from one record to the next.
    fn index_record(
        &mut self,
        before: Option<&RunRecord>,
        after: &RunRecord,
        id: RunId,
    ) -> Result<()> {
        fn rows(r: &RunRecord) -> Vec<(Field, Indexed<'_>)> {
            let mut rows = vec![(Field::Experiment, Indexed::Text(&r.experiment))];
            rows.extend(r.name.as_deref().map(|n| (Field::Name, Indexed::Text(n))));
            rows.extend(r.tags.iter().map(|t| (Field::Tag, Indexed::Text(t))));
            rows.extend(
                r.archived
                    .then_some((Field::Archived, Indexed::Number(1.0))),
            );
            rows
        }
        let keys = |rows: &[(Field, Indexed<'_>)]| -> HashSet<Vec<u8>> {
            rows.iter().map(|(f, value)| f.row(value, id)).collect()
        };
        let old = before.map(rows).unwrap_or_default();
        let new = rows(after);
        let (before, after) = (keys(&old), keys(&new));
        for (field, value) in &old {
            if !after.contains(&field.row(value, id)) {
                self.index_remove(*field, value, id)?;
            }
        }
        for (field, value) in &new {
            if !before.contains(&field.row(value, id)) {
                self.index_add(*field, value, id)?;
            }
        }
        Ok(())
    }

    /// Deletes a run with all that belongs to it, damaged or not.
    pub fn delete_run(&mut self, id: RunId) -> Result<()> {
        match self.delete_sound_run(id) {
            Err(e) if e.status == Status::Corrupt => self.delete_damaged_run(id),
            outcome => outcome,
        }
    }

    fn delete_sound_run(&mut self, id: RunId) -> Result<()> {
        let Some(record) = self.run(id)? else {
            return Ok(());
        };
        self.delete_all_params(id)?;
        self.delete_all_series(id)?;
        self.delete_all_objects(id)?;
        let hash = record.hash_text();
        self.index_remove(Field::Hash, &Indexed::Text(&hash), id)?;
        self.index_remove(
            Field::CreatedAt,
            &Indexed::Number(record.created_at as f64 / 1e6),
            id,
        )?;
        let bare = RunRecord {
            name: None,
            tags: Vec::new(),
            archived: false,
            ..record.clone()
        };
        self.index_record(Some(&record), &bare, id)?;
        self.index_remove(Field::Experiment, &Indexed::Text(&record.experiment), id)?;
        let key = id.to_be_bytes();
        let (runs, logs) = (self.tables.runs, self.tables.logs);
        self.delete_writers(id)?;
        self.delete_parts(id)?;
        self.delete_prefix(logs, &key)?;
        self.delete(runs, &key).map(|_| ())
    }
}
