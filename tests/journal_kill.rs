//! SIGKILL at random moments: what a call accepted is recovered, bit for bit, in order, once.

mod journal_support;

use aim::journal::{Consumer, EPOCH_NONE, Journal, Point, Producer, Recovery, scan};
use aim::process::Gate;
use journal_support::{Owned, point, push, replay, role, start};
use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const THREADS: usize = 3;
const ROUNDS: u64 = 40;

/// Words shared between the killed process and the test. They outlive the process as a store's commit would.
struct Shared {
    base: *mut AtomicU64,
    _file: File,
}

/// For each thread the number of records that calls have accepted.
const ACCEPTED: usize = 0;
/// Two places for a commit: cursor, then for each thread the number of its records committed.
const COMMITS: [usize; 2] = [16, 32];
/// Which of the places holds.
const CURRENT: usize = 48;

impl Shared {
    fn open(directory: &Path) -> Self {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(directory.join("shared"))
            .unwrap();
        file.set_len(4096).unwrap();
        // SAFETY: a new mapping of a file that is as long as the mapping.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                4096,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        assert_ne!(base, libc::MAP_FAILED);
        Self {
            base: base.cast(),
            _file: file,
        }
    }

    fn word(&self, n: usize) -> &'static AtomicU64 {
        assert!(n < 512);
        // SAFETY: the word is inside the mapping, which is never undone.
        unsafe { &*self.base.add(n) }
    }

    fn committed(&self) -> (u64, [u64; THREADS]) {
        let at = COMMITS[self.word(CURRENT).load(Acquire) as usize];
        let counts = std::array::from_fn(|thread| self.word(at + 1 + thread).load(Relaxed));
        (self.word(at).load(Relaxed), counts)
    }

    fn commit(&self, cursor: u64, counts: [u64; THREADS]) {
        let spare = 1 - self.word(CURRENT).load(Relaxed);
        let at = COMMITS[spare as usize];
        self.word(at).store(cursor, Relaxed);
        for (thread, count) in counts.iter().enumerate() {
            self.word(at + 1 + thread).store(*count, Relaxed);
        }
        self.word(CURRENT).store(spare, Release);
    }
}

/// Record `n` of a thread.
fn record(thread: usize, n: u64) -> Owned {
    let bits = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    if n % 9 != 8 {
        let (step, epoch) = (n & 3 > 0, n & 4 > 0);
        let value = f64::from_bits(n << 8 | thread as u64);
        let step = step.then_some(bits as i64);
        return point(thread as u32, step, value, epoch.then_some(!bits as i64));
    }
    let mut payload = n.to_le_bytes().to_vec();
    payload.resize(8 + (bits >> 32) as usize % 1500, bits as u8);
    Owned::Payload {
        kind: thread as u8,
        payload,
    }
}

/// Point `n` of a metric, as `record` makes one of a thread.
fn tracked(metric: usize, n: u64) -> Point {
    Point {
        step: n as i64,
        value: f64::from_bits(n << 8 | metric as u64),
        epoch: EPOCH_NONE,
    }
}

/// Thread and number of a record.
fn origin(record: &Owned) -> (usize, u64) {
    match record {
        Owned::Point { series, point, .. } => (*series as usize, point.value.to_bits() >> 8),
        Owned::Payload { kind, payload } => (
            usize::from(*kind),
            u64::from_le_bytes(payload[..8].try_into().unwrap()),
        ),
    }
}

/// Pushes from several threads and commits until it is killed.
fn victim(directory: &Path) {
    let shared = Shared::open(directory);
    let journal = Arc::new(Journal::create(&directory.join("journal"), 2048 * 48).unwrap());
    journal.ensure_ready().unwrap();
    for thread in 0..THREADS {
        let journal = journal.clone();
        let accepted = shared.word(ACCEPTED + thread);
        std::thread::spawn(move || {
            for n in 0.. {
                while push(&journal, &record(thread, n)).is_err() {
                    journal.wait_for_space(1500, || false).unwrap();
                }
                accepted.store(n + 1, Release);
            }
        });
    }
    commit(journal, &shared)
}

