//! The web UI: Aim's own pages over our repositories, by the HTTP API that they call, and an API for scripts.
//!
//! `guard` says who may ask, `files` serves the pages, `api` answers them, `v1` answers scripts. What is asked of the
//! repository runs on threads of its own, a bounded number at a time; answers leave in pieces (`answer`), so that a client
//! that reads slowly holds nobody up.

mod answer;
mod api;
mod entities;
mod error;
mod files;
mod guard;
mod input;
mod props;
mod rows;
mod server;
mod stream;
mod tree;
mod ui;
mod v1;

pub use guard::Access;
pub use server::{Settings, serve};
pub use ui::Ui;

use aim::repo::RepoRef;
use axum::http::StatusCode;
use error::{Answer, Refusal};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What all requests share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    repo: RepoRef,
    read_only: bool,
    /// How many requests work at a time.
    turns: Semaphore,
}

impl App {
    fn new(repo: RepoRef, read_only: bool) -> App {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        App(Arc::new(Shared {
            repo,
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
        let done = tokio::task::spawn_blocking(move || work(&shared.repo));
        done.await.map_err(|e| failed(&e))?
    }

    /// The same for work that changes the repository.
    async fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&RepoRef) -> Answer<T> + Send + 'static,
    ) -> Answer<T> {
        if self.0.read_only {
            return Err(Refusal::forbidden(
                "this server changes nothing: it was started with --read-only",
            ));
        }
        self.work(work).await
    }
}
