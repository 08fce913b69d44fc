//! Reading without an expression: runs with their properties, params, metrics and points out of one snapshot, for
//! programs that show many of them at once.

use super::columns::Columns;
use super::reader;
use super::result::{MetricInfo, RunInfo, SequenceInfo, by_name};
use super::sample::{Sampling, sample};
use crate::error::{Error, Result};
use crate::objects::ObjectKind;
use crate::repo::RepoRef;
use crate::store::index::{Field, Range};
use crate::store::keys::{StringId, u32_at, u64_at};
use crate::store::{
    Kind, Note, Object, ObjectPoint, Points, ReadTxn, RunRecord, RunState, RunView, SequenceKey,
    Stored, parse_hash, sequence_prefix, visit_series,
};
use aim_value::{Path, Tree};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Runs `read` on a snapshot of the repository, after all that this process and dead ones have tracked. Keep it short:
/// pages that a snapshot sees cannot be reused meanwhile.
pub fn read<T>(repo: &RepoRef, read: impl FnOnce(&Snapshot<'_>) -> Result<T>) -> Result<T> {
    let (repo, _) = super::prepare(repo)?;
    let txn = repo.store.read()?;
    read(&Snapshot {
        reader: reader::Reader::new(&repo, &txn)?,
        txn: &txn,
    })
}

/// One moment of a repository.
pub struct Snapshot<'t> {
    pub(super) reader: reader::Reader<'t>,
    pub(super) txn: &'t ReadTxn<'t>,
}

/// What a list of all runs needs of each.
#[derive(Clone, Debug)]
pub struct RunSummary<'t> {
    pub run: RunInfo,
    pub experiment: &'t str,
    /// `None` until somebody names the run.
    pub name: Option<&'t str>,
    pub tags: Vec<&'t str>,
    pub archived: bool,
    /// As it really is: a run whose writers died has crashed.
    pub state: RunState,
    /// Microseconds since 1970 (UTC).
    pub created_at: i64,
    pub finalized_at: Option<i64>,
}

impl<'t> Snapshot<'t> {
    /// The run with this hash, if there is one.
    pub fn find(&self, hash: &str) -> Result<Option<RunInfo>> {
        let hash = parse_hash(hash)?;
        let id = self.txn.find_run(&hash)?;
        Ok(id.map(|id| RunInfo { id, hash }))
    }

    /// A run's record with its state as it really is; `None` where the run is gone.
    pub fn record(&self, run: &RunInfo) -> Result<Option<RunRecord>> {
        let Some(mut record) = self.txn.run(run.id)? else {
            return Ok(None);
        };
        record.state = self.reader.state_of(run.id, record.state)?;
        Ok(Some(record))
    }

    /// Visits all runs, newest first, until `visit` says false. Damaged ones are passed over.
    pub fn runs(&self, mut visit: impl FnMut(RunSummary<'t>) -> Result<bool>) -> Result<()> {
        let mut scan = self.txn.runs_scan()?;
        let mut row = scan.last()?;
        while let Some((key, record)) = row {
            if let Some(summary) = self.summary(key, record)?
                && !visit(summary)?
            {
                break;
            }
            row = scan.prev()?;
        }
        Ok(())
    }

    fn summary(&self, key: &[u8], record: &'t [u8]) -> Result<Option<RunSummary<'t>>> {
        let Some(id) = u64_at(key, 0) else {
            return Ok(None);
        };
        let Ok(view) = RunView::new(id, record) else {
            return Ok(None);
        };
        let (Ok(experiment), Ok(name), Ok(tags)) = (view.experiment(), view.name(), view.tags())
        else {
            return Ok(None);
        };
        Ok(Some(RunSummary {
            run: RunInfo {
                id,
                hash: *view.hash(),
            },
            experiment,
            name,
            tags,
            archived: view.archived(),
            state: self.reader.state(id, &view)?,
            created_at: view.created_at(),
            finalized_at: view.finalized_at(),
        }))
    }

    /// All params of a run, in the order in which their keys were first set.
    pub fn params(&self, run: &RunInfo) -> Result<Tree> {
        self.txn.params(run.id)
    }

    /// The notes of a run, oldest first.
    pub fn notes(&self, run: &RunInfo) -> Result<Vec<Note>> {
        self.txn.notes(run.id)
    }

    /// The metrics of a run, by name, then by context. Damaged ones are passed over.
    pub fn metrics(&self, run: &RunInfo) -> Result<Vec<MetricInfo>> {
        let mut found = Vec::new();
        let mut scan = self.reader.series.borrow_mut();
        visit_series(&mut scan, &run.id.to_be_bytes(), |key, stored| {
            let (Ok(aggregates), Ok(name), Ok(context)) = (
                stored,
                self.reader.name(key.name),
                self.reader.context(key.context),
            ) else {
                return Ok(());
            };
            found.push(MetricInfo {
                key,
                name,
                context: context.json.clone(),
                aggregates,
            });
            Ok(())
        })?;
        Ok(by_name(found, |m: &MetricInfo| (&*m.name, &*m.context)))
    }

    /// The sequences of objects of a run that are of a kind, by name, then by context. Damaged ones are passed over.
    pub fn sequences(&self, run: &RunInfo, kind: ObjectKind) -> Result<Vec<SequenceInfo>> {
        let mut found = Vec::new();
        self.txn
            .visit_sequences(&sequence_prefix(run.id, kind, None), |key, stored| {
                if let (Ok(sequence), Ok(name), Ok(context)) = (
                    stored,
                    self.reader.name(key.name),
                    self.reader.context(key.context),
                ) {
                    found.push(SequenceInfo {
                        key,
                        name,
                        context: context.json.clone(),
                        sequence,
                    });
                }
                Ok(())
            })?;
        Ok(by_name(found, |s: &SequenceInfo| (&*s.name, &*s.context)))
    }

    /// How many points all sequences of objects of a run have.
    pub fn object_points(&self, run: &RunInfo) -> Result<u64> {
        self.txn.object_points(run.id)
    }

    /// The steps of a sequence of objects from `from` up to `to`, in order.
    pub fn object_steps(&self, key: SequenceKey, from: i64, to: i64) -> Result<Vec<i64>> {
        self.txn.object_steps(key, from, to)
    }

    /// The point of a sequence of objects at a step; `None` where there is none.
    pub fn object_point(&self, key: SequenceKey, step: i64) -> Result<Option<ObjectPoint>> {
        self.txn.object_point(key, step)
    }

    /// The bytes of an object, checked.
    pub fn object_bytes<'o>(&self, object: &'o Object) -> Result<Cow<'o, [u8]>> {
        match &object.stored {
            Stored::Here(bytes) => Ok(Cow::Borrowed(bytes)),
            Stored::Packed(blob) => {
                let mut packs = self.reader.repo().packs();
                packs.read(blob).map(|bytes| Cow::Owned(bytes.to_vec()))
            }
        }
    }

