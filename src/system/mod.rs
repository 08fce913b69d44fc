//! What a run records of the machine it ran on: use of the host and its GPUs over time.

mod attachment;
mod cgroup;
mod children;
mod election;
mod gpu;
mod host;
mod params;
mod private;
mod process;
mod rate;
mod ration;
mod sample;
mod sampler;
mod terminal;

pub use attachment::{Attachment, Options};
pub use ration::{GPU_SHARE, STAT_SHARE};
pub use terminal::{TerminalLog, Watch};
