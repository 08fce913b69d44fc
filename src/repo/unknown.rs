//! Journals that were set aside since the database did not know them: it was removed, or an older copy of it put in its
//! place. Here is what brings in what they hold, when somebody asks for it.
//!
//! A journal calls its runs by numbers of the database that it was written beside. Its records also say which run has a
//! number: that run, found by its hash or made anew, gets the data. After a power loss, or with a full disk, what was said of a
//! run, or of a metric, may be missing: what belongs to it goes into runs of their own, which say where it is from. In a run that is there already nothing is changed: what it has stays, what it lacks is added.

use super::batch::{Batch, SeriesMap};
use super::op::{Op, Property};
use super::{Repo, RepoRef, now_micros};
use crate::blobs;
use crate::error::{Error, Result, Status};
use crate::journal::{JournalId, Owner, Record, Recovery};
use crate::point::STEP_AUTO;
use crate::store::keys::{RunId, SeriesKey};
use crate::store::{Kind, NewPoint, Points, RunRecord, RunState, SequenceKey, Turn, WriteTxn};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_128;

/// The ending of such a journal.
pub const UNKNOWN: &str = "unknown";
/// The number under which points are whose metric, and so whose run, is not known.
const NAMELESS: RunId = RunId::MAX;

/// What came of one journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BroughtBack {
    /// Runs that it speaks of, and those of them that were not there.
    pub runs: u64,
    pub new_runs: u64,
    /// Points that were added, and those whose steps were there already.
    pub points: u64,
    pub present: u64,
    /// Of the added ones: points of metrics whose names the journal does not hold any more.
    pub nameless: u64,
    /// Records that are damaged. The journal stays, as one that is.
    pub damaged: u64,
}

