//! Going back to an earlier step.

use crate::repo;
use aim::query::{self, Options, Select};
use aim::repo::RepoRef;
use aim::run::{EPOCH_NONE, Run, RunOptions, STEP_AUTO, Which};
use proptest::prelude::*;

/// Steps and values of a metric, after a check of what is known of it without reading its points.
fn points(repo: &RepoRef, name: &str) -> Vec<(i64, f64)> {
    let expression = format!("metric.name == '{name}'");
    let found = query::query(repo, &expression, Select::Metrics, Options::default()).unwrap();
    if found.rows().is_empty() {
        return Vec::new();
    }
    let columns = found.columns(0).unwrap();
    let known = found.metric(0).unwrap().aggregates;
    let values = &columns.values;
    assert_eq!(known.count as usize, values.len());
    assert_eq!(
        (known.first_step, known.first),
        (columns.steps[0], values[0])
    );
    let last = values.len() - 1;
    assert_eq!(
        (known.last_step, known.last),
        (columns.steps[last], values[last])
    );
    assert_eq!(
        known.min(),
        values.iter().copied().fold(f64::INFINITY, f64::min)
    );
    assert_eq!(
        known.max(),
        values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    );
    columns
        .steps
        .iter()
        .copied()
        .zip(values.iter().copied())
        .collect()
}

#[test]
fn a_rewound_run_goes_on_from_there() {
    let (_directory, repo) = repo();
    let run = Run::create(repo.clone(), None).unwrap();
    let metric = |name| run.metric(name, None).unwrap();
    let (loss, other, late) = (metric("loss"), metric("other"), metric("late"));
    for step in 0..30_000 {
        loss.track(-(step as f64), step, EPOCH_NONE).unwrap();
        other.track(step as f64, step, EPOCH_NONE).unwrap();
    }
    late.track(1.0, 25_000, EPOCH_NONE).unwrap();
    assert_eq!(run.rewind(20_000, &["other"]).unwrap(), 10_000);
    assert_eq!(
        (points(&repo, "loss").len(), points(&repo, "other").len()),
        (30_000, 20_000)
    );
    assert_eq!(run.rewind(10_001, &[]).unwrap(), 19_999 + 9_999 + 1);
    assert_eq!(points(&repo, "late"), []);
    loss.track(7.0, STEP_AUTO, EPOCH_NONE).unwrap();
    late.track(2.0, 3, EPOCH_NONE).unwrap();
    run.flush().unwrap();
    let expected: Vec<_> = (0..10_001)
        .map(|s| (s, -(s as f64)))
        .chain([(10_001, 7.0)])
        .collect();
    assert!(points(&repo, "loss") == expected);
    assert_eq!(points(&repo, "late"), [(3, 2.0)]);
    assert_eq!(run.rewind(100_000, &[]).unwrap(), 0);
    assert!(run.rewind(0, &[""]).is_err());
}

#[test]
fn a_run_is_continued_from_a_step() {
    let (_directory, repo) = repo();
    let run = Run::create(repo.clone(), None).unwrap();
    for step in 0..150 {
        run.track(b"loss", None, 1.0, step, EPOCH_NONE).unwrap();
    }
    run.close().unwrap();
    let options = RunOptions {
        which: Which::Existing(run.hash()),
        resume_step: Some(100),
        ..RunOptions::default()
    };
    let first = Run::open(repo.clone(), &options).unwrap();
    assert_eq!(points(&repo, "loss").len(), 100);
    first.track(b"loss", None, 2.0, 100, EPOCH_NONE).unwrap();
    // Whoever joins does not drop what the first has tracked since.
    let second = Run::open(repo.clone(), &options).unwrap();
    first.flush().unwrap();
    assert_eq!(points(&repo, "loss").len(), 101);
    drop((first, second));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_remains_is_what_lies_before(
        steps in proptest::collection::vec(0i64..60_000, 1..20),
        cuts in proptest::collection::vec(-10i64..60_010, 1..4),
        length in 1i64..9_000,
    ) {
        let (_directory, repo) = repo();
        let run = Run::create(repo.clone(), None).unwrap();
        let metric = run.metric("loss", None).unwrap();
        let mut model = std::collections::BTreeMap::new();
        let mut rounds = cuts.iter();
        for (n, start) in steps.iter().enumerate() {
            for step in *start..start + length {
                let value = ((step * 37 + n as i64) % 1001) as f64;
                metric.track(value, step, EPOCH_NONE).unwrap();
                model.insert(step, value);
            }
            if n % 5 == 4 && let Some(cut) = rounds.next() {
                run.rewind(*cut, &[]).unwrap();
                model.retain(|step, _| step < cut);
            }
        }
        run.flush().unwrap();
        prop_assert!(points(&repo, "loss") == model.into_iter().collect::<Vec<_>>());
    }
}
