//! Readings whose cost is not in our hands are made less often where they are dear: `/proc/stat` takes the kernel a
//! microsecond for each processor and more for its interrupts, and what a driver takes only the driver knows.

use super::process::cpu_seconds;
use std::time::{Duration, Instant};

/// The share of one processor that readings of `/proc/stat` take at most.
pub const STAT_SHARE: f64 = 3e-4;
/// The share of one processor that all readings of the GPUs together take at most.
pub const GPU_SHARE: f64 = 3e-4;

/// Who asks for more than one reading a second gets as many times the share.
const LONGEST: Duration = Duration::from_secs(1);

/// When a reading may be made again.
pub struct Ration {
    share: f64,
    interval: Duration,
    next: Option<Instant>,
}

impl Ration {
    /// `interval` is how often a reading is wanted.
    pub fn new(share: f64, interval: Duration) -> Ration {
        Ration {
            share: share / interval.min(LONGEST).as_secs_f64(),
            interval,
            next: None,
        }
    }

    /// Makes the reading, unless those before took so long that it is not due yet.
    pub fn read<T>(&mut self, now: Instant, reading: impl FnOnce() -> Option<T>) -> Option<T> {
        if self.next.is_some_and(|next| now < next) {
            return None;
        }
        let before = cpu_seconds(libc::CLOCK_THREAD_CPUTIME_ID)?;
        let result = reading();
        let took = cpu_seconds(libc::CLOCK_THREAD_CPUTIME_ID)? - before;
        // A reading that is due between two turns is late, and the next one none the later for it.
        let oldest = now.checked_sub(self.interval);
        let due = self
            .next
            .map_or(now, |next| next.max(oldest.unwrap_or(next)));
        self.next = Some(due + Duration::from_secs_f64(took.max(0.0) / self.share));
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spin(time: Duration) -> Option<()> {
        let before = cpu_seconds(libc::CLOCK_THREAD_CPUTIME_ID)?;
        while cpu_seconds(libc::CLOCK_THREAD_CPUTIME_ID)? - before < time.as_secs_f64() {}
        Some(())
    }

    #[test]
    fn a_dear_reading_is_made_less_often() {
        let mut ration = Ration::new(4e-4, Duration::from_secs(1));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let dear = || spin(Duration::from_millis(4));
        assert_eq!(ration.read(start, dear), Some(()));
        // 4 ms at 0.04 % are 10 s.
        assert_eq!(ration.read(at(9), dear), None);
        assert_eq!(ration.read(at(3600), dear), Some(()));
        assert_eq!(ration.read(at(3601), || Some(1)), None);
        assert_eq!(ration.read(at(7200), || Some(2)), Some(2));
        // That one cost next to nothing.
        assert_eq!(ration.read(at(7201), || Some(3)), Some(3));
    }

    #[test]
    fn who_asks_more_often_gets_more() {
        let mut ration = Ration::new(4e-4, Duration::from_millis(100));
        let start = Instant::now();
        let dear = || spin(Duration::from_millis(4));
        assert_eq!(ration.read(start, dear), Some(()));
        assert_eq!(ration.read(start + Duration::from_millis(900), dear), None);
        assert_eq!(ration.read(start + Duration::from_secs(9), dear), Some(()));
    }

    #[test]
    fn a_reading_that_is_due_between_two_turns_delays_no_other() {
        let mut ration = Ration::new(1e-3, Duration::from_secs(1));
        let start = Instant::now();
        // Worth a little more than a second and a half.
        let dear = || spin(Duration::from_micros(1550));
        let turns = (0..300).map(|s| start + Duration::from_secs(s));
        let made = turns
            .filter(|now| ration.read(*now, dear).is_some())
            .count();
        // 150 if it were made at every second turn, 190 for what it is worth.
        assert!(made > 160, "{made}");
    }
}
