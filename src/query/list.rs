//! What there is: experiments, tags, metrics, contexts and params of a repository's runs, or of those that an expression
//! selects.

use super::{Options, Select, flatten, prepare, query};
use crate::error::Result;
use crate::repo::RepoRef;
use crate::store::keys::RunId;
use crate::store::{Kind, ReadTxn, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    Experiments,
    Tags,
    MetricNames,
    /// Canonical JSON.
    Contexts,
    /// JSON Pointers of values that are no objects.
    ParamKeys,
}

/// Names, in order, each with the number of runs that have it: of all runs, archived ones too, or of those that the
/// expression selects. Without one, experiments and tags that no run has but that were described are there, too.
pub fn list(repo: &RepoRef, what: Listed, expression: Option<&str>) -> Result<Vec<(String, u64)>> {
    let (repo, _) = &prepare(repo)?;
    let runs: Option<Vec<RunId>> = match expression {
        Some(expression) => {
            let found = query(repo, expression, Select::Runs, Options::default())?;
            Some(found.rows().iter().map(|row| row.run.id).collect())
        }
        None => None,
    };
    let txn = repo.store.read()?;
    let subject = match what {
        Listed::Experiments => Some(Subject::Experiment),
        Listed::Tags => Some(Subject::Tag),
        _ => None,
    };
    if let (None, Some(subject)) = (&runs, subject) {
        let all = txn.all_about(subject)?.into_iter();
        return Ok(all.map(|(name, (runs, _))| (name, runs)).collect());
    }
    let runs = match runs {
        Some(runs) => runs,
        None => txn.run_ids()?,
    };
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for run in runs {
        for name in names(&txn, what, run)? {
            *counts.entry(name).or_default() += 1;
        }
    }
    Ok(counts.into_iter().collect())
}

/// The different names that one run has.
fn names(txn: &ReadTxn<'_>, what: Listed, run: RunId) -> Result<BTreeSet<String>> {
    let series = |kind, of: fn(crate::store::keys::SeriesKey) -> u32| {
        let keys = txn.run_series_keys(run)?;
        let ids: BTreeSet<u32> = keys.into_iter().map(of).collect();
        let texts = ids
            .into_iter()
            .map(|id| txn.string(kind, id).map(str::to_owned));
        texts.collect::<Result<BTreeSet<String>>>()
    };
    Ok(match what {
        Listed::Experiments => txn.run(run)?.map(|r| r.experiment).into_iter().collect(),
        Listed::Tags => txn.run(run)?.into_iter().flat_map(|r| r.tags).collect(),
        Listed::MetricNames => series(Kind::Name, |key| key.name)?,
        Listed::Contexts => series(Kind::Context, |key| key.context)?,
        Listed::ParamKeys => {
            let mut leaves = Vec::new();
            flatten(txn.params(run)?, String::new(), &mut leaves);
            leaves.into_iter().map(|(pointer, _)| pointer).collect()
        }
    })
}
