//! `libaim sync` and its central store: the real program, a real PostgreSQL.

#[path = "../support/bash.rs"]
mod bash;
mod busy;
mod citus;
#[path = "../program/common.rs"]
#[allow(dead_code)]
mod common;
#[path = "../../../../tests/aimql/conditions.rs"]
mod conditions;
#[allow(dead_code)]
#[path = "../../../../tests/common/crowd.rs"]
mod crowd;
mod equal;
mod follow;
#[path = "../support/http.rs"]
#[allow(dead_code)]
mod http;
mod kill;
mod live;
mod pull;
#[path = "../../../../tests/common/random.rs"]
mod random;
mod read;
mod refused;
mod server;
mod servers;
mod shell;
mod sides;
#[path = "../../../../tests/aimql/spec.rs"]
#[allow(dead_code)]
mod spec;
mod spool;
mod sql;
mod sync;
