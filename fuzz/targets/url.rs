//! Any bytes as the address of a request to the web API: whatever it asks, the answer is no fault of the server.
#![no_main]

use aim::repo::{Location, Repo, RepoOptions};
use aim::run::{EPOCH_NONE, Run, RunOptions, Which};
use aim_cli::web::{Access, Settings, router};
use aim_value::Tree;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, Uri, header::HOST};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

const HASH: &str = "0123456789abcdef01234567";

struct Server {
    _directory: tempfile::TempDir,
    runtime: Runtime,
    router: axum::Router,
}

static SERVER: OnceLock<Server> = OnceLock::new();

fn server() -> Server {
    let directory = tempfile::tempdir().expect("a directory");
    let root = directory.path().to_owned();
    let mut options = RepoOptions::default();
    options.store.map_size = Some(64 << 20);
    let repo = Repo::open(Location { root }, &options, true).expect("a repository");
    let which = RunOptions {
        which: Which::NewHash(HASH),
        ..RunOptions::default()
    };
    let run = Run::open(repo.clone(), &which).expect("a run");
    run.set_param("lr", Tree::from_json("[0.1, {\"a\": null}]").expect("JSON")).expect("a param");
    let loss = run.metric("loss", Some("{\"subset\": \"val\"}")).expect("a metric");
    for step in 0..100 {
        loss.track(step as f64, step, EPOCH_NONE).expect("a value");
    }
    run.close().expect("an end");
    let address = ([127, 0, 0, 1], 1).into();
    let settings = Settings {
        base_path: String::new(),
        read_only: true,
        access: Access::Open,
        ui: None,
    };
    Server {
        _directory: directory,
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime"),
        router: router(repo, settings, address),
    }
}

fuzz_target!(|input: &[u8]| {
    let Ok(uri) = Uri::try_from(input) else { return };
    let server = SERVER.get_or_init(server);
    let request = Request::get(uri).header(HOST, "localhost").body(Body::empty());
    let Ok(request) = request else { return };
    server.runtime.block_on(async {
        let answer = server.router.clone().oneshot(request).await.expect("an answer");
        assert_ne!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        to_bytes(answer.into_body(), 64 << 20).await.expect("all of it");
    });
});
