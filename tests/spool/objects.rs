//! Objects that lie in packs, and files that runs keep: they arrive where a spool is merged, are read in place elsewhere, and
//! leave nothing behind.

use crate::common::child::{self, Child};
use crate::common::ledger::Ledger;
use crate::common::pictures::{ACCEPTED, bytes, check, track};
use crate::common::random::{Random, rounds};
use crate::common::small_disk::{ballast, small_disk};
use crate::common::stored;
use crate::story::local;
use aim::artifacts::{Checked, Mode};
use aim::error::Status;
use aim::repo::{
    Location, Repo, RepoOptions, check_segments, collect_segments, merge_spool, now_micros,
};
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

fn location(spool: &Path) -> Location {
    Location::find(Some(spool)).unwrap()
}

fn files(directory: PathBuf) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn packs(root: &Path) -> Vec<PathBuf> {
    files(root.join(".aim/blobs"))
}

/// Writes a run of so many pictures in sequences of this name.
fn write(spool: &Path, name: &str, pictures: u64) {
    let run = Run::create(stored::open(spool), None).unwrap();
    for n in 0..pictures {
        track(&run, name, n).unwrap();
    }
    run.close().unwrap();
}

/// The role: reads all pictures of a spool, as a host does that has no copy of it, and says how many they are.
pub fn elsewhere(args: &[OsString]) {
    let repo = Repo::open(
        location(Path::new(&args[0])),
        &RepoOptions::default(),
        false,
    )
    .unwrap();
    child::print(check(&repo).values().sum::<u64>());
    assert_eq!(packs(&repo.location.root), [""; 0].map(PathBuf::from));
}

fn read_elsewhere(spool: &Path, cache: &Path) -> u64 {
    let mut command = child::command("elsewhere", &[&spool]);
    command.env("XDG_CACHE_HOME", cache);
    Child::new(command).finish().trim().parse().unwrap()
}

#[test]
fn objects_arrive_are_read_from_other_hosts_and_leave_nothing_behind() {
    const PICTURES: u64 = 60;
    let directory = tempfile::tempdir().unwrap();
    let spool = directory.path().join("spool");
    write(&spool, "first", PICTURES);
    write(&spool, "second", PICTURES);
    // On this host nothing of them is kept twice.
    let copy = stored::open(&spool);
    assert_eq!(packs(&copy.location.root).len(), 0);
    assert_eq!(packs(&spool).len(), 2);
    assert_eq!(check(&copy).len(), 2);
    assert_eq!(
        read_elsewhere(&spool, &directory.path().join("cache")),
        2 * PICTURES
    );

    // Its runs have other numbers than those of the spool.
    let merged = local(&directory.path().join("merged"));
    write(&directory.path().join("merged"), "own", 5);
    let brought = merge_spool(&location(&spool), &merged).unwrap();
    assert_eq!(brought.problems, [""; 0]);
    let counts = check(&merged);
    assert_eq!(
        [counts["first"], counts["second"], counts["own"]],
        [PICTURES, PICTURES, 5]
    );
    let before = packs(&merged.location.root);
    assert_eq!(merge_spool(&location(&spool), &merged).unwrap().news, 0);
    assert_eq!(packs(&merged.location.root), before);

    let mut objects = 0;
    let all = |_: &Path, checked: aim::error::Result<aim::repo::Checked>| {
        let checked = checked.unwrap();
        assert_eq!((checked.damaged, checked.lost), (0, 0));
        objects += checked.objects;
    };
    check_segments(&location(&spool), all).unwrap();
    assert!(objects > PICTURES);

    let (segments, size) =
        collect_segments(&location(&spool), &merged, now_micros(), true).unwrap();
    assert!(
        segments == 2 && size > 1 << 20,
        "{segments} segments, {size} bytes"
    );
    assert_eq!(
        (files(spool.join(".aim/spool")), packs(&spool)),
        (vec![], vec![])
    );
    assert_eq!(check(&merged)["first"], PICTURES);
}

#[test]
fn a_pack_that_is_damaged_costs_what_it_held_and_is_told() {
    const PICTURES: u64 = 30;
    let directory = tempfile::tempdir().unwrap();
    let spool = directory.path().join("spool");
    write(&spool, "first", PICTURES);
    let pack = packs(&spool).remove(0);
    let mut content = fs::read(&pack).unwrap();
    let middle = content.len() / 2;
    content[middle] ^= 1;
    fs::write(&pack, &content).unwrap();
    let merged = local(&directory.path().join("merged"));
    let brought = merge_spool(&location(&spool), &merged).unwrap();
    assert_eq!(brought.problems.len(), 1, "{brought:?}");
    assert!(brought.problems[0].contains("is set aside"), "{brought:?}");
    let mut lost = 0;
    check_segments(&location(&spool), |_, checked| {
        lost += checked.unwrap().lost
    })
    .unwrap();
    assert!(lost > 0);
    // All others are there.
    let images = aim::query::Select::Objects(aim::query::ObjectKind::Image);
    let answer = aim::query::query(&merged, "", images, Default::default()).unwrap();
    let rows = answer.objects(0, &Default::default()).unwrap();
    assert_eq!(rows.rows().len() as u64, PICTURES - lost);
    for (k, row) in rows.rows().iter().enumerate() {
        assert!(rows.data(k).unwrap() == bytes(row.step as u64));
    }

    fs::remove_file(&pack).unwrap();
    let merged = local(&directory.path().join("without"));
    let brought = merge_spool(&location(&spool), &merged).unwrap();
    assert!(brought.problems[0].contains("is missing"), "{brought:?}");
}

