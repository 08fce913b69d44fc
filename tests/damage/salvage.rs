//! What a salvage brings over from damaged files: nothing false, and all that damage did not touch.

use crate::repository::{self, Contents, RUNS, data_file, open};
use crate::{in_parallel, injury, place, random, sample};
use aim::error::Status;
use aim::repo::{Location, RepoOptions, RepoRef, salvage};
use aim::store::keys::SeriesKey;
use aim::store::{Kind, Points, Salvaged};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A step with the bits of its value, its epoch and its time.
type Point = (i64, u64, i64, i64);
type Sequences = BTreeMap<String, Vec<Point>>;

/// Salvages what lies in `from`, and opens it.
fn salvaged(from: &Path, into: &Path) -> (Salvaged, RepoRef) {
    let [from, into] = [from, into].map(|root| Location::find(Some(root)).unwrap());
    let report = salvage(&from, into.clone(), &RepoOptions::default()).unwrap();
    (report, open(&into.root).unwrap())
}

/// The points of each sequence, by run, name and context.
fn sequences(repo: &RepoRef) -> Sequences {
    let txn = repo.store.read().unwrap();
    let mut found = Sequences::new();
    for run in 0..RUNS as u64 {
        for key in txn.run_series_keys(run).unwrap() {
            let SeriesKey { name, context, .. } = key;
            let name = txn.string(Kind::Name, name).unwrap();
            let context = txn.string(Kind::Context, context).unwrap();
            let mut points = Points::default();
            txn.points(key, &mut points).unwrap();
            let columns = (0..points.len()).map(|i| {
                let value = points.values[i].to_bits();
                (points.steps[i], value, points.epochs[i], points.times[i])
            });
            found.insert(format!("{run} {name} {context}"), columns.collect());
        }
    }
    found
}

fn original_sequences() -> &'static Sequences {
    static ORIGINAL: OnceLock<Sequences> = OnceLock::new();
    ORIGINAL.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        place(root.path(), &sample().0);
        sequences(&open(root.path()).unwrap())
    })
}

fn records_and_params(contents: &Contents) -> Contents {
    let wanted = |what: &str| what.starts_with("run ") || what.starts_with("params ");
    let kept = contents.iter().filter(|(what, _)| wanted(what));
    kept.map(|(what, found)| (what.clone(), found.clone()))
        .collect()
}

#[test]
fn of_a_healthy_file_everything_is_salvaged() {
    let (file, contents) = sample();
    let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    place(from.path(), file);
    let (report, repo) = salvaged(from.path(), into.path());
    let original = original_sequences();
    assert_eq!(sequences(&repo), *original);
    let read = repository::read(&repo).unwrap();
    assert_eq!(records_and_params(&read), records_and_params(contents));
    let points = original.values().map(|points| points.len() as u64).sum();
    let expected = Salvaged {
        runs: RUNS as u64,
        series: original.len() as u64,
        points,
        lost_pages: 0,
        lost_rows: 0,
        uncounted: false,
    };
    assert_eq!(report, expected);
    // The new repository is whole: runs are found by hash, and go on.
    let hash = repo
        .store
        .read()
        .unwrap()
        .run(3)
        .unwrap()
        .unwrap()
        .hash_text();
    repository::go_on(&repo, &hash).unwrap();
    assert!(
        std::fs::read(data_file(from.path())).unwrap() == *file,
        "the source was changed"
    );
}

