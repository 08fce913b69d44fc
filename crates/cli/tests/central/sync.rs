//! What comes into the store, and what changes there as the repository does.

use crate::common::{Sandbox, picture, sample};
use crate::equal::assert_equal;
use crate::server::Server;
use aim::repo::{Edit, NoteEdit, Property};
use aim::run::{EPOCH_NONE, Run, RunOptions, Which};
use aim_value::Tree;

#[test]
fn everything_comes_and_comes_once() {
    let server = Server::new();
    let url = server.database("central");
    let s = Sandbox::new();
    sample(&s.repo("a"));
    let first = s.run("a", &["sync", "--init", ".", &url]);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.err.starts_with("brought 5 runs with "), "{first:?}");
    let mut client = server.client("central");
    assert!(assert_equal(&s.repo("a"), &mut client) > 10_000);
    // Nothing is new: nothing is written.
    let written = |client: &mut postgres::Client| -> Vec<String> {
        let sql = "SELECT xmin::text || ctid::text FROM aim_run UNION ALL SELECT xmin::text || ctid::text FROM aim_chunk ORDER BY 1";
        client
            .query(sql, &[])
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect()
    };
    let before = written(&mut client);
    let again = s.run("a", &["sync", &url]);
    assert_eq!(again.code, 0, "{again:?}");
    assert!(again.err.starts_with("brought 0 runs") && again.err.contains("5 were there already"));
    assert_eq!(written(&mut client), before);
    // Runs of a query only, into another store.
    let other = server.database("other");
    let some = s.run(
        "a",
        &[
            "sync",
            "--init",
            "-q",
            "run.hparams.lr < 0.015",
            ".",
            &other,
        ],
    );
    assert!(some.err.starts_with("brought 2 runs"), "{some:?}");
    // Pictures stay where they are, which is said.
    let run = Run::create(s.repo("a"), Some("pictures")).unwrap();
    picture(&run, 0, b"GIF89a of a kind");
    run.close().unwrap();
    drop(run);
    let left = s.run("a", &["sync", &url]);
    assert!(
        left.err.starts_with("brought 1 run with 0 points in "),
        "{left:?}"
    );
    assert!(
        left.err.contains(", without 1 point of objects"),
        "{left:?}"
    );
    // A copy of a run is the same run, wherever it comes from.
    s.run("a", &["cp", "-t", "../b", "baseline", "wide"]);
    let copy = s.run("b", &["sync", ".", &url]);
    assert!(copy.err.contains("2 were there already"), "{copy:?}");
}

#[test]
fn what_changes_in_the_repository_changes_in_the_store() {
    let server = Server::new();
    let url = server.database("central");
    let s = Sandbox::new();
    let repo = s.repo("a");
    let mut client = server.client("central");
    let sync = |args: &[&str]| {
        repo.flush().unwrap();
        let said = s.run("a", &[&["sync", "--init", ".", &url], args].concat());
        assert_eq!(said.code, 0, "{said:?}");
        said.err
    };
    // As a run is written.
    let run = Run::create(repo.clone(), Some("digits")).unwrap();
    run.set_param("lr", Tree::Float(0.1)).unwrap();
    let loss = run.metric("loss", None).unwrap();
    for round in 0..6 {
        for i in 0..700 {
            let step = round * 700 + i;
            loss.track(1.0 / (1 + step) as f64, step, round).unwrap();
        }
        run.log(20, &format!("round {round}"), None).unwrap();
        sync(&[]);
        assert_eq!(assert_equal(&repo, &mut client), 700 * (round as u64 + 1));
        let state: String = client
            .query_one("SELECT state FROM runs", &[])
            .unwrap()
            .get(0);
        assert_eq!(state, "running");
    }
    // Points in between, others in place of those there, odd values and names.
    for (step, value) in [
        (5, f64::NAN),
        (6, f64::NEG_INFINITY),
        (-7, -0.0),
        (100_000, 1e-310),
    ] {
        loss.track(value, step, EPOCH_NONE).unwrap();
    }
    let odd = run.metric(
        "a \"quoted\" ünï\u{1}",
        Some(r#"{"k": [1, {"x": null}], "n": 1e400}"#),
    );
    odd.unwrap().track(0.1, 1, 2).unwrap();
    run.set_param(
        "odd",
        Tree::Dict(vec![
            ("".into(), Tree::Str("\u{7f}ü".into())),
            ("nan".into(), Tree::Float(f64::NAN)),
            ("bytes".into(), Tree::Bytes(vec![0, 255])),
            (
                "list".into(),
                Tree::from_json("[1, [2.5, null, true]]").unwrap(),
            ),
        ]),
    )
    .unwrap();
    sync(&[]);
    assert_equal(&repo, &mut client);
    run.set_param("odd", Tree::Int(1)).unwrap();
    run.close().unwrap();
    sync(&[]);
    assert_equal(&repo, &mut client);
    // Rewound to a step, then other points.
    let options = RunOptions {
        which: Which::Existing(run.hash()),
        ..RunOptions::default()
    };
    let hash = run.hash().to_owned();
    let run = Run::open(repo.clone(), &options).unwrap();
    assert!(run.rewind(1000, &[]).unwrap() > 3000);
    sync(&[]);
    assert_equal(&repo, &mut client);
    run.metric("loss", None)
        .unwrap()
        .track(5.0, 1001, 0)
        .unwrap();
    run.set(Property::Name("again".into())).unwrap();
    run.close().unwrap();
    let edits = [Edit::Note(NoteEdit::Add("a note".into()))];
    repo.edit_run(&hash, &edits).unwrap();
    s.out("a", &["tag", "best", "again"]);
    sync(&[]);
    assert_equal(&repo, &mut client);
    let tags: Vec<String> = client
        .query_one("SELECT tags FROM runs", &[])
        .unwrap()
        .get(0);
    assert_eq!(tags, ["best"]);
}

/// NUL, which PostgreSQL has not, and texts longer than an index takes.
#[test]
fn texts_that_postgresql_does_not_take() {
    let server = Server::new();
    let url = server.database("central");
    let s = Sandbox::new();
    let repo = s.repo("a");
    let long = "x".repeat(4000);
    let run = Run::create(repo.clone(), Some(&long)).unwrap();
    run.set(Property::Name("nul\0name".into())).unwrap();
    run.set(Property::AddTag(format!("t{long}"))).unwrap();
    let context = format!(r#"{{"deep": {{"nul": "\u0000", "long": "{long}"}}}}"#);
    let metric = run.metric(&format!("{long}\0"), Some(&context)).unwrap();
    metric.track(1.0, 0, EPOCH_NONE).unwrap();
    run.set_param(&format!("a\0{}", &long[..3000]), Tree::Str(long.clone()))
        .unwrap();
    run.set_param("b\0", Tree::Str("\0".into())).unwrap();
    run.set_param("b\u{fffd}", Tree::Int(1)).unwrap();
    run.close().unwrap();
    let said = s.run("a", &["sync", "--init", ".", &url]);
    assert_eq!(said.code, 0, "{said:?}");
    let mut client = server.client("central");
    let row = client.query_one(
        "SELECT length(experiment), name, length(tags[1]) FROM runs",
        &[],
    );
    let row = row.unwrap();
    assert_eq!(
        (row.get(0), row.get(1), row.get(2)),
        (500, "nul\u{fffd}name", 500)
    );
}
