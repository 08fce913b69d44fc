//! Logging artifacts: the call notes the file, and gives it a second name if it is to be kept; a thread of its own, which
//! lives while there is something to do, copies and sums it and makes a version of it. Closing the run waits for that.

use super::Run;
use crate::artifacts::{
    Artifact, Book, Finished, KEY, Keep, Mode, Reference, Stamp, check_alias, check_artifact_name,
    settle,
};
use crate::error::{Error, Result, Status};
use crate::lock::{Mutex, MutexGuard};
use crate::log::{self, Level};
use crate::repo::{MAX_TEXT, Op, check_length, check_name, now_micros};
use crate::shield;
use crate::store::Outcome;
use crate::thread::{self, Changes};
use aim_value::{Encoded, Tree};
use std::collections::VecDeque;
use std::path::{Path, absolute};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What becomes versions in one transaction: so many, or as many as are done in this time.
const TOGETHER: usize = 256;
const A_WHILE: Duration = Duration::from_secs(1);
/// Waiting looks anew after this time, whatever happens.
const PATIENCE: Duration = Duration::from_secs(1);

/// A file or directory to log.
#[derive(Clone, Copy, Debug)]
pub struct NewArtifact<'a> {
    pub path: &'a Path,
    /// `None`: the last part of the path.
    pub name: Option<&'a str>,
    /// `None`: "file".
    pub kind: Option<&'a str>,
    /// A JSON object.
    pub metadata: Option<&'a str>,
    /// Separated by commas.
    pub aliases: Option<&'a str>,
    pub step: Option<i64>,
    pub mode: Mode,
    /// Whether it is summed.
    pub checksum: bool,
    /// Whether the call returns when it is a version.
    pub wait: bool,
}

impl<'a> NewArtifact<'a> {
    /// What its path says of it and no more, summed and waited for.
    pub fn new(path: &'a Path, mode: Mode) -> NewArtifact<'a> {
        NewArtifact {
            path,
            name: None,
            kind: None,
            metadata: None,
            aliases: None,
            step: None,
            mode,
            checksum: true,
            wait: true,
        }
    }
}

/// What came of it, for who waits.
type Ticket = Arc<Mutex<Option<Result<()>>>>;

struct Job {
    artifact: Artifact,
    stamp: Option<Stamp>,
    checksum: bool,
    ticket: Ticket,
}

/// What a run has yet to copy and sum.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Changes,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// Whether there is a thread.
    works: bool,
    /// How the run is left when all is done.
    leave: Option<(Outcome, bool, i64)>,
}

impl NewArtifact<'_> {
    fn artifact(&self) -> Result<Artifact> {
        let path = absolute(self.path).map_err(|e| Error::io(self.path.display(), &e))?;
        let unreadable = || Error::invalid(format!("the path {} is not UTF-8", path.display()));
        let text = path.to_str().ok_or_else(unreadable)?;
        let last = path.file_name().and_then(|name| name.to_str());
        let name = self.name.or(last).unwrap_or_default();
        check_artifact_name(name)?;
        let kind = self.kind.unwrap_or("file");
        check_name("the artifact's type", kind)?;
        let aliases: Vec<String> = match self.aliases.unwrap_or_default() {
            "" => Vec::new(),
            list => list.split(',').map(|a| a.trim().to_owned()).collect(),
        };
        aliases.iter().try_for_each(|alias| check_alias(alias))?;
        let metadata = self.metadata.map(|text| {
            check_length("the metadata", text, MAX_TEXT)?;
            match Tree::from_json(text).map_err(|e| Error::from(e).context("the metadata"))? {
                Tree::Dict(entries) => Ok(Tree::Dict(entries)),
                other => Err(Error::invalid(format!(
                    "the metadata is a JSON object, not {}",
                    other.type_name()
                ))),
            }
        });
        let id = crate::journal::JournalId::random()?.to_string();
        Ok(Artifact {
            id: id.chars().take(16).collect(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            mode: self.mode,
            path: text.to_owned(),
            step: self.step,
            time: now_micros(),
            metadata: metadata.transpose()?,
            aliases,
            ..Artifact::default()
        })
    }
}

