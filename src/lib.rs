//! libaim: an experiment tracker with a C ABI.
//!
//! Calls go down, never up: `capi` → `system` → `run`, `query` → `repo`, `artifacts` → `spool` → `store` → `objects` → `blobs`,
//! `journal` → `process`; the crates `aimql` (the query language) and `aim-value` (the value tree) lie below, and what serves
//! every room beside them: docs/architecture.md has the table, and a test compares it with these sources.
//!
//! The C header is made from `capi` alone.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

/// cbindgen:ignore
pub mod artifacts;
/// cbindgen:ignore
mod blobs;
pub mod capi;
mod environment;
/// cbindgen:ignore
pub mod error;
mod files;
/// cbindgen:ignore
pub mod journal;
mod lock;
/// cbindgen:ignore
pub mod log;
mod memory;
/// cbindgen:ignore
pub mod objects;
mod own_file;
mod panics;
mod point;
/// cbindgen:ignore
pub mod process;
/// cbindgen:ignore
pub mod query;
mod random;
/// cbindgen:ignore
pub mod repo;
/// cbindgen:ignore
pub mod run;
/// cbindgen:ignore
mod shield;
/// cbindgen:ignore
pub mod spool;
/// cbindgen:ignore
pub mod store;
/// cbindgen:ignore
pub mod system;
mod thread;
