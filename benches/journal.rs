//! Nanoseconds per point appended to the journal, beside the floor in the same run: the clock read and a 48-byte
//! store into the same kind of memory. Also the rate of draining, the error of the recorded times, the first store
//! into each page after the kernel wrote it back, and the effect of several producers.
//!
//! `cargo bench --bench journal`; the directory to write in can be given as `AIM_BENCH_DIR`.

use aim::journal::{
    Consumer, DEFAULT_CAPACITY_BYTES, EPOCH_NONE, Journal, Point, Producer, Record, STEP_AUTO,
    Source, ticks,
};
use aim::process::Gate;
use std::convert::Infallible;
use std::hint::black_box;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const ROUNDS: usize = 41;
/// Points per timed round: fewer than half a ring, so that no round wakes anybody.
const POINTS: u64 = 60_000;

fn main() {
    let parent = std::env::var_os("AIM_BENCH_DIR").map_or_else(std::env::temp_dir, Into::into);
    let directory = tempfile::tempdir_in(parent).unwrap();
    let journal = Arc::new(Journal::create(directory.path(), DEFAULT_CAPACITY_BYTES).unwrap());
    journal.ensure_ready().unwrap();
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let gate = Gate::open();
    let producer = Producer::new(journal.clone(), &gate, 1).unwrap();
    let floor_memory = FloorMemory::new(directory.path());

    let mut floor = Vec::new();
    let mut clock = Vec::new();
    let mut push = Vec::new();
    let mut drain = Vec::new();
    for _ in 0..ROUNDS {
        clock.push(time(|| {
            for _ in 0..POINTS {
                black_box(ticks(Source::detect()));
            }
        }));
        floor.push(time(|| floor_memory.write(POINTS)));
        push.push(time(|| {
            for n in 0..POINTS {
                assert!(producer.push(point(n as i64, n as f64)));
            }
        }));
        let mut sum = 0.0;
        let mut end = 0;
        drain.push(time(|| {
            end = consumer
                .drain(|record| {
                    if let Record::Point { point, time, .. } = record {
                        sum += point.value + time as f64;
                    }
                    Ok::<_, Infallible>(())
                })
                .unwrap();
        }));
        black_box(sum);
        consumer.release(end);
    }
    println!("clock read               {:6.2} ns", median(&mut clock));
    let (floor, push) = (median(&mut floor), median(&mut push));
    println!("floor: clock + 48 bytes  {floor:6.2} ns");
    println!(
        "a point                  {push:6.2} ns   {:.2} x floor",
        push / floor
    );
    let drain = median(&mut drain);
    println!(
        "drain                    {drain:6.2} ns   {:.0} million points/s",
        1000.0 / drain
    );
    time_error(&producer, &mut consumer);
    after_write_back(&producer, &mut consumer);
    for threads in [1, 2] {
        sustained(directory.path(), threads);
    }
}

/// Recorded times against `CLOCK_REALTIME` read right before and after each call. Records wait up to a second for
/// the anchor after them, as with the default flush interval.
fn time_error(producer: &Producer, consumer: &mut Consumer) {
    let micros = || {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        since.as_nanos() as f64 / 1000.0
    };
    let mut errors = Vec::new();
    for _ in 0..4 {
        let mut middles = Vec::new();
        for _ in 0..100 {
            let before = micros();
            assert!(producer.push(point(STEP_AUTO, 0.0)));
            middles.push((before + micros()) / 2.0);
            std::thread::sleep(Duration::from_millis(10));
        }
        let mut middles = middles.into_iter();
        let end = consumer
            .drain(|record| {
                if let (Record::Point { time, .. }, Some(middle)) = (record, middles.next()) {
                    // A recorded time is cut to whole microseconds.
                    errors.push((time as f64 + 0.5 - middle).abs());
                }
                Ok::<_, Infallible>(())
            })
            .unwrap();
        consumer.release(end);
    }
    let worst = errors.iter().copied().fold(0.0, f64::max);
    println!(
        "time error               {:6.2} us median, {worst:.2} us worst",
        median(&mut errors)
    );
}

