//! Reading journals whose owners are gone, whole and damaged.

mod journal_support;

use aim::error::Status;
use aim::journal::{
    Consumer, EPOCH_NONE, Journal, JournalId, Point, Recovery, is_alive, scan, set_aside,
};
use journal_support::{Owned, bury, drain, point, push, ready_journal, recover, replay};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;
use std::path::Path;

const PAGE: usize = 4096;
const SLOTS: u64 = 256;

/// Points with their number as step; every fifth record has a payload that starts with its number.
fn numbered(n: i64) -> Owned {
    if n % 5 != 4 {
        return point(
            n as u32,
            Some(n),
            n as f64 * 0.1,
            (n % 3 == 0).then_some(n / 3),
        );
    }
    let mut payload = n.to_le_bytes().to_vec();
    payload.extend((0..n % 7 * 40).map(|b| (b * n) as u8));
    Owned::Payload {
        kind: n as u8,
        payload,
    }
}

fn number(record: &Owned) -> i64 {
    match record {
        Owned::Point { point, .. } => point.step,
        Owned::Payload { payload, .. } => i64::from_le_bytes(payload[..8].try_into().unwrap()),
    }
}

/// The file of a journal at two moments, with the position and the number committed by the second.
struct Snapshots {
    id: JournalId,
    earlier: Vec<u8>,
    later: Vec<u8>,
    cursor: u64,
    committed: i64,
    written: i64,
}

/// Pushes records in bursts, releasing all but the last burst.
fn snapshots(bursts: &[i64], snapshot_after: usize) -> Snapshots {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), SLOTS);
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    let (mut written, mut committed, mut cursor) = (0, 0, 0);
    let mut earlier = fs::read(journal.path()).unwrap();
    for (n, burst) in bursts.iter().enumerate() {
        let (records, end) = drain(&mut consumer);
        committed += records.len() as i64;
        cursor = end;
        consumer.release(end);
        for _ in 0..*burst {
            push(&journal, &numbered(written)).unwrap();
            written += 1;
        }
        if n == snapshot_after {
            earlier = fs::read(journal.path()).unwrap();
        }
    }
    let later = fs::read(journal.path()).unwrap();
    Snapshots {
        id: journal.id(),
        earlier,
        later,
        cursor,
        committed,
        written,
    }
}

/// What a recovery of these bytes presents.
fn recover_bytes(id: JournalId, bytes: &[u8], cursor: u64) -> Result<Vec<Owned>, Status> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join(id.to_string()), bytes).unwrap();
    match Recovery::open(directory.path(), id) {
        Ok(Some(recovery)) => Ok(replay(&recovery, cursor).0),
        Ok(None) => panic!("the owner is dead"),
        Err(e) => Err(e.status),
    }
}

/// Every record is one that was written, bit for bit, in order, none twice.
fn assert_genuine(records: &[Owned], snapshots: &Snapshots) {
    let mut last = -1;
    for record in records {
        let n = number(record);
        assert!(n > last && n < snapshots.written, "{n} after {last}");
        assert_eq!(*record, numbered(n));
        last = n;
    }
}

