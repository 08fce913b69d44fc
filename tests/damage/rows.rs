//! Single bits: each row that decides something is checked, and where one is in doubt the long way is gone.

use super::repository::{data_file, open};
use super::{overwrite, place};
use aim::error::Status;
use aim::journal::{Journal, JournalId, Point, Producer};
use aim::process::Gate;
use aim::query::{Options, Select, query};
use aim::repo::{Location, Op, Property, RepoOptions, RepoRef, copy_runs, salvage};
use aim::run::logs::{log_range, read_logs};
use aim::run::{EPOCH_NONE, Run};
use aim::store::keys::SeriesKey;
use aim::store::{Kind, Points, Progress, RunState, Stream};
use aim_value::Tree;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Flips one bit at every place where the data file has these bytes, counted from their first.
fn flip(root: &Path, bytes: &[u8], bit: usize) -> usize {
    let mut file = std::fs::read(data_file(root)).unwrap();
    let places: Vec<usize> = (0..file.len() - bytes.len())
        .filter(|at| file[*at..].starts_with(bytes))
        .collect();
    for at in &places {
        file[at + bit / 8] ^= 1 << (bit % 8);
    }
    overwrite(root, &file);
    places.len()
}

/// A journal that its process left behind, known to the repository as the writer of a run, with so many points.
struct Left {
    hash: String,
    id: JournalId,
}

const POINTS: u64 = 100;

/// `stored`: as many of its points are in the database already, and so is the name of the metric.
fn leave_journal(repo: &RepoRef, stored: u64) -> Left {
    let run = Run::create(repo.clone(), None).unwrap();
    for step in 0..stored {
        run.track(b"loss", None, step as f64, step as i64, EPOCH_NONE)
            .unwrap();
    }
    run.close().unwrap();
    let (run_id, _) = repo.find_run(run.hash()).unwrap();
    let journal = Journal::create(&repo.location.journals(), 1 << 16).unwrap();
    journal.ensure_ready().unwrap();
    let id = journal.id();
    let (kind, payload) = Op::DefineSeries {
        local: 0,
        run: run_id,
        name: "loss".into(),
        context: "{}".into(),
    }
    .encode();
    journal.push_payload(kind, &payload).unwrap();
    let behind_name = journal.stats().slots_used;
    let journal = Arc::new(journal);
    let gate = Gate::open();
    let metric = Producer::new(Arc::clone(&journal), &gate, 0).unwrap();
    for step in 0..POINTS as i64 {
        assert!(metric.push(Point {
            step,
            value: step as f64,
            epoch: EPOCH_NONE,
        }));
    }
    repo.store
        .write(|txn| {
            txn.add_writer(run_id, &id.0, true)?;
            txn.update_run(run_id, |r| r.state = RunState::Running)?;
            txn.add_journal_run(&id.0, run_id)?;
            let cursor = if stored == 0 { 0 } else { behind_name + stored };
            txn.set_journal_cursor(&id.0, cursor)?;
            if stored > 0 {
                let key = SeriesKey {
                    run: run_id,
                    name: txn.intern(Kind::Name, "loss")?,
                    context: txn.intern(Kind::Context, "{}")?,
                };
                txn.add_journal_series(&id.0, 0, key)?;
            }
            Ok(())
        })
        .unwrap();
    drop((metric, journal));
    Left {
        hash: run.hash().to_owned(),
        id,
    }
}

fn count(repo: &RepoRef, hash: &str) -> usize {
    let (id, _) = repo.find_run(hash).unwrap();
    let txn = repo.store.read().unwrap();
    let mut points = Points::default();
    for (key, _) in txn.run_series(id).unwrap() {
        txn.points(key, &mut points).unwrap();
    }
    assert!(
        points
            .steps
            .iter()
            .zip(&points.values)
            .all(|(s, v)| *s as f64 == *v)
    );
    points.len()
}

