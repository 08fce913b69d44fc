//! Run records: what a run is, apart from its params and sequences.

use super::checked;
use super::env::{Reading, WriteTxn};
use super::index::{Field, Index, Range, Value};
use super::keys::{RunId, u64_at};
use crate::error::{Error, Result, Status};

/// How a run stands. A running one is only truly so while one of its writers lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RunState {
    Running = 0,
    Finished = 1,
    Crashed = 2,
}

/// Times are microseconds since 1970 (UTC).
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// 24 hex digits when written out.
    pub hash: [u8; 12],
    pub state: RunState,
    pub archived: bool,
    pub created_at: i64,
    /// When the last writer closed or died; `None` while the run is being written.
    pub finalized_at: Option<i64>,
    pub experiment: String,
    /// `None` until somebody names the run.
    pub name: Option<String>,
    pub description: String,
    pub tags: Vec<String>,
}

pub fn hash_text(hash: &[u8; 12]) -> String {
    hash.iter().map(|b| format!("{b:02x}")).collect()
}

/// What a run without a name is called.
pub fn default_name(hash: &[u8; 12]) -> String {
    format!("Run: {}", hash_text(hash))
}

/// Reads 24 hex digits.
pub fn parse_hash(text: &str) -> Result<[u8; 12]> {
    let wrong = || Error::invalid(format!("run hash {text:?} is not 24 hexadecimal digits"));
    if text.len() != 24 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut hash = [0; 12];
    for (i, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).map_err(|_| wrong())?;
    }
    Ok(hash)
}

impl RunRecord {
    pub fn hash_text(&self) -> String {
        hash_text(&self.hash)
    }

    pub fn display_name(&self) -> String {
        self.name
            .clone()
            .unwrap_or_else(|| format!("Run: {}", self.hash_text()))
    }

    fn encode(&self, id: RunId) -> Vec<u8> {
        checked::seal(&id.to_be_bytes(), |out| {
            out.extend_from_slice(&self.hash);
            out.push(self.state as u8);
            out.push(u8::from(self.archived) | u8::from(self.name.is_some()) << 1);
            out.extend_from_slice(&self.created_at.to_le_bytes());
            out.extend_from_slice(&self.finalized_at.unwrap_or(i64::MIN).to_le_bytes());
            let texts = [
                self.experiment.as_str(),
                self.name.as_deref().unwrap_or(""),
                &self.description,
            ];
            for text in texts
                .into_iter()
                .chain(self.tags.iter().map(String::as_str))
            {
                out.extend_from_slice(&(text.len() as u32).to_le_bytes());
                out.extend_from_slice(text.as_bytes());
            }
        })
    }

    fn decode(id: RunId, bytes: &[u8]) -> Result<RunRecord> {
        let view = RunView::new(id, bytes)?;
        Ok(RunRecord {
            hash: *view.hash(),
            state: view.state(),
            archived: view.archived(),
            created_at: view.created_at(),
            finalized_at: view.finalized_at(),
            experiment: view.experiment()?.to_owned(),
            name: view.name()?.map(str::to_owned),
            description: view.description()?.to_owned(),
            tags: view.tags()?.into_iter().map(str::to_owned).collect(),
        })
    }
}

/// A stored record, read field by field: queries look at one or two fields of many runs.
#[derive(Clone, Copy)]
pub struct RunView<'a> {
    head: &'a [u8; HEAD],
    texts: &'a [u8],
    state: RunState,
}

/// Bytes in front of the texts.
const HEAD: usize = 30;

fn damaged() -> Error {
    Error::corrupt("a stored run is damaged")
}

impl<'a> RunView<'a> {
    pub fn new(id: RunId, bytes: &'a [u8]) -> Result<RunView<'a>> {
        let (head, texts) = checked::open(&id.to_be_bytes(), bytes)
            .and_then(|bytes| bytes.split_first_chunk::<HEAD>())
            .ok_or_else(damaged)?;
        let state = match head[12] {
            0 => RunState::Running,
            1 => RunState::Finished,
            2 => RunState::Crashed,
            _ => return Err(damaged()),
        };
        Ok(RunView { head, texts, state })
    }

    pub fn hash(&self) -> &'a [u8; 12] {
        // The head is longer than a hash.
        self.head.first_chunk().unwrap_or(&[0; 12])
    }

    pub fn state(&self) -> RunState {
        self.state
    }

    pub fn archived(&self) -> bool {
        self.head[13] & 1 != 0
    }

    fn time(&self, at: usize) -> i64 {
        self.head[at..]
            .first_chunk()
            .map_or(0, |b| i64::from_le_bytes(*b))
    }

    pub fn created_at(&self) -> i64 {
        self.time(14)
    }

    pub fn finalized_at(&self) -> Option<i64> {
        Some(self.time(22)).filter(|t| *t != i64::MIN)
    }

