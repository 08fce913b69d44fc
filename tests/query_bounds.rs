//! What a query may cost, who watches it, and what it says of the expression: over a repository, through the library.

use aim::error::Status;
use aim::query::{Bounds, Options, Query, Select, query, visit};
use aim::repo::{Location, Repo, RepoOptions, RepoRef};
use aim::run::{EPOCH_NONE, Run};
use aim_value::Tree;
use std::cell::Cell;
use std::time::Duration;

/// A repository in a directory of its own with `runs` runs, the params of which are `x`, `hparams.lr` and `big`.
fn repository(runs: i64) -> (tempfile::TempDir, RepoRef) {
    let directory = tempfile::tempdir().unwrap();
    let location = Location {
        root: directory.path().to_owned(),
    };
    let repo = Repo::open(location, &RepoOptions::default(), true).unwrap();
    for i in 0..runs {
        let run = Run::create(repo.clone(), None).unwrap();
        run.set_param("x", Tree::Int(i)).unwrap();
        run.set_param("/hparams/lr", Tree::Float(0.1)).unwrap();
        let loss = run.metric("loss", Some(r#"{"subset":"train"}"#)).unwrap();
        for step in 0..=i {
            loss.track(1.0, step, EPOCH_NONE).unwrap();
        }
        run.close().unwrap();
    }
    (directory, repo)
}

fn ask(repo: &RepoRef, expression: &str, options: Options<'_>) -> aim::error::Result<Query> {
    query(repo, expression, Select::Runs, options)
}

fn bounded(bounds: Bounds) -> Options<'static> {
    Options {
        bounds,
        ..Options::default()
    }
}

#[test]
fn each_bound_of_a_query_ends_it_with_a_message_that_names_it() {
    let (_directory, repo) = repository(3);
    let default = Bounds::default();
    let long = "all(True for i in range(900000))";
    for (bounds, expression, wanted) in [
        (
            Bounds {
                steps: 1_000_000,
                ..default
            },
            long,
            "bound of 1000000 steps",
        ),
        (Bounds { rows: 2, ..default }, "", "bound of 2 rows"),
        (
            Bounds {
                memory: 100,
                ..default
            },
            "",
            "bound of 100 bytes",
        ),
        (
            Bounds {
                time: Some(Duration::from_nanos(1)),
                ..default
            },
            long,
            "takes longer than its bound",
        ),
    ] {
        let error = ask(&repo, expression, bounded(bounds)).err().expect(wanted);
        assert_eq!(error.status, Status::Limit, "{error}");
        assert!(error.message.contains(wanted), "{error}");
    }
    // At the bound nothing is wrong.
    let bounds = Bounds { rows: 3, ..default };
    assert_eq!(ask(&repo, "", bounded(bounds)).unwrap().rows().len(), 3);
    let part = Options {
        offset: 1,
        limit: Some(2),
        bounds: Bounds { rows: 2, ..default },
        ..Options::default()
    };
    assert_eq!(ask(&repo, "", part).unwrap().rows().len(), 2);
}

#[test]
fn the_bounds_of_a_row_fail_the_row() {
    let (_directory, repo) = repository(2);
    let expression = "run.x == 0 or all(True for i in range(2000)) or True";
    let default = Bounds::default();
    for (bounds, wanted) in [
        (
            Bounds {
                row_steps: 1000,
                ..default
            },
            "bound of 1000 steps",
        ),
        (
            Bounds {
                row_memory: 100,
                ..default
            },
            "bound of 100 bytes",
        ),
    ] {
        let answer = ask(&repo, expression, bounded(bounds)).unwrap();
        assert_eq!((answer.rows().len(), answer.failures().count), (1, 1));
        let reason = answer.failures().first.as_deref().unwrap();
        assert!(reason.contains(wanted), "{reason}");
    }
    assert_eq!(
        ask(&repo, expression, Options::default())
            .unwrap()
            .rows()
            .len(),
        2
    );
}

#[test]
fn a_row_under_way_tells_how_far_it_is_and_can_be_cancelled() {
    let (_directory, repo) = repository(1);
    let bounds = Bounds {
        row_steps: u64::MAX,
        steps: u64::MAX,
        ..Bounds::default()
    };
    let calls = Cell::new(0);
    let mut tell = |done: u64, total: u64| {
        assert_eq!((done, total), (0, 1));
        calls.set(calls.get() + 1);
        calls.get() < 5
    };
    let options = Options {
        progress: Some(&mut tell),
        bounds,
        ..Options::default()
    };
    let error = ask(&repo, "all(True for i in range(10**15))", options).err();
    assert_eq!(error.map(|e| e.status), Some(Status::Cancelled));
    assert_eq!(calls.get(), 5);
}

#[test]
fn rows_are_visited_one_by_one_until_enough() {
    let (_directory, repo) = repository(5);
    let mut seen = Vec::new();
    let summary = visit(
        &repo,
        "run.nope == None",
        Select::Metrics,
        Options::default(),
        |row| {
            seen.push(row.metric.unwrap().aggregates.count);
            Ok(seen.len() < 3)
        },
    );
    assert_eq!(seen, [5, 4, 3]);
    assert_eq!(summary.unwrap().warnings, ["no run has the param run.nope"]);
}

#[test]
fn a_param_that_no_run_has_is_named_with_the_one_that_was_meant() {
    let (_directory, repo) = repository(2);
    let warning = |expression: &str| {
        let answer = ask(&repo, expression, Options::default()).unwrap();
        answer.warning().map(str::to_owned)
    };
    assert_eq!(
        warning("run.hparams.lr > 0 or run['x'] or run.get('y')"),
        None
    );
    assert_eq!(
        warning("run.hparms.lr > 0").as_deref(),
        Some("no run has the param run.hparms.lr")
    );
    assert_eq!(
        warning("run.hparams.ler > 0 and run['a b'] == 3").as_deref(),
        Some(
            "no run has the param run.hparams.ler; did you mean run.hparams.lr?\n\
             no run has the param run[\"a b\"]"
        )
    );
}

#[test]
fn an_attribute_that_nothing_has_is_an_error_of_the_query() {
    let (_directory, repo) = repository(1);
    for (expression, wanted) in [
        (
            "metric.naem == 'x'",
            "metric has no attribute \"naem\"; did you mean \"name\"?",
        ),
        ("metric.cuont > 1", "did you mean \"count\"?"),
        ("run.metrics['loss'].lst", "did you mean \"last\"?"),
        (
            "math.sqr(run.x)",
            "math has no attribute \"sqr\"; did you mean \"sqrt\"?",
        ),
        ("run.name.startwith('a')", "did you mean \"startswith\"?"),
        ("datetime.nwo()", "did you mean \"now\"?"),
    ] {
        let error = query(&repo, expression, Select::Metrics, Options::default());
        let error = error.err().expect(expression);
        assert_eq!(error.status, Status::Syntax);
        assert!(error.message.contains(wanted), "{error}");
    }
}

#[test]
fn counts_of_points_are_known() {
    let (_directory, repo) = repository(4);
    let count = |expression: &str, select| {
        query(&repo, expression, select, Options::default())
            .unwrap()
            .rows()
            .len()
    };
    assert_eq!(count("metric.count > 2", Select::Metrics), 2);
    assert_eq!(
        count(
            "run.metrics['loss', {'subset': 'train'}].count == 3",
            Select::Runs
        ),
        1
    );
    assert_eq!(
        count(
            "any(run.metrics[n, {'subset': 'train'}].count == 4 for n in ['loss'])",
            Select::Runs
        ),
        0,
        "`run` is not seen inside of a generator"
    );
    assert_eq!(
        count(
            "run.metrics['lo' + 'ss', {'subset': 'train'}].count == 4",
            Select::Runs
        ),
        1
    );
}

#[test]
fn little_stack_is_enough() {
    let (_directory, repo) = repository(1);
    let deep = format!("{}run.x{} == 0", "(".repeat(60), ")".repeat(60));
    let tree = format!("{}1{}", "[".repeat(128), "]".repeat(128));
    let thread = std::thread::Builder::new().stack_size(64 * 1024);
    let thread = thread.spawn(move || {
        assert_eq!(
            ask(&repo, &deep, Options::default()).unwrap().rows().len(),
            1
        );
        let recursive = "(lambda f: f(f))(lambda f: f(f))";
        assert_eq!(
            ask(&repo, recursive, Options::default())
                .unwrap()
                .failures()
                .count,
            1
        );
        assert_eq!(Tree::from_json(&tree).unwrap().to_json(), tree);
        let tree = Tree::from_json(&tree).unwrap();
        assert_eq!(Tree::decode(&tree.to_bytes()).unwrap(), tree);
    });
    thread.unwrap().join().unwrap();
}

/// A query that takes long reads its runs from one snapshot after the other: what others write meanwhile can be put where
/// the old was.
#[test]
fn a_long_query_does_not_keep_old_pages_from_being_used_again() {
    let (directory, repo) = repository(25);
    let writer = Run::create(repo.clone(), None).unwrap();
    let text = "x".repeat(100_000);
    let commits = Cell::new(0u64);
    // However slow the machine is: so many of one run, which is read from one snapshot.
    let (mut of_run, mut run) = (0, 0);
    let mut tell = |done: u64, _: u64| {
        (of_run, run) = (if done == run { of_run + 1 } else { 1 }, done);
        if of_run > 30 {
            return true;
        }
        writer
            .set_param("text", Tree::Str(format!("{text}{}", commits.get())))
            .unwrap();
        writer.flush().unwrap();
        commits.set(commits.get() + 1);
        true
    };
    let bounds = Bounds {
        row_steps: u64::MAX,
        steps: u64::MAX,
        time: None,
        ..Bounds::default()
    };
    let options = Options {
        progress: Some(&mut tell),
        bounds,
        no_index: true,
        ..Options::default()
    };
    let answer = ask(
        &repo,
        "run.x == None or all(True for i in range(3000000))",
        options,
    );
    let done = answer.map(|a| a.rows().len());
    let size = std::fs::metadata(directory.path().join(".aim/lmdb/data.mdb"))
        .unwrap()
        .len();
    // Each commit writes some 100 KB; a snapshot of a second holds back what is committed within it and the next.
    let written = commits.get() * 100_000;
    assert!(commits.get() > 60, "{} commits", commits.get());
    assert!(
        size < written / 2,
        "{size} bytes after {written} were written: {done:?}"
    );
}
