//! Artifacts: versions, names, what is kept and what becomes of it, in one process.

use aim::artifacts::{Artifact, Checked, Mode, Reference, State};
use aim::error::Status;
use aim::query::{Select, query};
use aim::repo::{Fate, Location, Repo, RepoOptions, RepoRef, copy_runs, salvage};
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

fn at(root: &Path) -> Location {
    Location::find(Some(root)).unwrap()
}

fn open(root: &Path) -> RepoRef {
    Repo::open(at(root), &RepoOptions::default(), true).unwrap()
}

fn begin(root: &Path) -> Arc<Run> {
    Arc::new(Run::create(open(root), None).unwrap())
}

fn all(root: &Path, run: &str) -> Vec<Artifact> {
    open(root).artifacts(run).unwrap().all()
}

fn found(root: &Path, run: &str, what: &str) -> Artifact {
    let reference = Reference::parse(&format!("{run}/{what}")).unwrap();
    open(root).artifact(&reference).unwrap()
}

fn kept(root: &Path, run: &str) -> PathBuf {
    root.join(".aim/artifacts").join(run)
}

fn verified(root: &Path, run: &str) -> Vec<Checked> {
    let all = open(root).verify_artifacts(run).unwrap();
    all.into_iter().map(|(_, checked)| checked).collect()
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

fn files_below(directory: &Path) -> usize {
    let Ok(entries) = fs::read_dir(directory) else {
        return 0;
    };
    entries
        .map(|entry| match entry.unwrap().path() {
            path if path.is_dir() => files_below(&path),
            _ => 1,
        })
        .sum()
}

#[test]
fn versions_are_counted_by_their_bytes_and_aliases_move() {
    let directory = tempfile::tempdir().unwrap();
    let (root, file) = (directory.path().join("repo"), directory.path().join("m.pt"));
    let run = begin(&root);
    let log = |aliases| {
        let new = NewArtifact {
            name: Some("model/m"),
            kind: Some("checkpoint"),
            aliases: Some(aliases),
            metadata: Some(r#"{"loss": 0.25}"#),
            step: Some(3),
            ..NewArtifact::new(&file, Mode::Reference)
        };
        Run::log_artifact(&run, &new).unwrap();
    };
    fs::write(&file, "one").unwrap();
    log("best,first");
    log("again");
    fs::write(&file, "two!").unwrap();
    log("best");
    let hash = run.hash().to_owned();
    run.close().unwrap();
    let versions = all(&root, &hash);
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0].aliases, ["first", "again"]);
    assert_eq!(versions[1].aliases, ["best", "latest"]);
    let first = found(&root, &hash, "model/m:first");
    assert_eq!(
        (first.version, first.size, first.step),
        (Some(0), Some(3), Some(3))
    );
    assert_eq!(first.state, State::Stored);
    assert_eq!(first.path, file.to_str().unwrap());
    // sha256sum of "one"
    assert_eq!(
        first.checksum.as_deref(),
        Some("7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed")
    );
    assert_eq!(found(&root, &hash, "model/m").version, Some(1));
    assert_eq!(found(&root, &hash, "model/m:v0").version, Some(0));
    let missing = Reference::parse(&format!("{hash}/model/m:v2")).unwrap();
    let e = open(&root).artifact(&missing).unwrap_err();
    assert_eq!(e.status, Status::NotFound);
    // The file that the first version refers to has other bytes now.
    let checked = verified(&root, &hash);
    assert!(matches!(checked[0], Checked::Changed(_)), "{checked:?}");
    assert_eq!(checked[1], Checked::Intact);
    fs::remove_file(&file).unwrap();
    assert!(matches!(verified(&root, &hash)[1], Checked::Missing(_)));
}

