//! The tail of a ring passes from one thread to several and back, with signals in the middle of everything.

mod journal_support;

use aim::journal::{Consumer, EPOCH_NONE, Journal, Point, Producer, Record};
use aim::process::Gate;
use journal_support::ready_journal;
use std::convert::Infallible;
use std::os::unix::fs::FileExt;
use std::os::unix::thread::JoinHandleExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

const SLOTS: u64 = 1 << 14;
/// At least so many points are tracked by the thread that is interrupted, and so many from inside it.
const TRACKED: i64 = 3_000_000;
const INTERRUPTED: i64 = 500;
/// So many by another thread at its speed, and so many one at a time.
const CROWD: i64 = 100_000;
const VISITS: i64 = 200;

/// Where the file of a journal says who may move the tail (see `src/journal/layout.rs`), and the lowest three bits of
/// what it says for a thread alone and for a tail that is shared.
const OWNER: u64 = 1152;
const THREAD: u64 = 7;
const SHARED: u64 = 1;

static IN_HANDLER: OnceLock<Producer> = OnceLock::new();
static SIGNALS: AtomicI64 = AtomicI64::new(0);
/// The tail has been one thread's alone.
static ALONE: AtomicBool = AtomicBool::new(false);

fn point(step: i64) -> Point {
    Point {
        step,
        value: step as f64,
        epoch: EPOCH_NONE,
    }
}

/// Pushes from inside whatever the thread was doing.
extern "C" fn on_signal(_: libc::c_int) {
    let producer = IN_HANDLER.get().unwrap();
    let step = SIGNALS.load(SeqCst);
    if producer.push(point(step)) {
        SIGNALS.store(step + 1, SeqCst);
    }
}

/// Tracks points as long as `goes_on` says so, waiting while the ring is full; how many there were.
fn track(journal: &Arc<Journal>, series: u32, goes_on: impl Fn(i64) -> bool) -> i64 {
    let gate = Gate::open();
    let producer = Producer::new(journal.clone(), &gate, series).unwrap();
    let mut step = 0;
    while goes_on(step) {
        while !producer.push(point(step)) {
            std::thread::yield_now();
        }
        step += 1;
    }
    step
}

fn owner(file: &Path) -> u64 {
    let mut word = [0; 8];
    let file = std::fs::File::open(file).unwrap();
    file.read_exact_at(&mut word, OWNER).unwrap();
    u64::from_ne_bytes(word) & 7
}

/// Whether glibc and the kernel have what it takes.
fn has_sections() -> bool {
    // SAFETY: the name is NUL-terminated; glibc defines `const unsigned int __rseq_size`.
    let size = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__rseq_size".as_ptr()) };
    // SAFETY: as above.
    cfg!(target_arch = "x86_64") && !size.is_null() && unsafe { *size.cast::<u32>() } > 0
}

#[test]
fn every_record_arrives_once_and_in_order_while_the_tail_changes_hands() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), SLOTS);
    assert_eq!(owner(journal.path()) == SHARED, has_sections());
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let gate = Gate::open();
    let _ = IN_HANDLER.set(Producer::new(journal.clone(), &gate, 1).unwrap());
    // SAFETY: the handler only does what may be done in one: pushing takes no lock.
    unsafe { libc::signal(libc::SIGUSR1, on_signal as *const () as libc::sighandler_t) };

    let main = {
        let journal = journal.clone();
        let goes_on = |step| {
            let missing =
                SIGNALS.load(SeqCst) < INTERRUPTED || ALONE.load(SeqCst) != has_sections();
            step < TRACKED || missing && step < 100 * TRACKED
        };
        std::thread::spawn(move || track(&journal, 0, goes_on))
    };
    let visitor = {
        let journal = journal.clone();
        std::thread::spawn(move || {
            // A crowd at first, then one at a time.
            track(&journal, 2, |step| step < CROWD);
            track(&journal, 3, |step| {
                std::thread::sleep(Duration::from_millis(2));
                step < VISITS
            });
        })
    };
    let (target, done) = (main.as_pthread_t(), Arc::new(AtomicBool::new(false)));
    let alarm = {
        let done = done.clone();
        std::thread::spawn(move || {
            while !done.load(SeqCst) {
                // SAFETY: the thread is joined only after this one.
                unsafe { libc::pthread_kill(target, libc::SIGUSR1) };
                let until = Instant::now() + Duration::from_micros(20);
                while Instant::now() < until {}
            }
        })
    };

    let mut next = [0; 4];
    let mut collect = || {
        let end = consumer
            .drain(|record| {
                if let Record::Point { series, point, .. } = record {
                    let next = &mut next[series as usize];
                    assert_eq!((point.step, point.value), (*next, *next as f64));
                    *next += 1;
                }
                Ok::<_, Infallible>(())
            })
            .unwrap();
        consumer.release(end);
        consumer.backlog()
    };
    while !(main.is_finished() && visitor.is_finished()) {
        collect();
        ALONE.fetch_or(owner(journal.path()) == THREAD, SeqCst);
        // Rounds of many records, as the tail is offered only after those.
        std::thread::sleep(Duration::from_micros(200));
    }
    done.store(true, SeqCst);
    alarm.join().unwrap();
    let tracked = main.join().unwrap();
    visitor.join().unwrap();
    // What a handler left unpublished is not waited for at once (`Consumer::drain`).
    while collect() > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(next, [tracked, SIGNALS.load(SeqCst), CROWD, VISITS]);
    assert_eq!(ALONE.load(SeqCst), has_sections());
}
