//! Sequences against a model: whatever order steps come in, with flushes anywhere, a sequence holds for each step the
//! point that was tracked last, and its aggregates are those of its points.

use aim::repo::{Location, Repo, RepoOptions, RepoRef};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use aim::store::Points;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Action {
    Track {
        step: i64,
        value: f64,
    },
    TrackMany {
        first: i64,
        count: i64,
        stride: i64,
        value: f64,
    },
    Auto {
        value: f64,
    },
    Flush,
    CloseAndContinue,
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let value = prop_oneof![
        4 => (-100i32..100).prop_map(f64::from),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
    ];
    let action = prop_oneof![
        4 => (-50i64..50, value.clone()).prop_map(|(step, value)| Action::Track { step, value }),
        2 => (-20_000i64..20_000, 1i64..12_000, prop_oneof![Just(1i64), Just(3), Just(-1)], value.clone())
            .prop_map(|(first, count, stride, value)| Action::TrackMany { first, count, stride, value }),
        4 => value.prop_map(|value| Action::Auto { value }),
        2 => Just(Action::Flush),
        1 => Just(Action::CloseAndContinue),
    ];
    proptest::collection::vec(action, 1..25)
}

fn open(root: &std::path::Path) -> RepoRef {
    let location = Location::find(Some(root)).unwrap();
    Repo::open(location, &RepoOptions::default(), true).unwrap()
}

fn read(repo: &RepoRef, hash: &str) -> Option<(aim::store::Aggregates, Points)> {
    let (id, _) = repo.find_run(hash).unwrap();
    let txn = repo.store.read().unwrap();
    assert!(txn.run(id).unwrap().is_some());
    let (key, aggregates) = *txn.run_series(id).unwrap().first()?;
    let mut points = Points::default();
    txn.points(key, &mut points).unwrap();
    Some((aggregates, points))
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a == b || (a.is_nan() && b.is_nan())
}

