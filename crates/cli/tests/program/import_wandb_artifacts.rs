//! `libaim import wandb`: artifacts, whose files lie in W&B's staging directory until they are sent.

use crate::common::{Said, Sandbox};
use crate::import::{imported, samples};
use aim::artifacts::{Artifact, Checked};
use aim::repo::RepoRef;
use aim_value::Tree;
use std::path::Path;

/// Where the sample's files were staged.
const STAGED: &str = "/data/lab/home/.local/share/wandb/artifacts/staging";
const FOLDER: &str = "wandb/wandb/offline-run-20261126_003147-oddy049y";

fn import(s: &Sandbox, folder: &Path, staging: &Path) -> Said {
    let rule = format!("{STAGED}={}", staging.display());
    let folder = folder.to_str().unwrap();
    s.run("r", &["import", "wandb", folder, "--rewrite-path", &rule])
}

fn artifacts(repo: &RepoRef) -> (String, Vec<Artifact>) {
    let hash = imported(repo)["all kinds"].record.hash_text();
    let all = repo.artifacts(&hash).unwrap().all();
    (hash, all)
}

fn named<'a>(all: &'a [Artifact], name: &str) -> &'a Artifact {
    let mut found = all.iter().filter(|artifact| artifact.name == name);
    found.next().unwrap_or_else(|| panic!("{name} in {all:?}"))
}

fn field<'t>(tree: &'t Tree, key: &str) -> Option<&'t Tree> {
    match tree {
        Tree::Dict(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
        _ => None,
    }
}

#[test]
fn artifacts_whose_files_are_staged_are_kept() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let folder = s.path("copy");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("run-oddy049y.wandb");
    std::fs::copy(samples(FOLDER).join("run-oddy049y.wandb"), &file).unwrap();
    let said = import(&s, &folder, &samples("wandb/staging"));
    assert!(said.err.contains("3 artifacts"), "{said:?}");
    let (hash, all) = artifacts(&repo);
    assert_eq!(all.len(), 3, "{all:?}");
    let model = named(&all, "model");
    assert_eq!((model.kind.as_str(), model.version), ("model", Some(0)));
    assert_eq!(model.files, Some(1));
    assert!(model.aliases.contains(&"best".to_owned()), "{model:?}");
    let metadata = model.metadata.as_ref().unwrap();
    assert_eq!(field(metadata, "acc"), Some(&Tree::Float(0.5)));
    assert_eq!(field(metadata, "description"), Some(&Tree::Str("d".into())));
    let elsewhere = field(metadata, "references").and_then(|tree| field(tree, "ref.bin"));
    assert_eq!(
        elsewhere,
        Some(&Tree::Str("file:///data/lab/gen/m.bin".into()))
    );
    assert_eq!(named(&all, "run-oddy049y-table").files, Some(2));
    for (artifact, checked) in repo.verify_artifacts(&hash).unwrap() {
        assert!(
            matches!(checked, Checked::Intact),
            "{artifact:?} {checked:?}"
        );
    }
    let which = format!("{hash}/model:v-x");
    s.out("r", &["artifacts", "fetch", &which, "-o", "out"]);
    assert_eq!(
        std::fs::read(s.path("r/out/model/m.bin")).unwrap(),
        std::fs::read(samples("wandb/staging/tmpyif8my2h")).unwrap()
    );
    // Nothing is left of how they were put together.
    let kept = std::fs::read_dir(s.path("r/.aim/artifacts").join(&hash)).unwrap();
    let names: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        names
            .iter()
            .all(|name| !name.to_string_lossy().ends_with(".part")),
        "{names:?}"
    );
    // What is there already stays once.
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.push(0);
    std::fs::write(&file, bytes).unwrap();
    let said = import(&s, &folder, &samples("wandb/staging"));
    assert!(!said.err.contains("nothing is new"), "{said:?}");
    assert_eq!(artifacts(&repo).1.len(), 3);
}

#[test]
fn files_that_are_not_what_was_logged_are_not_taken() {
    let s = Sandbox::new();
    let repo = s.repo("r");
    let staging = s.path("staging");
    std::fs::create_dir(&staging).unwrap();
    for entry in std::fs::read_dir(samples("wandb/staging")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, staging.join(path.file_name().unwrap())).unwrap();
    }
    std::fs::write(staging.join("tmpyif8my2h"), "somebody's").unwrap();
    std::fs::rename(staging.join("tmpru6f_93c"), s.path("table")).unwrap();
    std::os::unix::fs::symlink(s.path("table"), staging.join("tmpru6f_93c")).unwrap();
    let said = import(&s, &samples(FOLDER), &staging);
    let lost = "files of artifacts that are not in W&B's staging directory (2)";
    assert!(said.err.contains(lost), "{said:?}");
    let (_, all) = artifacts(&repo);
    assert_eq!(named(&all, "run-oddy049y-table").files, Some(1));
    assert!(
        all.iter().all(|artifact| artifact.name != "model"),
        "{all:?}"
    );
    let run = &imported(&repo)["all kinds"];
    let known = run.param(&["wandb", "artifacts", "model"]).unwrap();
    assert_eq!(field(&known, "type"), Some(&Tree::Str("model".into())));
    let dry = s.run(
        "r",
        &[
            "import",
            "wandb",
            "--dry-run",
            samples(FOLDER).to_str().unwrap(),
        ],
    );
    let lost = "files of artifacts that are not in W&B's staging directory (4)";
    assert!(dry.err.contains(lost), "{dry:?}");
}
