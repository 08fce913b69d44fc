//! What this process uses, all its threads together.

use super::rate::Rate;
use super::sample::{Sample, percent};
use std::time::Instant;

#[derive(Default)]
pub struct ProcessProbe {
    cpu: Rate,
    read: Rate,
    written: Rate,
}

impl ProcessProbe {
    /// `memory_total` is what the process may have at most, in bytes.
    pub fn read(&mut self, sample: &mut Sample, memory_total: Option<f64>, now: Instant) {
        let cores = self
            .cpu
            .of(cpu_seconds(libc::CLOCK_PROCESS_CPUTIME_ID), now);
        sample.host("cpu", cores.map(|c| 100.0 * c));
        let resident = resident_bytes();
        let share = resident.zip(memory_total);
        sample.host("p_memory_percent", share.and_then(|(r, t)| percent(r, t)));
        sample.host("p_memory_bytes", resident);
        sample.host("p_memory_peak_bytes", peak_bytes());
        let (read, written) = storage_bytes();
        sample.host("p_read_bytes_per_second", self.read.of(read, now));
        sample.host("p_write_bytes_per_second", self.written.of(written, now));
    }
}

/// Processor time by a clock of the process or the thread, at nanosecond resolution where `/proc` has hundredths of a
/// second.
pub fn cpu_seconds(clock: libc::clockid_t) -> Option<f64> {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is writable.
    let done = unsafe { libc::clock_gettime(clock, &mut time) };
    (done == 0).then(|| time.tv_sec as f64 + time.tv_nsec as f64 / 1e9)
}

fn resident_bytes() -> Option<f64> {
    resident(&std::fs::read_to_string("/proc/self/statm").ok()?)
}

/// Resident bytes, out of a process's `statm`.
pub fn resident(statm: &str) -> Option<f64> {
    let pages: f64 = statm.split(' ').nth(1)?.parse().ok()?;
    // SAFETY: asks for a constant.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Some(pages * page as f64)
}

/// The most that was ever resident, as the kernel knows, between readings too.
fn peak_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}

/// Bytes that the process read from and wrote to storage.
fn storage_bytes() -> (Option<f64>, Option<f64>) {
    let Ok(io) = std::fs::read_to_string("/proc/self/io") else {
        return (None, None);
    };
    let field = |name: &str| {
        let line = io.lines().find_map(|l| l.strip_prefix(name))?;
        line.trim().parse().ok()
    };
    (field("read_bytes:"), field("write_bytes:"))
}