fn journals(root: &Path) -> Vec<String> {
    let files = std::fs::read_dir(root.join(".aim/journal")).unwrap();
    let names = files.map(|f| f.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn a_flipped_bit_in_what_is_known_of_a_journal_loses_nothing() {
    const KINDS: [(u8, &str); 4] = [(0, "cursor"), (1, "series"), (2, "run"), (4, "cursor")];
    let mut refused = 0;
    for stored in [0, 40] {
        for (kind, what) in KINDS {
            for bit in 0..if kind == 1 { 21 } else { 15 } {
                let root = tempfile::tempdir().unwrap();
                let repo = open(root.path()).unwrap();
                let left = leave_journal(&repo, stored);
                let key = [&b"j"[..], &left.id.0, &[kind]].concat();
                // Within the key first, then within the value behind it.
                let bit = bit * 16 + bit % 8;
                let places = flip(root.path(), &key, bit);
                let about = format!("{stored} stored, {what} {kind}, bit {bit}, {places} places");
                let recovered = repo.recover();
                let kept = journals(root.path());
                if let Err(e) = recovered {
                    // The order of the keys is wrong: nothing is written to such a file, and all stays.
                    assert!(e.message.contains("out of order"), "{about}: {e}");
                    assert_eq!(kept.len(), 1, "{about}: {kept:?}");
                    refused += 1;
                    continue;
                }
                let there = count(&repo, &left.hash);
                if kept.is_empty() {
                    assert_eq!(there, POINTS as usize, "{about}");
                } else {
                    // Only where it is not known whose points they are, which no other row tells.
                    assert_eq!((kind, stored, there), (1, 40, 40), "{about}: {kept:?}");
                    assert_eq!(kept, [format!("{}.damaged", left.id)], "{about}");
                }
                let (_, record) = repo.find_run(&left.hash).unwrap();
                assert_eq!(record.state, RunState::Crashed, "{about}");
            }
        }
    }
    assert!(refused < 66, "{refused} refused");
}

#[test]
fn a_journal_whose_cursor_is_lost_is_kept() {
    let root = tempfile::tempdir().unwrap();
    let left = leave_journal(&open(root.path()).unwrap(), 40);
    for kind in [0, 4] {
        let key = [&b"j"[..], &left.id.0, &[kind]].concat();
        assert!(flip(root.path(), &key, (key.len() + 9) * 8) > 0);
    }
    let repo = open(root.path()).unwrap();
    assert_eq!(journals(root.path()), [format!("{}.damaged", left.id)]);
    assert_eq!(count(&repo, &left.hash), 40);
    assert_eq!(
        repo.find_run(&left.hash).unwrap().1.state,
        RunState::Crashed
    );
}

#[test]
fn a_journal_that_the_database_does_not_know_is_kept() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path()).unwrap();
    let before = {
        drop(repo);
        std::fs::read(data_file(root.path())).unwrap()
    };
    let repo = open(root.path()).unwrap();
    let left = leave_journal(&repo, 0);
    let blank = Journal::create(&repo.location.journals(), 1 << 16).unwrap();
    blank.ensure_ready().unwrap();
    drop((repo, blank));
    // The database of before is put back; elsewhere it is gone.
    for file in [Some(before), None] {
        let elsewhere = tempfile::tempdir().unwrap();
        for name in journals(root.path()) {
            std::fs::create_dir_all(elsewhere.path().join(".aim/journal")).unwrap();
            let [from, to] =
                [root.path(), elsewhere.path()].map(|r| r.join(".aim/journal").join(&name));
            std::fs::copy(from, to).unwrap();
        }
        if let Some(file) = file {
            std::fs::create_dir_all(elsewhere.path().join(".aim/lmdb")).unwrap();
            std::fs::write(data_file(elsewhere.path()), file).unwrap();
        }
        let repo = open(elsewhere.path()).unwrap();
        assert_eq!(journals(elsewhere.path()), [format!("{}.unknown", left.id)]);
        drop(repo);
        open(elsewhere.path()).unwrap();
        assert_eq!(journals(elsewhere.path()).len(), 1);
    }
    // Here all is as it was left.
    let repo = open(root.path()).unwrap();
    assert_eq!(count(&repo, &left.hash), POINTS as usize);
    assert!(journals(root.path()).is_empty());
}

#[test]
fn a_finished_journal_that_comes_back_is_not_taken_for_an_unknown_one() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path()).unwrap();
    let left = leave_journal(&repo, 0);
    let file = root.path().join(".aim/journal").join(left.id.to_string());
    let bytes = std::fs::read(&file).unwrap();
    repo.recover().unwrap();
    assert!(!file.exists());
    // As after a power loss that undid its removal alone.
    std::fs::write(&file, bytes).unwrap();
    repo.recover().unwrap();
    assert_eq!(count(&repo, &left.hash), POINTS as usize);
    assert!(journals(root.path()).is_empty());
    let progress = repo
        .store
        .read()
        .unwrap()
        .journal_progress(&left.id.0)
        .unwrap();
    assert_eq!(progress, Progress::Done);
}

