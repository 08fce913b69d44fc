//! Images, texts, audios, figures and distributions. A repository holds none of them yet: the answers are empty, and the
//! pages say so.

use super::run::OTHER_SEQUENCES;
use crate::web::App;
use crate::web::answer::empty;
use axum::Router;
use axum::routing::{get, post};

pub fn add_to(mut router: Router<App>) -> Router<App> {
    for kind in OTHER_SEQUENCES {
        router = router
            .route(&format!("/search/{kind}"), get(empty))
            .route(&format!("/{{hash}}/{kind}/get-batch"), post(empty))
            .route(&format!("/{{hash}}/{kind}/get-step"), post(empty));
    }
    router
        .route("/images/get-batch", post(empty))
        .route("/audios/get-batch", post(empty))
}