#[test]
fn kills_of_trainers_and_mergers_lose_and_tear_no_object() {
    let directory = tempfile::tempdir().unwrap();
    let (spool, into) = (
        directory.path().join("spool"),
        directory.path().join("merged"),
    );
    fs::create_dir_all(spool.join(".aim/spool")).unwrap();
    drop(local(&into));
    let start_merger = || child::start("merge", &[&spool, &into]);
    let mut mergers: Vec<Child> = (0..2).map(|_| start_merger()).collect();
    let mut random = Random::new("kills of objects in spools");
    let mut accepted = Vec::new();
    for round in 0..rounds(30) {
        let name = format!("n{round}");
        let path = directory.path().join(&name);
        let ledger = Ledger::open(&path);
        let child = child::start("pictures", &[&spool, &path, &name]);
        while ledger.get(ACCEPTED) == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(random.below(60_000)));
        child.kill();
        accepted.push((name, ledger.get(ACCEPTED)));
        mergers.remove(random.below(2) as usize).kill();
        mergers.push(start_merger());
    }
    mergers.into_iter().for_each(Child::kill);

    let copy = Repo::open(location(&spool), &RepoOptions::default(), false).unwrap();
    copy.recover().unwrap();
    let merged = local(&into);
    let brought = merge_spool(&location(&spool), &merged).unwrap();
    assert_eq!(brought.problems, [""; 0]);
    let counts = check(&merged);
    assert_eq!(counts, check(&copy));
    for (name, accepted) in &accepted {
        // The last may have been accepted without a word of it.
        let stored = counts[name];
        assert!(
            (*accepted..=accepted + 1).contains(&stored),
            "{stored} of {accepted}"
        );
    }
    assert_eq!(packs(&copy.location.root).len(), 0);
    collect_segments(&location(&spool), &merged, now_micros(), true).unwrap();
    assert_eq!(
        (files(spool.join(".aim/spool")), packs(&spool)),
        (vec![], vec![])
    );
    println!(
        "{} kills, {} objects",
        2 * accepted.len(),
        counts.values().sum::<u64>()
    );
}

/// The role: the spool's disk, and where to merge it to.
pub fn full(args: &[OsString]) {
    let disk = Path::new(&args[0]);
    small_disk(disk, "16m");
    let run = Run::create(stored::open(disk), None).unwrap();
    let mut accepted = 0;
    let mut track_some = || {
        for _ in 0..20 {
            track(&run, "n", accepted).unwrap();
            accepted += 1;
        }
    };
    track_some();
    run.flush().unwrap();
    ballast(&disk.join("ballast"));
    // To this host's copy.
    track_some();
    for _ in 0..2 {
        let refused = run.flush().unwrap_err();
        assert_eq!(refused.status, Status::Full, "{refused}");
    }
    let merged = local(Path::new(&args[1]));
    assert_eq!(
        merge_spool(&location(disk), &merged).unwrap().problems,
        [""; 0]
    );
    assert_eq!(check(&merged)["n"], 20);
    fs::remove_file(disk.join("ballast")).unwrap();
    track_some();
    run.close().unwrap();
    assert_eq!(
        merge_spool(&location(disk), &merged).unwrap().problems,
        [""; 0]
    );
    assert_eq!(check(&merged)["n"], 60);
}

#[test]
fn a_full_disk_loses_no_object() {
    let directory = tempfile::tempdir().unwrap();
    let (disk, merged) = (
        directory.path().join("disk"),
        directory.path().join("merged"),
    );
    fs::create_dir(&disk).unwrap();
    child::run("pictures on a full spool", &[&disk, &merged]);
}

#[test]
fn files_that_runs_keep_come_along_and_go() {
    let directory = tempfile::tempdir().unwrap();
    let (spool, file) = (
        directory.path().join("spool"),
        directory.path().join("model"),
    );
    fs::write(&file, vec![7; 100_000]).unwrap();
    let run = Arc::new(Run::create(stored::open(&spool), None).unwrap());
    Run::log_artifact(&run, &NewArtifact::new(&file, Mode::Copy)).unwrap();
    run.close().unwrap();
    fs::remove_file(&file).unwrap();
    let merged = local(&directory.path().join("merged"));
    assert_eq!(
        merge_spool(&location(&spool), &merged).unwrap().problems,
        [""; 0]
    );
    let is_whole = || {
        let verified = merged.verify_artifacts(run.hash()).unwrap();
        assert_eq!(verified.len(), 1);
        assert_eq!(verified[0].1, Checked::Intact);
    };
    is_whole();
    collect_segments(&location(&spool), &merged, now_micros(), true).unwrap();
    assert!(!spool.join(".aim/artifacts").join(run.hash()).exists());
    is_whole();
}
