//! Many processes that create, abandon and recover journals in one directory at the same time.

mod journal_support;

use aim::journal::{Recovery, is_alive, scan};
use journal_support::{Owned, point, push, ready_journal, replay, role, start};
use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

const PROCESSES: u32 = 6;
const JOURNALS: i64 = 25;
const RECORDS: i64 = 5;
/// Series of records in journals that live as long as their process.
const LONG_LIVED: u32 = 1000;

/// Recovers what is dead and notes each record, as a store would, before the journal is removed.
fn recover_all(directory: &Path, log: &Path) {
    let journals = directory.join("journals");
    for id in scan(&journals).unwrap() {
        let Some(recovery) = Recovery::open(&journals, id).unwrap() else {
            continue;
        };
        let mut lines = String::new();
        for record in replay(&recovery, 0).0 {
            let Owned::Point { series, point, .. } = record else {
                panic!("{record:?}")
            };
            lines += &format!("{series} {}\n", point.step);
        }
        let mut log = OpenOptions::new()
            .append(true)
            .create(true)
            .open(log)
            .unwrap();
        log.write_all(lines.as_bytes()).unwrap();
        recovery.remove().unwrap();
    }
}

fn worker(directory: &Path, number: u32) {
    let journals = directory.join("journals");
    let own = ready_journal(&journals, 64);
    push(&own, &point(LONG_LIVED + number, Some(0), 0.0, None)).unwrap();
    for n in 0..JOURNALS {
        let journal = ready_journal(&journals, 64);
        for m in 0..RECORDS {
            push(&journal, &point(number, Some(n * RECORDS + m), 0.0, None)).unwrap();
        }
        assert!(is_alive(&journals, journal.id()).unwrap());
        drop(journal);
        recover_all(directory, &directory.join("log"));
        assert!(
            own.path().exists(),
            "a living process's journal was removed"
        );
    }
    // Ends as if killed: the long-lived journal stays behind.
    // SAFETY: ends the process at once.
    unsafe { libc::_exit(0) }
}

#[test]
fn every_abandoned_journal_is_recovered_once_and_no_living_one() {
    if let Some(role) = role() {
        let (number, directory) = role.split_once(' ').unwrap();
        return worker(Path::new(directory), number.parse().unwrap());
    }
    let directory = tempfile::tempdir().unwrap();
    let workers: Vec<_> = (0..PROCESSES)
        .map(|number| {
            let role = format!("{number} {}", directory.path().display());
            start(
                "every_abandoned_journal_is_recovered_once_and_no_living_one",
                &role,
            )
        })
        .collect();
    for mut worker in workers {
        let status = worker.wait().unwrap();
        assert!(status.success(), "{status}");
    }
    let log = directory.path().join("log");
    recover_all(directory.path(), &log);
    assert_eq!(
        std::fs::read_dir(directory.path().join("journals"))
            .unwrap()
            .count(),
        0
    );
    let text = std::fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let distinct: HashSet<&str> = lines.iter().copied().collect();
    assert_eq!(lines.len(), distinct.len(), "a record was recovered twice");
    let expected: HashSet<String> = (0..PROCESSES)
        .flat_map(|p| (0..JOURNALS * RECORDS).map(move |n| format!("{p} {n}")))
        .chain((0..PROCESSES).map(|p| format!("{} 0", LONG_LIVED + p)))
        .collect();
    assert_eq!(distinct, expected.iter().map(String::as_str).collect());
}
