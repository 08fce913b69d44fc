//! What the processes below this one use: its children, theirs, and so on, as long as they live, and those that were
//! waited for.

use super::rate::Rate;
use super::sample::Sample;
use std::time::Instant;

/// Processes that are looked at, at most: who has more is told of these.
const MOST: usize = 4096;

#[derive(Default)]
pub struct ChildrenProbe {
    cpu: Rate,
    peak: f64,
}

impl ChildrenProbe {
    pub fn read(&mut self, sample: &mut Sample, now: Instant) {
        let below = below(std::process::id());
        let mut seconds = waited_for();
        let mut resident = 0.0;
        for process in &below {
            // One that has ended meanwhile uses nothing.
            seconds = seconds
                .zip(cpu_seconds(*process))
                .map(|(all, own)| all + own);
            resident += resident_bytes(*process).unwrap_or(0.0);
        }
        self.peak = self.peak.max(resident);
        let cores = self.cpu.of(seconds, now);
        sample.host("children_cpu", cores.map(|c| 100.0 * c));
        sample.host("children_count", Some(below.len() as f64));
        sample.host("children_memory_bytes", Some(resident));
        sample.host("children_memory_peak_bytes", Some(self.peak));
    }
}

/// The processes below one.
fn below(process: u32) -> Vec<u32> {
    let mut found: Vec<u32> = Vec::new();
    let mut next = process;
    let mut looked_at = 0;
    loop {
        for child in children(next) {
            // Ids are used again: a process that is seen twice is one.
            if !found.contains(&child) && child != process {
                found.push(child);
            }
        }
        match found.get(looked_at) {
            Some(process) if found.len() < MOST => next = *process,
            _ => return found,
        }
        looked_at += 1;
    }
}

/// Each thread has its own children.
fn children(process: u32) -> Vec<u32> {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else {
        return Vec::new();
    };
    let lists = threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    let mut found = Vec::new();
    for list in lists {
        found.extend(
            list.split_ascii_whitespace()
                .filter_map(|id| id.parse::<u32>().ok()),
        );
    }
    found
}

/// Processor seconds of a process and of those that it has waited for; 0 if it is gone.
fn cpu_seconds(process: u32) -> Option<f64> {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else {
        return Some(0.0);
    };
    // Behind the name, which may hold anything: state, ppid, ... utime and stime are the 14th and 15th field of all.
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = fields.split(' ').skip(11).take(4);
    let ticks: f64 = ticks.filter_map(|n| n.parse::<f64>().ok()).sum();
    // SAFETY: asks for a constant.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    Some(ticks / per_second as f64)
}

/// Processor seconds of the processes that this one has waited for.
fn waited_for() -> Option<f64> {
    let mut used = std::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: the result is writable; it is read only if it was written.
    let used = unsafe {
        (libc::getrusage(libc::RUSAGE_CHILDREN, used.as_mut_ptr()) == 0).then(|| used.assume_init())
    }?;
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Some(seconds(used.ru_utime) + seconds(used.ru_stime))
}

fn resident_bytes(process: u32) -> Option<f64> {
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    super::process::resident(&statm)
}
