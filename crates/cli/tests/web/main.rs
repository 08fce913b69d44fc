//! `libaim up`, asked over HTTP.

#[path = "../support/mod.rs"]
mod support;

mod api;
mod edit;
mod fault;
mod guard;
mod live;
mod objects;
mod saved;
mod v1;
