//! The web UI: Aim's own pages over our repositories, by the HTTP API that they call, and an API for scripts.
//!
//! `guard` says who may ask, `files` serves the pages, `api` answers them, `v1` answers scripts. What is asked of the
//! repository runs on threads of its own, a bounded number at a time; answers leave in `pieces`, so that a client
//! that reads slowly holds nobody up.

mod answer;
mod api;
mod entities;
mod error;
mod files;
mod guard;
mod input;
mod keeper;
mod local_time;
mod pieces;
mod props;
mod rows;
mod server;
mod stream;
mod tree;
mod ui;
mod v1;

pub use guard::Access;
pub use keeper::{Kept, keep};
pub use server::{Settings, router, serve};
pub use ui::Ui;

use crate::central::Live;
use crate::failure::Failure;
use aim::query::{Options, Select, query};
use aim::repo::RepoRef;
use axum::http::StatusCode;
use error::{Answer, Refusal};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// What all requests share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    repo: RepoRef,
    /// Where the repository holds copies of a central store.
    live: Option<Mutex<Live>>,
    read_only: bool,
    /// How many requests work at a time.
    turns: Semaphore,
}

impl App {
    fn new(repo: RepoRef, live: Option<Live>, read_only: bool) -> App {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        App(Arc::new(Shared {
            repo,
            live: live.map(Mutex::new),
            read_only,
            turns: Semaphore::new(2 * processors),
        }))
    }

    fn repo(&self) -> &RepoRef {
        &self.0.repo
    }

    /// Works on the repository, off the threads that serve connections.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&RepoRef) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        let failed = |e: &dyn std::fmt::Display| {
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, e.to_string())
        };
        let shared = Arc::clone(&self.0);
        let _turn = self.0.turns.acquire().await.map_err(|e| failed(&e))?;
        let done = tokio::task::spawn_blocking(move || {
            shared.bring(|live| live.outline(""))?;
            work(&shared.repo)
        });
        done.await.map_err(|e| failed(&e))?
    }

    /// The same for work that changes the repository.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&RepoRef) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        if self.0.read_only {
            return Err(Refusal::forbidden(
                "this server changes nothing: it was started with --read-only, or shows a central store",
            ));
        }
        self.work(work).await
    }

    /// From a central store, brings all that runs hold before it is read.
    async fn whole(&self, runs: Whole) -> Answer<()> {
        if self.0.live.is_none() {
            return Ok(());
        }
        let shared = Arc::clone(&self.0);
        self.work(move |repo| {
            let runs: Vec<[u8; 12]> = match runs {
                Whole::Runs(hashes) => hashes.iter().filter_map(|hash| bytes(hash)).collect(),
                // What is wrong with it is said when it is answered.
                Whole::Selected(expression, most) => {
                    let found = query(repo, &expression, Select::Metrics, Options::default());
                    let rows = found.as_ref().map_or(&[][..], |found| found.rows());
                    let runs = rows.chunk_by(|a, b| a.run.id == b.run.id).take(most);
                    runs.map(|rows| rows[0].run.hash).collect()
                }
            };
            shared.bring(|live| live.whole(runs))
        })
        .await
    }
}

/// Runs of which points or logs are read.
enum Whole {
    Runs(Vec<String>),
    /// Those of the first metrics that an expression selects, so many runs at most.
    Selected(String, usize),
}

fn bytes(hash: &str) -> Option<[u8; 12]> {
    let number = u128::from_str_radix(hash, 16).ok()?;
    let bytes = number.to_be_bytes();
    (hash.len() == 24).then(|| bytes[4..].try_into().ok())?
}

impl Shared {
    fn bring(&self, bring: impl FnOnce(&mut Live) -> Result<(), Failure>) -> Answer<()> {
        let Some(live) = &self.live else {
            return Ok(());
        };
        let mut live = live.lock().unwrap_or_else(PoisonError::into_inner);
        bring(&mut live)
            .map_err(|failure| Refusal::new(StatusCode::BAD_GATEWAY, failure.to_string()))
    }
}
