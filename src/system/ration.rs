//! Readings whose cost grows with the host are made less often where they are dear: `/proc/stat` takes the kernel a
//! microsecond for each processor and more for its interrupts.

use super::process::cpu_seconds;
use std::time::{Duration, Instant};

/// The share of one processor that rationed readings take at most.
pub const SHARE: f64 = 4e-4;

/// When a reading may be made again.
#[derive(Default)]
pub struct Ration {
    next: Option<Instant>,
}

impl Ration {
    /// Makes the reading, unless the one before took so long that it is not due yet.
    pub fn read<T>(&mut self, now: Instant, reading: impl FnOnce() -> Option<T>) -> Option<T> {
        if self.next.is_some_and(|next| now < next) {
            return None;
        }
        let before = cpu_seconds(libc::CLOCK_THREAD_CPUTIME_ID)?;
        let result = reading();
        let took = cpu_seconds(libc::CLOCK_THREAD_CPUTIME_ID)? - before;
        self.next = Some(now + Duration::from_secs_f64(took.max(0.0) / SHARE));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dear_reading_is_made_less_often() {
        let mut ration = Ration::default();
        let start = Instant::now();
        let spin = || {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_millis(4) {}
            Some(())
        };
        assert_eq!(ration.read(start, spin), Some(()));
        let at = |seconds| start + Duration::from_secs(seconds);
        // 4 ms at 0.04 % are 10 s, a little less where this thread did not have its processor all the time.
        assert_eq!(ration.read(at(1), || Some(1)), None);
        assert_eq!(ration.read(at(3600), || Some(2)), Some(2));
        // That one cost next to nothing.
        assert_eq!(ration.read(at(3601), || Some(3)), Some(3));
    }
}
