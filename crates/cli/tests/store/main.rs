//! `libaim artifacts push` and `pull` with a store that speaks S3: the server of moto, from `tests/run central`.

#[path = "../support/bash.rs"]
mod bash;
#[path = "../program/common.rs"]
#[allow(dead_code)]
mod common;
mod server;

use aim::artifacts::Mode;
use aim::repo::Property;
use aim::run::Run;
use aim::run::artifacts::NewArtifact;
use common::{Said, Sandbox, said};
use server::Server;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const PART: usize = 8 << 20;
/// Parts that are on their way at once.
const AT_ONCE: usize = 4;

/// Bytes that are like no others, so that no two parts are equal.
fn bytes(size: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// A run that logged a file or directory as `model`, and says that its artifacts go to the bucket; its hash.
fn logged(s: &Sandbox, path: &Path) -> String {
    let run = Arc::new(Run::create(s.repo("r"), None).unwrap());
    run.set_artifacts_uri("s3://bucket/runs").unwrap();
    let new = NewArtifact {
        name: Some("model"),
        ..NewArtifact::new(path, Mode::Reference)
    };
    Run::log_artifact(&run, &new).unwrap();
    let hash = run.hash().to_owned();
    run.close().unwrap();
    hash
}

fn program(s: &Sandbox, server: &Server) -> Command {
    let mut command = s.program("r");
    command
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_ACCESS_KEY_ID", "somebody")
        .env("AWS_SECRET_ACCESS_KEY", "something")
        .env("AWS_REGION", "us-east-1");
    command
}

fn done(s: &Sandbox, server: &Server, args: &[&str]) -> String {
    let said = run(s, server, args);
    assert_eq!(said.code, 0, "{args:?}: {said:?}");
    said.out
}

fn run(s: &Sandbox, server: &Server, args: &[&str]) -> Said {
    said(program(s, server).arg("artifacts").args(args))
}

/// Where it is noted how far an artifact is.
fn progress(s: &Sandbox, hash: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(s.path("r/.aim/artifacts").join(hash)).ok()?;
    let mut paths = entries.map(|entry| entry.unwrap().path());
    paths.find(|path| path.extension().is_some_and(|ending| ending == "push"))
}

#[test]
fn files_and_directories_go_and_come_back() {
    let (s, server) = (Sandbox::new(), Server::start());
    server.put("/bucket", b"");
    let data = s.path("data");
    std::fs::create_dir_all(data.join("a b")).unwrap();
    std::fs::write(data.join("a b/ü#?%.bin"), bytes(3000)).unwrap();
    std::fs::write(data.join("empty"), "").unwrap();
    let hash = logged(&s, &data);
    let uri = format!("s3://bucket/runs/{hash}/model/v0/\n");
    assert_eq!(done(&s, &server, &["push", &hash]), uri);
    std::fs::remove_dir_all(&data).unwrap();
    let one = format!("{hash}/model");
    assert_eq!(
        done(&s, &server, &["pull", &one, "-o", "back"]),
        "back/data\n"
    );
    assert_eq!(
        std::fs::read(s.path("r/back/data/a b/ü#?%.bin")).unwrap(),
        bytes(3000)
    );
    assert_eq!(std::fs::read(s.path("r/back/data/empty")).unwrap(), b"");
    // Where the manifest is not known, it comes from the store, too.
    std::fs::remove_dir_all(s.path("r/.aim/artifacts")).unwrap();
    done(&s, &server, &["pull", &one, "-o", "again"]);
    assert_eq!(
        std::fs::read(s.path("r/again/data/a b/ü#?%.bin")).unwrap(),
        bytes(3000)
    );
    let said = run(&s, &server, &["push", &hash]);
    assert_eq!((said.code, said.err.as_str()), (0, "pushed 0 artifacts\n"));
    assert_eq!(progress(&s, &hash), None);
}

/// The commands below the heading "Stores" of the page, on a run of the name that they say.
#[test]
fn the_documented_commands_push_and_pull() {
    let page = include_str!("../../../../docs/artifacts.md");
    let (_, section) = page.split_once("\n## Stores\n").unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    let (script, _) = block.split_once("```").unwrap();
    let (s, server) = (Sandbox::new(), Server::start());
    server.put("/bucket", b"");
    let file = s.path("model.pt");
    std::fs::write(&file, "weights").unwrap();
    let run = Arc::new(Run::create(s.repo("r"), None).unwrap());
    run.set(Property::Name("RUN".into())).unwrap();
    let new = NewArtifact {
        name: Some("model"),
        aliases: Some("best"),
        ..NewArtifact::new(&file, Mode::Reference)
    };
    Run::log_artifact(&run, &new).unwrap();
    run.close().unwrap();
    let mut shell = bash::bash(&s.path("r"), script);
    let said = said(shell.env("AWS_ENDPOINT_URL", server.url()));
    assert_eq!(said.code, 0, "{said:?}");
    let back = s.path("r/models/model.pt");
    assert_eq!(std::fs::read_to_string(back).unwrap(), "weights");
}

#[test]
fn names_are_as_those_of_files() {
    let (s, server) = (Sandbox::new(), Server::start());
    server.put("/bucket", b"");
    let file = s.path("best of#?%41 ü.pt");
    std::fs::write(&file, "odd").unwrap();
    let hash = logged(&s, &file);
    let at = format!("s3://bucket/runs/{hash}/model/v0");
    let uri = format!("{at}/best%20of%23%3F%2541%20%C3%BC.pt\n");
    assert_eq!(done(&s, &server, &["push", &hash]), uri);
    std::fs::remove_file(&file).unwrap();
    let one = format!("{hash}/model");
    done(&s, &server, &["pull", &one, "-o", "back"]);
    let back = s.path("r/back/best of#?%41 ü.pt");
    assert_eq!(std::fs::read_to_string(back).unwrap(), "odd");
}

#[test]
fn a_push_that_is_killed_goes_on_where_it_was() {
    let (s, server) = (Sandbox::new(), Server::start());
    server.put("/bucket", b"");
    let file = s.path("model.pt");
    let content = bytes(20 * PART + 12_345);
    std::fs::write(&file, &content).unwrap();
    let hash = logged(&s, &file);
    let mut child = program(&s, &server)
        .args(["artifacts", "push", &hash])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let arrived = || {
        let noted = progress(&s, &hash).map(|path| std::fs::read_to_string(path).unwrap());
        noted.unwrap_or_default().matches("\"part\"").count()
    };
    while arrived() < 3 {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it ended before it was killed"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(arrived() < 21);
    done(&s, &server, &["push", &hash]);
    // Of what had arrived nothing was sent again.
    let sent = server.count("PUT", "partNumber=");
    assert!((21..=21 + AT_ONCE).contains(&sent), "{sent}");
    assert_eq!(server.count("POST", "uploads"), 1);
    assert_eq!(progress(&s, &hash), None);

    // Half of it is there; the other half comes.
    let one = format!("{hash}/model");
    std::fs::create_dir(s.path("r/back")).unwrap();
    std::fs::write(
        s.path("r/back/model.pt.part"),
        &content[..content.len() / 2],
    )
    .unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(
        done(&s, &server, &["pull", &one, "-o", "back"]),
        "back/model.pt\n"
    );
    assert!(std::fs::read(s.path("r/back/model.pt")).unwrap() == content);
    assert_eq!(server.answers("GET", "model.pt"), ["206"]);
    // It is there: nothing is asked for.
    done(&s, &server, &["pull", &one, "-o", "back"]);
    assert_eq!(server.answers("GET", "model.pt"), ["206"]);
}

#[test]
fn an_upload_that_the_store_forgot_begins_anew() {
    let (s, server) = (Sandbox::new(), Server::start());
    server.put("/bucket", b"");
    let file = s.path("model.pt");
    let content = bytes(2 * PART);
    std::fs::write(&file, &content).unwrap();
    let hash = logged(&s, &file);
    let said = run(&s, &server, &["push", &hash, "--to", "s3://no-such-bucket"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("beginning"), "{said:?}");
    let noted = progress(&s, &hash).unwrap();
    let key = format!("{}/bucket/runs/{hash}/model/v0/model.pt", server.url());
    let begun =
        format!("[\"begin\",\"{key}\",\"forgotten\",{PART}]\n[\"part\",\"{key}\",0,\"x\"]\n[\"par");
    std::fs::write(noted, begun).unwrap();
    done(&s, &server, &["push", &hash]);
    let one = format!("{hash}/model");
    done(&s, &server, &["pull", &one, "-o", "back"]);
    assert!(std::fs::read(s.path("r/back/model.pt")).unwrap() == content);
}

#[test]
fn what_was_changed_in_the_store_is_not_put_in_place() {
    let (s, server) = (Sandbox::new(), Server::start());
    server.put("/bucket", b"");
    let file = s.path("model.pt");
    std::fs::write(&file, "intact").unwrap();
    let hash = logged(&s, &file);
    done(&s, &server, &["push", &hash]);
    server.put(&format!("/bucket/runs/{hash}/model/v0/model.pt"), b"forged");
    let one = format!("{hash}/model");
    let said = run(&s, &server, &["pull", &one, "-o", "back"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("is not what was logged"), "{said:?}");
    assert_eq!(std::fs::read_dir(s.path("r/back")).unwrap().count(), 0);
    server.put(&format!("/bucket/runs/{hash}/model/v0/model.pt"), b"intact");
    done(&s, &server, &["pull", &one, "-o", "back"]);
}
