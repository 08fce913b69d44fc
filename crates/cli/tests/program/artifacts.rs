//! `libaim artifacts`, but for stores on a network.

use crate::common::Sandbox;
use aim::artifacts::{Mode, Reference};
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use std::path::Path;
use std::sync::Arc;

fn log(run: &Arc<Run>, path: &Path, name: &str, mode: Mode, aliases: Option<&str>) {
    let new = NewArtifact {
        name: Some(name),
        kind: Some("checkpoint"),
        aliases,
        step: Some(3),
        ..NewArtifact::new(path, mode)
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

/// The one file of these bytes below a directory.
fn find_file(directory: &Path, bytes: &str) -> std::path::PathBuf {
    let mut found = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => directories.push(path),
                false if std::fs::read(&path).unwrap() == bytes.as_bytes() => found.push(path),
                false => {}
            }
        }
    }
    // A copy is there for others to share, too.
    found.retain(|path| !path.parent().unwrap().ends_with("shared"));
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn doctor_reads_what_is_kept_and_what_is_referred_to() {
    let (s, hash) = sandbox();
    let doctor = || s.run("r", &["doctor"]);
    let json = || -> serde_json::Value {
        serde_json::from_str(&s.run("r", &["doctor", "--json"]).out).unwrap()
    };
    let sound = doctor();
    assert_eq!(sound.code, 0, "{sound:?}");
    assert!(sound.out.contains("3 versions of 22 B"), "{sound:?}");
    assert_eq!(json()["artifact_count"], 3);
    // What lies elsewhere may change.
    std::fs::write(s.path("data/deep/x"), "of the DATA").unwrap();
    let changed = doctor();
    assert_eq!(changed.code, 0, "{changed:?}");
    let said = format!("{hash}/sets/data:v0 is changed");
    assert!(changed.out.contains(&said), "{changed:?}");
    assert!(changed.out.contains("only referred to"), "{changed:?}");
    std::fs::remove_dir_all(s.path("data")).unwrap();
    let said = format!("{hash}/sets/data:v0 is missing");
    assert!(doctor().out.contains(&said), "{:?}", doctor());
    // What is kept may not: neither its bytes, nor their number, nor that there is a file.
    let kept = find_file(&s.path("r/.aim/artifacts"), "first");
    for (bytes, why) in [("FIRST", "SHA-256"), ("longer", "6 bytes, not 5")] {
        std::fs::write(&kept, bytes).unwrap();
        let damaged = doctor();
        assert_eq!(damaged.code, 1, "{damaged:?}");
        assert!(
            damaged.out.contains("1 kept artifact is damaged:"),
            "{damaged:?}"
        );
        let said = format!("{hash}/model:v0 is changed");
        assert!(damaged.out.contains(&said), "{damaged:?}");
        assert!(damaged.out.contains(why), "{damaged:?}");
        assert!(
            damaged.err.contains("lost files that it keeps"),
            "{damaged:?}"
        );
    }
    std::fs::remove_file(kept).unwrap();
    let missing = doctor();
    assert_eq!(missing.code, 1, "{missing:?}");
    let said = format!("{hash}/model:v0 is missing");
    assert!(missing.out.contains(&said), "{missing:?}");
    let told = &json()["artifacts_not_as_logged"];
    assert_eq!(told.as_array().unwrap().len(), 2, "{told}");
    let first = ["name", "version", "found", "kept"].map(|key| told[0][key].clone());
    assert_eq!(
        serde_json::json!(first),
        serde_json::json!(["model", 0, "missing", true])
    );
}

#[test]
fn artifacts_are_apart_from_params_in_json() {
    let (s, hash) = sandbox();
    let user = Run::create(s.repo("r"), None).unwrap();
    let reference = Reference::parse(&format!("{hash}/model:best")).unwrap();
    user.use_artifact(&reference).unwrap();
    user.close().unwrap();
    let show = |run: &str| -> serde_json::Value {
        serde_json::from_str(&s.out("r", &["show", "--json", run])).unwrap()
    };
    let shown = show(&hash);
    assert_eq!(shown["params"], serde_json::json!({}));
    let told = shown["artifacts"].as_array().unwrap();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(
        (&told[1]["name"], &told[1]["version"]),
        (&"model".into(), &1.into())
    );
    assert_eq!(shown["used_artifacts"], serde_json::json!([]));
    let used = &show(user.hash())["used_artifacts"][0];
    assert_eq!(
        (&used["run"], &used["version"]),
        (&hash.as_str().into(), &0.into())
    );
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
