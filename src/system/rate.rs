//! Rates out of counters that only grow.

use std::time::Instant;

/// Remembers a counter's last reading.
#[derive(Default)]
pub struct Rate {
    before: Option<(Instant, f64)>,
}

impl Rate {
    /// Units a second since the reading before; none at the first one, or after the counter was reset.
    pub fn of(&mut self, count: Option<f64>, now: Instant) -> Option<f64> {
        let count = count?;
        let (then, before) = self.before.replace((now, count))?;
        let seconds = now.duration_since(then).as_secs_f64();
        (seconds > 0.0 && count >= before).then(|| (count - before) / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_rate_needs_two_readings_of_a_counter_that_grows() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut rate = Rate::default();
        assert_eq!(rate.of(Some(100.0), at(0)), None);
        assert_eq!(rate.of(Some(300.0), at(2)), Some(100.0));
        assert_eq!(rate.of(None, at(3)), None);
        assert_eq!(rate.of(Some(300.0), at(4)), Some(0.0));
        assert_eq!(rate.of(Some(10.0), at(5)), None);
        assert_eq!(rate.of(Some(20.0), at(6)), Some(10.0));
    }
}