/// After a write-back the kernel wants to hear of the next store into each page.
fn after_write_back(producer: &Producer, consumer: &mut Consumer) {
    let mut costs = Vec::new();
    for _ in 0..20 {
        // SAFETY: a call without arguments.
        unsafe { libc::sync() };
        for n in 0..4000 {
            let started = Instant::now();
            assert!(producer.push(point(STEP_AUTO, f64::from(n))));
            costs.push(started.elapsed().as_nanos() as f64);
        }
        let end = consumer.drain(|_| Ok::<_, Infallible>(())).unwrap();
        consumer.release(end);
    }
    costs.sort_by(f64::total_cmp);
    let at = |share: f64| costs[(costs.len() as f64 * share) as usize];
    println!(
        "after a write-back       {:6.0} ns median, {:.0} ns 98%, {:.0} ns 99%, {:.0} ns 99.9%",
        at(0.5),
        at(0.98),
        at(0.99),
        at(0.999)
    );
}

/// Nanoseconds per point.
fn point(step: i64, value: f64) -> Point {
    Point {
        step,
        value,
        epoch: EPOCH_NONE,
    }
}

fn time(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_nanos() as f64 / POINTS as f64
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Producers against a consumer that drains all the time.
fn sustained(directory: &std::path::Path, threads: u64) {
    let journal = Arc::new(Journal::create(directory, DEFAULT_CAPACITY_BYTES).unwrap());
    journal.ensure_ready().unwrap();
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let pushed = Arc::new(AtomicU64::new(0));
    let producers: Vec<_> = (0..threads)
        .map(|series| {
            let (journal, stop, pushed) = (journal.clone(), stop.clone(), pushed.clone());
            std::thread::spawn(move || {
                let gate = Gate::open();
                let producer = Producer::new(journal.clone(), &gate, series as u32).unwrap();
                let mut count = 0;
                while !stop.load(Ordering::Relaxed) {
                    if producer.push(point(STEP_AUTO, count as f64)) {
                        count += 1;
                    } else {
                        journal.wait_for_space(0, || false).unwrap();
                    }
                }
                pushed.fetch_add(count, Ordering::Relaxed);
            })
        })
        .collect();
    let started = Instant::now();
    while started.elapsed().as_millis() < 500 {
        let end = consumer
            .drain(|record| {
                black_box(record);
                Ok::<_, Infallible>(())
            })
            .unwrap();
        consumer.release(end);
        std::thread::sleep(std::time::Duration::from_micros(200));
    }
    stop.store(true, Ordering::Relaxed);
    let elapsed = started.elapsed().as_nanos() as f64;
    while !producers.iter().all(|producer| producer.is_finished()) {
        let end = consumer.drain(|_| Ok::<_, Infallible>(())).unwrap();
        consumer.release(end);
    }
    let total = pushed.load(Ordering::Relaxed) as f64;
    println!(
        "{threads} producers, sustained    {:6.2} ns a point   {:?}",
        elapsed / total,
        journal.stats()
    );
}

/// A pre-faulted mapped file of the size of the journal's ring.
struct FloorMemory(*mut u64);

impl FloorMemory {
    fn new(directory: &std::path::Path) -> Self {
        let file = tempfile::tempfile_in(directory).unwrap();
        let bytes = DEFAULT_CAPACITY_BYTES as usize;
        // SAFETY: calls on an open descriptor and on the mapping just made.
        unsafe {
            assert_eq!(libc::fallocate(file.as_raw_fd(), 0, 0, bytes as i64), 0);
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            let base = libc::mmap(
                std::ptr::null_mut(),
                bytes,
                protection,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            );
            assert_ne!(base, libc::MAP_FAILED);
            assert_eq!(libc::madvise(base, bytes, libc::MADV_POPULATE_WRITE), 0);
            Self(base.cast())
        }
    }

    fn write(&self, points: u64) {
        let source = Source::detect();
        for n in 0..points {
            let words = [n, 1, n, n, 0, ticks(source)];
            // SAFETY: `points` slots of 48 bytes lie inside the mapping.
            unsafe {
                self.0
                    .add(n as usize * 6)
                    .cast::<[u64; 6]>()
                    .write_volatile(black_box(words))
            };
        }
    }
}
