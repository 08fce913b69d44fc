//! What is past comes in as it was: times, hashes, outcomes.

use crate::repo;
use aim::error::Status;
use aim::query::{self, Options, Select};
use aim::run::{EPOCH_NONE, Outcome, Run, RunOptions, RunState, STEP_AUTO, Which, logs};
use aim::store::Stream;

const HASH: &str = "0123456789abcdef01234567";
const CREATED: i64 = 1_500_000_000_000_000;

fn import(hash: &str) -> RunOptions<'_> {
    RunOptions {
        which: Which::NewHash(hash),
        experiment: Some("old"),
        created_at: Some(CREATED),
        import: true,
        ..RunOptions::default()
    }
}

#[test]
fn points_records_and_lines_keep_their_times() {
    let (_directory, repo) = repo();
    let run = Run::open(repo.clone(), &import(HASH)).unwrap();
    assert_eq!(run.hash(), HASH);
    let metric = run.metric("loss", None).unwrap();
    let count = 10_000;
    let values: Vec<f64> = (0..count).map(f64::from).collect();
    let steps: Vec<i64> = (0..count).map(|i| i64::from(i) * 3).collect();
    let times: Vec<f64> = (0..count).map(|i| 1.5e9 + f64::from(i) * 0.25).collect();
    metric
        .track_many_at(&values, Some(&steps), None, Some(&times))
        .unwrap();
    // Later calls go on behind, whatever their times.
    metric
        .track_many_at(&[-1.0, -2.0], None, Some(&[7, 8]), Some(&[-5.0, 1e9]))
        .unwrap();
    run.log_at(Some(CREATED + 1), 20, "then", None).unwrap();
    run.add_line_at(Some(CREATED + 2), 2, "a line").unwrap();
    run.close_as(
        Outcome {
            exit_code: Some(3),
            ..Outcome::of(RunState::Failed)
        },
        Some(CREATED + 9_000_000),
    )
    .unwrap();

    let (_, record) = repo.find_run(HASH).unwrap();
    assert_eq!(
        (record.state, record.exit_code),
        (RunState::Failed, Some(3))
    );
    assert_eq!(record.created_at, CREATED);
    assert_eq!(record.finalized_at, Some(CREATED + 9_000_000));
    let found = query::query(&repo, "", Select::Metrics, Options::default()).unwrap();
    let columns = found.columns(0).unwrap();
    assert_eq!(columns.values.len(), 10_002);
    assert_eq!(columns.times[..10_000], times);
    assert_eq!(columns.times[10_000..], [-5.0, 1e9]);
    assert_eq!(columns.steps[9_999..], [29_997, 29_998, 29_999]);
    assert_eq!(columns.epochs[9_999..], [EPOCH_NONE, 7, 8]);
    let read = |stream| logs::read_logs(&repo, HASH, stream, 0, 10).unwrap();
    let (record, line) = (read(Stream::Records), read(Stream::Terminal));
    assert_eq!(
        (record[0].1.time, record[0].1.text.as_str()),
        (CREATED + 1, "then")
    );
    assert_eq!((line[0].1.time, line[0].1.level), (CREATED + 2, 2));
}

#[test]
fn points_that_are_brought_in_survive_the_process_like_others() {
    let (_directory, repo) = repo();
    let run = Run::open(repo.clone(), &import(HASH)).unwrap();
    let metric = run.metric("loss", None).unwrap();
    // Some of each kind, in the order of the calls.
    metric.track(1.0, STEP_AUTO, EPOCH_NONE).unwrap();
    metric
        .track_many_at(&[2.0, 3.0], None, None, Some(&[1.0, 2.0]))
        .unwrap();
    metric.track(4.0, STEP_AUTO, EPOCH_NONE).unwrap();
    run.flush().unwrap();
    let found = query::query(&repo, "", Select::Metrics, Options::default()).unwrap();
    assert_eq!(found.columns(0).unwrap().values, [1.0, 2.0, 3.0, 4.0]);
    // Nobody waits for it, and it does not run.
    let (_, record) = repo.find_run(HASH).unwrap();
    assert_eq!(
        (record.state, record.finalized_at),
        (RunState::Finished, None)
    );
}

#[test]
fn an_import_into_a_stored_run_leaves_its_status_and_times() {
    let (_directory, repo) = repo();
    let run = Run::create(repo.clone(), None).unwrap();
    run.track(b"loss", None, 1.0, 0, EPOCH_NONE).unwrap();
    run.close_as(Outcome::of(RunState::Interrupted), None)
        .unwrap();
    let before = repo.find_run(run.hash()).unwrap().1;
    let options = RunOptions {
        which: Which::Existing(run.hash()),
        import: true,
        ..RunOptions::default()
    };
    let more = Run::open(repo.clone(), &options).unwrap();
    more.track(b"loss", None, 2.0, 1, EPOCH_NONE).unwrap();
    assert_eq!(repo.find_run(run.hash()).unwrap().1, before);
    more.close().unwrap();
    assert_eq!(repo.find_run(run.hash()).unwrap().1, before);
}

#[test]
fn bad_times_and_hashes_are_refused_before_anything_is_stored() {
    let (_directory, repo) = repo();
    let run = Run::open(repo.clone(), &import(HASH)).unwrap();
    let metric = run.metric("loss", None).unwrap();
    for time in [
        f64::NAN,
        f64::INFINITY,
        1e18,
        253_402_300_800.0,
        -62_135_596_801.0,
    ] {
        let outcome = metric.track_many_at(&[1.0, 2.0], None, None, Some(&[0.0, time]));
        let error = outcome.expect_err("a time that is none");
        assert_eq!(error.status, Status::InvalidArgument, "{error}");
    }
    metric
        .track_many_at(
            &[1.0, 2.0],
            None,
            None,
            Some(&[-62_135_596_800.0, 253_402_300_799.0]),
        )
        .unwrap();
    let lengths = metric.track_many_at(&[1.0], None, None, Some(&[0.0, 1.0]));
    assert_eq!(lengths.unwrap_err().status, Status::InvalidArgument);
    assert!(run.add_line_at(None, 3, "x").is_err());
    let again = Run::open(repo.clone(), &import(HASH)).map(|_| ());
    let error = again.expect_err("the hash is taken");
    assert_eq!(error.status, Status::Exists, "{error}");
    for hash in ["", "0123", "0123456789abcdef0123456g"] {
        assert!(Run::open(repo.clone(), &import(hash)).is_err());
    }
    run.close().unwrap();
    let found = query::query(&repo, "", Select::Metrics, Options::default()).unwrap();
    assert_eq!(found.columns(0).unwrap().values, [1.0, 2.0]);
}