/// As `victim`, with metrics that go from thread to thread, so that slots wait for each in its lane.
fn victim_with_lanes(directory: &Path) {
    let shared = Shared::open(directory);
    let journal = Arc::new(Journal::create(&directory.join("journal"), 48 << 14).unwrap());
    journal.ensure_ready().unwrap();
    let gate = Gate::open();
    let metric = |series| Mutex::new(Producer::new(journal.clone(), &gate, series).unwrap());
    let metrics: Arc<Vec<_>> = Arc::new((0..THREADS as u32).map(metric).collect());
    for thread in 0..THREADS {
        let (journal, metrics) = (journal.clone(), metrics.clone());
        let accepted: [_; THREADS] = std::array::from_fn(|n| shared.word(ACCEPTED + n));
        std::thread::spawn(move || {
            for round in 0.. {
                let metric = (thread + round / 2000) % THREADS;
                let producer = metrics[metric].lock().unwrap();
                let n = accepted[metric].load(Relaxed);
                while !producer.push(tracked(metric, n)) {
                    journal.wait_for_space(0, || false).unwrap();
                }
                accepted[metric].store(n + 1, Release);
            }
        });
    }
    commit(journal, &shared)
}

fn commit(journal: Arc<Journal>, shared: &Shared) {
    let mut consumer = Consumer::new(journal, || {}).unwrap();
    let (_, mut counts) = shared.committed();
    loop {
        let end = consumer
            .drain(|record| {
                let (thread, n) = origin(&record.into());
                assert_eq!(n, counts[thread]);
                counts[thread] += 1;
                Ok::<_, std::convert::Infallible>(())
            })
            .unwrap();
        shared.commit(end, counts);
        consumer.release(end);
        std::thread::sleep(Duration::from_micros(100));
    }
}

#[test]
fn a_kill_at_any_moment_loses_no_accepted_record() {
    match role() {
        Some(directory) => victim(Path::new(&directory)),
        None => kill("a_kill_at_any_moment_loses_no_accepted_record", record),
    }
}

#[test]
fn a_kill_amid_lanes_loses_no_accepted_record() {
    match role() {
        Some(directory) => victim_with_lanes(Path::new(&directory)),
        None => kill("a_kill_amid_lanes_loses_no_accepted_record", |metric, n| {
            let Point { step, value, .. } = tracked(metric, n);
            point(metric as u32, Some(step), value, None)
        }),
    }
}

/// Kills what `test` starts, time after time, and finds the records of each thread.
fn kill(test: &str, record: fn(usize, u64) -> Owned) {
    let mut recovered = 0;
    for round in 0..ROUNDS {
        let directory = tempfile::tempdir().unwrap();
        let journals = directory.path().join("journal");
        let shared = Shared::open(directory.path());
        let mut child = start(test, directory.path().to_str().unwrap());
        while (0..THREADS).any(|thread| shared.word(ACCEPTED + thread).load(Acquire) == 0) {
            assert!(
                child.try_wait().unwrap().is_none(),
                "the victim ended by itself"
            );
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(round * 7919 % 20_000));
        let ids = scan(&journals).unwrap();
        assert_eq!(ids.len(), 1);
        assert!(
            Recovery::open(&journals, ids[0]).unwrap().is_none(),
            "the victim lives"
        );
        child.kill().unwrap();
        if round % 2 == 0 {
            child.wait().unwrap();
        }
        // The other half of the time the victim may still be dying, and is a zombie then.
        let recovery = loop {
            match Recovery::open(&journals, ids[0]).unwrap() {
                Some(recovery) => break recovery,
                None => std::thread::yield_now(),
            }
        };
        let (cursor, mut next) = shared.committed();
        let (records, outcome) = replay(&recovery, cursor);
        for found in &records {
            let (thread, n) = origin(found);
            assert_eq!(n, next[thread], "thread {thread}");
            assert_eq!(*found, record(thread, n));
            next[thread] += 1;
        }
        for (thread, next) in next.iter().enumerate() {
            // One call may have completed its record and not returned.
            let accepted = shared.word(ACCEPTED + thread).load(Acquire);
            assert!(
                (accepted..=accepted + 1).contains(next),
                "{accepted} accepted, {next} found"
            );
        }
        assert!(outcome.torn <= THREADS as u64);
        recovered += records.len();
        recovery.remove().unwrap();
        child.wait().unwrap();
    }
    assert!(recovered > 0, "no kill found records in a journal");
}
