//! The sampler: one thread, however many runs are tracked. It exists while there is such a run.
//!
//! Runs with the same interval share their readings. GPUs are read by a helper thread, since a driver may hang; their
//! values come in when they are there, and nobody waits for them.

use super::election::Election;
use super::gpu::Worker;
use super::host::HostProbe;
use super::sample::{Key, Sample};
use crate::error::{Result, Status};
use crate::lock::{Condvar, Mutex};
use crate::log::{self, Level};
use crate::process::PerProcess;
use crate::run::{EPOCH_NONE, Metric, Run, STEP_AUTO};
use crate::thread::is_current;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

static SAMPLER: PerProcess<Sampler> = PerProcess::new();

#[derive(Default)]
struct Sampler {
    state: Mutex<State>,
    changed: Condvar,
    next_id: AtomicU64,
    /// Set while a GPU helper that was given up on is stuck: another one would be too.
    gpu_stuck: Arc<AtomicBool>,
}

#[derive(Default)]
struct State {
    members: Vec<Arc<Member>>,
    thread: Option<SamplerThread>,
    /// GPU readings, with the interval they were asked for.
    gpu_samples: Vec<(Duration, Sample)>,
}

struct SamplerThread {
    handle: JoinHandle<()>,
    stop: Arc<AtomicBool>,
}

/// A run that is tracked.
struct Member {
    id: u64,
    run: Arc<Run>,
    interval: Duration,
    group: Option<String>,
    /// Whose children count, if any do.
    parent: Option<u32>,
    metrics: Mutex<HashMap<Key, Metric>>,
    complained: AtomicBool,
}

/// Keeps a run tracked until it is dropped.
pub struct Subscription {
    id: u64,
    sampler: &'static Sampler,
}

impl Subscription {
    /// Tracks the host's resources in `run`. Of the processes of one host with the same `group` only one does.
    /// With a `parent`, what the processes below that one use, too.
    pub fn start(
        run: Arc<Run>,
        interval: Duration,
        group: Option<String>,
        parent: Option<u32>,
    ) -> Result<Subscription> {
        let sampler = SAMPLER.get();
        let id = sampler.next_id.fetch_add(1, Ordering::Relaxed);
        let mut state = sampler.state.lock();
        if state.thread.is_none() {
            state.thread = Some(spawn(sampler)?);
        }
        state.members.push(Arc::new(Member {
            id,
            run,
            interval,
            group,
            parent,
            metrics: Mutex::default(),
            complained: AtomicBool::new(false),
        }));
        sampler.changed.notify_all();
        Ok(Subscription { id, sampler })
    }

    /// Ends the tracking and, with the last run, waits for the thread, which takes one reading at most.
    pub fn stop(&self) {
        if let Some(thread) = self.leave()
            && !is_current(thread.handle.thread())
        {
            // A panic of the thread was reported where it happened.
            let _ = thread.handle.join();
        }
    }

    /// The thread to wait for, if this was its last run.
    fn leave(&self) -> Option<SamplerThread> {
        if !SAMPLER
            .present()
            .is_some_and(|s| std::ptr::eq(s, self.sampler))
        {
            // This is a forked child: the thread and the locks are the parent's.
            return None;
        }
        let mut state = self.sampler.state.lock();
        let before = state.members.len();
        let gone: Vec<_> = state.members.extract_if(.., |m| m.id == self.id).collect();
        if state.members.len() == before || !state.members.is_empty() {
            drop(state);
            drop(gone);
            return None;
        }
        let thread = state.thread.take();
        if let Some(thread) = &thread {
            thread.stop.store(true, Ordering::Release);
        }
        self.sampler.changed.notify_all();
        drop(state);
        drop(gone);
        thread
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.leave();
    }
}

fn spawn(sampler: &'static Sampler) -> Result<SamplerThread> {
    let stop = Arc::new(AtomicBool::new(false));
    let own = Arc::clone(&stop);
    let handle = crate::thread::spawn("aim-system", move || {
        let work = std::panic::AssertUnwindSafe(|| Work::new(sampler, own).run());
        if std::panic::catch_unwind(work).is_err() {
            log::emit(Level::Error, || {
                "system tracking ended with a panic".to_owned()
            });
        }
    })?;
    Ok(SamplerThread { handle, stop })
}

/// Runs with one interval.
struct Round {
    interval: Duration,
    due: Instant,
    probe: HostProbe,
}

/// The thread's own state.
struct Work {
    sampler: &'static Sampler,
    stop: Arc<AtomicBool>,
    rounds: Vec<Round>,
    elections: HashMap<String, Election>,
    gpu: Worker,
}

