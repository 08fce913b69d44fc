//! Editing what is stored: a run's status and times stay as they are.

use crate::common::child;
use crate::common::random::{self, Random};
use crate::{open, repo};
use aim::error::Status;
use aim::query::{self, Options, Select};
use aim::repo::{About, Edit, NoteEdit, Property, RepoRef, Subject, parse_path};
use aim::run::{EPOCH_NONE, Outcome, Run, RunState};
use aim_value::Tree;
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

fn run(repo: &RepoRef, experiment: &str) -> String {
    let run = Run::create(repo.clone(), Some(experiment)).unwrap();
    run.set_param(
        "net",
        Tree::from_json(r#"{"depth": 3, "wide": true}"#).unwrap(),
    )
    .unwrap();
    for (name, context) in [("loss", None), ("loss", Some("{\"a\":1}")), ("acc", None)] {
        let metric = run.metric(name, context).unwrap();
        (0..10).for_each(|step| metric.track(0.5, step, EPOCH_NONE).unwrap());
    }
    run.close_as(Outcome::of(RunState::Failed), None).unwrap();
    run.hash().to_owned()
}

fn count(repo: &RepoRef, expression: &str, select: Select) -> usize {
    let found = query::query(repo, expression, select, Options::default()).unwrap();
    let all = Options {
        no_index: true,
        ..Options::default()
    };
    let without = query::query(repo, expression, select, all).unwrap();
    assert_eq!(found.rows().len(), without.rows().len(), "{expression}");
    found.rows().len()
}

#[test]
fn every_edit_changes_what_it_names_and_nothing_else() {
    let (_directory, repo) = repo();
    let hash = run(&repo, "first");
    let before = repo.find_run(&hash).unwrap().1;
    let path = |text| parse_path(text).unwrap();
    repo.edit_run(
        &hash,
        &[
            Edit::Property(Property::Name("renamed".into())),
            Edit::Property(Property::Experiment("second".into())),
            Edit::Property(Property::AddTag("good".into())),
            Edit::Property(Property::Description("text".into())),
            Edit::SetParam(path("/net/depth"), Tree::Int(7)),
            Edit::SetParam(path("seed"), Tree::Int(1)),
            Edit::DeleteParam(path("/net/wide")),
            Edit::DeleteParam(path("/not/there")),
            Edit::DropMetric {
                name: "loss".into(),
                context: Some("{}".into()),
            },
        ],
    )
    .unwrap();
    let (_, after) = repo.find_run(&hash).unwrap();
    assert_eq!(
        (after.state, after.created_at, after.finalized_at),
        (before.state, before.created_at, before.finalized_at)
    );
    assert_eq!(
        (after.name.as_deref(), after.experiment.as_str()),
        (Some("renamed"), "second")
    );
    let found = query::query(&repo, "", Select::Runs, Options::default()).unwrap();
    let params = found
        .param(0, &aim_value::Path::from_tokens::<String>([]))
        .unwrap();
    assert_eq!(params.to_json(), r#"{"net":{"depth":7},"seed":1}"#);
    for (expression, expected) in [
        ("run.experiment == 'first'", 0),
        ("run.experiment == 'second' and run.seed == 1", 1),
        ("run.net.depth == 3", 0),
        ("run.net.wide == True", 0),
        ("'good' in run.tags", 1),
    ] {
        assert_eq!(
            count(&repo, expression, Select::Runs),
            expected,
            "{expression}"
        );
    }
    assert_eq!(count(&repo, "metric.name == 'loss'", Select::Metrics), 1);
    assert_eq!(count(&repo, "metric.name == 'acc'", Select::Metrics), 1);
    repo.edit_run(
        &hash,
        &[Edit::DropMetric {
            name: "loss".into(),
            context: None,
        }],
    )
    .unwrap();
    assert_eq!(count(&repo, "metric.name == 'loss'", Select::Metrics), 0);
    let unknown = repo.edit_run("ffffffffffffffffffffffff", &[]);
    assert_eq!(unknown.unwrap_err().status, Status::NotFound);
}

#[test]
fn notes_have_a_history() {
    let (_directory, repo) = repo();
    let hash = run(&repo, "a");
    assert_eq!(repo.add_note(&hash, "first").unwrap(), 1);
    assert_eq!(repo.add_note(&hash, "second").unwrap(), 2);
    let note = |edit| repo.edit_run(&hash, &[Edit::Note(edit)]);
    note(NoteEdit::Replace(1, "first, better".into())).unwrap();
    note(NoteEdit::Delete(2)).unwrap();
    for edit in [NoteEdit::Delete(2), NoteEdit::Replace(3, String::new())] {
        assert_eq!(note(edit).unwrap_err().status, Status::NotFound);
    }
    assert_eq!(repo.add_note(&hash, "third").unwrap(), 3);
    let notes = repo.notes(&hash).unwrap();
    let texts: Vec<(i32, &str)> = notes.iter().map(|n| (n.id, n.text.as_str())).collect();
    assert_eq!(texts, [(1, "first, better"), (3, "third")]);
    assert_eq!(
        notes[0].history,
        [(notes[0].created_at, "first".to_owned())]
    );
    assert!(notes[0].updated_at >= notes[0].created_at);
    for (length, fits) in [(65_535, true), (65_536, true), (65_537, false)] {
        assert_eq!(
            repo.add_note(&hash, &"x".repeat(length)).is_ok(),
            fits,
            "{length}"
        );
    }
}

#[test]
fn experiments_and_tags_are_described_and_renamed() {
    let (_directory, repo) = repo();
    let long = "x".repeat(300);
    let hashes = [
        run(&repo, "a"),
        run(&repo, "a"),
        run(&repo, &long),
        run(&repo, "b"),
    ];
    for hash in &hashes {
        let tag = Edit::Property(Property::AddTag("old".into()));
        repo.edit_run(hash, &[tag]).unwrap();
    }
    let about = About {
        description: "what it is".into(),
        colour: "#18AB6D".into(),
    };
    repo.describe(Subject::Experiment, "a", &about).unwrap();
    repo.describe(Subject::Tag, "old", &about).unwrap();
    for colour in ["red", "#12345", "#1234567", "#12345g"] {
        let wrong = About {
            colour: colour.into(),
            ..About::default()
        };
        assert!(
            repo.describe(Subject::Tag, "old", &wrong).is_err(),
            "{colour}"
        );
    }
    assert_eq!(repo.rename(Subject::Experiment, "a", "renamed").unwrap(), 2);
    assert_eq!(repo.rename(Subject::Experiment, &long, "short").unwrap(), 1);
    assert_eq!(repo.rename(Subject::Tag, "old", "new").unwrap(), 4);
    assert_eq!(repo.rename(Subject::Tag, "unknown", "new").unwrap(), 0);
    let list = |subject| -> Vec<(String, u64, About)> {
        let all = repo.describe_all(subject).unwrap().into_iter();
        all.map(|d| (d.name, d.runs, d.about)).collect()
    };
    assert_eq!(
        list(Subject::Experiment),
        [
            ("b".to_owned(), 1, About::default()),
            ("renamed".to_owned(), 2, about.clone()),
            ("short".to_owned(), 1, About::default()),
        ]
    );
    assert_eq!(list(Subject::Tag), [("new".to_owned(), 4, about)]);
    assert_eq!(count(&repo, "run.experiment == 'renamed'", Select::Runs), 2);
    assert_eq!(repo.delete_tag("new").unwrap(), 4);
    assert_eq!(list(Subject::Tag), []);
    assert_eq!(count(&repo, "'new' in run.tags", Select::Runs), 0);
}

#[test]
fn many_runs_are_edited_at_once_or_not_at_all() {
    let (_directory, repo) = repo();
    for experiment in ["a", "a", "b"] {
        run(&repo, experiment);
    }
    let archive = [Edit::Property(Property::Archived(true))];
    assert_eq!(
        query::edit(&repo, "run.experiment == 'a'", &archive).unwrap(),
        2
    );
    assert_eq!(count(&repo, "run.archived == True", Select::Runs), 2);
    // The second edit fails on the last run: none keeps the first.
    let hash = run(&repo, "b");
    let list = Edit::SetParam(parse_path("deep").unwrap(), Tree::List(Vec::new()));
    repo.edit_run(&hash, &[list]).unwrap();
    let edits = [
        Edit::Property(Property::AddTag("t".into())),
        Edit::SetParam(parse_path("/deep/er").unwrap(), Tree::Int(1)),
    ];
    let error = query::edit(&repo, "run.experiment == 'b'", &edits).unwrap_err();
    assert!(error.message.contains(&hash), "{error}");
    assert_eq!(count(&repo, "'t' in run.tags", Select::Runs), 0);
    // Runs that are being written stay.
    let open = Run::create(repo.clone(), Some("b")).unwrap();
    let deleted = query::delete(&repo, "run.experiment == 'b'").unwrap();
    assert_eq!(
        (deleted.runs, deleted.busy),
        (2, vec![open.hash().to_owned()])
    );
    open.close().unwrap();
    let deleted = query::delete(&repo, "run.archived in (True, False)").unwrap();
    assert_eq!((deleted.runs, deleted.busy.len()), (3, 0));
}

/// Deletes runs until it is killed.
pub fn deleter(args: &[OsString]) {
    let repo = open(Path::new(&args[0]));
    child::print("begins");
    query::delete(&repo, "run.experiment == 'gone'").unwrap();
}

#[test]
fn a_deletion_that_is_killed_leaves_whole_runs_and_is_made_again() {
    const RUNS: usize = 60;
    let mut random = Random::new("killed deletions");
    for _ in 0..random::rounds(2) {
        let (directory, repo) = repo();
        let kept = run(&repo, "kept");
        (0..RUNS).for_each(|_| drop(run(&repo, "gone")));
        let mut deleter = child::start("delete", &[&directory.path()]);
        assert_eq!(deleter.line(), "begins");
        std::thread::sleep(Duration::from_micros(random.below(40_000)));
        deleter.kill();
        // A transaction whose last page was written and which its killed writer did not announce is seen by readers
        // only from the next writer on.
        let about = About::default();
        repo.describe(Subject::Tag, "none", &about).unwrap();
        let left = count(&repo, "run.experiment == 'gone'", Select::Runs);
        // Each of them with everything.
        let whole = "run.experiment == 'gone' and run.net.depth == 3 and run.status == 'failed'";
        assert_eq!(count(&repo, whole, Select::Runs), left);
        let metrics = "run.experiment == 'gone' and metric.count == 10";
        assert_eq!(count(&repo, metrics, Select::Metrics), 3 * left);
        let deleted = query::delete(&repo, "run.experiment == 'gone'").unwrap();
        assert_eq!((deleted.runs, deleted.busy.len()), (left as u64, 0));
        let (_, record) = repo.find_run(&kept).unwrap();
        assert_eq!(record.experiment, "kept");
        assert_eq!(count(&repo, "", Select::Metrics), 3);
    }
}