    fn texts(&self) -> impl Iterator<Item = Result<&'a str>> {
        let mut rest = self.texts;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let text = rest.split_first_chunk().and_then(|(size, tail)| {
                let (text, tail) = tail.split_at_checked(u32::from_le_bytes(*size) as usize)?;
                rest = tail;
                std::str::from_utf8(text).ok()
            });
            if text.is_none() {
                rest = &[];
            }
            Some(text.ok_or_else(damaged))
        })
    }

    fn text(&self, n: usize) -> Result<&'a str> {
        self.texts().nth(n).unwrap_or_else(|| Err(damaged()))
    }

    pub fn experiment(&self) -> Result<&'a str> {
        self.text(0)
    }

    /// `None` until somebody names the run.
    pub fn name(&self) -> Result<Option<&'a str>> {
        let named = self.head[13] & 2 != 0;
        self.text(1).map(|name| named.then_some(name))
    }

    pub fn description(&self) -> Result<&'a str> {
        self.text(2)
    }

    pub fn tags(&self) -> Result<Vec<&'a str>> {
        self.texts().skip(3).collect()
    }
}

pub trait Runs: Reading {
    fn run(&self, id: RunId) -> Result<Option<RunRecord>> {
        self.get(self.tables().runs, &id.to_be_bytes())?
            .map(|record| RunRecord::decode(id, record))
            .transpose()
            .map_err(|e| self.located(e, format_args!("run {id}")))
    }

    /// Whether there is such a run, though its record may be damaged.
    fn has_run(&self, id: RunId) -> Result<bool> {
        let record = self.get(self.tables().runs, &id.to_be_bytes())?;
        Ok(record.is_some())
    }

    fn find_run(&self, hash: &[u8; 12]) -> Result<Option<RunId>> {
        let text = hash_text(hash);
        let runs = self.indexed_runs(&Range::equals(Field::Hash, &Value::Text(&text)), 1)?;
        Ok(runs.unwrap_or_default().first().copied())
    }

    /// A cursor over the run records.
    fn runs_scan(&self) -> Result<super::scan::Scan<'_>> {
        self.cursor(self.tables().runs)
    }

    fn run_count(&self) -> Result<u64> {
        let stat = lmdb::Transaction::stat(self.txn(), self.tables().runs);
        Ok(stat.map_err(super::env::error)?.entries() as u64)
    }
}

impl<T: Reading + ?Sized> Runs for T {}

const NEXT_RUN: &[u8] = b"next_run";

impl WriteTxn<'_> {
    pub fn create_run(&mut self, record: &RunRecord) -> Result<RunId> {
        if self.find_run(&record.hash)?.is_some() {
            return Err(Error::new(
                Status::Busy,
                format!("a run {} exists already", record.hash_text()),
            ));
        }
        let (meta, runs) = (self.tables.meta, self.tables.runs);
        let next = self.get(meta, NEXT_RUN)?.and_then(|v| u64_at(v, 0));
        let newest = self.cursor(runs)?.last()?.and_then(|(k, _)| u64_at(k, 0));
        // A counter that was damaged must not make a new run take an old one's place.
        let id = next.max(newest.map(|id| id.saturating_add(1))).unwrap_or(0);
        let after = id
            .checked_add(1)
            .ok_or_else(|| Error::corrupt("the count of runs is damaged"))?;
        self.put(meta, NEXT_RUN, &after.to_be_bytes())?;
        self.index_new_run(id, record)?;
        self.put_run(id, record)?;
        Ok(id)
    }

    pub(super) fn index_new_run(&mut self, id: RunId, record: &RunRecord) -> Result<()> {
        let hash = record.hash_text();
        self.index_add(Field::Hash, &Value::Text(&hash), id)?;
        self.index_add(
            Field::CreatedAt,
            &Value::Number(record.created_at as f64 / 1e6),
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
        fn rows(r: &RunRecord) -> Vec<(Field, Value<'_>)> {
            let mut rows = vec![(Field::Experiment, Value::Text(&r.experiment))];
            rows.extend(r.name.as_deref().map(|n| (Field::Name, Value::Text(n))));
            rows.extend(r.tags.iter().map(|t| (Field::Tag, Value::Text(t))));
            rows.extend(r.archived.then_some((Field::Archived, Value::Number(1.0))));
            rows
        }
        let old = before.map(rows).unwrap_or_default();
        let new = rows(after);
        for (field, value) in old.iter().filter(|row| !new.contains(row)) {
            self.index_remove(*field, value, id)?;
        }
        for (field, value) in new.iter().filter(|row| !old.contains(row)) {
            self.index_add(*field, value, id)?;
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
        let hash = record.hash_text();
        self.index_remove(Field::Hash, &Value::Text(&hash), id)?;
        self.index_remove(
            Field::CreatedAt,
            &Value::Number(record.created_at as f64 / 1e6),
            id,
        )?;
        let bare = RunRecord {
            name: None,
            tags: Vec::new(),
            archived: false,
            ..record.clone()
        };
        self.index_record(Some(&record), &bare, id)?;
        self.index_remove(Field::Experiment, &Value::Text(&record.experiment), id)?;
        let key = id.to_be_bytes();
        let (runs, logs) = (self.tables.runs, self.tables.logs);
        self.delete_writers(id)?;
        self.delete_prefix(logs, &key)?;
        self.delete(runs, &key).map(|_| ())
    }
}