#[test]
fn expressions_find_runs_by_their_artifacts() {
    let directory = tempfile::tempdir().unwrap();
    let (root, file) = (directory.path().join("repo"), directory.path().join("m.pt"));
    let mut hashes = Vec::new();
    for size in [10, 2000] {
        let run = begin(&root);
        fs::write(&file, vec![1; size]).unwrap();
        let new = NewArtifact {
            name: Some("model"),
            aliases: Some("best"),
            metadata: Some(r#"{"loss": 0.5}"#),
            ..NewArtifact::new(&file, Mode::Copy)
        };
        Run::log_artifact(&run, &new).unwrap();
        hashes.push(run.hash().to_owned());
        run.close().unwrap();
    }
    for _ in 0..5 {
        begin(&root).close().unwrap();
    }
    // A param of that name stands for itself.
    let other = begin(&root);
    let value = aim_value::Tree::from_json(r#"{"model": {"size": 4000}}"#).unwrap();
    other.set_param("artifacts", value).unwrap();
    hashes.push(other.hash().to_owned());
    other.close().unwrap();
    let ask = |expression: &str| -> Vec<String> {
        let repo = open(&root);
        let found = query(&repo, expression, Select::Runs, Default::default()).unwrap();
        let hashes = found.rows().iter().map(|row| row.run.hash);
        hashes
            .map(|hash| hash.iter().map(|b| format!("{b:02x}")).collect())
            .collect()
    };
    for (expression, expected) in [
        ("run.artifacts['model'].size > 100", vec![2, 1]),
        ("run.artifacts.model.size == 10", vec![0]),
        ("run.artifacts['model:best'].version == 0", vec![1, 0]),
        ("run.artifacts['model:v0'].metadata.loss < 1", vec![1, 0]),
        ("run.artifacts['model:v1'].size > 0", vec![]),
        ("run.artifacts['model'].type == 'file'", vec![1, 0]),
        ("'model' in run.artifacts", vec![2, 1, 0]),
        ("run.artifacts['nothing'].size > 0", vec![]),
        ("'best' in run.artifacts.model.aliases", vec![1, 0]),
    ] {
        let expected: Vec<String> = expected
            .into_iter()
            .map(|i: usize| hashes[i].clone())
            .collect();
        assert_eq!(ask(expression), expected, "{expression}");
    }
}

#[test]
fn a_linked_file_outlives_the_rotation_of_checkpoints() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().join("repo");
    let run = begin(&root);
    for step in 0..10_i64 {
        let file = directory.path().join(format!("step-{step}.pt"));
        fs::write(&file, format!("weights of step {step}")).unwrap();
        let new = NewArtifact {
            name: Some("model"),
            step: Some(step),
            wait: false,
            ..NewArtifact::new(&file, Mode::Link)
        };
        Run::log_artifact(&run, &new).unwrap();
        fs::remove_file(&file).unwrap();
    }
    let hash = run.hash().to_owned();
    run.close().unwrap();
    let versions = all(&root, &hash);
    assert_eq!(versions.len(), 10);
    for (i, version) in (0_i64..).zip(&versions) {
        assert_eq!(
            (version.version, version.step, version.mode),
            (Some(i), Some(i), Mode::Link)
        );
    }
    assert!(
        verified(&root, &hash)
            .iter()
            .all(|checked| *checked == Checked::Intact)
    );
    let into = directory.path().join("fetched");
    let reference = Reference::parse(&format!("{hash}/model:v4")).unwrap();
    let fetched = open(&root).fetch_artifact(&reference, &into).unwrap();
    assert_eq!(fetched, into.join("step-4.pt"));
    assert_eq!(fs::read_to_string(fetched).unwrap(), "weights of step 4");
}

#[test]
fn a_file_that_changes_makes_no_version() {
    let directory = tempfile::tempdir().unwrap();
    let (root, file) = (directory.path().join("repo"), directory.path().join("m.pt"));
    let run = begin(&root);
    // The thread is busy with this while the next file changes.
    let large = directory.path().join("large");
    fs::File::create(&large).unwrap().set_len(1 << 29).unwrap();
    let unseen = |path| NewArtifact {
        wait: false,
        ..NewArtifact::new(path, Mode::Reference)
    };
    Run::log_artifact(&run, &unseen(&large)).unwrap();
    fs::write(&file, "one").unwrap();
    Run::log_artifact(&run, &unseen(&file)).unwrap();
    let later = SystemTime::now() + Duration::from_secs(5);
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(later)
        .unwrap();
    run.close().unwrap();
    let found = all(&root, run.hash());
    let of = |name: &str| found.iter().find(|artifact| artifact.name == name).unwrap();
    assert_eq!(of("large").state, State::Stored);
    let State::Failed(why) = &of("m.pt").state else {
        panic!("{:?}", of("m.pt"));
    };
    assert!(why.contains("m.pt changed since it was logged"), "{why}");
    assert_eq!(of("m.pt").version, None);
}

#[test]
fn directories_have_a_manifest() {
    let directory = tempfile::tempdir().unwrap();
    let (root, data) = (directory.path().join("repo"), directory.path().join("data"));
    fs::create_dir_all(data.join("a/b")).unwrap();
    fs::write(data.join("a/b/ü \"x\".txt"), "deep").unwrap();
    fs::write(data.join("top"), "flat").unwrap();
    fs::write(data.join("empty"), "").unwrap();
    std::os::unix::fs::symlink(data.join("top"), data.join("a/link")).unwrap();
    std::os::unix::fs::symlink(&data, data.join("a/round")).unwrap();
    let run = begin(&root);
    for mode in [Mode::Reference, Mode::Link, Mode::Copy] {
        let new = NewArtifact {
            name: Some(mode.text()),
            ..NewArtifact::new(&data, mode)
        };
        Run::log_artifact(&run, &new).unwrap();
    }
    let hash = run.hash().to_owned();
    run.close().unwrap();
    let found = all(&root, &hash);
    assert_eq!(found.len(), 3);
    for artifact in &found {
        assert_eq!(
            (artifact.files, artifact.size),
            (Some(4), Some(12)),
            "{artifact:?}"
        );
        assert_eq!(artifact.checksum, found[0].checksum);
        assert_eq!(artifact.mode.text(), artifact.name);
    }
    fs::write(data.join("top"), "FLAT").unwrap();
    let checked = verified(&root, &hash);
    assert!(matches!(&checked[0], Checked::Changed(why) if why.contains("SHA-256")));
    // A link is the same file: who writes to it in place changes it.
    assert!(matches!(checked[1], Checked::Changed(_)));
    assert_eq!(checked[2], Checked::Intact);
    fs::remove_dir_all(&data).unwrap();
    let into = directory.path().join("fetched");
    let repo = open(&root);
    let reference = |name: &str| Reference::parse(&format!("{hash}/{name}")).unwrap();
    let fetched = repo.fetch_artifact(&reference("copy"), &into).unwrap();
    assert_eq!(
        fs::read_to_string(fetched.join("a/b/ü \"x\".txt")).unwrap(),
        "deep"
    );
    assert_eq!(fs::read_to_string(fetched.join("a/link")).unwrap(), "flat");
    let e = repo.fetch_artifact(&reference("link"), &into).unwrap_err();
    assert_eq!(e.status, Status::Corrupt);
    assert_eq!(fs::read_to_string(fetched.join("top")).unwrap(), "flat");
    // A reference to what is gone.
    let e = repo
        .fetch_artifact(&reference("reference"), &into)
        .unwrap_err();
    assert_eq!(e.status, Status::NotFound);
}

/// A repository that somebody sends: what it keeps leads nowhere else, and nothing is waited for.
#[test]
fn what_a_forged_repository_keeps_leads_nowhere_else() {
    let directory = tempfile::tempdir().unwrap();
    let (root, data) = (directory.path().join("repo"), directory.path().join("data"));
    let secret = directory.path().join("secret");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("file"), "data").unwrap();
    fs::write(&secret, "data").unwrap();
    let run = begin(&root);
    for (name, path) in [("one", data.join("file")), ("many", data.clone())] {
        let new = NewArtifact {
            name: Some(name),
            ..NewArtifact::new(&path, Mode::Copy)
        };
        Run::log_artifact(&run, &new).unwrap();
    }
    let hash = run.hash().to_owned();
    run.close().unwrap();
    let into = directory.path().join("fetched");
    let fetch = |name: &str| {
        let reference = Reference::parse(&format!("{hash}/{name}")).unwrap();
        open(&root).fetch_artifact(&reference, &into)
    };
    let place = |name: &str| kept(&root, &hash).join(found(&root, &hash, name).id);
    let refused = |name: &str, why: &str| {
        let e = fetch(name).unwrap_err();
        assert!(
            e.status == Status::Corrupt && e.message.contains(why),
            "{e}"
        );
    };
    let link = |at: &Path, to: &Path| {
        let before = at.with_extension("before");
        fs::rename(at, &before).unwrap();
        std::os::unix::fs::symlink(to, at).unwrap();
        before
    };
    // The bytes are the same, so that it is the link that is refused.
    let before = link(&place("one"), &secret);
    refused("one", "is a symbolic link");
    assert!(open(&root).verify_artifacts(&hash).is_err());
    fs::rename(before, place("one")).unwrap();
    fetch("one").unwrap();
    let before = link(&place("many"), &data);
    refused("many", "is a symbolic link");
    fs::remove_file(place("many")).unwrap();
    fs::rename(before, place("many")).unwrap();

    let manifest = place("many").with_extension("manifest");
    let text = fs::read_to_string(&manifest).unwrap();
    let outside = directory.path().join("outside");
    for path in ["../../outside", "/outside", "a/../../../outside"] {
        fs::write(&manifest, text.replace("\"file\"", &format!("\"{path}\""))).unwrap();
        refused("many", "is damaged");
    }
    assert!(!outside.exists());
    fs::write(directory.path().join("manifest"), &text).unwrap();
    fs::remove_file(&manifest).unwrap();
    std::os::unix::fs::symlink(directory.path().join("manifest"), &manifest).unwrap();
    refused("many", "is a symbolic link");
    fs::remove_file(&manifest).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&manifest).status();
    assert!(made.unwrap().success());
    refused("many", "is a FIFO");
    fs::remove_file(&manifest).unwrap();
    fs::write(&manifest, &text).unwrap();
    fetch("many").unwrap();
}

