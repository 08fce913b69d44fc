//! `libaim sync` and its central store: the real program, a real PostgreSQL.

#[path = "../program/common.rs"]
#[allow(dead_code)]
mod common;
#[path = "../../../../tests/aimql/conditions.rs"]
mod conditions;
mod equal;
mod kill;
mod pull;
#[path = "../../../../tests/common/random.rs"]
mod random;
mod read;
mod refused;
mod server;
#[path = "../../../../tests/aimql/spec.rs"]
#[allow(dead_code)]
mod spec;
mod sql;
mod sync;
