//! What a repository holds and takes, and what of it is damaged: every value of every run is read.

use super::Snapshot;
use super::result::RunInfo;
use crate::artifacts::Mode;
use crate::blobs;
use crate::error::{Error, Result, Status};
use crate::repo::{RepoRef, book};
use crate::store::keys::u64_at;
use crate::store::{Points, RunBytes, RunView, Stored, Stream, hash_text};

/// Something that cannot be read, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// 24 hex digits, or the run's number where its record is what is damaged.
    pub run: String,
    pub what: String,
}

/// What a look through a repository found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    pub runs: u64,
    pub series: u64,
    pub points: u64,
    pub log_records: u64,
    /// Objects of all kinds.
    pub objects: u64,
    pub damage: Vec<Damage>,
}

/// Log records that are read at once.
const RECORDS: u64 = 4096;

impl Snapshot<'_> {
    /// What a run takes, with the files that it keeps.
    pub fn run_bytes(&self, run: &RunInfo) -> Result<RunBytes> {
        let kept = book(self.txn, run.id)?.all().into_iter();
        let kept = kept.filter(|artifact| artifact.mode != Mode::Reference);
        let sizes = kept.filter_map(|artifact| u64::try_from(artifact.size?).ok());
        Ok(RunBytes {
            files: sizes.sum(),
            ..self.txn.run_bytes(run.id)?
        })
    }

    /// Reads everything of all runs. `told` hears of each run and says whether to go on.
    ///
    /// # Errors
    /// `Cancelled` if `told` says no. Damage is no error but what is looked for.
    pub fn check(&self, mut told: impl FnMut(u64) -> bool) -> Result<Health> {
        let mut health = Health::default();
        let mut packs = self.reader.repo().packs();
        let mut scan = self.txn.runs_scan()?;
        for row in scan.prefix(&[]) {
            let (key, record) = row?;
            if let Some(id) = u64_at(key, 0) {
                health.runs += 1;
                self.check_run(id, record, &mut packs, &mut health)?;
                if !told(health.runs) {
                    let message = format!("the check was cancelled after {} runs", health.runs);
                    return Err(Error::new(Status::Cancelled, message));
                }
            }
        }
        Ok(health)
    }

    fn check_run(
        &self,
        id: u64,
        record: &[u8],
        packs: &mut blobs::Reader,
        health: &mut Health,
    ) -> Result<()> {
        let name = match RunView::new(id, record) {
            Ok(view) => hash_text(view.hash()),
            Err(_) => format!("number {id}"),
        };
        let mut note = |outcome: Result<()>| match outcome {
            Err(e) if e.status == Status::Corrupt => {
                health.damage.push(Damage {
                    run: name.clone(),
                    what: e.message,
                });
                Ok(())
            }
            outcome => outcome,
        };
        note(self.txn.run(id).map(|_| ()))?;
        note(self.txn.params(id).map(|_| ()))?;
        let (mut series, mut points, mut records) = (0, 0, 0);
        for key in self.txn.run_series_keys(id)? {
            series += 1;
            let mut read = Points::default();
            let outcome = self
                .reader
                .name(key.name)
                .and_then(|_| self.reader.context(key.context))
                .and_then(|_| self.txn.points(key, &mut read));
            points += read.len() as u64;
            note(outcome)?;
        }
        for stream in [Stream::Records, Stream::Terminal, Stream::Notes] {
            let mut read = || {
                let (mut first, end) = self.txn.log_range(id, stream)?;
                while first < end {
                    let some = self.txn.log_records(id, stream, first, RECORDS)?;
                    records += some.len() as u64;
                    first = first.saturating_add(RECORDS);
                }
                Ok(())
            };
            let located = |e: Error| self.txn.located(e, format_args!("run {id}"));
            note(read().map_err(located))?;
        }
        let mut objects = 0;
        for (key, sequence) in self.txn.run_sequences(id)? {
            let located = |e: Error| self.txn.located(e, key);
            let named = self
                .reader
                .name(key.name)
                .and_then(|_| self.reader.context(key.context));
            note(named.and(sequence).map(|_| ()).map_err(located))?;
            for step in self.txn.object_steps(key, i64::MIN, i64::MAX)? {
                let point = match self.txn.object_point(key, step) {
                    Ok(point) => point,
                    Err(e) => {
                        note(Err(e))?;
                        continue;
                    }
                };
                for object in point.into_iter().flat_map(|point| point.objects) {
                    objects += 1;
                    if let Stored::Packed(blob) = &object.stored {
                        note(packs.read(blob).map(|_| ()).map_err(located))?;
                    }
                }
            }
        }
        health.objects += objects;
        health.series += series;
        health.points += points;
        health.log_records += records;
        Ok(())
    }
}

/// The data file of a repository: its path, the bytes that are in use, and its size.
pub fn file_usage(repo: &RepoRef) -> Result<(std::path::PathBuf, u64, u64)> {
    let (used, size) = repo.store.file_usage()?;
    Ok((repo.store.path().join("data.mdb"), used, size))
}
