//! Rewinding a run: what was tracked from a step on is dropped, as if it had never been.

use super::damage::past_damage;
use crate::error::Result;
use crate::log::{self, Level};
use crate::point::STEP_AUTO;
use crate::store::keys::{JournalId, RunId, SeriesKey};
use crate::store::{Kind, NewPoint, Points, Rewind, WriteTxn};
use rustc_hash::FxHashMap;

/// Drops the points of a run's metrics and objects from `step` on, of all or of those named; returns how many. What other journals
/// than `own` still hold of them will be dropped when it arrives.
pub fn rewind(
    txn: &mut WriteTxn<'_>,
    own: &JournalId,
    run: RunId,
    step: i64,
    names: &[String],
    at: i64,
) -> Result<u64> {
    let mut dropped = 0;
    for key in txn.run_series_keys(run)? {
        if names.is_empty() || names.iter().any(|n| is_called(txn, key, n)) {
            dropped += past_damage(txn, key, |txn| txn.truncate_series(key, step))?;
        }
    }
    dropped += txn.truncate_objects(run, step, names)?;
    for journal in txn.writers(run)?.iter().filter(|journal| *journal != own) {
        let mut all = txn.rewinds(journal, run)?;
        all.push(Rewind {
            step,
            at,
            names: names.to_vec(),
            told: false,
        });
        txn.put_rewinds(journal, run, &all)?;
    }
    Ok(dropped)
}

fn is_called(txn: &WriteTxn<'_>, key: SeriesKey, name: &str) -> bool {
    txn.string(Kind::Name, key.name).is_ok_and(|n| n == name)
}

/// The rewinds by others that a journal's batch meets.
pub struct Rewound<'j> {
    journal: &'j JournalId,
    runs: FxHashMap<RunId, Vec<Rewind>>,
}

impl<'j> Rewound<'j> {
    pub fn new(journal: &'j JournalId) -> Rewound<'j> {
        Rewound {
            journal,
            runs: FxHashMap::default(),
        }
    }

    /// Points without those that a rewind has dropped; `None` if all stay.
    pub fn without_dropped(
        &mut self,
        txn: &mut WriteTxn<'_>,
        key: SeriesKey,
        points: &Points,
    ) -> Result<Option<Points>> {
        let rewinds = self.of(txn, key.run)?;
        let of_this: Vec<&Rewind> = rewinds
            .iter()
            .filter(|r| r.names.is_empty() || r.names.iter().any(|n| is_called(txn, key, n)))
            .collect();
        // A point without a step lies behind all that were there.
        let is_dropped = |i: usize| {
            let (step, time) = (points.steps[i], points.times[i]);
            let auto = step == STEP_AUTO;
            of_this
                .iter()
                .any(|r| time < r.at && (auto || step >= r.step))
        };
        if of_this.is_empty() || !(0..points.len()).any(is_dropped) {
            return Ok(None);
        }
        let mut kept = Points::default();
        for i in (0..points.len()).filter(|i| !is_dropped(*i)) {
            kept.append(points.slice(i..i + 1));
        }
        Ok(Some(kept))
    }

    /// Whether a rewind has dropped a point of objects.
    pub fn drops_objects(
        &mut self,
        txn: &mut WriteTxn<'_>,
        run: RunId,
        point: &NewPoint,
    ) -> Result<bool> {
        let rewinds = self.of(txn, run)?;
        Ok(rewinds.iter().any(|r| {
            let named = r.names.is_empty() || r.names.contains(&point.name);
            let (step, time) = (point.step, point.encoded.time());
            named && time < r.at && (step == STEP_AUTO || step >= r.step)
        }))
    }

    fn of(&mut self, txn: &mut WriteTxn<'_>, run: RunId) -> Result<&[Rewind]> {
        if !self.runs.contains_key(&run) {
            let rewinds = self.tell(txn, run)?;
            self.runs.insert(run, rewinds);
        }
        Ok(self.runs.get(&run).map_or(&[][..], Vec::as_slice))
    }

    /// The rewinds of a run; those that this process does not know of are reported.
    fn tell(&self, txn: &mut WriteTxn<'_>, run: RunId) -> Result<Vec<Rewind>> {
        let mut rewinds = txn.rewinds(self.journal, run)?;
        if rewinds.iter().any(|r| !r.told) {
            for rewind in rewinds.iter_mut().filter(|r| !r.told) {
                log::emit(Level::Warning, || {
                    format!(
                        "run number {run} was rewound to step {} by another process: what this one tracked before from \
                         that step on is dropped",
                        rewind.step
                    )
                });
                rewind.told = true;
            }
            txn.put_rewinds(self.journal, run, &rewinds)?;
        }
        Ok(rewinds)
    }
}
