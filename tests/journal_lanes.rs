//! Many threads that track many metrics at once, each metric from any of them.

mod journal_support;

use aim::journal::{Consumer, EPOCH_NONE, Point, Producer};
use aim::process::Gate;
use journal_support::{Owned, bury, drain, ready_journal, recover};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

const THREADS: usize = 6;
const METRICS: usize = 4;
const ROUNDS: i64 = 40_000;

/// A metric whose calls are in an order, as those of a program that hands it from thread to thread.
struct Metric {
    producer: Producer,
    next: i64,
}

impl Metric {
    /// One point, or several in one call.
    fn track(&mut self, count: i64) {
        let point = |step| Point {
            step,
            value: step as f64,
            epoch: EPOCH_NONE,
        };
        if count == 1 {
            while !self.producer.push(point(self.next)) {
                std::thread::yield_now();
            }
        } else {
            let points: Vec<Point> = (self.next..self.next + count).map(point).collect();
            let mut rest = &points[..];
            while !rest.is_empty() {
                match self.producer.push_points(rest) {
                    Ok(taken) => rest = &rest[taken..],
                    Err(_) => std::thread::yield_now(),
                }
            }
        }
        self.next += count;
    }
}

/// Steps of each metric: all of them, in order.
fn check(steps: &[Vec<i64>], from: &[i64], until: &[i64]) {
    for n in 0..METRICS {
        let all = steps[n].iter().copied().eq(from[n]..until[n]);
        assert!(
            all,
            "metric {n}: {} of {}..{}",
            steps[n].len(),
            from[n],
            until[n]
        );
    }
}

fn tracked(metrics: &[Mutex<Metric>]) -> Vec<i64> {
    metrics.iter().map(|m| m.lock().unwrap().next).collect()
}

fn sort(records: &[Owned], steps: &mut [Vec<i64>]) {
    for record in records {
        let Owned::Point { series, point, .. } = record else {
            panic!("{record:?}")
        };
        steps[*series as usize].push(point.step);
    }
}

#[test]
fn a_metric_keeps_the_order_of_its_calls_from_whatever_threads() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 1 << 16);
    let gate = Gate::open();
    let metrics: Arc<Vec<Mutex<Metric>>> = Arc::new(
        (0..METRICS as u32)
            .map(|series| {
                let producer = Producer::new(journal.clone(), &gate, series).unwrap();
                Mutex::new(Metric { producer, next: 0 })
            })
            .collect(),
    );
    let done = Arc::new(AtomicBool::new(false));
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let drains = {
        let done = done.clone();
        std::thread::spawn(move || {
            let mut steps = vec![Vec::new(); METRICS];
            loop {
                let last = done.load(Ordering::SeqCst);
                let (records, end) = drain(&mut consumer);
                sort(&records, &mut steps);
                consumer.release(end);
                if last && consumer.backlog() == 0 {
                    return (steps, end);
                }
                std::thread::yield_now();
            }
        })
    };
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let metrics = metrics.clone();
            std::thread::spawn(move || {
                for round in 0..ROUNDS as usize {
                    // Mostly a metric of its own for a while, then another.
                    let metric = &metrics[(thread + round / 500) % METRICS];
                    let count = if round % 97 == 0 { 5 } else { 1 };
                    metric.lock().unwrap().track(count);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    done.store(true, Ordering::SeqCst);
    let (steps, end) = drains.join().unwrap();
    let from = tracked(&metrics);
    check(&steps, &[0; METRICS], &from);

    // What a process leaves that dies with slots in its lanes.
    std::thread::scope(|scope| {
        for metric in metrics.iter() {
            scope.spawn(|| (0..1000).for_each(|_| metric.lock().unwrap().track(1)));
        }
    });
    let (id, mut image) = (journal.id(), std::fs::read(journal.path()).unwrap());
    bury(&mut image, false);
    let mut steps = vec![Vec::new(); METRICS];
    let left = tempfile::tempdir().unwrap();
    std::fs::write(left.path().join(id.to_string()), image).unwrap();
    let until = tracked(&metrics);
    drop((metrics, journal));
    sort(&recover(left.path(), id, end), &mut steps);
    check(&steps, &from, &until);
}

/// A metric that several threads use at once, among metrics of their own.
#[test]
fn threads_that_share_a_metric_keep_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 1 << 18);
    let gate = Gate::open();
    let new = |series| Producer::new(journal.clone(), &gate, series).unwrap();
    let shared = new(0);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    std::thread::scope(|scope| {
        for thread in 1..=METRICS as u32 {
            let (shared, own) = (shared.clone(), new(thread));
            scope.spawn(move || {
                for step in 0..ROUNDS / 2 {
                    let point = Point {
                        step,
                        value: f64::from(thread),
                        epoch: EPOCH_NONE,
                    };
                    for producer in [&shared, &own] {
                        while !producer.push(point) {
                            std::thread::yield_now();
                        }
                    }
                }
            });
        }
        let mut next = [[0; METRICS]; 2];
        while next.iter().flatten().any(|next| *next < ROUNDS / 2) {
            let (records, end) = drain(&mut consumer);
            for record in records {
                let Owned::Point { series, point, .. } = record else {
                    panic!("{record:?}")
                };
                let next = &mut next[usize::from(series > 0)][point.value as usize - 1];
                assert_eq!(point.step, *next, "metric {series}, thread {}", point.value);
                *next += 1;
            }
            consumer.release(end);
            std::thread::yield_now();
        }
    });
}
