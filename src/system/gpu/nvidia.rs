//! NVIDIA GPUs through NVML, the driver's library (`libnvidia-ml.so.1`, driver 510 or newer).

use super::group::Group;
use crate::log::{self, Level};
use crate::system::sample::{Device, Sample, percent};
use aim_value::Tree;
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

    pub fn reading(&mut self) -> Reading<'_> {
        Reading {
            nvml: &self.nvml,
            count: self.count,
            lost: &mut self.lost,
            answering: None,
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

/// The readings of one moment.
pub struct Reading<'a> {
    nvml: &'a Nvml,
    count: u32,
    lost: &'a mut bool,
    /// Those that have not failed in this reading.
    answering: Option<Vec<(u32, Handle<'a>)>>,
}

impl Reading<'_> {
    pub fn read(&mut self, group: Group, sample: &mut Sample) {
        let lost = &mut *self.lost;
        let mut answers = |gpu, error: Option<NvmlError>| {
            let Some(e) = error else {
                return true;
            };
            if !std::mem::replace(lost, true) {
                log::emit(Level::Warning, || {
                    format!("GPU {gpu}: {e}; values are left out until it answers")
                });
            }
            false
        };
        let answering = self.answering.get_or_insert_with(|| {
            let handles = (0..self.count).map(|gpu| (gpu, self.nvml.device_by_index(gpu)));
            let answering = handles.filter_map(|(gpu, handle)| match handle {
                Ok(handle) => Some((gpu, handle)),
                Err(e) => {
                    answers(gpu, Some(e));
                    None
                }
            });
            answering.collect()
        });
        answering.retain(|(gpu, handle)| {
            let read = read_group(handle, *gpu, group, sample);
            answers(*gpu, read.err())
        });
    }
}

fn read_group(
    handle: &Handle<'_>,
    gpu: u32,
    group: Group,
    sample: &mut Sample,
) -> Result<(), NvmlError> {
    let device = Device { gpu, mig: None };
    let mut record = |name, value| sample.device(device, name, value);
    match group {
        Group::Use => {
            let utilization = supported(handle.utilization_rates())?;
            record("gpu", utilization.map(|u| f64::from(u.gpu)));
        }
        Group::Memory => with_instances(handle, gpu, |handle, device| {
            let memory = supported(handle.memory_info())?.map(|m| (m.used as f64, m.total as f64));
            let share = memory.and_then(|(used, total)| percent(used, total));
            sample.device(device, "gpu_memory_percent", share);
            sample.device(device, "gpu_memory_bytes", memory.map(|m| m.0));
            Ok(())
        })?,
        Group::Sensors => {
            let temperature = supported(handle.temperature(TemperatureSensor::Gpu))?;
            record("gpu_temp", temperature.map(f64::from));
            let milliwatts = supported(handle.power_usage())?;
            record("gpu_power_watts", milliwatts.map(|p| f64::from(p) / 1e3));
        }
        Group::Clocks => {
            let clock = supported(handle.clock_info(Clock::SM))?;
            record("gpu_sm_clock_mhz", clock.map(f64::from));
            let clock = supported(handle.clock_info(Clock::Memory))?;
            record("gpu_memory_clock_mhz", clock.map(f64::from));
        }
        Group::ThrottleReasons => {
            let reasons = supported(handle.current_throttle_reasons())?;
            record("gpu_throttle_reasons", reasons.map(|r| r.bits() as f64));
        }
        Group::OwnMemory => with_instances(handle, gpu, |handle, device| {
            let own = supported(handle.running_compute_processes())?;
            let own = own.and_then(|processes| own_memory(&processes));
            sample.device(device, "gpu_p_memory_bytes", own);
            Ok(())
        })?,
    }
    Ok(())
}

/// Reads a GPU and the instances that MIG divides it into.
fn with_instances(
    handle: &Handle<'_>,
    gpu: u32,
    mut read: impl FnMut(&Handle<'_>, Device) -> Result<(), NvmlError>,
) -> Result<(), NvmlError> {
    read(handle, Device { gpu, mig: None })?;
    for mig in 0..supported(handle.mig_device_count())?.unwrap_or(0) {
        // Places without an instance answer "not found".
        if let Some(instance) = supported(handle.mig_device_by_index(mig))? {
            let device = Device {
                gpu,
                mig: Some(mig),
            };
            read(&instance, device)?;
        }
    }
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