#[test]
fn a_damaged_record_is_kept_with_its_journal() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path()).unwrap();
    let left = leave_journal(&repo, 0);
    let file = root.path().join(".aim/journal").join(left.id.to_string());
    let mut bytes = std::fs::read(&file).unwrap();
    // The value of the fiftieth slot.
    bytes[4096 + 50 * 48 + 24] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    repo.recover().unwrap();
    assert_eq!(count(&repo, &left.hash), POINTS as usize - 1);
    assert_eq!(journals(root.path()), [format!("{}.damaged", left.id)]);
}

#[test]
fn a_header_that_claims_more_than_the_file_holds_costs_nothing() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path()).unwrap();
    let left = leave_journal(&repo, 0);
    let file = root.path().join(".aim/journal").join(left.id.to_string());
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[16..24].copy_from_slice(&(1u64 << 30).to_ne_bytes());
    // From another boot: the head and tail there say nothing.
    bytes[40..56].fill(7);
    let sum = xxhash_rust::xxh3::xxh3_64(&bytes[..144]);
    bytes[144..152].copy_from_slice(&sum.to_ne_bytes());
    std::fs::write(&file, bytes).unwrap();
    let recovery = aim::journal::Recovery::open(&repo.location.journals(), left.id)
        .unwrap()
        .unwrap();
    let replay = recovery.replay(0, |_, _| Ok(())).unwrap();
    assert_eq!(replay.records, POINTS + 1);
    assert!(
        replay.read_slots <= 1 << 16,
        "{} slots were looked at",
        replay.read_slots
    );
    drop(recovery);
    repo.recover().unwrap();
    assert_eq!(count(&repo, &left.hash), POINTS as usize);
}

fn selected(repo: &RepoRef, expression: &str, no_index: bool) -> Vec<String> {
    let options = Options {
        no_index,
        ..Options::default()
    };
    let answer = query(repo, expression, Select::Runs, options).unwrap();
    answer
        .rows()
        .iter()
        .map(|row| row.run.hash_text())
        .collect()
}

#[test]
fn a_flipped_bit_in_the_index_hides_no_run() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path()).unwrap();
    let mut hashes = Vec::new();
    for n in 0..60 {
        let run = Run::create(repo.clone(), Some(&format!("experiment {n}"))).unwrap();
        run.set_param("lr", Tree::Float(f64::from(n) / 64.0))
            .unwrap();
        run.set(Property::Name(format!("name {n}"))).unwrap();
        run.track(format!("loss {n}").as_bytes(), None, 1.0, 0, EPOCH_NONE)
            .unwrap();
        run.close().unwrap();
        hashes.push(run.hash().to_owned());
    }
    let (id, _) = repo.find_run(&hashes[30]).unwrap();
    let txn = repo.store.read().unwrap();
    let lr = txn.find_string(Kind::Path, "/lr").unwrap().unwrap();
    drop(txn);
    let file = std::fs::read(data_file(root.path())).unwrap();
    let run = id.to_be_bytes();
    let text =
        |kind: u8, text: &str| [&[kind, 0, 0, 0, 0, 0x30], text.as_bytes(), &[0], &run].concat();
    let number = ((30.0 / 64.0f64).to_bits() | 1 << 63).to_be_bytes();
    let name = xxhash_rust::xxh3::xxh3_128(b"loss 30").to_be_bytes();
    let rows = [
        (
            [&[1], &lr.to_be_bytes()[..], &[0x20], &number, &run].concat(),
            "run.lr == 30 / 64",
        ),
        (
            [&[1], &lr.to_be_bytes()[..], &[0x20], &number, &run].concat(),
            "run.lr >= 30 / 64 and run.lr <= 30 / 64",
        ),
        (
            text(3, "experiment 30"),
            "run.experiment == 'experiment 30'",
        ),
        (text(5, "name 30"), "run.name == 'name 30'"),
        (text(5, "name 30"), "run.name.startswith('name 30')"),
        (text(2, &hashes[30]), "run.hash == '@'"),
        (
            [&[1], &name[..]].concat(),
            "run.metrics['loss 30'] is not None",
        ),
    ];
    for (row, expression) in rows {
        let expression = expression.replace('@', &hashes[30]);
        for bit in 0..row.len() * 8 {
            // Under the open repository: at the next opening the order of the keys is checked as well.
            overwrite(root.path(), &file);
            assert!(
                flip(root.path(), &row, bit) > 0,
                "{expression}: no such row"
            );
            let all = selected(&repo, &expression, true);
            assert_eq!(
                selected(&repo, &expression, false),
                all,
                "{expression}, bit {bit}"
            );
            // In every other place, too.
            for n in [0, 29, 31, 59] {
                let other = format!("run.lr == {n} / 64 or run.experiment == 'experiment {n}'");
                assert_eq!(
                    selected(&repo, &other, false),
                    [hashes[n].clone()],
                    "{other}, bit {bit}"
                );
            }
            assert_eq!(repo.find_run(&hashes[30]).unwrap().0, id);
        }
    }
}

