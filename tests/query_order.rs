//! The order of an answer, and answers that come in pages: over a repository, through the library.

use aim::error::Status;
use aim::query::{Bounds, Cursor, Options, OrderBy, Query, Select, query, visit};
use aim::repo::{Location, Property, Repo, RepoOptions, RepoRef};
use aim::run::{EPOCH_NONE, Run};
use aim_value::Tree;

fn empty() -> (tempfile::TempDir, RepoRef) {
    let directory = tempfile::tempdir().unwrap();
    let location = Location {
        root: directory.path().to_owned(),
    };
    let repo = Repo::open(location, &RepoOptions::default(), true).unwrap();
    (directory, repo)
}

/// Runs called a to f, in this order of creation, with a param `x` of many types and a metric.
fn mixed() -> (tempfile::TempDir, RepoRef) {
    let (directory, repo) = empty();
    let values = [
        ("a", Some(Tree::Float(0.5))),
        ("b", Some(Tree::Int(i64::MAX))),
        ("c", Some(Tree::Str("sgd".into()))),
        ("d", None),
        ("e", Some(Tree::Float(f64::NAN))),
        ("f", Some(Tree::Int(-3))),
        ("g", Some(Tree::Bool(true))),
        ("h", Some(Tree::Float(9.3e18))),
    ];
    for (i, (name, value)) in values.into_iter().enumerate() {
        let run = Run::create(repo.clone(), Some(["one", "two"][i % 2])).unwrap();
        run.set(Property::Name(name.to_owned())).unwrap();
        if let Some(value) = value {
            run.set_param("x", value).unwrap();
        }
        let loss = run.metric("loss", None).unwrap();
        loss.track(((i * 5) % 8) as f64, 0, EPOCH_NONE).unwrap();
        run.close().unwrap();
    }
    (directory, repo)
}

fn ordered(expression: &str, descending: bool) -> Options<'_> {
    Options {
        order: Some(OrderBy {
            expression,
            descending,
        }),
        ..Options::default()
    }
}

/// The names of the runs of an answer.
fn names(answer: &Query) -> String {
    let names = (0..answer.rows().len()).map(|i| answer.record(i).unwrap().display_name());
    names.collect()
}

fn ask(repo: &RepoRef, select: Select, options: Options<'_>) -> String {
    names(&query(repo, "", select, options).unwrap())
}

#[test]
fn any_value_orders_an_answer_and_what_has_none_comes_last() {
    let (_directory, repo) = mixed();
    let runs = |by: &str, descending| ask(&repo, Select::Runs, ordered(by, descending));
    // Numbers by value, whatever their type, then texts; None and NaN last, the newest first.
    assert_eq!(runs("run.x", false), "fagbhced");
    assert_eq!(runs("run.x", true), "chbgafed");
    assert_eq!(runs("run.created_at", false), "abcdefgh");
    assert_eq!(runs("run.created_at", true), "hgfedcba");
    assert_eq!(runs("run.created_at.year", true), "hgfedcba");
    assert_eq!(runs("(run.experiment, run.name)", false), "acegbdfh");
    assert_eq!(runs("(run.experiment, run.name)", true), "hfdbgeca");
    assert_eq!(runs("run.metrics['loss', {}].last", false), by_loss());
    assert_eq!(
        ask(&repo, Select::Metrics, ordered("metric.last", false)),
        by_loss()
    );
    assert_eq!(
        ask(&repo, Select::Metrics, ordered("-metric.last", true)),
        by_loss()
    );
}

/// Of `mixed`, the names by the values of the metric.
fn by_loss() -> String {
    let mut names: Vec<(usize, char)> = ('a'..='h')
        .enumerate()
        .map(|(i, n)| ((i * 5) % 8, n))
        .collect();
    names.sort_unstable();
    names.into_iter().map(|(_, name)| name).collect()
}

#[test]
fn offset_and_limit_count_in_the_order_that_is_asked_for() {
    let (_directory, repo) = mixed();
    let part = |offset, limit| {
        let options = Options {
            offset,
            limit,
            ..ordered("run.name", false)
        };
        ask(&repo, Select::Runs, options)
    };
    assert_eq!(part(0, Some(3)), "abc");
    assert_eq!(part(2, Some(3)), "cde");
    assert_eq!(part(6, Some(9)), "gh");
    assert_eq!(part(6, None), "gh");
    assert_eq!(part(8, None), "");
    // `visit` gives the same rows.
    let mut seen = Vec::new();
    visit(&repo, "", Select::Runs, ordered("run.name", true), |row| {
        seen.push(row.run.id);
        Ok(seen.len() < 2)
    })
    .unwrap();
    assert!(seen.len() == 2 && seen[0] > seen[1], "{seen:?}");
}

