//! Which files stay as they are, and which runs come together into new ones.

use super::manifest::{Group, Manifest};
use super::month::Month;
use aim::query::RunId;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Points and runs of a file, about; one with less than a quarter of both is small.
const POINTS: u64 = 16_000_000;
const RUNS: usize = 8192;
const SMALL: u64 = 4;

/// A run that is to be there.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub run: RunId,
    pub hash: [u8; 12],
    pub sum: u64,
    pub created_at: i64,
    pub points: u64,
    pub open: bool,
}

impl Wanted {
    fn place(&self) -> (Month, bool) {
        (Month::of(self.created_at), self.open)
    }
}

/// Runs for one new file in each table.
pub struct NewGroup {
    pub month: Month,
    pub open: bool,
    pub runs: Vec<RunId>,
}

pub struct Plan {
    pub groups: Vec<NewGroup>,
    /// Names of files that go.
    pub dropped: Vec<String>,
    changed: u64,
}

fn hex(hash: &[u8; 12]) -> String {
    hash.iter().map(|b| format!("{b:02x}")).collect()
}

fn is_small(group: &Group) -> bool {
    group.points < POINTS / SMALL && (group.runs.len() as u64) < RUNS as u64 / SMALL
}

impl Plan {
    pub fn of(manifest: &Manifest, wanted: &[Wanted]) -> Plan {
        let by_hash: HashMap<String, &Wanted> =
            wanted.iter().map(|run| (hex(&run.hash), run)).collect();
        let is_same = |group: &Group, hash: &str, sum: u64| {
            let run = by_hash.get(hash);
            run.is_some_and(|run| run.sum == sum && run.open == group.open)
        };
        let is_kept = |group: &&Group| {
            let mut runs = group.runs.iter();
            runs.all(|(hash, sum)| is_same(group, hash, *sum))
        };
        let (kept, gone): (Vec<&Group>, Vec<&Group>) = manifest.groups.iter().partition(is_kept);
        let mut dropped: Vec<String> = gone.iter().map(|group| group.name.clone()).collect();
        let hashes = |groups: &[&Group]| -> HashSet<String> {
            let runs = groups.iter().flat_map(|group| &group.runs);
            runs.map(|(hash, _)| hash.clone()).collect()
        };
        let staying = hashes(&kept);
        let mut taken: Vec<&Wanted> = wanted
            .iter()
            .filter(|run| !staying.contains(&hex(&run.hash)))
            .collect();
        // Those that were there as they are, in a file that goes.
        let same: u64 = gone
            .iter()
            .map(|group| {
                let runs = group.runs.iter();
                runs.filter(|(hash, sum)| is_same(group, hash, *sum))
                    .count() as u64
            })
            .sum();
        let changed = taken.len() as u64 - same;
        let places: HashSet<(Month, bool)> = taken.iter().map(|run| run.place()).collect();
        // Small files of a month to which something comes are written anew with that.
        for group in kept {
            if is_small(group) && places.contains(&(group.month, group.open)) {
                dropped.push(group.name.clone());
                let runs = group.runs.iter();
                taken.extend(runs.filter_map(|(hash, _)| by_hash.get(hash)));
            }
        }
        Plan {
            groups: groups(taken),
            dropped,
            changed,
        }
    }

    /// Runs that are written.
    pub fn runs(&self) -> u64 {
        self.groups
            .iter()
            .map(|group| group.runs.len() as u64)
            .sum()
    }

    /// Those of them that were not there as they are.
    pub fn changed(&self) -> u64 {
        self.changed
    }
}

fn groups(taken: Vec<&Wanted>) -> Vec<NewGroup> {
    let mut places: BTreeMap<(Month, bool), Vec<&Wanted>> = BTreeMap::new();
    for run in taken {
        places.entry(run.place()).or_default().push(run);
    }
    let mut groups = Vec::new();
    for ((month, open), mut runs) in places {
        runs.sort_by_key(|run| (run.created_at, run.hash));
        let mut points = u64::MAX;
        for run in runs {
            match groups.last_mut() {
                Some(NewGroup { runs, .. }) if points < POINTS && runs.len() < RUNS => {
                    runs.push(run.run);
                    points += run.points;
                }
                _ => {
                    points = run.points;
                    groups.push(NewGroup {
                        month,
                        open,
                        runs: vec![run.run],
                    });
                }
            }
        }
    }
    groups
}
