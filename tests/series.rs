//! Sequences against a model: whatever order steps come in, with flushes anywhere, a sequence holds for each step the
//! point that was tracked last, and its aggregates are those of its points.

use aim::repo::{Location, Repo, RepoOptions, RepoRef};
use aim::run::{EPOCH_NONE, Run, STEP_AUTO};
use aim::store::{Points, Runs, SeriesReading};
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
    a.to_bits() == b.to_bits() || a == b
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
    // Python's min and max: the first value stays unless a later one compares less or greater.
    let fold = |better: fn(f64, f64) -> bool| {
        model
            .values()
            .copied()
            .reduce(|best, v| if better(v, best) { v } else { best })
            .unwrap()
    };
    assert!(
        same(aggregates.min(), fold(|a, b| a < b)),
        "min of {model:?}"
    );
    assert!(
        same(aggregates.max(), fold(|a, b| a > b)),
        "max of {model:?}"
    );
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
