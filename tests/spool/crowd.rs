//! A job of many ranks on a spool, merged while it goes on: how long it takes until a value that a rank has written is in the
//! repository, and what that costs. `AIM_TEST_RANKS` says how many ranks there are.

use crate::common::child;
use crate::common::crowd::{Crowd, METRICS, ranks};
use crate::story::local;
use aim::repo::{Location, RepoRef, merge_spool};
use aim::store::Kind;
use aim::store::keys::SeriesKey;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const STEPS: i64 = 20;
const FRAMES: usize = 6;
/// Frames a second, of all ranks together.
const PACE: f64 = 1000.0;
/// Between two looks at a spool, as `libaim merge --follow` has it where there is something new.
const PAUSE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(200);

/// The role: merges a spool into a repository, again and again, until it is killed.
pub fn follow(args: &[OsString]) {
    let merged = local(Path::new(&args[1]));
    let from = Location::find(Some(Path::new(&args[0]))).unwrap();
    loop {
        let brought = merge_spool(&from, &merged).unwrap();
        assert_eq!(brought.problems, [""; 0]);
        std::thread::sleep(PAUSE);
    }
}

/// Which frames of which rank are not seen in the repository yet, and since when they are written.
struct Waiting {
    series: Vec<Option<SeriesKey>>,
    written: Vec<Vec<Instant>>,
    seen: Vec<usize>,
    lags: Vec<Duration>,
}

impl Waiting {
    fn new(ranks: usize) -> Waiting {
        Waiting {
            series: vec![None; ranks],
            written: vec![Vec::new(); ranks],
            seen: vec![0; ranks],
            lags: Vec::new(),
        }
    }

    fn look(&mut self, repo: &RepoRef, crowd: &Crowd) {
        let txn = repo.store.read().unwrap();
        let name = txn.find_string(Kind::Name, "metric 0").unwrap();
        let context = txn.find_string(Kind::Context, "{}").unwrap();
        let (Some(name), Some(context)) = (name, context) else {
            return;
        };
        for rank in 0..crowd.len() {
            if self.seen[rank] == self.written[rank].len() {
                continue;
            }
            if self.series[rank].is_none() {
                let run = txn.find_run(&crowd.hash(rank)).unwrap();
                self.series[rank] = run.map(|run| SeriesKey { run, name, context });
            }
            let aggregates = self.series[rank].map(|key| txn.aggregates(key).unwrap());
            let points = aggregates.flatten().map_or(0, |a| a.count);
            let frames = points as usize / STEPS as usize;
            for written in &self.written[rank][self.seen[rank]..frames] {
                self.lags.push(written.elapsed());
            }
            self.seen[rank] = frames;
        }
    }
}

/// Processor time of a process so far.
fn processor_time(process: i32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    // SAFETY: a call without pointers.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as u64;
    Duration::from_millis(ticks * 1000 / per_second)
}

/// A file for each rank, and some more.
fn allow_files(ranks: usize) {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: one structure, as announced, twice.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit), 0);
        let wanted = ranks as libc::rlim_t + 500;
        assert!(wanted <= limit.rlim_max, "ulimit -Hn {wanted} is needed");
        limit.rlim_cur = limit.rlim_cur.max(wanted);
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit), 0);
    }
}

/// Processor time of this thread so far.
fn own_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: one structure, as announced.
    let outcome = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(outcome, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

#[test]
fn a_crowd_is_merged_while_it_writes() {
    let directory = tempfile::tempdir().unwrap();
    let spool = directory.path().join("spool");
    let into = directory.path().join("merged");
    let merged = local(&into);
    let mut crowd = Crowd::begin(&spool, ranks());
    allow_files(crowd.len());
    crowd.keeps_files = true;
    let follower = child::start("follow", &[&spool, &into]);
    let mut waiting = Waiting::new(crowd.len());
    let (begun, mut writing, mut next) = (Instant::now(), Duration::ZERO, Instant::now());
    for frame in 0..FRAMES * crowd.len() {
        let rank = frame % crowd.len();
        let before = own_time();
        crowd.track(rank, STEPS);
        writing += own_time() - before;
        let now = Instant::now();
        waiting.written[rank].push(Instant::now());
        if next <= now {
            waiting.look(&merged, &crowd);
            next = Instant::now() + LOOK;
        }
        let due = Duration::from_secs_f64(frame as f64 / PACE);
        if let Some(early) = due.checked_sub(begun.elapsed()) {
            std::thread::sleep(early);
        }
    }
    let (wrote, merging) = (begun.elapsed(), processor_time(follower.id()));
    while waiting.lags.len() < FRAMES * crowd.len() {
        std::thread::sleep(LOOK);
        waiting.look(&merged, &crowd);
    }
    crowd.end();
    follower.kill();
    let location = Location::find(Some(&spool)).unwrap();
    assert_eq!(merge_spool(&location, &merged).unwrap().problems, [""; 0]);
    let again = merge_spool(&location, &merged).unwrap();
    assert_eq!((again.news, again.points), (0, 0));

    let txn = merged.store.read().unwrap();
    let points = STEPS as u64 * FRAMES as u64;
    for rank in 0..crowd.len() {
        let run = txn.find_run(&crowd.hash(rank)).unwrap().unwrap();
        let keys = txn.run_series_keys(run).unwrap();
        assert_eq!(keys.len(), METRICS as usize);
        for key in keys {
            let about = txn.aggregates(key).unwrap().unwrap();
            let found = (about.count, about.first_step, about.last_step);
            assert_eq!(found, (points, 0, points as i64 - 1), "rank {rank}");
        }
    }
    waiting.lags.sort_unstable();
    let lag = |part: usize| waiting.lags[(waiting.lags.len() - 1) * part / 1000].as_secs_f64();
    let share = |time: Duration| 100.0 * time.as_secs_f64() / wrote.as_secs_f64();
    println!(
        "{} ranks, {} points in {:.1} s: lag p50 {:.1} s, p99 {:.1} s, most {:.1} s; merger {:.1} %, writers {:.1} % of a processor",
        crowd.len(),
        points * u64::from(METRICS) * crowd.len() as u64,
        wrote.as_secs_f64(),
        lag(500),
        lag(990),
        lag(1000),
        share(merging),
        share(writing),
    );
}