#[test]
fn copies_of_the_same_bytes_are_there_once_until_the_last_run_is_deleted() {
    let directory = tempfile::tempdir().unwrap();
    let (root, file) = (directory.path().join("repo"), directory.path().join("m.pt"));
    fs::write(&file, vec![7; 100_000]).unwrap();
    let mut runs = Vec::new();
    for _ in 0..2 {
        let run = begin(&root);
        Run::log_artifact(&run, &NewArtifact::new(&file, Mode::Copy)).unwrap();
        runs.push(run.hash().to_owned());
        run.close().unwrap();
    }
    fs::remove_file(&file).unwrap();
    let content = |run: &str| kept(&root, run).join(&found(&root, run, "m.pt").id);
    assert_eq!(inode(&content(&runs[0])), inode(&content(&runs[1])));
    open(&root).delete_run(&runs[0]).unwrap();
    assert!(!kept(&root, &runs[0]).exists());
    assert_eq!(verified(&root, &runs[1]), [Checked::Intact]);
    let repo = open(&root);
    let (id, _) = repo.find_run(&runs[1]).unwrap();
    assert_eq!(repo.delete_runs(&[id]).unwrap().runs, 1);
    assert_eq!(files_below(&root.join(".aim/artifacts")), 0);
}

#[test]
fn a_deleted_version_gives_its_file_back_and_keeps_its_number() {
    let directory = tempfile::tempdir().unwrap();
    let (root, file) = (directory.path().join("repo"), directory.path().join("m.pt"));
    let run = begin(&root);
    for text in ["one", "two"] {
        fs::write(&file, text).unwrap();
        let new = NewArtifact {
            aliases: Some(text),
            ..NewArtifact::new(&file, Mode::Copy)
        };
        Run::log_artifact(&run, &new).unwrap();
    }
    let hash = run.hash().to_owned();
    let reference = Reference::parse(&format!("{hash}/m.pt:two")).unwrap();
    open(&root).delete_artifact(&reference).unwrap();
    assert_eq!(files_below(&kept(&root, &hash)), 1);
    assert_eq!(found(&root, &hash, "m.pt").version, Some(0));
    fs::write(&file, "three").unwrap();
    Run::log_artifact(&run, &NewArtifact::new(&file, Mode::Copy)).unwrap();
    run.close().unwrap();
    assert_eq!(found(&root, &hash, "m.pt").version, Some(2));
    assert_eq!(all(&root, &hash).len(), 2);
    assert_eq!(
        open(&root).artifact(&reference).unwrap_err().status,
        Status::NotFound
    );
}