#[test]
fn a_flipped_bit_in_a_log_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path()).unwrap();
    let run = Run::create(repo.clone(), None).unwrap();
    run.log(20, "what was said", None).unwrap();
    run.flush().unwrap();
    run.log(20, "something else", None).unwrap();
    run.close().unwrap();
    drop(repo);
    let file = std::fs::read(data_file(root.path())).unwrap();
    for byte in 0..13 {
        place(root.path(), &file);
        assert!(flip(root.path(), b"what was said", byte * 8 + byte % 8) > 0);
        let repo = open(root.path()).unwrap();
        let error = read_logs(&repo, run.hash(), Stream::Records, 0, 9).unwrap_err();
        assert_eq!(error.status, Status::Corrupt, "{error}");
        assert!(error.message.contains("data.mdb"), "{error}");
        let rest = read_logs(&repo, run.hash(), Stream::Records, 1, 9).unwrap();
        assert_eq!(rest[0].1.text, "something else");
        assert_eq!(
            log_range(&repo, run.hash(), Stream::Records).unwrap(),
            (0, 2)
        );
    }
}

type Found = BTreeMap<(String, String, String), Vec<(i64, f64)>>;

/// The points of each sequence that can be read, by run, name and context.
fn readable(repo: &RepoRef, hashes: &[String]) -> Found {
    let txn = repo.store.read().unwrap();
    let mut found = Found::new();
    for hash in hashes {
        let (run, _) = repo.find_run(hash).unwrap();
        for key in txn.run_series_keys(run).unwrap() {
            let name = txn.string(Kind::Name, key.name).unwrap().to_owned();
            let context = txn.string(Kind::Context, key.context).unwrap().to_owned();
            let mut points = Points::default();
            if txn
                .some_points(key, i64::MIN, usize::MAX, &mut points)
                .is_ok()
            {
                let values = points
                    .steps
                    .iter()
                    .copied()
                    .zip(points.values.iter().copied());
                found.insert((hash.clone(), name, context), values.collect());
            }
        }
    }
    found
}

