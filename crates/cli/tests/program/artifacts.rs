//! `libaim artifacts`, but for stores on a network.

use crate::common::Sandbox;
use aim::artifacts::Mode;
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use std::path::Path;
use std::sync::Arc;

fn log(run: &Arc<Run>, path: &Path, name: &str, mode: Mode, aliases: Option<&str>) {
    let new = NewArtifact {
        path,
        name: Some(name),
        kind: Some("checkpoint"),
        metadata: None,
        aliases,
        step: Some(3),
        mode,
        checksum: true,
        wait: true,
    };
    Run::log_artifact(run, &new).unwrap();
}

/// A run with two versions of a file and one of a directory; its hash.
fn sandbox() -> (Sandbox, String) {
    let s = Sandbox::new();
    let run = Arc::new(Run::create(s.repo("r"), None).unwrap());
    std::fs::write(s.path("model.pt"), "first").unwrap();
    log(&run, &s.path("model.pt"), "model", Mode::Copy, Some("best"));
    std::fs::write(s.path("model.pt"), "second").unwrap();
    log(&run, &s.path("model.pt"), "model", Mode::Copy, None);
    std::fs::create_dir_all(s.path("data/deep")).unwrap();
    std::fs::write(s.path("data/deep/x"), "of the data").unwrap();
    std::fs::write(s.path("data/empty"), "").unwrap();
    log(&run, &s.path("data"), "sets/data", Mode::Reference, None);
    let hash = run.hash().to_owned();
    run.close().unwrap();
    (s, hash)
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn artifacts_are_listed_and_shown() {
    let (s, hash) = sandbox();
    let short = &hash[..8];
    let listed = s.out("r", &["artifacts", "ls", short]);
    let lines: Vec<Vec<&str>> = listed
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    assert_eq!(lines[0][..3], ["RUN", "NAME", "VERSION"]);
    assert_eq!(
        lines[1],
        [
            short,
            "model",
            "v0",
            "checkpoint",
            "5",
            "B",
            "3",
            "copy",
            "best"
        ]
    );
    assert_eq!(
        lines[2],
        [
            short,
            "model",
            "v1",
            "checkpoint",
            "6",
            "B",
            "3",
            "copy",
            "latest"
        ]
    );
    assert_eq!(
        lines[3],
        [
            short,
            "sets/data",
            "v0",
            "checkpoint",
            "11",
            "B",
            "3",
            "reference",
            "latest"
        ]
    );
    let json = s.out(
        "r",
        &[
            "artifacts",
            "ls",
            "-q",
            "run.artifacts.model.version == 1",
            "--json",
        ],
    );
    let lines: Vec<serde_json::Value> = json
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(
        (&lines[0]["run"], &lines[0]["size"]),
        (&hash.as_str().into(), &5.into())
    );
    assert_eq!(lines[2]["files"], 2);
    let shown = s.out("r", &["show", short]);
    assert!(shown.contains("files    NAME"), "{shown}");
    assert!(!shown.contains("__artifacts"), "{shown}");
}

#[test]
fn what_is_not_as_logged_is_told() {
    let (s, hash) = sandbox();
    let said = s.run("r", &["artifacts", "verify", &hash]);
    assert_eq!((said.code, said.err.as_str()), (0, "3 artifacts intact\n"));
    std::fs::write(s.path("data/deep/x"), "of the DATA").unwrap();
    let said = s.run("r", &["artifacts", "verify", &hash]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("1 artifact not as logged"), "{said:?}");
    assert!(said.err.contains("sets/data:v0 is changed"), "{said:?}");
    // And not pushed.
    let to = format!("file://{}", s.path("store").display());
    let said = s.run("r", &["artifacts", "push", &hash, "--to", &to]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("sets/data was not pushed"), "{said:?}");
    let said = s.run(
        "r",
        &[
            "artifacts",
            "fetch",
            &format!("{hash}/sets/data"),
            "-o",
            "out",
        ],
    );
    assert_eq!(said.code, 1, "{said:?}");
    assert!(!s.path("r/out/data/deep/x").exists());
}

#[test]
fn artifacts_are_fetched() {
    let (s, hash) = sandbox();
    let one = format!("{}/model:best", &hash[..6]);
    let out = s.out("r", &["artifacts", "fetch", &one, "-o", "out"]);
    assert_eq!(out, "out/model.pt\n");
    assert_eq!(read(s.path("r/out/model.pt")), "first");
    s.out(
        "r",
        &["artifacts", "fetch", &format!("{hash}/model"), "-o", "out"],
    );
    assert_eq!(read(s.path("r/out/model.pt")), "second");
    let said = s.run("r", &["artifacts", "fetch", &format!("{hash}/model:v7")]);
    assert!(said.err.contains("no version v7"), "{said:?}");
    let said = s.run("r", &["artifacts", "fetch", "model"]);
    assert_eq!(said.code, 2, "{said:?}");
}

#[test]
fn artifacts_go_to_a_directory_and_come_back() {
    let (s, hash) = sandbox();
    let said = s.run("r", &["artifacts", "push", &hash]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.err.contains("does not say where"), "{said:?}");
    let to = format!("file://{}", s.path("store").display());
    let out = s.out("r", &["artifacts", "push", &hash, "--to", &to]);
    let addresses: Vec<&str> = out.lines().collect();
    assert_eq!(addresses[0], format!("{to}/{hash}/model/v0/model.pt"));
    assert_eq!(addresses[2], format!("{to}/{hash}/sets/data/v0/"));
    assert_eq!(
        read(s.path(&format!("store/{hash}/model/v1/model.pt"))),
        "second"
    );
    assert_eq!(
        read(s.path(&format!("store/{hash}/sets/data/v0/deep/x"))),
        "of the data"
    );
    // Once is enough.
    let said = s.run("r", &["artifacts", "push", &hash, "--to", &to]);
    assert_eq!((said.code, said.err.as_str()), (0, "pushed 0 artifacts\n"));
    std::fs::remove_dir_all(s.path("data")).unwrap();
    let out = s.out(
        "r",
        &[
            "artifacts",
            "pull",
            &format!("{hash}/sets/data"),
            "-o",
            "back",
        ],
    );
    assert_eq!(out, "back/data\n");
    assert_eq!(read(s.path("r/back/data/deep/x")), "of the data");
    assert_eq!(read(s.path("r/back/data/empty")), "");
    std::fs::write(s.path(&format!("store/{hash}/model/v0/model.pt")), "forged").unwrap();
    let said = s.run(
        "r",
        &[
            "artifacts",
            "pull",
            &format!("{hash}/model:v0"),
            "-o",
            "back",
        ],
    );
    assert_eq!(said.code, 1, "{said:?}");
    assert!(!s.path("r/back/model.pt").exists());
}
