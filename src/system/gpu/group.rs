//! Counters of GPUs that are read together, and how often. A call of a driver may take a tenth of a millisecond of
//! processor time, since the kernel waits for the GPU's firmware with the processor.

use crate::system::ration::{GPU_SHARE, Ration};
use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Time in which the GPU was busy.
    Use,
    Memory,
    /// Temperature and power.
    Sensors,
    Clocks,
    ThrottleReasons,
    /// What this process uses.
    OwnMemory,
}

/// Each with its part of the share: what tells most is read most often.
const PARTS: [(Group, f64); 6] = [
    (Group::Use, 0.3),
    (Group::Memory, 0.2),
    (Group::Sensors, 0.2),
    (Group::Clocks, 0.1),
    (Group::ThrottleReasons, 0.1),
    (Group::OwnMemory, 0.1),
];

/// When the groups of all GPUs may be read again.
pub struct Schedule([(Group, Ration); 6]);

impl Schedule {
    pub fn new(interval: Duration) -> Schedule {
        Schedule(PARTS.map(|(group, part)| (group, Ration::new(part * GPU_SHARE, interval))))
    }

    /// Reads the groups that are due.
    pub fn read(&mut self, now: Instant, mut reading: impl FnMut(Group)) {
        for (group, ration) in &mut self.0 {
            ration.read(now, || {
                reading(*group);
                Some(())
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::process::cpu_seconds;

    #[test]
    fn dear_groups_are_read_less_often_than_cheap_ones() {
        let mut schedule = Schedule::new(Duration::from_secs(1));
        let start = Instant::now();
        let clock = || cpu_seconds(libc::CLOCK_THREAD_CPUTIME_ID).unwrap();
        let (mut dear, mut cheap) = (0, 0);
        for second in 0..60 {
            schedule.read(start + Duration::from_secs(second), |group| {
                if !matches!(group, Group::Use | Group::Clocks) {
                    cheap += 1;
                    return;
                }
                dear += 1;
                let begun = clock();
                while clock() - begun < 20e-3 {}
            });
        }
        // 20 ms are worth more than three minutes of the larger part.
        assert_eq!(dear, 2);
        assert!(cheap > 200, "{cheap}");
    }

    #[test]
    fn the_parts_are_a_whole() {
        let whole: f64 = PARTS.iter().map(|part| part.1).sum();
        assert!((whole - 1.0).abs() < 1e-9);
    }
}