impl Run {
    /// Logs a file or directory. It is a version of the run's artifact of that name once it is copied and summed, which
    /// `close` waits for; the same bytes again are the same version.
    pub fn log_artifact(this: &Arc<Run>, new: &NewArtifact<'_>) -> Result<()> {
        shield::prolong();
        this.check_open()?;
        let mut artifact = new.artifact()?;
        let path = Path::new(&artifact.path);
        let stamp = match path.is_dir() {
            true => None,
            false => Some(Stamp::of(path)?),
        };
        artifact.size = stamp.and_then(|stamp| i64::try_from(stamp.size).ok());
        artifact.mtime = stamp.map(|stamp| stamp.mtime);
        if artifact.mode == Mode::Link && !this.keep().link(&artifact.id, path)? {
            artifact.mode = Mode::Copy;
        }
        this.record_more();
        let mut book = Book::new(None);
        book.begin(&artifact);
        for (path, value) in book.into_changes() {
            if let Some(value) = value {
                this.change(Op::SetParam {
                    run: this.id,
                    path,
                    value: Encoded::of(&value),
                })?;
            }
        }
        let ticket = Ticket::default();
        let job = Job {
            artifact,
            stamp,
            checksum: new.checksum,
            ticket: Arc::clone(&ticket),
        };
        Run::enqueue(this, job)?;
        match new.wait {
            true => this.artifacts.wait(None, || ticket.lock().take())?,
            false => Ok(()),
        }
    }

    fn keep(&self) -> Keep {
        self.repo.keep(&self.hash)
    }

    fn enqueue(this: &Arc<Run>, job: Job) -> Result<()> {
        let _held = shield::hold();
        let mut state = this.artifacts.state.lock();
        // Whoever closes looks here afterwards.
        this.check_open()?;
        state.jobs.push_back(job);
        if !state.works {
            let run = Arc::clone(this);
            thread::spawn("aim-artifacts", move || {
                thread::give_way();
                work(&run);
            })
            .inspect_err(|_| drop(state.jobs.pop_back()))?;
            state.works = true;
        }
        Ok(())
    }

    /// Notes that the run uses an artifact of this repository.
    pub fn use_artifact(&self, reference: &Reference) -> Result<()> {
        self.check_open()?;
        // What this process logged is found, too.
        self.writer.commit()?;
        let artifact = self.repo.artifact(reference)?;
        let mut used = vec![
            ("run".to_owned(), Tree::Str(reference.run.clone())),
            ("name".to_owned(), Tree::Str(artifact.name)),
            ("id".to_owned(), Tree::Str(artifact.id)),
            ("time".to_owned(), Tree::Int(now_micros())),
        ];
        let version = artifact.version.map(Tree::Int);
        used.extend(version.map(|version| ("version".to_owned(), version)));
        let checksum = artifact.checksum.map(Tree::Str);
        used.extend(checksum.map(|checksum| ("checksum".to_owned(), checksum)));
        self.record_more();
        let used = Tree::Dict(used);
        self.repo
            .change_artifacts(&self.writer, self.id, |book| book.r#use(used.clone()))
    }

    /// Where the run's artifacts are pushed to: the beginning of their addresses.
    pub fn set_artifacts_uri(&self, uri: &str) -> Result<()> {
        check_name("the address", uri)?;
        if !uri.contains("://") {
            return Err(Error::invalid(format!(
                "{uri:?} is no address for artifacts; one is s3://BUCKET/PATH or file:///PATH"
            )));
        }
        self.set_param(&format!("/{KEY}/uri"), Tree::Str(uri.to_owned()))
    }

    /// The run is left by `leave`, once nothing of it is to be summed any more.
    pub(super) fn leave_behind_artifacts(&self, outcome: Outcome, said: bool, at: i64) {
        let mut state = self.artifacts.state.lock();
        match state.works {
            true => state.leave = Some((outcome, said, at)),
            false => {
                drop(state);
                self.writer.leave(self.id, outcome, said, at);
            }
        }
    }

    /// Waits until nothing is to be copied and summed.
    pub(super) fn settle_artifacts(&self, deadline: Option<Instant>) -> Result<()> {
        self.artifacts.wait(deadline, || {
            (!self.artifacts.state.lock().works).then_some(())
        })
    }
}

impl Queue {
    fn wait<T>(
        &self,
        deadline: Option<Instant>,
        mut is_done: impl FnMut() -> Option<T>,
    ) -> Result<T> {
        loop {
            let seen = self.changed.seen();
            if let Some(done) = is_done() {
                return Ok(done);
            }
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Err(Error::new(
                    Status::Timeout,
                    "the time is over before all artifacts are copied and summed; that goes on",
                ));
            }
            self.changed
                .wait(seen, left.map_or(PATIENCE, |left| left.min(PATIENCE)));
        }
    }
}

