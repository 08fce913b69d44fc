//! Reading without an expression, continuing behind a run, and documents.

use aim::error::Status;
use aim::query::{self, Options, RunId, RunState, Sampling, Select};
use aim::repo::{Location, Repo, RepoOptions, RepoRef, documents};
use aim::run::{EPOCH_NONE, Run};
use aim_value::Tree;

fn repo() -> (tempfile::TempDir, RepoRef) {
    let directory = tempfile::tempdir().unwrap();
    let location = Location {
        root: directory.path().to_owned(),
    };
    let repo = Repo::open(location, &RepoOptions::default(), true).unwrap();
    (directory, repo)
}

fn run(repo: &RepoRef, experiment: &str, points: i64) -> Run {
    let run = Run::create(repo.clone(), Some(experiment)).unwrap();
    run.set_param("lr", Tree::Float(0.1)).unwrap();
    run.set_param("net", Tree::from_json(r#"{"depth": 3}"#).unwrap())
        .unwrap();
    let loss = run.metric("loss", Some(r#"{"subset": "train"}"#)).unwrap();
    let odd = run.metric("odd", None).unwrap();
    for step in 0..points {
        loss.track(step as f64 / 2.0, step, EPOCH_NONE).unwrap();
        if step % 2 == 1 {
            odd.track(step as f64, step, EPOCH_NONE).unwrap();
        }
    }
    run
}

#[test]
fn a_snapshot_shows_runs_params_metrics_and_points() {
    let (_directory, repo) = repo();
    let first = run(&repo, "a", 10);
    first.close().unwrap();
    let second = run(&repo, "b", 20_000);
    query::read(&repo, |snapshot| {
        let mut seen = Vec::new();
        snapshot.runs(|summary| {
            seen.push((summary.run.hash_text(), summary.experiment, summary.state));
            Ok(true)
        })?;
        assert_eq!(
            seen,
            [
                (second.hash().to_owned(), "b", RunState::Running),
                (first.hash().to_owned(), "a", RunState::Finished),
            ]
        );
        assert_eq!(snapshot.run_count()?, 2);
        let info = snapshot.find(second.hash())?.unwrap();
        assert_eq!(snapshot.record(&info)?.unwrap().state, RunState::Running);
        assert_eq!(
            snapshot.params(&info)?.to_json(),
            r#"{"lr":0.1,"net":{"depth":3}}"#
        );
        let metrics = snapshot.metrics(&info)?;
        let names: Vec<(&str, &str)> = metrics.iter().map(|m| (&*m.name, &*m.context)).collect();
        assert_eq!(names, [("loss", r#"{"subset":"train"}"#), ("odd", "{}")]);
        assert_eq!(metrics[0].aggregates.last_step, 19_999);
        let sample = snapshot.sample(&metrics[0], 100, Sampling::MinMax)?;
        assert_eq!(sample.steps.last(), Some(&19_999));
        // Steps before, in, between and behind those of the metric, over more than one block.
        let values = snapshot.values_at(&metrics[1], &[-5, 1, 2, 8191, 8193, 19_999, 30_000])?;
        assert_eq!(
            values,
            [
                None,
                Some(1.0),
                None,
                Some(8191.0),
                Some(8193.0),
                Some(19_999.0),
                None
            ]
        );
        let wrong = snapshot.values_at(&metrics[1], &[2, 1]).unwrap_err();
        assert_eq!(wrong.status, Status::InvalidArgument);
        let all = snapshot.metric_names()?;
        assert_eq!(all["loss"].first().unwrap(), r#"{"subset":"train"}"#);
        let paths: Vec<String> = snapshot
            .param_paths(10)?
            .iter()
            .map(|p| p.to_string())
            .collect();
        assert_eq!(paths, ["/lr", "/net", "/net/depth"]);
        assert!(snapshot.find("000000000000000000000000")?.is_none());
        Ok(())
    })
    .unwrap();
    second.delete_param("/net/depth").unwrap();
    first_paths_are_gone(&repo, &first, &second);
}

/// A param that no run has any more is not listed.
fn first_paths_are_gone(repo: &RepoRef, first: &Run, second: &Run) {
    repo.delete_run(first.hash()).unwrap();
    second.delete_param("lr").unwrap();
    let paths = query::read(repo, |snapshot| snapshot.param_paths(10)).unwrap();
    assert_eq!(paths.len(), 1);
    assert_eq!(paths[0].to_string(), "/net");
}

#[test]
fn a_query_goes_on_behind_a_run() {
    let (_directory, repo) = repo();
    let runs: Vec<Run> = (0..6)
        .map(|i| run(&repo, if i % 2 == 0 { "even" } else { "odd" }, 2))
        .collect();
    let ask = |expression: &str, behind: Option<RunId>| -> Vec<(RunId, String)> {
        let options = Options {
            behind,
            limit: Some(2),
            ..Options::default()
        };
        let found = query::query(&repo, expression, Select::Runs, options).unwrap();
        found
            .rows()
            .iter()
            .map(|r| (r.run.id, r.run.hash_text()))
            .collect()
    };
    for (expression, expected) in [
        ("", vec![5, 4, 3, 2, 1, 0]),
        ("run.experiment == 'even'", vec![4, 2, 0]),
    ] {
        let mut all: Vec<(RunId, String)> = Vec::new();
        loop {
            let part = ask(expression, all.last().map(|run| run.0));
            if part.is_empty() {
                break;
            }
            all.extend(part);
        }
        let expected: Vec<&str> = expected.iter().map(|i: &usize| runs[*i].hash()).collect();
        let found: Vec<&str> = all.iter().map(|run| &*run.1).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn documents_change_in_transactions() {
    let (_directory, repo) = repo();
    assert_eq!(repo.document("ui", "x").unwrap(), None);
    repo.edit_documents(|edit| {
        edit.put("ui", "x", "{}")?;
        edit.put("ui", "ü", "2")?;
        edit.put("ui2", "z", "3")
    })
    .unwrap();
    let undone = repo.edit_documents(|edit| {
        edit.put("ui", "x", "lost")?;
        edit.delete("ui", "ü")?;
        edit.put("ui", "", "no id")
    });
    assert_eq!(undone.unwrap_err().status, Status::InvalidArgument);
    let all = repo.documents("ui").unwrap();
    assert_eq!(all, [("x".into(), "{}".into()), ("ü".into(), "2".into())]);
    let gone = repo
        .edit_documents(|edit| Ok((edit.delete("ui", "x")?, edit.delete("ui", "x")?)))
        .unwrap();
    assert_eq!(gone, (true, false));
}

#[test]
fn documents_have_limits() {
    let (_directory, repo) = repo();
    let put = |id: &str, size: usize| {
        repo.edit_documents(|edit| edit.put("ui", id, &"x".repeat(size)))
            .map_err(|e| e.status)
    };
    let most = documents::MAX_DOCUMENT;
    assert_eq!(put("a", most - 1), Ok(()));
    assert_eq!(put("a", most), Ok(()));
    assert_eq!(repo.document("ui", "a").unwrap().unwrap().len(), most);
    assert_eq!(put("a", most + 1), Err(Status::Limit));
    assert_eq!(put(&"i".repeat(documents::MAX_ID), 1), Ok(()));
    let too_long = put(&"i".repeat(documents::MAX_ID + 1), 1);
    assert_eq!(too_long, Err(Status::InvalidArgument));
    assert_eq!(put("a\0b", 1), Err(Status::InvalidArgument));
}
