//! AMD GPUs through the files of the kernel's `amdgpu` driver, which need no library and no ROCm. What a process uses is
//! in those of its compute part, `amdkfd`, which knows GPUs by numbers of its own.

use crate::store::tree::Tree;
use crate::system::sample::{Device, Sample, percent};
use std::fs;
use std::path::{Path, PathBuf};

const AMD: &str = "0x1002";

/// The cards in the order of their numbers.
pub struct Amd {
    cards: Vec<Card>,
}

struct Card {
    device: PathBuf,
    /// Sensors and clocks.
    hwmon: Option<PathBuf>,
    /// The memory that this process uses for computing; the file is there while it does.
    own_memory: Option<PathBuf>,
}

fn text(path: PathBuf) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

fn number(path: PathBuf) -> Option<f64> {
    text(path)?.parse().ok()
}

impl Amd {
    /// `drm` is the kernel's class of graphics devices, `/sys/class/drm`; `kfd` the driver for computing,
    /// `/sys/class/kfd/kfd`.
    pub fn find(drm: &Path, kfd: &Path) -> Amd {
        let mut numbers: Vec<u32> = fs::read_dir(drm)
            .into_iter()
            .flatten()
            .flatten()
            // card0 is a card, card0-DP-1 a connector.
            .filter_map(|e| e.file_name().to_str()?.strip_prefix("card")?.parse().ok())
            .collect();
        numbers.sort_unstable();
        let cards = numbers.iter().map(|n| drm.join(format!("card{n}/device")));
        Amd {
            cards: cards.filter_map(|card| Card::open(card, kfd)).collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    /// The cards are numbered from `first`.
    pub fn read(&self, sample: &mut Sample, first: u32) {
        for (gpu, card) in (first..).zip(&self.cards) {
            card.read(sample, Device { gpu, mig: None });
        }
    }

    pub fn describe(&self) -> Vec<Tree> {
        self.cards.iter().map(Card::describe).collect()
    }
}

impl Card {
    fn open(device: PathBuf, kfd: &Path) -> Option<Card> {
        if text(device.join("vendor"))? != AMD {
            return None;
        }
        let hwmon = fs::read_dir(device.join("hwmon")).ok();
        let hwmon = hwmon.and_then(|mut found| Some(found.next()?.ok()?.path()));
        let own_memory = compute_id(&device, kfd).map(|id| {
            let process = std::process::id();
            kfd.join(format!("proc/{process}/vram_{id}"))
        });
        Some(Card {
            device,
            hwmon,
            own_memory,
        })
    }

    fn sensor(&self, name: &str) -> Option<f64> {
        number(self.hwmon.as_ref()?.join(name))
    }

    fn read(&self, sample: &mut Sample, device: Device) {
        let file = |name: &str| number(self.device.join(name));
        sample.device(device, "gpu", file("gpu_busy_percent"));
        let used = file("mem_info_vram_used");
        let share = used.zip(file("mem_info_vram_total"));
        let share = share.and_then(|(used, total)| percent(used, total));
        sample.device(device, "gpu_memory_percent", share);
        sample.device(device, "gpu_memory_bytes", used);
        let own = self.own_memory.clone().and_then(number);
        sample.device(device, "gpu_p_memory_bytes", own);
        // Thousandths of a degree, millionths of a watt, hertz.
        let temperature = self.sensor("temp1_input");
        sample.device(device, "gpu_temp", temperature.map(|t| t / 1e3));
        let power = self
            .sensor("power1_average")
            .or_else(|| self.sensor("power1_input"));
        sample.device(device, "gpu_power_watts", power.map(|p| p / 1e6));
        let clock = self.sensor("freq1_input");
        sample.device(device, "gpu_sm_clock_mhz", clock.map(|f| f / 1e6));
        let clock = self.sensor("freq2_input");
        sample.device(device, "gpu_memory_clock_mhz", clock.map(|f| f / 1e6));
    }

    fn describe(&self) -> Tree {
        let entry = |key: &str, file: &str| {
            let value = text(self.device.join(file))?;
            Some((key.to_owned(), Tree::Str(value)))
        };
        let memory = number(self.device.join("mem_info_vram_total"));
        let entries = [
            entry("name", "product_name").or_else(|| entry("name", "device")),
            Some(("vendor".to_owned(), Tree::Str("AMD".to_owned()))),
            entry("uuid", "unique_id"),
            memory.map(|m| ("memory_bytes".to_owned(), Tree::Int(m as i64))),
        ];
        Tree::Dict(entries.into_iter().flatten().collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_are_read_from_the_files_of_the_driver() {
        let drm = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = drm.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("card0/device/vendor", "0x8086\n");
        write("card10/device/vendor", "0x1002\n");
        write("card2/device/vendor", "0x1002\n");
        write("card2-DP-1/status", "disconnected\n");
        write("card2/device/gpu_busy_percent", "37\n");
        write("card2/device/mem_info_vram_used", "1000\n");
        write("card2/device/mem_info_vram_total", "4000\n");
        write("card2/device/hwmon/hwmon5/temp1_input", "41500\n");
        write("card2/device/hwmon/hwmon5/power1_average", "120000000\n");
        write("card2/device/hwmon/hwmon5/freq1_input", "1700000000\n");
        write("card10/device/gpu_busy_percent", "5\n");
        write("card2/device/drm/renderD129/dev", "226:129\n");
        let process = std::process::id();
        write(
            "kfd/topology/nodes/0/properties",
            "cpu_cores_count 8\ndrm_render_minor 0\n",
        );
        write(
            "kfd/topology/nodes/1/properties",
            "simd_count 440\ndrm_render_minor 129\n",
        );
        write("kfd/topology/nodes/1/gpu_id", "51110\n");
        write(&format!("kfd/proc/{process}/vram_51110"), "300\n");
        let mut sample = Sample::default();
        Amd::find(drm.path(), &drm.path().join("kfd")).read(&mut sample, 4);
        let read: Vec<_> = sample
            .values
            .iter()
            .map(|(k, v)| (k.device.unwrap().gpu, k.name, *v))
            .collect();
        let expected = vec![
            (4, "gpu", 37.0),
            (4, "gpu_memory_percent", 25.0),
            (4, "gpu_memory_bytes", 1000.0),
            (4, "gpu_p_memory_bytes", 300.0),
            (4, "gpu_temp", 41.5),
            (4, "gpu_power_watts", 120.0),
            (4, "gpu_sm_clock_mhz", 1700.0),
            (5, "gpu", 5.0),
        ];
        assert_eq!(read, expected);
    }
}
