//! GPUs: NVIDIA's through NVML, AMD's through the kernel's files and ROCm SMI. Libraries are loaded at run time, if
//! they are there.
//!
//! A driver may take seconds to start, vanish, or hang in a call for ever. All of it happens on a helper thread that
//! nobody waits for.

mod amd;
mod group;
mod nvidia;
mod worker;

pub use worker::Worker;

use super::sample::Sample;
use aim_value::Tree;
use amd::Amd;
use group::Schedule;
use nvidia::Nvidia;
use std::path::Path;
use std::time::Instant;

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

    /// What is due.
    pub fn read(&mut self, schedule: &mut Schedule) -> Sample {
        let mut sample = Sample::default();
        let first_amd = self.nvidia.as_ref().map_or(0, Nvidia::count);
        let mut nvidia = self.nvidia.as_mut().map(Nvidia::reading);
        schedule.read(Instant::now(), |group| {
            if let Some(nvidia) = &mut nvidia {
                nvidia.read(group, &mut sample);
            }
            self.amd.read(group, &mut sample, first_amd);
        });
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
