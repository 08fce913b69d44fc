//! What a run records of the machine it ran on: use of the host and its GPUs over time.

mod attachment;
mod cgroup;
mod children;
mod election;
#[cfg(feature = "gpu")]
mod gpu;
#[cfg(not(feature = "gpu"))]
#[path = "no_gpu.rs"]
mod gpu;
mod host;
mod params;
mod private;
mod process;
mod rate;
mod ration;
mod sample;
mod sampler;
#[cfg(feature = "terminal")]
mod terminal;
#[cfg(not(feature = "terminal"))]
#[path = "no_terminal.rs"]
mod terminal;

pub use attachment::{Attachment, Options};
pub use ration::{GPU_SHARE, STAT_SHARE};
pub use terminal::TerminalLog;
/// What the process that runs a program tells the one that tracks it, in its environment.
pub const RELAY: &str = "AIM_EXEC_RELAY";

#[cfg(feature = "terminal")]
pub use terminal::{Watch, descriptor};
