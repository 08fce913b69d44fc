//! Who writes which run: a row for each journal that does, in the table `meta`. Its value is empty, or, for a writer that
//! brings in what is past and does not make the run a running one, one byte.

use super::checked;
use super::env::{Txn, WriteTxn};
use super::keys::{JournalId, RunId, u64_at};
use super::runs::Outcome;
use super::tables::WRITER;
use crate::error::Result;

/// The writer of runs that are copies: who writes them does so in another repository, and the copy says how it stood.
pub const ELSEWHERE: JournalId = [0xff; 16];

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

/// What a writer's row holds if the run does not live by it.
const IMPORTS: &[u8] = &[1];

/// What a sound row of a writer holds.
pub(super) fn content<'v>(key: &[u8], value: &'v [u8], oldest: u32) -> Option<&'v [u8]> {
    // Of format 1 both kinds.
    let old = value.len().min(IMPORTS.len());
    let content = checked::open_old(key, value, oldest, old)?;
    (key.len() == PREFIX + 16 && content.len() <= IMPORTS.len()).then_some(content)
}

impl Txn<'_> {
    /// Journals that write the run.
    pub fn writers(&self, run: RunId) -> Result<Vec<JournalId>> {
        Ok(self
            .each_writer(run)?
            .into_iter()
            .map(|(id, _)| id)
            .collect())
    }

    /// Journals by which the run lives.
    pub fn live_writers(&self, run: RunId) -> Result<Vec<JournalId>> {
        let each = self.each_writer(run)?.into_iter();
        Ok(each.filter(|(_, lives)| *lives).map(|(id, _)| id).collect())
    }

    /// Journals that write the run, and whether it lives by them.
    fn each_writer(&self, run: RunId) -> Result<Vec<(JournalId, bool)>> {
        let prefix = prefix(run);
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.meta)?;
        for row in scan.prefix(&prefix) {
            let (key, value) = row?;
            let id = key[PREFIX..].try_into().ok();
            let lives = content(key, value, self.tables.oldest).map(|row| row != IMPORTS);
            found.extend(
                id.zip(lives)
                    .map(|(id, lives): (JournalId, bool)| (id, lives)),
            );
        }
        Ok(found)
    }

    /// Runs that a journal writes, found among all that are written.
    pub(super) fn runs_of_writer(&self, journal: &JournalId) -> Result<Vec<RunId>> {
        let mut found = Vec::new();
        let mut scan = self.cursor(self.tables.meta)?;
        for row in scan.prefix(&[WRITER]) {
            let (key, value) = row?;
            if key.ends_with(journal) && content(key, value, self.tables.oldest).is_some() {
                found.extend(u64_at(key, 1));
            }
        }
        Ok(found)
    }
}

/// How a writer leaves a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leave {
    pub outcome: Outcome,
    /// Microseconds since 1970 (UTC).
    pub at: i64,
    /// Whether the program said so; else it follows from how the process ended.
    pub said: bool,
    /// Whether it recorded anything but edits.
    pub recorded: bool,
}

impl Leave {
    /// The process died; when it was last seen alive.
    pub fn crashed(at: i64) -> Leave {
        Leave {
            outcome: Outcome::CRASHED,
            at,
            said: false,
            recorded: true,
        }
    }
}

impl WriteTxn<'_> {
    /// `lives`: the run is a running one as long as this writer lives. A journal may write a run in both ways; then it
    /// lives.
    pub fn add_writer(&mut self, run: RunId, journal: &JournalId, lives: bool) -> Result<()> {
        let (meta, key) = (self.tables.meta, key(run, journal));
        if lives || self.get(meta, &key)?.is_none() {
            let kind = if lives { &[] } else { IMPORTS };
            self.put(
                meta,
                &key,
                &checked::seal(&key, |row| row.extend_from_slice(kind)),
            )?;
        }
        Ok(())
    }

    /// Ends one writer's work on a run; the run ends with its last writer. Nothing happens to a run that the journal
    /// does not write.
    pub fn remove_writer(&mut self, run: RunId, journal: &JournalId, leave: Leave) -> Result<()> {
        let (meta, key) = (self.tables.meta, key(run, journal));
        let Some(row) = self.get(meta, &key)? else {
            return Ok(());
        };
        // One that is damaged is of the kind that there is more of.
        let lived = content(&key, row, self.tables.oldest) != Some(IMPORTS);
        self.delete(meta, &key)?;
        let last = self.live_writers(run)?.is_empty();
        let Leave {
            outcome,
            at,
            said,
            recorded,
        } = leave;
        self.update_run(run, |r| match (lived, last) {
            (true, true) => r.end(outcome, recorded || said, at),
            (true, false) => r.leave(outcome, recorded || said),
            // What is brought in says how the run ended only where somebody says it.
            (false, _) if said && last => {
                (r.pending, r.before) = (None, None);
                r.end(outcome, true, at);
            }
            (false, _) => {}
        })
    }

    pub(super) fn delete_writers(&mut self, run: RunId) -> Result<()> {
        let meta = self.tables.meta;
        self.delete_prefix(meta, &prefix(run))
    }
}
