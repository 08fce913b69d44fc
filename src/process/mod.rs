//! What is one per process, and what a fork invalidates. A child never touches what its parent had: a thread that held a
//! lock at the moment of the fork does not exist there, and descriptors and maps are the parent's. Whoever keeps something
//! for the process keeps it in a `PerProcess`; whoever hands it out remembers in a `ForkGuard`, or on the fast ways in a
//! `Gate`, which process that was. What is the same in a child is found, set up or handed on without waiting for another
//! thread: by `once_cell::race`, a `SetUp` or an `Inherited`. No other room has a lock that is static (`tests/docs.t`).

mod fork;
mod gate;
mod inherited;
mod own;
mod set_up;

pub use fork::ForkGuard;
pub use gate::{Gate, Pass};
pub(crate) use inherited::Inherited;
pub(crate) use own::PerProcess;
pub(crate) use set_up::SetUp;
