//! What lists of runs share: counts, activity, and the rows of experiments and tags.

use crate::web::error::Answer;
use crate::web::input::{Query, TimeZone};
use crate::web::tree::{dict, seconds, text};
use aim::query::{RunState, RunSummary, read};
use aim::repo::RepoRef;
use aim_value::Tree;
use jiff::Timestamp;
use jiff::tz::Offset;
use std::collections::{BTreeMap, BTreeSet};

/// Runs of a page at most.
const MOST: u64 = 10_000;

/// Counts of runs.
#[derive(Default)]
pub struct Activity {
    experiments: BTreeSet<String>,
    runs: u64,
    archived: u64,
    active: u64,
    /// Runs by the hour of their creation.
    hours: BTreeMap<String, u64>,
}

impl Activity {
    /// Of all runs for which `belongs` holds.
    pub fn of(
        repo: &RepoRef,
        zone: &TimeZone,
        mut belongs: impl FnMut(&RunSummary<'_>) -> bool,
    ) -> Answer<Activity> {
        let mut activity = Activity::default();
        read(repo, |snapshot| {
            snapshot.runs(|run| {
                if belongs(&run) {
                    activity.add(&run, zone);
                }
                Ok(true)
            })
        })?;
        Ok(activity)
    }

    fn add(&mut self, run: &RunSummary<'_>, zone: &TimeZone) {
        if !self.experiments.contains(run.experiment) {
            self.experiments.insert(run.experiment.to_owned());
        }
        self.runs += 1;
        self.archived += u64::from(run.archived);
        self.active += u64::from(run.state == RunState::Running);
        if let Some(hour) = hour(run.created_at, zone) {
            *self.hours.entry(hour).or_default() += 1;
        }
    }

    pub fn experiments(&self) -> u64 {
        self.experiments.len() as u64
    }

    pub fn tree(&self) -> Vec<(String, Tree)> {
        let number = |n: u64| Tree::Int(n as i64);
        let hours = self.hours.iter();
        let hours = hours.map(|(hour, runs)| (hour.clone(), number(*runs)));
        let entries = [
            ("num_runs", number(self.runs)),
            ("num_archived_runs", number(self.archived)),
            ("num_active_runs", number(self.active)),
            ("activity_map", Tree::Dict(hours.collect())),
        ];
        entries.map(|(key, value)| (key.to_owned(), value)).into()
    }
}

/// The hour of a time, as the client's clock shows it.
fn hour(micros: i64, zone: &TimeZone) -> Option<String> {
    let offset = Offset::from_seconds(i32::try_from(zone.0 * -60).ok()?).ok()?;
    let time = offset.to_datetime(Timestamp::from_microsecond(micros).ok()?);
    Some(time.strftime("%Y-%m-%dT%H:00:00").to_string())
}

/// A page of a list of runs: `limit` of them behind `offset`, a hash.
pub struct Page {
    limit: usize,
    offset: String,
}

impl Page {
    pub fn of(query: &Query) -> Answer<Page> {
        let limit = query.number("limit", 0, 0..=MOST)?;
        let limit = if limit == 0 { MOST } else { limit };
        Ok(Page {
            limit: limit as usize,
            offset: query.text("offset"),
        })
    }

    /// The runs for which `belongs` holds, newest first.
    pub fn runs(
        &self,
        repo: &RepoRef,
        mut belongs: impl FnMut(&RunSummary<'_>) -> bool,
        mut row: impl FnMut(&RunSummary<'_>) -> Tree,
    ) -> Answer<Tree> {
        let mut rows = Vec::new();
        read(repo, |snapshot| {
            let behind = match self.offset.is_empty() {
                true => None,
                false => snapshot.find(&self.offset)?,
            };
            snapshot.runs(|run| {
                let is_behind = behind.as_ref().is_none_or(|last| run.run.id < last.id);
                if is_behind && belongs(&run) {
                    rows.push(row(&run));
                }
                Ok(rows.len() < self.limit)
            })
        })?;
        Ok(Tree::List(rows))
    }
}

/// What rows of all lists say of a run.
pub fn row(run: &RunSummary<'_>) -> Vec<(String, Tree)> {
    let hash = run.run.hash_text();
    let name = match run.name {
        Some(name) => name.to_owned(),
        None => format!("Run: {hash}"),
    };
    let end = match run.state {
        RunState::Running => Tree::Null,
        _ => seconds(run.finalized_at.unwrap_or(run.created_at)),
    };
    let entries = [
        ("run_id", text(hash)),
        ("name", text(name)),
        ("creation_time", seconds(run.created_at)),
        ("end_time", end),
        ("archived", Tree::Bool(run.archived)),
    ];
    entries.map(|(key, value)| (key.to_owned(), value)).into()
}

/// What came of a change.
pub fn done(id: &str) -> Tree {
    dict([("id", text(id)), ("status", text("OK"))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_those_of_the_client() {
        let at = 1_795_651_435_565_790; // 2026-11-26T00:03:55Z
        assert_eq!(hour(at, &TimeZone(0)).unwrap(), "2026-11-26T00:00:00");
        assert_eq!(hour(at, &TimeZone(-240)).unwrap(), "2026-11-26T04:00:00");
        assert_eq!(hour(at, &TimeZone(90)).unwrap(), "2026-11-25T22:00:00");
    }
}
