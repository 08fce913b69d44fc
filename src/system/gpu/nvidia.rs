//! NVIDIA GPUs through NVML, the driver's library (`libnvidia-ml.so.1`, driver 510 or newer).

use crate::log::{self, Level};
use crate::store::tree::Tree;
use crate::system::sample::{Device, Sample, percent};
use nvml_wrapper::Device as Handle;
use nvml_wrapper::Nvml;
use nvml_wrapper::enum_wrappers::device::{Clock, TemperatureSensor};
use nvml_wrapper::enums::device::UsedGpuMemory;
use nvml_wrapper::error::NvmlError;
use std::ffi::OsStr;

/// The driver installs the first; the second comes with the development files.
const LIBRARIES: [&str; 2] = ["libnvidia-ml.so.1", "libnvidia-ml.so"];

pub struct Nvidia {
    nvml: Nvml,
    count: u32,
    /// Said once: the GPUs are gone.
    lost: bool,
}

/// A value, or none if this GPU has no such counter or this user may not read it.
fn supported<T>(result: Result<T, NvmlError>) -> Result<Option<T>, NvmlError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(
            e @ (NvmlError::Uninitialized
            | NvmlError::DriverNotLoaded
            | NvmlError::GpuLost
            | NvmlError::LibRmVersionMismatch
            | NvmlError::ResetRequired),
        ) => Err(e),
        Err(_) => Ok(None),
    }
}

impl Nvidia {
    /// None where there is no driver, or no GPU.
    pub fn load() -> Option<Nvidia> {
        let mut error = None;
        for library in LIBRARIES {
            match Nvml::builder().lib_path(OsStr::new(library)).init() {
                Ok(nvml) => {
                    let count = nvml.device_count().unwrap_or(0);
                    return (count > 0).then_some(Nvidia {
                        nvml,
                        count,
                        lost: false,
                    });
                }
                // Nothing is installed, or nothing that matches: the usual host without GPUs.
                Err(NvmlError::LibloadingError(_) | NvmlError::FailedToLoadSymbol(_)) => {}
                Err(e) => error = Some(e),
            }
        }
        if let Some(e) = error {
            log::emit(Level::Warning, || {
                format!("the NVIDIA driver does not start, its GPUs are not tracked: {e}")
            });
        }
        None
    }

    pub fn count(&self) -> u32 {
        self.count
    }

    pub fn read(&mut self, sample: &mut Sample) {
        for gpu in 0..self.count {
            let read = self
                .nvml
                .device_by_index(gpu)
                .and_then(|handle| read_gpu(&handle, gpu, sample));
            if let Err(e) = read
                && !std::mem::replace(&mut self.lost, true)
            {
                log::emit(Level::Warning, || {
                    format!("GPU {gpu}: {e}; values are left out until it answers")
                });
            }
        }
    }

    pub fn describe(&self) -> Vec<Tree> {
        let driver = self.nvml.sys_driver_version().ok();
        let cuda = self.nvml.sys_cuda_driver_version().ok();
        let cuda = cuda.map(|v| format!("{}.{}", v / 1000, v % 1000 / 10));
        let describe = |gpu| {
            let handle = self.nvml.device_by_index(gpu).ok()?;
            let text = |key: &str, value: Option<String>| Some((key.to_owned(), Tree::Str(value?)));
            let memory = handle.memory_info().ok();
            let entries = [
                text("name", handle.name().ok()),
                text("vendor", Some("NVIDIA".to_owned())),
                text("uuid", handle.uuid().ok()),
                memory.map(|m| ("memory_bytes".to_owned(), Tree::Int(m.total as i64))),
                text("driver", driver.clone()),
                text("cuda_driver", cuda.clone()),
            ];
            Some(Tree::Dict(entries.into_iter().flatten().collect()))
        };
        (0..self.count).filter_map(describe).collect()
    }
}

fn read_gpu(handle: &Handle<'_>, gpu: u32, sample: &mut Sample) -> Result<(), NvmlError> {
    let device = Device { gpu, mig: None };
    let utilization = supported(handle.utilization_rates())?;
    sample.device(device, "gpu", utilization.map(|u| f64::from(u.gpu)));
    read_memory(handle, device, sample)?;
    let temperature = supported(handle.temperature(TemperatureSensor::Gpu))?;
    sample.device(device, "gpu_temp", temperature.map(f64::from));
    let milliwatts = supported(handle.power_usage())?;
    sample.device(
        device,
        "gpu_power_watts",
        milliwatts.map(|p| f64::from(p) / 1e3),
    );
    for (name, clock) in [
        ("gpu_sm_clock_mhz", Clock::SM),
        ("gpu_memory_clock_mhz", Clock::Memory),
    ] {
        let clock = supported(handle.clock_info(clock))?;
        sample.device(device, name, clock.map(f64::from));
    }
    let reasons = supported(handle.current_throttle_reasons())?;
    sample.device(
        device,
        "gpu_throttle_reasons",
        reasons.map(|r| r.bits() as f64),
    );
    for mig in 0..supported(handle.mig_device_count())?.unwrap_or(0) {
        // Places without an instance answer "not found".
        if let Some(instance) = supported(handle.mig_device_by_index(mig))? {
            let device = Device {
                gpu,
                mig: Some(mig),
            };
            read_memory(&instance, device, sample)?;
        }
    }
    Ok(())
}

fn read_memory(handle: &Handle<'_>, device: Device, sample: &mut Sample) -> Result<(), NvmlError> {
    let memory = supported(handle.memory_info())?.map(|m| (m.used as f64, m.total as f64));
    sample.device(
        device,
        "gpu_memory_percent",
        memory.and_then(|(used, total)| percent(used, total)),
    );
    sample.device(device, "gpu_memory_bytes", memory.map(|m| m.0));
    let own = supported(handle.running_compute_processes())?;
    let own = own.and_then(|processes| own_memory(&processes));
    sample.device(device, "gpu_p_memory_bytes", own);
    Ok(())
}

/// Memory of this process; none if it does not use the GPU, or the driver does not tell.
fn own_memory(processes: &[nvml_wrapper::struct_wrappers::device::ProcessInfo]) -> Option<f64> {
    let own = processes.iter().filter(|p| p.pid == std::process::id());
    own.filter_map(|p| match p.used_gpu_memory {
        UsedGpuMemory::Used(bytes) => Some(bytes as f64),
        UsedGpuMemory::Unavailable => None,
    })
    .reduce(|a, b| a + b)
}