#[test]
fn runs_know_whose_artifacts_they_use() {
    let directory = tempfile::tempdir().unwrap();
    let (root, file) = (
        directory.path().join("repo"),
        directory.path().join("data.csv"),
    );
    fs::write(&file, "1,2").unwrap();
    let maker = begin(&root);
    Run::log_artifact(&maker, &NewArtifact::new(&file, Mode::Reference)).unwrap();
    let reference = Reference::parse(&format!("{}/data.csv", maker.hash())).unwrap();
    let user = begin(&root);
    // The maker is open still.
    user.use_artifact(&reference).unwrap();
    fs::write(&file, "3,4").unwrap();
    Run::log_artifact(&maker, &NewArtifact::new(&file, Mode::Reference)).unwrap();
    maker.close().unwrap();
    let second = begin(&root);
    second.use_artifact(&reference).unwrap();
    second.use_artifact(&reference).unwrap();
    let users = open(&root).artifact_users(&reference).unwrap();
    let runs: Vec<(&str, Option<i64>)> =
        users.iter().map(|u| (u.run.as_str(), u.version)).collect();
    let expected = [
        (user.hash(), Some(0)),
        (second.hash(), Some(1)),
        (second.hash(), Some(1)),
    ];
    assert_eq!(runs, expected);
    user.close().unwrap();
    second.close().unwrap();
}

