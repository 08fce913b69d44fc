//! Runs that go from one repository into another.

use aim::query::{Options, Select, query, read};
use aim::repo::{
    Copied, Edit, Fate, Location, NoteEdit, Property, Repo, RepoOptions, RepoRef, copy_runs,
};
use aim::run::{Run, STEP_AUTO};
use aim_value::Tree;
use std::path::Path;

fn open(root: &Path) -> RepoRef {
    let location = Location::find(Some(root)).unwrap();
    Repo::open(location, &RepoOptions::default(), true).unwrap()
}

/// A run with something of every kind, points of which lie in sealed blocks and behind them.
fn fill(repo: &RepoRef, experiment: &str, points: u32) -> String {
    let run = Run::create(repo.clone(), Some(experiment)).unwrap();
    run.set(Property::Name("größe".into())).unwrap();
    run.set(Property::AddTag("best".into())).unwrap();
    run.set_param("/hparams/lr", Tree::Float(0.1)).unwrap();
    run.set_param("nan", Tree::Float(f64::NAN)).unwrap();
    let loss = run.metric("loss", Some(r#"{"subset": "val"}"#)).unwrap();
    for i in 0..points {
        let value = if i == 0 { f64::NAN } else { 1.0 / f64::from(i) };
        loss.track(value, STEP_AUTO, 3).unwrap();
    }
    run.log(30, "a warning", None).unwrap();
    run.close().unwrap();
    let hash = run.hash().to_owned();
    repo.edit_run(&hash, &[Edit::Note(NoteEdit::Add("a note".into()))])
        .unwrap();
    hash
}

fn ids(repo: &RepoRef) -> Vec<u64> {
    let answer = query(repo, "", Select::Runs, Options::default()).unwrap();
    answer.rows().iter().rev().map(|row| row.run.id).collect()
}

fn copy(from: &RepoRef, into: &RepoRef) -> Vec<Fate> {
    let mut fates = Vec::new();
    copy_runs(from, into, &ids(from), |copied: &Copied| {
        fates.push(copied.fate.clone());
        true
    })
    .unwrap();
    fates
}

/// Everything of a run that can be read, floats by their bits.
fn contents(repo: &RepoRef, hash: &str) -> String {
    read(repo, |snapshot| {
        let run = snapshot.find(hash)?.unwrap();
        let record = snapshot.record(&run)?.unwrap();
        let mut text = format!("{record:?}\n{}\n", snapshot.params(&run)?.to_json());
        for metric in snapshot.metrics(&run)? {
            let columns = snapshot.points(&metric)?;
            let bits: Vec<u64> = columns.values.iter().map(|v| v.to_bits()).collect();
            text += &format!("{} {} {bits:?} ", metric.name, metric.context);
            text += &format!(
                "{:?} {:?} {:?}\n",
                columns.steps, columns.epochs, columns.times
            );
        }
        for stream in [aim::query::Stream::Records, aim::query::Stream::Notes] {
            text += &format!("{:?}\n", snapshot.log(&run, stream, 0, 100)?);
        }
        Ok(text)
    })
    .unwrap()
}

#[test]
fn runs_arrive_as_they_are_and_twice_is_once() {
    let directory = tempfile::tempdir().unwrap();
    let (a, b) = (
        open(&directory.path().join("a")),
        open(&directory.path().join("b")),
    );
    // Names get other numbers there.
    fill(&b, "other", 3);
    let hashes: Vec<String> = [0, 10, 8192, 20_000]
        .into_iter()
        .map(|points| fill(&a, "digits", points))
        .collect();
    let fates = copy(&a, &b);
    for (fate, wanted) in fates.iter().zip([0, 10, 8192, 20_000]) {
        assert!(
            matches!(fate, Fate::Copied { points, .. } if *points == wanted),
            "{fate:?}"
        );
    }
    for hash in &hashes {
        assert_eq!(contents(&a, hash), contents(&b, hash));
    }
    assert_eq!(copy(&a, &b), vec![Fate::Present; 4]);
    assert_eq!(ids(&b).len(), 5);
    // The index there knows them.
    let found = |expression: &str| {
        let answer = query(&b, expression, Select::Runs, Options::default()).unwrap();
        answer.rows().len()
    };
    assert_eq!(found("run.hparams.lr == 0.1"), 5);
    assert_eq!(
        found("run.experiment == 'digits' and 'best' in run.tags"),
        4
    );
    assert_eq!(
        found("run.metrics['loss', {'subset': 'val'}].last < 0.001"),
        2
    );
    // A copy is a run like any other: it can be gone on with, and deleted.
    let again = Run::resume(b.clone(), &hashes[1], None).unwrap();
    let loss = again.metric("loss", Some(r#"{"subset":"val"}"#)).unwrap();
    loss.track(7.0, STEP_AUTO, 4).unwrap();
    again.close().unwrap();
    b.delete_run(&hashes[2]).unwrap();
    let fates = copy(&a, &b);
    assert_eq!(fates[1], Fate::Differs("metrics"));
    assert!(matches!(fates[2], Fate::Copied { points: 8192, .. }));
    assert_eq!(contents(&a, &hashes[2]), contents(&b, &hashes[2]));
}

#[test]
fn runs_that_are_written_stay_and_a_repository_is_not_copied_into_itself() {
    let directory = tempfile::tempdir().unwrap();
    let (a, b) = (
        open(&directory.path().join("a")),
        open(&directory.path().join("b")),
    );
    let run = Run::create(a.clone(), None).unwrap();
    run.flush().unwrap();
    assert_eq!(copy(&a, &b), [Fate::Busy]);
    assert!(ids(&b).is_empty());
    let refused = copy_runs(&a, &a, &ids(&a), |_| true).unwrap_err();
    assert!(refused.message.contains("into itself"), "{refused}");
    run.close().unwrap();
    // What was cancelled goes on.
    fill(&a, "digits", 1);
    assert!(copy_runs(&a, &b, &ids(&a)[..1], |_| false).is_err());
    let fates = copy(&a, &b);
    assert_eq!(fates[0], Fate::Present);
    assert!(matches!(fates[1], Fate::Copied { .. }));
}

#[test]
fn what_is_said_of_experiments_comes_along_where_nothing_is_said() {
    use aim::repo::{About, Subject};
    let directory = tempfile::tempdir().unwrap();
    let (a, b) = (
        open(&directory.path().join("a")),
        open(&directory.path().join("b")),
    );
    fill(&a, "digits", 1);
    let about = |description: &str| About {
        description: description.into(),
        colour: String::new(),
    };
    a.describe(Subject::Experiment, "digits", &about("handwritten"))
        .unwrap();
    a.describe(Subject::Tag, "best", &about("of ours")).unwrap();
    b.describe(Subject::Tag, "best", &about("of theirs"))
        .unwrap();
    copy(&a, &b);
    assert_eq!(
        b.about(Subject::Experiment, "digits").unwrap(),
        about("handwritten")
    );
    assert_eq!(b.about(Subject::Tag, "best").unwrap(), about("of theirs"));
}
