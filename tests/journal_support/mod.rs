//! What the tests of the journal share.
#![allow(dead_code)] // Each test program uses a part.

use aim::journal::{
    Consumer, EPOCH_NONE, Journal, JournalId, Point, Record, Recovery, Replay, STEP_AUTO,
};
use std::convert::Infallible;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64;

/// A record that outlives the drain.
#[derive(Clone, Debug)]
pub enum Owned {
    Point {
        series: u32,
        point: Point,
        time: i64,
    },
    Payload {
        kind: u8,
        payload: Vec<u8>,
    },
}

/// Equal bit for bit, whatever the time.
impl PartialEq for Owned {
    fn eq(&self, other: &Self) -> bool {
        let bits = |p: &Point| (p.step, p.value.to_bits(), p.epoch);
        match (self, other) {
            (
                Self::Point {
                    series: s,
                    point: p,
                    ..
                },
                Self::Point {
                    series: t,
                    point: q,
                    ..
                },
            ) => s == t && bits(p) == bits(q),
            (
                Self::Payload {
                    kind: k,
                    payload: p,
                },
                Self::Payload {
                    kind: l,
                    payload: q,
                },
            ) => k == l && p == q,
            _ => false,
        }
    }
}

impl From<Record<'_>> for Owned {
    fn from(record: Record<'_>) -> Self {
        match record {
            Record::Point {
                series,
                point,
                time,
            } => Self::Point {
                series,
                point,
                time,
            },
            Record::Payload { kind, payload } => Self::Payload {
                kind,
                payload: payload.to_vec(),
            },
        }
    }
}

pub fn point(series: u32, step: Option<i64>, value: f64, epoch: Option<i64>) -> Owned {
    Owned::Point {
        series,
        point: Point {
            step: step.unwrap_or(STEP_AUTO),
            value,
            epoch: epoch.unwrap_or(EPOCH_NONE),
        },
        time: 0,
    }
}

pub fn ready_journal(directory: &Path, slots: u64) -> Arc<Journal> {
    let journal = Journal::create(directory, slots * 48).unwrap();
    journal.ensure_ready().unwrap();
    Arc::new(journal)
}

pub fn push(journal: &Journal, record: &Owned) -> Result<(), aim::journal::PushError> {
    match record {
        Owned::Point { series, point, .. } => journal.push_points(*series, &[*point]).map(|_| ()),
        Owned::Payload { kind, payload } => journal.push_payload(*kind, payload),
    }
}

pub fn drain(consumer: &mut Consumer) -> (Vec<Owned>, u64) {
    let mut records = Vec::new();
    let end = consumer
        .drain(|record| {
            records.push(record.into());
            Ok::<_, Infallible>(())
        })
        .unwrap();
    (records, end)
}

pub fn replay(recovery: &Recovery, cursor: u64) -> (Vec<Owned>, Replay) {
    let mut records = Vec::new();
    let replay = recovery
        .replay(cursor, |record, _| {
            records.push(record.into());
            Ok(())
        })
        .unwrap();
    (records, replay)
}

pub fn recover(directory: &Path, id: JournalId, cursor: u64) -> Vec<Owned> {
    let recovery = Recovery::open(directory, id)
        .unwrap()
        .expect("the owner is dead");
    replay(&recovery, cursor).0
}

/// Makes the header say that the owner ran in another boot of this host, or in this boot but is dead.
pub fn bury(file: &mut [u8], other_boot: bool) {
    if file.len() < 152 {
        return;
    }
    if other_boot {
        file[40] ^= 0xff;
    } else {
        file[72..80].copy_from_slice(&1_u64.to_ne_bytes());
    }
    let check = xxh3_64(&file[..144]);
    file[144..152].copy_from_slice(&check.to_ne_bytes());
}

const ROLE: &str = "AIM_JOURNAL_TEST_ROLE";

/// The part that this process plays in a test of several processes, if it was started by [`start`].
pub fn role() -> Option<String> {
    std::env::var(ROLE).ok()
}

/// Runs the test `name` of this program in a process of its own, where [`role`] returns `role`.
pub fn start(name: &str, role: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Runs `work` in a forked child; true if it returned true there.
pub fn in_fork(work: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child runs `work` and ends without returning to the test harness.
    match unsafe { libc::fork() } {
        0 => {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
            // SAFETY: ends the process at once.
            unsafe { libc::_exit(if matches!(outcome, Ok(true)) { 0 } else { 1 }) }
        }
        child => {
            assert!(child > 0, "fork failed");
            let mut status = 0;
            // SAFETY: waits for the child just made.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
        }
    }
}
