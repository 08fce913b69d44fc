//! What the processes below one use: its children, theirs, and so on, as long as they live, and those that it waited for.

use super::rate::Rate;
use super::sample::Sample;
use std::ops::Range;
use std::time::Instant;

/// Processes that are looked at, at most: who has more is told of these.
const MOST: usize = 4096;

#[derive(Default)]
pub struct ChildrenProbe {
    cpu: Rate,
    peak: f64,
}

impl ChildrenProbe {
    /// Reads what is below that process: this one, or one that has it as a child, which does not count.
    pub fn read(&mut self, process: u32, sample: &mut Sample, now: Instant) {
        let below = below(process);
        let mut seconds = cpu_seconds(process, WAITED_FOR);
        let mut resident = 0.0;
        for process in &below {
            // One that has ended meanwhile uses nothing.
            seconds = seconds
                .zip(cpu_seconds(*process, OWN_AND_WAITED_FOR))
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
            if !found.contains(&child) && child != process && child != std::process::id() {
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

/// Fields of a process's `stat` behind its state: utime, stime, cutime and cstime.
const OWN_AND_WAITED_FOR: Range<usize> = 11..15;
const WAITED_FOR: Range<usize> = 13..15;

/// Processor seconds of a process, of those that it has waited for, or of all; 0 if it is gone.
fn cpu_seconds(process: u32, fields: Range<usize>) -> Option<f64> {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else {
        return Some(0.0);
    };
    // Behind the name, which may hold anything.
    let (_, behind) = stat.rsplit_once(") ")?;
    let ticks = behind.split(' ').skip(fields.start).take(fields.len());
    let ticks: f64 = ticks.filter_map(|n| n.parse::<f64>().ok()).sum();
    // SAFETY: asks for a constant.
    let per_second = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    Some(ticks / per_second as f64)
}

fn resident_bytes(process: u32) -> Option<f64> {
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    super::process::resident(&statm)
}
