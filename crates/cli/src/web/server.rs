//! The server: its router, its socket, its end.

use super::guard::{self, Access, Policy};
use super::{App, Ui, api, files, v1};
use crate::central::Live;
use aim::repo::RepoRef;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::{Router, ServiceExt};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tower_http::normalize_path::NormalizePathLayer;
use tower_layer::Layer as _;

/// Answers under way get this long when the server is told to end.
const PATIENCE: Duration = Duration::from_secs(2);

/// How the UI is served.
pub struct Settings {
    /// "" or `/x/y`: where a proxy shows the server.
    pub base_path: String,
    pub read_only: bool,
    pub access: Access,
    pub ui: Option<Ui>,
}

/// Serves what comes to `listener` until a signal ends it. `ready` is told its address.
pub fn serve(
    repo: RepoRef,
    live: Option<Live>,
    settings: Settings,
    listener: std::net::TcpListener,
    ready: impl FnOnce(SocketAddr),
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("web")
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        let app = App::new(repo, live, settings.read_only);
        let router = answering(app, settings, address);
        // `/api/projects/` is `/api/projects`.
        let service = NormalizePathLayer::trim_trailing_slash().layer(router);
        let service = ServiceExt::<Request>::into_make_service(service);
        let end = end()?;
        let (tell, told) = tokio::sync::oneshot::channel::<()>();
        let server = axum::serve(listener, service).with_graceful_shutdown(async move {
            end.await;
            let _ = tell.send(());
        });
        ready(address);
        tokio::select! {
            outcome = server => outcome,
            () = async { let _ = told.await; tokio::time::sleep(PATIENCE).await } => Ok(()),
        }
    });
    runtime.shutdown_timeout(PATIENCE);
    outcome
}

/// Completes with SIGINT or SIGTERM.
fn end() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// What answers requests about a repository that come to an address.
pub fn router(repo: RepoRef, settings: Settings, address: SocketAddr) -> Router {
    answering(App::new(repo, None, settings.read_only), settings, address)
}

fn answering(app: App, settings: Settings, address: SocketAddr) -> Router {
    let base = settings.base_path;
    let policy = Arc::new(Policy::new(settings.access, address, &base));
    let inner = Router::new()
        .nest("/api/v1", v1::routes())
        .nest("/api", api::routes())
        .with_state(app)
        .merge(files::routes(settings.ui, &base));
    let router = match base.as_str() {
        "" => inner,
        base => Router::new()
            .nest(base, inner)
            .fallback(super::error::unknown),
    };
    router.layer(from_fn_with_state(policy, guard::check))
}