#[test]
fn copies_of_runs_and_salvaged_repositories_have_the_files() {
    let directory = tempfile::tempdir().unwrap();
    let (root, data) = (directory.path().join("repo"), directory.path().join("data"));
    fs::create_dir(&data).unwrap();
    fs::write(data.join("x"), "in a directory").unwrap();
    let run = begin(&root);
    for mode in [Mode::Copy, Mode::Link] {
        for path in [data.clone(), data.join("x")] {
            let name = format!("{}-{}", mode.text(), path.is_dir());
            let new = NewArtifact {
                name: Some(&name),
                ..NewArtifact::new(&path, mode)
            };
            Run::log_artifact(&run, &new).unwrap();
        }
    }
    let hash = run.hash().to_owned();
    run.close().unwrap();
    drop(run);
    fs::remove_dir_all(&data).unwrap();

    let copy = directory.path().join("copy");
    let (from, into) = (open(&root), open(&copy));
    let (id, _) = from.find_run(&hash).unwrap();
    copy_runs(&from, &into, &[id], |copied| {
        assert!(matches!(copied.fate, Fate::Copied { .. }), "{copied:?}");
        true
    })
    .unwrap();
    drop((from, into));
    let saved = directory.path().join("saved");
    salvage(&at(&root), at(&saved), &RepoOptions::default()).unwrap();
    fs::remove_dir_all(&root).unwrap();
    for place in [&copy, &saved] {
        let checked = verified(place, &hash);
        assert_eq!(checked.len(), 4);
        assert!(checked.iter().all(|c| *c == Checked::Intact), "{checked:?}");
    }
}

#[test]
fn compact_removes_what_nothing_refers_to() {
    let directory = tempfile::tempdir().unwrap();
    let (root, file) = (directory.path().join("repo"), directory.path().join("m.pt"));
    fs::write(&file, "kept").unwrap();
    let run = begin(&root);
    Run::log_artifact(&run, &NewArtifact::new(&file, Mode::Copy)).unwrap();
    let hash = run.hash().to_owned();
    run.close().unwrap();
    drop(run);
    // What a process leaves that is killed between two steps.
    let of_run = kept(&root, &hash);
    fs::write(of_run.join("0123456789abcdef"), "linked, and not recorded").unwrap();
    fs::write(of_run.join("0123456789abcdee.part"), "half a copy").unwrap();
    fs::create_dir(kept(&root, "00112233445566778899aabb")).unwrap();
    fs::write(root.join(".aim/artifacts/shared/ab"), "of nobody").unwrap();
    aim::repo::compact(&at(&root), &RepoOptions::default()).unwrap();
    assert_eq!(verified(&root, &hash), [Checked::Intact]);
    // The file and its other name.
    assert_eq!(files_below(&root.join(".aim/artifacts")), 2);
}

#[test]
fn without_a_sum_size_and_time_serve() {
    let directory = tempfile::tempdir().unwrap();
    let (root, file) = (directory.path().join("repo"), directory.path().join("m.pt"));
    fs::write(&file, "abc").unwrap();
    let run = begin(&root);
    let unsummed = NewArtifact {
        checksum: false,
        ..NewArtifact::new(&file, Mode::Reference)
    };
    Run::log_artifact(&run, &unsummed).unwrap();
    run.close().unwrap();
    let hash = run.hash();
    assert_eq!(found(&root, hash, "m.pt").checksum, None);
    assert_eq!(verified(&root, hash), [Checked::Intact]);
    let later = SystemTime::now() + Duration::from_secs(5);
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(later)
        .unwrap();
    assert!(matches!(verified(&root, hash)[..], [Checked::Changed(_)]));
}
