//! The rows of a query, lump by lump: the first lump is small, so that the answer begins at once, later ones are large.
//! Each is a query of its own that goes on behind the last run, so that nothing is held between them.

use super::error::{Answer, Refusal};
use aim::query::{Options, QueryRow, RunId, Select, check, query};
use aim::repo::RepoRef;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

const FIRST_LUMP: usize = 64;
const GROWTH: usize = 8;
const LARGEST_LUMP: usize = 1 << 16;

pub struct Rows {
    pub repo: RepoRef,
    expression: String,
    select: Select,
    /// The run to go on behind.
    behind: Option<RunId>,
    /// Rows that are still wanted.
    left: usize,
    lump: usize,
    ready: VecDeque<QueryRow>,
    exhausted: bool,
    /// Runs looked at, and those that there were to look at.
    pub looked_at: u64,
    pub total: Option<u64>,
}

impl Rows {
    /// Runs, metrics, or sequences of objects, that an expression selects, newest run first.
    pub fn new(
        repo: RepoRef,
        expression: String,
        select: Select,
        behind: Option<RunId>,
        limit: Option<usize>,
    ) -> Rows {
        Rows {
            repo,
            expression,
            select,
            behind,
            left: limit.unwrap_or(usize::MAX),
            lump: FIRST_LUMP,
            ready: VecDeque::new(),
            exhausted: false,
            looked_at: 0,
            total: None,
        }
    }

    /// The rows of the next runs, `most` runs at most; none at the end. The rows of a run are together.
    pub fn next(&mut self, most: usize, cancelled: &AtomicBool) -> Answer<Vec<QueryRow>> {
        while self.ready.is_empty() && !self.exhausted {
            self.fetch(cancelled)?;
        }
        let mut taken: Vec<QueryRow> = Vec::new();
        let mut runs = 0;
        while let Some(row) = self.ready.front() {
            if taken.last().is_none_or(|last| last.run.id != row.run.id) {
                runs += 1;
                if runs > most {
                    break;
                }
            }
            taken.extend(self.ready.pop_front());
        }
        Ok(taken)
    }

    fn fetch(&mut self, cancelled: &AtomicBool) -> Answer<()> {
        let wanted = self.lump.min(self.left);
        let mut go_on = |_, _| !cancelled.load(Ordering::Relaxed);
        let options = Options {
            behind: self.behind,
            limit: Some(wanted),
            progress: Some(&mut go_on),
            ..Options::default()
        };
        let found = match query(&self.repo, &self.expression, self.select, options) {
            Ok(found) => found,
            Err(e) => {
                let syntax = check(&self.expression).err();
                return Err(match syntax {
                    Some(error) => Refusal::syntax(&error, &self.expression),
                    None => e.into(),
                });
            }
        };
        let (looked_at, total) = found.looked_at();
        self.total.get_or_insert(total);
        let mut rows: Vec<QueryRow> = found.rows().to_vec();
        self.exhausted = rows.len() < wanted || rows.len() == self.left;
        if !self.exhausted && self.select != Select::Runs {
            // The last run may have more rows: it comes again with the next lump.
            let last = rows.last().map(|row| row.run.id);
            if rows.first().map(|row| row.run.id) == last {
                self.lump *= GROWTH;
                return Ok(());
            }
            while rows.last().map(|row| row.run.id) == last {
                rows.pop();
            }
        }
        self.lump = (self.lump * GROWTH).min(LARGEST_LUMP);
        self.looked_at += looked_at;
        self.left -= rows.len();
        self.behind = rows.last().map(|row| row.run.id).or(self.behind);
        self.ready = rows.into();
        Ok(())
    }

    /// Runs looked at so far, and in all.
    pub fn progress(&self) -> (u64, u64) {
        let total = self.total.unwrap_or(0);
        match self.exhausted && self.ready.is_empty() {
            true => (total, total),
            false => (self.looked_at.min(total), total),
        }
    }
}
