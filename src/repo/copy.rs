//! Runs from one repository into another, exactly as they are: hash, times, status, points, logs, notes. A run that is
//! there already is left alone, so that what was interrupted goes on where it was, and doing it twice changes nothing.

use super::objects::{self, Moved};
use super::{Repo, RepoRef};
use crate::error::{Error, Result, Status};
use crate::store::keys::RunId;
use crate::store::{About, Digest, ReadTxn, RunRecord, RunState, Subject, WriteTxn, digest};
use std::collections::BTreeSet;

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the other repository now.
    Copied { points: u64, bytes: u64 },
    /// It was there, as it is here.
    Present,
    /// A run of its hash is there, but differs in this. Nothing was changed.
    Differs(&'static str),
    /// Somebody is writing it. It was left out.
    Busy,
    /// It was deleted meanwhile.
    Gone,
    /// It is damaged; nothing of it was copied.
    Damaged(String),
}

/// A run and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    pub run: RunId,
    pub hash: [u8; 12],
    pub fate: Fate,
}

/// A transaction ends after so many runs, or bytes.
const RUNS: usize = 512;
const BYTES: u64 = 64 << 20;

/// Copies runs; `told` hears of each as it is safe in the other repository, and says whether to go on. What is said of
/// their experiments and tags comes along where nothing is said there.
pub fn copy_runs(
    from: &RepoRef,
    into: &RepoRef,
    runs: &[RunId],
    mut told: impl FnMut(&Copied) -> bool,
) -> Result<()> {
    if std::ptr::eq::<Repo>(&***from, &***into) {
        return Err(Error::invalid(format!(
            "{} is to be copied into itself",
            from.root().display()
        )));
    }
    into.check_editable()?;
    for outcome in [from.recover(), from.flush(), into.recover(), into.flush()] {
        outcome?;
    }
    let mut left = runs;
    while !left.is_empty() {
        let txn = from.store.read()?;
        // A map that turns out too small makes this run again, on the unchanged database.
        let batch = into
            .store
            .write(|to| copy_batch(from, into, &txn, to, left))?;
        objects::give_back(into);
        drop(txn);
        left = &left[batch.len()..];
        for copied in batch {
            if !told(&copied) {
                return Err(Error::new(Status::Cancelled, "copying was cancelled"));
            }
        }
    }
    Ok(())
}

/// The first of the runs, as many as suit one transaction.
fn copy_batch(
    from: &Repo,
    into: &Repo,
    txn: &ReadTxn<'_>,
    to: &mut WriteTxn<'_>,
    runs: &[RunId],
) -> Result<Vec<Copied>> {
    let mut batch = Vec::new();
    let mut bytes = 0;
    let mut said = (BTreeSet::new(), BTreeSet::new());
    let mut objects = Moved::new(from, into)?;
    for run in runs {
        let (hash, fate) = match copy_one(from, into, txn, to, *run, &mut objects) {
            Err(e) if e.status == Status::Corrupt => ([0; 12], Fate::Damaged(e.message)),
            Err(e) => return Err(e),
            Ok((record, fate)) => {
                if let Some(record) = &record {
                    said.0.insert(record.experiment.clone());
                    said.1.extend(record.tags.iter().cloned());
                }
                (record.map_or([0; 12], |r| r.hash), fate)
            }
        };
        if let Fate::Copied { bytes: more, .. } = fate {
            bytes += more;
        }
        batch.push(Copied {
            run: *run,
            hash,
            fate,
        });
        if batch.len() >= RUNS || bytes >= BYTES {
            break;
        }
    }
    for (subject, names) in [(Subject::Experiment, said.0), (Subject::Tag, said.1)] {
        for name in names {
            let about = txn.about(subject, &name)?;
            if about != About::default() && to.about(subject, &name)? == About::default() {
                to.put_about(subject, &name, &about)?;
            }
        }
    }
    objects.sync()?;
    Ok(batch)
}

fn copy_one(
    from: &Repo,
    into: &Repo,
    txn: &ReadTxn<'_>,
    to: &mut WriteTxn<'_>,
    run: RunId,
    objects: &mut Moved,
) -> Result<(Option<RunRecord>, Fate)> {
    let Some(mut record) = txn.run(run)? else {
        return Ok((None, Fate::Gone));
    };
    record.state = from.run_state(&record, &txn.writers(run)?)?;
    if record.state == RunState::Running {
        return Ok((Some(record), Fate::Busy));
    }
    if let Some(there) = to.find_run(&record.hash)? {
        let fate = compare(digest(txn, run, record.clone())?, to, there, into)?;
        return Ok((Some(record), fate));
    }
    let copied = match to.copy_run(txn, run, &record, &mut |blob| objects.place(blob)) {
        Err(e) if e.status == Status::Corrupt => {
            // A damaged run leaves no trace.
            if let Some(part) = to.find_run(&record.hash)? {
                to.delete_run(part)?;
            }
            return Ok((Some(record), Fate::Damaged(e.message)));
        }
        copied => copied?,
    };
    let hash = record.hash_text();
    from.keep(&hash).copy_to(&into.keep(&hash))?;
    let fate = Fate::Copied {
        points: copied.points,
        bytes: copied.bytes,
    };
    Ok((Some(record), fate))
}

fn compare(here: Digest, to: &WriteTxn<'_>, there: RunId, into: &Repo) -> Result<Fate> {
    let Some(mut record) = to.run(there)? else {
        return Ok(Fate::Gone);
    };
    record.state = into.run_state(&record, &to.writers(there)?)?;
    if record.state == RunState::Running {
        return Ok(Fate::Differs("status: it is being written there"));
    }
    let there = digest(to, there, record)?;
    Ok(here.difference(&there).map_or(Fate::Present, Fate::Differs))
}