#[test]
fn a_block_with_a_flipped_bit_in_its_key_is_no_other_sequences() {
    let root = tempfile::tempdir().unwrap();
    let repo = open(root.path()).unwrap();
    let mut hashes = Vec::new();
    for run in 0..2 {
        let new = Run::create(repo.clone(), None).unwrap();
        for (metric, (name, context)) in [
            ("loss", "{}"),
            ("loss", r#"{"subset":"val"}"#),
            ("accuracy", "{}"),
        ]
        .into_iter()
        .enumerate()
        {
            for step in 0..5 {
                let value = (run * 100 + metric * 10) as f64 + step as f64;
                new.track(
                    name.as_bytes(),
                    Some(context.as_bytes()),
                    value,
                    step,
                    EPOCH_NONE,
                )
                .unwrap();
            }
        }
        new.close().unwrap();
        hashes.push(new.hash().to_owned());
    }
    let before = readable(&repo, &hashes);
    assert_eq!(before.len(), 6);
    let txn = repo.store.read().unwrap();
    let (run, _) = repo.find_run(&hashes[0]).unwrap();
    let keys = txn.run_series_keys(run).unwrap();
    drop(txn);
    drop(repo);
    let file = std::fs::read(data_file(root.path())).unwrap();
    // The lowest bits of the numbers of run, name and context, which others have; the sign of the step, and its lowest bit.
    let bits = [7, 11, 15].map(|byte| [byte * 8, byte * 8 + 1, byte * 8 + 2]);
    for (key, bit) in keys.iter().flat_map(|key| {
        bits.as_flattened()
            .iter()
            .chain(&[16 * 8 + 7, 23 * 8])
            .map(move |bit| (key, *bit))
    }) {
        let (root, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        place(root.path(), &file);
        assert!(flip(root.path(), &key.block(0), bit) > 0);
        // Where keys are out of order now, that says so.
        let damaged = open(root.path());
        let found = damaged.map_or(Found::new(), |repo| readable(&repo, &hashes));
        let [from, to] = [&root, &into].map(|root| Location::find(Some(root.path())).unwrap());
        salvage(&from, to, &RepoOptions::default()).unwrap();
        let salvaged = readable(&open(into.path()).unwrap(), &hashes);
        for (series, points) in found.into_iter().chain(salvaged) {
            assert!(
                points.is_empty() || points == before[&series],
                "bit {bit} of {key}: {series:?} has {points:?}"
            );
        }
    }
}

/// What an earlier version wrote, in a place of its own.
fn of_format(format: u32) -> tempfile::TempDir {
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/damage/format_{format}"));
    let root = tempfile::tempdir().unwrap();
    place(root.path(), &std::fs::read(old.join("data.mdb")).unwrap());
    for file in std::fs::read_dir(old).unwrap().map(Result::unwrap) {
        if file.file_name() != "data.mdb" {
            let journal = root.path().join(".aim/journal").join(file.file_name());
            std::fs::copy(file.path(), journal).unwrap();
        }
    }
    root
}

#[test]
fn a_database_of_format_1_is_read_and_written() {
    let root = of_format(1);
    for round in 0..2 {
        let repo = open(root.path()).unwrap();
        let answer = query(
            &repo,
            "run.lr >= 0 and run.experiment == 'experiment 0'",
            Select::Metrics,
            Options::default(),
        )
        .unwrap();
        let of_old = answer
            .rows()
            .iter()
            .filter(|row| row.metric.as_ref().unwrap().name.as_ref() == "loss");
        assert_eq!(of_old.count(), 2);
        assert!(journals(root.path()).is_empty());
        let crashed = "d6000f443cddde5f308ff1ff";
        let (id, record) = repo.find_run(crashed).unwrap();
        assert_eq!(
            record.state,
            if round == 0 {
                RunState::Crashed
            } else {
                RunState::Finished
            }
        );
        let txn = repo.store.read().unwrap();
        let counts: Vec<u64> = txn
            .run_series(id)
            .unwrap()
            .iter()
            .map(|(_, a)| a.count)
            .collect();
        assert_eq!(counts, [150, 1]);
        drop(txn);
        let logs = read_logs(&repo, crashed, Stream::Records, 0, 9).unwrap();
        assert_eq!(logs[0].1.text, "hello from format 1");
        assert_eq!(logs.len(), 2 + round);
        let run = Run::resume(repo.clone(), crashed, None).unwrap();
        run.log(20, "and from the next", None).unwrap();
        run.set_param("lr", Tree::Float(1.0)).unwrap();
        run.close().unwrap();
    }
}

/// A full block and a begun one of format 2, whose checksums do not cover their keys.
#[test]
fn a_database_of_format_2_is_read_written_copied_and_salvaged() {
    let hash = "6c61fe0165cd3d3b8c94e90e";
    let root = of_format(2);
    let values = |repo: &RepoRef| {
        let mut lengths = Vec::new();
        for ((_, _, context), points) in readable(repo, &[hash.to_owned()]) {
            let factor = if context == "{}" { 0.5 } else { 0.25 };
            assert!(
                points
                    .iter()
                    .all(|(step, value)| *value == *step as f64 * factor)
            );
            lengths.push(points.len());
        }
        lengths
    };
    for more in 0..3 {
        let repo = open(root.path()).unwrap();
        assert_eq!(values(&repo), [100, 9000 + more]);
        let step = 9000 + more as i64;
        let run = Run::resume(repo, hash, None).unwrap();
        run.track(b"loss", None, step as f64 * 0.5, step, EPOCH_NONE)
            .unwrap();
        run.close().unwrap();
    }
    let (copied, salvaged) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let repo = open(root.path()).unwrap();
    let copy = open(copied.path()).unwrap();
    // Keys are others there.
    Run::create(copy.clone(), None).unwrap().close().unwrap();
    let (run, _) = repo.find_run(hash).unwrap();
    copy_runs(&repo, &copy, &[run], |_| true).unwrap();
    assert_eq!(values(&copy), [100, 9003]);
    drop(repo);
    let [from, to] = [&root, &salvaged].map(|root| Location::find(Some(root.path())).unwrap());
    let report = salvage(&from, to, &RepoOptions::default()).unwrap();
    assert_eq!((report.points, report.lost_rows), (9103, 0));
    assert_eq!(values(&open(salvaged.path()).unwrap()), [100, 9003]);
}
