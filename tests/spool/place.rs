//! What lies among the segments and is none, or is damaged.

use crate::common::random::Random;
use crate::common::stored;
use crate::story::local;
use aim::error::Status;
use aim::repo::{
    Brought, Edit, Location, Property, RepoRef, collect_segments, merge_spool, now_micros,
};
use aim::run::{EPOCH_NONE, Run};
use std::fs;
use std::path::{Path, PathBuf};

const FRAMES: u64 = 20;
const POINTS: u64 = 50;

/// A spool with one segment, which is closed; its run's hash and its file.
fn spool(root: &Path) -> (String, PathBuf) {
    let repo = stored::open(root);
    let run = Run::create(repo, None).unwrap();
    let loss = run.metric("loss", None).unwrap();
    for i in 0..FRAMES * POINTS {
        loss.track(i as f64, i as i64, EPOCH_NONE).unwrap();
        if i % POINTS == 0 {
            run.flush().unwrap();
        }
    }
    run.close().unwrap();
    let files = fs::read_dir(root.join(".aim/spool")).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    (
        run.hash().to_owned(),
        files.find(|path| path.is_file()).unwrap(),
    )
}

fn merge(root: &Path, into: &RepoRef) -> Brought {
    merge_spool(&Location::find(Some(root)).unwrap(), into).unwrap()
}

/// The points that arrived; all of them are as they were tracked.
fn arrived(merged: &RepoRef, hash: &str) -> u64 {
    if stored::runs(merged).is_empty() {
        return 0;
    }
    let points = stored::points(merged, hash, "loss", "{}");
    let both = points.steps.iter().zip(&points.values);
    assert!(both.into_iter().all(|(step, value)| *step as f64 == *value));
    points.len() as u64
}

#[test]
fn a_segment_that_is_not_all_there_yet_is_taken_as_far_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let (hash, file) = spool(&directory.path().join("spool"));
    let whole = fs::read(&file).unwrap();
    let mut random = Random::new("cut segments");
    let other = directory.path().join("other");
    fs::create_dir_all(other.join(".aim/spool")).unwrap();
    let copy = other.join(".aim/spool").join(file.file_name().unwrap());
    for n in 0..25 {
        let merged = local(&directory.path().join(format!("merged {n}")));
        let cut = random.below(whole.len() as u64 + 1) as usize;
        let mut before = 0;
        // As a filesystem shows it that has the length and not yet the content, too.
        let content = cut & !7;
        let zeros = [&whole[..content], &vec![0; whole.len() - content]].concat();
        for shown in [&whole[..cut], &zeros] {
            fs::write(&copy, shown).unwrap();
            let brought = merge(&other, &merged);
            assert_eq!(brought.problems, [""; 0], "cut at {cut}");
            let now = arrived(&merged, &hash);
            assert!(now >= before && now <= FRAMES * POINTS);
            before = now;
        }
        fs::write(&copy, &whole).unwrap();
        assert_eq!(merge(&other, &merged).problems, [""; 0]);
        assert_eq!(arrived(&merged, &hash), FRAMES * POINTS, "cut at {cut}");
    }
}

#[test]
fn damage_costs_what_it_meets_and_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("spool");
    let (hash, file) = spool(&root);
    let whole = fs::read(&file).unwrap();
    let mut random = Random::new("flipped segments");
    let mut told = 0;
    for n in 0..40 {
        let merged = local(&directory.path().join(format!("merged {n}")));
        let mut damaged = whole.clone();
        let at = random.below(whole.len() as u64) as usize;
        damaged[at] ^= 1 << random.below(8);
        fs::write(&file, damaged).unwrap();
        let brought = merge(&root, &merged);
        let name = file.display().to_string();
        assert!(
            brought
                .problems
                .iter()
                .all(|problem| problem.contains(&name)),
            "{brought:?}"
        );
        told += brought.problems.len();
        let points = arrived(&merged, &hash);
        assert!(points <= FRAMES * POINTS);
        // Padding, and unused bytes of the header, may be anything; the end may be what is damaged.
        if brought.problems.is_empty() {
            assert!(
                points == FRAMES * POINTS || at > whole.len() / 2,
                "byte {at}"
            );
        }
    }
    assert!(told > 0);
}

#[test]
fn what_is_no_segment_is_told_and_keeps_nothing_from_arriving() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("spool");
    let (hash, file) = spool(&root);
    let folder = root.join(".aim/spool");
    let named = |digit: &str| folder.join(format!("{}.aimseg", digit.repeat(32)));
    fs::write(named("1"), vec![b'x'; 1000]).unwrap();
    let mut newer = fs::read(&file).unwrap();
    newer[8] = 2;
    fs::write(named("2"), newer).unwrap();
    fs::copy(&file, named("3")).unwrap();
    fs::write(named("4"), "").unwrap();
    fs::write(folder.join("notes.txt"), "not of ours").unwrap();
    fs::create_dir(named("5")).unwrap();
    let merged = local(&directory.path().join("merged"));
    let brought = merge(&root, &merged);
    assert_eq!(arrived(&merged, &hash), FRAMES * POINTS);
    assert_eq!(brought.problems.len(), 3, "{brought:?}");
    for said in [
        "does not start as a segment does",
        "has version 2, this library reads version 1",
        "is a copy of",
    ] {
        let told = brought
            .problems
            .iter()
            .any(|problem| problem.contains(said));
        assert!(told, "{said}: {brought:?}");
    }
}

#[test]
fn a_spool_inside_a_spool_is_one_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let outer = directory.path().join("spool");
    let (hash, file) = spool(&outer);
    let inner = outer.join(".aim/spool");
    let (other, inner_file) = spool(&inner);
    for (root, hash) in [(&outer, &hash), (&inner, &other)] {
        let merged = local(&directory.path().join(format!("merged {hash}")));
        assert_eq!(merge(root, &merged).problems, [""; 0]);
        assert_eq!(stored::runs(&merged), [hash.as_str()]);
        assert_eq!(arrived(&merged, hash), FRAMES * POINTS);
        let location = Location::find(Some(root)).unwrap();
        let collected = collect_segments(&location, &merged, now_micros(), true).unwrap();
        assert_eq!(collected.0, 1);
    }
    assert!(!file.exists() && !inner_file.exists() && inner.is_dir());
}

#[test]
fn spools_are_merged_and_then_edited() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("spool");
    let (hash, _) = spool(&root);
    let repo = stored::open(&root);
    let edit = [Edit::Property(Property::Archived(true))];
    let refused = [
        repo.edit_run(&hash, &edit).unwrap_err(),
        repo.delete_run(&hash).unwrap_err(),
    ];
    for refused in refused {
        assert_eq!(refused.status, Status::ReadOnly);
        assert!(refused.message.contains("libaim merge"), "{refused}");
    }
    let refused = merge_spool(&Location::find(Some(&root)).unwrap(), &repo).unwrap_err();
    assert!(refused.message.contains("is a spool itself"), "{refused}");

    let merged = local(&directory.path().join("merged"));
    merge(&root, &merged);
    merged.edit_run(&hash, &edit).unwrap();
    merged.delete_run(&hash).unwrap();
    // What was merged and deleted does not come back.
    merge(&root, &merged);
    assert_eq!(stored::runs(&merged), [""; 0]);
}
