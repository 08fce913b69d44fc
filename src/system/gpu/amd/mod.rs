//! AMD GPUs: through the kernel's files, which need no ROCm, and through ROCm SMI where they lack something.

mod files;
mod rocm_smi;
mod throttle;

use super::group::Group;
use crate::system::sample::{Device, Sample, percent};
use aim_value::Tree;
use files::Files;
use rocm_smi::RocmSmi;
use std::path::Path;

/// In percent, bytes, degrees, watts and megahertz.
#[derive(Clone, Copy)]
enum Counter {
    Busy,
    MemoryUsed,
    MemoryTotal,
    OwnMemory,
    Temperature,
    Power,
    ShaderClock,
    MemoryClock,
}

/// What ROCm SMI may add where a card's files lack it.
const ADDED: [Counter; 5] = [
    Counter::Busy,
    Counter::MemoryUsed,
    Counter::MemoryTotal,
    Counter::Temperature,
    Counter::Power,
];

pub struct Amd {
    cards: Vec<Card>,
    smi: Option<RocmSmi>,
}

/// A card that has at least one of the two.
struct Card {
    files: Option<Files>,
    /// Its number in ROCm SMI.
    smi: Option<u32>,
}

impl Amd {
    /// `drm` is the kernel's class of graphics devices, `/sys/class/drm`; `kfd` the driver for computing,
    /// `/sys/class/kfd/kfd`.
    pub fn find(drm: &Path, kfd: &Path) -> Amd {
        let files = Files::find(drm, kfd);
        let lacking = |card: &Files| ADDED.iter().any(|c| card.read(*c).is_none());
        let wanted = files.is_empty() || files.iter().any(lacking);
        // ROCm SMI reads the same directories. Some versions print where they are not, and end the process where they
        // are not whole.
        let safe =
            drm.is_dir() && files::topology_is_complete(kfd) && files.iter().all(Files::computes);
        let smi = (wanted && safe).then(RocmSmi::load).flatten();
        Amd {
            cards: match_up(files, smi.as_ref()),
            smi,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.cards.is_empty()
    }

    /// The cards are numbered from `first`.
    pub fn read(&mut self, group: Group, sample: &mut Sample, first: u32) {
        for (gpu, card) in (first..).zip(&mut self.cards) {
            let device = Device { gpu, mig: None };
            card.read(self.smi.as_ref(), group, sample, device);
        }
    }

    pub fn describe(&self) -> Vec<Tree> {
        let smi = self.smi.as_ref();
        self.cards.iter().map(|card| card.describe(smi)).collect()
    }
}

/// Cards with files, in their order, or those that only ROCm SMI knows.
fn match_up(files: Vec<Files>, smi: Option<&RocmSmi>) -> Vec<Card> {
    let devices = || smi.into_iter().flat_map(RocmSmi::devices);
    if files.is_empty() {
        let card = |device| Card {
            files: None,
            smi: Some(device),
        };
        return devices().map(card).collect();
    }
    let card = |files: Files| Card {
        smi: files.pci_id().and_then(|id| {
            devices().find(|device| smi.and_then(|smi| smi.pci_id(*device)) == Some(id))
        }),
        files: Some(files),
    };
    files.into_iter().map(card).collect()
}

impl Card {
    fn value(&self, smi: Option<&RocmSmi>, counter: Counter) -> Option<f64> {
        let value = self.files.as_ref().and_then(|files| files.read(counter));
        value.or_else(|| {
            let (smi, device) = smi.zip(self.smi)?;
            match counter {
                Counter::Busy => smi.busy(device),
                Counter::MemoryUsed => smi.memory_used(device),
                Counter::MemoryTotal => smi.memory_total(device),
                Counter::OwnMemory => smi.own_memory(device),
                Counter::Temperature => smi.temperature(device),
                Counter::Power => smi.power(device),
                // In a struct that is not the same in all versions.
                Counter::ShaderClock | Counter::MemoryClock => None,
            }
        })
    }

    fn read(&mut self, smi: Option<&RocmSmi>, group: Group, sample: &mut Sample, device: Device) {
        let mut record = |name, value| sample.device(device, name, value);
        match group {
            Group::Use => record("gpu", self.value(smi, Counter::Busy)),
            Group::Memory => {
                let used = self.value(smi, Counter::MemoryUsed);
                let share = used.zip(self.value(smi, Counter::MemoryTotal));
                let share = share.and_then(|(used, total)| percent(used, total));
                record("gpu_memory_percent", share);
                record("gpu_memory_bytes", used);
            }
            Group::Sensors => {
                record("gpu_temp", self.value(smi, Counter::Temperature));
                record("gpu_power_watts", self.value(smi, Counter::Power));
            }
            Group::Clocks => {
                record("gpu_sm_clock_mhz", self.value(smi, Counter::ShaderClock));
                record(
                    "gpu_memory_clock_mhz",
                    self.value(smi, Counter::MemoryClock),
                );
            }
            Group::ThrottleReasons => {
                let reasons = self.files.as_mut().and_then(Files::throttle_reasons);
                record("gpu_throttle_reasons", reasons.map(|bits| bits as f64));
            }
            Group::OwnMemory => record("gpu_p_memory_bytes", self.value(smi, Counter::OwnMemory)),
        }
    }

