//! `libaim exec`: tracks a program that was never changed.
//!
//! Two processes do it. The one that the user started runs the program and relays: its output, by pseudo-terminals, to
//! where it went before, its signals, its end. It is small and does nothing that may fail. What it reads it also passes
//! to a child, this very file again, which has the run and tracks. Whatever becomes of that one, a fault, want of memory,
//! SIGKILL, the program goes on to its end as if nothing had been.

mod channel;
mod metrics;
mod otlp;
mod output;
mod prometheus;
mod readers;
mod relay;
mod samples;
mod tensorboard;
mod tracker;

pub use channel::Relayed;
pub use metrics::Pattern;
pub use otlp::values as read_otlp;
pub use prometheus::{Asked, values as read_prometheus};
pub use relay::run;
pub use tracker::{Plan, track};
