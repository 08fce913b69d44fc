//! Answers that are computed piece by piece, as fast as the client takes them.

use super::App;
use super::answer::{octets, with_type};
use super::error::Answer;
use aim_stream::Encoder;
use axum::body::{Body, Bytes};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An answer that is computed in pieces. Between two of them it holds no snapshot of the repository and no thread.
pub trait Pieces: Send + 'static {
    /// The next piece; `None` behind the last. `cancelled` tells that nobody waits for it any more.
    fn next(&mut self, cancelled: &AtomicBool) -> Answer<Option<Encoder>>;
}

/// Sends pieces. What is wrong with the question is found with the first one, and refused; later errors can only end the
/// stream, between two records.
pub async fn pieces(app: App, pieces: impl Pieces) -> Answer {
    let work = Work {
        app,
        pieces,
        client: Client::default(),
    };
    let Some((first, work)) = work.step().await? else {
        return Ok(octets(Vec::new()));
    };
    let first = futures_util::stream::iter([Ok::<Bytes, std::convert::Infallible>(first)]);
    let rest = futures_util::stream::unfold(work, async |work| match work.step().await {
        Ok(Some((bytes, work))) => Some((Ok(bytes), work)),
        Ok(None) => None,
        Err(e) => {
            say!("an answer ends early: {e:?}");
            None
        }
    });
    let body = Body::from_stream(futures_util::StreamExt::chain(first, rest));
    Ok(with_type(body, "application/octet-stream"))
}

struct Work<P> {
    app: App,
    pieces: P,
    client: Client,
}

impl<P: Pieces> Work<P> {
    async fn step(self) -> Answer<Option<(Bytes, Work<P>)>> {
        let Work {
            app,
            mut pieces,
            client,
        } = self;
        let cancelled = Arc::clone(&client.gone);
        let (piece, pieces) = app
            .work(move |_| Ok((pieces.next(&cancelled)?, pieces)))
            .await?;
        Ok(piece.map(|piece| {
            let work = Work {
                app,
                pieces,
                client,
            };
            (Bytes::from(piece.finish()), work)
        }))
    }
}

/// Dropped when the client leaves, which ends the work for it.
#[derive(Default)]
struct Client {
    gone: Arc<AtomicBool>,
}

impl Drop for Client {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
    }
}
