//! Artifacts under kills and on full disks: no version is without its bytes, none that was linked is lost, and nothing is left
//! when the runs are gone.

use crate::common::child;
use crate::common::ledger::Ledger;
use crate::common::load::picture;
use crate::common::random::{Random, rounds};
use crate::common::small_disk::{ballast, small_disk};
use crate::common::stored;
use aim::artifacts::{Checked, Mode, State};
use aim::error::Status;
use aim::query::{Select, query};
use aim::repo::{Location, RepoOptions, RepoRef, compact};
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Where a ledger counts the artifacts that calls accepted.
const ACCEPTED: usize = 0;

/// The bytes of artifact `n`: now and then those of the one before.
fn bytes(n: u64) -> Vec<u8> {
    picture(n - u64::from(n % 5 == 4), &[0, 100, 70_000, 300_000])
}

fn mode(n: u64) -> Mode {
    match n % 2 {
        0 => Mode::Link,
        _ => Mode::Copy,
    }
}

fn log(run: &Arc<Run>, path: &Path, mode: Mode, wait: bool) -> aim::error::Result<()> {
    let new = NewArtifact {
        name: Some("checkpoint"),
        aliases: Some("best"),
        wait,
        ..NewArtifact::new(path, mode)
    };
    Run::log_artifact(run, &new)
}

/// Logs checkpoints, which it rotates as trainers do, until it is killed.
pub fn logging(args: &[OsString]) {
    let (root, ledger) = (Path::new(&args[0]), Ledger::open(Path::new(&args[1])));
    let scratch = PathBuf::from(&args[2]);
    let repo = stored::open_with(root, &stored::hasty(5, 1 << 14));
    let run = Arc::new(Run::create(repo, None).unwrap());
    for n in 0.. {
        let file = scratch.join(format!("{n}.pt"));
        std::fs::write(&file, bytes(n)).unwrap();
        // A copy is made behind the call: its file must stay until then.
        log(&run, &file, mode(n), mode(n) == Mode::Copy).unwrap();
        std::fs::remove_file(&file).unwrap();
        ledger.set(ACCEPTED, n + 1);
    }
}

/// The hashes of all runs, also where some were deleted before.
fn runs(repo: &RepoRef) -> Vec<String> {
    let found = query(repo, "", Select::Runs, Default::default()).unwrap();
    let rows = found.rows().iter();
    rows.map(|row| row.run.hash_text()).collect()
}

/// Every version of every run, and that it has its bytes; how many, with those that were linked and never summed.
fn check(repo: &RepoRef) -> u64 {
    let mut all = 0;
    for run in runs(repo) {
        for (artifact, checked) in repo.verify_artifacts(&run).unwrap() {
            match artifact.state {
                State::Stored => assert_eq!(checked, Checked::Intact, "{run}: {artifact:?}"),
                _ => {
                    // What was linked is there, though nobody summed it.
                    let kept = repo.keep(&run).content(&artifact);
                    assert!(artifact.mode == Mode::Copy || kept.exists(), "{artifact:?}");
                }
            }
            all += 1;
        }
    }
    all
}

fn files(directory: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return 0;
    };
    entries
        .map(|entry| match entry.unwrap().path() {
            path if path.is_dir() => files(&path),
            _ => 1,
        })
        .sum()
}

fn delete_all(root: &Path, repo: RepoRef) {
    for run in runs(&repo) {
        repo.delete_run(&run).unwrap();
    }
    drop(repo);
    let location = Location::find(Some(root)).unwrap();
    compact(&location, &RepoOptions::default()).unwrap();
    assert_eq!(files(&root.join(".aim/artifacts")), 0, "files are leaked");
}

#[test]
fn kills_leave_no_version_without_its_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("repo");
    let mut random = Random::new("kills of artifacts");
    let (mut met, mut checked) = (0, 0);
    for round in 0..rounds(20) {
        let scratch = directory.path().join(format!("s{round}"));
        std::fs::create_dir(&scratch).unwrap();
        let ledger = Ledger::open(&directory.path().join(format!("l{round}")));
        let path = directory.path().join(format!("l{round}"));
        let child = child::start("artifacts", &[&root, &path, &scratch]);
        while ledger.get(ACCEPTED) == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(random.below(60_000)));
        child.kill();
        met += ledger.get(ACCEPTED);
        if round % 5 == 4 {
            let repo = stored::open(&root);
            let found = check(&repo);
            // The same bytes as the version before are no version of their own: every fifth call.
            assert!(found > 0 && found >= met / 2, "{found} of {met}");
            checked += found;
            met = 0;
            delete_all(&root, repo);
        }
    }
    println!("{checked} artifacts checked");
}

/// Fills a disk with copies, makes room, and goes on.
pub fn on_a_full_disk(args: &[OsString]) {
    let disk = Path::new(&args[0]);
    small_disk(disk, "32m");
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("checkpoint.pt");
    let repo = stored::open_with(disk, &stored::hasty(20, 1 << 14));
    let run = Arc::new(Run::create(repo.clone(), None).unwrap());
    let mut logged = 0;
    for _ in 0..2 {
        for _ in 0..3 {
            std::fs::write(&file, picture(logged, &[300_000])).unwrap();
            log(&run, &file, Mode::Copy, true).unwrap();
            logged += 1;
        }
        run.flush().unwrap();
        ballast(&disk.join("ballast"));
        std::fs::write(&file, picture(1_000_000 + logged, &[2_000_000])).unwrap();
        let error = log(&run, &file, Mode::Copy, true).unwrap_err();
        assert_eq!(error.status, Status::Full, "{error}");
        std::fs::remove_file(disk.join("ballast")).unwrap();
        while run.flush().is_err() {}
    }
    run.close().unwrap();
    drop(run);
    let versions = repo.verify_artifacts(&runs(&repo)[0]).unwrap();
    let (good, rest): (Vec<_>, Vec<_>) = versions
        .iter()
        .partition(|(artifact, _)| artifact.state == State::Stored);
    assert_eq!(good.len() as u64, logged);
    assert!(good.iter().all(|(_, checked)| *checked == Checked::Intact));
    assert!(rest.iter().all(|(artifact, _)| artifact.version.is_none()));
    delete_all(disk, repo);
}

#[test]
fn a_full_disk_refuses_copies_and_takes_them_again() {
    let directory = tempfile::tempdir().unwrap();
    child::run("artifacts on a full disk", &[&directory.path()]);
}
