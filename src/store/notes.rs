//! Notes of a run: texts that people write, each with its history. They are a stream of the run's logs, one record per
//! revision: the level is the note's number, counted from 1, and a revision with a location deletes the note.
//!
//! | operation | cost |
//! |---|---|
//! | read, add, change | all revisions of the run's notes |

use super::env::{Txn, WriteTxn};
use super::keys::RunId;
use super::logs::{LogAppend, LogRecord, Records, SourceLocation, Stream};
use crate::error::{Error, Result, Status};
use std::collections::BTreeMap;

/// A note as it is now. Times are microseconds since 1970 (UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Counted from 1 within the run, never used again.
    pub id: i32,
    pub text: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// Earlier texts with their times, oldest first.
    pub history: Vec<(i64, String)>,
}

/// A change of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteEdit {
    Add(String),
    Replace(i32, String),
    Delete(i32),
}

/// Notes by number; `None` for one that was deleted.
fn fold(revisions: Vec<(u64, LogRecord)>) -> BTreeMap<i32, Option<Note>> {
    let mut notes: BTreeMap<i32, Option<Note>> = BTreeMap::new();
    for (
        _,
        LogRecord {
            time,
            level,
            text,
            location,
        },
    ) in revisions
    {
        if location.is_some() {
            notes.insert(level, None);
            continue;
        }
        match notes.get_mut(&level) {
            Some(Some(note)) => {
                let before = std::mem::replace(&mut note.text, text);
                note.history.push((note.updated_at, before));
                note.updated_at = time;
            }
            _ => {
                let note = Note {
                    id: level,
                    text,
                    created_at: time,
                    updated_at: time,
                    history: Vec::new(),
                };
                notes.insert(level, Some(note));
            }
        }
    }
    notes
}

impl Txn<'_> {
    /// The run's notes, oldest first.
    pub fn notes(&self, run: RunId) -> Result<Vec<Note>> {
        let revisions = self.log_records(run, Stream::Notes, 0, u64::MAX)?;
        Ok(fold(revisions).into_values().flatten().collect())
    }
}

impl WriteTxn<'_> {
    /// Changes a note; returns its number.
    pub fn edit_note(&mut self, run: RunId, edit: &NoteEdit, at: i64) -> Result<i32> {
        let notes = fold(self.log_records(run, Stream::Notes, 0, u64::MAX)?);
        let known = |id: i32| match notes.get(&id) {
            Some(Some(_)) => Ok(id),
            _ => Err(Error::new(
                Status::NotFound,
                format!("the run has no note {id}"),
            )),
        };
        let (id, text, deleted) = match edit {
            NoteEdit::Add(text) => {
                let last = notes.last_key_value().map_or(0, |(id, _)| *id);
                let next = last.checked_add(1).ok_or_else(|| {
                    Error::new(
                        Status::Limit,
                        format!("the run has had {last} notes, no more fit"),
                    )
                })?;
                (next, text.clone(), false)
            }
            NoteEdit::Replace(id, text) => (known(*id)?, text.clone(), false),
            NoteEdit::Delete(id) => (known(*id)?, String::new(), true),
        };
        let mut records = Records::default();
        records.push(&LogRecord {
            time: at,
            level: id,
            text,
            location: deleted.then(SourceLocation::default),
        });
        let append = LogAppend {
            records,
            ..LogAppend::default()
        };
        self.append_log(run, Stream::Notes, &append)?;
        Ok(id)
    }
}
