//! What is one per process, and what a fork invalidates. A child never touches what its parent had: a thread that held a
//! lock at the moment of the fork does not exist there, and descriptors and maps are the parent's. Whoever keeps something
//! for the process keeps it in a `PerProcess`; whoever hands it out remembers in a `ForkGuard`, or on the fast ways in a
//! `Gate`, which process that was.

mod fork;
mod gate;
mod own;

pub use fork::ForkGuard;
pub use gate::{Gate, Pass};
pub(crate) use own::PerProcess;