fn bursts() -> impl Strategy<Value = Vec<i64>> {
    vec(1..60_i64, 1..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn an_intact_file_gives_exactly_what_was_not_committed(
        bursts in bursts(),
        other_boot: bool,
    ) {
        let mut snapshots = snapshots(&bursts, 0);
        bury(&mut snapshots.later, other_boot);
        let records = recover_bytes(snapshots.id, &snapshots.later, snapshots.cursor).unwrap();
        let expected: Vec<Owned> =
            (snapshots.committed..snapshots.written).map(numbered).collect();
        prop_assert_eq!(records, expected);
    }

    /// A power loss leaves each page as it was at some earlier moment.
    #[test]
    fn a_mix_of_old_and_new_pages_gives_only_what_was_written(
        bursts in bursts(),
        snapshot_after in 0..20_usize,
        new_pages in vec(any::<bool>(), 8),
        cut in proptest::option::of(0..16_384_usize),
    ) {
        let snapshots = snapshots(&bursts, snapshot_after);
        let mut mixed = snapshots.earlier.clone();
        for (n, page) in mixed.chunks_mut(PAGE).enumerate() {
            if new_pages[n % new_pages.len()] {
                let at = n * PAGE;
                page.copy_from_slice(&snapshots.later[at..at + page.len()]);
            }
        }
        bury(&mut mixed, true);
        mixed.truncate(cut.unwrap_or(usize::MAX));
        match recover_bytes(snapshots.id, &mixed, snapshots.cursor) {
            Ok(records) => assert_genuine(&records, &snapshots),
            Err(status) => {
                prop_assert_eq!(status, Status::Corrupt);
                prop_assert!(mixed.len() < 152);
            }
        }
    }

    #[test]
    fn scribbled_bytes_give_only_what_was_written(
        bursts in bursts(),
        other_boot: bool,
        scribbles in vec((any::<proptest::sample::Index>(), any::<u8>()), 1..200),
        spare_header: bool,
    ) {
        let mut snapshots = snapshots(&bursts, 0);
        bury(&mut snapshots.later, other_boot);
        let mut bytes = snapshots.later.clone();
        let from = if spare_header { PAGE } else { 0 };
        for (place, byte) in &scribbles {
            let at = from + place.index(bytes.len() - from);
            bytes[at] = *byte;
        }
        match recover_bytes(snapshots.id, &bytes, snapshots.cursor) {
            Ok(records) => assert_genuine(&records, &snapshots),
            Err(status) => {
                prop_assert!(matches!(status, Status::Corrupt | Status::UnsupportedVersion));
                prop_assert!(!spare_header);
            }
        }
    }

    #[test]
    fn any_bytes_are_survived(
        bytes in vec(any::<u8>(), 0..10_000),
        cursor: u64,
        keep_header: bool,
    ) {
        let mut snapshots = snapshots(&[3], 0);
        bury(&mut snapshots.later, true);
        let mut file = bytes;
        if keep_header {
            file.resize(file.len().max(152), 0);
            file[..152].copy_from_slice(&snapshots.later[..152]);
        }
        match recover_bytes(snapshots.id, &file, cursor) {
            Ok(records) => prop_assert_eq!(records, []),
            Err(status) => prop_assert_eq!(status, Status::Corrupt),
        }
    }
}

fn abandon(directory: &Path, records: std::ops::Range<i64>) -> JournalId {
    let journal = ready_journal(directory, SLOTS);
    for n in records {
        push(&journal, &numbered(n)).unwrap();
    }
    journal.id()
}

#[test]
fn an_abandoned_journal_is_recovered_from_the_cursor_on_and_removed() {
    let directory = tempfile::tempdir().unwrap();
    let journal = ready_journal(directory.path(), 32);
    let id = journal.id();
    let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
    for n in 0..10 {
        push(&journal, &point(1, Some(n), 0.5, None)).unwrap();
    }
    let (_, cursor) = drain(&mut consumer);
    consumer.release(cursor);
    for n in 10..30 {
        push(&journal, &point(1, Some(n), 0.5, None)).unwrap();
    }
    assert!(
        Recovery::open(directory.path(), id).unwrap().is_none(),
        "its owner lives"
    );
    assert!(is_alive(directory.path(), id).unwrap());
    drop((consumer, journal));
    assert!(!is_alive(directory.path(), id).unwrap());
    assert_eq!(scan(directory.path()).unwrap(), [id]);

    let expected: Vec<Owned> = (10..30).map(|n| point(1, Some(n), 0.5, None)).collect();
    assert_eq!(recover(directory.path(), id, cursor), expected);
    let recovery = Recovery::open(directory.path(), id).unwrap().unwrap();
    assert!(
        Recovery::open(directory.path(), id).unwrap().is_none(),
        "one recovery at a time"
    );
    let (records, outcome) = replay(&recovery, cursor);
    assert_eq!(
        (records.len() as u64, outcome.records, outcome.torn),
        (20, 20, 0)
    );
    assert_eq!(replay(&recovery, outcome.end).0, []);
    recovery.remove().unwrap();
    assert_eq!(scan(directory.path()).unwrap(), []);
    assert!(
        Recovery::open(directory.path(), id).unwrap().is_none(),
        "gone"
    );
}

/// Points that are pushed together are announced, and then written last to first. They may go on past the end of the ring.
#[test]
fn of_points_whose_writer_was_killed_amid_them_none_is_there() {
    const MANY: u64 = 64;
    for first in [100, SLOTS - 30] {
        let directory = tempfile::tempdir().unwrap();
        let journal = ready_journal(directory.path(), SLOTS);
        let mut consumer = Consumer::new(journal.clone(), || {}).unwrap();
        for n in 0..first {
            push(&journal, &point(1, Some(n as i64), 0.5, None)).unwrap();
        }
        let (_, cursor) = drain(&mut consumer);
        consumer.release(cursor);
        let points: Vec<Point> = (0..MANY)
            .map(|n| Point {
                step: n as i64,
                value: 0.5,
                epoch: EPOCH_NONE,
            })
            .collect();
        assert_eq!(journal.push_points(1, &points).unwrap() as u64, MANY);
        push(&journal, &point(2, Some(7), 0.5, None)).unwrap();
        let whole = fs::read(journal.path()).unwrap();
        let id = journal.id();
        drop((consumer, journal));
        assert_eq!(
            recover_bytes(id, &whole, first).unwrap().len() as u64,
            MANY + 1
        );
        for written in 0..MANY {
            let mut bytes = whole.clone();
            let word = |position: u64| PAGE + (position % SLOTS) as usize * 48;
            for missing in first..first + MANY - written {
                bytes[word(missing)..][..48].fill(0);
            }
            let announced = 1 << 56 | MANY << 32 | first;
            bytes[word(first)..][..8].copy_from_slice(&announced.to_le_bytes());
            assert_eq!(
                recover_bytes(id, &bytes, first),
                Ok(vec![point(2, Some(7), 0.5, None)]),
                "{written} written at {first}"
            );
        }
    }
}

#[test]
fn an_error_of_the_store_ends_the_replay_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let id = abandon(directory.path(), 0..9);
    let recovery = Recovery::open(directory.path(), id).unwrap().unwrap();
    let mut seen = 0;
    let failed = recovery.replay(0, |_, _| {
        seen += 1;
        if seen == 3 {
            Err(aim::error::Error::new(Status::Full, "full"))
        } else {
            Ok(())
        }
    });
    assert_eq!((failed.unwrap_err().status, seen), (Status::Full, 3));
    assert_eq!(
        replay(&recovery, 0).0,
        (0..9).map(numbered).collect::<Vec<_>>()
    );
}

