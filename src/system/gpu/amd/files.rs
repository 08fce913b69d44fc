//! What the files of the kernel's `amdgpu` driver tell of one card. What a process uses is in those of its compute
//! part, `amdkfd`, which knows GPUs by numbers of its own.

use super::Counter;
use super::throttle::Throttle;
use std::fs;
use std::path::{Path, PathBuf};

const AMD: &str = "0x1002";

pub struct Files {
    device: PathBuf,
    /// Sensors and clocks.
    hwmon: Option<PathBuf>,
    /// Its number among the compute driver's GPUs.
    compute_id: Option<String>,
    /// The memory that this process uses for computing; the file is there while it does.
    own_memory: Option<PathBuf>,
    throttle: Throttle,
}

fn text(path: PathBuf) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

fn number(path: PathBuf) -> Option<f64> {
    text(path)?.parse().ok()
}

impl Files {
    /// The cards in the order of their numbers. `drm` is the kernel's class of graphics devices, `kfd` the driver for
    /// computing.
    pub fn find(drm: &Path, kfd: &Path) -> Vec<Files> {
        let mut numbers: Vec<u32> = fs::read_dir(drm)
            .into_iter()
            .flatten()
            .flatten()
            // card0 is a card, card0-DP-1 a connector.
            .filter_map(|e| e.file_name().to_str()?.strip_prefix("card")?.parse().ok())
            .collect();
        numbers.sort_unstable();
        let cards = numbers.iter().map(|n| drm.join(format!("card{n}/device")));
        cards.filter_map(|card| Files::open(card, kfd)).collect()
    }

    fn open(device: PathBuf, kfd: &Path) -> Option<Files> {
        if text(device.join("vendor"))? != AMD {
            return None;
        }
        let hwmon = fs::read_dir(device.join("hwmon")).ok();
        let hwmon = hwmon.and_then(|mut found| Some(found.next()?.ok()?.path()));
        let compute_id = compute_id(&device, kfd);
        let own_memory = compute_id.as_ref().map(|id| {
            let process = std::process::id();
            kfd.join(format!("proc/{process}/vram_{id}"))
        });
        Some(Files {
            device,
            hwmon,
            compute_id,
            own_memory,
            throttle: Throttle::default(),
        })
    }

    pub fn computes(&self) -> bool {
        self.compute_id.is_some()
    }

    /// Where the card is on its bus: domain in the upper half; bus, device and function in 8, 5 and 3 bits.
    pub fn pci_id(&self) -> Option<u64> {
        let place = fs::canonicalize(&self.device).ok()?;
        let (rest, function) = place.file_name()?.to_str()?.rsplit_once('.')?;
        let mut parts = rest.split(':').map(|part| u64::from_str_radix(part, 16));
        let mut part = || parts.next()?.ok();
        let (domain, bus, device) = (part()?, part()?, part()?);
        Some(domain << 32 | bus << 8 | device << 3 | u64::from_str_radix(function, 16).ok()?)
    }

    fn sensor(&self, names: &[&str], unit: f64) -> Option<f64> {
        let hwmon = self.hwmon.as_ref()?;
        let value = names.iter().find_map(|name| number(hwmon.join(name)))?;
        Some(value / unit)
    }

    pub fn read(&self, counter: Counter) -> Option<f64> {
        let file = |name: &str| number(self.device.join(name));
        match counter {
            Counter::Busy => file("gpu_busy_percent"),
            Counter::MemoryUsed => file("mem_info_vram_used"),
            Counter::MemoryTotal => file("mem_info_vram_total"),
            Counter::OwnMemory => number(self.own_memory.clone()?),
            // At the edge of the chip; at its junction where the edge has no sensor, as on an MI300.
            Counter::Temperature => self.sensor(&["temp1_input", "temp2_input"], 1e3),
            Counter::Power => self.sensor(&["power1_average", "power1_input"], 1e6),
            Counter::ShaderClock => self.sensor(&["freq1_input"], 1e6),
            Counter::MemoryClock => self.sensor(&["freq2_input"], 1e6),
        }
    }

    /// NVML's bits.
    pub fn throttle_reasons(&mut self) -> Option<u64> {
        let table = fs::read(self.device.join("gpu_metrics")).ok()?;
        self.throttle.reasons(&table)
    }

    pub fn name(&self) -> Option<String> {
        text(self.device.join("product_name")).filter(|name| !name.is_empty())
    }

    /// The number of the model.
    pub fn model(&self) -> Option<String> {
        text(self.device.join("device"))
    }

    pub fn unique_id(&self) -> Option<String> {
        text(self.device.join("unique_id"))
    }
}

/// The number of a card among the compute driver's GPUs: both name the same render node.
fn compute_id(device: &Path, kfd: &Path) -> Option<String> {
    let minor = fs::read_dir(device.join("drm"))
        .ok()?
        .flatten()
        .find_map(|e| Some(e.file_name().to_str()?.strip_prefix("renderD")?.to_owned()))?;
    let wanted = format!("drm_render_minor {minor}");
    let nodes = fs::read_dir(kfd.join("topology/nodes")).ok()?.flatten();
    nodes
        .map(|node| node.path())
        .find(|node| {
            text(node.join("properties")).is_some_and(|p| p.lines().any(|line| line == wanted))
        })
        .and_then(|node| text(node.join("gpu_id")))
}

/// Whether every node of the compute driver can be read with its links.
pub fn topology_is_complete(kfd: &Path) -> bool {
    let Ok(nodes) = fs::read_dir(kfd.join("topology/nodes")) else {
        return false;
    };
    let mut nodes = nodes.flatten().map(|node| node.path()).peekable();
    let whole = |node: PathBuf| {
        let files = ["properties", "gpu_id"];
        files.iter().all(|file| fs::read(node.join(file)).is_ok())
            && fs::read_dir(node.join("io_links")).is_ok()
    };
    nodes.peek().is_some() && nodes.all(whole)
}