    /// Every name of sequences of a kind with the contexts it has, as canonical JSON, over all runs.
    pub fn object_names(&self, kind: ObjectKind) -> Result<BTreeMap<String, BTreeSet<String>>> {
        let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for run in self.txn.run_ids()? {
            self.txn
                .visit_sequences(&sequence_prefix(run, kind, None), |key, _| {
                    if let (Ok(name), Ok(context)) =
                        (self.reader.name(key.name), self.reader.context(key.context))
                    {
                        let contexts = names.entry((*name).to_owned()).or_default();
                        contexts.insert((*context.json).to_owned());
                    }
                    Ok(())
                })?;
        }
        Ok(names)
    }

    /// At most `most` points of a metric, 4 at least; all of them if it has no more.
    pub fn sample(&self, metric: &MetricInfo, most: usize, how: Sampling) -> Result<Columns> {
        sample(self.txn, metric.key, most, how)
    }

    /// A metric's values at ascending steps, `None` where it has no point. Reads the blocks between the first and the
    /// last of them.
    pub fn values_at(&self, metric: &MetricInfo, steps: &[i64]) -> Result<Vec<Option<f64>>> {
        let mut values = vec![None; steps.len()];
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
            return Ok(values);
        };
        if steps.windows(2).any(|w| w[0] >= w[1]) {
            return Err(Error::invalid("the steps are not ascending"));
        }
        let mut points = Points::default();
        let mut at = 0;
        self.txn.blocks(metric.key, *first, *last, |_, _, row| {
            points.clear();
            crate::store::decode_block(row, &mut points)?;
            for (step, value) in points.steps.iter().zip(&points.values) {
                while at < steps.len() && steps[at] < *step {
                    at += 1;
                }
                if at < steps.len() && steps[at] == *step {
                    values[at] = Some(*value);
                }
            }
            Ok(())
        })?;
        Ok(values)
    }

    /// Every metric name of the repository with the contexts it has, as canonical JSON, over all runs.
    pub fn metric_names(&self) -> Result<BTreeMap<String, BTreeSet<String>>> {
        // Neighbours are of one run: what was seen is looked up by number.
        let mut pairs: BTreeSet<(StringId, StringId)> = BTreeSet::new();
        let mut scan = self.txn.series_scan()?;
        for row in scan.prefix(&[]) {
            let (key, _) = row?;
            pairs.extend(u32_at(key, 8).zip(u32_at(key, 12)));
        }
        let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, context) in pairs {
            let (Ok(name), Ok(context)) = (self.reader.name(name), self.reader.context(context))
            else {
                continue;
            };
            let contexts = names.entry((*name).to_owned()).or_default();
            contexts.insert((*context.json).to_owned());
        }
        Ok(names)
    }

    /// The paths of all params that a run has, `most` at most. Cost grows with the different paths, not with the runs.
    pub fn param_paths(&self, most: usize) -> Result<Vec<Path>> {
        let mut found = Vec::new();
        self.txn.visit_strings(Kind::Path, |id, pointer| {
            let runs = self
                .txn
                .indexed_runs(&Range::exists(Field::Param(id)), 1)?
                .is_none_or(|runs| !runs.is_empty());
            if runs {
                found.push(Path::parse(pointer)?);
            }
            Ok(found.len() < most)
        })?;
        Ok(found)
    }

    /// The number of the commit that made this state; it grows with each one. Equal numbers of one repository are equal
    /// states.
    pub fn version(&self) -> u64 {
        self.txn.commit_number()
    }

    /// How many runs there are, damaged ones too.
    pub fn run_count(&self) -> Result<u64> {
        self.txn.run_count()
    }
}