#[test]
fn a_journal_without_records_recovers_to_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let id = Journal::create(directory.path(), 1 << 20).unwrap().id();
    assert_eq!(
        fs::metadata(directory.path().join(id.to_string()))
            .unwrap()
            .len(),
        PAGE as u64
    );
    assert_eq!(recover(directory.path(), id, 0), []);
}

#[test]
fn an_unreadable_journal_is_reported_and_can_be_set_aside() {
    let directory = tempfile::tempdir().unwrap();
    let id = abandon(directory.path(), 0..3);
    let path = directory.path().join(id.to_string());
    fs::write(&path, vec![0; 9000]).unwrap();
    assert_eq!(
        Recovery::open(directory.path(), id).err().unwrap().status,
        Status::Corrupt
    );
    assert!(set_aside(directory.path(), id).unwrap());
    assert_eq!(scan(directory.path()).unwrap(), []);
    assert!(path.with_extension("damaged").exists());
    assert!(!set_aside(directory.path(), id).unwrap(), "gone");
}

#[test]
fn a_newer_format_is_told_from_damage() {
    let directory = tempfile::tempdir().unwrap();
    let id = abandon(directory.path(), 0..3);
    let path = directory.path().join(id.to_string());
    let mut bytes = fs::read(&path).unwrap();
    bytes[8..12].copy_from_slice(&4_u32.to_ne_bytes());
    fs::write(&path, bytes).unwrap();
    let error = Recovery::open(directory.path(), id).err().unwrap();
    assert_eq!(error.status, Status::UnsupportedVersion);
    assert!(error.message.contains("version 4"), "{}", error.message);
}

