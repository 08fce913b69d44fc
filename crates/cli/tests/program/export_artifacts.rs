//! Files that runs keep, through `libaim export directory` and back.

use crate::common::Sandbox;
use aim::artifacts::{Checked, Mode};
use aim::repo::RepoRef;
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use std::path::Path;
use std::sync::Arc;

fn log(run: &Arc<Run>, path: &Path, name: &str, mode: Mode) {
    let new = NewArtifact {
        name: Some(name),
        ..NewArtifact::new(path, mode)
    };
    Run::log_artifact(run, &new).unwrap();
}

/// A run that keeps two versions of a file, another one whose name is much like it, and a directory, and that refers to
/// one; its hash.
fn sandbox() -> (Sandbox, RepoRef, String) {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let run = Arc::new(Run::create(repo.clone(), None).unwrap());
    for text in ["first", "second"] {
        std::fs::write(s.path("model.pt"), text).unwrap();
        log(&run, &s.path("model.pt"), "a/model", Mode::Copy);
    }
    log(&run, &s.path("model.pt"), "a_model", Mode::Link);
    std::fs::create_dir_all(s.path("data/deep")).unwrap();
    std::fs::write(s.path("data/deep/x"), "of the data").unwrap();
    std::fs::write(s.path("data/empty"), "").unwrap();
    log(&run, &s.path("data"), "data", Mode::Copy);
    log(&run, &s.path("data"), "referred", Mode::Reference);
    let hash = run.hash().to_owned();
    run.close().unwrap();
    (s, repo, hash)
}

#[test]
fn kept_files_come_back_as_they_were_logged() {
    let (s, repo, hash) = sandbox();
    let said = s.run("r", &["export", "directory", "-t", "../all"]);
    assert!(!said.err.contains("not exported"), "{said:?}");
    let below = s.path("all").join(&hash).join("artifacts");
    assert_eq!(
        std::fs::read_to_string(below.join("a_model/v0/model.pt")).unwrap(),
        "first"
    );
    assert_eq!(
        std::fs::read_to_string(below.join("data/v0/data/deep/x")).unwrap(),
        "of the data"
    );
    assert!(!below.join("referred/v0").exists());
    assert!(below.join("referred/v0.manifest").is_file());

    let other = s.repo("other");
    for _ in 0..2 {
        let said = s.run("other", &["import", "directory", "../all"]);
        assert_eq!(said.code, 0, "{said:?}");
        let all = |repo: &RepoRef| repo.artifacts(&hash).unwrap().all();
        assert_eq!(all(&other), all(&repo));
        let checked = other.verify_artifacts(&hash).unwrap();
        assert_eq!(checked.len(), 5);
        for (artifact, found) in checked {
            let keeps = artifact.is_kept();
            assert!(found == Checked::Intact, "{artifact:?} {found:?}");
            assert!(keeps || artifact.name == "referred");
        }
    }
    s.out("other", &["rm", "--yes", &hash]);
    assert!(!s.path("other/.aim/artifacts").join(&hash).exists());
}

#[test]
fn files_that_are_not_what_was_logged_are_not_taken() {
    let (s, _, hash) = sandbox();
    s.out("r", &["export", "directory", "-t", "../all"]);
    let below = s.path("all").join(&hash);
    std::fs::write(below.join("artifacts/a_model/v0/model.pt"), "other").unwrap();
    std::fs::write(below.join("artifacts/data/v0/data/empty"), "other").unwrap();
    let list = std::fs::read_to_string(below.join("artifacts.jsonl")).unwrap();
    let named = list.replace("artifacts/a_model/v1/model.pt", "../../model.pt");
    assert_ne!(named, list);
    std::fs::write(below.join("artifacts.jsonl"), named).unwrap();
    let other = s.repo("other");
    let said = s.run("other", &["import", "directory", "../all"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(
        said.err.matches("is not what was logged").count(),
        2,
        "{said:?}"
    );
    assert!(said.err.contains("names no file below"), "{said:?}");
    let found = other.verify_artifacts(&hash).unwrap();
    let intact = found.iter().filter(|(_, found)| *found == Checked::Intact);
    let intact: Vec<&str> = intact.map(|(artifact, _)| artifact.name.as_str()).collect();
    // Of what lies elsewhere only the list of files came, and it lies there still.
    assert_eq!(intact, ["a_model", "referred"], "{found:?}");
}

#[test]
fn an_id_that_is_a_path_leads_nowhere() {
    let (s, _, hash) = sandbox();
    s.out("r", &["export", "jsonl", "-o", "../all.jsonl"]);
    std::fs::write(s.path("precious"), "mine").unwrap();
    let text = std::fs::read_to_string(s.path("all.jsonl")).unwrap();
    let id = text
        .split(r#""id":""#)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let forged = text.replace(id, "../../../../precious");
    std::fs::write(s.path("forged.jsonl"), forged).unwrap();
    s.repo("other");
    s.out("other", &["import", "jsonl", "../forged.jsonl"]);
    let listed = s.out("other", &["artifacts", "ls", &hash]);
    let listed = listed.lines().count();
    s.run(
        "other",
        &[
            "artifacts",
            "fetch",
            &format!("{hash}/a/model:v0"),
            "-o",
            "../got",
        ],
    );
    s.out("other", &["rm", "--yes", &hash]);
    assert_eq!(listed, 5, "the header, and what has an id");
    assert!(!s.path("got/model.pt").exists());
    assert_eq!(std::fs::read_to_string(s.path("precious")).unwrap(), "mine");
}
