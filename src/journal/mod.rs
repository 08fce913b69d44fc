//! The journal: what a process has tracked and the store does not hold yet.
//!
//! One file per writing process and repo, mapped into memory, used as a ring of 48-byte slots by many producers
//! and one consumer. A tracking call writes its record with plain stores and returns; the pages belong to the
//! kernel, so the death of the process at any instant loses no record whose call returned. After a power loss
//! the records of the last seconds may be missing, but none is ever made up: every record carries a check.
//!
//! ```text
//! create ─▶ ensure_ready ─▶ Producer, push_payload ─▶ Consumer: drain, commit, release ─▶ seal ─▶ remove
//!                                      └─ owner dies ─▶ scan, Recovery: replay, commit, remove
//! ```
//!
//! A thread that is interrupted inside a push and never resumes it (`siglongjmp` out of a signal handler) leaves nothing,
//! or a place that the consumer gives up: `ring.rs`.
//!
//! Threads that track side by side share the ring's tail (`bias.rs`), and take from it for many records at once (`lane.rs`).
//! A thread that a debugger steps through a call goes around what it would repeat for ever (`detour.rs`).
//!
//! The synchronisation core is model-checked by `cargo test --lib journal::ring_model`;
//! `LOOM_MAX_PREEMPTIONS` sets how deeply.

mod alive;
mod bias;
mod claims;
mod clock;
mod consumer;
mod detour;
mod holder;
mod id;
mod kept;
mod lane;
mod lane_word;
mod layout;
mod live;
mod lock;
mod mapping;
mod owner;
mod push;
mod push_error;
mod read;
mod record;
mod recovery;
mod ring;
#[cfg(test)]
mod ring_model;
mod rseq;
mod scan;
mod sections;
mod words;

pub use crate::point::{EPOCH_NONE, Point, STEP_AUTO};
pub use alive::is_alive;
pub use clock::{Anchor, Calibration, Source, ticks};
pub use consumer::{Consumer, GivenUp};
pub use id::JournalId;
pub use live::{DEFAULT_CAPACITY_BYTES, Journal, Stats};
pub use owner::Owner;
pub use push::{Producer, STANDSTILL};
pub use push_error::PushError;
pub use record::Record;
pub use recovery::{Recovery, Replay, set_aside};
pub use scan::scan;