/// The end of the thread where it is not at an end: by a panic.
struct Last<'r>(Option<&'r Run>);

impl Drop for Last<'_> {
    fn drop(&mut self) {
        if let Some(run) = self.0 {
            let mut state = run.artifacts.state.lock();
            state.jobs.clear();
            end(run, state);
        }
    }
}

/// Nobody adds to what a thread does that is about to end: the state is locked.
fn end(run: &Run, mut state: MutexGuard<'_, State>) {
    state.works = false;
    let leave = state.leave.take();
    drop(state);
    if let Some((outcome, said, at)) = leave {
        run.writer.leave(run.id, outcome, said, at);
    }
    run.artifacts.changed.tell();
}

fn work(run: &Run) {
    let mut last = Last(Some(run));
    loop {
        let mut done = Vec::new();
        let begun = Instant::now();
        while done.len() < TOGETHER && begun.elapsed() < A_WHILE {
            let Some(mut job) = run.artifacts.state.lock().jobs.pop_front() else {
                break;
            };
            let known = job.stamp.as_ref();
            let settled = settle(&run.keep(), &mut job.artifact, known, job.checksum);
            done.push((job, settled));
        }
        if !done.is_empty() {
            store(run, done);
            run.artifacts.changed.tell();
            continue;
        }
        let state = run.artifacts.state.lock();
        if state.jobs.is_empty() {
            last.0 = None;
            return end(run, state);
        }
    }
}

/// Makes versions of what is summed, in one transaction.
fn store(run: &Run, done: Vec<(Job, Result<()>)>) {
    let keep = run.keep();
    let stored = keep.sync_names().and_then(|()| {
        run.repo.change_artifacts(&run.writer, run.id, |book| {
            let finish = |(job, settled): &(Job, Result<()>)| match settled {
                Ok(()) => book.finish(job.artifact.clone()),
                Err(e) => {
                    book.fail(job.artifact.clone(), e.to_string());
                    Finished::New
                }
            };
            done.iter().map(finish).collect::<Vec<Finished>>()
        })
    });
    let became: Vec<Result<Finished>> = match stored {
        Ok(all) => all.into_iter().map(Ok).collect(),
        Err(e) => done.iter().map(|_| Err(e.clone())).collect(),
    };
    for ((job, settled), became) in done.into_iter().zip(became) {
        let artifact = &job.artifact;
        let outcome = match became {
            Ok(Finished::New) => settled,
            Ok(Finished::Same | Finished::Gone) => keep.remove(artifact),
            Err(e) => Err(e),
        };
        if let Err(e) = &outcome {
            log::emit(Level::Error, || {
                format!("the artifact {:?} of run {}: {e}", artifact.name, run.hash)
            });
        }
        *job.ticket.lock() = Some(outcome);
    }
}