/// Written by libraries of those formats: points with and without step and epoch, a payload that the end of the ring pushed
/// to its start.
#[test]
fn journals_of_earlier_formats_are_recovered() {
    let mut expected = Vec::new();
    for n in 0..4_i64 {
        expected.push(point(0, Some(n), n as f64 / 8.0, Some(n - 2)));
        if n == 1 {
            expected.push(Owned::Payload {
                kind: 16,
                payload: vec![7; 300],
            });
        }
        expected.push(point(1, None, -1.5, None));
        expected.push(point(2, Some(-n), f64::NAN, None));
        expected.push(point(3, None, f64::INFINITY, Some(0)));
    }
    for (format, id, cursor) in [
        (1, "e10f0a3b8fd511da9d907cc8ebf40bb0", 58),
        (2, "4ed0cd9b5816f2a03aa388c946f0c58e", 85),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let source =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/journal_format_{format}"));
        fs::copy(source.join(id), directory.path().join(id)).unwrap();
        let records = recover(directory.path(), id.parse().unwrap(), cursor);
        assert_eq!(records, expected, "format {format}");
    }
}

#[test]
fn a_second_damaged_byte_does_not_hide_the_first() {
    let mut snapshots = snapshots(&[1], 0);
    bury(&mut snapshots.later, true);
    assert_eq!(
        recover_bytes(snapshots.id, &snapshots.later, 0)
            .unwrap()
            .len(),
        1
    );
    // The last byte of the value, and that of step, epoch or time.
    let differences = (1..=255_u8).flat_map(|one| [1, 128].map(|two| (one, two)));
    for (one, two) in differences {
        for other in [23, 39, 47] {
            let mut damaged = snapshots.later.clone();
            damaged[PAGE + 31] ^= one;
            damaged[PAGE + other] ^= two;
            assert_eq!(
                recover_bytes(snapshots.id, &damaged, 0),
                Ok(vec![]),
                "{one} {other} {two}"
            );
        }
    }
}

#[test]
fn a_copy_under_another_name_is_not_replayed() {
    let directory = tempfile::tempdir().unwrap();
    let id = abandon(directory.path(), 0..3);
    let other: JournalId = "0123456789abcdef0123456789abcdef".parse().unwrap();
    let name = |id: JournalId| directory.path().join(id.to_string());
    fs::copy(name(id), name(other)).unwrap();
    assert_eq!(
        Recovery::open(directory.path(), other)
            .err()
            .unwrap()
            .status,
        Status::Corrupt
    );
}

#[test]
fn a_journal_of_another_host_is_left_alone_until_its_heartbeat_is_old() {
    let mut snapshots = snapshots(&[4], 0);
    let host = u32::from_ne_bytes(snapshots.later[60..64].try_into().unwrap()) as usize;
    assert!(host > 0, "this machine has a name");
    snapshots.later[80] ^= 1;
    bury(&mut snapshots.later, true);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(snapshots.id.to_string());
    fs::write(&path, &snapshots.later).unwrap();
    assert!(
        Recovery::open(directory.path(), snapshots.id)
            .unwrap()
            .is_none()
    );
    assert!(is_alive(directory.path(), snapshots.id).unwrap());
    let heartbeat = u64::from_ne_bytes(snapshots.later[512..520].try_into().unwrap()) - 61_000;
    snapshots.later[512..520].copy_from_slice(&heartbeat.to_ne_bytes());
    fs::write(&path, &snapshots.later).unwrap();
    assert!(!is_alive(directory.path(), snapshots.id).unwrap());
    assert_eq!(recover(directory.path(), snapshots.id, 0).len(), 4);
}

#[test]
fn other_files_in_the_directory_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(scan(&directory.path().join("missing")).unwrap(), []);
    for name in [
        "readme",
        "0123",
        "0123456789ABCDEF0123456789ABCDEF",
        "0123456789abcdef.new",
    ] {
        fs::write(directory.path().join(name), "x").unwrap();
    }
    assert_eq!(scan(directory.path()).unwrap(), []);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 4);
}

#[test]
fn what_a_killed_creation_left_is_removed_after_a_while() {
    let directory = tempfile::tempdir().unwrap();
    let name = directory
        .path()
        .join("0123456789abcdef0123456789abcdef.new");
    let file = fs::File::create(&name).unwrap();
    scan(directory.path()).unwrap();
    assert!(name.exists(), "perhaps it is being created now");
    let age = std::time::Duration::from_secs(120);
    file.set_modified(std::time::SystemTime::now() - age)
        .unwrap();
    drop(file);
    scan(directory.path()).unwrap();
    assert!(!name.exists());
}
