//! GPUs: NVIDIA's through NVML, AMD's through the kernel's files. Libraries are loaded at run time, if they are there.
//!
//! A driver may take seconds to start, vanish, or hang in a call for ever. All of it happens on a helper thread that
//! nobody waits for.

mod amd;
mod nvidia;
mod worker;

pub use worker::Worker;

use super::sample::Sample;
use crate::store::tree::Tree;
use amd::Amd;
use nvidia::Nvidia;
use std::path::Path;

/// The GPUs of this host.
pub struct Gpus {
    nvidia: Option<Nvidia>,
    amd: Amd,
}

impl Gpus {
    /// Looks for GPUs. It may take long.
    pub fn find() -> Gpus {
        Gpus {
            nvidia: Nvidia::load(),
            amd: Amd::find(Path::new("/sys/class/drm"), Path::new("/sys/class/kfd/kfd")),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.nvidia.is_none() && self.amd.is_empty()
    }

    pub fn read(&mut self) -> Sample {
        let mut sample = Sample::default();
        let mut first = 0;
        if let Some(nvidia) = &mut self.nvidia {
            nvidia.read(&mut sample);
            first = nvidia.count();
        }
        self.amd.read(&mut sample, first);
        sample
    }

    /// Models and memory of the GPUs, and the versions of their drivers.
    pub fn describe(&self) -> Tree {
        let mut gpus = Vec::new();
        if let Some(nvidia) = &self.nvidia {
            gpus.extend(nvidia.describe());
        }
        gpus.extend(self.amd.describe());
        Tree::List(gpus)
    }
}