#[test]
fn what_is_intact_in_a_damaged_file_is_salvaged() {
    let variants = random::rounds(80) as usize;
    let (file, contents) = sample();
    let original = original_sequences();
    let records = records_and_params(contents);
    let whole = AtomicUsize::new(0);
    in_parallel(variants, |n| {
        let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut damaged = file.clone();
        let how = format!("variant {n}, {}", injury::anywhere(&mut damaged, n as u64));
        place(from.path(), &damaged);
        let (report, repo) = salvaged(from.path(), into.path());
        let read = repository::read(&repo).unwrap();
        let mut lost = 0;
        for (what, found) in records_and_params(&read) {
            let found = found.unwrap_or_else(|e| panic!("{how}: {what}: {e}"));
            lost += usize::from(records.get(&what) != Some(&Ok(found)));
        }
        lost += records.len() - records.len().min(records_and_params(&read).len());
        let found = sequences(&repo);
        lost += original.len() - found.len().min(original.len());
        for (what, points) in found {
            let Some(before) = original.get(&what) else {
                assert!(what.contains("lost"), "{how}: {what} was never there");
                continue;
            };
            // Blocks may be missing; what is there was stored.
            let mut rest = before.iter();
            let found = points.iter().all(|point| rest.any(|b| b == point));
            assert!(found, "{how}: {what} holds points that were never stored");
            lost += usize::from(points.len() != before.len());
        }
        let untouched = report.lost_pages == 0 && report.lost_rows == 0;
        assert!(
            lost == 0 || !untouched,
            "{how}: {lost} things are gone, {report:?}"
        );
        if untouched {
            whole.fetch_add(1, Ordering::Relaxed);
        }
        if !how.contains("cut to") {
            let things = original.len() + records.len();
            assert!(
                lost < things / 4,
                "{how}: {lost} of {things} lost, {report:?}"
            );
        }
    });
    let whole = whole.into_inner();
    assert!(whole < variants, "no variant lost anything");
}

#[test]
fn a_report_says_so_where_it_cannot_know_what_is_missing() {
    let (file, _) = sample();
    let original = original_sequences();
    for meta in 0..2 {
        let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut damaged = file.clone();
        damaged[meta * injury::PAGE..(meta + 1) * injury::PAGE].fill(0);
        place(from.path(), &damaged);
        let (report, repo) = salvaged(from.path(), into.path());
        // Which of the two is the newest is told by nothing but the pages themselves.
        assert!(report.uncounted && report.lost_pages >= 1, "{report:?}");
        let found = sequences(&repo);
        let stored = |(what, points): (&String, &Vec<Point>)| {
            let mut rest = original[what].iter();
            points.iter().all(|point| rest.any(|b| b == point))
        };
        assert!(found.iter().all(stored), "meta page {meta}");
    }
}

#[test]
fn a_page_that_a_number_leads_past_counts_as_lost_and_is_found() {
    let (file, contents) = sample();
    let mut lost = 0;
    for page in injury::branches(file) {
        let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let mut damaged = file.clone();
        injury::join_children(&mut damaged, page);
        place(from.path(), &damaged);
        let (report, repo) = salvaged(from.path(), into.path());
        // Some pages are of an older snapshot.
        lost += report.lost_pages;
        let read = repository::read(&repo).unwrap();
        let same = sequences(&repo) == *original_sequences()
            && records_and_params(&read) == records_and_params(contents);
        assert!(same, "page {page}: {report:?}");
    }
    assert!(lost > 0);
}

#[test]
fn half_a_file_gives_the_runs_in_it() {
    let (file, _) = sample();
    let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    place(from.path(), &file[..file.len() / 2]);
    let (report, repo) = salvaged(from.path(), into.path());
    let original = original_sequences();
    let whole = |(what, points): &(String, Vec<Point>)| original.get(what) == Some(points);
    let found = sequences(&repo).into_iter().filter(whole).count();
    assert!(
        found > original.len() / 4,
        "{found} of {}, {report:?}",
        original.len()
    );
}

#[test]
fn a_salvage_says_why_it_does_not_begin() {
    let (from, into) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at = |root: &Path| Location::find(Some(root)).unwrap();
    let begin = || salvage(&at(from.path()), at(into.path()), &RepoOptions::default()).unwrap_err();
    assert_eq!(begin().status, Status::NotFound);
    let repo = open(from.path()).unwrap();
    let run = aim::run::Run::create(repo, None).unwrap();
    assert_eq!(begin().status, Status::Busy);
    run.close().unwrap();
    drop(run);
    open(into.path()).unwrap();
    let e = begin();
    assert_eq!(e.status, Status::InvalidArgument);
    assert!(
        e.message.contains(&into.path().display().to_string()),
        "{e}"
    );
}
