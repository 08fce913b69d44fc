//! libaim: an experiment tracker with a C ABI.
//!
//! Calls go down this list, never up: `capi` → `system` → `run`, `query` → `repo` → `store`, `journal`.
//! `error` and `log` serve every room.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

pub mod error;
pub mod journal;
pub mod log;
pub mod query;
pub mod store;