impl Work {
    fn new(sampler: &'static Sampler, stop: Arc<AtomicBool>) -> Work {
        let deliver = |interval, sample| {
            sampler.state.lock().gpu_samples.push((interval, sample));
            sampler.changed.notify_all();
        };
        Work {
            sampler,
            stop,
            rounds: Vec::new(),
            elections: HashMap::new(),
            gpu: Worker::new(Arc::clone(&sampler.gpu_stuck), deliver),
        }
    }

    fn run(mut self) {
        let mut members = Vec::new();
        loop {
            let (now_members, gpu_samples) = self.sleep(&members);
            members = now_members;
            if self.stop.load(Ordering::Acquire) {
                break;
            }
            for (interval, sample) in gpu_samples {
                self.gpu.delivered(interval);
                self.record(&members, interval, &sample);
            }
            self.gpu.watch();
            self.arrange_rounds(&members);
            self.take_due(&members);
        }
        drop(members);
        self.gpu.finish();
    }

    /// Waits for the next reading, a GPU's answer or a change of the runs.
    fn sleep(&self, known: &[Arc<Member>]) -> (Vec<Arc<Member>>, Vec<(Duration, Sample)>) {
        let until = self.rounds.iter().map(|r| r.due).min();
        let until = until.into_iter().chain(self.gpu.deadline()).min();
        let mut state = self.sampler.state.lock();
        loop {
            let same = state.members.len() == known.len()
                && state.members.iter().zip(known).all(|(a, b)| a.id == b.id);
            if !same || !state.gpu_samples.is_empty() || self.stop.load(Ordering::Acquire) {
                break;
            }
            match until {
                None => state = self.sampler.changed.wait(state),
                Some(until) => {
                    let late;
                    (state, late) = self.sampler.changed.wait_until(state, until);
                    if late {
                        break;
                    }
                }
            }
        }
        (
            state.members.clone(),
            std::mem::take(&mut state.gpu_samples),
        )
    }

    fn arrange_rounds(&mut self, members: &[Arc<Member>]) {
        self.rounds
            .retain(|r| members.iter().any(|m| m.interval == r.interval));
        for member in members {
            if !self.rounds.iter().any(|r| r.interval == member.interval) {
                self.rounds.push(Round {
                    interval: member.interval,
                    due: Instant::now(),
                    probe: HostProbe::new(member.interval),
                });
            }
        }
        self.elections
            .retain(|name, _| members.iter().any(|m| m.group.as_ref() == Some(name)));
    }

    fn take_due(&mut self, members: &[Arc<Member>]) {
        for at in 0..self.rounds.len() {
            let now = Instant::now();
            let round = &mut self.rounds[at];
            if round.due > now {
                continue;
            }
            round.due = (round.due + round.interval).max(now);
            let interval = round.interval;
            let wanted: Vec<_> = members
                .iter()
                .filter(|m| m.interval == interval && elected(&mut self.elections, m))
                .collect();
            if !wanted.is_empty() {
                let parent = wanted.iter().find_map(|m| m.parent);
                let sample = self.rounds[at].probe.read(parent);
                self.gpu.ask(interval);
                self.record(members, interval, &sample);
            }
        }
    }

    fn record(&mut self, members: &[Arc<Member>], interval: Duration, sample: &Sample) {
        for member in members.iter().filter(|m| m.interval == interval) {
            if elected(&mut self.elections, member) {
                member.record(sample);
            }
        }
    }
}

fn elected(elections: &mut HashMap<String, Election>, member: &Member) -> bool {
    let Some(group) = &member.group else {
        return true;
    };
    elections
        .entry(group.clone())
        .or_insert_with(|| Election::new(group))
        .is_elected()
}

impl Member {
    fn record(&self, sample: &Sample) {
        let mut metrics = self.metrics.lock();
        for (key, value) in &sample.values {
            if self.parent.is_none() && key.is_of_children() {
                continue;
            }
            let tracked = match metrics.get(key) {
                Some(metric) => metric.track(*value, STEP_AUTO, EPOCH_NONE),
                None => self
                    .run
                    .metric(&key.sequence(), key.context().as_deref())
                    .and_then(|m| {
                        let metric = metrics.entry(*key).or_insert(m);
                        metric.track(*value, STEP_AUTO, EPOCH_NONE)
                    }),
            };
            match tracked {
                Ok(()) => {}
                Err(e) if e.status == Status::Closed => return,
                Err(e) => {
                    if !self.complained.swap(true, Ordering::Relaxed) {
                        log::emit(Level::Warning, || {
                            format!("run {}: system tracking: {e}", self.run.hash())
                        });
                    }
                    return;
                }
            }
        }
    }
}