    fn describe(&self, smi: Option<&RocmSmi>) -> Tree {
        let of_files = |text: fn(&Files) -> Option<String>| self.files.as_ref().and_then(text);
        let known = smi.zip(self.smi);
        let name = of_files(Files::name)
            .or_else(|| known.and_then(|(smi, device)| smi.name(device)))
            .or_else(|| of_files(Files::model));
        let unique = of_files(Files::unique_id).or_else(|| {
            let id = known.and_then(|(smi, device)| smi.unique_id(device))?;
            Some(format!("{id:016x}"))
        });
        let text = |key: &str, value: Option<String>| Some((key.to_owned(), Tree::Str(value?)));
        let memory = self.value(smi, Counter::MemoryTotal);
        let entries = [
            text("name", name),
            text("vendor", Some("AMD".to_owned())),
            text("uuid", unique),
            memory.map(|m| ("memory_bytes".to_owned(), Tree::Int(m as i64))),
        ];
        Tree::Dict(entries.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn cards_are_read_from_the_files_of_the_driver() {
        let drm = tempfile::tempdir().unwrap();
        let write = |path: &str, bytes: &[u8]| {
            let path = drm.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        };
        write("card0/device/vendor", b"0x8086\n");
        write("card10/device/vendor", b"0x1002\n");
        write("card2/device/vendor", b"0x1002\n");
        write("card2-DP-1/status", b"disconnected\n");
        write("card2/device/gpu_busy_percent", b"37\n");
        write("card2/device/mem_info_vram_used", b"1000\n");
        write("card2/device/mem_info_vram_total", b"4000\n");
        write("card2/device/hwmon/hwmon5/temp1_input", b"41500\n");
        write("card2/device/hwmon/hwmon5/power1_average", b"120000000\n");
        write("card2/device/hwmon/hwmon5/freq1_input", b"1700000000\n");
        // Limited by its power.
        let mut metrics = [0; 120];
        metrics[..4].copy_from_slice(&[120, 0, 1, 3]);
        metrics[112] = 1;
        write("card2/device/gpu_metrics", &metrics);
        write("card10/device/gpu_busy_percent", b"5\n");
        write("card10/device/hwmon/hwmon6/temp2_input", b"55000\n");
        write("card10/device/hwmon/hwmon6/power1_input", b"90000000\n");
        write("card2/device/drm/renderD129/dev", b"226:129\n");
        let process = std::process::id();
        write(
            "kfd/topology/nodes/0/properties",
            b"cpu_cores_count 8\ndrm_render_minor 0\n",
        );
        write(
            "kfd/topology/nodes/1/properties",
            b"simd_count 440\ndrm_render_minor 129\n",
        );
        write("kfd/topology/nodes/1/gpu_id", b"51110\n");
        write(&format!("kfd/proc/{process}/vram_51110"), b"300\n");
        let mut amd = Amd::find(drm.path(), &drm.path().join("kfd"));
        let mut read = |group| {
            let mut sample = Sample::default();
            amd.read(group, &mut sample, 4);
            let values = sample.values.iter();
            let values = values.map(|(k, v)| (k.device.unwrap().gpu, k.name, *v));
            values.collect::<Vec<_>>()
        };
        assert_eq!(read(Group::Use), [(4, "gpu", 37.0), (5, "gpu", 5.0)]);
        let memory = [
            (4, "gpu_memory_percent", 25.0),
            (4, "gpu_memory_bytes", 1000.0),
        ];
        assert_eq!(read(Group::Memory), memory);
        let sensors = [
            (4, "gpu_temp", 41.5),
            (4, "gpu_power_watts", 120.0),
            (5, "gpu_temp", 55.0),
            (5, "gpu_power_watts", 90.0),
        ];
        assert_eq!(read(Group::Sensors), sensors);
        assert_eq!(read(Group::Clocks), [(4, "gpu_sm_clock_mhz", 1700.0)]);
        let reasons = [(4, "gpu_throttle_reasons", 4.0)];
        assert_eq!(read(Group::ThrottleReasons), reasons);
        assert_eq!(read(Group::OwnMemory), [(4, "gpu_p_memory_bytes", 300.0)]);
    }
}
