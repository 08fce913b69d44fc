//! Objects under kills and on full disks: none is torn, and none is lost that a call accepted.

use crate::common::child;
use crate::common::ledger::Ledger;
use crate::common::pictures::{ACCEPTED, bytes, check, track};
use crate::common::random::{Random, rounds};
use crate::common::small_disk::{ballast, small_disk};
use crate::common::stored;
use aim::error::Status;
use aim::query::{ObjectKind, ObjectRange, Select, query};
use aim::repo::{Location, RepoOptions, compact};
use aim::run::Run;
use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

#[test]
fn kills_tear_no_object_and_lose_none_that_was_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("repo");
    let mut random = Random::new("kills of objects");
    let (mut met, mut checked) = (0, 0);
    for round in 0..rounds(100) {
        let name = format!("n{round}");
        let path = directory.path().join(&name);
        let ledger = Ledger::open(&path);
        let child = child::start("objects", &[&root, &path, &name]);
        while ledger.get(ACCEPTED) == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(random.below(40_000)));
        child.kill();
        let accepted = ledger.get(ACCEPTED);
        met += accepted;
        if round % 10 == 9 {
            let repo = stored::open(&root);
            let counts = check(&repo);
            // The last may have been accepted without a word of it.
            let stored = counts[&name];
            assert!(
                (accepted..=accepted + 1).contains(&stored),
                "{stored} of {accepted}"
            );
            checked += counts.values().sum::<u64>();
            let runs = query(&repo, "", Select::Runs, Default::default()).unwrap();
            for row in runs.rows() {
                repo.delete_run(&row.run.hash_text()).unwrap();
            }
            drop((runs, repo));
            let location = Location::find(Some(&root)).unwrap();
            compact(&location, &RepoOptions::default()).unwrap();
            let left = std::fs::read_dir(root.join(".aim/blobs")).unwrap().count();
            assert_eq!(left, 0, "bytes are leaked");
        }
    }
    assert!(met > 0 && checked > 0);
    println!("{met} objects accepted, {checked} read back");
}

const SAME: u64 = 300;

/// Tracks what the other processes track at the same time.
pub fn the_same(args: &[OsString]) {
    let repo = stored::open_with(Path::new(&args[0]), &stored::hasty(5, 1 << 14));
    let run = Run::create(repo, None).unwrap();
    for n in 0..SAME {
        track(&run, "same", n).unwrap();
    }
    run.close().unwrap();
}

#[test]
fn processes_that_store_the_same_bytes_at_once_share_them() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("repo");
    drop(Run::create(stored::open(&root), None).unwrap());
    let children: Vec<_> = (0..3)
        .map(|_| child::start("the same objects", &[&root]))
        .collect();
    for child in children {
        child.finish();
    }
    let location = Location::find(Some(&root)).unwrap();
    compact(&location, &RepoOptions::default()).unwrap();
    let repo = stored::open(&root);
    let images = Select::Objects(ObjectKind::Image);
    let answer = query(&repo, "", images, Default::default()).unwrap();
    assert_eq!(answer.rows().len(), 3);
    for i in 0..3 {
        let rows = answer.objects(i, &ObjectRange::default()).unwrap();
        assert_eq!(rows.rows().len() as u64, SAME);
        for k in 0..SAME {
            assert!(rows.data(k as usize).unwrap() == bytes(k), "object {k}");
        }
    }
    // Each content once, with what lies beside it in its blocks.
    let contents: HashSet<Vec<u8>> = (0..SAME).map(bytes).filter(|b| b.len() > 4096).collect();
    let once: u64 = contents.iter().map(|b| b.len() as u64 + 8192).sum();
    let taken =
        |file: std::io::Result<std::fs::DirEntry>| file.unwrap().metadata().unwrap().blocks() * 512;
    let packs = std::fs::read_dir(root.join(".aim/blobs")).unwrap();
    let taken: u64 = packs.map(taken).sum();
    assert!(taken <= once, "{taken} bytes for {once}");
}

/// Fills a disk with objects, makes room, and goes on.
pub fn on_a_full_disk(args: &[OsString]) {
    let disk = Path::new(&args[0]);
    small_disk(disk, "32m");
    let repo = stored::open_with(disk, &stored::hasty(20, 1 << 14));
    let run = Run::create(repo.clone(), None).unwrap();
    let mut accepted = 0;
    for _ in 0..3 {
        for _ in 0..20 {
            track(&run, "n", accepted).unwrap();
            accepted += 1;
        }
        run.flush().unwrap();
        ballast(&disk.join("ballast"));
        let error = loop {
            match track(&run, "n", accepted) {
                Ok(()) => accepted += 1,
                Err(e) => break e,
            }
        };
        assert_eq!(error.status, Status::Full, "{error}");
        std::fs::remove_file(disk.join("ballast")).unwrap();
        while run.flush().is_err() {}
        assert_eq!(check(&repo)["n"], accepted);
    }
    run.close().unwrap();
    drop(repo);
    assert_eq!(check(&stored::open(disk))["n"], accepted);
}

#[test]
fn a_full_disk_refuses_objects_and_takes_them_again() {
    let directory = tempfile::tempdir().unwrap();
    child::run("objects on a full disk", &[&directory.path()]);
}
