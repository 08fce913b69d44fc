//! What the whole host, or the container's share of it, uses.
//!
//! Processors and memory come from `sysinfo`. Disks and network are read from `/proc` in one file each: `sysinfo`
//! looks at every mount and at a dozen files of every interface, among them mounts that may hang.

use super::cgroup::Cgroup;
use super::children::ChildrenProbe;
use super::process::ProcessProbe;
use super::rate::Rate;
use super::ration::{Ration, STAT_SHARE};
use super::sample::{Sample, percent};
use std::ffi::CStr;
use std::path::Path;
use std::time::{Duration, Instant};
use sysinfo::{MemoryRefreshKind, System};

/// `/proc/diskstats` counts in sectors of this size, whatever the disk has.
const SECTOR_BYTES: f64 = 512.0;

pub struct HostProbe {
    process: ProcessProbe,
    children: ChildrenProbe,
    system: Option<System>,
    cgroup: Cgroup,
    /// The first reading of the processors has nothing to compare with.
    has_cpu_baseline: bool,
    processors: Ration,
    cgroup_cpu: Rate,
    own_cgroup_cpu: Rate,
    disk_read: Rate,
    disk_written: Rate,
    received: Rate,
    sent: Rate,
}

impl HostProbe {
    /// Readings are wanted at each `interval`.
    pub fn new(interval: Duration) -> HostProbe {
        HostProbe {
            process: ProcessProbe::default(),
            children: ChildrenProbe::default(),
            system: System::new().ok(),
            cgroup: Cgroup::of_this_process(),
            has_cpu_baseline: false,
            processors: Ration::new(STAT_SHARE, interval),
            cgroup_cpu: Rate::default(),
            own_cgroup_cpu: Rate::default(),
            disk_read: Rate::default(),
            disk_written: Rate::default(),
            received: Rate::default(),
            sent: Rate::default(),
        }
    }

    /// Reads everything, the processes below `parent` too, if there is one; rates are over the time since the last call.
    pub fn read(&mut self, parent: Option<u32>) -> Sample {
        let now = Instant::now();
        let mut sample = Sample::default();
        let memory = self.memory();
        self.process.read(&mut sample, memory.map(|m| m.1), now);
        if let Some(parent) = parent {
            self.children.read(parent, &mut sample, now);
        }
        let cores = self.own_cgroup_cpu.of(self.cgroup.used_cpu(), now);
        sample.host("cgroup_cpu", cores.map(|c| 100.0 * c));
        let (used, peak) = self.cgroup.used_memory();
        sample.host("cgroup_memory_bytes", used);
        sample.host("cgroup_memory_peak_bytes", peak);
        sample.host(
            "memory_percent",
            memory.and_then(|(used, total)| percent(used, total)),
        );
        sample.host("memory_bytes", memory.map(|m| m.0));
        sample.host("system_cpu_percent", self.cpu(now));
        let load = System::load_average().ok();
        sample.host("load_1m", load.as_ref().map(|l| l.one));
        sample.host("load_5m", load.as_ref().map(|l| l.five));
        sample.host("load_15m", load.as_ref().map(|l| l.fifteen));
        let disk = root_usage();
        sample.host(
            "disk_percent",
            disk.and_then(|(used, total)| percent(used, total)),
        );
        sample.host("disk_bytes", disk.map(|d| d.0));
        let (read, written) = disk_bytes();
        sample.host("disk_read_bytes_per_second", self.disk_read.of(read, now));
        sample.host(
            "disk_write_bytes_per_second",
            self.disk_written.of(written, now),
        );
        let (received, sent) = network_bytes();
        sample.host(
            "network_receive_bytes_per_second",
            self.received.of(received, now),
        );
        sample.host("network_send_bytes_per_second", self.sent.of(sent, now));
        sample
    }

    /// Bytes in use and in total.
    fn memory(&mut self) -> Option<(f64, f64)> {
        let system = self.system.as_mut()?;
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let total = system.total_memory() as f64;
        match self.cgroup.memory() {
            // A limit above what the host has limits nothing.
            Some((used, limit)) if limit < total => Some((used, limit)),
            _ => (total > 0.0).then(|| (system.used_memory() as f64, total)),
        }
    }

    /// Use of the processors that the process may use, in percent of all of them.
    fn cpu(&mut self, now: Instant) -> Option<f64> {
        if let Some((seconds, granted)) = self.cgroup.cpu() {
            let cores = self.cgroup_cpu.of(Some(seconds), now)?;
            return percent(cores, granted);
        }
        let system = self.system.as_mut()?;
        self.processors.read(now, || {
            system.refresh_cpu_usage();
            let first = !std::mem::replace(&mut self.has_cpu_baseline, true);
            (!first).then(|| f64::from(system.global_cpu_usage()))
        })
    }
}

/// Bytes in use on the filesystem at `/`, and the bytes of which that is a part, as `df` counts: what is reserved for
/// root is neither.
fn root_usage() -> Option<(f64, f64)> {
    statvfs(c"/").map(|s| {
        let block = s.f_frsize as f64;
        let used = s.f_blocks.saturating_sub(s.f_bfree) as f64 * block;
        (used, used + s.f_bavail as f64 * block)
    })
}

fn statvfs(path: &CStr) -> Option<libc::statvfs> {
    let mut result = std::mem::MaybeUninit::uninit();
    // SAFETY: the path is NUL-terminated and the result writable; it is read only if it was written.
    unsafe {
        (libc::statvfs(path.as_ptr(), result.as_mut_ptr()) == 0).then(|| result.assume_init())
    }
}

/// Bytes that all disks together read and wrote since boot.
fn disk_bytes() -> (Option<f64>, Option<f64>) {
    let Ok(text) = std::fs::read_to_string("/proc/diskstats") else {
        return (None, None);
    };
    let (mut read, mut written) = (0.0, 0.0);
    for line in text.lines() {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let (Some(name), Some(r), Some(w)) = (fields.get(2), fields.get(5), fields.get(9)) else {
            continue;
        };
        if is_physical_disk(name) {
            read += r.parse().unwrap_or(0.0) * SECTOR_BYTES;
            written += w.parse().unwrap_or(0.0) * SECTOR_BYTES;
        }
    }
    (Some(read), Some(written))
}

/// Not a partition, and not a device made of other devices: their bytes would count twice.
fn is_physical_disk(name: &str) -> bool {
    const MADE_OF_OTHERS: [&str; 6] = ["loop", "ram", "zram", "dm-", "md", "nbd"];
    !MADE_OF_OTHERS.iter().any(|p| name.starts_with(p))
        && Path::new("/sys/block").join(name).exists()
}

/// Bytes that all interfaces but the loopback received and sent.
fn network_bytes() -> (Option<f64>, Option<f64>) {
    let Ok(text) = std::fs::read_to_string("/proc/self/net/dev") else {
        return (None, None);
    };
    let (mut received, mut sent) = (0.0, 0.0);
    for line in text.lines() {
        let Some((name, counters)) = line.split_once(':') else {
            continue;
        };
        if name.trim() == "lo" {
            continue;
        }
        let counters: Vec<f64> = counters
            .split_ascii_whitespace()
            .map(|c| c.parse().unwrap_or(0.0))
            .collect();
        received += counters.first().unwrap_or(&0.0);
        sent += counters.get(8).unwrap_or(&0.0);
    }
    (Some(received), Some(sent))
}
