//! Forks with open runs, as data loaders do them.

use crate::common::{child, stored, track};
use aim::error::Status;
use aim::log::{self, Level};
use aim::run::{EPOCH_NONE, Metric, Run, STEP_AUTO};
use aim::store::RunState;
use aim_value::Tree;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const POINTS: u64 = 1000;
const CHILDREN: u64 = 6;

/// Runs `work` in a forked child, which then ends in the given way; the child must succeed.
fn fork(ending: unsafe extern "C" fn(i32) -> !, work: impl FnOnce()) {
    // SAFETY: what the child does is the subject of the test.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
        // SAFETY: ends the child.
        unsafe { ending(if done.is_ok() { 0 } else { 101 }) };
    }
    let mut status = 0;
    // SAFETY: the child is this process's own.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "a forked child failed");
}

fn check_forked(run: &Run, metric: &Metric) {
    let statuses = [
        metric.track(9.0, STEP_AUTO, EPOCH_NONE).err(),
        metric.track_many(&[9.0; 4], None, None).err(),
        run.track(b"loss", None, 9.0, STEP_AUTO, EPOCH_NONE).err(),
        run.track(b"new", None, 9.0, STEP_AUTO, EPOCH_NONE).err(),
        run.set_param("forked", Tree::Bool(true)).err(),
        run.metric("new", None).err(),
        run.flush().err(),
        run.close().err(),
    ];
    for error in statuses {
        assert_eq!(error.map(|e| e.status), Some(Status::Forked));
    }
}

/// Forks between tracked points, while another thread tracks too.
pub fn role(args: &[OsString]) {
    let path = Path::new(&args[0]);
    let repo = stored::open_with(path, &stored::hasty(5, 1024));
    let run = Run::create(repo.clone(), None).unwrap();
    let metric = run.metric("loss", None).unwrap();
    let busy = run.metric("busy", None).unwrap();
    run.track(b"loss by name", None, 1.0, STEP_AUTO, EPOCH_NONE)
        .unwrap();
    let done = AtomicBool::new(false);
    let mut own_runs = Vec::new();
    let busy_points = std::thread::scope(|threads| {
        let busy = threads.spawn(|| {
            let mut i = 0;
            while !done.load(Ordering::Relaxed) {
                track::points(&busy, 10);
                i += 1;
            }
            i
        });
        for n in 0..CHILDREN {
            track::points(&metric, POINTS);
            fork(libc::_exit, || check_forked(&run, &metric));
            fork(libc::exit, || check_forked(&run, &metric));
            // A child frees what it inherited.
            fork(libc::exit, || {
                // SAFETY: the copies are the child's; the originals are the parent's.
                unsafe {
                    drop((
                        std::ptr::read(&run),
                        std::ptr::read(&metric),
                        std::ptr::read(&repo),
                    ))
                };
            });
            // A child writes its own run, and ends it in one way or the other.
            let file = path.join(format!("child {n}"));
            let ending = [libc::exit, libc::_exit][n as usize % 2];
            fork(ending, || {
                let own = Run::create(stored::open(path), None).unwrap();
                track::points(&own.metric("own", None).unwrap(), POINTS);
                std::fs::write(&file, own.hash()).unwrap();
                if n % 3 == 0 {
                    own.close().unwrap();
                } else {
                    std::mem::forget(own);
                }
            });
            own_runs.push(std::fs::read_to_string(file).unwrap());
        }
        done.store(true, Ordering::Relaxed);
        busy.join().unwrap()
    });
    run.close().unwrap();
    child::print(run.hash());
    child::print(busy_points);
    own_runs.iter().for_each(child::print);
}

#[test]
fn neither_parent_nor_child_is_harmed() {
    let directory = tempfile::tempdir().unwrap();
    let printed = child::run("fork", &[&directory.path()]);
    let mut lines = printed.lines();
    let (hash, busy) = (lines.next().unwrap(), lines.next().unwrap());
    let repo = stored::open(directory.path());
    track::check(&repo, hash, "loss", &[POINTS; CHILDREN as usize]);
    track::check(&repo, hash, "busy", &vec![10; busy.parse().unwrap()]);
    track::check(&repo, hash, "new", &[]);
    assert_eq!(
        stored::points(&repo, hash, "loss by name", "{}").values,
        [1.0]
    );
    assert_eq!(stored::param(&repo, hash, "/forked"), None);
    assert_eq!(stored::state(&repo, hash), RunState::Finished);
    for (n, own) in lines.enumerate() {
        track::check(&repo, own, "own", &[POINTS]);
        let finished = n % 3 == 0 || n % 2 == 0;
        let expected = if finished {
            RunState::Finished
        } else {
            RunState::Crashed
        };
        assert_eq!(stored::state(&repo, own), expected, "child {n}");
    }
    assert_eq!(stored::runs(&repo).len() as u64, 1 + CHILDREN);
}

/// Forks while another thread has messages.
pub fn amid_messages(args: &[OsString]) {
    let _repo = stored::open(Path::new(&args[0]));
    log::set_sink(Level::Error, Some(Arc::new(|_, _| {})));
    let done = AtomicBool::new(false);
    std::thread::scope(|threads| {
        threads.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                log::emit(Level::Debug, String::new);
            }
        });
        let forks = std::panic::catch_unwind(|| {
            for _ in 0..100 {
                fork(libc::exit, || {
                    end_of_patience();
                    log::emit(Level::Error, String::new);
                });
            }
        });
        done.store(true, Ordering::Relaxed);
        forks.unwrap();
    });
}

/// Forks while another thread unpacks the names of characters.
pub fn amid_names(_: &[OsString]) {
    let snowman = || aimql::Program::compile(r"run.name == '\N{SNOWMAN}'").unwrap();
    let (started, starts) = std::sync::mpsc::channel();
    std::thread::scope(|threads| {
        threads.spawn(move || {
            started.send(()).unwrap();
            snowman();
        });
        starts.recv().unwrap();
        for _ in 0..10 {
            fork(libc::_exit, || {
                end_of_patience();
                snowman();
            });
        }
    });
}

/// A child that waits for a thread that it has not got is ended, and so fails.
fn end_of_patience() {
    // SAFETY: the call only sets a timer.
    unsafe { libc::alarm(60) };
}

#[test]
fn a_child_waits_for_no_thread_of_its_parent() {
    let directory = tempfile::tempdir().unwrap();
    child::run("fork amid messages", &[&directory.path()]);
    child::run("fork amid names", &[]);
}