/// The journals of a repository that wait for this.
pub fn unknown_journals(repo: &Repo) -> Result<Vec<PathBuf>> {
    let directory = repo.location.journals();
    let entries = match std::fs::read_dir(&directory) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|e| Error::io(directory.display(), &e))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|e| Error::io(directory.display(), &e))?
            .path();
        let id = path.file_stem().and_then(|name| name.to_str());
        let is_journal = id.is_some_and(|id| id.parse::<JournalId>().is_ok());
        if is_journal && path.extension().is_some_and(|ending| ending == UNKNOWN) {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Brings in all that a journal holds that was set aside, then removes it. Doing it again adds nothing.
pub fn bring_back(repo: &RepoRef, path: &Path) -> Result<BroughtBack> {
    repo.check_editable()?;
    repo.store.check_writable()?;
    let _one_at_a_time = repo.store.take_turn(Turn::Recover)?;
    let recovery = Recovery::open_aside(path)?;
    let id = recovery.id();
    blobs::sync_all(&repo.location.blobs(), &id.0)?;
    let mut all = Batch::default();
    recovery.kept(|kind, payload| all.add(Record::Payload { kind, payload }))?;
    let replay = recovery.replay_all(|record, _| {
        all.add(record);
        Ok(())
    })?;
    let mut packs = repo.packs();
    all.check_objects(|blob| match packs.read(blob) {
        Ok(_) => Ok(true),
        Err(e) if e.status == Status::Corrupt => Ok(false),
        Err(e) => Err(e),
    })?;
    let runs = said_of_runs(&mut all, id, recovery.owner(), recovery.last_seen());
    let mut brought = repo.store.write(|txn| add(txn, id, &all, &runs))?;
    brought.damaged = replay.damaged;
    match replay.damaged {
        0 => recovery.remove()?,
        _ => drop(recovery.set_aside("damaged")?),
    }
    Ok(brought)
}

/// The record of every run that the journal speaks of, by its number there. Metrics that it does not name get names.
fn said_of_runs(
    all: &mut Batch,
    journal: JournalId,
    owner: &Owner,
    ended: i64,
) -> BTreeMap<RunId, RunRecord> {
    let mut runs = BTreeMap::new();
    let mut named = HashSet::new();
    let times = all
        .points_mut()
        .iter()
        .flat_map(|(_, points)| &points.times);
    let earliest = times.copied().min().unwrap_or(ended);
    let stand_in = |number: Option<RunId>| {
        let seed = [&journal.0[..], &number.unwrap_or(NAMELESS).to_be_bytes()].concat();
        let mut hash = [0; 12];
        hash.copy_from_slice(&xxh3_128(&seed).to_be_bytes()[..12]);
        RunRecord {
            description: format!(
                "Of the journal {journal} of process {} on {}, which does not say which run this is.",
                owner.process, owner.host
            ),
            ..RunRecord::new(hash, "default", earliest.min(ended))
        }
    };
    for op in all.ops_mut() {
        match op {
            Op::Run {
                run,
                hash,
                created_at,
                experiment,
                run_id,
            } => {
                let mut record = RunRecord::new(*hash, experiment, *created_at);
                record.run_id.clone_from(run_id);
                runs.insert(*run, record);
            }
            Op::DefineSeries { local, .. } => drop(named.insert(*local)),
            _ => {}
        }
    }
    for op in all.ops_mut() {
        if let Some(number) = op.run_mut() {
            runs.entry(*number)
                .or_insert_with(|| stand_in(Some(*number)));
        }
    }
    let nameless: Vec<u32> = all.points_mut().iter().map(|(local, _)| *local).collect();
    for local in nameless.into_iter().filter(|local| !named.contains(local)) {
        runs.entry(NAMELESS).or_insert_with(|| stand_in(None));
        all.push(Op::DefineSeries {
            local,
            run: NAMELESS,
            name: format!("lost name {local}"),
            context: "{}".to_owned(),
        });
    }
    for record in runs.values_mut() {
        record.state = RunState::Crashed;
        record.finalized_at = Some(ended.max(record.created_at).min(now_micros()));
    }
    runs
}

/// A run in the database.
#[derive(Clone, Copy)]
struct Target {
    run: RunId,
    is_new: bool,
}

fn add(
    txn: &mut WriteTxn<'_>,
    journal: JournalId,
    all: &Batch,
    runs: &BTreeMap<RunId, RunRecord>,
) -> Result<BroughtBack> {
    let mut brought = BroughtBack::default();
    let mut targets = BTreeMap::new();
    for (number, record) in runs {
        let target = match txn.find_run(&record.hash)? {
            Some(run) => Target { run, is_new: false },
            None => Target {
                run: txn.create_run(record)?,
                is_new: true,
            },
        };
        brought.runs += 1;
        brought.new_runs += u64::from(target.is_new);
        targets.insert(*number, target);
    }
    let mut batch = all.clone();
    let mut ops = Vec::new();
    let mut series = SeriesMap::default();
    let mut nameless = HashSet::new();
    for mut op in std::mem::take(batch.ops_mut()) {
        let Some(number) = op.run_mut() else { continue };
        let Some(target) = targets.get(number) else {
            continue;
        };
        let is_nameless = std::mem::replace(number, target.run) == NAMELESS;
        match &op {
            Op::DefineSeries {
                local,
                run,
                name,
                context,
            } => {
                series.insert(*local, txn.define_series(*run, name, context)?);
                if is_nameless {
                    nameless.insert(*local);
                }
            }
            Op::Close { run, leave } if target.is_new => txn.update_run(*run, |record| {
                record.state = leave.outcome.state;
                record.exit_code = leave.outcome.exit_code;
                record.signal = leave.outcome.signal;
                record.finalized_at = Some(leave.at.max(record.created_at));
            })?,
            _ if target.is_new || lacks(txn, &op)? => ops.push(op),
            _ => {}
        }
    }
    let is_new = |key: &SeriesKey| targets.values().any(|t| t.run == key.run && t.is_new);
    for (local, points) in batch.points_mut() {
        if let Some(key) = series.get(local) {
            let before = points.len();
            if !is_new(key) {
                keep_lacking(txn, *key, points)?;
            }
            brought.present += (before - points.len()) as u64;
            brought.points += points.len() as u64;
            if nameless.contains(local) {
                brought.nameless += points.len() as u64;
            }
        }
    }
    *batch.ops_mut() = ops;
    batch.apply(txn, &journal.0, &series)?;
    for target in targets.values() {
        if txn.writers(target.run)?.is_empty() {
            for key in txn.run_series_keys(target.run)? {
                txn.seal_series(key)?;
            }
        }
    }
    Ok(brought)
}

/// Whether a run that was there has nothing in the place of what a change would put there.
fn lacks(txn: &WriteTxn<'_>, op: &Op) -> Result<bool> {
    Ok(match op {
        Op::SetParam { run, path, .. } => txn.param(*run, path)?.is_none(),
        Op::SetProperty {
            property: Property::AddTag(_),
            ..
        } => true,
        Op::Objects { run, point } => !has_objects(txn, *run, point)?,
        _ => false,
    })
}

fn has_objects(txn: &WriteTxn<'_>, run: RunId, new: &NewPoint) -> Result<bool> {
    let name = txn.find_string(Kind::Name, &new.name)?;
    let context = txn.find_string(Kind::Context, &new.context)?;
    let (Some(name), Some(context)) = (name, context) else {
        return Ok(false);
    };
    let key = SequenceKey {
        run,
        kind: new.kind,
        name,
        context,
    };
    match new.step {
        // It got a step of its own when it was stored.
        STEP_AUTO => Ok(!txn.object_steps(key, i64::MIN, i64::MAX)?.is_empty()),
        step => Ok(txn.encoded_point(key, step)?.is_some()),
    }
}

/// Leaves those points whose steps the sequence does not have; of those without a step, the ones later than all that it has.
fn keep_lacking(txn: &WriteTxn<'_>, key: SeriesKey, points: &mut Points) -> Result<()> {
    let mut there = Points::default();
    if txn.aggregates(key)?.is_some() {
        txn.points(key, &mut there)?;
    }
    let latest = there.times.iter().copied().max().unwrap_or(i64::MIN);
    let all = std::mem::take(points);
    for i in 0..all.len() {
        let (step, time) = (all.steps[i], all.times[i]);
        let lacking = match step {
            STEP_AUTO => time > latest,
            step => there.steps.binary_search(&step).is_err(),
        };
        if lacking {
            points.push(step, all.values[i], all.epochs[i], time);
        }
    }
    Ok(())
}