#[test]
fn what_is_wrong_with_the_order_is_told() {
    let (_directory, repo) = mixed();
    let ask = |by| query(&repo, "", Select::Runs, ordered(by, false));
    for by in ["run.x +", "run.name.foo", "", "metric.lst", "run.x\0"] {
        let error = ask(by).err().unwrap();
        assert_eq!(error.status, Status::Syntax, "{by}: {error}");
        assert!(error.message.contains("what to order by"), "{error}");
    }
    let answer = ask("1 / 0").unwrap();
    assert_eq!(answer.rows().len(), 8);
    let warning = answer.warning().unwrap();
    assert!(
        warning.contains("fails on 8 rows") && warning.contains("ZeroDivisionError"),
        "{warning}"
    );
    let answer = ask("run.y").unwrap();
    assert!(
        answer
            .warning()
            .unwrap()
            .contains("no run has the param run.y")
    );
    let answer = ask("run.x == {}").unwrap();
    assert_eq!(answer.warning(), None);
    let answer = ask("{1: 2}").unwrap();
    assert!(
        answer
            .warning()
            .unwrap()
            .contains("a dict has no place in an order")
    );
}

#[test]
fn an_order_keeps_to_the_bounds_of_the_query() {
    let (_directory, repo) = mixed();
    let bounded = |bounds, limit| {
        let options = Options {
            bounds,
            limit,
            ..ordered("run.name * 1000", false)
        };
        query(&repo, "", Select::Runs, options)
    };
    let memory = Bounds {
        memory: 10_000,
        ..Bounds::default()
    };
    assert_eq!(bounded(memory, None).err().unwrap().status, Status::Limit);
    let rows = Bounds {
        rows: 3,
        ..Bounds::default()
    };
    assert_eq!(bounded(rows, None).err().unwrap().status, Status::Limit);
    assert_eq!(names(&bounded(rows, Some(3)).unwrap()), "abc");
}

fn track(run: &Run, i: i32, value: f64) {
    let name = format!("m{i}");
    run.track(name.as_bytes(), None, value, 0, EPOCH_NONE)
        .unwrap();
}

fn pages(mut cursor: Cursor) -> Vec<Query> {
    std::iter::from_fn(|| cursor.next(None).unwrap()).collect()
}

/// Hash and name of each row.
fn rows(answer: &Query) -> Vec<(String, String)> {
    let rows = answer.rows().iter();
    rows.map(|row| {
        let name = row
            .metric
            .as_ref()
            .map_or(String::new(), |m| m.name.to_string());
        (row.run.hash_text(), name)
    })
    .collect()
}

#[test]
fn pages_are_the_answer_in_parts() {
    let (_directory, repo) = empty();
    for _ in 0..50 {
        let run = Run::create(repo.clone(), None).unwrap();
        for i in 0..1000 {
            track(&run, i, f64::from(i));
        }
        run.close().unwrap();
    }
    for by in [None, Some("metric.last")] {
        for (offset, limit) in [
            (0, None),
            (17_500, Some(20_000)),
            (49_999, None),
            (0, Some(1)),
        ] {
            let options = || Options {
                offset,
                limit,
                order: by.map(|expression| OrderBy {
                    expression,
                    descending: true,
                }),
                ..Options::default()
            };
            let whole = query(&repo, "metric.last >= 0", Select::Metrics, options()).unwrap();
            let cursor = Cursor::new(&repo, "metric.last >= 0", Select::Metrics, &options());
            let parts = pages(cursor);
            let together: Vec<_> = parts.iter().flat_map(rows).collect();
            assert_eq!(together, rows(&whole), "{by:?} {offset} {limit:?}");
            assert!(parts.iter().all(|part| part.rows().len() < 18_000));
            if limit.is_none() && offset == 0 {
                assert!(parts.len() > 2, "{} pages", parts.len());
            }
        }
    }
    // What nothing answers is one page without rows.
    let none = pages(Cursor::new(
        &repo,
        "False",
        Select::Runs,
        &Options::default(),
    ));
    assert!(none.len() == 1 && none[0].rows().is_empty());
    let mut wrong = Cursor::new(&repo, "run.", Select::Runs, &Options::default());
    assert_eq!(wrong.next(None).err().unwrap().status, Status::Syntax);
    assert!(wrong.next(None).unwrap().is_none());
}

#[test]
fn a_cursor_goes_on_while_runs_come_and_go() {
    let (_directory, repo) = empty();
    let make = || {
        let run = Run::create(repo.clone(), None).unwrap();
        (0..10_000).for_each(|i| track(&run, i, 0.0));
        run.close().unwrap();
        run.hash().to_owned()
    };
    let hashes: Vec<String> = (0..4).map(|_| make()).collect();
    let mut cursor = Cursor::new(&repo, "", Select::Metrics, &Options::default());
    let first = cursor.next(None).unwrap().unwrap();
    assert_eq!(first.rows().len(), 20_000);
    make();
    repo.delete_run(&hashes[1]).unwrap();
    let second = cursor.next(None).unwrap().unwrap();
    let last = rows(&second);
    assert!(last.len() == 10_000 && last.iter().all(|(hash, _)| *hash == hashes[0]));
    assert!(cursor.next(None).unwrap().is_none());
    // Cancelled, there is nothing more.
    let mut cursor = Cursor::new(&repo, "", Select::Metrics, &Options::default());
    let error = cursor.next(Some(&mut |_, _| false)).err().unwrap();
    assert_eq!(error.status, Status::Cancelled);
    assert!(cursor.next(None).unwrap().is_none());
}
