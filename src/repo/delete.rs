//! Deleting runs, with what objects and artifacts of theirs took.

use super::{Repo, artifacts, objects};
use crate::error::{Error, Result, Status};
use crate::store::keys::RunId;
use crate::store::{hash_text, parse_hash};
use std::time::{Duration, Instant};

/// What became of a bulk deletion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    pub runs: u64,
    /// Runs that are being written: they are still there.
    pub busy: Vec<String>,
}

/// How long one transaction deletes runs until others may write: a run may have nothing, or many points.
const DELETES_FOR: Duration = Duration::from_millis(250);

impl Repo {
    /// Deletes a run that nobody is writing. It may be damaged.
    pub fn delete_run(&self, hash: &str) -> Result<()> {
        self.check_editable()?;
        let digits = parse_hash(hash)?;
        self.flush()?;
        // One transaction: nobody begins to write the run between the look and the deletion.
        self.store.write(|txn| {
            let id = txn.find_run(&digits)?.ok_or_else(|| self.no_run(hash))?;
            for journal in &txn.writers(id)? {
                if self.is_alive(journal)? {
                    return Err(busy(hash));
                }
            }
            txn.delete_run(id)
        })?;
        objects::give_back(self);
        artifacts::give_back(self, &[hash_text(&digits)]);
        Ok(())
    }

    /// Deletes runs, except those that are being written; some in each transaction. What a process that was killed in
    /// between has not deleted is still whole.
    pub fn delete_runs(&self, runs: &[RunId]) -> Result<Deleted> {
        self.check_editable()?;
        self.flush()?;
        let mut deleted = Deleted::default();
        let mut rest = runs;
        while !rest.is_empty() {
            let (looked_at, gone, busy) = self.store.write(|txn| {
                let (mut gone, mut busy) = (Vec::new(), Vec::new());
                let begun = Instant::now();
                let mut looked_at = 0;
                for run in rest {
                    if looked_at > 0 && begun.elapsed() >= DELETES_FOR {
                        break;
                    }
                    looked_at += 1;
                    if !txn.has_run(*run)? {
                        continue;
                    }
                    if self.any_alive(&txn.writers(*run)?)? {
                        busy.extend(txn.run(*run)?.map(|record| record.hash_text()));
                    } else {
                        let record = txn.run(*run);
                        txn.delete_run(*run)?;
                        // What a run kept whose record is damaged is left to `compact`.
                        gone.push(record.ok().flatten().map(|record| record.hash_text()));
                    }
                }
                Ok((looked_at, gone, busy))
            })?;
            rest = &rest[looked_at..];
            objects::give_back(self);
            deleted.runs += gone.len() as u64;
            let gone: Vec<String> = gone.into_iter().flatten().collect();
            artifacts::give_back(self, &gone);
            deleted.busy.extend(busy);
        }
        Ok(deleted)
    }
}

/// `Busy` where a run that is named is being written.
fn busy(hash: &str) -> Error {
    Error::new(
        Status::Busy,
        format!("run {hash} is being written; close it first"),
    )
}
