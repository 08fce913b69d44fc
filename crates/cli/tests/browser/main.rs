//! The web UI in a real browser, the recorded answers of Aim, and the API for scripts fuzzed from its description.
//!
//! `tests/run web` brings what this needs: the UI (`make ui`), Chromium, Node with playwright-core, and a Python
//! environment with schemathesis, below `build/test/web`.

mod objects;
#[allow(dead_code, reason = "the tests over HTTP use the rest")]
#[path = "../support/mod.rs"]
mod support;
mod sweep;

use aim::run::Run;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::{Server, repo};

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn here(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(file)
}

fn ui() -> PathBuf {
    let ui = top().join("build/ui");
    assert!(
        ui.join("index-template.html").is_file(),
        "`make ui` brings the UI"
    );
    ui
}

fn succeed(command: &mut Command) {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?}: {status}");
}

/// What drives the browser: a script and what it is told.
fn node(script: &str, task: &serde_json::Value) -> Command {
    let core = top().join("build/test/web/node_modules/playwright-core");
    let mut node = Command::new("node");
    node.arg(here("browser").join(script))
        .arg(task.to_string())
        .env("PLAYWRIGHT_CORE", core);
    node
}

/// Where pictures of the pages are kept.
fn screens() -> PathBuf {
    let screens = top().join("build/test/screens");
    std::fs::create_dir_all(&screens).unwrap();
    screens
}

/// Tracks a point now and then until it is told to stop.
fn go_on(run: &Run, stop: &AtomicBool) {
    let metric = run.metric("live loss", None).unwrap();
    let mut step = 0;
    while !stop.load(Ordering::Relaxed) {
        metric
            .track(100_000.0 + step as f64, step, aim::run::EPOCH_NONE)
            .unwrap();
        step += 1;
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn every_page_shows_and_edits_what_there_is() {
    let directory = tempfile::tempdir().unwrap();
    let mut hashes = repo::of_all_kinds(directory.path());
    let repository = repo::open(directory.path());
    hashes.push(objects::of_all_kinds(&repository));
    let run = repo::run(&repository, "live");
    let server = Server::start(directory.path(), &["--ui", ui().to_str().unwrap()]);
    let task = json!({
        "base": format!("http://{}", server.address),
        "hashes": hashes,
        "live": run.hash(),
        "screens": screens(),
        "profile": directory.path().join("profile"),
    });
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| go_on(&run, &stop));
        let status = node("pages.mjs", &task).status();
        stop.store(true, Ordering::Relaxed);
        assert!(status.unwrap().success(), "the browser's test failed");
    });
    run.close().unwrap();
}

/// What a picture of the documentation may weigh.
const PICTURE: u64 = 120 << 10;

#[test]
fn a_sweep_is_drawn_by_the_explorers() {
    let directory = tempfile::tempdir().unwrap();
    sweep::write(directory.path());
    let server = Server::start(directory.path(), &["--ui", ui().to_str().unwrap()]);
    let task = json!({
        "base": format!("http://{}", server.address),
        "runs": sweep::RUNS,
        "screens": screens(),
        "profile": directory.path().join("profile"),
    });
    succeed(&mut node("sweep.mjs", &task));
    let picture = screens().join("browser.png");
    let weight = picture.metadata().unwrap().len();
    assert!(weight <= PICTURE, "{weight} bytes");
    if std::env::var_os("AIM_TEST_RENEW").is_some() {
        std::fs::copy(picture, top().join("docs/pictures/browser.png")).unwrap();
    }
}

#[test]
fn behind_a_proxy_with_a_token_the_pages_work() {
    let directory = tempfile::tempdir().unwrap();
    let hashes = repo::of_all_kinds(directory.path());
    let ui = ui();
    let server = Server::start(
        directory.path(),
        &[
            "--ui",
            ui.to_str().unwrap(),
            "--base-path",
            "/x/y",
            "--token",
            "--read-only",
        ],
    );
    let task = json!({
        "first": server.url,
        "base": format!("http://{}/x/y", server.address),
        "hashes": hashes,
        "profile": directory.path().join("profile"),
    });
    succeed(&mut node("token.mjs", &task));
}

#[test]
fn answers_have_the_shape_of_aims() {
    let directory = tempfile::tempdir().unwrap();
    let mut hashes = repo::of_all_kinds(directory.path());
    hashes.push(objects::of_all_kinds(&repo::open(directory.path())));
    let server = Server::start(directory.path(), &["--ui", ui().to_str().unwrap()]);
    succeed(
        Command::new("python3")
            .arg(here("web/fixtures.py"))
            .arg(format!("http://{}", server.address))
            .args(hashes),
    );
}

/// Any text is a query as far as the description goes, but not all are AimQL; `points=0` and an empty `behind` count as absent.
const EXCLUDED: &str = "unsupported_method,positive_data_acceptance,negative_data_rejection";

#[test]
fn the_api_for_scripts_is_as_described() {
    let directory = tempfile::tempdir().unwrap();
    repo::of_all_kinds(directory.path());
    let server = Server::start(directory.path(), &[]);
    let base = format!("http://{}/api/v1", server.address);
    succeed(
        Command::new(top().join("build/test/web/venv/bin/schemathesis"))
            .args(["run", "--max-examples", "25", "--seed", "1", "--url", &base])
            .args(["--exclude-checks", EXCLUDED])
            .arg(format!("{base}/openapi.json"))
            .current_dir(directory.path()),
    );
}