fn check(model: &BTreeMap<i64, f64>, repo: &RepoRef, hash: &str) {
    let Some((aggregates, points)) = read(repo, hash) else {
        assert!(model.is_empty());
        return;
    };
    assert_eq!(points.steps, model.keys().copied().collect::<Vec<_>>());
    assert!(
        points
            .values
            .iter()
            .zip(model.values())
            .all(|(a, b)| same(*a, *b))
    );
    assert!(
        points
            .times
            .iter()
            .all(|t| (aim::repo::now_micros() - t).abs() < 600_000_000)
    );
    let (first, last) = (
        model.first_key_value().unwrap(),
        model.last_key_value().unwrap(),
    );
    assert_eq!(aggregates.count, model.len() as u64);
    assert_eq!(
        (aggregates.first_step, aggregates.last_step),
        (*first.0, *last.0)
    );
    assert!(same(aggregates.first, *first.1) && same(aggregates.last, *last.1));
    // NaN does not count, unless there is nothing else.
    let fold = |better: fn(f64, f64) -> f64| model.values().copied().fold(f64::NAN, better);
    assert!(same(aggregates.min(), fold(f64::min)), "min of {model:?}");
    assert!(same(aggregates.max(), fold(f64::max)), "max of {model:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn a_sequence_is_what_was_tracked(actions in actions()) {
        let directory = tempfile::tempdir().unwrap();
        let repo = open(directory.path());
        let mut run = Run::create(open(directory.path()), None).unwrap();
        let hash = run.hash().to_owned();
        let mut model = BTreeMap::new();
        for action in actions {
            let metric = run.metric("loss", Some(r#"{"b": 1, "a": [true, null]}"#)).unwrap();
            match action {
                Action::Track { step, value } => {
                    metric.track(value, step, EPOCH_NONE).unwrap();
                    model.insert(step, value);
                }
                Action::TrackMany { first, count, stride, value } => {
                    let steps: Vec<i64> = (0..count).map(|i| first + stride * i).collect();
                    let values: Vec<f64> = (0..count).map(|i| value + i as f64).collect();
                    metric.track_many(&values, Some(&steps), None).unwrap();
                    model.extend(steps.into_iter().zip(values));
                }
                Action::Auto { value } => {
                    run.track(b"loss", Some(br#"{"a":[true,null],"b":1}"#), value, STEP_AUTO, 3).unwrap();
                    let next = model.last_key_value().map_or(0, |(step, _)| step + 1);
                    model.insert(next, value);
                }
                Action::Flush => {
                    run.flush().unwrap();
                    check(&model, &repo, &hash);
                }
                Action::CloseAndContinue => {
                    run.close().unwrap();
                    check(&model, &repo, &hash);
                    run = Run::resume(open(directory.path()), &hash, None).unwrap();
                }
            }
        }
        run.close().unwrap();
        check(&model, &repo, &hash);
    }
}

/// Bytes of the data file that hold data, and its size.
fn usage(repo: &RepoRef) -> (u64, u64) {
    repo.store.file_usage().unwrap()
}

#[test]
fn late_points_cost_the_blocks_that_they_touch() {
    const POINTS: i64 = 1_000_000;
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), None).unwrap();
    let metric = run.metric("loss", None).unwrap();
    let value = |step: i64| (step as f64).sin();
    let steps: Vec<i64> = (0..POINTS).map(|i| 2 * i).collect();
    let values: Vec<f64> = steps.iter().map(|s| value(*s)).collect();
    metric.track_many(&values, Some(&steps), None).unwrap();
    run.flush().unwrap();
    let (used, size) = usage(&repo);
    assert!(used > 4 << 20, "{used}");
    // One commit over all that is there.
    for round in 0..4 {
        for step in [2 * POINTS + round, 1 + 2 * round, -1 - round] {
            metric.track(value(step), step, EPOCH_NONE).unwrap();
        }
        run.flush().unwrap();
    }
    let (now_used, now_size) = usage(&repo);
    assert!(now_used < used + (1 << 20), "{used} became {now_used}");
    assert!(now_size < size + (2 << 20), "{size} became {now_size}");
    run.close().unwrap();
    let (aggregates, points) = read(&repo, run.hash()).unwrap();
    assert_eq!(aggregates.count, POINTS as u64 + 12);
    assert_eq!(points.len(), POINTS as usize + 12);
    assert!(points.steps.windows(2).all(|w| w[0] < w[1]));
    let sound = points.steps.iter().zip(&points.values);
    assert!(sound.clone().all(|(s, v)| *v == value(*s)));
    let least = points.values.iter().copied().fold(f64::NAN, f64::min);
    assert_eq!(aggregates.min(), least);
}

#[test]
fn ranges_that_grow_side_by_side_make_full_blocks() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), None).unwrap();
    let metric = run.metric("loss", None).unwrap();
    // Eight ranks from the front, and one from the back.
    for commit in 0..40 {
        for rank in 0..8i64 {
            let steps: Vec<i64> = (0..1000)
                .map(|i| rank * 1_000_000 + commit * 1000 + i)
                .collect();
            metric
                .track_many(&vec![1.0; 1000], Some(&steps), None)
                .unwrap();
        }
        let steps: Vec<i64> = (0..1000).map(|i| -commit * 1000 - i - 1).collect();
        metric
            .track_many(&vec![2.0; 1000], Some(&steps), None)
            .unwrap();
        run.flush().unwrap();
    }
    run.close().unwrap();
    let (aggregates, points) = read(&repo, run.hash()).unwrap();
    assert_eq!((aggregates.count, points.len()), (360_000, 360_000));
    assert_eq!(
        (aggregates.first_step, aggregates.last_step),
        (-40_000, 7_039_999)
    );
    let (id, _) = repo.find_run(run.hash()).unwrap();
    let txn = repo.store.read().unwrap();
    let key = txn.run_series_keys(id).unwrap()[0];
    let mut blocks = 0;
    txn.blocks(key, i64::MIN, i64::MAX, |_, _, _| {
        blocks += 1;
        Ok(())
    })
    .unwrap();
    assert!(blocks < 2 * 360_000 / 8192, "{blocks} blocks");
}

#[test]
fn a_point_without_a_step_replaces_none_where_there_is_no_step_left() {
    let directory = tempfile::tempdir().unwrap();
    let repo = open(directory.path());
    let run = Run::create(repo.clone(), None).unwrap();
    let metric = run.metric("loss", None).unwrap();
    for (last, counted) in [(i64::MAX - 2, 0), (i64::MAX - 1, 2), (i64::MAX, 4)] {
        metric.track(f64::NAN, last, EPOCH_NONE).unwrap();
        metric.track(0.5, STEP_AUTO, EPOCH_NONE).unwrap();
        metric.track(0.25, STEP_AUTO, EPOCH_NONE).unwrap();
        run.flush().unwrap();
        let stats = repo.writer_stats().unwrap();
        assert_eq!((stats.set_aside, stats.failures), (counted, 0));
        let (aggregates, _) = read(&repo, run.hash()).unwrap();
        assert_eq!(aggregates.last_step, i64::MAX);
    }
    let (aggregates, points) = read(&repo, run.hash()).unwrap();
    assert_eq!(points.steps, [i64::MAX - 2, i64::MAX - 1, i64::MAX]);
    assert!(points.values.iter().all(|v| v.is_nan()));
    assert!(aggregates.min().is_nan() && aggregates.max().is_nan());
}
